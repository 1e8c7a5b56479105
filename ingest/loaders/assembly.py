"""Builds an Extract piece by piece: lines, headings and tables, with their spans."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ingest import cleaning
from ingest.loaders import tables
from ingest.types import Extract, Heading, Row


class Assembly:
    """The text so far and what was pointed out in it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._at = 0
        self.headings: list[Heading] = []
        self.rows: list[Row] = []
        self.notes: list[str] = []
        self.unread: list[str] = []

    def line(self, text: str) -> tuple[int, int]:
        """Adds a paragraph (line breaks inside it stay) and returns its span; nothing for blank text."""
        text = cleaning.fold_radicals(cleaning.newlines(text)).strip()
        start = self._at
        if not text:
            return start, start
        self._parts.append(text + "\n")
        self._at += len(text) + 1
        return start, start + len(text)

    def heading(self, text: str, level: int) -> None:
        start, end = self.line(one_line(text))
        if start < end:
            self.headings.append(Heading(start, end, level))

    def table(self, grid: tables.Grid, name: str = "", stated: int = 0) -> None:
        """Adds a table, one line a row. `stated`: how many of its rows the file itself marks as the header.

        Cells are joined with " | ", which no cell contains; empty ones keep their place. A row's header has as many
        parts as the row. White space at either end of a line is cut off, so an outer empty cell leaves its bar only.
        """
        rows = tables.trim([[replace(cell, text=_cell_text(cell.text)) for cell in row] for row in grid])
        while len(rows) > 1 and tables.is_name(rows[0]):
            name = next(cell.text for cell in rows.pop(0) if cell.text)
            self.line(name)
            rows, stated = tables.trim(rows), max(0, stated - 1)
        depth = tables.header_depth(rows, stated)
        header = " | ".join(tables.columns(rows, depth)) if depth else ""
        for i, row in enumerate(rows):
            start, end = self.line(" | ".join(cell.shown for cell in row))
            if i >= depth and start < end:
                self.rows.append(Row(start, end, header, name))

    def extract(self, title: str | None = None, fields: Mapping[str, str] | None = None) -> Extract:
        return Extract(
            text="".join(self._parts).rstrip("\n"),
            headings=tuple(self.headings),
            rows=tuple(self.rows),
            fields=dict(fields or {}),
            title=title or None,
            notes=tuple(dict.fromkeys(self.notes)),
            unread=tuple(self.unread),
        )


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _cell_text(text: str) -> str:
    return one_line(text).replace(" | ", "|")
