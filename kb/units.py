"""What is embedded and what is indexed lexically for a clause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.text import sentences, to_simplified
from kb.types import Clause, Version

REVISION = 1  # part of a snapshot's identity: raise when the texts below change

# A sentence shorter than this says too little alone ("但是：", "（一）") and only adds noise.
_MIN_SENTENCE = 8


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a clause that has a vector of its own: the whole clause or one of its sentences."""

    row: int  # the clause's position in the snapshot
    start: int  # offsets into clause.text
    end: int
    text: str  # what is embedded


def units(row: int, clause: Clause, version: Version) -> Sequence[Unit]:
    """The clause as a whole, first; then its sentences, if it has more than one.

    Traditional Chinese is embedded in simplified characters, as questions are: the encoder has seen
    far more of those, and the two then meet.
    """
    shown = to_simplified if version.language == "zh-Hant" else str
    whole = shown(f"{version.title} {heading(clause)} {clause.context} {clause.text}")
    spans = [span for span in sentences(clause.text) if span[1] - span[0] >= _MIN_SENTENCE]
    if len(spans) < 2:
        spans = []
    return [
        Unit(row, 0, len(clause.text), whole),
        *(Unit(row, a, b, shown(clause.text[a:b])) for a, b in spans),
    ]


def heading(clause: Clause) -> str:
    """The headings above the clause, without its own number."""
    return " ".join(part for part in clause.path if part != clause.label)


def lexical_texts(clause: Clause, version: Version) -> tuple[str, str]:
    """(text, heading) for the lexical index."""
    return f"{clause.label} {clause.text}", f"{version.title} {heading(clause)} {clause.context}"
