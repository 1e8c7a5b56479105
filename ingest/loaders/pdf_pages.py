"""What pdfium says of a PDF: characters with their places, ruling lines, bookmarks, fields, pictures of pages.

All places are in points from the upper left corner of the page as it is displayed: after rotation and crop.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import math
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest import cleaning
from ingest.errors import UnreadableFile

MAX_GLYPHS = 150_000  # on one page; a page set in 2-point type has about 60,000
MAX_PATH_SEGMENTS = 40_000  # a map or a drawing has more, a page of tables far fewer
MAX_PICTURE_PIXELS = 40_000_000  # 160 MB as RGBA; A4 at 300 dpi is 8.7 million
MAX_BOOKMARKS = 20_000

_BOLD = re.compile(rb"(?i)bold|black|heavy|simhei|heiti")
_lock = threading.RLock()  # pdfium is not made for more than one thread at a time


class Glyph(NamedTuple):
    """A printed character. Blank ones are none: they are told by `space` of the one behind them."""

    char: str
    x0: float
    y0: float
    x1: float
    y1: float
    base: float  # where it stands on its line: y for upright text
    size: float  # of the type, in points
    turn: int  # degrees clockwise in which its line runs: 0, 90, 180, 270; SLANTED for any other
    space: bool  # white space stands before it in the file
    bold: bool
    shown: tuple[float, float, float, float] | None = None  # its box on the page, where x0…y1 were turned to lay it out


SLANTED = -1


class Rule(NamedTuple):
    """A straight horizontal or vertical line; its thickness is left out."""

    x0: float
    y0: float
    x1: float
    y1: float


class Bookmark(NamedTuple):
    title: str
    page: int  # from 1
    level: int  # from 1


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is displayed."""

    number: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    outside: str  # text that the page's crop hides
    rules: tuple[Rule, ...]
    comments: tuple[str, ...]  # remarks that a reader pinned to it
    pictures: float  # the share of the page that pictures cover
    unmapped: int  # characters that the file does not tell which they are: the glyphs' text is a guess
    drawn: bool  # anything at all is printed on it
    crowded: bool = False  # it has more characters than are read


class File:
    """An open PDF. Use as a context manager."""

    def __init__(self, document: pdfium.PdfDocument, with_fields: bool, dynamic_form: bool = False) -> None:
        self._document = document
        self.dynamic_form = dynamic_form  # XFA: a form that only some viewers can build
        self._with_fields = with_fields
        with _lock:
            self.count = len(document)

    def __enter__(self) -> File:
        return self

    def __exit__(self, *_: object) -> None:
        with _lock:
            self._document.close()

    def page(self, number: int) -> Page:
        """Raises pdfium.PdfiumError for a page that cannot be loaded."""
        with _lock:
            page = self._document.get_page(number - 1)
            try:
                comments = _comments(page)
                if self._with_fields and raw.FPDFPage_GetAnnotCount(page) > 0:
                    # what people filled in becomes part of the page's own text
                    with contextlib.suppress(pdfium.PdfiumError, RuntimeError):
                        page.flatten()
                        page.close()
                        page = self._document.get_page(number - 1)
                return _read_page(page, number, comments)
            finally:
                page.close()

    def picture(self, number: int, scale: float) -> Any:
        """A page as a PIL image; `scale` is pixels for a point, made smaller for a giant page."""
        with _lock:
            page = self._document.get_page(number - 1)
            try:
                width, height = page.get_size()
                if width * height * scale * scale > MAX_PICTURE_PIXELS:
                    scale = math.sqrt(MAX_PICTURE_PIXELS / (width * height))
                bitmap = page.render(scale=scale)
                try:
                    return bitmap.to_pil().convert("RGB")
                finally:
                    bitmap.close()
            finally:
                page.close()

    def bookmarks(self) -> list[Bookmark]:
        """In their order; those that lead to no page of this file are left out."""
        found = []
        with _lock:
            for n, bookmark in enumerate(self._document.get_toc(max_depth=8)):
                if n >= MAX_BOOKMARKS:
                    break
                with contextlib.suppress(pdfium.PdfiumError, ValueError, UnicodeError):
                    destination = bookmark.get_dest()
                    index = destination.get_index() if destination else None
                    if index is not None and 0 <= index < self.count and (title := bookmark.get_title().strip()):
                        found.append(Bookmark(title, index + 1, bookmark.level + 1))
        return found

    def stated_title(self) -> str:
        with _lock, contextlib.suppress(pdfium.PdfiumError, UnicodeError):
            return self._document.get_metadata_value("Title").strip()
        return ""

    def attachments(self) -> list[str]:
        with _lock, contextlib.suppress(pdfium.PdfiumError, UnicodeError):
            held = [self._document.get_attachment(i) for i in range(min(self._document.count_attachments(), 100))]
            return [_utf16(each.get_name()) or f"number {i}" for i, each in enumerate(held, 1)]
        return []


