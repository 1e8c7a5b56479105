"""Chooses a file's reader by what the file is, checked against what its name says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from ingest import cleaning
from ingest.errors import UnreadableFile
from ingest.loaders import markdown, office, text
from ingest.settings import PLAIN, Reading
from ingest.types import Extract

READABLE = "Markdown, text, HTML, PDF, Word, Excel, PowerPoint, OpenDocument, CSV and TSV"
SUFFIXES = office.SUFFIXES | {".md", ".markdown", ".txt", ".text", ".html", ".htm", ".pdf", ".csv", ".tsv"}

_OTHER_KINDS = (
    (b"\x89PNG", "a PNG picture", "Save it as a document with text, or as a PDF with a text layer."),
    (b"\xff\xd8\xff", "a JPEG picture", "Save it as a document with text, or as a PDF with a text layer."),
    (b"GIF8", "a GIF picture", "Save it as a document with text."),
    (b"BM", "a BMP picture", "Save it as a document with text."),
    (b"II*\x00", "a TIFF picture", "Save it as a document with text, or as a PDF with a text layer."),
    (b"MM\x00*", "a TIFF picture", "Save it as a document with text, or as a PDF with a text layer."),
    (b"RIFF", "a picture, sound or film", "Save its text as a document."),
    (b"\xd7\xcd\xc6\x9a", "a WMF picture", "Save it as a document with text."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it and bring in the files inside."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it and bring in the files inside."),
    (b"Rar!", "a RAR archive", "Unpack it and bring in the files inside."),
    (b"ID3", "a sound file", "Only documents can be read."),
    (b"MZ", "a Windows program", "Only documents can be read."),
    (b"\x7fELF", "a program", "Only documents can be read."),
)


def load(data: bytes, name: str, reading: Reading = PLAIN) -> Extract:
    """The whole text of a file with its structure. `name` is its file name or key: the suffix counts.

    Raises UnreadableFile, with the reason in plain words, rather than return text that is known to be damaged, and
    InvalidMetadata for front matter that cannot be parsed.
    """
    if not data.strip():
        raise UnreadableFile(name, "the file is empty. Expected a document with text; check where it was copied from.")
    kind = _kind(data, name)
    extract = _read(kind, data, name, reading)
    extract = _with_note_on_suffix(extract, kind, _suffix(name))
    if not re.search(r"\w", extract.text):
        raise UnreadableFile(
            name, "no text was found in it. Expected a document with text; check that it opens and has content."
        )
    if (share := cleaning.damage(extract.text)) > cleaning.MAX_DAMAGED_SHARE:
        raise UnreadableFile(
            name,
            f"{share:.0%} of the letters cannot be read (unknown glyphs or lost characters). "
            "Export the document again with its fonts embedded, or use the source it was made from.",
        )
    return extract


def _kind(data: bytes, name: str) -> str:
    """pdf, docx, xlsx, html, markdown, csv, tsv or text; anything else is refused by name."""
    suffix = _suffix(name)
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if found := office.kind(data, name):
        return found
    if data.startswith(b"PK\x03\x04"):
        raise UnreadableFile(
            name, f"found a ZIP archive; expected {READABLE}. Unpack it and bring in the files inside."
        )
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(name, _container_reason(data, suffix))
    claim = f", though its name ends in {suffix}" if suffix in SUFFIXES else ""
    for signature, what, remedy in _OTHER_KINDS:
        if data.startswith(signature) and not (
            len(signature) == 2 and suffix in (".txt", ".md", ".csv", ".tsv", ".html", "")
        ):
            raise UnreadableFile(name, f"found {what}{claim}; expected {READABLE}. {remedy}")
    head = data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<!doctype html", b"<html")):  # a web page; many systems export one under the name of a sheet
        return "html"
    if suffix == ".pdf" or suffix in office.SUFFIXES:
        raise UnreadableFile(
            name,
            f"found no {suffix[1:].upper()} file under that name (damaged, cut off or renamed). "
            "Get the file again from its source.",
        )
    if suffix and suffix not in SUFFIXES:
        raise UnreadableFile(
            name, f"files of the kind {suffix} are not read; expected {READABLE}. Save it as one of these."
        )
    if suffix in (".md", ".markdown"):
        return "markdown"
    if suffix in (".csv", ".tsv"):
        return suffix[1:]
    return "html" if suffix in (".html", ".htm") else "text"


def _read(kind: str, data: bytes, name: str, reading: Reading) -> Extract:
    # the libraries for binary formats take a while to import, so each is loaded when first needed
    if kind == "pdf":
        from ingest.loaders import pdf

        return pdf.read(data, name, reading)
    if kind in office.KINDS:
        return office.read(data, name, kind, reading)
    if kind == "html":
        from ingest.loaders import html

        return html.read(data, name)
    decoded, notes = text.decode(data, name)
    if kind in ("csv", "tsv"):
        from ingest.loaders import csv

        extract = csv.read(decoded, kind)
    else:
        extract = markdown.read(decoded) if kind == "markdown" else text.read(decoded)
    return replace(extract, notes=(*notes, *extract.notes))


def _container_reason(data: bytes, suffix: str) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "the file is locked with a password and damaged. Get it again from its source."
    if suffix == ".msg":
        return f"found an Outlook message; expected {READABLE}. Save the message's text or attachment as one of these."
    return (
        "found a file in an old Office format (before 2007) that is damaged or holds no known document. "
        "Get it again from its source, or save it as .docx, .xlsx or PDF."
    )


def _with_note_on_suffix(extract: Extract, kind: str, suffix: str) -> Extract:
    said = {".md": "markdown", ".markdown": "markdown", ".htm": "html", ".txt": "text", ".text": "text", "": kind}.get(
        suffix, suffix[1:]
    )
    if said == kind or office.is_named(kind, suffix):
        return extract
    return replace(
        extract, notes=(*extract.notes, f"the name ends in {suffix}, but the file is {kind}: read as {kind}")
    )


def _suffix(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()
