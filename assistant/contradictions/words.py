"""The words that statements are understood by, languages side by side. To teach a language, add its words to the rows.

Every word is a regular expression in folded form (half width, lower case, simplified characters); words in Latin
letters match whole words. Where two match, the longer one wins. A row's name stands for it in every language.
Order within a row: Chinese | Japanese | Korean | English | Spanish.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Who bears a cost or a duty. Of two statements that name different ones for one duty, one is wrong.
PARTIES: dict[str, str] = {
    "buyer": r"买家|买方|买受人|消费者|顾客|客户|用户|会员本人|购买者|收货人|订购人|乘客|旅客|客人|购入者|お客様|顾客|利用者|구매자|고객|소비자"
    r"|(?:buyer|customer|consumer|purchaser|user|client|shopper)(?:'?s|s')?|compradore?s?|compradora|clientes?|consumidor(?:es)?|usuarios?",
    "seller": r"卖家|卖方|出卖人|商家|商户|店家|店铺|经营者|销售者|店主|贩卖者|出品者|当店|판매자|판매처|셀러|상점"
    r"|(?:seller|merchant|vendor|retailer|store|shop)(?:'?s|s')?|vendedore?s?|comerciantes?|tienda",
    "platform": r"平台(?:经营者|方)?|プラットフォーム|당사|플랫폼|platform(?:'?s)?|marketplace(?:'?s)?|plataforma",
    "carrier": r"承运(?:人|商|方)|物流(?:公司|商|方)?承担者|快递(?:公司|企业|员)|配送(?:员|方|业者)|运送业者|택배사|운송사|carrier(?:'?s|s')?|courier(?:'?s|s')?|transportista",
    "maker": r"生产者|制造商|生产商|厂家|厂商|制造者|メーカー|제조사|manufacturer(?:'?s|s')?|fabricante",
    "insurer": r"保险公司|保险人|保险会社|보험사|insurer(?:'?s)?|aseguradora",
}

# Verbs after which a party is the one that bears: it cannot be two.
BEARS = (
    r"承担|负担|支付|负责|自理|自付|出资|垫付|赔付|买单|负う|支払う?|부담|지불|책임"
    r"|borne|bears?|paid|pays?|payable|covers?|covered|responsib\w+|expense|liab\w+|absorbs?"
    r"|(?:corren?\s+)?(?:a\s+cargo|por\s+cuenta)(?:\s+del?)?|paga[nr]?|asum\w+|responsab\w+"
)
BY = r"由|应由|归|by(?:\s+the)?|por\s+(?:el|la)"

# From when a time counts. "签收后七日" and "发货后七日" are different deadlines.
EVENTS: dict[str, str] = {
    "@received": r"签收|收货|收到(?:商品|货物|货品|包裹)?|到货|妥投|送达|受取り?|受领|到着|お届け|수령|배송\s?완료|도착"
    r"|received?|receipt|receiving|delivered|delivery|recib\w+|recepción|entrega(?:do)?",
    "@shipped": r"发货|发出|寄出|揽收|出库|発送|出荷|발송|출고|배송\s?시작|shipped|shipping\s+date|ships?|dispatch\w*|shipment|enví(?:o|ado)s?|despach\w+",
    "@ordered": r"下单|订购|购买|拍下|ご?注文|购入|주문|구매|ordered|order(?:ing)?|purchased?|purchasing|pedidos?|compra(?:r|do|s)?",
    "@paid": r"付款|支付完成|缴费|决済|お?支払い?|입금|결제|payments?|paid\s+for|pago|pagado",
    "@applied": r"申请|提出申请|申込み?|申请时|신청|appl(?:y|ied|ies|ication)|request(?:ed|s|ing)?|solicit\w+",
    "@approved": r"审核通过|核准|批准|承认|승인|approv\w+|aprobad\w+|aprobación",
    "@opened": r"拆封|开封|拆开|启封|激活|开箱|開封|개봉|opened|unsealed|unboxed|abiert\w+",
    "@used": r"使用后?|试用|穿着|使用济み?|사용|used|usad\w+",
    "@activated": r"激活|启用|开通|활성화|activat\w+|activad\w+",
    "@returned": r"寄回|退回|返送|반송|send(?:ing)?\s+back|sent\s+back|devuelt\w+",
}

# What service rules speak of. Words that no row holds are compared as they are.
CONCEPTS: dict[str, str] = {
    "return": r"退货|退换(?!货)|退回商品|返品|반품|returns?|returned|returning|returnable|devoluci[oó]n(?:es)?|devolver",
    "noreason": r"(?:七天|七日|7天|7日)?无(?:须|需)?(?:说明)?理由|(?:ご|お客様)都合|단순\s?변심|no[- ](?:reason|questions?)|change\s+of\s+mind|sin\s+(?:motivo|justificaci[oó]n)",
    "refund": r"退款|退还|返还|退钱|返金|払い?戻し?|환불|refund(?:s|ed|able|ing)?|money\s+back|reembols\w+",
    "exchange": r"换货|更换|调换|交换|교환|exchang\w+|replac\w+|cambio|cambiar",
    "repair": r"维修|修理|修缮|수리|repair\w*|reparaci[oó]n(?:es)?|reparar",
    "warranty": r"保修期?|质保期?|三包|保证期间?|保证|보증(?:\s?기간)?|warrant(?:y|ies)|guarantee\w*|garant[ií]a",
    "freight": r"运费|邮费|快递费|配送费|物流费|送料|配送料|배송비|택배비|shipping\s+(?:cost|fee|charge)s?|(?:return\s+)?shipping|postage|freight|delivery\s+fees?|gastos\s+de\s+env[ií]o",
    "freeship": r"包邮|免邮|免运费|送料无料|무료\s?배송|free\s+(?:shipping|delivery)|env[ií]o\s+gratuito",
    "goods": r"商品|货物|产品|货品|宝贝|物品|상품|제품|물품|goods|items?|products?|merchandise|art[ií]culos?|productos?|mercanc[ií]as?",
    "cost": r"费用|成本|开销|비용|costs?|gastos|costes?",
    "fee": r"手续费|服务费|수수료|手数料|fees?|charges?|comisi[oó]n|tarifas?",
    "invoice": r"发票|领收书|영수증|세금계산서|invoices?|facturas?",
    "coupon": r"优惠券|代金券|抵用券|クーポン|쿠폰|coupons?|vouchers?|cup[oó]n(?:es)?",
    "points": r"积分|ポイント|포인트|points?|puntos",
    "member": r"会员|회원|members?|membership|miembros?|socios?",
    "order": r"订单|주문서|orders?",
    "cancel": r"取消|撤销|キャンセル|취소|cancel\w*|cancelar|anular",
    "complaint": r"投诉|举报|苦情|불만|민원|complaints?|reclamaci[oó]n(?:es)?|quejas?",
    "compensate": r"赔偿|赔付|补偿|补偿金|赔偿金|배상|보상|compensat\w+|indemni\w+|compensaci[oó]n",
    "damage": r"破损|损坏|损毁|破坏|파손|damaged?|broken|dañad\w+|daños?",
    "quality": r"质量问题|质量瑕疵|瑕疵|缺陷|不良品|불량|하자|defect\w*|faulty|defectuos\w+|defectos?",
    "fresh": r"生鲜|鲜活(?:易腐)?|신선(?:식품)?|fresh|perishable|perecederos?",
    "custom": r"定制|定作|オーダーメイド|주문\s?제작|custom(?:i[sz]ed|-made)?|made[- ]to[- ]order|personali[sz]\w+",
    "packaging": r"包装|포장|packag\w+|embalaje|empaque",
    "tag": r"吊牌|标签|タグ|태그|tags?|labels?|etiquetas?",
    "price": r"价格|售价|价款|가격|prices?|precios?",
    "amount": r"金额|款项|금액|amounts?|importe",
    "account": r"账户|账号|帐户|帐号|アカウント|계정|accounts?|cuentas?",
    "evidence": r"凭证|证据|证明|증빙|증거|evidence|proof|pruebas?",
    "photo": r"照片|图片|写真|사진|photos?|pictures?|im[aá]genes|fotos?",
    "reply": r"回复|答复|响应|应答|返信|回答|답변|응답|repl(?:y|ies)|respon(?:d|se|ds)|respuesta|responder",
    "deliver": r"配送|派送|送货|배달|배송|deliver(?:s|ies|y)?|entregar",
    "purchase_limit": r"限购|购买上限|구매\s?제한|purchase\s+limit",
    "deposit": r"押金|保证金|定金|보증금|deposits?|dep[oó]sito",
    "tax": r"税费?|关税|세금|관세|tax(?:es)?|dut(?:y|ies)|impuestos?|aranceles?",
    "insurance": r"保险|보험|insurance|seguros?",
    "gift": r"赠品|礼品|사은품|gifts?|regalos?",
    "bank": r"银行|은행|banks?|bancos?",
    "card": r"银行卡|信用卡|신용카드|credit\s+cards?|tarjetas?",
    "discount": r"折扣|优惠|할인|割引|discounts?|descuentos?",
    "price_protection": r"价格保护|保价|价保|price\s+(?:protection|match\w*)",
    "days_open": r"营业时间|服务时间|영업\s?시간|business\s+hours|opening\s+hours|horario",
    "claim": r"索赔|理赔|청구|claims?|reclamar",
    "limit": r"上限|限额|한도|limits?|l[ií]mite",
    "annual": r"每年|年度|年费|annual(?:ly)?|yearly|per\s+year|anual",
    "monthly": r"每月|月度|月费|매월|毎月|monthly|per\s+month|mensual",
    "daily": r"每日|每天|毎日|매일|daily|per\s+day|diari[oa]",
    "extra": r"额外|另行?|追加|추가|additional|extra|adicional",
    "fullrefund": r"全额|전액|in\s+full|full(?:y)?|[ií]ntegr\w+|total(?:mente)?",
}

# Words that are said instead of one another in one language; they weigh as words, not as concepts.
SYNONYMS: dict[str, str] = {
    "calculated": r"计算|起算|算起|开始计",
    "each": r"每一?(?:笔|单|次|件|人|位)|每个",
    "submit": r"提交|提供|出示|提出",
    "contact": r"联系|联络|咨询",
    "handle": r"处理|办理|受理",
    "complete": r"完成|完毕|办结",
    "timely": r"及时|尽快|立即|马上|prompt(?:ly)?|immediately",
    "via": r"通过|经由|via|through",
}

PERMITS = (
    r"可以?|能够?|允许|准许|有权|得以|支持|接受|提供|享有|享受|予以|给予|可享|能否|되|가능(?:합니다|하다|한)?|할\s?수\s?있\w*|드립니다|지원"
    r"|できます|できる|可能(?:です)?|承り\w*|may|can|could|are\s+able\s+to|is\s+able\s+to|(?:is|are)?\s*(?:allowed|permitted|supported|accepted|eligible|entitled)"
    r"|support(?:s|ed)?|accept(?:s|ed)?|allow(?:s|ed)?|permit(?:s|ted)?|pueden?|podr[aá]n?|se\s+(?:acepta|permite|admite)n?|aceptamos|tiene\s+derecho"
)
OBLIGES = r"应当?|必须|须|需要?|务必|有义务|ものとします|必要(?:があります)?|なければなりません|해야\s?\w*|하여야\s?\w*|must|shall|should|(?:is|are)?\s*required|has\s+to|have\s+to|needs?\s+to|deben?|deber[aá]n?|obligad[oa]s?|tiene\s+que"
# Words that turn a statement into its opposite. Each counts once.
DENIES = (
    r"不要求|不需要?|不可以?|不能够?|不得(?!不)|不允许|不准许?|不支持|不接受|不提供|不享有|不享受|不予以?|不给予|不适用|无权|禁止|严禁|谢绝|拒绝|恕不|概不|不再|无法|不会|不要|不应当?|不宜|切勿|请勿"
    r"|无需|无须|不必|不用|毋须|毋需|免于?(?!费|邮|运|税|疫|职|责|押|密|赔|检|登)"
    r"|いたしかねます|できません|できない|出来ません|お受け(?:できません|いたしません)|対象外|不可(?:能)?(?!抗)|承れません"
    r"|할\s?수\s?없\w*|불가(?:능)?(?:합니다|하다)?|되지\s?않\w*|하지\s?않\w*|없습니다|않습니다|아닙니다|제외"
    r"|(?:may|can|could|must|shall|should|will|would|do|does|did|is|are|was|were|has|have|had)(?:\s+not|n't|n’t)|cannot|not|never|prohibited|forbidden|ineligible|non-?refundable|non-?returnable"
    r"|no\s+(?:se\s+)?\w{2,}|nunca|prohibid\w+|tampoco"
)
# Words that deny a state, which is the condition of a rule: 未拆封, without tags.
LACKS = r"未经?|没有?|尚未|无|非(?!常)|不|unopened|unsealed|unused|unworn|without|no|未(?!満)|ない|미|안|sin"

# Words with a negation inside that deny nothing.
FROZEN = (
    r"不锈钢|不动产|不可抗力|不正当|不合格|不良|不同意?|不仅|不论|不但|不限|不明|不符(?:合)?|不足|不满|不当|不实|不服|不法|不特定|不低于|不少于|不超过|不高于|不大于|不小于|不多于|不得(?:少于|低于|超过|高于|多于)"
    r"|未成年人?|未来|无人机|无线|无效|无论|无偿|无障碍|非法|非常|除非|并非|并不|非经营|没收|免责|免费|免税|无条件|无忧|无关|不间断|不定期|只不过|差不多|不适|不一致|不真实|不完全|不及时"
    r"|not\s+only|no\s+later\s+than|not\s+(?:more|less|fewer|later)\s+than|no\s+(?:more|less|fewer)\s+than|not\s+exceed\w*|non-?profit|nonetheless"
)

# Two words that cannot both be true of one thing. Each side is one name.
OPPOSITES: dict[str, tuple[str, str]] = {
    "free": (
        r"免费|无偿|免收|無料|무료|free(?:\s+of\s+charge)?|complimentary|(?:at\s+)?no\s+(?:additional\s+|extra\s+)?(?:costs?|charges?|fees?)|gratis|gratuit\w+",
        r"收费|付费|有偿|有料|유료|chargeable|for\s+a\s+fee|de\s+pago",
    ),
    "included": (
        r"包括|包含|含(?!有|量)|include[sd]?|including|incluid\w+|incluye\w*",
        r"不包括|不包含|不含|除外|exclude[sd]?|excluding|excluid\w+|excluye\w*",
    ),
    "whole": (r"全额|全部退|in\s+full", r"部分退|partially|in\s+part"),
}

# Words that carry nothing of what a statement is about.
STOP = _words(
    """
    的 了 和 与 或 或者 及 以及 并 并且 且 而 但 但是 则 即 等 之 其 该 此 本 在 于 对 对于 为 是 有 将 被 把 向 从 自 自从 由 按 按照 依 依照 根据 以 至 到 内 外 中 上 下 前 后
    时 起 止 日起 之日 之日起 当日 次日 以内 之内 以上 以下 以后 之后 之前 以前 期间 期限 时限 时间 之间 如 如果 若 如需 凡 凡是 均 都 也 还 又 再 就 才 只 仅 已 已经 经 者 所 个 这 那
    一 所有 任何 有关 相关 进行 情况 情形 下列 一律 一般 通常 原则上 因 因为 由于 请 您 我 我们 你 你们 他 它 自己 本人 可 得 应 须 作 做 成 天 日 小时 工作日 自然日 年 月 周 分钟 元
    最多 最少 至少 至多 不超过 超过 满 不足 达到 算 不少于 不低于 过 给 会 要 让 使 地 着 吗 呢 啊 吧 问 答 什么 怎么 多少 多久 几 哪些 如何 是否 能否 a an the of to in on
    at for from by with within and or but if when as is are was were be been being this that these those it its your
    you we our us they their he she his her any all each every such will would than then so up after before since
    upon during until per into about also only s t other which who whose there el la los las un una unos unas de del
    al en por para con y o u que se su sus es son lo le les como si cuando desde hasta este esta tras plazo dentro の
    に は を が と で も や から まで より へ です ます する した して される こと もの ため など 場合 场合 以降 翌日 翌 いただき いたし ください お ご ませ ました 이 가 은 는 을 를 의 에
    에서 로 으로 와 과 도 및 또는 이내 이후 부터 까지 경우 날 날로 합니다 입니다 수 있습니다 한 할 된 해당
    """
)

# Words of titles, headings and file names that name no thing: a guide and a policy may speak of the same thing.
GENERIC = _words(
    """
    规则 规定 办法 条例 条款 政策 制度 细则 说明 须知 指南 手册 帮助 中心 常见 问题 问答 公告 通知 协议 标准 规范 流程 话术 客服 服务 售后 总则 附则 附录 章 节 条 版 修订 试行 暂行 实施 管理
    处理 操作 内部 官方 平台 用户 商家 买家 卖家 消费者 关于 中华人民共和国 法 解释 决定 意见 若干 应用 适用 法律 司法解释 一般 其他 责任 权利 义务 权益 保护 期限 时限 要求 条件 方式 范围 原则
    商品 网络 购买 概述 培训 部门 policy policies rule rules terms term guide guides faq faqs help center centre article
    articles doc docs document documents page general internal section chapter overview introduction how what when
    where why who which your our my you we can do does and or of for the to a an in on with conditions condition
    service services customer support procedure procedures standard standards manual handbook script scripts q
    question questions answer answers version v draft new old update updated md txt pdf docx html htm xlsx csv zh en
    ja ko es hans hant cn us 規約 规约 ガイド ご利用 よくある 质问 について 約款 약관 안내 정책 규정 politica política guia guía preguntas
    frecuentes condiciones terminos términos 运营 课程 讲义 门店 店员 员工 销售 业务 经理 团队 财务 法务 市场 仓库 客户 卖场 商城 集市 频道 营业厅 前台 顾问 口径
    速查 速查表 速览 一页 口袋书 小贴士 贴士 提示 提醒 指引 知识 知识库 知识点 笔记 备忘 备忘录 清单 摘要 要点 公示 告示 海报 模板 讯息 消息 短信 邮件 站内信 快捷 工作台 查询 进度 旧版 新版 节选
    补充 介绍 简介 新人 入门 会议 纪要 宣传 页面 首页 活动 应答 聊天 机器人 自动 罐头 广播 播报 常见问题 team staff desk sheet sheets note notes notice
    notices leaflet brochure poster banner footer header deck slides slide quick reference cheat card pocket summary
    brief briefing memo onboarding training course lesson workshop macro macros template templates chat chatbot
    community forum data retail outlet branch office store front back sales marketing operations ops finance legal
    warehouse playbook wiki intranet bulletin email sms message messages 仓储 售前 售后服务 培训材料 材料 文件 资料 内部资料 部 组 科 处 中台 后台 一线 二线 坐席 热线 呼叫 呼叫中心 收银 采购 物流部 质检 风控 合规 人事 行政 稽核 督导 区域 总部 分部
    分公司 代理 加盟 岗位 岗 职责 作业 业务部 小组 口头 答疑 问答集 自助 汇总 总结 整理 摘录 转发 抄送 新员工 早会 晨会 周报 月报 onboarding finances finance accounting 
    department departments dept group call contact agent agents hr compliance risk purchasing billing desk helpdesk newsletter カスタマーサポート サポート 经理 マニュアル 社内 部门 担当 财务 コールセンター 店员向け 고객센터 재무 매뉴얼 내부 팀 부서 교육 센터 재무팀 회계팀 물류팀 운영팀 법무팀 인사팀 영업팀 지원팀 상담팀 고객지원 재무부 매장 창고
    신입 직원 회계 물류 atención cliente clientes finanzas contabilidad almacén interno interna equipo departamento
    operaciones formación empleados tienda notas circular 상담 스크립트 채팅 템플릿 가이드 チャット メモ テンプレート 研修 店頭
    """
)
