"""Plain text: encodings, numbering habits, lists of contents, questions, damage."""

from __future__ import annotations

from tests.ingest.made.expected import Clause, Made

_ZH = """云岭商城退货规则
2024年3月8日发布，自2024年4月1日起施行
第一章 总则
第一条 为了让买家买得放心，制定本规则。
第二条 本规则适用于云岭商城的全部自营商品。
第二章 退货
第三条 买家自签收之日起七日内，可以不说明理由退货。
第四条 下列商品不适用前条：
（一）定制的商品；
（二）鲜活易腐的商品；
（三）拆封的音像制品。
第五条 退货运费由买家承担；商品有质量问题的，由商家承担。
第三章 附则
第六条 本规则自2024年4月1日起施行。
"""
_ZH_CLAUSES = (
    Clause("第一条", "第一条 为了让买家买得放心，制定本规则。", ("第一章 总则", "第一条")),
    Clause("第二条", "第二条 本规则适用于云岭商城的全部自营商品。", ("第一章 总则", "第二条")),
    Clause("第三条", "第三条 买家自签收之日起七日内，可以不说明理由退货。", ("第二章 退货", "第三条")),
    Clause(
        "第四条",
        "第四条 下列商品不适用前条：（一）定制的商品；（二）鲜活易腐的商品；（三）拆封的音像制品。",
        ("第二章 退货", "第四条"),
    ),
    Clause("第五条", "第五条 退货运费由买家承担；商品有质量问题的，由商家承担。", ("第二章 退货", "第五条")),
    Clause("第六条", "第六条 本规则自2024年4月1日起施行。", ("第三章 附则", "第六条")),
)
_ZH_FOUND = {
    "title": "云岭商城退货规则",
    "effective_from": "2024-04-01",
    "published": "2024-03-08",
    "language": "zh-Hans",
}

