"""Office files of every age: told apart by what they are, opened with a password, converted where there is no reader.

.docx, .xlsx, .pptx and .xls are read here. Older and other formats go through LibreOffice where it is installed: it runs
in a folder and with a profile of its own, without macros and without the network, for a limited time, and is ended with
all that it started.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import olefile

from ingest.errors import UnreadableFile
from ingest.settings import PLAIN, Reading
from ingest.types import Extract

SUFFIXES = frozenset(
    [
        ".docx",
        ".docm",
        ".dotx",
        ".dotm",
        ".doc",
        ".dot",
        ".wps",
        ".wpt",
        ".rtf",
        ".odt",
        ".ott",
        ".xlsx",
        ".xlsm",
        ".xltx",
        ".xltm",
        ".xlsb",
        ".xls",
        ".xlt",
        ".et",
        ".ods",
        ".ots",
        ".pptx",
        ".pptm",
        ".ppsx",
        ".ppsm",
        ".potx",
        ".potm",
        ".ppt",
        ".pps",
        ".pot",
        ".dps",
        ".odp",
        ".otp",
    ]
)
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_EXCELS_OWN_PASSWORD = "VelvetSweatshop"
_POLL_S = 1.0


@dataclass(frozen=True, slots=True)
class _Route:
    """How LibreOffice brings a kind of file to one that is read here."""

    what: str
    suffix: str  # under which LibreOffice is given the file
    becomes: str  # the kind that is read
    package: str  # Debian's


_WRITER, _CALC, _IMPRESS = "libreoffice-writer-nogui", "libreoffice-calc-nogui", "libreoffice-impress-nogui"
_ROUTES = {
    "doc": _Route("an old Word file (.doc)", ".doc", "docx", _WRITER),
    "wps": _Route("a Works or WPS file (.wps)", ".wps", "docx", _WRITER),
    "rtf": _Route("a rich text file (.rtf)", ".rtf", "docx", _WRITER),
    "odt": _Route("an OpenDocument text (.odt)", ".odt", "docx", _WRITER),
    "wordxml": _Route("a Word file saved as one XML file", ".xml", "docx", _WRITER),
    "ppt": _Route("an old PowerPoint file (.ppt)", ".ppt", "pptx", _IMPRESS),
    "odp": _Route("an OpenDocument presentation (.odp)", ".odp", "pptx", _IMPRESS),
    "ods": _Route("an OpenDocument sheet (.ods)", ".ods", "xlsx", _CALC),
    "xlsb": _Route("a binary workbook (.xlsb)", ".xlsb", "xlsx", _CALC),
    "excelxml": _Route("a workbook saved as one XML file", ".xml", "xlsx", _CALC),
}
_FILTERS = {"docx": "MS Word 2007 XML", "xlsx": "Calc MS Excel 2007 XML", "pptx": "Impress MS PowerPoint 2007 XML"}
KINDS = frozenset({"docx", "xlsx", "pptx", "xls", "locked", *_ROUTES})
_NAMES = {  # under which suffixes a kind is what its name says
    "docx": ".docx .docm .dotx .dotm", "doc": ".doc .dot .wps .wpt", "wps": ".wps .wpt", "odt": ".odt .ott",
    "xlsx": ".xlsx .xlsm .xltx .xltm", "xls": ".xls .xlt .et", "ods": ".ods .ots", "wordxml": ".xml .doc",
    "pptx": ".pptx .pptm .ppsx .ppsm .potx .potm", "ppt": ".ppt .pps .pot .dps", "odp": ".odp .otp",
    "excelxml": ".xml .xls", "locked": " ".join(SUFFIXES),
}  # fmt: skip

# no macros, no active content, links only inside the file, and a proxy that is not there
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop>
<prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
<prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop>
<prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
<prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""


def kind(data: bytes, name: str) -> str | None:
    """One of KINDS; None for what is no Office file. By content: a name proves nothing.

    Raises UnreadableFile for an archive that is broken under an Office file's name.
    """
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if data.startswith(_ZIP):
        return _kind_of_archive(data, name, suffix)
    if data.startswith(_OLE):
        return _kind_of_container(data, suffix)
    if data.startswith(b"{\\rtf"):
        return "rtf"
    head = data[:2048]
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml"):
        if b'progid="Word.Document"' in head:
            return "wordxml"
        if b'progid="Excel.Sheet"' in head or b"urn:schemas-microsoft-com:office:spreadsheet" in head:
            return "excelxml"
    return None


def is_named(kind_: str, suffix: str) -> bool:
    """Whether files of this kind usually have this suffix."""
    return suffix in _NAMES.get(kind_, f".{kind_}").split()


def read(data: bytes, name: str, kind_: str, reading: Reading = PLAIN) -> Extract:
    """Reads a file of a kind that `kind` found. Raises UnreadableFile with what was found and what to do."""
    data, was_locked = _unlocked(data, name, reading)
    if kind_ == "locked":
        found = kind(data, name)
        if found is None or found == "locked":
            raise UnreadableFile(name, "its content is no Office file although it is locked like one. Save it anew.")
        kind_ = found
    extract = _read(data, name, kind_, reading)
    return (
        replace(extract, notes=("opened with a password from the settings", *extract.notes)) if was_locked else extract
    )


def _read(data: bytes, name: str, kind_: str, reading: Reading) -> Extract:
    # the libraries take a while to import, so each is loaded when first needed
    if kind_ == "docx":
        from ingest.loaders import docx

        return docx.read(data, name, reading)
    if kind_ == "xlsx":
        from ingest.loaders import xlsx

        return xlsx.read(data, name, reading)
    if kind_ == "pptx":
        from ingest.loaders import pptx

        return pptx.read(data, name, reading)
    if kind_ == "xls" or (kind_ in ("ods", "xlsb") and soffice() is None):
        from ingest.loaders import xls

        return xls.read(data, name, reading)
    route = _ROUTES[kind_]
    converted = _convert(data, name, route, reading)
    extract = _read(converted, name, route.becomes, reading)
    return replace(extract, notes=(f"{route.what}: converted by LibreOffice", *extract.notes))


# --- what a file is --------------------------------------------------------------------------------------------


def _kind_of_archive(data: bytes, name: str, suffix: str) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            said = archive.read("mimetype")[:100].decode("ascii", "replace") if "mimetype" in names else ""
            locked = "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml")
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        if suffix not in SUFFIXES:
            return None
        raise UnreadableFile(name, f"the file is broken or cut off ({error}). Get it again from its source.") from error
    if match := re.match(r"application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)", said):
        if locked:
            raise UnreadableFile(
                name,
                "the OpenDocument file is locked with a password, which cannot be given in the settings for this kind. "
                "Open it, take the password off and save it again.",
            )
        return {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}[match[1]]
    if "xl/workbook.bin" in names:
        return "xlsb"
    for folder, found in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx")):
        if "[Content_Types].xml" in names and any(n.startswith(folder) and n.count("/") == 1 for n in names):
            return found
    return None


def _kind_of_container(data: bytes, suffix: str) -> str | None:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            for stream, found in (
                ("EncryptedPackage", "locked"), ("WordDocument", "doc"), ("Workbook", "xls"), ("Book", "xls"),
                ("PowerPoint Document", "ppt"),
            ):  # fmt: skip
                if container.exists(stream):
                    return found
            return "wps" if suffix == ".wps" else None
    except (OSError, ValueError, IndexError, TypeError):
        return None


# --- passwords -------------------------------------------------------------------------------------------------


def _unlocked(data: bytes, name: str, reading: Reading) -> tuple[bytes, bool]:
    """The file without its password, and whether one from the settings was needed."""
    if not data.startswith(_OLE):
        return data, False
    import msoffcrypto

    try:
        locked = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not locked.is_encrypted():
            return data, False
    except Exception:
        return data, False
    for password in (_EXCELS_OWN_PASSWORD, *reading.settings.passwords):
        reading.tell("trying a password")
        opened = io.BytesIO()
        try:
            locked = msoffcrypto.OfficeFile(io.BytesIO(data))
            if locked.format == "ooxml":
                locked.load_key(password=password, verify_password=True)
            else:
                locked.load_key(password=password)
            locked.decrypt(opened)
        except Exception as error:
            reading.tell(f"a password did not open it ({type(error).__name__})")
            continue
        return opened.getvalue(), password != _EXCELS_OWN_PASSWORD
    tried = "no password of the settings opens it" if reading.settings.passwords else "no password is in the settings"
    raise UnreadableFile(
        name,
        f"the file is locked with a password, and {tried}. Add the password to ingest.passwords, "
        "or open the file, take the password off and save it again.",
    )


# --- LibreOffice -----------------------------------------------------------------------------------------------


@functools.cache
def soffice() -> str | None:
    """The program, if it is installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    usual = ("/usr/lib/libreoffice/program/soffice", "/Applications/LibreOffice.app/Contents/MacOS/soffice")
    return found or next((path for path in usual if os.access(path, os.X_OK)), None)


