"""The text of a file as programs that share nothing with our readers give it."""

from __future__ import annotations

import codecs
import email
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from email.policy import default
from fnmatch import fnmatch
from html.parser import HTMLParser
from pathlib import Path

_OFFICE = {".docx", ".doc", ".odt", ".rtf"}
_SHEETS = {".xlsx", ".xls", ".ods"}
_SLIDES = {".pptx", ".ppt", ".odp"}
_PLAIN = {".txt", ".md", ".markdown", ".csv", ".tsv", ".text"}
# every sheet, values as they are shown, in UTF-8
_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def text_of(
    file: Path, encodings: Mapping[str, str], passwords: Sequence[str] = (), timeout_s: float = 120
) -> tuple[str | None, str]:
    """The text, None where no such program reads the kind or has an answer; and the program's name.

    `encodings`: what a text file is known to be written in, by a pattern of its name.
    """
    suffix = file.suffix.lower()
    try:
        if suffix == ".pdf" or file.read_bytes()[:5] == b"%PDF-":
            return _pdf(file, passwords, timeout_s), "pdftotext"
        if suffix in _OFFICE:
            return _office(file, "txt:Text (encoded):UTF8", timeout_s), "LibreOffice"
        if suffix in _SHEETS:
            return _office(file, _CSV, timeout_s), "LibreOffice"
        if suffix in _SLIDES:
            return _slides(file, timeout_s), "LibreOffice, pdftotext"
        if suffix in _PLAIN:
            return decode(file.read_bytes(), known(file.name, encodings)), "decoded"
        if suffix in (".html", ".htm"):
            return _visible(decode(file.read_bytes(), known(file.name, encodings)) or ""), "html.parser"
        if suffix == ".eml":
            return _mail(file.read_bytes()), "email"
    except (subprocess.SubprocessError, OSError, UnicodeError, LookupError, AssertionError):
        return None, "failed"
    return None, "none"


def known(name: str, encodings: Mapping[str, str]) -> str | None:
    return next((code for pattern, code in encodings.items() if fnmatch(name, pattern)), None)


def decode(data: bytes, code: str | None) -> str | None:
    """By a known encoding; else by its byte order mark or as UTF-8; None for anything that would be a guess."""
    if code is not None:
        return data.decode(code, "replace")
    code = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(code)
    except UnicodeDecodeError:
        return None


def _pdf(file: Path, passwords: Sequence[str], timeout_s: float) -> str | None:
    for password in ("", *passwords):
        command = ["pdftotext", "-q", "-enc", "UTF-8", "-upw", password, str(file), "-"]
        done = subprocess.run(command, capture_output=True, timeout=timeout_s)
        if done.returncode == 0:
            return done.stdout.decode("utf-8", "replace")
    return None


def _office(file: Path, form: str, timeout_s: float) -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        made = _converted(file, form, Path(folder), timeout_s)
        return "\n".join(path.read_text("utf-8-sig", "replace") for path in made) if made else None


def _slides(file: Path, timeout_s: float) -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        made = _converted(file, "pdf", Path(folder), timeout_s)
        return _pdf(made[0], (), timeout_s) if made else None


def _converted(file: Path, form: str, folder: Path, timeout_s: float) -> list[Path]:
    """What LibreOffice makes of a copy of `file`, one file or, of a workbook, one a sheet."""
    if shutil.which("soffice") is None:
        raise OSError("LibreOffice is not installed")
    copy = folder / f"source{file.suffix}"
    shutil.copy(file, copy)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", str(folder / "out"), str(copy)]
    subprocess.run(command, capture_output=True, timeout=timeout_s)
    return sorted((folder / "out").glob("*")) if (folder / "out").exists() else []


def _mail(data: bytes) -> str | None:
    body = email.message_from_bytes(data, policy=default).get_body(("plain", "html"))
    if body is None:
        return None
    content = body.get_content()
    return _visible(content) if body.get_content_subtype() == "html" else content


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style") and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def _visible(page: str) -> str:
    words = _Words()
    words.feed(page)
    return "\n".join(words.parts)
