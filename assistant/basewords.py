"""What the lexical index is asked for: the question's own words, and those of the base that mean or sound the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache

from assistant.analysis import ALL, Analysis
from assistant.lexicon import Lexicon
from assistant.sounds import Sounding
from kb.sayings import Saying
from kb.text import HAN, fold, tokens

# Weights of what is added beside the question's own words (1.0). Right-first of BM25 alone on four families of desk
# documents: 0.343 with none; with meanings at 0.3 / 0.5 / 0.8: 0.369 / 0.371 / 0.358; with sounds at 0.5 / 0.8: 0.353 / 0.353.
_MEANT = 0.5
_SOUNDS = 0.5

_HAN_RUN = re.compile(f"[{HAN}]{{2,}}")
_LATIN_WORD = re.compile(r"(?<![a-z0-9])[a-z]{5,}(?![a-z0-9])")


class BaseWords:
    """The words of one base. Thread-safe: it changes nothing but what it keeps of its own findings."""

    def __init__(
        self,
        known: Callable[[Iterable[str]], Sequence[str]],
        vocabulary: Callable[[], Iterable[str]],
        own: Sequence[Saying] = (),
    ) -> None:
        """`known`: those of some tokens that the base has; `vocabulary`: all of them, asked for when a question has a
        word that may be mistyped. `own`: the base's rows of the lexicon."""
        self._known = known
        self._vocabulary = vocabulary
        self._lexicon = Lexicon(own)
        self._known_of = lru_cache(maxsize=4096)(lambda phrase: tuple(known(dict.fromkeys(tokens(phrase)))))

    def terms(self, text: str, analysis: Analysis = ALL) -> dict[str, float]:
        """Tokens with weights, in the order in which they were found."""
        found = dict.fromkeys(tokens(text), 1.0)
        folded = fold(text)
        if analysis.sounds:
            for word in self._mistyped(folded):
                found.setdefault(word, _SOUNDS)
        if analysis.lexicon:
            for phrase in self._lexicon.meant(folded):
                for token in self._known_of(phrase):
                    found.setdefault(token, _MEANT)
        return found

    def _mistyped(self, folded: str) -> list[str]:
        """What may be meant by pairs of hanzi and Latin words that the base does not have."""
        pairs = [run[i : i + 2] for run in _HAN_RUN.findall(folded) for i in range(len(run) - 1)]
        words = dict.fromkeys(_LATIN_WORD.findall(folded))
        known = set(self._known([*("_" + pair for pair in pairs), *words]))
        found = [token for pair in dict.fromkeys(pairs) if "_" + pair not in known for token in self._pair(pair)]
        return found + [other for word in words if word not in known for other in self._sounding.near(word)]

    def _pair(self, pair: str) -> list[str]:
        return [token for word in self._sounding.same(pair) for token in (word, "_" + word)]

    @cached_property
    def _sounding(self) -> Sounding:
        return Sounding(word for word in self._vocabulary() if not word.startswith("_"))
