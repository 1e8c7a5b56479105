"""The sentences of a clause that answer. Pure functions."""

from __future__ import annotations

import re

from kb.text import fold, sentences, tokens

# A sentence that only leads in ("下列情形之一的：") is shown with the one that follows it.
_LEAD_IN = re.compile(r"[：:]\s*$")
# The question of a pair of question and answer ("Q: …？", "12 | 发票 | 怎么开专票？") is the nearest and no answer.
_ASKS = re.compile(r"[?？][\s|”\"'）)]*$")
# A sentence that takes something back is shown with the one it takes it back from, and never left out behind it.
_EXCEPTS = re.compile(
    r"\W*(?:但|不过|然而|除外|例外|except\b|excluding\b|however\b|but\b|unless\b|ただし|但し|다만|단[,\s]|salvo\b|excepto\b"
    r"|sin embargo\b|pero\b|no obstante\b)"
)


def highlights(text: str, question: str, best: tuple[int, int] | None) -> tuple[tuple[int, int], ...]:
    """The spans of `text` to mark: one sentence, and those around it that it does not stand without.

    It is the sentence nearest by meaning (`best`, as search found it), unless another one has at least
    twice as many of the question's own words; of a pair of question and answer, a sentence of the answer.
    """
    spans = _answers(text)
    if len(spans) < 2:
        return tuple(spans)
    if best is not None and best[0] < spans[0][0]:
        best = None
    asked = set(tokens(question))
    shared = [len(asked & set(tokens(text[a:b]))) for a, b in spans]
    most = shared.index(max(shared))
    chosen = next((n for n, (a, b) in enumerate(spans) if best is not None and a <= best[0] < b), most)
    if shared[most] >= 4 and shared[most] >= 2 * max(shared[chosen], 1):
        chosen = most
    first = last = chosen
    while first and _EXCEPTS.match(_sentence(text, spans[first])):
        first -= 1
    if _LEAD_IN.search(_sentence(text, spans[last])) and last + 1 < len(spans):
        last += 1
    while last + 1 < len(spans) and _EXCEPTS.match(_sentence(text, spans[last + 1])):
        last += 1
    return tuple(spans[first : last + 1])


def _answers(text: str) -> list[tuple[int, int]]:
    """The sentences, without the questions that they begin with."""
    spans = sentences(text)
    asks = 0
    while asks < len(spans) - 1 and _ASKS.search(_sentence(text, spans[asks])):
        asks += 1
    if asks:  # what is left of a row begins with a cell, not with the line before it
        start, end = spans[asks]
        spans[asks] = end - len(text[start:end].lstrip("|｜ ")) if text[start:end].strip("|｜ ") else start, end
    return spans[asks:]


def _sentence(text: str, span: tuple[int, int]) -> str:
    return fold(text[slice(*span)])


def quote(text: str, marked: tuple[tuple[int, int], ...]) -> str:
    """The marked sentences, with what stands between them: always a slice of `text`."""
    return text[marked[0][0] : marked[-1][1]] if marked else ""
