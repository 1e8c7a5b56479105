"""CSV and TSV: one line of text a row, the header found."""

from __future__ import annotations

import csv
import io
from collections import Counter

from ingest.loaders.assembly import Assembly
from ingest.loaders.tables import Cell
from ingest.types import Extract


def read(text: str, kind: str) -> Extract:
    """Cells joined with " | "; line breaks inside a cell become spaces. Blank rows part tables from one another."""
    csv.field_size_limit(10_000_000)  # the standard limit of 131,072 characters refuses honest long cells
    delimiter = "\t" if kind == "tsv" else _delimiter(text)
    assembly = Assembly()
    block: list[list[Cell]] = []
    try:
        for row in [*csv.reader(io.StringIO(text), delimiter=delimiter), []]:
            if any(cell.strip() for cell in row):
                block.append([Cell(cell) for cell in row])
            else:
                assembly.table(block)
                block = []
    except csv.Error as error:
        assembly.table(block)
        assembly.unread.append(f"rows after {len(block)}: {error}")
    return assembly.extract()


def _delimiter(text: str) -> str:
    lines = [line for line in text[:20_000].split("\n") if line.strip()][:20]
    fits = {mark: Counter(line.count(mark) for line in lines).most_common(1)[0] for mark in ",\t;|" if lines}
    # the mark that stands equally often, at least once, in the most lines
    return max(fits, key=lambda mark: (fits[mark][0] > 0, fits[mark][1], fits[mark][0])) if fits else ","
