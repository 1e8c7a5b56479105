"""The words that quantities are written with, languages side by side. To teach a language, add its words to the rows.

Words are regular expressions in folded form as `kb.quantities` folds: half width, lower case, simplified characters
(営業日 is 営业日, 時間 is 时间). Of two words that fit, the longer one wins.
"""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


HOUR = 1.0
DAY = 24.0
WEEK = 168.0
MONTH = 720.0  # "30天" and "一个月" are one deadline for those who write rules
YEAR = 8760.0  # twelve months are a year, 365 days too

# words -> hours
TIMES: tuple[tuple[float, str], ...] = (
    (HOUR / 3600, r"秒钟?|seconds?|segundos?|초"),
    (HOUR / 60, r"分钟|分间|分(?=以内|之内|内)|minutes?|mins?|minutos?|분(?!기|류|할|의|쟁|실)"),
    (HOUR / 4, r"刻钟"),
    (HOUR, r"个?小时|个?钟头|时间|hours?|hrs?|horas?|시간"),
    (
        DAY,
        r"个?自然日|个?日历日|日历天|[天日](?:间)?|calendar\s+days?|natural\s+days?|consecutive\s+days?|days?"
        r"|d[ií]as?(?:\s+(?:naturales|corridos))?|일(?!부|반|정|시|괄|치|자|본)(?:간)?",
    ),
    (
        WEEK,
        r"个?(?:星期|礼拜)|周(?!岁|年|期|边|转|围|[一二三四五六日末])间?|weeks?|semanas?|주일?간?(?!문|소|의|세|요|차)",
    ),
    (MONTH, r"个月间?|[かヶケカ]月间?|箇月间?|months?|mes(?:es)?|개월간?|달"),
    (YEAR, r"周?年间?(?!级|龄|度|代|老|轻|少|满)|years?(?!\s*(?:old|of\s+age))|años?|년간?"),
)

# words -> days on which people work
WORKING_DAYS = (
    r"个?(?:工作日|营业日|営业日|工作天|办公日)|(?:business|working)\s+days?|d[ií]as?\s+(?:h[aá]biles|laborables)"
    r"|(?:영업|근무)일"
)
WORKING_DAYS_BEFORE = r"영업일\s*(?:기준)?\s*(?:으?로)?\s*$|(?:business|working)\s+days?\s*:?\s*$|工作日\s*$"

SETTLEMENT = rf"(?<![a-z0-9])[td]\s?\+\s?(\d{{1,2}})(?![\d.])(?:\s?(?:{WORKING_DAYS}|[天日]))?"

# currency -> words before a number, words after it
MONEY: tuple[tuple[str, str, str], ...] = (
    ("CNY", r"人民币|rmb|cny|cn¥|¥", r"元(?:人民币)?|块钱?|圆|人民币|yuan|rmb|cny|위안|yuanes"),
    ("USD", r"us\$|usd|\$|美元|美金", r"美元|美金|u\.?s\.?\s*dollars?|dollars?|usd|달러|ドル|d[oó]lares"),
    ("EUR", r"€|eur|欧元", r"欧元|euros?|eur|€|유로|ユーロ"),
    ("GBP", r"£|gbp|英镑", r"英镑|pounds?\s+sterling|gbp|£|파운드"),
    ("JPY", r"jpy|jp¥|日元|日币", r"日元|日币|円|jpy|yen(?:es)?|엔"),
    ("KRW", r"₩|krw|韩元", r"韩元|韩币|krw|won|원"),
    ("HKD", r"hk\$|hkd|港币|港元", r"港元|港币|hkd"),
    ("TWD", r"nt\$|twd|新台币|台币", r"元新台币|新台币|台币|twd"),
)

# words after a number -> what it is to be multiplied with to be a share of one
SHARES: tuple[tuple[float, str], ...] = (
    (0.01, r"%|percent|per\s+cent|por\s*ciento|퍼센트|프로|パーセント|个百分点"),
    (0.001, r"‰"),
    (0.1, r"成(?!员|立|本|果|功|为|年|交|分|品|效|就|长|都)|割(?!引)"),
)

