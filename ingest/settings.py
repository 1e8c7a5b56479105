"""How files are read: limits, passwords, text recognition. The table [ingest] of settings.toml."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kb.errors import SettingsError
from kb.settings import FILE


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """One frozen section, read like every other."""

    passwords: tuple[str, ...] = _setting((), "tried on locked files, one after the other")
    ocr: bool = _setting(True, "read pages without text from their picture, where the ocr extra is installed")
    workers: int = _setting(0, "how many files are read at once; 0: as many as there are processors")
    seconds_per_file: int = _setting(120, "a file that shows no progress for so long is given up (seconds)")
    memory_mb: int = _setting(3072, "what reading one file may take (MiB of address space)")
    file_mb: int = _setting(200, "a file larger than this is not read (MiB)")
    unpacked_mb: int = _setting(512, "an archive or office file may unpack to this much (MiB)")
    archive_depth: int = _setting(2, "how deep archives may stand in archives")
    archive_files: int = _setting(2000, "how many files one archive may hold")

    def __post_init__(self) -> None:
        lowest = {"workers": 0, "seconds_per_file": 1, "memory_mb": 256, "file_mb": 1, "unpacked_mb": 1}
        lowest |= {"archive_depth": 0, "archive_files": 1}
        for name, least in lowest.items():
            if getattr(self, name) < least:
                raise SettingsError(f"ingest.{name} is {getattr(self, name)}, expected {least} or more: mend {FILE}.")


def _unheard(what: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Reading:
    """What a loader is given beside the bytes: the settings, and whom to tell that it is still at work."""

    settings: ReadingSettings = ReadingSettings()
    tell: Callable[[str], None] = _unheard  # "page 12 of 300": puts the time limit off and is shown to people


PLAIN = Reading()
"""Default settings, nobody told: for tests and for reading a single file."""
