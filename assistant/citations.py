"""The sentences of a clause that answer. Pure functions."""

from __future__ import annotations

import re

from kb.text import fold, sentences, tokens

# A sentence that only leads in ("下列情形之一的：") is shown with the one that follows it.
_LEAD_IN = re.compile(r"[：:]\s*$")


def highlights(text: str, question: str, best: tuple[int, int] | None) -> tuple[tuple[int, int], ...]:
    """Spans of `text` to mark, in order and apart: the best sentence by meaning, a little wider where
    another says as many of the question's own words.

    `best` is the sentence that search found nearest, as a span; None for a clause of one sentence.
    """
    spans = sentences(text)
    if len(spans) < 2:
        return tuple(spans)
    asked = set(tokens(question))
    shared = [len(asked & set(tokens(text[a:b]))) for a, b in spans]
    chosen = {spans.index(best)} if best in spans else {shared.index(max(shared))}
    most = max(shared)
    # Words decide only when they speak clearly: a sentence with twice the overlap of the best one.
    nearest = next(iter(chosen))
    if most >= 4 and most >= 2 * max(shared[nearest], 1):
        chosen.add(shared.index(most))
    for number in sorted(chosen):
        if _LEAD_IN.search(fold(text[slice(*spans[number])])) and number + 1 < len(spans):
            chosen.add(number + 1)
    return tuple(spans[number] for number in sorted(chosen))


def quote(text: str, marked: tuple[tuple[int, int], ...]) -> str:
    """The marked sentences verbatim; "…" stands where something between them is left out."""
    parts: list[str] = []
    end = None
    for a, b in marked:
        if end is not None:
            between = text[end:a]
            parts.append("…" if between.strip() else between)
        parts.append(text[a:b])
        end = b
    return "".join(parts)
