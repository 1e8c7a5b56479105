"""Where in a document metadata may stand: the lines above its clauses, the lines that end it, its last clauses."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.dates import Day, days
from ingest.types import Draft, Extract, Found
from kb.types import ClauseKind

HEADER_CHARS = 3000  # a list of amendments stands above the first article; the longest we have seen needs 2,100
HEADER_CHARS_PLAIN = 800  # of a text without articles: a title page, a few lines of fields
ENDING_CHARS = 600  # signatures and "last updated" lines
ENDING_LINES = 12
LAST_CLAUSES = 4  # 附则 has its date in the last article; transitional rules stand behind it
MAX_QUOTE_CHARS = 100

_NUMBERED = (ClauseKind.ARTICLE, ClauseKind.ITEM)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, trimmed, as a span of the text."""

    start: int
    end: int
    text: str
    number: int  # counted from 1, blank lines too


@dataclass(frozen=True, slots=True)
class Document:
    """A text with what metadata is looked for in."""

    extract: Extract
    name: str  # of the file
    drafts: Sequence[Draft]
    lines: Sequence[Line]
    header: Sequence[Line]  # above the first article
    first_article: int | None  # where it begins
    days: Sequence[Day]  # all dates of the text
    ending: Sequence[Line]  # the last lines; of a short text they are the header's too

    @property
    def text(self) -> str:
        return self.extract.text

    @property
    def edges(self) -> list[Line]:
        """The lines of the header and of the ending, each once."""
        last = self.header[-1].start if self.header else -1
        return [*self.header, *(line for line in self.ending if line.start > last)]

    def found(self, value: str, start: int, end: int) -> Found:
        """A value with the words it comes from: `article 第十条: 本办法自…施行`, `line 3: …`."""
        return Found(value, f"{self.place(start)}: {self.quote(start, end)}")

    def place(self, at: int) -> str:
        page = bisect_right(self.extract.page_starts, at)
        on = f"page {page}, " if page and len(self.extract.page_starts) > 1 else ""
        i = bisect_right(self.drafts, at, key=lambda d: d.start) - 1
        if i >= 0 and at < self.drafts[i].end and self.drafts[i].kind in _NUMBERED and self.drafts[i].label:
            return f"{on}article {self.drafts[i].label}"
        line = bisect_right(self.lines, at, key=lambda one: one.start)
        return f"{on}line {self.lines[line - 1].number if line else 1}"

    def quote(self, start: int, end: int) -> str:
        """The words from start to end, verbatim, of one line and not longer than what a reader takes in at a glance."""
        words = self.text[start : min(end, start + MAX_QUOTE_CHARS)].strip(" \t\u3000*_|>")
        return words.split("\n")[0].strip()

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The sentence around a span: from the full stop or line end before it to the one behind it."""
        before = re.search(r"[^。；;\n]*\Z", self.text[max(0, start - 200) : start])
        after = re.match(r"[^。；;\n]*[。；;]?", self.text[end : end + 200])
        return start - len(before[0] if before else ""), end + len(after[0] if after else "")


def document(extract: Extract, name: str, drafts: Sequence[Draft]) -> Document:
    lines, at = [], 0
    for number, raw in enumerate(extract.text.split("\n"), 1):
        if text := raw.strip(" \t\r\u00a0\u200b\u3000\ufeff"):
            start = at + raw.index(text)
            lines.append(Line(start, start + len(text), text, number))
        at += len(raw) + 1
    numbered = next((d.start for d in drafts if d.kind in _NUMBERED), None)
    head = HEADER_CHARS_PLAIN if numbered is None else min(numbered, HEADER_CHARS)
    header = [line for line in lines if line.start < head]
    ending = [line for line in lines[-ENDING_LINES:] if line.start >= len(extract.text) - ENDING_CHARS]
    return Document(extract, name, drafts, lines, header, numbered, tuple(days(extract.text)), ending)
