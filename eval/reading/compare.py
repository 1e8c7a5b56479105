"""Holds what we read against what others read: pure functions on texts, and tables of them."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ingest.cleaning import fold_radicals

FEW = 20  # letters: of fewer, a share says nothing


@dataclass(frozen=True, slots=True)
class Compared:
    """One file, read by us and by another program."""

    name: str
    kind: str
    reason: str  # why we refused it; "" if it was read
    program: str
    theirs: int | None  # letters that the other program found; None: it found no text, or there is none for the kind
    found: float | None  # share of them in our text; None where there is nothing to compare with
    listed: float | None  # share of them in our text or in what we say we took out
    more: float | None  # letters that only we have, as a share of theirs
    seconds: float = 0.0
    peak_mb: float = 0.0
    unread: int = 0
    recognised: int = 0

    @property
    def only_they(self) -> bool:
        """Refused by us although another program finds text."""
        return bool(self.reason) and (self.theirs or 0) >= FEW


def letters(text: str) -> Counter[str]:
    """Letters and digits as one would type them, how often each."""
    return Counter(c for c in unicodedata.normalize("NFKC", fold_radicals(text)) if c.isalnum())


def share(wanted: Counter[str], got: Counter[str]) -> float | None:
    """Of the wanted letters those that were got, each counted as often as it stands there; None for too few."""
    total = sum(wanted.values())
    return sum((wanted & got).values()) / total if total >= FEW else None


def surplus(wanted: Counter[str], got: Counter[str]) -> float | None:
    total = sum(wanted.values())
    return sum((got - wanted).values()) / total if total >= FEW else None


def by_kind(files: Sequence[Compared]) -> list[tuple[str, ...]]:
    """One line a kind, and one for all."""
    groups: dict[str, list[Compared]] = defaultdict(list)
    for file in files:
        groups[file.kind].append(file)
    rows = [(kind, *_line(group)) for kind, group in sorted(groups.items())]
    return [*rows, ("all", *_line(files))]


HEAD = ("kind", "files", "read", "refused", "only they", "found median", "min", "listed min", "slowest s", "peak MB")


def _line(files: Sequence[Compared]) -> tuple[str, ...]:
    found = [file.found for file in files if file.found is not None]
    listed = [file.listed for file in files if file.listed is not None]
    return (
        str(len(files)),
        str(sum(not file.reason for file in files)),
        str(sum(bool(file.reason) for file in files)),
        str(sum(file.only_they for file in files)),
        percent(median(found) if found else None),
        percent(min(found, default=None)),
        percent(min(listed, default=None)),
        f"{max((file.seconds for file in files), default=0):.1f}",
        f"{max((file.peak_mb for file in files), default=0):.0f}",
    )


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown; bars within cells are spelled otherwise."""
    cells = [[cell.replace("|", "/").replace("\n", " ") for cell in row] for row in rows]
    lines = [head, ["---"] * len(head), *cells]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