def _utf16(text: str) -> str:
    """A name whose UTF-16 was written byte by byte, as some programs do."""
    if text.startswith("þÿ"):
        with contextlib.suppress(UnicodeError):
            return text.encode("latin-1").decode("utf-16")
    return text


def open_file(data: bytes, name: str, passwords: tuple[str, ...] = ()) -> File:
    """Raises UnreadableFile for a file that is locked, broken or without pages."""
    with _lock:
        document = _open(data, name, passwords)
        try:
            form = document.get_formtype()
            with_fields = form in (raw.FORMTYPE_ACRO_FORM, raw.FORMTYPE_XFA_FOREGROUND)
            if with_fields:
                with contextlib.suppress(pdfium.PdfiumError):
                    document.init_forms()
            file = File(document, with_fields, form == raw.FORMTYPE_XFA_FULL)
        except pdfium.PdfiumError as error:
            document.close()
            raise broken(name, str(error)) from error
    return file


def page_picture(data: bytes, page: int, scale: float, password: str | None = None) -> bytes:
    """A page, counted from 1, as a PNG of `scale` pixels for a point. Raises UnreadableFile, and IndexError."""
    with open_file(data, "the PDF", (password,) if password else ()) as file:
        if not 1 <= page <= file.count:
            raise IndexError(f"page {page} of {file.count}")
        buffer = io.BytesIO()
        file.picture(page, scale).save(buffer, "PNG")
    return buffer.getvalue()


def broken(name: str, what: str) -> UnreadableFile:
    return UnreadableFile(name, f"the PDF is broken ({what}). Get it again from its source, or print it to PDF anew.")


def _open(data: bytes, name: str, passwords: tuple[str, ...]) -> pdfium.PdfDocument:
    # the header may stand behind other bytes; pdfium looks no further than 1,024, and neither does the door
    for password in (None, *passwords):
        try:
            return pdfium.PdfDocument(data, password=password)
        except pdfium.PdfiumError as error:
            code = getattr(error, "err_code", None)
            if code == raw.FPDF_ERR_SECURITY:
                raise UnreadableFile(
                    name, "the PDF is protected in a way that cannot be read. Save it again without protection."
                ) from error
            if code != raw.FPDF_ERR_PASSWORD:
                raise broken(name, _reason(code)) from error
    tried = f" None of the {len(passwords)} passwords in [ingest] passwords opens it." if passwords else ""
    raise UnreadableFile(
        name,
        f"the PDF is locked with a password.{tried} Add its password to [ingest] passwords in settings.toml, "
        "or take the password off and bring it in again.",
    )


def _reason(code: int | None) -> str:
    return {
        raw.FPDF_ERR_FORMAT: "no pages and no index were found in it",
        raw.FPDF_ERR_FILE: "it could not be opened",
        raw.FPDF_ERR_PAGE: "its pages were not found",
    }.get(code or 0, "it could not be opened")


