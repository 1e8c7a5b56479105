"""PDF: the text layer, page by page, with broken lines joined and running headers taken out."""

from __future__ import annotations

import io
import logging

import pypdf

from ingest import cleaning
from ingest.errors import UnreadableFile
from ingest.settings import PLAIN, Reading
from ingest.types import Extract

# pypdf logs each oddity of a damaged file; what matters to a maintainer is in `unread` and `notes`
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

_MIN_LETTERS = 2  # a page with fewer is a picture with a stray mark


def read(data: bytes, name: str, reading: Reading = PLAIN) -> Extract:
    """Raises UnreadableFile for a locked or broken file and for one that has no text layer at all."""
    reader = _open(data, name)
    try:
        count = len(reader.pages)
    except Exception as error:  # damaged files raise anything, RecursionError too
        raise _broken(name, error) from error
    pages: list[list[str]] = []
    unread: list[str] = []
    for number in range(1, count + 1):
        try:
            text = reader.pages[number - 1].extract_text()
        except Exception as error:
            text = ""
            unread.append(f"page {number}: could not be read ({type(error).__name__})")
        else:
            if sum(c.isalnum() for c in text) < _MIN_LETTERS:
                unread.append(f"page {number}: no text layer (a scan, a picture or an empty page)")
            elif (share := cleaning.damage(text)) > cleaning.MAX_DAMAGED_SHARE * 5:
                unread.append(
                    f"page {number}: {share:.0%} of its letters have no readable character (fonts not embedded)"
                )
                text = ""
        pages.append(cleaning.fold_radicals(cleaning.newlines(text)).split("\n"))
    if not any(line.strip() for page in pages for line in page) or len(unread) == count:
        raise UnreadableFile(name, _nothing(count, unread))
    kept = cleaning.repeated_edges(pages)
    text, starts = _flow(kept)
    removed = sum(map(len, pages)) - sum(map(len, kept))
    notes = (f"{removed} running headers, footers and page numbers left out",) if removed else ()
    return Extract(text=text, page_starts=starts, notes=notes, unread=tuple(unread))


def _open(data: bytes, name: str) -> pypdf.PdfReader:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFile(
                name, "the PDF is locked with a password. Take the password off and bring it in again."
            )
    except UnreadableFile:
        raise
    except Exception as error:
        raise _broken(name, error) from error
    return reader


def _broken(name: str, error: Exception) -> UnreadableFile:
    return UnreadableFile(
        name, f"the PDF is broken ({type(error).__name__}). Get it again from its source, or print it to PDF anew."
    )


def _nothing(count: int, unread: list[str]) -> str:
    if all("no text layer" in reason for reason in unread):
        return (
            f"found {count} page{'s' if count != 1 else ''} without a text layer (scanned or empty); "
            "expected a PDF with text. Run it through text recognition, or use the document it was printed from."
        )
    first = unread[0] if unread else "no pages"
    return f"none of its {count} pages could be read ({first}). Export the PDF again with its fonts embedded."


def _flow(pages: list[list[str]]) -> tuple[str, tuple[int, ...]]:
    """All pages as one text, sentences joined across lines and pages, with the offset where each page begins."""
    full = cleaning.full_width([line for page in pages for line in page])
    paragraphs: list[str] = [""]
    before = 0  # length of all paragraphs but the last, with their line ends
    starts: list[int] = []
    last = ""
    for page in pages:
        fresh = True
        for line in map(str.strip, page):
            if not line:
                continue
            if last and cleaning.runs_on(last, line, full):
                paragraphs[-1] = cleaning.glue(paragraphs[-1], line)
                at = before + len(paragraphs[-1]) - len(line)
            else:
                if paragraphs[-1]:
                    before += len(paragraphs[-1]) + 1
                    paragraphs.append("")
                paragraphs[-1] = line
                at = before
            if fresh:
                starts.append(at)
                fresh = False
            last = line
        if fresh:  # nothing on this page: it begins where the next one does
            starts.append(before + len(paragraphs[-1]))
    return "\n".join(paragraphs), tuple(starts)
