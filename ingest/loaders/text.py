"""Plain text: its encoding found, what a wrong one did to it undone, its lines as they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest import cleaning, damage, encodings
from ingest.errors import UnreadableFile
from ingest.loaders import markdown
from ingest.types import Extract, Removed, Row

_FRAME = "─━│┃┄┅┆┇┈┉┊┋┌┍┎┏┐┑┒┓└┕┖┗┘┙┚┛├┝┞┟┠┡┢┣┤┥┦┧┨┩┪┫┬┭┮┯┰┱┲┳┴┵┶┷┸┹┺┻┼┽┾┿╀╁╂╃╄╅╆╇╈╉╊╋═║╒╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡╢╣╤╥╦╧╨╩╪╫╬"
_RULE_LINE = re.compile(rf"[ \t]*[+{_FRAME}][-=+{_FRAME} \t]*$")  # +-----+-----+ or ├────┼────┤
_FRAMED = re.compile(r"[ \t]*[│┃║|].*[│┃║|][ \t]*$")
_MIN_WRAPPED_LINES = 6


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file's bytes, ready to be read by its format."""

    text: str
    notes: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()

    def onto(self, extract: Extract) -> Extract:
        """The extract that was read from this text, with what was found while decoding put before its own remarks."""
        return replace(extract, notes=(*self.notes, *extract.notes), removed=(*self.removed, *extract.removed))


def decode(data: bytes, name: str, declared: str | None = None) -> Decoded:
    """`declared`: the encoding that the file itself names; it decides only between near equals.

    Raises UnreadableFile for binary data and for bytes that fit no encoding. Damage is judged by whoever knows which
    part of the text is the document's own.
    """
    found = encodings.decode(data, declared)
    if found is None:
        if data.count(0) == len(data):
            raise UnreadableFile(name, "the file holds NUL bytes only: it was never written whole. Get it again.")
        raise UnreadableFile(
            name,
            "found binary data or bytes that fit no text encoding (tried UTF-8, UTF-16, UTF-32, GB18030, Big5, "
            "Shift-JIS, EUC-JP, EUC-KR and the Western ones), expected text. Save the document as UTF-8 text, PDF, "
            "Word or HTML.",
        )
    mended = encodings.undo(found.text)
    text, removed = _without_readings(cleaning.newlines(mended.text, keep_pages=True))
    notes = [*found.notes, *mended.notes]
    if removed:
        notes.append(
            f"doubtful: a converter had put pinyin readings behind hanzi, at {removed[0].where}; they were taken out, "
            "other damage by it may be left"
        )
    return Decoded(text, tuple(notes), removed)


def read(text: str) -> Extract:
    """The text with its tables and pages, if it has any; a text file states no other structure."""
    text, page_starts = pages(text)
    text, rows, removed = _framed_tables(text)
    notes: tuple[str, ...] = ()
    if not removed and not page_starts:
        text, joined = _unwrapped(text)
        notes = (f"{joined} lines that were broken at a fixed width were joined",) if joined else ()
    found = tuple(rows) or tuple(markdown.tables(text))
    return Extract(text=text, rows=found, page_starts=page_starts if not removed else (), notes=notes, removed=removed)


def pages(text: str) -> tuple[str, tuple[int, ...]]:
    """The text with its form feeds as line ends, and where its pages begin; none where it has no form feed."""
    if "\f" not in text:
        return text, ()
    parts = [part for part in text.split("\f") if part.strip()]
    starts, at = [], 0
    pieces = []
    for i, part in enumerate(parts):
        piece = part.strip("\n") + "\n" * (i + 1 < len(parts))
        starts.append(at)
        pieces.append(piece)
        at += len(piece)
    return "".join(pieces), tuple(starts) if len(starts) > 1 else ()


def _without_readings(text: str) -> tuple[str, tuple[Removed, ...]]:
    found = damage.readings(text)
    if not found:
        return text, ()
    pieces, last = [], 0
    for match in found:
        pieces.append(text[last : match.start()])
        last = match.end()
    pieces.append(text[last:])
    kinds = dict.fromkeys(match[0] for match in found)
    return "".join(pieces), (
        Removed("".join(kinds), "pinyin readings that a converter inserted", f"{len(found)} places inside the text"),
    )