_HANT = """晴川購物退換貨辦法
第一條　買家收到商品後，十日內可以申請退貨。
第二條　退款於收到退回商品後三個工作日內退還原付款帳戶。
第三條　運費由賣家負擔，但買家改變心意者，由買家負擔。
第四條　會員生日當月購買的商品，退貨期限延長為三十日。
"""
_JA = """星見マーケット返品規約
制定日：2023年10月1日
第1条（目的）
この規約は、お客様が安心してお買い物できるように、返品の条件を定めます。
第2条（返品の期限）
お客様は、商品の到着から八日以内に限り、返品をお申し込みいただけます。
2 前項の期限を過ぎた返品は、お受けできません。
第3条（送料）
返品の送料は、お客様のご負担となります。ただし、商品に欠陥がある場合は、当社が負担します。
附則
この規約は、2023年11月1日から施行します。
"""
_KO = """달빛상점 반품 약관
제1장 총칙
제1조(목적) 이 약관은 달빛상점의 반품 조건을 정하는 것을 목적으로 합니다.
제2조(적용) 이 약관은 모든 회원에게 적용됩니다.
제2장 반품
제3조(기간) 고객은 상품을 받은 날부터 7일 이내에 반품을 신청할 수 있습니다.
제4조(배송비) 단순 변심으로 인한 반품의 배송비는 고객이 부담합니다.
부칙
이 약관은 2024년 5월 1일부터 시행합니다.
"""
_ES = """Términos de devolución de Tienda Ribera

Artículo 1. Plazo

El cliente puede devolver el producto dentro de los catorce días siguientes a la entrega.

Artículo 2. Gastos

Los gastos de envío de la devolución corren a cargo del cliente, salvo que el producto llegue dañado.

Artículo 3. Reembolso

El reembolso se hace por el mismo medio de pago, en un plazo de diez días.
"""
_EN = """Harbour Lane Returns Policy

Effective date: March 1, 2024

Section 1 Scope

This policy applies to everything bought at Harbour Lane, online or in a shop.

Section 2 Returns

2.1 You may return an unused item within thirty days of delivery.

2.2 An item is unused if its seal is intact and nothing is missing from the box.

2.3 We do not take back the following:

(a) made-to-measure goods;

(b) flowers and fresh food;

(c) gift cards.

Section 3 Refunds

3.1 We refund you within five working days after the item reaches us.

3.2 Under Section 2.3(a), a deposit for made-to-measure goods is not refunded.
"""
_CONTENTS = """云岭商城售后手册
目录
第一章 退货........1
第二章 换货........3
第三章 维修........5

第一章 退货
第一条 买家可以在七日内退货。
第二条 退回的商品应当完好。
第二章 换货
第三条 买家可以在十五日内换货。
第三章 维修
第四条 整机保修一年，依照本手册第二条判断是否完好。
"""
_QA = """云岭商城常见问题

问：下单之后还能改地址吗？
答：商品出库之前可以，在订单详情里点“修改地址”。

问：发票什么时候开？
答：确认收货之后两天内自动开出，发到您的邮箱。
需要纸质发票的，请联系客服。

问：优惠券过期了能补吗？
答：不能补，请在有效期内使用。
"""
_INLINE = (
    "会员积分规则\n第一条 消费一元积一分。第二条 积分每年十二月三十一日清零。第三条 积分可以抵现，一百分抵一元。"
    "第四条 退货的订单，已经得到的积分扣回。\n"
)
_NOTICES = """本文档由万文库网友上传分享，仅供学习参考
下载次数：1032　文件大小：45KB
晚风书店退换细则
第一条 图书有缺页、倒装的，可以随时更换。
第二条 拆封的光盘不退不换。
第三条 退款在三日内到账。
本文档由万文库网友上传分享，仅供学习参考
更多精彩内容请关注公众号：万文库
"""
_CONTRACT = """供货合同
合同编号：YL-2024-017
甲方：云岭商城有限公司
乙方：青禾食品有限公司
根据有关法律，甲乙双方经协商一致，订立本合同。
一、供货
1. 乙方每周二向甲方供货，数量以订单为准。
2. 乙方迟延供货的，每迟一日按货款的千分之三支付违约金。
二、验收
1. 甲方应当在收货后两日内验收。
2. 逾期不验收的，视为验收合格。
三、付款
甲方应当在验收合格后三十日内付款。
甲方（盖章）：　　　　乙方（盖章）：
2024年6月18日
"""
_REFERS = """青禾配送规则
第一条 配送费每单六元。
第二条 满九十九元的订单免收配送费。
第三条 买家拒收的，依照
第一条收取的配送费不退。
第四条 本规则第二条、第三条所称订单，不含预售订单。
"""
_ANNEX = """青禾退款规则
第一条 退款金额按附件一计算。
第二条 退款时限按附件二执行。
附件一 退款金额
1. 未发货的，全额退款。
2. 已发货的，扣除运费。
附件二 退款时限
1. 原路退回的，三日内到账。
2. 退到余额的，即时到账。
"""
_ITEM = (
    "收到商品之后发现外包装破损、内件缺失、型号与订单不符，或者说明书、配件、赠品不全的，应当当场拍照并联系客服登记，"
)
_LONG = "商品验收办法\n第一条 验收由收货人负责。\n第二条 验收时有下列情形之一的，可以拒收：\n" + "".join(
    f"（{n}）{_ITEM * 4}由客服判断后处理；\n" for n in "一二三四"
)
_DEFINITIONS = """用语说明
第一条 本规则中下列用语的含义：
（一）买家，是指在商城下单的人；
（二）商家，是指在商城开店的人；
（三）签收，是指买家或者其指定的人收到商品。
第二条 本规则没有说明的用语，按通常意思理解。
"""
_HAN_POINTS = """关于春节期间发货的通知
各位商家：
为了做好春节期间的服务，现将有关事项通知如下：
一、二月八日至二月十五日期间，可以延迟发货，但应当在商品页面写明。
二、二月十六日起恢复四十八小时发货。
三、违反本通知的，按照延迟发货处理。
云岭商城商家服务部
2024年1月20日
"""
_LOST = (
    "退\ufffd\ufffd则\n第\ufffd条 买\ufffd可\ufffd在\ufffd\ufffd内\ufffd货。\n第\ufffd\ufffd 运\ufffd由\ufffd\ufffd承\ufffd。\n"
    * 6
)
_MOJIBAKE = ("第一条 买家可以在七日内退货。运费由买家承担。\n" * 8).encode().decode("gbk", "replace")
_BRACKETS = """夜航灯具售后说明
【施行日期】2025-07-04
【发布机构】夜航灯具客服中心
【退货】
收到灯具后七天内，未安装的可以退货。
【保修】
灯具整灯保修两年，光源保修一年。
【安装】
同城免费上门安装，须提前一天预约。
"""
_KINDS = "第1条 甲店的订单由甲店发货。\n第2条 乙店的订单由乙店发货。\n第2条之一 两店的商品同单的，分开发货。\n第3条 运费各算各的。\n"


