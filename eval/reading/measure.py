"""What a reading process does for a comparison: one file to its text, with its time and memory."""

from __future__ import annotations

import contextlib
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.loaders import load
from ingest.settings import Reading, ReadingSettings
from ingest.structure import cut
from kb.types import ClauseKind

READ = "eval.reading.measure:read"


@dataclass(frozen=True, slots=True)
class Job:
    file: Path
    settings: ReadingSettings


@dataclass(frozen=True, slots=True)
class Got:
    """What our reader made of a file."""

    text: str
    elsewhere: str  # taken out, but listed: headers, navigation, hidden text
    unread: tuple[str, ...]
    pages: int
    clauses: tuple[str, ...]
    rows: int
    recognised: int  # pages read from their picture
    seconds: float
    peak_mb: float


def read(job: Job, tell: Callable[[str], None]) -> Got:
    data = job.file.read_bytes()
    _forget_peak()
    begun = time.perf_counter()
    extract = load(data, job.file.name, Reading(job.settings, tell))
    drafts = cut(extract).drafts
    return Got(
        extract.text,
        "\n".join((*(removed.text for removed in extract.removed), extract.title or "", *extract.fields.values())),
        extract.unread,
        len(extract.page_starts),
        tuple(extract.text[draft.start : draft.end] for draft in drafts),
        sum(draft.kind is ClauseKind.ROW for draft in drafts),
        len(extract.recognised),
        time.perf_counter() - begun,
        _peak_mb(),
    )


def _forget_peak() -> None:
    with contextlib.suppress(OSError):  # where there is no such file, the peak is that of all files so far
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    try:
        return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
