"""Which sets there are, which questions of a set are asked, and naming them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path

from eval.public import intents, passages, shelves
from eval.public.types import PublicSet
from eval.types import Case, EvalError

_NAMES = {"en": "English", "es": "Spanish", "zh": "Chinese"}
_DIRECTIONS = (("zh", "en"), ("es", "en"), ("en", "zh"), ("en", "es"), ("en", "en"), ("zh", "zh"), ("es", "es"))

SETS = (
    PublicSet("clinc150", "150 intents, questions on them and out of scope", intents.clinc150, 450, spread=True),
    PublicSet("banking77", "77 intents of a bank", intents.banking77, 385, spread=True),
    *(
        PublicSet(
            f"xquad-{asked}-{found}",
            f"{_NAMES[asked]} questions on {_NAMES[found]} passages",
            partial(passages.xquad, asked, found),
            250,
        )
        for asked, found in _DIRECTIONS
    ),
    PublicSet("jsquad", "Japanese questions on passages", passages.jsquad, 400),
    PublicSet("statutes", "lay people's questions on 160 laws", shelves.statutes, 1100, learned=True),
    PublicSet("sample", "the sample corpus and its questions", shelves.sample, 600),
)


def chosen(data: Path, names: Sequence[str]) -> list[PublicSet]:
    """The sets so named, each once; `xquad` names all sets that begin with `xquad-`. None named: all but the families
    of desk documents, which the shipped encoder has learnt from."""
    every = [*SETS, *shelves.families(data)]
    if not names:
        return list(SETS)
    found: dict[str, PublicSet] = {}
    for name in names:
        fitting = [one for one in every if one.name == name or one.name.startswith(f"{name}-")]
        if not fitting:
            raise EvalError(f"There is no set {name!r}; expected one of {', '.join(one.name for one in every)}.")
        found |= {one.name: one for one in fitting}
    return list(found.values())


def drawn(cases: Sequence[Case], limit: int, spread: bool, seed: int = 1) -> list[Case]:
    """Of the answerable `limit`, or a few more where the last intent is to stay whole; and at most half as many of
    those that nothing answers. In the order of `cases`; 0 draws them all.

    `spread`: as many of every intent as of every other, as far as it has them; else whole intents.
    """
    if limit <= 0:
        return list(cases)
    random_ = random.Random(seed)
    place = {case.key: n for n, case in enumerate(cases)}
    groups: dict[object, list[Case]] = {}
    outside = []
    for case in cases:
        if not case.answerable:
            outside.append(case)
        else:
            groups.setdefault(case.key if case.intent is None else case.intent, []).append(case)
    shuffled = list(groups.values())
    random_.shuffle(shuffled)
    if spread:
        for group in shuffled:
            random_.shuffle(group)
        kept = [case for case in chain.from_iterable(zip_longest(*shuffled)) if case is not None][:limit]
    else:
        kept = []
        for group in shuffled:
            if len(kept) >= limit:
                break
            kept += group
    kept += random_.sample(outside, min(len(outside), max(1, len(kept) // 2)))
    return sorted(kept, key=lambda case: place[case.key])
