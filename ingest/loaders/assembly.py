"""Builds an Extract piece by piece: lines, headings and tables, with their spans."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ingest import cleaning
from ingest.types import Extract, Heading, Row

MAX_HEADER_CHARS = 40  # a header cell longer than this is content


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

    def table(self, rows: Sequence[Sequence[str]], name: str = "", header: bool | None = None) -> None:
        """Adds a table, one line a row. `header`: whether the first row is one; None: judge by its looks."""
        grid = [[one_line(cell) for cell in row] for row in rows]
        grid = [row for row in grid if any(row)]
        if not grid:
            return
        has_header = looks_like_header(grid) if header is None else header and len(grid) > 1
        head = " | ".join(cell for cell in grid[0] if cell) if has_header else ""
        if has_header:
            self.line(" | ".join(grid[0]))
        for row in grid[1:] if has_header else grid:
            start, end = self.line(" | ".join(row))
            if start < end:
                self.rows.append(Row(start, end, head, name))

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


def looks_like_header(grid: Sequence[Sequence[str]]) -> bool:
    """The first row names its columns: filled, short, all different, no figures, and there are rows below it."""
    if len(grid) < 2 or len(grid[0]) < 2:
        return False
    first = [cell for cell in grid[0] if cell]
    if len(first) < max(2, len(grid[0]) / 2) or len(set(first)) < len(first):
        return False
    return all(
        len(c) <= MAX_HEADER_CHARS and not re.search(r"[。；]$", c) and not re.fullmatch(r"[\d.,%￥¥$\s/-]+", c)
        for c in first
    )
