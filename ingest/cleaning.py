"""Pure functions that mend what formats and converters do to text; loaders use them before text is stored."""

from __future__ import annotations

import re
import unicodedata

from ingest import damage as damage_of
from ingest.numbering import Style, read

REPLACEMENT = damage_of.LOST
MAX_DAMAGED_SHARE = damage_of.MAX_LOST

# CJK Radicals Supplement has no compatibility decomposition, so NFKC leaves these as they are.
_RADICALS = str.maketrans(
    "⺁⺄⺅⺆⺈⺊⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺬⺭⺮⺯⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "厂乙亻冂刀卜小小尢尣尢尤巳幺彐彐忄心扌攵旡月歺母民氵氺灬爫爫丬牛犭王疋示礻竹糸罒罒罒罒罒羊羊羊耂聿聿肉臼艹艹艹虎衤覀西见角角讠贝足车辶辶辶阝钅長長长门阜阝雨青韦页风飞食食食饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龟亀龟",
)
# Bullets, ticks and arrows that word processors set in Symbol (U+F0xx) and Wingdings; parts of tall brackets (U+F8xx).
_SYMBOLS = dict(
    zip(
        "\uf0b7\uf0a7\uf06e\uf06c\uf071\uf0a8\uf06f\uf0d8\uf0e0\uf0fc\uf0fb\uf0fe\uf0a3\uf02d\uf076\uf0b0\uf0b1\uf0b3\uf0d7"
        "\uf8eb\uf8ec\uf8ed\uf8ee\uf8ef\uf8f0\uf8f1\uf8f2\uf8f3\uf8f4\uf8f6\uf8f7\uf8f8\uf8f9\uf8fa\uf8fb\uf8fc\uf8fd\uf8fe",
        "•▪■●❑◻□➢→✓✗☑□-❖°±≥×⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪⎞⎟⎠⎤⎥⎦⎫⎬⎭",
        strict=True,
    )
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff\ufeff]")
_CJK = r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uff00-\uffef]"
_EITHER = frozenset("“”‘’…—·")
_BARE_BULLET = re.compile(r"[•·●○▪◆■※□☐–-]$")
_LIST = re.compile(r"(?:[•·●○▪◆■※□☐-]\s|【|问[：:]|答[：:]|[QA][：:.]|\*\s)")


def newlines(text: str, keep_pages: bool = False) -> str:
    """CRLF, CR and the Unicode line ends as LF; control characters and byte order marks taken out.

    `keep_pages`: form feeds stay, they end a printed page.
    """
    ends = r"\r\n?|[\u2028\u2029\x0b\x85]" if keep_pages else r"\r\n?|[\u2028\u2029\x0b\x0c\x85]"
    return _CONTROL.sub("", re.sub(ends, "\n", text))


def fold_radicals(text: str) -> str:
    """Kangxi and supplement radicals as the ordinary hanzi they stand for: ⽇⾦⻝ is 日金食."""
    if not re.search(r"[\u2e80-\u2fdf]", text):
        return text
    text = "".join(unicodedata.normalize("NFKC", c) if "\u2f00" <= c <= "\u2fdf" else c for c in text)
    return text.translate(_RADICALS)


def fold_symbol(char: str) -> str:
    """A glyph of the Symbol and Wingdings fonts, which have only private codes, as the sign that it draws."""
    return _SYMBOLS.get(char, char)


def damage(text: str) -> float:
    """The share of characters that are lost for certain: `ingest.damage` knows the rest."""
    return damage_of.lost(text)


def starts_clause(line: str) -> bool:
    """Whether a line begins as a heading, an article or an item does."""
    mark = read(line)
    if mark is None:
        return bool(_LIST.match(line))
    if mark.style in (Style.ARTICLE, Style.NAMED, Style.CODE, Style.DECIMAL):
        return mark.apart
    return mark.style is not Style.LETTER or line[0] in "(（"


def glue(left: str, right: str) -> str:
    """Two halves of a sentence as one: no space between hanzi, a hyphen at the break taken out."""
    if left.endswith("-") and len(left) > 1 and left[-2].islower() and right[:1].islower():
        return left[:-1] + right
    if _BARE_BULLET.match(left):
        return f"{left} {right}"
    before, after = left[-1:], right[:1]
    # “ ” … — stand in Chinese and in English text alike: there the character on the other side tells
    if before in _EITHER or after in _EITHER:
        chinese = bool(re.search(_CJK, left[-3:] + right[:3]))
        return left + right if chinese or before in "“‘" or after in "”’" else f"{left} {right}"
    if re.match(_CJK, before) or re.match(_CJK, after):
        return left + right
    return f"{left} {right}"
