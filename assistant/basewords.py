"""What the lexical index is asked for: the question's own words, and those of the base that mean or sound the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache

from assistant.analysis import ALL, Analysis
from assistant.lexicon import Lexicon
from assistant.sounds import Sounding
from assistant.stopwords import stop_tokens
from kb.sayings import Saying
from kb.text import HAN, fold, folded_tokens, is_word, language, segments, tokens

# Weights of what is added beside the question's own words (1.0). Right-first of BM25 alone on four families of desk
# documents, 5,899 questions: 0.343 with nothing added; meanings at 0.3, 0.5, 0.8: 0.369, 0.371, 0.358; sounds at 0.5,
# 0.65, 0.8: 0.355, 0.357, 0.357 (noisy questions alone 0.33 -> 0.42, 0.44, 0.45; chats 0.30 -> 0.30, 0.30, 0.29). With
# both, and without words that carry no topic: 0.389; on four other families, looked at once: 0.332 -> 0.371.
_MEANT = 0.5
_SOUNDS = 0.65

_HAN_RUN = re.compile(f"[{HAN}]{{2,}}")
_LATIN_WORD = re.compile(r"(?<![a-z0-9])[a-z]{5,}(?![a-z0-9])")
_PINYIN = re.compile(rf"(?P<left>[{HAN}]?)(?P<syllable>(?<![a-z])[a-z]{{2,20}}(?![a-z]))(?P<right>[{HAN}]?)")


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
        folded = fold(text)
        found = dict.fromkeys(folded_tokens(folded), 1.0)
        if analysis.denoise:
            found = {token: 1.0 for token in found if token not in stop_tokens()} or found
        if analysis.sounds:
            for word in self._mistyped(folded):
                found.setdefault(word, _SOUNDS)
        if analysis.lexicon:
            for phrase in self._lexicon.meant(folded, language(text)):
                for token in self._known_of(phrase):
                    found.setdefault(token, _MEANT)
        return found

    def _mistyped(self, folded: str) -> list[str]:
        """Tokens of what may be meant by pairs of hanzi and Latin words that the base does not have, and by syllables
        beside hanzi (退kuan)."""
        pairs = list(dict.fromkeys(pair for run in _HAN_RUN.findall(folded) for pair in _doubtful_pairs(run)))
        words = list(dict.fromkeys(_LATIN_WORD.findall(folded)))
        known = set(self._known([*("_" + pair for pair in pairs), *words]))
        meant = [word for pair in pairs if "_" + pair not in known for word in self._sounding.same(pair)]
        for match in _PINYIN.finditer(folded):
            meant += self._sounding.spelt(match["left"], match["syllable"], match["right"])
        found = [token for word in meant for token in (word, "_" + word)]
        return found + [other for word in words if word not in known for other in self._sounding.near(word)]

    @cached_property
    def _sounding(self) -> Sounding:
        return Sounding(word for word in self._vocabulary() if not word.startswith("_"))


def _doubtful_pairs(run: str) -> list[str]:
    """Neighbours in a run of hanzi but for those where a word ends and the next begins: 怎么|付款 has no 么付. Single
    characters and words made up by the segmenter count as no words: mistyped ones are cut so."""
    whole: list[bool] = []  # of each character: whether it belongs to a word of the dictionary, of two or more
    first: list[int] = []  # … and where its word begins
    for word in segments(run):
        in_dictionary = len(word) > 1 and is_word(word)
        first += [len(whole)] * len(word)
        whole += [in_dictionary] * len(word)
    return [run[i : i + 2] for i in range(len(run) - 1) if first[i] == first[i + 1] or not (whole[i] and whole[i + 1])]
