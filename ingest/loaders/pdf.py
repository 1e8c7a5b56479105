"""PDF: every page's text in reading order, from its text layer or, where it has none, from its picture."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pypdfium2 as pdfium

from ingest import cleaning
from ingest.errors import UnreadableFile
from ingest.loaders import ocr, pdf_layout, pdf_pages, pdf_tables
from ingest.loaders.pdf_flow import PageText, flow, page_ranges
from ingest.settings import PLAIN, Reading
from ingest.types import Extract, Removed

MIN_LETTERS = 2  # a page with fewer is a picture with a stray mark
MAX_DAMAGED = 0.1  # above one letter in ten without a readable character a page is not kept
FEW_LETTERS = 80  # on a page that is a picture nearly all over: a stamp or a page number on a scan; in proportion
PICTURE_SHARE = 0.6  # where it is a picture in part


@dataclass(slots=True)
class _Reading:
    """What the pages gave, and what was to be told of them."""

    pages: list[PageText] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    recognised: dict[int, float] = field(default_factory=dict)
    without_text: int = 0


def read(data: bytes, name: str, reading: Reading = PLAIN) -> Extract:
    """Raises UnreadableFile for a locked or broken file and for one none of whose pages gives text."""
    with pdf_pages.open_file(data, name, reading.settings.passwords) as file:
        if file.count == 0:
            raise UnreadableFile(name, "the PDF has no pages. Get it again from its source.")
        got = _Reading()
        for number in range(1, file.count + 1):
            reading.tell(f"page {number} of {file.count}")
            _page(file, number, reading, got)
        bookmarks, title = file.bookmarks(), file.stated_title()
        got.unread += [f"attached file {each}: not read; bring it in by itself" for each in file.attachments()]
        if file.dynamic_form:
            got.unread.append("the form that a special viewer builds (XFA): only its printed pages were read")
    if not any(page.items for page in got.pages):
        raise UnreadableFile(name, _nothing(file.count, got))
    result = flow(got.pages, bookmarks, title)
    running = sum(1 for r in result.removed if r.reason in ("running header", "running footer", "page number"))
    if running:
        got.notes.insert(0, f"{running} running headers, footers and page numbers left out")
    if got.recognised:
        got.notes.append(f"{page_ranges(got.recognised)} read by text recognition")
    return Extract(
        text=result.text,
        headings=result.headings,
        rows=result.rows,
        page_starts=result.page_starts,
        title=result.title,
        notes=tuple(got.notes),
        unread=tuple(got.unread),
        footnotes=result.footnotes,
        removed=(*got.removed, *result.removed),
        boxes=result.boxes,
        recognised=got.recognised,
    )


def _page(file: pdf_pages.File, number: int, reading: Reading, got: _Reading) -> None:
    try:
        page = file.page(number)
    except (pdfium.PdfiumError, RecursionError, ValueError) as error:
        got.unread.append(f"page {number}: could not be read ({error})")
        got.pages.append(PageText(number, 0.0, 0.0, ()))
        return
    got.removed += [Removed(text, "comment", f"page {number}") for text in page.comments]
    if page.outside:
        got.removed.append(Removed(page.outside, "outside the visible part of the page", f"page {number}"))
    if page.crowded:
        got.unread.append(f"page {number}: more than {pdf_pages.MAX_GLYPHS:,} characters; the rest was not read")
    text = pdf_layout.text_of(page.glyphs)
    letters = sum(c.isalnum() for c in text)
    share = max(cleaning.damage(text), min(1.0, page.unmapped / max(1, len(page.glyphs))))
    reason = None
    if share > MAX_DAMAGED:
        reason = f"{share:.0%} of its letters have no readable character (fonts not embedded)"
    elif letters == 0 or (letters < MIN_LETTERS and page.pictures):
        reason = "no text layer (a scan, a picture or an empty page)"
    elif letters < FEW_LETTERS * min(1.0, page.pictures / PICTURE_SHARE):
        reason = f"{page.pictures:.0%} of it is a picture whose text is not in the file"
    if reason is None:
        if share > cleaning.MAX_DAMAGED_SHARE:
            got.unread.append(
                f"page {number}: {share:.0%} of its letters have no readable character; compare it with the original"
            )
        got.pages.append(_laid_out(page))
        return
    kept = letters > 0 and share <= MAX_DAMAGED
    got.without_text += not kept
    if (seen := _recognised(file, page, reading, got, reason, letters)) is not None:
        got.pages.append(ocr.page_text(number, seen))
    else:
        got.pages.append(_laid_out(page) if kept else PageText(number, page.width, page.height, ()))


def _recognised(
    file: pdf_pages.File, page: pdf_pages.Page, reading: Reading, got: _Reading, reason: str, letters: int
) -> ocr.Recognised | None:
    """The page read from its picture, if that gives more than its text layer does; what is wrong goes to `got`."""
    if not page.drawn:
        got.unread.append(f"page {page.number}: {reason}")
        return None
    if not reading.settings.ocr or (missing := ocr.missing()):
        hint = f"; {missing}" if reading.settings.ocr else ""
        got.unread.append(f"page {page.number}: {reason}{hint}")
        return None
    reading.tell(f"page {page.number} of {file.count}: text recognition")
    scale = min(ocr.DPI / 72, ocr.MAX_SIDE / max(page.width, page.height, 1.0))
    try:
        seen = ocr.recognise(file.picture(page.number, scale), page.width)
    except (UnreadableFile, pdfium.PdfiumError) as error:
        said = error.reason if isinstance(error, UnreadableFile) else str(error)
        got.unread.append(f"page {page.number}: {reason}; text recognition: {said}")
        return None
    found = sum(g.char.isalnum() for g in seen.glyphs)
    if found < (
        MIN_LETTERS if cleaning.damage(pdf_layout.text_of(page.glyphs)) or page.unmapped else max(MIN_LETTERS, letters)
    ):
        got.unread.append(f"page {page.number}: {reason}; no text was recognised in its picture")
        return None
    got.removed += ocr.doubtful(page.number, seen)
    got.recognised[page.number] = round(seen.confidence, 4)
    if seen.confidence < ocr.TRUSTED:
        got.unread.append(ocr.not_trusted(page.number, seen.confidence))
    return seen


def _laid_out(page: pdf_pages.Page) -> PageText:
    tables = pdf_tables.ruled(page.rules, page.glyphs, page.number, page.width, page.height)
    boxes = [(t.x0, t.y0, t.x1, t.y1) for t in tables]
    flowing = [g for g in page.glyphs if not any(pdf_tables.inside(g, box) for box in boxes)]
    blocks = [pdf_layout.Block(*box, i) for i, box in enumerate(boxes)]
    items = pdf_layout.lines(flowing, page.number, page.width, page.height, blocks)
    return PageText(
        page.number,
        page.width,
        page.height,
        tuple(tables[item.index] if isinstance(item, pdf_layout.Block) else item for item in items),
        tuple(rule for rule in page.rules if rule.y0 == rule.y1),
    )


def _nothing(count: int, got: _Reading) -> str:
    reasons = Counter(reason.split(": ", 1)[-1] for reason in got.unread)
    said = max(reasons, key=lambda r: reasons[r]) if reasons else "no pages"
    if "no text layer" in said:
        hint = f" ({said.split('; ', 1)[1]})" if "; " in said else ""
        return (
            f"found {count} page{'s' if count != 1 else ''} without a text layer (scanned or empty){hint}; "
            "expected a PDF with text. Run it through text recognition, or use the document it was printed from."
        )
    return f"none of its {count} pages could be read ({said}). Export the PDF again with its fonts embedded."
