"""Archives and messages: their members become documents of their own, within bounds of number, size and depth."""

from __future__ import annotations

import hashlib
import io
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ingest.errors import UnreadableFile
from ingest.settings import ReadingSettings
from ingest.sources import is_hidden
from ingest.types import Failure, Skipped

OFFICE_SUFFIXES = frozenset(
    {".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".xltx", ".pptx", ".pptm", ".odt", ".ods", ".odp"}
)

MOST_RATIO = 200
"""A member that unpacks to more than so many times its packed size is a bomb, from 16 MiB on: text packs to a tenth
or a twentieth, deflate's limit is a thousandth."""
_RATIO_FROM = 16 * 1024 * 1024

_CHUNK = 1024 * 1024
_UNICODE_NAME = 0x7075  # extra field of Info-ZIP: the name in UTF-8, with the checksum of the name it stands for


@dataclass(frozen=True, slots=True)
class Member:
    """A document in an archive."""

    inner: str  # its path in the archive, through archives in it: "rules.zip/returns.md"
    stored: Path


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An archive's members, and what in it is none."""

    members: tuple[Member, ...]
    failed: tuple[Failure, ...]  # `path` is the path in the archive; "" the archive itself
    skipped: tuple[Skipped, ...]
    hidden: int
    is_document: bool = False  # a message: it is read itself as well


def is_container(head: bytes, name: str) -> bool:
    """Whether the first bytes or the name say archive or message; an Office file under its own name is none."""
    suffix = _suffix(name)
    if suffix in OFFICE_SUFFIXES:
        return False
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")) or suffix == ".eml"


def unpack(
    data: bytes, name: str, settings: ReadingSettings, folder: Path, tell: Callable[[str], None]
) -> Unpacked | None:
    """Writes the members of an archive or message below `folder`, numbered; None for what is a document after all.

    Raises UnreadableFile where nothing at all can be unpacked.
    """
    if not _is_archive(data, name):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    unpacking = _Unpacking(settings, folder, tell)
    is_document = _suffix(name) == ".eml"
    try:
        unpacking.open(data, name, "", ())
    except UnreadableFile as error:
        if not unpacking.members and not is_document:
            raise
        unpacking.failed.append(Failure("", error.reason))  # what was unpacked up to there is whole
    return Unpacked(
        tuple(unpacking.members),
        tuple(unpacking.failed),
        tuple(unpacking.skipped),
        unpacking.hidden,
        is_document,
    )


@dataclass
class _Unpacking:
    """One archive being unpacked with all that is in it: the bounds are for all of it together."""

    settings: ReadingSettings
    folder: Path
    tell: Callable[[str], None]
    members: list[Member] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    hidden: int = 0
    files: int = 0
    unpacked_bytes: int = 0

    def open(self, data: bytes, name: str, inner: str, outside: tuple[str, ...]) -> None:
        """`inner`: the archive's own path in the outermost one; `outside`: the hashes of those it stands in."""
        digest = hashlib.sha256(data).hexdigest()
        if digest in outside:
            raise UnreadableFile(name, "the archive contains itself. It is made to fill disks, not to be read.")
        if len(outside) > self.settings.archive_depth:
            raise UnreadableFile(
                name,
                f"it stands more than {self.settings.archive_depth} archives deep. Unpack it and bring in the files "
                "inside, or raise ingest.archive_depth in settings.toml.",
            )
        within = (*outside, digest)
        for path, content in self._contents(data, name, inner):
            self._take(path, content, within)

    def _contents(self, data: bytes, name: str, inner: str) -> Iterator[tuple[str, bytes]]:
        if _suffix(name) == ".eml":
            yield from self._attachments(data, inner)
        elif data.startswith(b"\x1f\x8b"):
            yield from self._gunzipped(data, name, inner)
        else:
            yield from self._zipped(data, name, inner)

    def _take(self, path: str, content: bytes, within: tuple[str, ...]) -> None:
        name = PurePosixPath(path).name
        if _is_archive(content, name):
            try:
                self.open(content, name, path, within)
            except UnreadableFile as error:
                self.failed.append(Failure(path, error.reason))
            if _suffix(name) != ".eml":
                return
        stored = self.folder / f"{len(self.members):06}"
        stored.write_bytes(content)
        self.members.append(Member(path, stored))

    # --- ZIP ---

    def _zipped(self, data: bytes, name: str, inner: str) -> Iterator[tuple[str, bytes]]:
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
            raise UnreadableFile(
                name, f"the archive is broken or cut off ({error}). Get it again from its source."
            ) from error
        with archive:
            infos = archive.infolist()
            taken: dict[str, str] = {}  # path -> hash
            for path, info in zip(member_paths(infos), infos, strict=True):
                full = f"{inner}/{path}" if inner else path
                if path.endswith("/") or not self._is_wanted(path, full, info):
                    continue
                self._count(name)
                self.tell(f"unpacking {full}")
                try:
                    content = self._unzipped(archive, info)
                except UnreadableFile as error:
                    self.failed.append(Failure(full, error.reason))
                    continue
                digest = hashlib.sha256(content).hexdigest()
                if path not in taken:
                    taken[path] = digest
                    yield full, content
                elif taken[path] != digest:
                    reason = "the archive has two files of this name that differ; the first was taken. Pack it anew."
                    self.failed.append(Failure(full, reason))

    def _is_wanted(self, path: str, full: str, info: zipfile.ZipInfo) -> bool:
        if (reason := _unsafe(path)) is not None:
            self.failed.append(Failure(_shown(full), f"{reason}; it was not unpacked. Pack the archive anew."))
            return False
        if any(is_hidden(part) for part in PurePosixPath(path).parts):
            self.hidden += 1
            return False
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind == stat.S_IFLNK:
            self.skipped.append(Skipped(full, "a link in an archive is not followed"))
            return False
        if kind not in (0, stat.S_IFREG):
            self.skipped.append(Skipped(full, "no file: a device, pipe or the like"))
            return False
        return True

    def _unzipped(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
        passwords: Sequence[bytes | None] = [None]
        if info.flag_bits & 0x1:
            passwords = [p for text in self.settings.passwords for p in _as_bytes(text)]
            if not passwords:
                raise UnreadableFile(
                    info.filename, "it is locked with a password. Give it in ingest.passwords in settings.toml."
                )
        for number, password in enumerate(passwords, 1):
            try:
                with archive.open(info, pwd=password) as packed:
                    return self._bounded(packed.read, info.compress_size, info.filename)
            except NotImplementedError as error:
                raise UnreadableFile(
                    info.filename,
                    f"it is packed or locked in a way that is not read ({error}). Unpack the archive and bring in the "
                    "files inside.",
                ) from error
            except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError) as error:
                if password is not None and number < len(passwords):
                    continue
                if password is not None:
                    raise UnreadableFile(
                        info.filename, "it is locked, and no password in ingest.passwords of settings.toml opens it."
                    ) from error
                raise UnreadableFile(
                    info.filename, f"it is broken in the archive ({error}). Get the archive again from its source."
                ) from error
        raise AssertionError("unreachable: the last password returns or raises")

    # --- others ---

    def _gunzipped(self, data: bytes, name: str, inner: str) -> Iterator[tuple[str, bytes]]:
        self._count(name)
        path = PurePosixPath(name).name
        path = path[: -len(".gz")] if path.lower().endswith(".gz") else path + ".unpacked"
        feed = io.BytesIO(data)
        inflater = zlib.decompressobj(wbits=31)

        def read(most: int) -> bytes:
            out = b""
            while not out and not inflater.eof:
                fed = inflater.unconsumed_tail or feed.read(_CHUNK)
                if not fed:
                    raise UnreadableFile(name, "the archive is cut off. Get it again from its source.")
                out = inflater.decompress(fed, most)
            return out

        try:
            content = self._bounded(read, len(data), name)
        except zlib.error as error:
            raise UnreadableFile(name, f"the archive is broken ({error}). Get it again from its source.") from error
        yield (f"{inner}/{path}" if inner else path), content

    def _attachments(self, data: bytes, inner: str) -> Iterator[tuple[str, bytes]]:
        from ingest.loaders import mail

        seen: Counter[str] = Counter()
        for number, (name, content) in enumerate(mail.attachments(data), 1):
            # A message's sender chooses the name: only its last part counts, and never as more than a name.
            name = (
                re.sub(r"[\x00-\x1f\x7f]", "", name.replace("\\", "/").rpartition("/")[2]).strip()
                or f"attachment-{number}"
            )
            seen[name] += 1
            if seen[name] > 1:
                path = PurePosixPath(name)
                name = f"{path.stem} ({seen[name]}){path.suffix}"
            full = f"{inner}/{name}" if inner else name
            if is_hidden(name) or name == "..":
                self.hidden += 1
                continue
            self._count(name)
            self.tell(f"unpacking {full}")
            at = io.BytesIO(content)
            try:
                yield full, self._bounded(at.read, len(content), name)
            except UnreadableFile as error:
                self.failed.append(Failure(full, error.reason))

    # --- bounds ---

    def _count(self, name: str) -> None:
        self.files += 1
        if self.files > self.settings.archive_files:
            raise UnreadableFile(
                name,
                f"it holds more than {self.settings.archive_files} files: the rest was not unpacked. Unpack it and "
                "bring in the folder, or raise ingest.archive_files in settings.toml.",
            )

    def _bounded(self, read: Callable[[int], bytes], packed: int, name: str) -> bytes:
        """All that `read` gives, chunk by chunk, however large its header says it is."""
        out = bytearray()
        while chunk := read(_CHUNK):
            out += chunk
            self.unpacked_bytes += len(chunk)
            if self.unpacked_bytes > self.settings.unpacked_mb * 1024 * 1024:
                raise UnreadableFile(
                    name,
                    f"the archive unpacks to more than {self.settings.unpacked_mb} MiB: stopped here. Unpack it and "
                    "bring in the folder, or raise ingest.unpacked_mb in settings.toml.",
                )
            if len(out) > self.settings.file_mb * 1024 * 1024:
                raise UnreadableFile(
                    name, f"it has more than the {self.settings.file_mb} MiB allowed (ingest.file_mb in settings.toml)."
                )
            if len(out) > _RATIO_FROM and len(out) > MOST_RATIO * max(packed, 1):
                raise UnreadableFile(
                    name, f"it unpacks to more than {MOST_RATIO} times its size: made to fill disks, not to be read."
                )
            if len(out) % (16 * _CHUNK) < _CHUNK:
                self.tell(f"unpacking {name}")
        return bytes(out)


def _is_archive(data: bytes, name: str) -> bool:
    if not is_container(data[:4], name):
        return False
    if not data.startswith(b"PK\x03\x04"):
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        return True  # unpacking it says what is wrong
    return "[Content_Types].xml" not in names and "mimetype" not in names


# --- names ------------------------------------------------------------------------------------------------------


def member_paths(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The members' paths as their makers saw them: ZIP says what encoding names are in only if it is UTF-8."""
    raw = [None if info.flag_bits & 0x800 else info.orig_filename.encode("cp437", "replace") for info in infos]
    encoding = name_encoding([name for name in raw if name is not None])
    paths = []
    for info, name in zip(infos, raw, strict=True):
        if name is None:
            path = info.orig_filename
        elif (stated := _unicode_name(info, name)) is not None:
            path = stated
        else:
            path = name.decode(encoding, "replace")
        path = path.replace("\\", "/")
        paths.append(re.sub(r"(?<=/)(\./|/)+|^(\./)+", "", path))
    return paths


def name_encoding(names: Sequence[bytes]) -> str:
    """The encoding in which all the names together read best; cp437, the format's own, if none fits."""
    joined = b"/".join(name for name in names if not name.isascii())
    if not joined:
        return "ascii"
    try:
        joined.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    scores = {encoding: share for encoding in _COMMON if (share := _common_share(joined, encoding)) is not None}
    # Half of the bytes of common Chinese are Korean syllables too; a run of them without exception is not chance.
    if scores.get("cp949") == 1.0 and len(joined.decode("cp949")) >= 6:
        return "cp949"
    best = max(scores, key=lambda encoding: scores[encoding], default="cp437")
    return best if scores.get(best, 0.0) >= 0.7 else "cp437"


# The bytes that an encoding writes its common characters with: first and second byte.
_COMMON = {
    "gb18030": re.compile(rb"[\xb0-\xd7][\xa1-\xfe]|\xa3[\xa1-\xfe]"),  # GB 2312 level 1, full width
    "cp932": re.compile(  # kana, JIS level 1, punctuation; never half-width kana
        rb"\x82[\x4f-\xf1]|\x83[\x40-\x96]|[\x88-\x97][\x40-\xfc]|\x98[\x40-\x72]|\x81[\x40-\xac]"
    ),
    "big5": re.compile(rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]|[\xa1\xa2][\x40-\x7e\xa1-\xfe]"),  # level 1
    "cp949": re.compile(rb"[\xb0-\xc8][\xa1-\xfe]|[\xa1\xa3][\xa1-\xfe]"),  # KS X 1001 syllables
}


def _common_share(joined: bytes, encoding: str) -> float | None:
    try:
        letters = [char for char in joined.decode(encoding) if not char.isascii() and char.isalnum()]
    except UnicodeDecodeError:
        return None
    # Two accented letters of a Western name make a kanji; two Chinese characters may be the whole of a name.
    if len(letters) < (1 if encoding == "gb18030" else 3):
        return None
    common = sum(bool(_COMMON[encoding].fullmatch(char.encode(encoding))) for char in letters)
    return common / len(letters)


def _unicode_name(info: zipfile.ZipInfo, raw: bytes) -> str | None:
    at, extra = 0, info.extra
    while at + 4 <= len(extra):
        kind, size = int.from_bytes(extra[at : at + 2], "little"), int.from_bytes(extra[at + 2 : at + 4], "little")
        body = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_NAME and len(body) > 5 and int.from_bytes(body[1:5], "little") == zlib.crc32(raw):
            try:
                return body[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
        at += 4 + size
    return None


def _unsafe(path: str) -> str | None:
    """Why a path must not be followed; None: it stays below the archive."""
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "its path leads to the root of a disk"
    if ".." in path.split("/"):
        return "its path leads out of the archive"
    if re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", path) or not path.strip("/ ."):
        return "its name has characters that no name may have"
    return None


def _shown(path: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", "?", path).encode("utf-8", "backslashreplace").decode()


def _as_bytes(password: str) -> list[bytes]:
    found = []
    for encoding in ("utf-8", "gb18030"):
        encoded = password.encode(encoding)
        if encoded not in found:
            found.append(encoded)
    return found


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