@functools.cache
def _without_network() -> tuple[str, ...]:
    """What to put before a command so that it sees no network, where the system allows that."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    command = (unshare, "--user", "--map-root-user", "--net", "--")
    tried = subprocess.run([*command, "true"], capture_output=True, timeout=10, check=False)
    return command if tried.returncode == 0 else ()


def _convert(data: bytes, name: str, route: _Route, reading: Reading) -> bytes:
    program = soffice()
    if program is None:
        raise UnreadableFile(
            name,
            f"found {route.what}; it is read through LibreOffice, which is not installed here. "
            f"Install it (Debian: apt-get install {route.package}), or save the file as .{route.becomes}.",
        )
    with tempfile.TemporaryDirectory(prefix="koujing-office-") as folder:
        room = Path(folder)
        (room / "profile" / "user").mkdir(parents=True)
        (room / "profile" / "user" / "registrymodifications.xcu").write_text(_PROFILE, "utf-8")
        (room / "in").mkdir()
        (room / "out").mkdir()
        source = room / "in" / f"document{route.suffix}"  # never the file's own name
        source.write_bytes(data)
        command = [
            *_without_network(), program, f"-env:UserInstallation={(room / 'profile').as_uri()}", "--headless",
            "--invisible", "--nologo", "--norestore", "--nodefault", "--nolockcheck", "--nofirststartwizard",
            "--convert-to", f"{route.becomes}:{_FILTERS[route.becomes]}", "--outdir", str(room / "out"), str(source),
        ]  # fmt: skip
        ended = _run(command, room, reading)
        return _result(room / "out" / f"document.{route.becomes}", ended, name, route, reading)


def _run(command: list[str], room: Path, reading: Reading) -> bool:
    """Whether it ended by itself in time."""
    limit = reading.settings.unpacked_mb * 1024 * 1024

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(room),
        "TMPDIR": str(room),
        "LANG": "C.UTF-8",
    }
    process = subprocess.Popen(
        command,
        cwd=room,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=bound,
    )
    began = time.monotonic()
    try:
        while (spent := time.monotonic() - began) < reading.settings.seconds_per_file:
            try:
                process.wait(_POLL_S)
                return True
            except subprocess.TimeoutExpired:
                reading.tell(f"LibreOffice is converting it ({spent:.0f} s)")
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with whatever it started
        process.wait()


def _result(made: Path, ended: bool, name: str, route: _Route, reading: Reading) -> bytes:
    if not ended:
        raise UnreadableFile(
            name,
            f"LibreOffice did not convert {route.what} within {reading.settings.seconds_per_file} seconds. "
            f"Save it as .{route.becomes}.",
        )
    if made.is_symlink() or not made.is_file():
        raise UnreadableFile(
            name,
            f"LibreOffice could not open {route.what}: it is damaged or not supported. Save it as .{route.becomes}.",
        )
    if (size := made.stat().st_size) > reading.settings.unpacked_mb * 1024 * 1024:
        raise UnreadableFile(name, f"LibreOffice made {size:,} bytes of it, more than allowed. Split the document.")
    return made.read_bytes()