# unit -> (words, how many of the unit one is). The unit's name stands for what is counted in every language.
COUNTS: tuple[tuple[str, float, str], ...] = (
    ("次", 1, r"(?:人)?次(?!日|年|月|序|品|要|级|数)|回(?!复|答|收|应|执|访|购|款)|times?|veces|vez|회|번(?!호|째)"),
    (
        "件",
        1,
        r"件(?!的)?|个(?!人|体|性|别|月|半)|items?|pieces?|art[ií]culos?|productos?|unidades|点(?!击)|개(?!월|인|봉|설)|점(?!수)",
    ),
    ("人", 1, r"[名位]|人(?!民|员|次|身|力|工|士|均|格|数)|persons?|people|members?|명|personas?"),
    ("张", 1, r"张|枚|sheets?|photos?|장"),
    ("份", 1, r"份(?!额)|copies|copy|부(?!터|분|족|담)"),
    ("台", 1, r"台(?!湾)|部(?!分|门|件)|辆|devices?|대(?!금|상|리|표)"),
    ("笔", 1, r"笔|单(?!位|独|价|方|一|件|笔|号|品|个)|transactions?|orders?|건(?!강)"),
    ("倍", 1, r"倍(?:以上)?|배(?!송|달|상)|-?fold|(?<=\d)x(?!\w)"),
    (
        "分",
        1,
        r"(?<!十)分(?!钟|之|别|期|类|割|支|公|享|级|成|配|行|开|店|拣|解|为|散)|points?|puntos?|점수|ポイント|포인트",
    ),
    ("期", 1, r"期(?!间|限|内|货|满|末)|instal?lments?|cuotas?|개월\s*할부"),
    ("层", 1, r"层(?!面|次|级)|楼|floors?|층|plantas?"),
    ("岁", 1, r"周?岁|years?\s*(?:old|of\s+age)|歳|세(?!금|트|일|부|요|관|탁)|años\s+de\s+edad"),
    ("字", 1, r"个?(?:字符|汉字)|字(?!段|节|母)|characters?|caracteres|文字|글자"),
    ("级", 1, r"级(?!别)|levels?"),
    ("km", 1, r"公里|千米|km|kilomet(?:er|re)s?|킬로미터|キロメートル"),
    ("m", 1, r"米(?!饭|粉|面)|met(?:er|re)s?|m(?!\w)|미터|メートル"),
    ("m", 0.01, r"厘米|公分|cm|centimet(?:er|re)s?|센티미터|センチ(?:メートル)?"),
    ("m", 0.001, r"毫米|mm|millimet(?:er|re)s?"),
    ("m", 0.0254, r"英寸|inch(?:es)?"),
    ("m²", 1, r"平方米|平米|m2|square\s+met(?:er|re)s?"),
    ("kg", 1, r"公斤|千克|kg|kgs|kilos?|kilogramo?s?|킬로그램|キログラム|キロ(?!メ)"),
    ("kg", 0.5, r"斤"),
    ("kg", 0.001, r"克(?!服|拉)|g(?!\w)|grams?|gramos?"),
    ("kg", 1000, r"吨|tons?|tonnes?"),
    ("l", 1, r"升(?!级)|lit(?:er|re)s?|litros?|l(?!\w)|리터|リットル"),
    ("l", 0.001, r"毫升|ml"),
    ("GB", 1, r"gb|吉字节"),
    ("GB", 0.001, r"mb|兆(?:字节)?"),
    ("℃", 1, r"°c|℃|摄氏度|degrees\s+celsius"),
    ("V", 1, r"伏特?|v(?!\w)|volts?"),
    ("W", 1, r"瓦特?|w(?!\w)|watts?"),
    ("mAh", 1, r"毫安时?|mah"),
)

