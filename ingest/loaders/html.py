"""HTML: the main text of a page, without what surrounds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from bs4 import BeautifulSoup, Comment, NavigableString, Tag
from bs4.element import PreformattedString

from ingest.loaders import text as plain
from ingest.loaders.assembly import Assembly
from ingest.loaders.tables import Cell
from ingest.types import Extract

_AROUND = (
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "button",
    "select",
    "svg",
    "iframe",
    "head",
)
_AROUND_ROLES = ("navigation", "banner", "contentinfo", "complementary", "search")
_INLINE = frozenset(
    (
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
    )
    + (
        "mark",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    )
)


def read(data: bytes, name: str) -> Extract:
    declared = re.search(rb"""(?i)<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?([\w-]+)""", data[:4096])
    markup, notes = plain.decode(data, name, declared[1].decode("ascii", "replace") if declared else None)
    soup = BeautifulSoup(markup, "lxml")
    title = _title(soup)
    assembly = Assembly()
    assembly.notes.extend(notes)
    main = _main(soup)
    removed = _drop_surroundings(main)
    if removed:
        assembly.notes.append(f"left out as surroundings of the main text: {', '.join(removed)}")
    _walk(main, assembly)
    return assembly.extract(title=title)


def _title(soup: BeautifulSoup) -> str | None:
    heading = soup.find("h1")
    found = heading if heading is not None and heading.get_text(strip=True) else soup.find("title")
    return re.sub(r"\s+", " ", found.get_text()).strip() if found is not None else None


def _main(soup: BeautifulSoup) -> Tag:
    """The element that holds the main text: <main>, a lone <article>, else the body."""
    marked = soup.find_all("main") or soup.select('[role="main"]') or soup.find_all("article")
    if len(marked) == 1 and marked[0].get_text(strip=True):
        return marked[0]
    return soup.body or soup


def _drop_surroundings(main: Tag) -> list[str]:
    removed: list[str] = []
    for tag in main.find_all(_AROUND) + [t for role in _AROUND_ROLES for t in main.select(f'[role="{role}"]')]:
        # a page's own <header> inside the main text may hold its title
        if tag.decomposed or (tag.name == "header" and tag.find("h1") is not None):
            continue
        if tag.name not in ("script", "style", "noscript", "template", "svg", "head") and tag.get_text(strip=True):
            removed.append(tag.name)
        tag.decompose()
    for tag in main.select("[hidden]") + main.select('[style*="display:none"], [style*="display: none"]'):
        if not tag.decomposed:
            tag.decompose()
    return sorted(set(removed))


def _walk(root: Tag, assembly: Assembly) -> None:
    """Blocks become lines, headings and table rows; inline text runs on. Iterative: pages nest thousands deep."""
    run: list[str] = []

    def flush() -> None:
        text = re.sub(r"[ \t\r\f\v\u00a0]*\n[ \t\r\f\v\u00a0]*", "\n", "".join(run))
        assembly.line(re.sub(r"[ \t\r\f\v\u00a0]+", " ", text))
        run.clear()

    stack: list[Iterator[object]] = [iter(root.children)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            if stack:
                run.append("\0")  # end of an element: decided by the marker below
        elif isinstance(node, PreformattedString | Comment):
            continue
        elif isinstance(node, NavigableString):
            run.append(re.sub(r"\s+", " ", str(node)))
        elif isinstance(node, Tag):
            if re.fullmatch(r"h[1-6]", node.name):
                flush()
                assembly.heading(node.get_text(), int(node.name[1]))
            elif node.name == "table" and _is_data_table(node):
                flush()
                grid, stated = _grid(node)
                caption = node.find("caption")
                assembly.table(grid, caption.get_text(" ", strip=True) if caption else "", stated)
            elif node.name == "br":
                run.append("\n")
            elif node.name in _INLINE:
                stack.append(iter(node.children))
            else:
                flush()
                stack.append(_then(node, flush))
        if run and run[-1] == "\0":
            run.pop()
    flush()


def _then(node: Tag, flush: Callable[[], None]) -> Iterator[object]:
    yield from node.children
    flush()


def _is_data_table(table: Tag) -> bool:
    """More than one column and row: a table that only lays out the page is read as text."""
    rows = table.find_all("tr")
    return table.find("table") is None and len(rows) > 1 and any(len(r.find_all(["td", "th"])) > 1 for r in rows)


def _grid(table: Tag) -> tuple[list[list[Cell]], int]:
    """The cells with row and column spans filled in, and how many of the first rows are marked as the header."""
    rows = table.find_all("tr")
    grid: list[list[Cell]] = []
    pending: dict[int, tuple[int, Cell]] = {}  # column -> rows still to fill, with what
    stated = 0
    for r, row in enumerate(rows):
        line: list[Cell] = []
        found = row.find_all(["td", "th"])
        for cell in found:
            _fill(line, pending)
            strong = cell.name == "th" or cell.find(["b", "strong"]) is not None
            first = Cell(cell.get_text(" ", strip=True), strong=strong)
            down = _span(cell, "rowspan")
            for i in range(_span(cell, "colspan")):
                place = replace(first, across=i > 0)
                if down > 1:
                    pending[len(line)] = (down - 1, replace(place, down=True))
                line.append(place)
        _fill(line, pending)
        grid.append(line)
        marked = row.find_parent("thead") is not None or (bool(found) and all(c.name == "th" for c in found))
        stated += marked and stated == r
    return grid, stated


def _fill(line: list[Cell], pending: dict[int, tuple[int, Cell]]) -> None:
    while len(line) in pending:
        column = len(line)
        left, place = pending.pop(column)
        if left > 1:
            pending[column] = (left - 1, place)
        line.append(place)


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, "1"))
    return min(int(value), 1000) if value.isdecimal() and int(value) > 0 else 1
