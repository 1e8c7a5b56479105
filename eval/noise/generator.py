"""Noise over questions: each kind by itself, seeded, and kept from changing what is asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from random import Random

from assistant import chat
from assistant.types import Turn
from eval.noise import fillers, hanzi, latin, marks, numerals, order, pasted, switching
from eval.noise.keeping import same_meaning
from eval.types import Case, EvalError
from kb.text import language

Transformation = Callable[[str, Random], str | None]
_TRIES = 6  # draws before a kind is said not to apply: the first may have touched a number or changed nothing


def _homophones(text: str, random: Random) -> str | None:
    code = language(text)
    return hanzi.homophones(text, random) if code[:2] == "zh" else latin.misspelt(text, code, random)


def _letters(text: str, random: Random) -> str | None:
    return hanzi.slips_of_hand(text, random) if language(text)[:2] == "zh" else latin.letters(text, random)


def _pinyin(text: str, random: Random) -> str | None:
    return hanzi.pinyin(text, random) if language(text)[:2] == "zh" else None


def _casing(text: str, random: Random) -> str | None:
    return latin.casing(text, random) if language(text) in ("en", "es") else None


def _in_language(change: Callable[[str, str, Random], str | None]) -> Transformation:
    return lambda text, random: change(text, language(text), random)


def _kept(change: Transformation, around: bool = False) -> Transformation:
    """`change`, or None where it does not apply or would change what is asked. `around`: the text must stay whole."""

    def changed(text: str, random: Random) -> str | None:
        for _ in range(_TRIES):
            other = change(text, random)
            if other is not None and other != text and (text in other if around else same_meaning(text, other)):
                return other
        return None

    return changed


KINDS: dict[str, Transformation] = {
    "homophones": _kept(_homophones),  # written by ear
    "pinyin": _kept(_pinyin),  # a word in letters
    "keyboard": _kept(latin.keyboard),  # the key beside
    "letters": _kept(_letters),  # lost, doubled, changed about
    "case": _kept(_casing),
    "punctuation": _kept(marks.punctuation),  # none
    "repeats": _kept(marks.repeats),  # ？？？
    "spacing": _kept(_in_language(marks.spacing)),  # and messages in pieces
    "fillers": _kept(_in_language(fillers.fillers)),
    "traditional": _kept(hanzi.script),  # or, of a traditional text, simplified
    "width": _kept(marks.width),
    "numerals": _kept(_in_language(numerals.numerals)),
    "emoji": _kept(_in_language(marks.emoji)),
    "order": _kept(_in_language(order.order)),
    "pasted": _kept(_in_language(pasted.pasted), around=True),
    "switching": _kept(_in_language(switching.switching)),
}


def vary(text: str, kind: str, random: Random) -> str | None:
    """`text` with one kind of noise; None: it has nothing that this kind could change."""
    return KINDS[kind](text, random)


def noisy(cases: Iterable[Case], seed: int, kinds: Sequence[str] | None = None, each: int = 1) -> list[Case]:
    """Each case in up to `each` different wordings of every kind, in order; the cases themselves are not among them.

    A wording is drawn by seed, case, kind and number alone: the same whatever else is asked for with it. Gold, date and
    scope are the original's, and so is the intent (where it has none, its id): original and wordings form one group.
    """
    if unknown := sorted(set(kinds or ()) - set(KINDS)):
        raise EvalError(f"There is no noise called {', '.join(unknown)}; the kinds are {', '.join(KINDS)}.")
    return [
        other
        for case in cases
        for kind in (kinds if kinds is not None else KINDS)
        for other in _wordings(case, kind, seed, each)
    ]


def _wordings(case: Case, kind: str, seed: int, each: int) -> list[Case]:
    found: list[Case] = []
    for number in range(1, each + 1):
        changed = _varied(case, kind, Random(f"{seed}|{case.id}|{kind}|{number}"))
        if changed is not None and all(changed.request != other.request for other in found):
            suffix = kind if number == 1 else f"{kind}{number}"
            found.append(dataclasses.replace(changed, id=f"{case.id}~{suffix}"))
    return found


def _varied(case: Case, kind: str, random: Random) -> Case | None:
    request = case.request
    if kind == "pasted" and request.history:  # the whole chat in one piece, as it is copied
        turns = [*request.history, Turn("customer", request.question)]
        question = pasted.transcript(turns, language("\n".join(turn.text for turn in turns)), random)
        request = dataclasses.replace(request, history=())
    else:
        before, asked = _in_a_chat(request.question)
        question = None if before and kind == "pasted" else vary(asked, kind, random)
        question = before + question if question is not None else None
    if question is None:
        return None
    changed = dataclasses.replace(
        case,
        request=dataclasses.replace(request, question=question),
        intent=case.intent or case.id,
        style=f"noise:{kind}",
    )
    return dataclasses.replace(changed, language=language(question)) if kind == "traditional" else changed


def _in_a_chat(text: str) -> tuple[str, str]:
    """A pasted chat up to its question, and the question; a text that is none has nothing before it."""
    question, turns = chat.parse(text)
    return (text[: -len(question)], question) if turns and text.endswith(question) else ("", text)


def original(case_id: str) -> str:
    """The id of the case that a wording was made from."""
    return case_id.rpartition("~")[0] or case_id
