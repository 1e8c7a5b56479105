"""What a Word document says of its paragraphs apart from their text: styles, and automatic numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingest.loaders.docx_numbers import number
from ingest.loaders.docx_symbols import symbols
from ingest.loaders.ooxml import Element, children

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?:heading|标题|標題|見出し|제목|título|titre|überschrift)\s*(\d)", re.IGNORECASE)
_TITLES = frozenset({"title", "标题", "標題", "表題", "제목", "título", "titre", "titel"})
_CONTENTS = re.compile(
    r"(?:toc\s*\d|toc heading|table of figures|目录(?:\s*\d|标题)?|目次\s*\d|목차\s*\d|contents\s*\d)", re.IGNORECASE
)
MAX_STYLES = 30  # styles based on one another; a circle ends here


def value(parent: Element | None, tag: str, default: str | None = None) -> str | None:
    """The w:val of a direct child; `default` where the child is missing."""
    child = parent.find(W + tag) if parent is not None else None
    return child.get(W + "val", "") if child is not None else default


def on(parent: Element | None, tag: str) -> bool | None:
    """A switch: None where nothing is said."""
    said = value(parent, tag)
    return None if said is None else said.lower() not in ("0", "false", "off")


def whole(said: str | None, default: int = 0) -> int:
    return int(said) if said is not None and re.fullmatch(r"[+-]?\d{1,9}", said) else default


class Styles:
    """Paragraph, character and table styles by id."""

    def __init__(self, root: Element | None) -> None:
        self._styles: dict[str, Element] = {}
        self.default = ""
        self._defaults: Element | None = None
        self._switches: dict[tuple[str, str | None, str | None], bool] = {}
        for style in root.iter(W + "style") if root is not None else ():
            self._styles.setdefault(style.get(W + "styleId", ""), style)
            if style.get(W + "type") == "paragraph" and style.get(W + "default") in ("1", "true", "on"):
                self.default = style.get(W + "styleId", "")
        if root is not None:
            self._defaults = root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")

    def chain(self, style: str | None) -> Iterator[Element]:
        """The style and what it is based on, the nearest first."""
        for _ in range(MAX_STYLES):
            found = self._styles.get(style or "")
            if found is None:
                return
            yield found
            style = value(found, "basedOn")

    def paragraph(self, properties: Element | None) -> list[Element]:
        return list(self.chain(value(properties, "pStyle") or self.default))

    def names(self, properties: Element | None) -> list[str]:
        return [(value(style, "name") or "").strip() for style in self.paragraph(properties)]

    def level(self, properties: Element | None) -> int | None:
        """The outline level, 1 the outermost; None for body text. The nearest statement decides."""
        for place in (properties, *self.paragraph(properties)):
            outline = value(place, "outlineLvl") or value(
                place.find(W + "pPr") if place is not None else None, "outlineLvl"
            )
            if outline is not None and outline.isdecimal():
                return int(outline) + 1 if int(outline) < 9 else None
            name = (value(place, "name") or "").strip() if place is not properties else ""
            if match := _HEADING.match(name):
                return int(match[1])
            if name.lower() in _TITLES:
                return 1
        return None

    def is_title(self, properties: Element | None) -> bool:
        return any(name.lower() in _TITLES for name in self.names(properties)[:1])

    def is_contents(self, properties: Element | None) -> bool:
        return any(_CONTENTS.fullmatch(name) for name in self.names(properties)[:1])

    def switch(self, tag: str, run: Element | None, properties: Element | None) -> bool:
        """A property of a run (vanish, b) as it applies: said by the run, its style, the paragraph's style, all runs."""
        if (said := on(run, tag)) is not None:
            return said
        key = (tag, value(run, "rStyle"), value(properties, "pStyle"))
        if key not in self._switches:
            places = [s.find(W + "rPr") for s in (*self.chain(key[1]), *self.paragraph(properties))]
            stated = (on(place, tag) for place in (*places, self._defaults))
            self._switches[key] = next((one for one in stated if one is not None), False)
        return self._switches[key]


@dataclass(frozen=True, slots=True)
class _Level:
    form: str = "decimal"
    text: str = ""
    start: int = 1
    restart: int | None = (
        None  # begins anew after this level (counted from 1) or an outer one; 0: never; None: any outer
    )
    legal: bool = False  # all numbers in digits
    gap: str = " "  # between the number and the text
    style: str = ""  # paragraphs in this style stand on this level


@dataclass(frozen=True, slots=True)
class _List:
    counter: str  # lists with the same one count on together
    levels: dict[int, _Level]
    starts: dict[int, int]  # level -> where this list begins anew when first used


