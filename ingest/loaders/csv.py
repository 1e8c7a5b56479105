"""CSV and TSV: one line of text a row, the header found."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

from ingest.loaders.assembly import Assembly
from ingest.loaders.tables import Cell
from ingest.settings import PLAIN, Reading
from ingest.types import Extract

_MARKS = ",\t;|，"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\n', re.IGNORECASE)


def read(text: str, kind: str, reading: Reading = PLAIN) -> Extract:
    """Cells joined with " | "; line breaks inside a cell become spaces. Blank rows part tables from one another."""
    csv.field_size_limit(10_000_000)  # the standard limit of 131,072 characters refuses honest long cells
    assembly = Assembly()
    if (stated := _SEPARATOR_LINE.match(text)) is not None:  # Excel writes it and hides it
        text = text[stated.end() :]
        assembly.notes.append(f"the line sep={stated[1]} names the delimiter, it is no row")
    delimiter = stated[1] if stated else "\t" if kind == "tsv" and "\t" in text else delimiter_of(text)
    if _has_open_quote(text, delimiter):
        assembly.notes.append("a quotation mark is never closed: quotation marks were read as ordinary characters")
        quote = None
    else:
        quote = '"'
    block: list[list[Cell]] = []
    count = 0
    rows = csv.reader(
        text.split("\n") if quote is None else _lines(text),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        quotechar=quote,
    )
    try:
        for row in rows:
            count += 1
            if count % 20_000 == 0:
                reading.tell(f"row {count:,}")
            if any(cell.strip() for cell in row):
                block.append([Cell(cell) for cell in row])
            else:
                assembly.table(block)
                block = []
    except csv.Error as error:
        assembly.unread.append(f"rows after line {rows.line_num}: {error}")
    assembly.table(block)
    return assembly.extract()


def delimiter_of(text: str) -> str:
    """The mark that stands equally often, at least once, in the most of the first rows, quoted cells left out."""
    head = re.sub(r'"(?:[^"]|"")*"', '""', text[:40_000])
    lines = [line for line in head.split("\n") if line.strip()][:50]
    fits = {mark: Counter(line.count(mark) for line in lines).most_common(1)[0] for mark in _MARKS if lines}
    return max(fits, key=lambda mark: (fits[mark][0] > 0, fits[mark][1], fits[mark][0])) if fits else ","


def _lines(text: str) -> list[str]:
    return io.StringIO(text).readlines()


def _has_open_quote(text: str, delimiter: str) -> bool:
    """Whether some cell begins with a quotation mark that nothing closes: the reader would swallow the rest."""
    if text.count('"') % 2 == 0:
        return False
    longest = 0
    try:
        for row in csv.reader(_lines(text), delimiter=delimiter):
            longest = max(longest, max((cell.count("\n") for cell in row), default=0))
    except csv.Error:
        return True
    return longest > 50
