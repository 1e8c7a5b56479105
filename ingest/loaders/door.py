"""Chooses a file's reader by what the file is, checked against what its name says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from ingest import damage
from ingest.damage import Grade
from ingest.errors import IngestError, UnreadableFile
from ingest.loaders import markdown, office, text
from ingest.settings import PLAIN, Reading
from ingest.types import Extract

READABLE = "Markdown, text, HTML, mail (.eml), PDF, Word, Excel, PowerPoint, OpenDocument, CSV, TSV and scans"
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp"})
_TEXTS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
    ".log": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".shtml": "html",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".eml": "mail",
    ".mht": "mail",
    ".mhtml": "mail",
}
SUFFIXES = office.SUFFIXES | _PICTURES | frozenset(_TEXTS) | {".pdf"}

_UNPACK = "Unpack it and bring in the files inside."
_OTHER_KINDS = (
    (b"\x89PNG", "picture", ""),
    (b"\xff\xd8\xff", "picture", ""),
    (b"GIF8", "picture", ""),
    (b"BM", "picture", ""),
    (b"II*\x00", "picture", ""),
    (b"MM\x00*", "picture", ""),
    (b"\xd7\xcd\xc6\x9a", "a WMF picture", "Save it as a document with text."),
    (b"\x01\x00\x09\x00\x00\x03", "a WMF picture", "Save it as a document with text."),
    (b"\x00\x00\x01\x00", "an icon", "Only documents can be read."),
    (b"%!PS", "a PostScript file", "Save it as PDF."),
    (b"AC10", "a drawing (AutoCAD)", "Save it as PDF."),
    (b"PK\x03\x04", "a ZIP archive", _UNPACK),
    (b"PK\x05\x06", "an empty ZIP archive", "Check where it was copied from."),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"7z\xbc\xaf", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (b"(\xb5/\xfd", "a zstd archive", _UNPACK),
    (b"MSCF", "a cabinet archive", _UNPACK),
    (b"ITSF", "a compiled help file (.chm)", "Save its pages as HTML or PDF."),
    (b"SQLite format 3", "a database", "Export its tables as CSV."),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "a OneNote section", "Export it as PDF or Word."),
    (b"CAJ", "a CAJ document", "Save it as PDF."),
    (b"HN\x00\x00", "a CAJ document", "Save it as PDF."),
    (b"wOFF", "a font", "Only documents can be read."),
    (b"ID3", "a sound file", "Only documents can be read."),
    (b"OggS", "a sound file", "Only documents can be read."),
    (b"\x7fELF", "a program", "Only documents can be read."),
    (b"MZ", "a Windows program", "Only documents can be read."),
)
_TAR = (b"ustar", 257)
_MAIL_HEADER = re.compile(
    rb"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){3,}", re.ASCII
)  # at least three header fields from the first byte on
_MAIL_FIELDS = re.compile(
    rb"^(from|to|subject|date|received|message-id|mime-version|content-type|return-path):", re.I | re.M
)


def load(data: bytes, name: str, reading: Reading = PLAIN) -> Extract:
    """The whole text of a file with its structure. `name` is its file name or key: the suffix counts.

    Raises UnreadableFile, with the reason in plain words, rather than return text that is known to be damaged, and
    InvalidMetadata for front matter that cannot be parsed.
    """
    limit = reading.settings.file_mb * 1024 * 1024
    if len(data) > limit:
        raise UnreadableFile(
            name,
            f"the file has {len(data) / 1024 / 1024:,.0f} MiB, more than the {reading.settings.file_mb:,} allowed "
            "([ingest] file_mb in settings.toml). Split the document or raise the limit.",
        )
    if not data.strip(b"\x00 \t\r\n\x0b\x0c"):
        what = "holds NUL bytes only: it was never written whole" if b"\x00" in data else "is empty"
        raise UnreadableFile(name, f"the file {what}. Expected a document with text; check where it was copied from.")
    kind = _kind(data, name)
    try:
        extract = _read(kind, data, name, reading)
    except (IngestError, MemoryError):
        raise
    except Exception as error:  # a fault of a library or of ours: one file fails, never the whole run
        raise UnreadableFile(
            name,
            f"it could not be read as {kind} ({type(error).__name__}: {_one_line(error)}). It may be damaged: open it, "
            "save it again, or bring it in as PDF or text.",
        ) from error
    extract = _with_note_on_suffix(extract, kind, _suffix(name))
    if not re.search(r"\w", extract.text):
        raise UnreadableFile(
            name, "no text was found in it. Expected a document with text; check that it opens and has content."
        )
    return _judged(extract, name)


def _judged(extract: Extract, name: str) -> Extract:
    found = damage.judge(extract.text)
    if found.grade is Grade.UNREADABLE:
        raise UnreadableFile(
            name,
            f"the text is damaged: {'; '.join(found.doubts)}. Get the original file, export it again with its fonts "
            "embedded, or save it as UTF-8 from where it still reads well.",
        )
    doubts = tuple(f"doubtful: {doubt}" for doubt in found.doubts)
    return replace(extract, notes=(*extract.notes, *doubts)) if doubts else extract


def _kind(data: bytes, name: str) -> str:
    """pdf, picture, html, mail, markdown, csv, tsv, text or one of office.KINDS; anything else is refused by name."""
    suffix = _suffix(name)
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if found := office.kind(data, name):
        return found
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(name, _container_reason(data, suffix))
    claim = f", though its name ends in {suffix}" if suffix in SUFFIXES else ""
    for signature, what, remedy in _OTHER_KINDS:
        if data.startswith(signature) and not (len(signature) <= 3 and signature.isascii() and _is_text(data)):
            if what == "picture":
                return what
            raise UnreadableFile(name, f"found {what}{claim}; expected {READABLE}. {remedy}")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "picture"
    if data[:4] == b"RIFF" and not _is_text(data):
        raise UnreadableFile(name, f"found a sound or film{claim}; expected {READABLE}. Save its text as a document.")
    if data[_TAR[1] : _TAR[1] + 5] == _TAR[0]:
        raise UnreadableFile(name, f"found a tar archive{claim}; expected {READABLE}. {_UNPACK}")
    if data[4:8] == b"ftyp":
        raise UnreadableFile(name, f"found a film{claim}; expected {READABLE}. Save its text as a document.")
    if _is_html(data):  # a web page; many systems export one under the name of a sheet
        return "html"
    if suffix in (".eml", ".mht", ".mhtml") or (suffix in ("", ".txt", ".msg") and _is_mail(data)):
        return "mail"
    if suffix == ".pdf" or suffix in office.SUFFIXES or suffix in _PICTURES:
        raise UnreadableFile(
            name,
            f"found no {suffix[1:].upper()} file under that name (damaged, cut off or renamed). "
            "Get the file again from its source.",
        )
    if suffix and suffix not in SUFFIXES:
        raise UnreadableFile(
            name, f"files of the kind {suffix} are not read; expected {READABLE}. Save it as one of these."
        )
    return _TEXTS.get(suffix, "text")


def _is_text(data: bytes) -> bool:
    """Whether the beginning has no bytes that no text has: "BMW" and "MZ-80" begin notes as well as pictures."""
    head = data[:2048]
    return not any(b < 9 or 13 < b < 27 for b in head)


def _is_html(data: bytes) -> bool:
    head = data[:4096]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[1:2] == b"\x00" or head[:1] == b"\x00":
        head = head.replace(b"\x00", b"")
    head = head.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").lower()
    while head.startswith((b"<!--", b"<?xml")):  # comments stand before the first tag of many saved pages
        _, _, head = head.partition(b">" if head.startswith(b"<?") else b"-->")
        head = head.lstrip()
    return head.startswith((b"<!doctype html", b"<html"))


def _is_mail(data: bytes) -> bool:
    """Header fields from the first byte on, three that every message has among them."""
    head = data[:65536]
    match = _MAIL_HEADER.match(head)
    return match is not None and len({found.lower() for found in _MAIL_FIELDS.findall(match[0])}) >= 3


def _read(kind: str, data: bytes, name: str, reading: Reading) -> Extract:
    # the libraries for binary formats take a while to import, so each is loaded when first needed
    if kind == "pdf":
        from ingest.loaders import pdf

        return pdf.read(data, name, reading)
    if kind in office.KINDS:
        return office.read(data, name, kind, reading)
    if kind == "picture":
        from ingest.loaders import ocr

        return ocr.read_picture(data, name, reading)
    if kind == "html":
        from ingest.loaders import html

        return html.read(data, name, reading)
    if kind == "mail":
        from ingest.loaders import mail

        return mail.read(data, name, reading)
    decoded = text.decode(data, name)
    if kind in ("csv", "tsv"):
        from ingest.loaders import csv

        return decoded.onto(csv.read(decoded.text, kind, reading))
    return decoded.onto(markdown.read(decoded.text) if kind == "markdown" else text.read(decoded.text))


def _container_reason(data: bytes, suffix: str) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "the file is locked with a password and damaged. Get it again from its source."
    if suffix == ".msg" or "__substg1.0_".encode("utf-16-le") in data:
        return (
            f"found an Outlook message (.msg); expected {READABLE}. Save the message as .eml or .html, and its "
            "attachments as files of their own."
        )
    return (
        "found a file in an old Office format (before 2007) that is damaged or holds no known document. "
        "Get it again from its source, or save it as .docx, .xlsx or PDF."
    )


def _with_note_on_suffix(extract: Extract, kind: str, suffix: str) -> Extract:
    said = _TEXTS.get(suffix, "picture" if suffix in _PICTURES else suffix[1:] or kind)
    if said == kind or office.is_named(kind, suffix):
        return extract
    return replace(
        extract, notes=(*extract.notes, f"the name ends in {suffix}, but the file is {kind}: read as {kind}")
    )


def _suffix(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()


def _one_line(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error))[:200]