def _framed_tables(text: str) -> tuple[str, list[Row], tuple[Removed, ...]]:
    """Tables drawn with lines: their rules go, a row's cells stand between bars. Only whole frames are taken."""
    if not re.search(r"[├┌╔┼╬]|^[ \t]*\+-{2,}", text, re.MULTILINE):
        return text, [], ()
    lines = text.split("\n")
    kept: list[str] = []
    rows: list[Row] = []
    rules: list[str] = []
    at = i = 0
    while i < len(lines):
        end = i
        while end < len(lines) and (_RULE_LINE.match(lines[end]) or _FRAMED.match(lines[end])):
            end += 1
        block = lines[i:end]
        cells = _rows_of(block)
        if len(cells) > 1 and len({len(row) for row in cells}) == 1 and len(cells[0]) > 1:
            rules.extend(line for line in block if _RULE_LINE.match(line))
            header = " | ".join(cells[0])
            for n, row in enumerate(cells):
                line = " | ".join(row).strip()
                if n and line:
                    rows.append(Row(at, at + len(line), header))
                kept.append(line)
                at += len(line) + 1
            i = end
            continue
        for line in lines[i : max(end, i + 1)]:
            kept.append(line)
            at += len(line) + 1
        i = max(end, i + 1)
    if not rows:
        return text, [], ()
    removed = Removed("\n".join(dict.fromkeys(rules)), "lines that draw a table", f"{len(rules)} lines")
    return "\n".join(kept), rows, (removed,)


def _rows_of(block: Sequence[str]) -> list[list[str]]:
    """The rows between the rules of a drawn table; where no rule parts them, each line is one."""
    if len(block) < 3 or not _RULE_LINE.match(block[0]) or not _RULE_LINE.match(block[-1]):
        return []
    groups: list[list[list[str]]] = [[]]
    for line in block:
        if _RULE_LINE.match(line):
            groups.append([])
        else:
            groups[-1].append([cell.strip() for cell in re.split(r"[│┃║|]", line.strip()[1:-1])])
    groups = [group for group in groups if group]
    if len(groups) == 2 and len(groups[1]) > 1 and all(row[0] for row in groups[1]):  # a head, then a row a line
        groups = [groups[0], *([row] for row in groups[1])]
    rows = []
    for group in groups:
        if len({len(row) for row in group}) > 1:
            return []
        rows.append(["".join(_joined(cells)) for cells in zip(*group, strict=True)])
    return rows


def _joined(cells: Sequence[str]) -> str:
    text = ""
    for cell in filter(None, cells):
        text = cleaning.glue(text, cell) if text else cell
    return text


def _unwrapped(text: str) -> tuple[str, int]:
    """Lines joined that were broken at one width, as mail programs and old editors do; only where that is certain.

    Certain means: nearly all long lines end within a letter or two of one width, which no line exceeds, and a line
    that goes on begins neither a list nor an article.
    """
    lines = text.split("\n")
    widths = [_width(line) for line in lines if line.strip()]
    if len(widths) < _MIN_WRAPPED_LINES:
        return text, 0
    full = max(widths)
    long = [width for width in widths if width >= 0.8 * full]
    hanzi = bool(re.search(r"[\u3400-\u9fff]", text))
    near = sum(width >= full - (3 if hanzi else 12) for width in long)
    if not 50 <= full <= 100 or len(long) < 0.5 * len(widths) or near < 0.9 * len(long):
        return text, 0
    pieces: list[str] = []
    joined = 0
    last = ""
    for line in lines:
        room = full - _width(last)
        broken = room <= 3 if hanzi else room <= len(line.split(" ", 1)[0]) + 1
        if last.strip() and line.strip() and broken and line[:1].strip() and not _starts_anew(line, last):
            pieces[-1] = cleaning.glue(pieces[-1].rstrip(), line.lstrip())
            joined += 1
        else:
            pieces.append(line)
        last = line
    return "\n".join(pieces), joined


def _starts_anew(line: str, last: str) -> bool:
    return "|" in line or "|" in last or "\t" in line or cleaning.starts_clause(line) or bool(re.match(r"[#>=-]", line))


def _width(line: str) -> int:
    """Columns of a printed line: hanzi and full-width signs take two."""
    return len(line.rstrip()) + len(
        re.findall(r"[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]", line)
    )
