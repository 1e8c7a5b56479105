"""Pure functions that mend what formats and converters do to text; loaders use them before text is stored."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

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
_PAGE_NUMBER = re.compile(
    r"(?:[-–—·~•\s]*\d{1,4}[-–—·~•\s]*|第\s*\d{1,4}\s*页(?:\s*[/，,]?\s*共\s*\d{1,4}\s*页)?|[Pp]age\s+\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?|\d{1,4}\s*/\s*\d{1,4}|[ivxl]{1,6})$"
)
_CJK = r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uff00-\uffef]"
_EITHER = frozenset("“”‘’…—·")
_TERMINAL = re.compile(r"[。！？；：!?;:][”’」』\"'）)】》]*$")
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


def repeated_edges(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Pages without their running headers, footers and page numbers.

    A line among the first or last two of a page goes when, digits aside, it stands there on more than half of the
    pages (three at least; on both of two pages if it opens them word for word); a bare page number at the edge goes
    where most pages have one.
    """
    counts: Counter[str] = Counter()
    numbered = 0
    for page in pages:
        edges = {_shape(line) for line in _edges(page)}
        counts.update(edges)
        numbered += any(_PAGE_NUMBER.match(line.strip()) for line in _edges(page))
    full = sum(bool(_edges(page)) for page in pages)
    running = {
        shape for shape, n in counts.items() if n * 2 > full and (n >= 3 or (full == 2 and _alike(pages, shape)))
    }
    drop_numbers = numbered * 2 > full and (
        full > 1 or any(re.search(r"[页Pp]", one) for p in pages for one in _edges(p))
    )
    return [_without_edges(page, running, drop_numbers) for page in pages]


def join_lines(lines: Sequence[str], width: int | None = None) -> list[str]:
    """Paragraphs from lines that a page broke: a line goes on unless its end or the next start says otherwise."""
    full = width or full_width(lines)
    paragraphs: list[str] = []
    last = ""
    for line in map(str.strip, lines):
        if line and last and runs_on(last, line, full):
            paragraphs[-1] = glue(paragraphs[-1], line)
        elif line:
            paragraphs.append(line)
        last = line
    return paragraphs


def full_width(lines: Sequence[str]) -> int:
    """The length of a full line, about that of the longer lines: a shorter one ended of its own accord."""
    widths = sorted(len(line.strip()) for line in lines if line.strip())
    return widths[int(len(widths) * 0.9)] if widths else 0


def starts_clause(line: str) -> bool:
    """Whether a line begins as a heading, an article or an item does."""
    mark = read(line)
    if mark is None:
        return bool(_LIST.match(line))
    if mark.style in (Style.ARTICLE, Style.NAMED, Style.CODE, Style.DECIMAL):
        return mark.apart
    return mark.style is not Style.LETTER or line[0] in "(（"


def runs_on(last: str, line: str, full: int) -> bool:
    """Whether `line` goes on the sentence that the printed line `last` broke off."""
    if _BARE_BULLET.match(last):
        return True
    if starts_clause(line) and (_TERMINAL.search(last) or len(last) < full * 0.85 or last[-1] in ".)）】"):
        return False
    if starts_clause(line) and not re.search(r"[\u3400-\u9fff，、,]$", last):
        return False
    if _TERMINAL.search(last):
        return len(last) >= full * 0.92 and bool(re.search(r"[:;；：,，]$", last)) and line[:1].islower()
    if last.endswith(".") and len(last) < full * 0.92:
        return False
    mark = read(last)
    if (
        mark is not None
        and mark.style in (Style.PART, Style.SUBPART, Style.CHAPTER, Style.DIVISION, Style.ANNEX)
        and len(last) < full * 0.7
    ):
        return False
    return len(last) >= full * 0.7 or bool(re.search(r"[，、,（(《“]$", last)) or line[:1] in "，。；：、）)》”"


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


def _edges(page: Sequence[str]) -> list[str]:
    solid = [line for line in page if line.strip()]
    return solid[:2] + solid[2:][-2:]


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", re.sub(r"\s+", "", line))


def _alike(pages: Sequence[Sequence[str]], shape: str) -> bool:
    """Whether both of two pages begin with this very line, and it is no sentence."""
    firsts = [next((line.strip() for line in page if line.strip()), "") for page in pages]
    first = firsts[0]
    return all(line == first for line in firsts) and _shape(first) == shape and not _TERMINAL.search(first)


def _without_edges(page: Sequence[str], running: set[str], drop_numbers: bool) -> list[str]:
    solid = [i for i, line in enumerate(page) if line.strip()]
    dropped = {
        i
        for i in solid[:2] + solid[2:][-2:]
        if (_shape(page[i]) in running and not starts_clause(page[i]))
        or (drop_numbers and _PAGE_NUMBER.match(page[i].strip()))
    }
    return [line for i, line in enumerate(page) if i not in dropped]
