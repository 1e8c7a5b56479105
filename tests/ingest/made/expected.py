"""What a made file must give, and how what was read is held against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.settings import Reading, ReadingSettings
from ingest.types import Cut, Extract

PLAIN = ReadingSettings(ocr=False)  # recognising pictures takes seconds: only the scans ask for it


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause as a reader sees it. White space in `text` does not count."""

    label: str | None  # None: not laid down
    text: str
    path: tuple[str, ...] | None = None  # None: not laid down (a table row's path ends in its own key)

    def matches(self, other: Clause) -> bool:
        if bare(self.text) != bare(other.text):
            return False
        if self.label is not None and bare(self.label) != bare(other.label or ""):
            return False
        return self.path is None or [*map(bare, self.path)] == [*map(bare, other.path or ())]


@dataclass(frozen=True, slots=True)
class Made:
    """One file. `needs`: what the machine must have: "soffice", "ocr", "font"."""

    name: str
    build: Callable[[], bytes]
    clauses: tuple[Clause, ...] = ()
    found: Mapping[str, str] = field(default_factory=dict)  # metadata field -> value
    removed: tuple[str, ...] = ()  # stands in Extract.removed and not in the text
    unread: tuple[str, ...] = ()  # words that Extract.unread must say
    notes: tuple[str, ...] = ()  # words that Extract.notes or Extract.unread must say
    footnotes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()  # stands in no clause
    pages: tuple[int, ...] = ()  # of the clauses
    refused: str = ""  # the file is refused, with a reason that this matches
    needs: tuple[str, ...] = ()
    settings: ReadingSettings = PLAIN
    share: float = 1.0  # of the expected letters, for scans: recognition makes mistakes

    @property
    def reading(self) -> Reading:
        return Reading(self.settings)


def bare(text: str) -> str:
    return "".join(text.split()).replace("\u200b", "")


def clauses_of(extract: Extract, cut: Cut) -> list[Clause]:
    """What was cut, without the paragraphs that are footnotes."""
    notes = [(note.start, note.end) for note in extract.footnotes]
    return [
        Clause(draft.label, extract.text[draft.start : draft.end], draft.path)
        for draft in cut.drafts
        if not any(start <= draft.start and draft.end <= end for start, end in notes)
    ]


def matched(expected: Sequence[Clause], got: Sequence[Clause]) -> list[int]:
    """For every expected clause the index of its match among `got`, in order; -1 where there is none."""
    found, at = [], 0
    for clause in expected:
        index = next((i for i in range(at, len(got)) if clause.matches(got[i])), -1)
        found.append(index)
        at = index + 1 if index >= 0 else at
    return found


def letters_recovered(expected: str, got: str) -> float:
    """Share of the expected letters that were read, each counted as often as it stands there."""
    want, have = Counter(bare(expected)), Counter(bare(got))
    return sum((want & have).values()) / max(1, sum(want.values()))
