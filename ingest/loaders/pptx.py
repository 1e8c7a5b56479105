"""PowerPoint: slide by slide, titles as headings, tables as rows, the slide's number as the page.

Read from its own parts: a conversion to PDF loses which line is the title and what is a table, and needs a program.
Shapes come in the order of the file, which is the order that PowerPoint itself reads them aloud in. Hidden slides and
speaker notes are no part of what is shown, so they are left out and listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ingest.loaders.assembly import Assembly, one_line
from ingest.loaders.docx_numbers import number
from ingest.loaders.docx_symbols import symbols
from ingest.loaders.formulas import is_formula, one_line_formula
from ingest.loaders.ooxml import Element, Package, Relation, children
from ingest.loaders.tables import Cell
from ingest.settings import PLAIN, Reading
from ingest.types import Extract

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TITLES = frozenset({"title", "ctrTitle"})
_RUNNING = frozenset({"dt", "ftr", "sldNum", "hdr"})
_FORMS = {
    "arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman",
    "romanUc": "upperRoman", "circleNum": "decimalEnclosedCircle", "ea1Chs": "chineseCountingThousand",
    "ea1Cht": "taiwaneseCountingThousand", "ea1Jpn": "japaneseCounting", "thaiNum": "thaiNumbers",
    "hindiNum": "hindiNumbers",
}  # fmt: skip


def read(data: bytes, name: str, reading: Reading = PLAIN) -> Extract:
    """Raises UnreadableFile when the package or its XML is broken."""
    package = Package(data, name, "PowerPoint", reading)
    try:
        return _Reader(package, reading).extract()
    except (AttributeError, TypeError, KeyError, IndexError, ValueError, RecursionError) as error:
        raise package.broken(error) from error  # XML that is well formed but no presentation


@dataclass(slots=True)
class _Slide:
    """What stands on one slide, in order: texts, and tables as grids."""

    title: str = ""
    body: list[str | list[list[Cell]]] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    pictures: int = 0
    unread: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        lines = [self.title]
        for part in self.body:
            lines += [part] if isinstance(part, str) else [" | ".join(cell.shown for cell in row) for row in part]
        return "\n".join(filter(None, lines))


class _Reader:
    def __init__(self, package: Package, reading: Reading) -> None:
        self.package, self.reading = package, reading
        self.assembly = Assembly()
        self.root = package.tree(package.main)
        if self.root.tag != _P + "presentation":
            raise ValueError(f"no presentation but {self.root.tag}")

    def extract(self) -> Extract:
        relations = self.package.relations(self.package.main)
        parts = [relations[node.get(_R + "id", "")].target for node in self.root.iter(_P + "sldId")]
        starts: list[int] = []
        running: dict[tuple[str, str], int] = {}
        pictures = 0
        for n, part in enumerate(parts, 1):
            self.reading.tell(f"slide {n} of {len(parts)}")
            starts.append(self.assembly.line("")[0])
            if not self.package.has(part):
                self.assembly.unread.append(f"slide {n}: it is missing in the file")
                continue
            root = self.package.tree(part)
            slide = _Slide()
            self._shapes(root.find(f"{_P}cSld/{_P}spTree"), slide, self.package.relations(part))
            if root.get("show", "1") in ("0", "false"):
                self.assembly.leave_out(slide.text, "hidden slide", f"slide {n}")
                self.assembly.notes.append(f"slide {n} is hidden: it was left out; show it in the file to bring it in")
            else:
                self._add(slide)
                self.assembly.unread += [f"slide {n}: {what}" for what in slide.unread]
                pictures += slide.pictures
            for text in slide.hidden:
                self.assembly.leave_out(text, "hidden shape", f"slide {n}")
            for text in slide.running:
                running.setdefault((text, "running footer"), n)
            self._asides(part, n)
        for text in self._printed_everywhere():
            running.setdefault((text, "printed on every slide"), 0)
        for (text, reason), n in running.items():
            self.assembly.leave_out(text, reason, f"from slide {n} on" if n else "the slide master")
        if pictures:
            self.assembly.notes.append(f"{pictures} picture{'s' * (pictures > 1)}: text in them was not read")
        properties = dict(self.package.properties)
        extract = self.assembly.extract(title=properties.pop("title", None), fields=properties)
        if pictures and not extract.text:
            raise self.package.only_pictures(pictures)
        return replace(extract, page_starts=tuple(min(start, len(extract.text)) for start in starts))

    def _add(self, slide: _Slide) -> None:
        self.assembly.heading(slide.title, 1)
        for part in slide.body:
            if isinstance(part, str):
                self.assembly.line(part)
            else:
                self.assembly.table(part, one_line(slide.title))

    # --- shapes -------------------------------------------------------------------------------------------------

    def _shapes(self, tree: Element | None, slide: _Slide, relations: Mapping[str, Relation]) -> None:
        for shape in children(tree) if tree is not None else ():
            kind = shape.tag.removeprefix(_P)
            if kind == "grpSp":
                self._shapes(shape, slide, relations)
            elif kind in ("sp", "cxnSp"):
                self._shape(shape, slide)
            elif kind == "pic":
                slide.pictures += 1
            elif kind == "graphicFrame":
                self._frame(shape, slide, relations)

    def _shape(self, shape: Element, slide: _Slide) -> None:
        body = shape.find(_P + "txBody")
        lines = list(_paragraphs(body)) if body is not None else []
        properties = next(shape.iter(_P + "cNvPr"), None)
        place = next(shape.iter(_P + "ph"), None)
        role = place.get("type", "") if place is not None else ""
        if properties is not None and properties.get("hidden") in ("1", "true"):
            slide.hidden += lines
        elif role in _RUNNING:
            slide.running += lines
        elif role in _TITLES and not slide.title:
            slide.title = one_line(" ".join(lines))
        else:
            slide.body += lines

    def _frame(self, frame: Element, slide: _Slide, relations: Mapping[str, Relation]) -> None:
        table = next(frame.iter(_A + "tbl"), None)
        if table is not None:
            slide.body.append(_grid(table))
            return
        for node in frame.iter():
            if not isinstance(node.tag, str):
                continue
            if node.tag.endswith("/diagram}relIds"):
                found = relations.get(node.get(_R + "dm", ""))
                if found is not None and self.package.has(found.target):
                    slide.body += list(_paragraphs(self.package.tree(found.target)))
            elif node.tag.endswith("/chart}chart"):
                slide.unread.append("a chart was not read")
            elif node.tag == _P + "oleObj":
                slide.unread.append(f"an embedded object ({node.get('progId', 'unknown kind')}) was not read")

    # --- what stands apart --------------------------------------------------------------------------------------

    def _asides(self, part: str, n: int) -> None:
        for notes in self.package.related(part, "notesSlide"):
            for shape in self.package.tree(notes).iter(_P + "sp"):
                place, body = next(shape.iter(_P + "ph"), None), shape.find(_P + "txBody")
                if body is not None and not (place is not None and place.get("type") in (*_RUNNING, "sldImg")):
                    self.assembly.leave_out("\n".join(_paragraphs(body)), "speaker notes", f"slide {n}")
        for comments in self.package.related(part, "comments"):
            root = self.package.tree(comments)
            for text in (*root.iter(_P + "text"), *root.iter("{*}txBody")):
                words = text.text if text.tag == _P + "text" else "\n".join(_paragraphs(text))
                self.assembly.leave_out(words or "", "comment", f"slide {n}")

    def _printed_everywhere(self) -> Iterator[str]:
        """Texts of the masters and layouts that are no prompts for text."""
        layouts = {part for part in self.package.names if part.startswith(("ppt/slideMasters/s", "ppt/slideLayouts/s"))}
        for part in sorted(layouts):
            for shape in self.package.tree(part).iter(_P + "sp"):
                body = shape.find(_P + "txBody")
                if body is not None and next(shape.iter(_P + "ph"), None) is None:
                    yield from _paragraphs(body)


def _paragraphs(body: Element) -> Iterator[str]:
    """The paragraphs below a node that say something, with the numbers and signs that stand before them."""
    counts: dict[int, int] = {}
    for paragraph in body.iter(_A + "p"):
        text = _text(paragraph).strip()
        properties = paragraph.find(_A + "pPr")
        level = int(properties.get("lvl", "0")) if properties is not None else 0
        automatic = properties.find(_A + "buAutoNum") if properties is not None else None
        for deeper in [d for d in counts if d > level or (d == level and automatic is None)]:
            del counts[deeper]
        if not text:
            continue
        sign = properties.find(_A + "buChar") if properties is not None else None
        if automatic is not None:
            counts[level] = counts.get(level, int(automatic.get("startAt", "1")) - 1) + 1
            text = f"{_number(counts[level], automatic.get('type', 'arabicPeriod'))} {text}"
        elif sign is not None and properties is not None:
            font = properties.find(_A + "buFont")
            text = f"{symbols(sign.get('char', '•'), font.get('typeface', '') if font is not None else '', '•')} {text}"
        yield text


def _text(paragraph: Element) -> str:
    parts: list[str] = []
    for node in children(paragraph):
        if node.tag == _A + "br":
            parts.append("\n")
        elif node.tag == _A + "r" or (node.tag == _A + "fld" and node.get("type") != "slidenum"):
            words = node.find(_A + "t")
            font = node.find(f"{_A}rPr/{_A}latin")
            if words is not None:
                parts.append(symbols(words.text or "", font.get("typeface", "") if font is not None else ""))
        else:
            parts += [one_line_formula(part) for part in node.iter() if is_formula(part)]
    return "".join(parts).replace("\v", "\n")


def _number(n: int, scheme: str) -> str:
    base = max((b for b in _FORMS if scheme.startswith(b)), key=len, default="arabic")
    shown = number(n, _FORMS[base])
    if scheme.endswith("ParenBoth"):
        return f"({shown})"
    return shown + (")" if scheme.endswith("ParenR") else "." if scheme.endswith("Period") else "")


def _grid(table: Element) -> list[list[Cell]]:
    properties = table.find(_A + "tblPr")
    head = properties is not None and properties.get("firstRow") in ("1", "true")
    grid: list[list[Cell]] = []
    for row in table.findall(_A + "tr"):
        line: list[Cell] = []
        for i, cell in enumerate(row.findall(_A + "tc")):
            if cell.get("hMerge") in ("1", "true") and line:
                line.append(replace(line[-1], across=True))
            elif cell.get("vMerge") in ("1", "true") and grid and i < len(grid[-1]):
                line.append(replace(grid[-1][i], across=False, down=True))
            else:
                body = cell.find(_A + "txBody")
                line.append(Cell("\n".join(_paragraphs(body)) if body is not None else "", strong=head and not grid))
        grid.append(line)
    return grid
