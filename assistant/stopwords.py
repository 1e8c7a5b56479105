"""Words that carry no topic: `lexicon/stopwords.txt`."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def stopwords() -> frozenset[str]:
    """Folded words."""
    text = resources.files("assistant").joinpath("lexicon/stopwords.txt").read_text("utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@cache
def stop_tokens() -> frozenset[str]:
    """The words and the pairs of hanzi in them, as `kb.text.tokens` marks pairs."""
    pairs = ("_" + word[i : i + 2] for word in stopwords() if not word.isascii() for i in range(len(word) - 1))
    return stopwords() | frozenset(pairs)
