"""The language of a text, by its script and by what only one language uses often."""

from __future__ import annotations

import re

SAMPLE_CHARS = 20_000
MIN_WORDS = 3  # fewer words in Latin letters tell nothing
MIN_COMMON_SHARE = 0.08  # of a text's words; English and Spanish policies have .25 and more

# Characters that differ between the two ways of writing Chinese, pair by pair. Those that Japanese or the other way
# shares (后, 里, 台, 系, 国, 学, 会, 当, 点) stand here only where the pair still tells.
_PAIRS = (
    "个個 这這 为為 对對 时時 来來 说說 们們 发發 过過 还還 问問 买買 卖賣 货貨 费費 运運 务務 单單 与與 应應 规規 则則 条條 实實 关關 开開 业業 产產 该該 经經 间間 场場 证證 "
    "据據 动動 让讓 变變 样樣 权權 销銷 换換 达達 际際 风風 险險 标標 额額 户戶 订訂 请請 购購 价價 优優 积積 赔賠 偿償 诉訴 处處 类類 别別 签簽 约約 级級 员員 话話 联聯 络絡 "
    "网網 电電 账賬 号號 码碼 数數 据據 种種 质質 检檢 验驗 损損 坏壞 错錯 误誤 龙龍 东東 车車 门門 书書 长長 师師 专專 线線 节節 计計 认認 护護 设設 备備 选選 择擇 总總 转轉 "
    "项項 顾顧 难難 题題 无無 态態 严嚴 违違 补補 资資 预預 热熱 销銷 满滿 减減 赠贈 编編 辑輯 见見 给給 从從 带帶 么麼 几幾 并並 办辦 义義 议議 释釋 订訂 传傳 递遞 邮郵 寄寄 包包"
)
_SIMPLIFIED = frozenset(pair[0] for pair in _PAIRS.split() if pair[0] != pair[1])
_TRADITIONAL = frozenset(pair[1] for pair in _PAIRS.split() if pair[0] != pair[1])
# written so in Japanese alone; with them even a text of headings without kana is told
_JAPANESE = frozenset(
    "円込払戻売発対応価単図働枠畑峠済経験広録続総変営権険検効収労団圧囲歩毎徴悪楽桜沢浄渋涙渓瀬焼猟稲穏竜継縁縄繊聴脳臓蔵薬訳読豊軽転辺込郷鉄銭関閲陥随雑霊静頼顕駅騒験髪黒"
)
_ONLY_JAPANESE = frozenset(c for c in _JAPANESE if c not in _SIMPLIFIED and c not in _TRADITIONAL)

_ENGLISH = (
    "the of and to in is for or you your we our be are this that with will may if not any as by on it from can shall must"
    " all an at has have these those their they which who when after before within"
)
_SPANISH = (
    "el la los las del y en que se por para con su una un es al si como más lo sus puede está este esta cliente usted le"
    " pedido envío días desde hasta cuando sin pero también son fue ser"
)
# languages that are not read here, and that share words with one that is
_OTHERS = {
    "pt": "o os as do da dos das e em que se por para com uma um é ao não seu sua você no na pelo pela são pode este esta prazo dias",
    "fr": "le la les des du et en que qui est pour par avec une un au aux ce cette sur vous votre nous notre dans ou ne pas sont",
    "it": "il lo la gli le di del della dei e in che per con una un è al non si sono nel nella questo questa può entro giorni da",
    "de": "der die das und zu den von mit ist für auf dem des ein eine nicht im sich als auch wir sie ihr oder bei werden kann",
    "nl": "de het een en van in is dat op te voor met zijn niet aan u uw wij ons of door bij worden kan deze dit",
    "ca": "el la els les i en que es per amb una un no al si del seu pot aquest aquesta són dels dies",
    "id": "yang dan di dari untuk dengan ini itu tidak akan pada atau dalam anda kami adalah ke oleh dapat",
    "vi": "và của là có cho không được trong với các một này khi người để từ bạn chúng tôi",
}
_WORDS = {"en": frozenset(_ENGLISH.split()), "es": frozenset(_SPANISH.split())}
_WORDS |= {code: frozenset(words.split()) for code, words in _OTHERS.items()}


def language(text: str) -> str:
    """BCP 47: zh-Hans, zh-Hant, en, ja, ko or es; "und" for too little text and for every other language.

    A language that is not read here (Portuguese, French …) is "und", not the nearest that is.
    """
    sample = re.sub(r"https?://\S+|[\w.+-]+@[\w.-]+", " ", text[:SAMPLE_CHARS])
    kana = len(re.findall(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]", sample))
    hiragana = len(re.findall(r"[\u3041-\u3096]", sample))
    hangul = len(re.findall(r"[\uac00-\ud7a3]", sample))
    hanzi = len(re.findall(r"[\u3400-\u4dbf\u4e00-\u9fff]", sample))
    latin = len(re.findall(r"[A-Za-zÀ-ɏ]", sample))
    if hangul >= 3 and hangul > hanzi and hangul * 3 > latin:
        return "ko"
    if _is_japanese(sample, kana, hiragana, hanzi) and (kana + hanzi) * 3 > latin:
        return "ja"
    if hanzi >= 2 and hanzi * 3 > latin and hanzi > kana:
        return "zh-Hant" if _count(sample, _TRADITIONAL) > _count(sample, _SIMPLIFIED) else "zh-Hans"
    return _in_latin_letters(sample) if latin > hanzi + kana + hangul else "und"


def _is_japanese(sample: str, kana: int, hiragana: int, hanzi: int) -> bool:
    if kana >= 3 and kana * 8 > hanzi:
        return True
    if len(set(re.findall(r"[\u3041-\u3096]", sample))) >= 2 and kana * 16 > hanzi:
        return True  # headings and one する: more than a の for ornament
    # Chinese texts have a の here and a brand in katakana there; particles among shinjitai are a sentence
    own = _count(sample, _ONLY_JAPANESE)
    return own >= 2 and own * 12 > hanzi and (hiragana >= 1 or own > _count(sample, _SIMPLIFIED) * 2)


def _in_latin_letters(sample: str) -> str:
    words = re.findall(r"[a-zà-ÿñœ]+", sample.lower())
    if len(words) < MIN_WORDS:
        return "und"
    counts = {code: sum(word in known for word in words) for code, known in _WORDS.items()}
    best = max(counts, key=lambda code: counts[code])
    if counts[best] < max(1, MIN_COMMON_SHARE * len(words)) or sum(n == counts[best] for n in counts.values()) > 1:
        return "und"
    return best if best in ("en", "es") else "und"


def _count(text: str, characters: frozenset[str]) -> int:
    return sum(c in characters for c in text)
