"""Builds an Extract piece by piece: lines, headings and tables, with their spans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ingest import cleaning
from ingest.loaders import tables
from ingest.types import Extract, Footnote, Heading, Removed, Row


class Assembly:
    """The text so far and what was pointed out in it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._at = 0
        self.headings: list[Heading] = []
        self.rows: list[Row] = []
        self.notes: list[str] = []
        self.unread: list[str] = []
        self.removed: list[Removed] = []
        self.footnotes: list[Footnote] = []

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

    def footnote(self, mark: str, text: str) -> None:
        """Adds a note as a paragraph of its own; call it when the text proper is complete."""
        start, end = self.line(text)
        if start < end:
            self.footnotes.append(Footnote(start, end, mark))

    def leave_out(self, text: str, reason: str, where: str) -> None:
        """Lists text of the source that does not go into the text; nothing for blank text."""
        text = cleaning.newlines(text).strip()
        if text:
            self.removed.append(Removed(text, reason, where))

    def table(self, grid: tables.Grid, name: str = "", stated: int = 0) -> None:
        """Adds a table, one line a row. `stated`: how many of its rows the file itself marks as the header.

        Cells are joined with " | ", which no cell contains; empty ones keep their place. A row's header has as many
        parts as the row. White space at either end of a line is cut off, so an outer empty cell leaves its bar only.
        Tables inside a cell follow the line of its row, each under the name of that row.
        """
        rows = tables.trim([[_clean(cell) for cell in row] for row in grid])
        while len(rows) > 1 and tables.is_name(rows[0]):
            name = next(cell.text for cell in rows.pop(0) if cell.text)
            self.line(name)
            rows, stated = tables.trim(rows), max(0, stated - 1)
        depth = tables.header_depth(rows, stated)
        header = " | ".join(tables.columns(rows, depth)) if depth else ""
        for i, row in enumerate(rows):
            said = tables.said(row) if i >= depth else [cell.shown for cell in row]
            start, end = self.line(" | ".join(said) if any(said) else "")
            if i >= depth and start < end:
                self.rows.append(Row(start, end, header, name))
            within = next((cell.text for cell in row if cell.text), "") if i >= depth else ""
            for cell in row:
                for inner in cell.inner if not (cell.across or cell.down) else ():
                    self.table(inner.grid, inner.name or within or name, inner.stated)

    def extract(self, title: str | None = None, fields: Mapping[str, str] | None = None) -> Extract:
        return Extract(
            text="".join(self._parts).rstrip("\n"),
            headings=tuple(self.headings),
            rows=tuple(self.rows),
            fields=dict(fields or {}),
            title=title or None,
            notes=tuple(dict.fromkeys(self.notes)),
            unread=tuple(dict.fromkeys(self.unread)),
            footnotes=tuple(self.footnotes),
            removed=tuple(self.removed),
        )


def one_line(text: str) -> str:
    return " ".join(text.split())


def _clean(cell: tables.Cell) -> tables.Cell:
    text = one_line(cell.text).replace(" | ", "|")
    return cell if text == cell.text else replace(cell, text=text)
