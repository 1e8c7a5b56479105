"""Which files are to be ingested, under which keys, with which metadata given from outside."""

from __future__ import annotations

import os
import stat
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from ingest.errors import InvalidMetadata, SourceError, UnreadableFile
from ingest.types import Skipped

RULES_FILE = "koujing.toml"

FIELDS = (
    "title",
    "authority",
    "effective_from",
    "effective_to",
    "supersedes",
    "owner",
    "review_by",
    "language",
    "status",
)  # and scope.DIMENSION


SYSTEM_FILES = frozenset({"__macosx", "thumbs.db", "desktop.ini", "ehthumbs.db", "$recycle.bin", "@eadir"})
"""What operating systems and storage boxes put beside the files, in lower case; names with a dot before count too."""

_MIB = 1024 * 1024
_TRIES = 3  # at a file that changes while it is read


@dataclass(frozen=True, slots=True)
class Source:
    """A file to ingest, or a member of an archive or message."""

    key: str  # the document's key
    file: Path  # of a member: /path/a.zip!/inner/b.docx
    root: str  # the folder (or file) that was named: what keeps its documents in step
    rules: Mapping[str, str]  # from [[files]] of koujing.toml
    defaults: Mapping[str, str]  # from [defaults] of koujing.toml
    container: Path | None = None  # of a member: the archive on the disk
    stored: Path | None = None  # of a member: where its bytes lie while it is read

    @property
    def place(self) -> Path:
        """The file that is on the disk."""
        return self.container or self.file

    @property
    def bytes_at(self) -> Path:
        return self.stored or self.file


class Collected(NamedTuple):
    """What was found below the paths that were named."""

    sources: list[Source]  # by key
    roots: list[str]
    skipped: tuple[Skipped, ...] = ()
    hidden: int = 0  # files with a dot before their name, lock files, what systems leave behind: not even looked at
    rules: Mapping[str, Rules] = {}  # root -> its koujing.toml


def collect(paths: Sequence[Path], prefix: str = "", leave_out: Path | None = None) -> Collected:
    """The files below `paths`, by key, and the roots that were named.

    What is no file, and links that lead out of the folder, are named and left alone; so is everything below
    `leave_out`, the base's own folder. Raises SourceError for a path that does not exist and for two files that would
    have one key.
    """
    sources: dict[str, Source] = {}
    roots, skipped, hidden = [], [], 0
    rules_of: dict[str, Rules] = {}
    for path in paths:
        path = Path(os.path.abspath(path.expanduser()))  # "../x/docs" and "docs" are one root
        roots.append(str(path))
        if path.is_dir():
            found = _Walk(path, leave_out)
            files = list(found.files())
            skipped += found.skipped
            hidden += found.hidden
            if rules := _read_rules(path):
                rules_of[str(path)] = rules
        elif path.is_file():
            files = [path]
        elif path.exists():
            raise SourceError(f"{path} is {_kind(path)}; expected a file or a folder. Name another.")
        else:
            raise SourceError(f"{path} does not exist; expected a file or a folder. Check the path and its spelling.")
        for file in files:
            inner = file.relative_to(path).as_posix() if path.is_dir() else file.name
            key = f"{prefix.strip('/')}/{inner}" if prefix.strip("/") else inner
            source = Source(key, file, str(path), *_rules_for(rules_of, str(path), inner))
            if (other := sources.get(key)) is not None:
                if other.file == file:
                    continue
                raise SourceError(
                    f"{other.file} and {file} would both be the document {key!r}. Ingest them one after the other, "
                    "one of them with --as PREFIX."
                )
            sources[key] = source
    return Collected([sources[key] for key in sorted(sources)], roots, tuple(skipped), hidden, rules_of)


