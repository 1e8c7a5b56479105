"""How fast each format is read, beside how fast clauses are embedded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEAD = ("kind", "files", "MB", "s", "MB/s", "pages/s", "clauses/s", "embedding/reading")


@dataclass(frozen=True, slots=True)
class Speed:
    """What reading files of one kind came to."""

    kind: str
    files: int
    size: int  # bytes
    pages: int
    clauses: int
    seconds: float

    @property
    def clauses_per_s(self) -> float:
        return self.clauses / self.seconds if self.seconds else 0.0

    def times_embedding(self, embedded_per_s: float) -> float | None:
        """How many times longer embedding these clauses takes than reading them; None without clauses."""
        return self.clauses_per_s / embedded_per_s if self.clauses and embedded_per_s else None


def summed(files: Iterable[Speed]) -> list[Speed]:
    """One for each kind, and one for all."""
    groups: dict[str, list[Speed]] = defaultdict(list)
    for file in files:
        groups[file.kind].append(file)
    everything = [file for group in groups.values() for file in group]
    return [*(_sum(kind, group) for kind, group in sorted(groups.items())), _sum("all", everything)]


def _sum(kind: str, files: Sequence[Speed]) -> Speed:
    return Speed(
        kind,
        sum(file.files for file in files),
        sum(file.size for file in files),
        sum(file.pages for file in files),
        sum(file.clauses for file in files),
        sum(file.seconds for file in files),
    )


def rows(speeds: Sequence[Speed], embedded_per_s: float) -> list[tuple[str, ...]]:
    return [_row(speed, embedded_per_s) for speed in speeds]


def _row(speed: Speed, embedded_per_s: float) -> tuple[str, ...]:
    seconds = speed.seconds or float("inf")
    times = speed.times_embedding(embedded_per_s)
    return (
        speed.kind,
        str(speed.files),
        f"{speed.size / 1e6:.2f}",
        f"{speed.seconds:.2f}",
        f"{speed.size / 1e6 / seconds:.2f}",
        f"{speed.pages / seconds:.1f}" if speed.pages else "–",
        f"{speed.clauses_per_s:.0f}",
        "–" if times is None else f"{times:.1f}",
    )