# Words before and after a quantity that make it the end of a range. Longer ones come first by themselves.
LOW_BEFORE = (
    r"至少|不少于|不低于|不得少于|不得低于|不应少于|不应低于|最少|最低|(?<![不未期届])满|(?<!不)(?<!不得)(?<!未)超过|(?<!不)多于"
    r"|(?<!不)高于|(?<!不)大于|大于等于|不小于|达到?|逾"
    r"|at\s+least|no(?:t)?\s+(?:less|fewer)\s+than|(?:a\s+)?minimum\s+(?:of)?|more\s+than|greater\s+than|(?<!not )exceeds?"
    r"|exceeding|over|above|older\s+than|≥|>=|>"
    r"|al\s+menos|por\s+lo\s+menos|como\s+m[ií]nimo|m[ií]nimo(?:\s+de)?|m[aá]s\s+de|superior(?:es)?\s+a|최소|적어도|最低でも|少なくとも"
)
HIGH_BEFORE = (
    r"不超过|不得超过|不应超过|不能超过|未超过|不多于|不得多于|不高于|不得高于|不大于|小于等于|最多|至多|最长|最高|最大|最迟|最晚|不足|不满|未满"
    r"|少于(?<!不少于)|低于(?<!不低于)(?<!不得低于)(?<!不应低于)|小于|未达到?|不到|上限为?"
    r"|within|up\s+to|(?:no|not)\s+(?:more|greater|later)\s+than|(?:not|cannot|never)\s+(?:to\s+)?exceed(?:ing)?|at\s+most"
    r"|(?:a\s+)?maximum\s+(?:of)?|(?<!no )(?<!not )less\s+than|(?<!no )(?<!not )fewer\s+than|under|below|up\s+until|≤|<=|<"
    r"|hasta|como\s+m[aá]ximo|m[aá]ximo(?:\s+de)?|no\s+m[aá]s\s+de|menos\s+de|dentro\s+de(?:\s+los)?"
    r"|(?:en\s+)?(?:un\s+)?plazo\s+(?:m[aá]ximo\s+)?de|inferior(?:es)?\s+a|최대|最大で?"
)
LOW_AFTER = (
    r"\(?(?:含|及)?以上|\(含\)以上|或以上|或更多|起(?!诉|算)|以外|之?后|以后|届满|以降"
    r"|or\s+(?:more|older|over|above|longer)|and\s+(?:above|over)|\+|이상|초과|이후|후(?!기)|を?超え?|を?过ぎ|o\s+m[aá]s"
)
HIGH_AFTER = (
    r"\(?(?:含|及)?以[内下]|之内|内(?!容|部|存|的?商品)|或以[内下]|或更少|及?以前|未满|未満|まで|までに|迄"
    r"|or\s+(?:less|fewer|below|under|younger)|이내|이하|미만|까지|안에|내에|o\s+menos"
)

# Between the two ends of a range.
TO = r"-|–|—|~|〜|至|到|から|에서|부터|\bto\b|\band\b|\ba\b|\by\b|\bal\b"

