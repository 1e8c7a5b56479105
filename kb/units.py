"""What is embedded and what is indexed lexically for a clause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.text import sentences, to_simplified
from kb.types import Clause, Version

REVISION = 2  # part of a snapshot's identity: raise when the texts below change

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
    """The clause as a whole under its document's title, first; then its sentences, bare.

    The whole says what the clause is about, a sentence what it says: a question is near the one or
    the other. A clause of one sentence has it twice, with title and number and without. The headings
    between title and clause are left out: they made the right clause come first less often, on
    statutes and on desk documents alike (see `eval/README.md`). Traditional Chinese is embedded in
    simplified characters, as questions are: the encoder has seen far more of those.
    """
    shown = to_simplified if version.language == "zh-Hant" else str
    label = "" if clause.label in clause.text else clause.label
    whole = " ".join(filter(None, (version.title, label, clause.context, clause.text)))
    found = [Unit(row, 0, len(clause.text), shown(whole))]
    spans = sentences(clause.text)
    for start, end in [span for span in spans if span[1] - span[0] >= _MIN_SENTENCE] or [(0, len(clause.text))]:
        bare = clause.text[start:end]
        if start == 0:
            bare = bare.removeprefix(clause.label).strip() or bare
        found.append(Unit(row, start, end, shown(bare)))
    return found


def heading(clause: Clause) -> str:
    """The headings above the clause, without its own number."""
    return " ".join(part for part in clause.path if part != clause.label)


def lexical_texts(clause: Clause, version: Version) -> tuple[str, str]:
    """(text, heading) for the lexical index."""
    return f"{clause.label} {clause.text}", f"{version.title} {heading(clause)} {clause.context}"
