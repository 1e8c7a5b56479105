"""The words of noise, languages side by side: rows of WORD:OTHER or WORD:OTHER/OTHER. To teach a language, add its words.

Whole words; a space inside is written _. Words that mean other things too (order, cuenta) stand with what makes them a noun.
"""

from __future__ import annotations

from functools import cache

# Slips that customers make all the time. Several are words themselves (收获), and everyone reads past them.
SLIPS_CHINESE = """
退货:推货/退或/腿货 退款:推款/退宽 优惠券:优惠卷/优会券/优惠劵 订单:定单 账号:帐号 账户:帐户 收货:收获 发货:发获/发或 换货:换或
快递:快第/快弟 物流:物留 运费:运废/运非 邮费:油费 包邮:包油/包由 客服:克服/客福 投诉:投述/头诉 赔偿:陪偿/赔尝 赔付:陪付/赔负
补偿:补尝 发票:发飘/发漂 签收:签受/千收 申请:申清/深请 售后:受后 质量:质亮 保修:保休 维修:唯修/维休 安装:按装 登录:登陆
验证码:验正码 密码:密马 取消:取削 已经:以经 应该:因该/英该 怎么:怎莫/咋么 什么:神马/什莫 可以:可已/口以 知道:之道/造 时候:时侯
地址:地止/地指 会员:会圆 积分:机分 直播:直拨 尺码:尺马 颜色:颜涩 包装:包庄 拆封:拆风 破损:破孙 瑕疵:暇疵/瑕次 预售:予售/预受
支付:支负 付款:付宽 充值:冲值 余额:于额 提现:提限 耳机:耳几 电脑:电恼 平台:平抬 麻烦:麻凡 价格:价各 涨价:长价 礼物:里物
赠品:增品/赠平 检测:捡测/检侧 举报:举抱 处理:处里 审核:审合 寄回:记回 驿站:译站/义站 拦截:栏截 海关:害关 清关:青关
身份证:身分证 押金:压金 生鲜:生先 续费:序费 订阅:定阅 预约:予约 转账:转帐 行李:行里 保险:保显 理赔:里赔 合同:和同
赔礼:陪礼 消费者:消废者 举证:举正 违约:为约 规定:归定 需要:须要 再:在 做:作 的话:得话 觉得:决得 喜欢:喜换 突然:突燃
联系:连系 解决:解绝 开封:开风 消毒:削毒 直邮:直油 税费:睡费 补贴:补帖 满意:蛮意 假货:价货 正品:正平 真伪:真为
"""
# As people write who spell by ear, or in haste.
SLIPS_ENGLISH = """
receive:recieve receipt:reciept address:adress/addres definitely:definately separate:seperate cancellation:cancelation
shipping:shiping warranty:warrenty/waranty guarantee:garantee refund:refound/reffund refunded:refunfed/refounded exchange:exchage/exchang
delivery:delivary/dilivery delivered:deliverd product:produt damaged:dammaged/damged defective:defectve different:diffrent
believe:beleive coupon:cupon voucher:vouchar/vaucher parcel:parcle/parsel package:pakage packaging:packageing courier:currier/courrier
customer:costumer invoice:invoce/invoise return:retrun returned:retuned returns:retuns business:buisness available:availible
immediately:immediatly membership:membershp/membreship subscription:subscribtion quality:quallity battery:battry/batery
missing:mising broken:brocken wrong:worng because:becuase/cuz really:realy please:pls/plz you:u your:ur are:r thanks:thx
people:ppl seller:seler account:acount password:pasword payment:paymant complaint:complain/complant
compensation:compansation compensate:compansate original:orignal address:adress their:there
faulty:falty/faulti scratched:scrached replacement:replacment charged:chargd order:oder ordered:orderd deposit:depossit
automatically:automaticly similar:similiar opened:openned unopened:unopend happens:happends
"""
SLIPS_SPANISH = """
que:q/k qué:q/que porque:xq/porq por:x para:pa también:tmb devolver:debolver devolución:debolucion envío:enbio/embio
haber:aber hay:ay había:abia hace:ase hacer:aser llegó:yego llega:yega llegado:yegado ha:a he:e reembolso:rembolso/reenbolso
producto:produto pedido:pedío vendedor:bendedor garantía:garantia/garantilla recibí:resibi recibir:resibir cambio:canbio
dinero:dinerro factura:factuda tienda:tiemda defectuoso:defectuozo cuánto:cuanto/qnto cuándo:cuando/qndo puedo:pueo
tarjeta:targeta gestión:jestion exige:exije proteger:protejer gratis:grátis cupón:cupon
"""
# Hanzi for kana and the other way round, as the input method was left.
SLIPS_JAPANESE = """
ください:下さい 下さい:ください できます:出来ます できません:出来ません できる:出来る いただけ:頂け もらえ:貰え ほしい:欲しい
とき:時 こと:事 ため:為 すでに:既に まだ:未だ いくら:幾ら いつ:何時 どこ:何処 すぐ:直ぐ 受け取り:受取り/受けとり 受取:受け取り
取り消し:取消し 払い戻し:払戻し 問い合わせ:問合せ 申し込み:申込み 引き取り:引取り 届き:とどき 壊れ:こわれ
クーポン:くーぽん キャンセル:きゃんせる ポイント:ぽいんと レビュー:レビュ メール:めーる サイズ:さいず
でしょうか:でしょーか ですか:ですかー わかり:分かり 返金:へんきん 返品:へんぴん 送料:そうりょう
交換:こうかん 注文:ちゅうもん 届く:とどく 買った:かった 使って:つかって 保証:ほしょう
"""
SLIPS_KOREAN = """
며칠:몇일 되나요:돼나요/되나여 돼요:되요 어떻게:어떡게/어케 어떡해:어떻해 할게요:할께요 왜:외 웬:왠 오랜만:오랫만
반품:반픔 환불:환뷸 교환:교한 언제:언재 얼마:얼마 나요:나여 습니까:슴니까 합니다:함니다 입니다:임니다 는데:는대
제품:재품 결제:결재 판매자:판메자 혜택:해택 쿠폰:쿠본
"""
# Words of the shop that people say in another language in the middle of their own.
SWITCHED_CHINESE = """
退款:refund 退货:return 换货:exchange 订单:order 优惠券:coupon 运费:shipping_fee 邮费:shipping_fee 快递:courier/express 包裹:package/parcel
发票:invoice 会员:member/VIP 折扣:discount 地址:address 预约:booking 取消:cancel 密码:password 账号:account 账户:account 帐号:account
信用卡:credit_card 尺码:size 颜色:color 保修:warranty 赠品:gift 直播:live 套餐:package/plan 升级:upgrade 链接:link 登录:login 价格:price
质量:quality 库存:stock 评价:review 积分:points 照片:photo 图片:photo 视频:video 截图:screenshot 订阅:subscription 课程:course
酒店:hotel 机票:ticket 客服:CS 定金:deposit 证书:certificate 生日:birthday 关税:duty 海关:customs 赔偿:compensation 投诉:complain
签收:receive 确认:confirm 申请:apply 检查:check 更新:update 系统:system 商品:item 卖家:seller 店铺:shop 商家:merchant 平台:platform
快递员:courier 送货:delivery 发货:ship 支付:pay 付款:pay 手机:phone 电池:battery 耳机:earphones 包装:packaging 样品:sample
"""
SWITCHED_ENGLISH = """
refund:退款 refunded:退款 return:退货 my_order:my_订单 the_order:the_订单 an_order:an_订单 coupon:优惠券 voucher:优惠券/代金券 invoice:发票 seller:卖家 parcel:包裹
package:包裹 courier:快递 warranty:保修 gift:礼物 points:积分 shop:店铺 postage:运费 compensation:赔偿 complaint:投诉 member:会员
membership:会员 receipt:小票 discount:折扣 delivery:快递 customs:海关 duty:关税 platform:平台 account:账号 password:密码 subscription:订阅
battery:电池 phone:手机 size:尺码
"""
SWITCHED_SPANISH = """
reembolso:refund pedido:order cupón:coupon envío:shipping tienda:shop descuento:discount garantía:warranty factura:invoice mi_cuenta:mi_account la_cuenta:la_account
regalo:gift paquete:package vendedor:seller devolución:return contraseña:password entrega:delivery tarjeta:card
"""
SWITCHED_JAPANESE = """
キャンセル:cancel クーポン:coupon ポイント:point サイズ:size 返金:refund 返品:return 注文:order 配送:delivery レビュー:review メール:mail
サポート:support アカウント:account パスワード:password カード:card 商品:item セール:sale
"""
SWITCHED_KOREAN = """
환불:refund 반품:return 주문:order 쿠폰:coupon 배송:delivery 교환:exchange 포인트:point 판매자:seller 상품:item 결제:payment 할인:sale
사이즈:size 리뷰:review 보증:warranty 고객:customer 계정:account
"""

SLIPS = {"zh": SLIPS_CHINESE, "en": SLIPS_ENGLISH, "es": SLIPS_SPANISH, "ja": SLIPS_JAPANESE, "ko": SLIPS_KOREAN}
SWITCHED = {
    "zh": SWITCHED_CHINESE,
    "en": SWITCHED_ENGLISH,
    "es": SWITCHED_SPANISH,
    "ja": SWITCHED_JAPANESE,
    "ko": SWITCHED_KOREAN,
}


@cache
def pairs(table: str) -> dict[str, list[str]]:
    """Rows as {word: [other, …]}."""
    rows = (row.replace("_", " ").split(":") for row in table.split())
    return {word: others.split("/") for word, others in rows}
