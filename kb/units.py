"""What is embedded and what is indexed lexically for a clause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kb.text import language, sentences, to_simplified
from kb.types import Clause, Version

REVISION = 2  # part of a snapshot's identity: raise when the texts below change

# A sentence shorter than this says too little alone ("但是：", "（一）") and only adds noise.
_MIN_SENTENCE = 8


@dataclass(frozen=True, slots=True)
class Unit:
    """What has a vector of its own: a whole clause, one of its sentences, or a wording that it is asked with."""

    row: int  # the clause's position in the snapshot
    start: int  # offsets into clause.text; 0 and 0 for a wording, which is no part of it
    end: int
    text: str  # what is embedded


def units(row: int, clause: Clause, version: Version, asked_as: Sequence[str] = ()) -> Sequence[Unit]:
    """The clause as a whole under its document's title, first; then its sentences, bare; then what it is asked with.

    The whole says what the clause is about, a sentence what it says: a question is near the one or
    the other. A clause of one sentence has it twice, with title and number and without. The headings
    between title and clause are left out: they made the right clause come first less often, on
    statutes and on desk documents alike (see `eval/README.md`). Traditional Chinese is embedded in
    simplified characters, as questions are: the encoder has seen far more of those.
    """
    found = [Unit(row, 0, len(clause.text), whole(clause, version))]
    shown = _shown(version)
    spans = sentences(clause.text)
    for start, end in [span for span in spans if span[1] - span[0] >= _MIN_SENTENCE] or [(0, len(clause.text))]:
        bare = clause.text[start:end]
        if start == 0:
            bare = bare.removeprefix(clause.label).strip() or bare
        found.append(Unit(row, start, end, shown(bare)))
    found.extend(Unit(row, 0, 0, _as_asked(wording)) for wording in dict.fromkeys(asked_as))
    return found


def whole(clause: Clause, version: Version) -> str:
    """The clause under its document's title, as it is embedded."""
    label = "" if clause.label in clause.text else clause.label
    return _shown(version)(" ".join(filter(None, (version.title, label, clause.context, clause.text))))


def _shown(version: Version) -> Callable[[str], str]:
    return to_simplified if version.language == "zh-Hant" else str


def _as_asked(wording: str) -> str:
    """As a question in these words is embedded."""
    return to_simplified(wording) if language(wording) == "zh-Hant" else wording


def heading(clause: Clause) -> str:
    """The headings above the clause, without its own number."""
    return " ".join(part for part in clause.path if part != clause.label)


def lexical_texts(clause: Clause, version: Version) -> tuple[str, str]:
    """(text, heading) for the lexical index."""
    return f"{clause.label} {clause.text}", f"{version.title} {heading(clause)} {clause.context}"
