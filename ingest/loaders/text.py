"""Plain text: its encoding found, its lines as they stand."""

from __future__ import annotations

import codecs
import re

import charset_normalizer

from ingest import cleaning
from ingest.errors import UnreadableFile
from ingest.loaders import markdown
from ingest.types import Extract

# The commonest characters make up more than a third of running text in each language, and a few in a hundred of
# a text decoded by the wrong table: that tells GB18030 from Big5, EUC-KR and the Japanese encodings.
_SIMPLIFIED = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过说产种面而方后多定行学"
    "法所民得经十三之进等部度家电力如水化高自二理起物现实加量都两体制机当使点从业本去性应开合还因由其前外天日社事平全表"
    "间与关各重新内数明原利或但第条无者商品货退规则买卖费款服务平台消费经营单客户订运应当不得按照"
)
_TRADITIONAL = (
    "的一是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動同工也能下過說產種面而方後多定行學"
    "法所民得經十三之進等部度家電力如水化高自二理起物現實加量都兩體制機當使點從業本去性應開合還因由其前外天日社事平全表"
    "間與關各重新內數明原利或但第條無者商品貨退規則買賣費款服務平臺台消費經營單客戶訂運應當不得按照"
)
_KANA = "".join(map(chr, [*range(0x3041, 0x3094), *range(0x30A1, 0x30FD)]))
_HANGUL = "이다는을의에가하고한로은도를지사기인나시어대리정자수일그해있보부상전서것들니습합환불교청구품제주문배송요"
_MARKS = "，。、；：？！（）《》「」“”　"
_TABLES = (
    ("gb18030", frozenset(_SIMPLIFIED + _MARKS)),
    ("big5", frozenset(_TRADITIONAL + _MARKS)),
    ("cp932", frozenset(_KANA + _MARKS)),
    ("euc_jp", frozenset(_KANA + _MARKS)),
    ("cp949", frozenset(_HANGUL + _MARKS)),
)
_SURE_SHARE = 0.25  # right tables score 0.35 and more on our sample texts, wrong ones below 0.15
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decode(data: bytes, name: str, declared: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The text and a note on how it was read. `declared`: the encoding the file itself names, tried first.

    Raises UnreadableFile for binary data, for no encoding that fits, and for text damaged beyond use.
    """
    text, notes = _decode(data, name, declared)
    if "\x00" in text:
        if text.count("\x00") > len(text) * 0.1:
            raise UnreadableFile(
                name, "found binary data, expected text. Save the document as text, PDF, Word or HTML."
            )
        notes = (*notes, f"{text.count(chr(0))} NUL characters left out")
    text = cleaning.newlines(text)
    share = cleaning.damage(text)
    if share > cleaning.MAX_DAMAGED_SHARE:
        raise UnreadableFile(
            name,
            f"{share:.0%} of the letters are lost (replacement characters, private-use glyphs or text that was "
            "decoded wrongly before it was saved). Get the original file, or save it again as UTF-8 from where "
            "it still reads well.",
        )
    if share > 0:
        notes = (*notes, f"damaged characters: {share:.2%} of the text, kept as they stand")
    return text, notes


def read(text: str) -> Extract:
    """The text with its pipe tables, if it has any; a text file states no other structure."""
    return Extract(text=text, rows=tuple(markdown.tables(text)))


def _decode(data: bytes, name: str, declared: str | None) -> tuple[str, tuple[str, ...]]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding), (() if encoding == "utf-8-sig" else (f"read as {encoding}",))
            except UnicodeDecodeError:
                return data.decode(encoding, errors="replace"), (f"read as {encoding} with damaged characters",)
    if (wide := _utf16_without_mark(data)) is not None:
        return data.decode(wide), (f"read as {wide} (no byte order mark)",)
    for encoding in filter(None, ("utf-8", declared)):
        try:
            return data.decode(encoding), (() if encoding == "utf-8" else (f"read as {encoding}",))
        except (UnicodeDecodeError, LookupError):
            continue
    if _is_binary(data):
        raise UnreadableFile(name, "found binary data, expected text. Save the document as text, PDF, Word or HTML.")
    if (best := _best_table(data)) is not None:
        return data.decode(best), (f"read as {best}",)
    return _line_by_line(data) or _nearly_utf8(data) or _guess(data, name)


def _utf16_without_mark(data: bytes) -> str | None:
    if len(data) < 4 or len(data) % 2:
        return None
    head = data[: 4096 - 4096 % 2]
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = head.decode(encoding, errors="strict")
        except UnicodeDecodeError:
            continue
        known = sum(
            c in _TABLES[0][1] or c in _TABLES[1][1] or c in _KANA or (" " <= c <= "~") or c in "\r\n\t" for c in text
        )
        zeros = head.count(0)
        if (zeros > len(head) * 0.2 and known > len(text) * 0.6) or (known > len(text) * 0.4 and b"\x00" in head):
            return encoding
    return None


def _is_binary(data: bytes) -> bool:
    head = data[:8192]
    return sum(b < 9 or 13 < b < 27 or 28 <= b < 32 for b in head) > len(head) * 0.02


def _score(text: str, frequent: frozenset[str]) -> float:
    wide = [c for c in text[:20000] if c > "\x7f"]
    return sum(c in frequent for c in wide) / len(wide) if wide else 0.0


def _best_table(data: bytes) -> str | None:
    scores: list[tuple[float, str]] = []
    for encoding, frequent in _TABLES:
        try:
            scores.append((_score(data.decode(encoding), frequent), encoding))
        except UnicodeDecodeError:
            continue
    best = max(scores, key=lambda pair: pair[0], default=(0.0, ""))
    return best[1] if best[0] >= _SURE_SHARE else None


def _line_by_line(data: bytes) -> tuple[str, tuple[str, ...]] | None:
    """A file put together from parts in UTF-8 and in another encoding, each line read as what it is."""
    lines: list[str | bytes] = []
    for line in data.split(b"\n"):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append(line)
    others = [line for line in lines if isinstance(line, bytes)]
    if any(not line.isascii() for line in lines if isinstance(line, str)) and (
        table := _best_table(b"\n".join(others))
    ):
        text = "\n".join(line if isinstance(line, str) else line.decode(table) for line in lines)
        return text, (f"lines in different encodings (utf-8 and {table}), each read as its own",)
    return None


def _nearly_utf8(data: bytes) -> tuple[str, tuple[str, ...]] | None:
    """UTF-8 with a few broken bytes; whoever reads on judges the damage."""
    text = data.decode("utf-8", errors="replace")
    wide = len(re.findall(r"[^\x00-\x7f\ufffd]", text))
    return (text, ("read as utf-8 with damaged characters",)) if wide > 20 * text.count("\ufffd") else None


def _guess(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    best = charset_normalizer.from_bytes(data[:200_000]).best()
    if best is not None and best.encoding.startswith(("cp125", "latin", "iso8859", "mac_roman")):
        share = sum(b > 127 for b in data) / len(data)
        if share < 0.2:  # a European text is mostly ASCII; more than that is something else read wrongly
            return data.decode(best.encoding, errors="replace"), (f"read as {best.encoding} (guessed)",)
    raise UnreadableFile(
        name,
        "found bytes that fit no text encoding (tried UTF-8, UTF-16, GB18030, Big5, Shift-JIS, EUC-JP, EUC-KR). "
        "Save the file as UTF-8 and bring it in again.",
    )