class Numbering:
    """Counts automatic numbers the way Word does: per list and level, deeper levels beginning anew."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._begun: set[str] = set()
        if root is None:
            return
        abstract = {a.get(W + "abstractNumId", ""): a for a in root.iter(W + "abstractNum")}
        linked = {value(a, "styleLink"): i for i, a in abstract.items() if value(a, "styleLink")}
        for num in root.iter(W + "num"):
            base = value(num, "abstractNumId") or ""
            if base in abstract and (link := value(abstract[base], "numStyleLink")):
                base = linked.get(link, base)
            if base not in abstract:
                continue
            levels = {whole(x.get(W + "ilvl")): _level(x) for x in abstract[base].iter(W + "lvl")}
            starts: dict[int, int] = {}
            for change in num.iter(W + "lvlOverride"):
                depth, level = whole(change.get(W + "ilvl")), change.find(W + "lvl")
                if level is not None:
                    levels[depth] = _level(level)
                if (start := value(change, "startOverride")) is not None:
                    starts[depth] = whole(start, 1)
            self._lists[num.get(W + "numId", "")] = _List(base, levels, starts)

    def next(self, properties: Element | None) -> str:
        """The number that Word prints before this paragraph, with the gap behind it; "" for none. Counts it."""
        place = self._place(properties)
        if place is None:
            return ""
        list_id, depth = place
        one = self._lists[list_id]
        level, counts = one.levels[depth], self._counts[one.counter]
        if list_id not in self._begun:  # a list that begins anew does so where it is first used, and below
            self._begun.add(list_id)
            for begun in [d for d in one.starts if d >= depth]:
                counts.pop(begun, None)
        for skipped in range(depth):  # a level that was left out counts as used: 2.a.I is followed by 2.b
            counts.setdefault(skipped, self._first(one, skipped))
        counts[depth] = counts[depth] + 1 if depth in counts else self._first(one, depth)
        for deeper in [d for d in counts if d > depth]:
            restart = one.levels.get(deeper, _Level()).restart
            if restart is None or depth < restart:
                del counts[deeper]
        if level.form == "bullet":
            printed = level.text
        else:
            printed = re.sub(r"%([1-9])", lambda m: self._part(one, counts, int(m[1]) - 1, level), level.text)
        return printed.strip() + level.gap if printed.strip() else ""

    @staticmethod
    def _first(one: _List, depth: int) -> int:
        return one.starts.get(depth, one.levels.get(depth, _Level()).start)

    @staticmethod
    def _part(one: _List, counts: dict[int, int], depth: int, printed: _Level) -> str:
        level = one.levels.get(depth, _Level())
        return number(
            counts.get(depth, level.start), "decimal" if printed.legal and level.form != "none" else level.form
        )

    def _place(self, properties: Element | None) -> tuple[str, int] | None:
        """The list and level of a paragraph, stated by itself or by its style."""
        depth: int | None = None
        for i, holder in enumerate((properties, *self._styles.paragraph(properties))):
            place = holder if i == 0 or holder is None else holder.find(W + "pPr")
            numbers = place.find(W + "numPr") if place is not None else None
            if numbers is None:
                continue
            if depth is None and (said := value(numbers, "ilvl")) is not None:
                depth = whole(said)
            if (list_id := value(numbers, "numId")) is None:
                continue
            found = self._lists.get(list_id)
            if found is None:  # numId 0 takes the number of the style away
                return None
            if i and holder is not None:  # a style stands on the level that names it
                style = holder.get(W + "styleId")
                depth = next((d for d, level in found.levels.items() if level.style and level.style == style), depth)
            return (list_id, depth or 0) if (depth or 0) in found.levels else None
        return None


def _level(node: Element) -> _Level:
    form, sample = "decimal", None
    for child in children(node):
        if child.tag == W + "numFmt":
            form, sample = child.get(W + "val", "decimal"), child.get(W + "format")
    if form == "custom":
        form = sample or "decimal"
    text = value(node, "lvlText", "") or ""
    level = _Level(
        form=form,
        text=text,
        start=whole(value(node, "start"), 0 if value(node, "start") is None else 1),
        restart=whole(value(node, "lvlRestart")) if value(node, "lvlRestart") is not None else None,
        legal=bool(on(node, "isLgl")),
        gap="" if value(node, "suff") == "nothing" else " ",
        style=value(node, "pStyle") or "",
    )
    if form == "bullet":
        font = node.find(f"{W}rPr/{W}rFonts")
        return replace(level, text=symbols(text, font.get(W + "ascii", "") if font is not None else "", "•"))
    return level
