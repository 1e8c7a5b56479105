"""What reading processes do: a file to its content, an archive to its members. Imports nothing but readers."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from ingest import containers
from ingest.errors import UnreadableFile
from ingest.jobs import ReadJob, UnpackJob
from ingest.loaders import load
from ingest.pipeline import interpret
from ingest.settings import Reading
from ingest.sources import Source, read_bytes
from ingest.types import Read
from kb.settings import BaseSettings

Tell = Callable[[str], None]


def warm_up() -> None:
    """Reads a made-up text: what readers load only when they come to it (dictionaries, tables of letters, patterns) is
    there then. It takes as long as reading a dozen files."""
    lines = [f"第{n}条　退货规则：买家自签收之日起七日内可以申请退货，运费由商家承担。" for n in range(1, 40)]
    source = Source("warm-up.md", Path("warm-up.md"), "", {}, {})
    extract = load("\n\n".join(["# 退货规则", *lines]).encode(), source.key, Reading())
    interpret(source, extract, "", {}, BaseSettings())


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
