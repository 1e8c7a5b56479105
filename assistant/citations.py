"""The sentences of a clause that answer. Pure functions."""

from __future__ import annotations

import re

from kb.text import fold, sentences, tokens

# A sentence that only leads in ("下列情形之一的：") is shown with the one that follows it.
_LEAD_IN = re.compile(r"[：:]\s*$")


def highlights(text: str, question: str, best: tuple[int, int] | None) -> tuple[tuple[int, int], ...]:
    """The spans of `text` to mark: one sentence, or two that follow each other where the first only leads in.

    It is the sentence nearest by meaning (`best`, as search found it), unless another one has at least
    twice as many of the question's own words.
    """
    spans = sentences(text)
    if len(spans) < 2:
        return tuple(spans)
    asked = set(tokens(question))
    shared = [len(asked & set(tokens(text[a:b]))) for a, b in spans]
    most = shared.index(max(shared))
    chosen = next((n for n, (a, b) in enumerate(spans) if best is not None and a <= best[0] < b), most)
    if shared[most] >= 4 and shared[most] >= 2 * max(shared[chosen], 1):
        chosen = most
    leads_in = _LEAD_IN.search(fold(text[slice(*spans[chosen])])) and chosen + 1 < len(spans)
    return tuple(spans[chosen : chosen + (2 if leads_in else 1)])


def quote(text: str, marked: tuple[tuple[int, int], ...]) -> str:
    """The marked sentences, with what stands between them: always a slice of `text`."""
    return text[marked[0][0] : marked[-1][1]] if marked else ""
