"""What reading processes do: a file to its content, an archive to its members. Imports nothing but readers."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingest import containers
from ingest.errors import UnreadableFile
from ingest.loaders import load
from ingest.pipeline import Read, interpret
from ingest.settings import Reading, ReadingSettings
from ingest.sources import Source, read_bytes
from kb.settings import BaseSettings

READ = "ingest.jobs:read"
UNPACK = "ingest.jobs:unpack"

Tell = Callable[[str], None]


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


def read(job: ReadJob, tell: Tell) -> Read:
    """Raises UnreadableFile, InvalidMetadata, OSError."""
    if job.extract.exists():
        extract = pickle.loads(job.extract.read_bytes())  # ours: written below, in a folder of ours
    else:
        data = read_bytes(job.source.bytes_at, job.source.key, job.reading.file_mb)
        if hashlib.sha256(data).hexdigest() != job.sha256:
            raise UnreadableFile(
                job.source.key, "it changed while it was being read. Repeat the command when it is complete."
            )
        extract = load(data, PurePosixPath(job.source.key).name, Reading(job.reading, tell))
        del data
        job.extract.write_bytes(pickle.dumps(extract, pickle.HIGHEST_PROTOCOL))
    tell("cutting into clauses")
    return interpret(job.source, extract, job.sha256, job.given, job.base, job.boilerplate)


def unpack(job: UnpackJob, tell: Tell) -> containers.Unpacked | None:
    """None: what looked like an archive is a document. Raises UnreadableFile, OSError."""
    data = read_bytes(job.source.file, job.source.key, job.reading.file_mb)
    return containers.unpack(data, PurePosixPath(job.source.key).name, job.reading, job.folder, tell)
