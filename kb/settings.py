"""Settings: one frozen section a package, read from `settings.toml` in the base's folder.

Every field has a default; unknown keys and impossible values fail when the file is loaded. Nothing
here reads the environment: the command passes values down.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from datetime import tzinfo
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kb.errors import SettingsError

Section = TypeVar("Section")

FILE = "settings.toml"
# Every package owns its own; their names are known here.
TABLES = ("base", "embedding", "ingest", "assistant", "rewriting", "publishing", "serve")


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True)
class EmbeddingSettings:
    model: str = _setting(
        "bundled",
        "the model: bundled, bundled-plain (as it was before it was taught), a folder of taught layers, or a sentence-transformers name or folder",
    )
    question_prefix: str = _setting("", "put before every question; the bundled model has its own")
    passage_prefix: str = _setting("", "put before every passage; the bundled model has its own")
    cache: str = _setting("~/.cache/koujing", "folder that the bundled model is unpacked into, once (470 MB)")

    def __post_init__(self) -> None:
        if not self.model.strip():
            raise SettingsError(
                f"embedding.model is empty, expected bundled, or a sentence-transformers name or folder: mend {FILE}."
            )


@dataclass(frozen=True, slots=True)
class BaseSettings:
    authorities: tuple[str, ...] = _setting(
        ("law", "regulation", "platform_rule", "category_rule", "product_terms", "help_article", "script"),
        "ranks of authority; an earlier one outranks a later one",
    )
    dimensions: tuple[str, ...] = _setting(
        ("platform", "category", "region", "channel", "membership", "shop", "product"),
        "scope dimensions that a request may name even if no document has them yet",
    )
    timezone: str = _setting("Asia/Shanghai", "where a rule's day begins and ends")
    keep_snapshots: int = _setting(10, "how many past snapshots stay on disk, beside those the audit log needs")
    database: str = _setting(
        "", "SQLAlchemy URL of the database of the audit log and of decisions; empty: SQLite in the base's folder"
    )
    audit_answers: bool = _setting(True, "write every answer to the audit log, personal data masked")
    audit_days: int = _setting(1096, "how long entries of the audit log are kept (days)")

    def __post_init__(self) -> None:
        if not self.authorities or len(set(self.authorities)) < len(self.authorities) or "" in self.authorities:
            raise SettingsError(
                f"base.authorities is {list(self.authorities)}, expected one rank or more, each once: mend {FILE}."
            )
        if self.keep_snapshots < 1:
            raise SettingsError(f"base.keep_snapshots is {self.keep_snapshots}, expected 1 or more: mend {FILE}.")
        if self.audit_days < 1:
            raise SettingsError(f"base.audit_days is {self.audit_days}, expected 1 or more: mend {FILE}.")
        self.zone()

    def zone(self) -> tzinfo:
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise SettingsError(
                f"base.timezone is {self.timezone!r}, expected a name such as Asia/Shanghai: mend {FILE}."
            ) from error


def read_settings(home: Path) -> dict[str, dict[str, Any]]:
    """The tables of the settings file in `home`; empty where there is none."""
    file = home / FILE
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8-sig"))  # Windows editors put a mark before
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not valid TOML ({error}): mend the file.") from error
    except OSError as error:  # the home is a file, or closed to us
        raise SettingsError(
            f"{file} cannot be read ({error.strerror or error}): choose another folder with --home or mend its "
            "permissions."
        ) from error
    for name, table in tables.items():
        if name not in TABLES or not isinstance(table, dict):
            raise SettingsError(
                f"{file} has {name!r}, expected the tables [{'], ['.join(TABLES)}] only: mend the file."
            )
    return tables


def section(cls: type[Section], table: dict[str, Any], name: str) -> Section:
    """An instance of the settings class `cls` from the table called `name`."""
    known = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]
    if unknown := sorted(set(table) - set(known)):
        raise SettingsError(f"{FILE} has {name}.{unknown[0]}, which is unknown. Known in [{name}]: {', '.join(known)}.")
    values = {}
    for key, value in table.items():
        default = known[key].default
        if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(v, str) for v in value):
            value = tuple(value)
        if isinstance(default, float) and type(value) is int:
            value = float(value)
        if type(value) is not type(default):
            raise SettingsError(
                f"{FILE} has {name}.{key} = {value!r}, expected a {type(default).__name__} such as {default!r}."
            )
        values[key] = value
    return cls(**values)
