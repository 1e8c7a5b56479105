"""Which files are to be ingested, under which keys, with which metadata given from outside."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ingest.errors import InvalidMetadata, SourceError

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
)  # and scope.DIMENSION


@dataclass(frozen=True, slots=True)
class Source:
    """A file to ingest."""

    key: str  # the document's key
    file: Path
    root: str  # the folder (or file) that was named: what keeps its documents in step
    rules: Mapping[str, str]  # from [[files]] of koujing.toml
    defaults: Mapping[str, str]  # from [defaults] of koujing.toml


def collect(paths: Sequence[Path], prefix: str = "") -> tuple[list[Source], list[str]]:
    """The files below `paths`, by key, and the roots that were named.

    Hidden files and links that lead out of the folder are left alone. Raises SourceError for a path
    that does not exist and for two files that would have one key.
    """
    sources: dict[str, Source] = {}
    roots = []
    for path in paths:
        path = Path(os.path.abspath(path.expanduser()))  # "../x/docs" and "docs" are one root
        roots.append(str(path))
        if path.is_dir():
            files = _files_below(path)
            rules = _read_rules(path)
        elif path.is_file():
            files, rules = [path], None
        else:
            raise SourceError(f"{path} does not exist; expected a file or a folder. Check the path and its spelling.")
        for file in files:
            inner = file.relative_to(path).as_posix() if path.is_dir() else file.name
            key = f"{prefix.strip('/')}/{inner}" if prefix.strip("/") else inner
            source = Source(key, file, str(path), *(rules.of(inner) if rules else ({}, {})))
            if (other := sources.get(key)) is not None:
                if other.file == file:
                    continue
                raise SourceError(
                    f"{other.file} and {file} would both be the document {key!r}. Ingest them one after the other, "
                    "one of them with --as PREFIX."
                )
            sources[key] = source
    return [sources[key] for key in sorted(sources)], roots


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
class _Rules:
    defaults: Mapping[str, str]
    files: Sequence[tuple[str, Mapping[str, str]]]

    def of(self, inner: str) -> tuple[dict[str, str], dict[str, str]]:
        """What the rules say of the file at `inner`; later blocks overrule earlier ones."""
        found: dict[str, str] = {}
        for pattern, values in self.files:
            if fnmatchcase(inner, pattern):
                found |= values
        return found, dict(self.defaults)


def _read_rules(folder: Path) -> _Rules | None:
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
    return _Rules(flatten(defaults, f"{file}, [defaults]"), blocks)


def _files_below(folder: Path) -> list[Path]:
    found = []
    inside = folder.resolve()

    def refuse(error: OSError) -> None:  # passed over, its documents would be retired
        raise SourceError(
            f"{error.filename} cannot be listed ({error.strerror or error}); expected a folder that can be read. Mend "
            "its permissions and repeat the command."
        ) from error

    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(parent) / name
            if name.startswith(".") or name.startswith("~$") or file == folder / RULES_FILE or not file.is_file():
                continue
            if file.is_symlink() and not file.resolve().is_relative_to(inside):
                continue
            found.append(file)
    return found