def _articles(*pairs: tuple[str, str, tuple[str, ...]]) -> tuple[Clause, ...]:
    return tuple(Clause(label, text, path) for label, text, path in pairs)


def made() -> list[Made]:
    zh = [
        Made(name, lambda code=code: _ZH.encode(code), _ZH_CLAUSES, _ZH_FOUND)
        for name, code in [
            ("rules-gb18030.txt", "gb18030"),
            ("rules-utf16le-bom.txt", "utf-16"),
            ("rules-utf16be.txt", "utf-16-be"),
            ("rules-utf8-bom.txt", "utf-8-sig"),
        ]
    ]
    crlf = Made("rules-crlf.txt", lambda: _ZH.replace("\n", "\r\n\r\n").encode("gbk"), _ZH_CLAUSES, _ZH_FOUND)
    hant = tuple(Clause(line[:3], line, (line[:3],)) for line in _HANT.strip().split("\n")[1:])
    ja = _articles(
        ("第1条", "第1条（目的）この規約は、お客様が安心してお買い物できるように、返品の条件を定めます。", ("第1条",)),
        (
            "第2条",
            "第2条（返品の期限）お客様は、商品の到着から八日以内に限り、返品をお申し込みいただけます。"
            "2 前項の期限を過ぎた返品は、お受けできません。",
            ("第2条",),
        ),
        (
            "第3条",
            "第3条（送料）返品の送料は、お客様のご負担となります。ただし、商品に欠陥がある場合は、当社が負担します。",
            ("第3条",),
        ),
        ("附則", "この規約は、2023年11月1日から施行します。", ("附則",)),
    )
    ko = _articles(
        (
            "제1조",
            "제1조(목적) 이 약관은 달빛상점의 반품 조건을 정하는 것을 목적으로 합니다.",
            ("제1장 총칙", "제1조"),
        ),
        ("제2조", "제2조(적용) 이 약관은 모든 회원에게 적용됩니다.", ("제1장 총칙", "제2조")),
        (
            "제3조",
            "제3조(기간) 고객은 상품을 받은 날부터 7일 이내에 반품을 신청할 수 있습니다.",
            ("제2장 반품", "제3조"),
        ),
        (
            "제4조",
            "제4조(배송비) 단순 변심으로 인한 반품의 배송비는 고객이 부담합니다.",
            ("제2장 반품", "제4조"),
        ),
        ("부칙", "이 약관은 2024년 5월 1일부터 시행합니다.", ("부칙",)),
    )
    es = _articles(
        (
            "Artículo 1",
            "Artículo 1. Plazo El cliente puede devolver el producto dentro de los catorce días siguientes a la entrega.",
            ("Artículo 1",),
        ),
        (
            "Artículo 2",
            "Artículo 2. Gastos Los gastos de envío de la devolución corren a cargo del cliente, "
            "salvo que el producto llegue dañado.",
            ("Artículo 2",),
        ),
        (
            "Artículo 3",
            "Artículo 3. Reembolso El reembolso se hace por el mismo medio de pago, en un plazo de diez días.",
            ("Artículo 3",),
        ),
    )
    en = (
        Clause(
            "Section 1",
            "Section 1 Scope This policy applies to everything bought at Harbour Lane, online or in a shop.",
        ),
        Clause("2.1", "2.1 You may return an unused item within thirty days of delivery."),
        Clause("2.2", "2.2 An item is unused if its seal is intact and nothing is missing from the box."),
        Clause(
            "2.3",
            "2.3 We do not take back the following: (a) made-to-measure goods; (b) flowers and fresh food; (c) gift cards.",
        ),
        Clause("3.1", "3.1 We refund you within five working days after the item reaches us."),
        Clause("3.2", "3.2 Under Section 2.3(a), a deposit for made-to-measure goods is not refunded."),
    )
    contents = _articles(
        ("第一条", "第一条 买家可以在七日内退货。", ("第一章 退货", "第一条")),
        ("第二条", "第二条 退回的商品应当完好。", ("第一章 退货", "第二条")),
        ("第三条", "第三条 买家可以在十五日内换货。", ("第二章 换货", "第三条")),
        ("第四条", "第四条 整机保修一年，依照本手册第二条判断是否完好。", ("第三章 维修", "第四条")),
    )
    qa = _articles(
        (
            "下单之后还能改地址吗？",
            "问：下单之后还能改地址吗？答：商品出库之前可以，在订单详情里点“修改地址”。",
            ("下单之后还能改地址吗？",),
        ),
        (
            "发票什么时候开？",
            "问：发票什么时候开？答：确认收货之后两天内自动开出，发到您的邮箱。需要纸质发票的，请联系客服。",
            ("发票什么时候开？",),
        ),
        (
            "优惠券过期了能补吗？",
            "问：优惠券过期了能补吗？答：不能补，请在有效期内使用。",
            ("优惠券过期了能补吗？",),
        ),
    )
    inline = _articles(
        ("第一条", "第一条 消费一元积一分。", ("第一条",)),
        ("第二条", "第二条 积分每年十二月三十一日清零。", ("第二条",)),
        ("第三条", "第三条 积分可以抵现，一百分抵一元。", ("第三条",)),
        ("第四条", "第四条 退货的订单，已经得到的积分扣回。", ("第四条",)),
    )
    notices = _articles(
        ("第一条", "第一条 图书有缺页、倒装的，可以随时更换。", ("第一条",)),
        ("第二条", "第二条 拆封的光盘不退不换。", ("第二条",)),
        ("第三条", "第三条 退款在三日内到账。", ("第三条",)),
    )
    contract = (
        Clause("供货合同", "根据有关法律，甲乙双方经协商一致，订立本合同。"),
        Clause(
            "一、供货",
            "1. 乙方每周二向甲方供货，数量以订单为准。2. 乙方迟延供货的，每迟一日按货款的千分之三支付违约金。",
            ("一、供货",),
        ),
        Clause("二、验收", "1. 甲方应当在收货后两日内验收。2. 逾期不验收的，视为验收合格。", ("二、验收",)),
        Clause("三、付款", "甲方应当在验收合格后三十日内付款。", ("三、付款",)),
    )
    refers = _articles(
        ("第一条", "第一条 配送费每单六元。", ("第一条",)),
        ("第二条", "第二条 满九十九元的订单免收配送费。", ("第二条",)),
        ("第三条", "第三条 买家拒收的，依照第一条收取的配送费不退。", ("第三条",)),
        ("第四条", "第四条 本规则第二条、第三条所称订单，不含预售订单。", ("第四条",)),
    )
    annex = _articles(
        ("第一条", "第一条 退款金额按附件一计算。", ("第一条",)),
        ("第二条", "第二条 退款时限按附件二执行。", ("第二条",)),
        ("附件一 退款金额", "1. 未发货的，全额退款。2. 已发货的，扣除运费。", ("附件一 退款金额",)),
        (
            "附件二 退款时限",
            "1. 原路退回的，三日内到账。2. 退到余额的，即时到账。",
            ("附件二 退款时限",),
        ),
    )
    long = (
        Clause("第一条", "第一条 验收由收货人负责。", ("第一条",)),
        Clause("第二条", "第二条 验收时有下列情形之一的，可以拒收：", ("第二条",)),
        *(Clause("第二条", f"（{n}）{_ITEM * 4}由客服判断后处理；", ("第二条", f"（{n}）")) for n in "一二三四"),
    )
    definitions = _articles(
        (
            "第一条",
            "第一条 本规则中下列用语的含义：（一）买家，是指在商城下单的人；（二）商家，是指在商城开店的人；"
            "（三）签收，是指买家或者其指定的人收到商品。",
            ("第一条",),
        ),
        ("第二条", "第二条 本规则没有说明的用语，按通常意思理解。", ("第二条",)),
    )
    points = (
        Clause("关于春节期间发货的通知", "各位商家：为了做好春节期间的服务，现将有关事项通知如下："),
        Clause("一", "一、二月八日至二月十五日期间，可以延迟发货，但应当在商品页面写明。", ("一",)),
        Clause("二", "二、二月十六日起恢复四十八小时发货。", ("二",)),
        Clause("三", "三、违反本通知的，按照延迟发货处理。", ("三",)),
    )
    brackets = (
        Clause("【退货】", "收到灯具后七天内，未安装的可以退货。", ("【退货】",)),
        Clause("【保修】", "灯具整灯保修两年，光源保修一年。", ("【保修】",)),
        Clause("【安装】", "同城免费上门安装，须提前一天预约。", ("【安装】",)),
    )
    kinds = _articles(
        ("第1条", "第1条 甲店的订单由甲店发货。", ("第1条",)),
        ("第2条", "第2条 乙店的订单由乙店发货。", ("第2条",)),
        ("第2条之一", "第2条之一 两店的商品同单的，分开发货。", ("第2条之一",)),
        ("第3条", "第3条 运费各算各的。", ("第3条",)),
    )
    return [
        *zh,
        crlf,
        Made("returns-big5.txt", lambda: _HANT.encode("big5"), hant, {"language": "zh-Hant"}),
        Made(
            "kiyaku-shift-jis.txt",
            lambda: _JA.encode("shift_jis"),
            ja,
            {"language": "ja", "effective_from": "2023-11-01"},
            left_out=("制定日：2023年10月1日",),
        ),
        Made("kiyaku-euc-jp.txt", lambda: _JA.encode("euc_jp"), ja, {"language": "ja"}),
        Made(
            "yakgwan-euc-kr.txt",
            lambda: _KO.encode("euc_kr"),
            ko,
            {"language": "ko", "effective_from": "2024-05-01"},
        ),
        Made("terminos.txt", lambda: _ES.encode(), es, {"language": "es"}),
        Made("terminos-latin1.txt", lambda: _ES.encode("latin-1"), es, {"language": "es"}),
        Made("returns-policy.txt", lambda: _EN.encode(), en, {"language": "en", "effective_from": "2024-03-01"}),
        Made("handbook-contents.txt", lambda: _CONTENTS.encode(), contents, left_out=("第二章 换货........3",)),
        Made("questions.txt", lambda: _QA.encode(), qa),
        Made("articles-in-one-line.txt", lambda: _INLINE.encode(), inline),
        Made(
            "site-notices.txt",
            lambda: _NOTICES.encode(),
            notices,
            left_out=("本文档由万文库网友上传分享", "下载次数：1032", "更多精彩内容"),
        ),
        Made("supply-contract.txt", lambda: _CONTRACT.encode(), contract, left_out=("合同编号：YL-2024-017",)),
        Made("cross-references.txt", lambda: _REFERS.encode(), refers),
        Made("annexes.txt", lambda: _ANNEX.encode(), annex),
        Made("long-article.txt", lambda: _LONG.encode(), long),
        Made("definitions.txt", lambda: _DEFINITIONS.encode(), definitions),
        Made("notice-with-points.txt", lambda: _HAN_POINTS.encode(), points),
        Made("bracket-headings.txt", lambda: _BRACKETS.encode(), brackets, {"effective_from": "2025-07-04"}),
        Made("articles-in-between.txt", lambda: _KINDS.encode(), kinds),
        Made("letters-lost.txt", lambda: _LOST.encode(), refused="letters"),
        Made("utf8-read-as-gbk.txt", lambda: _MOJIBAKE.encode(), refused="letters|mojibake|encoding|damaged"),
        Made("nothing.txt", lambda: b" \n\t\n", refused="empty"),
    ]