ENGLISH = _words(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
    """
)
ENGLISH_TENS = _words(
    """
    twenty thirty forty fifty sixty seventy eighty ninety
    """
)
SPANISH = _words(
    """
    cero un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete
    dieciocho diecinueve veinte veintiún veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete
    veintiocho veintinueve treinta
    """
)
SPANISH_TENS = {
    "cuarenta": 40,
    "cincuenta": 50,
    "sesenta": 60,
    "setenta": 70,
    "ochenta": 80,
    "noventa": 90,
    "cien": 100,
}
OTHER_WORDS = {"una": 1, "uno": 1, "hundred": 100, "one hundred": 100, "a hundred": 100, "cuarenta y ocho": 48}
OTHER_WORDS |= {"setenta y dos": 72, "treinta y seis": 36}
KOREAN = {
    "한": 1,
    "두": 2,
    "세": 3,
    "네": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
    "열": 10,
    "열두": 12,
    "스무": 20,
}
KOREAN |= {
    "일": 1,
    "이": 2,
    "삼": 3,
    "사": 4,
    "오": 5,
    "육": 6,
    "칠": 7,
    "팔": 8,
    "구": 9,
    "십": 10,
    "십오": 15,
    "이십": 20,
    "삼십": 30,
}

# Whole expressions that are a time without a number: hours.
TIME_WORDS: dict[str, float] = {
    r"半个?小时|半个?钟头|half\s+an\s+hour|media\s+hora|半时间": HOUR / 2,
    r"半天|半日|half\s+a\s+day": DAY / 2,
    r"半个月": 15 * DAY,
    r"半年(?!度|报)|half\s+a\s+year|medio\s+año|반년": 6 * MONTH,
    r"하루": DAY,
    r"이틀": 2 * DAY,
    r"사흘": 3 * DAY,
    r"나흘": 4 * DAY,
    r"열흘": 10 * DAY,
    r"보름": 15 * DAY,
    r"일주일": WEEK,
    r"(?<=within )an?\s+hour": HOUR,
    r"(?<=within )a\s+day": DAY,
    r"(?<=within )a\s+week": WEEK,
    r"(?<=within )a\s+month": MONTH,
    r"(?<=within )a\s+year": YEAR,
}

# Whole expressions that are a number of times: of "次" or "倍".
COUNT_WORDS: dict[str, tuple[str, float]] = {
    r"\btwice\b|\bdos\s+veces\b": ("次", 2.0),
    r"\bonce\b(?=\s*(?:[;,.)]|per\b|a\s|every\b|in\b|only\b|$))": ("次", 1.0),
    r"\b(?:double|twofold)\b|双倍|加倍": ("倍", 2.0),
} | {rf"退一(?:赔|罚){han}": ("倍", float(n)) for n, han in ((1, "一"), (3, "三"), (4, "四"), (5, "五"), (10, "十"))}

MONTHS: dict[str, int] = {
    r"jan(?:uary)?|enero": 1,
    r"feb(?:ruary)?|febrero": 2,
    r"mar(?:ch)?|marzo": 3,
    r"apr(?:il)?|abril": 4,
    r"may|mayo": 5,
    r"june?|junio": 6,
    r"july?|julio": 7,
    r"aug(?:ust)?|agosto": 8,
    r"sept?(?:ember)?|septiembre": 9,
    r"oct(?:ober)?|octubre": 10,
    r"nov(?:ember)?|noviembre": 11,
    r"dec(?:ember)?|diciembre": 12,
}

# What looks like a quantity and is none: numbers of articles, of documents, of telephones, names of laws.
NOT_QUANTITIES = (
    r"《[^《》]*》|「[^「」]{1,40}(?:规定|规则|办法)」",
    r"https?://\S+|\S+@\S+",
    r"第\s*[\d零〇一二两三四五六七八九十百千]+(?:[-.之]\d+)*\s*(?:[条款项章节编页届号版批级位类方代季档]|回(?!答)|步)"
    r"(?:之[一二三四五六七八九十]+)?(?:第[\d一二三四五六七八九十]+[款项])*",
    r"제\s*\d+(?:조|항|호|장|절)(?:의\s*\d+)?",
    r"(?:articles?|sections?|chapters?|clauses?|paragraphs?|steps?|rules?|appendix|annex|figures?|tables?|pages?|nos?\.?|number|§+"
    r"|art[ií]culos?|secci[oó]n|cap[ií]tulo|version|v|tier|phase|part)\s*[:#]?\s*\(?\d+(?:\.\d+)*(?:\s*(?:-|to|and|,|or)\s*\d+(?:\.\d+)*)*(?![\d%])(?!\s*(?:days?|hours?))",
    r"[\[〔(【]\s*(?:19|20)\d\d\s*[\]〕)】]\s*第?\s*\d*\s*号?",
    r"(?:19|20)\d\d\s*年?\s*(?:修订|修正|修改|版)",
    r"\d+号(?!前|后|起|之|以|至|到|-)",
    r"(?<!\d)(?:\+\d{1,3}[- ])?(?:0\d{2,3}-\d{7,8}|1[3-9]\d{9}|[48]00-?\d{3,4}-?\d{3,4}|\d{3}-\d{3,4}-\d{4})(?!\d)",
    r"[a-z_]+[_-]?\d[\w-]*(?<![a-z]\d)\d*_\w+|\b[a-z]{2,}_[\w]*\d\w*",
    r"周[一二三四五六日]|星期[一二三四五六日]|礼拜[一二三四五六日]",
    r"24/7|7×24|7x24|7\*24",
)