def _read_page(page: pdfium.PdfPage, number: int, comments: tuple[str, ...]) -> Page:
    width, height = page.get_size()
    to_display = _display(page, width, height)
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        count_read = min(count, MAX_GLYPHS)
        glyphs = list(_glyphs(text_page, count_read, to_display, height))
        unmapped = sum(raw.FPDFText_HasUnicodeMapError(text_page, i) == 1 for i in range(count_read))
    finally:
        text_page.close()
    seen: list[Glyph] = []
    hidden: list[Glyph] = []
    for glyph in glyphs:
        inside = -1 <= (glyph.x0 + glyph.x1) / 2 <= width + 1 and -1 <= (glyph.y0 + glyph.y1) / 2 <= height + 1
        (seen if inside else hidden).append(glyph)
    drawn = _Drawn(to_display)
    drawn.walk(page, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, _IDENTITY, 0)
    area = max(1.0, width * height)
    return Page(
        number,
        width,
        height,
        tuple(_once(seen)),
        "".join(" " * (g.space) + g.char for g in hidden).strip(),
        () if drawn.crowded else tuple(drawn.rules),
        comments,
        min(1.0, drawn.picture_area / area),
        unmapped,
        raw.FPDFPage_CountObjects(page) > 0,
        count > MAX_GLYPHS,
    )


Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _times(m: Matrix, n: Matrix) -> Matrix:
    """First m, then n."""
    a, b, c, d, e, f = m
    p, q, r, s, t, u = n
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _apply(m: Matrix, x: float, y: float) -> tuple[float, float]:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


def _display(page: pdfium.PdfPage, width: float, height: float) -> Matrix:
    """User space to points of the displayed page, taken from three points that pdfium itself maps."""
    fine = min(1000.0, 1e8 / max(width, height, 1.0))  # device units for a point: they are whole numbers
    across, down = max(1, int(width * fine)), max(1, int(height * fine))

    def mapped(x: float, y: float) -> tuple[float, float]:
        px, py = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, across, down, 0, x, y, px, py)
        return px.value / fine, py.value / fine

    (e, f), (xx, xy), (yx, yy) = mapped(0, 0), mapped(1000, 0), mapped(0, 1000)
    return ((xx - e) / 1000, (xy - f) / 1000, (yx - e) / 1000, (yy - f) / 1000, e, f)


def _glyphs(text_page: pdfium.PdfTextPage, count: int, to_display: Matrix, height: float) -> Iterator[Glyph]:
    box, ox, oy = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    matrix = raw.FS_MATRIX()
    style: tuple[float, int, bool] = (10.0, 0, False)
    styled = 0
    space = False
    pending = 0  # the first half of a character beyond the basic plane
    joined: list[Glyph] = []  # the letters of one printed shape: a ligature
    for i in range(count):
        code = raw.FPDFText_GetUnicode(text_page, i)
        if 0xD800 <= code < 0xDC00:
            pending = code
            continue
        if 0xDC00 <= code < 0xE000 and pending:
            code = 0x10000 + ((pending - 0xD800) << 10) + (code - 0xDC00)
        pending = 0
        char = _char(code)
        if char.isspace() or not char:
            # a generated one is pdfium's guess from a gap; the layout measures gaps itself
            if char and (not raw.FPDFText_IsGenerated(text_page, i) or char == "\n"):
                space = True
            continue
        if not raw.FPDFText_GetLooseCharBox(text_page, i, box):
            continue
        if not raw.FPDFText_GetCharOrigin(text_page, i, ox, oy):
            continue
        holder = raw.FPDFText_GetTextObject(text_page, i)
        address = ctypes.addressof(holder.contents) if holder else 0
        same_object = bool(address) and address == styled
        if not same_object:
            styled = address
            raw.FPDFText_GetMatrix(text_page, i, matrix)
            style = _style(text_page, i, matrix, to_display)
        size, turn, bold = style
        left, top = _apply(to_display, box.left, box.top)
        right, bottom = _apply(to_display, box.right, box.bottom)
        x0, x1 = min(left, right), max(left, right)
        y0, y1 = min(top, bottom), max(top, bottom)
        px, py = _apply(to_display, ox.value, oy.value)
        if not all(map(math.isfinite, (x0, y0, x1, y1, px, py))):
            continue
        tall = y1 - y0 if turn in (0, 180) else x1 - x0
        if not 0.5 <= size <= height:
            size = tall or 1.0
        if tall > 2.2 * size or tall < 0.4 * size:  # the font states an ascent that no letter has
            x0, y0, x1, y1 = _plain_box(x0, y0, x1, y1, px, py, size, turn)
        glyph = Glyph(char, x0, y0, x1, y1, px if turn in (90, 270) else py, size, turn, space, bold)
        if joined and same_object and not space and glyph[1:5] == joined[-1][1:5]:
            joined.append(glyph)
        else:
            yield from _spread(joined)
            joined = [glyph]
        space = False
    yield from _spread(joined)


