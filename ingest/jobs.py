"""What reading processes are asked to do. They are started by name, so that asking needs no reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.settings import ReadingSettings
from ingest.sources import Source
from kb.settings import BaseSettings

READ = "ingest.readers:read"
UNPACK = "ingest.readers:unpack"


@dataclass(frozen=True, slots=True)
class ReadJob:
    """A file to be read as it was when its hash was taken."""

    source: Source
    sha256: str
    given: Mapping[str, str]
    base: BaseSettings
    reading: ReadingSettings
    extract: Path  # where the extract is kept, so that it can be cut again without being read again
    boilerplate: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UnpackJob:
    """An archive or message to be unpacked into `folder`."""

    source: Source
    reading: ReadingSettings
    folder: Path
