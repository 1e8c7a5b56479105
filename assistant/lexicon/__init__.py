"""What customers say and what rules call it: a shipped list of notions, and the base's own rows.

The shipped list, `concepts.toml`, is general: it knows no shop and no document. A maintainer adds rows in
`lexicon.csv` in the base's folder (see `kb.sayings`), which are frozen into each snapshot.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kb.sayings import GAP, Saying
from kb.text import fold

_WIDEST_GAP = 6  # characters that "…" stands for at most
_LONGEST_ENDING = 3  # letters that a Latin word may go on with: refund, refunded
_LATIN = re.compile(r"[a-z0-9à-ÿ]")


@dataclass(frozen=True, slots=True)
class Concept:
    """One notion in the words of rules (`policy`) and in other words (`said`), as they are written."""

    name: str
    policy: tuple[str, ...]
    said: tuple[str, ...]


@cache
def shipped() -> tuple[Concept, ...]:
    text = resources.files("assistant").joinpath("lexicon/concepts.toml").read_text("utf-8")
    return tuple(
        Concept(name, tuple(table["policy"]), tuple(table["said"])) for name, table in tomllib.loads(text).items()
    )


class Lexicon:
    """Finds sayings in a text. Read-only once it is made."""

    def __init__(self, own: Sequence[Saying] = (), concepts: Sequence[Concept] | None = None) -> None:
        """`own`: the base's rows, which come first. `concepts`: None takes the shipped ones."""
        self._phrases = _phrases(shipped() if concepts is None else tuple(concepts))
        self._own = {
            language: _index((s.said, (s.means,)) for s in own if s.language in ("", language))
            for language in {"", *(s.language for s in own)}
        }

    def meant(self, folded: str, language: str = "") -> tuple[str, ...]:
        """What rules call what the text says, in the order in which it is said, each once. `folded`: as by
        `kb.text.fold`; `language` of the question: rows for another one do not count."""
        found: dict[str, None] = {}
        for index in (self._own.get(language, self._own[""]), self._phrases):
            for start in range(len(folded)):
                for length in (2, 1):
                    for phrase in index.get(folded[start : start + length], ()) if folded[start] != " " else ():
                        if phrase.pattern.match(folded, start):
                            found.update(dict.fromkeys(phrase.means))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Phrase:
    pattern: re.Pattern[str]
    means: tuple[str, ...]


def _index(rows: Iterable[tuple[str, tuple[str, ...]]]) -> Mapping[str, Sequence[_Phrase]]:
    """Phrases by their first two characters, or by the only one."""
    found: dict[str, list[_Phrase]] = {}
    for said, means in rows:
        words = GAP.join(fold(part).strip() for part in said.split(GAP))  # folded whole, the gap would be three dots
        found.setdefault(words.partition(GAP)[0][:2], []).append(_Phrase(pattern(words), means))
    return found


def pattern(said: str) -> re.Pattern[str]:
    """What a folded saying matches: letters stand as whole words, with a short ending; "…" is a short gap."""
    gap = rf"[^。！？!?；;\n]{{0,{_WIDEST_GAP}}}?"
    parts = [part.strip() for part in said.split(GAP) if part.strip()]
    left = r"(?<![a-z0-9à-ÿ])" if _LATIN.match(said[:1]) else ""
    right = rf"[a-zà-ÿ]{{0,{_LONGEST_ENDING}}}(?![a-z0-9à-ÿ])" if _LATIN.match(said[-1:]) else ""
    return re.compile(left + gap.join(map(re.escape, parts)) + right)


@cache
def _phrases(concepts: tuple[Concept, ...]) -> Mapping[str, Sequence[_Phrase]]:
    return _index((words, concept.policy) for concept in concepts for words in (*concept.policy, *concept.said))