def _spread(joined: list[Glyph]) -> Iterator[Glyph]:
    """The letters of a ligature side by side."""
    n = len(joined)
    for i, g in enumerate(joined):
        if n == 1:
            yield g
        elif g.turn in (90, 270):
            step = (g.y1 - g.y0) / n
            at = i if g.turn == 90 else n - 1 - i
            yield g._replace(y0=g.y0 + at * step, y1=g.y0 + (at + 1) * step)
        else:
            step = (g.x1 - g.x0) / n
            at = i if g.turn != 180 else n - 1 - i
            yield g._replace(x0=g.x0 + at * step, x1=g.x0 + (at + 1) * step)


def _char(code: int) -> str:
    """The character to store for a code; "" for one that has no shape and stands for nothing."""
    if code in (0x02, 0xFFFE, 0xAD):  # a hyphen at the end of a line
        return "-"
    if code in (0x0A, 0x0D):
        return "\n"
    if code in (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF):
        return ""
    if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return " " if code == 0x09 else cleaning.REPLACEMENT
    char = chr(code)
    return cleaning.fold_symbol(cleaning.fold_radicals(char))


def _style(text_page: pdfium.PdfTextPage, i: int, m: Any, to_display: Matrix) -> tuple[float, int, bool]:
    size = raw.FPDFText_GetFontSize(text_page, i) * math.hypot(m.c, m.d)
    run_x = m.a * to_display[0] + m.b * to_display[2]
    run_y = m.a * to_display[1] + m.b * to_display[3]
    angle = math.degrees(math.atan2(run_y, run_x)) % 360
    nearest = round(angle / 90) * 90
    turn = nearest % 360 if abs(angle - nearest) <= 8 else SLANTED
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    length = raw.FPDFText_GetFontInfo(text_page, i, name, 128, flags)
    bold = raw.FPDFText_GetFontWeight(text_page, i) >= 600 or bool(_BOLD.search(name.value if length else b""))
    return size, turn, bold


def _plain_box(
    x0: float, y0: float, x1: float, y1: float, px: float, py: float, size: float, turn: int
) -> tuple[float, float, float, float]:
    """A box of the type's size about the base line."""
    if turn == 90:
        return px - 0.2 * size, y0, px + 0.8 * size, y1
    if turn == 270:
        return px - 0.8 * size, y0, px + 0.2 * size, y1
    if turn == 180:
        return x0, py - 0.2 * size, x1, py + 0.8 * size
    return x0, py - 0.8 * size, x1, py + 0.2 * size


def _once(glyphs: list[Glyph]) -> Iterator[Glyph]:
    """Each character once: a shadow or a false bold prints it again a hair's breadth away."""
    placed: set[tuple[str, int, int, int]] = set()
    for g in glyphs:
        unit = 0.2 * g.size or 1.0  # two grids, half a cell apart: what lies within half a cell shares one of them
        size = round(g.size * 4)
        at = (g.char, int(g.x0 / unit), int(g.y0 / unit), size)
        shifted = (g.char, int(g.x0 / unit + 0.5), int(g.y0 / unit + 0.5), -1 - size)
        if (at in placed or shifted in placed) and g.x1 - g.x0 > 1.5 * unit:
            continue
        placed.add(at)
        placed.add(shifted)
        yield g