def member(container: Source, inner: str, stored: Path, rules: Mapping[str, Rules]) -> Source:
    """A member of an archive as a source of its own; `inner` is its path in the archive."""
    below = container.root != str(container.place)
    path = PurePosixPath(container.file.relative_to(container.root).as_posix() if below else container.file.name)
    return Source(
        f"{container.key}/{inner}",
        Path(f"{container.file}!/{inner}"),
        container.root,
        *_rules_for(rules, container.root, str(path / inner)),
        container=container.place,
        stored=stored,
    )


def place_of(source: str) -> Path:
    """The file on the disk that a version's `source` names: the archive itself for a member, as long as it is there."""
    at = source.find("!/")
    while at > 0 and not os.path.lexists(source):
        if os.path.isfile(source[:at]):
            return Path(source[:at])
        at = source.find("!/", at + 1)
    return Path(source)


def read_bytes(file: Path, name: str, most_mb: int) -> bytes:
    """The whole of a file as it was at one moment.

    Raises UnreadableFile for one that is too large, is no file any more, or does not stop changing; OSError as usual.
    """
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(0.2)
        # Without O_NONBLOCK, a pipe put in the file's place would be waited for.
        with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as handle:
            before = os.fstat(handle.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise UnreadableFile(name, f"found {_kind(file)}; expected a file.")
            if before.st_size > most_mb * _MIB:
                raise UnreadableFile(
                    name,
                    f"it has {before.st_size / _MIB:,.0f} MiB, more than the {most_mb} allowed. Split the document, or "
                    "raise ingest.file_mb in settings.toml.",
                )
            data = handle.read(before.st_size + 1)
            after = os.fstat(handle.fileno())
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(data) == after.st_size:
            return data
    raise UnreadableFile(name, "it changed while it was being read. Repeat the command when it is complete.")


def listing(paths: Sequence[Path], leave_out: Path | None = None) -> frozenset[tuple[str, int, int]]:
    """Every file that an ingest of `paths` would look at, with its size and time: what --watch compares."""
    seen: set[tuple[str, int, int]] = set()
    for path in paths:
        path = Path(os.path.abspath(path.expanduser()))
        try:
            files = [path] if path.is_file() else [*_Walk(path, leave_out).files(), path / RULES_FILE]
        except SourceError:  # gone, or closed to us: that is a state as well
            files = []
            seen.add((str(path), -1, -1))
        for file in files:
            try:
                found = file.stat()
            except OSError:
                continue
            seen.add((str(file), found.st_size, found.st_mtime_ns))
    return frozenset(seen)


def parse_given(settings: Sequence[str]) -> dict[str, str]:
    """`key=value` arguments of --set, checked. An empty value takes an earlier one back."""
    given = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        key = key.strip()
        if not equals or not key:
            raise InvalidMetadata("--set", setting, "key=value", "For example: --set authority=law")
        check_field(key, f"--set {setting}")
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise InvalidMetadata("--set", setting, "Unicode text", "Type the value again.")
        given[key] = value.strip()
    return given


def check_field(key: str, where: str) -> None:
    if key not in FIELDS and not (key.startswith("scope.") and len(key) > len("scope.")):
        raise InvalidMetadata(where, key, f"one of {', '.join(FIELDS)}, scope.DIMENSION", "Correct the name.")


def flatten(table: Mapping[str, Any], where: str) -> dict[str, str]:
    """{"scope": {"platform": "x"}, "supersedes": ["a", "b"]} as {"scope.platform": "x", "supersedes": "a; b"}."""
    flat = {}
    for key, value in table.items():
        if key == "scope" and isinstance(value, Mapping):
            items = {f"scope.{dimension}": v for dimension, v in value.items()}
        else:
            items = {key: value}
        for name, v in items.items():
            check_field(name, where)
            flat[name] = "; ".join(map(str, v)) if isinstance(v, list | tuple) else str(v)
    return flat


@dataclass(frozen=True, slots=True)
class Rules:
    defaults: Mapping[str, str]
    files: Sequence[tuple[str, Mapping[str, str]]]

    def of(self, inner: str) -> tuple[dict[str, str], dict[str, str]]:
        """What the rules say of the file at `inner`; later blocks overrule earlier ones."""
        found: dict[str, str] = {}
        for pattern, values in self.files:
            if fnmatchcase(inner, pattern):
                found |= values
        return found, dict(self.defaults)


def _rules_for(rules: Mapping[str, Rules], root: str, inner: str) -> tuple[dict[str, str], dict[str, str]]:
    return rules[root].of(inner) if root in rules else ({}, {})


def _read_rules(folder: Path) -> Rules | None:
    file = folder / RULES_FILE
    if not file.is_file():
        return None
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidMetadata(str(file), str(error), "valid TOML", "Mend it and repeat the command.") from error
    if unknown := sorted(set(table) - {"defaults", "files"}):
        raise InvalidMetadata(str(file), f"[{unknown[0]}]", "[defaults] and [[files]] only", "Remove or rename it.")
    defaults, files = table.get("defaults", {}), table.get("files", [])
    if not isinstance(defaults, dict) or not isinstance(files, list) or not all(isinstance(b, dict) for b in files):
        raise InvalidMetadata(
            str(file), "defaults or files that are no tables", "[defaults] and [[files]]", "Correct it."
        )
    blocks = []
    for block in files:
        block = dict(block)
        pattern = block.pop("match", None)
        if not isinstance(pattern, str):
            raise InvalidMetadata(str(file), "a [[files]] block without match", 'match = "GLOB"', "Add it.")
        blocks.append((pattern, flatten(block, f"{file}, match {pattern!r}")))
    return Rules(flatten(defaults, f"{file}, [defaults]"), blocks)


@dataclass
class _Walk:
    """A folder walked once: its files, what is in it beside files, and how much was not looked at."""

    folder: Path
    leave_out: Path | None
    skipped: list[Skipped] = field(default_factory=list)
    hidden: int = 0

    def files(self) -> Iterator[Path]:
        inside = self.folder.resolve()
        without = self.leave_out.resolve() if self.leave_out else None
        for parent, folders, names in os.walk(self.folder, onerror=_refuse):
            kept = []
            for name in sorted(folders):
                path = Path(parent) / name
                if is_hidden(name):
                    self.hidden += 1
                elif path.is_symlink():
                    self._skip(path, "a link to a folder is not followed; name the folder itself")
                elif without is not None and path.resolve() == without:
                    self._skip(path, "the base's own folder")
                else:
                    kept.append(name)
            folders[:] = kept
            for name in sorted(names):
                file = Path(parent) / name
                if is_hidden(name):
                    self.hidden += 1
                elif file == self.folder / RULES_FILE:
                    continue
                elif not file.exists():
                    if file.is_symlink():
                        self._skip(file, "a link that leads nowhere")
                elif not file.is_file():
                    self._skip(file, f"{_kind(file)}, no document")
                elif file.is_symlink() and not file.resolve().is_relative_to(inside):
                    self._skip(file, "a link that leads out of the folder is not followed")
                else:
                    yield file

    def _skip(self, path: Path, reason: str) -> None:
        self.skipped.append(Skipped(printable(path.relative_to(self.folder).as_posix()), reason))


def is_hidden(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower() in SYSTEM_FILES


def printable(name: str) -> str:
    """A name fit to be shown: bytes that are no text are written as escapes."""
    return name.encode("utf-8", "backslashreplace").decode()


def _refuse(error: OSError) -> None:  # passed over, its documents would be retired
    raise SourceError(
        f"{error.filename} cannot be listed ({error.strerror or error}); expected a folder that can be read. Mend "
        "its permissions and repeat the command."
    ) from error


def _kind(path: Path) -> str:
    try:
        mode = path.stat().st_mode
    except OSError:
        return "nothing"
    for test, what in (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if test(mode):
            return what
    return "something that is no file"
