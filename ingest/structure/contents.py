"""Lists of contents and table heads: text that stands once more elsewhere, and is set aside where it is a list."""

from __future__ import annotations

import re
from collections import Counter

from ingest.numbering import HEADINGS, SPACE, Style
from ingest.structure.lines import Line
from ingest.structure.shapes import ENDED, MAX_HEADING_CHARS
from ingest.types import Extract, GapReason, Row

MAX_CONTENTS_LINES = 400  # the longest printed list of contents we have met has 260 entries

_CONTENTS = re.compile(
    rf"(?:目[{SPACE}]*[录錄次]|contents|table of contents|on this page|本页内容|本文目录|목\s?차|índice)[:：]?$",
    re.IGNORECASE,
)
_PAGE_LINK = re.compile(r"[-*+•\d.\s]*\[[^\]]+\]\(#[^)]*\)$")  # a web page's list of its own headings
_DOTTED = re.compile(r"[.．·…‥]{2,}\s*[（(]?(?:[0-9]{1,4}|[ivxl]{1,5})[）)]?$")
_LEADER = re.compile(r"(?:[.．·…‥_\-]{3,}|\t|\s{3,})\s*[（(]?(?:[0-9]{1,4}|[ivxl]{1,5})[）)]?$")
_TABBED = re.compile(r"(?:\t|[ \u3000]{3,})(?P<page>[0-9]{1,4})$")
_BULLETED = re.compile(r"[-*+•·●○▪◆■]\s+")


def set_contents_aside(lines: list[Line]) -> None:
    """Marks lists of contents: leaders with page numbers, and runs of headings that come again below."""
    names = [_name(line.text) for line in lines]
    later = Counter(names)
    headed = Counter(name for name, line in zip(names, lines, strict=True) if line.level is not None)
    _set_paged_aside(lines)
    for i, line in enumerate(lines):
        later[names[i]] -= 1
        headed[names[i]] -= line.level is not None
        if line.silent:
            continue
        if (line.row is None and _DOTTED.search(line.text[-80:])) or _PAGE_LINK.match(line.text[:300]):
            line.left = GapReason.CONTENTS
        elif _CONTENTS.match(line.text):
            line.left, line.level = GapReason.CONTENTS, None
            _set_run_aside(lines, names, i + 1)
        elif _entry(line) and later[names[i]] and (i == 0 or not lines[i - 1].silent):
            run = _run(lines, i)
            if run - i >= 3 and all(later[names[j]] for j in range(i, run)):
                for j in range(i, run):
                    lines[j].left = GapReason.CONTENTS
        elif _repeats_heading(line, names[i], headed) and (i == 0 or not lines[i - 1].silent):
            stop = i
            while stop < min(len(lines), i + MAX_CONTENTS_LINES) and _repeats_heading(lines[stop], names[stop], headed):
                stop += 1
            if stop - i >= 3 and len(set(names[i:stop])) == stop - i:
                for j in range(i, stop):
                    lines[j].left = GapReason.CONTENTS


def _set_paged_aside(lines: list[Line]) -> None:
    """Three or more lines on end that close with a tab and a page number, none lower than the one before."""
    run: list[Line] = []
    last = 0
    for line in [*lines, None]:
        match = None
        if line is not None and not line.silent and line.row is None and line.level is None:
            match = _TABBED.search(line.text[-80:])
        if line is not None and match and int(match["page"]) >= last:
            run.append(line)
            last = int(match["page"])
            continue
        if len(run) >= 3:
            for one in run:
                one.left = GapReason.CONTENTS
        run, last = ([line], int(match["page"])) if line is not None and match else ([], 0)


def _repeats_heading(line: Line, name: str, headed: Counter[str]) -> bool:
    """Whether a short line that is no heading names one that comes below."""
    return (
        line.level is None
        and line.row is None
        and not line.silent
        and len(line.text) <= MAX_HEADING_CHARS
        and bool(name)
        and headed[name] > 0
    )


def _set_run_aside(lines: list[Line], names: list[str], start: int) -> None:
    """Sets the entries under the word "contents" aside, up to where the first of them is printed again."""
    if start >= len(lines):
        return
    first, stop = names[start], start
    while stop < len(lines) and stop - start < MAX_CONTENTS_LINES:
        line = lines[stop]
        if (stop > start and names[stop] == first) or len(line.text) > MAX_HEADING_CHARS or line.level is not None:
            break
        if ENDED.search(line.text[-12:]) and not _LEADER.search(line.text[-80:]):
            break
        stop += 1
    again = stop < len(lines) and names[stop] == first
    if again or all(_entry(line) for line in lines[start:stop]):
        # with no second printing, keep the last entry: it may be the first real heading
        for line in lines[start : stop if again or stop == len(lines) or lines[stop].level is not None else stop - 1]:
            line.left = GapReason.CONTENTS


def _entry(line: Line) -> bool:
    return (
        line.row is None
        and line.mark is not None
        and line.mark.style in (*HEADINGS, Style.ARTICLE, Style.DECIMAL, Style.HAN)
        and len(line.text) <= MAX_HEADING_CHARS
        and not ENDED.search(line.text[-12:])
    )


def _run(lines: list[Line], start: int) -> int:
    stop = start
    while stop < len(lines) and stop - start < MAX_CONTENTS_LINES and _entry(lines[stop]) and not lines[stop].silent:
        stop += 1
    return stop


def _name(text: str) -> str:
    text = _BULLETED.sub("", text, count=1) if text[:1] in "-*+•·●○▪◆■" else text
    return re.sub(rf"[{SPACE}.．·…‥_]|[0-9]+$", "", _LEADER.sub("", text[-200:]))


def set_table_heads_aside(lines: list[Line], extract: Extract) -> None:
    """Marks the header lines above a table's first row, and the table's name: each row's context, no clauses."""
    for i, line in enumerate(lines):
        if line.row is None or (i and lines[i - 1].row is not None):
            continue
        row = extract.rows[line.row]
        for k in range(i - 1, -1, -1):
            above = lines[k]
            if above.silent and above.level is None:  # Markdown prints a rule below the header
                continue
            if above.row is not None or above.level is not None or not is_table_head(above.text, row):
                break
            above.left = GapReason.TABLE_HEAD


def is_table_head(text: str, row: Row) -> bool:
    """Whether a line above a table's row is (one line of) its header, or the table's name."""
    columns = iter(cells(row.header))
    # the words of each header line stand in the header's columns, from left to right
    return text == row.table or ("|" in text and all(any(cell in name for name in columns) for cell in cells(text)))


def cells(text: str) -> list[str]:
    return [c.strip() for c in re.split(r"(?<!\\)\|", text) if c.strip()]