class _Drawn:
    """Ruling lines and the pictures' area, from all that is drawn on a page."""

    def __init__(self, to_display: Matrix) -> None:
        self._display = to_display
        self._left = MAX_PATH_SEGMENTS
        self.rules: list[Rule] = []
        self.picture_area = 0.0

    @property
    def crowded(self) -> bool:
        return self._left <= 0

    def walk(self, holder: Any, count: Any, get: Any, outer: Matrix, depth: int) -> None:
        for i in range(max(0, count(holder))):
            if self._left <= 0:
                return
            self._left -= 1
            thing = get(holder, i)
            kind = raw.FPDFPageObj_GetType(thing)
            if kind == raw.FPDF_PAGEOBJ_PATH:
                self._path(thing, outer)
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                corners = [_apply(_times(_matrix(thing), outer), x, y) for x, y in ((0, 0), (1, 0), (0, 1))]
                (ax, ay), (bx, by), (cx, cy) = corners
                self.picture_area += abs((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < 6:
                inner = _times(_matrix(thing), outer)
                self.walk(thing, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, inner, depth + 1)

    def _path(self, thing: Any, outer: Matrix) -> None:
        fill, stroke = ctypes.c_int(), raw.FPDF_BOOL()
        raw.FPDFPath_GetDrawMode(thing, fill, stroke)
        if not (fill.value or stroke.value):
            return
        outlined = bool(stroke.value)  # an area that is only shaded has no lines at its sides
        to_page = _times(_times(_matrix(thing), outer), self._display)
        x, y = ctypes.c_float(), ctypes.c_float()
        shape: list[tuple[float, float]] = []
        for i in range(max(0, raw.FPDFPath_CountSegments(thing))):
            self._left -= 1
            if self._left <= 0:
                return
            segment = raw.FPDFPath_GetPathSegment(thing, i)
            raw.FPDFPathSegment_GetPoint(segment, x, y)
            kind = raw.FPDFPathSegment_GetType(segment)
            point = _apply(to_page, x.value, y.value)
            if kind == raw.FPDF_SEGMENT_MOVETO:
                self._shape(shape, outlined)
                shape = [point]
            elif kind == raw.FPDF_SEGMENT_LINETO:
                shape.append(point)
            else:  # a curve is no rule
                shape = [point]
            if raw.FPDFPathSegment_GetClose(segment) and shape:
                shape.append(shape[0])
        self._shape(shape, outlined)

    def _shape(self, points: list[tuple[float, float]], outlined: bool) -> None:
        if len(points) < 2 or not all(math.isfinite(v) for point in points for v in point):
            return
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        x0, y0, x1, y1 = min(xs), min(ys), max(xs), max(ys)
        if y1 - y0 <= 3 and x1 - x0 >= 4:  # a line, or a filled bar as thin as one
            self.rules.append(Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2))
        elif x1 - x0 <= 3 and y1 - y0 >= 4:
            self.rules.append(Rule((x0 + x1) / 2, y0, (x0 + x1) / 2, y1))
        elif outlined:
            for (ax, ay), (bx, by) in zip(points, points[1:], strict=False):
                if abs(ay - by) <= 1 and abs(ax - bx) >= 4:
                    self.rules.append(Rule(min(ax, bx), (ay + by) / 2, max(ax, bx), (ay + by) / 2))
                elif abs(ax - bx) <= 1 and abs(ay - by) >= 4:
                    self.rules.append(Rule((ax + bx) / 2, min(ay, by), (ax + bx) / 2, max(ay, by)))


def _matrix(thing: Any) -> Matrix:
    m = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(thing, m)
    return (m.a, m.b, m.c, m.d, m.e, m.f)


_REMARKS = {raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_UNDERLINE, raw.FPDF_ANNOT_STRIKEOUT}
_REMARKS |= {raw.FPDF_ANNOT_SQUIGGLY, raw.FPDF_ANNOT_CARET, raw.FPDF_ANNOT_INK, raw.FPDF_ANNOT_SQUARE}


def _comments(page: pdfium.PdfPage) -> tuple[str, ...]:
    found = []
    for i in range(min(raw.FPDFPage_GetAnnotCount(page), 2000)):
        note = raw.FPDFPage_GetAnnot(page, i)
        if not note:
            continue
        try:
            if raw.FPDFAnnot_GetSubtype(note) in _REMARKS and (text := _string(note, b"Contents")):
                found.append(text)
        finally:
            raw.FPDFPage_CloseAnnot(note)
    return tuple(found)


def _string(note: Any, key: bytes) -> str:
    length = raw.FPDFAnnot_GetStringValue(note, key, None, 0)
    if not 2 < length <= 1_000_000:
        return ""
    buffer = ctypes.create_string_buffer(length)
    raw.FPDFAnnot_GetStringValue(note, key, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), length)
    return buffer.raw[: length - 2].decode("utf-16-le", "replace").strip()
