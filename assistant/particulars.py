"""Names that tell one thing from another of its kind: a product's model, a sale's day.

A rule whose document is named after one of them says nothing of another: the warranty of the AF5 is not that of the
AF6, the discounts of 双十一 are not those of 双十二. To an encoder they are next to the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from assistant.timewords import festivals
from kb.text import fold
from kb.types import Clause, Version

_MODEL = re.compile(r"(?<![a-z0-9])[a-z]{1,6}-?\d{1,5}[a-z]{0,3}(?![a-z0-9])")
_NO_MODEL = re.compile(r"(?:[ab][3-6]|h5|mp[34]|usb\d|q[1-4]|v\d+|no\d+)$")  # paper, web pages, quarters, versions

Particulars = Mapping[str, frozenset[str]]
"""Kind ("model", "festival") -> the names of that kind."""


@lru_cache(maxsize=4096)
def particulars(text: str) -> Particulars:
    folded = fold(text)
    models = {match.replace("-", "") for match in _MODEL.findall(folded) if not _NO_MODEL.match(match)}
    return {"model": frozenset(models), "festival": festivals(folded)}


def of_document(version: Version, clauses: Iterable[Clause]) -> Particulars:
    """What a document is named after, in its title or its scope, and what else of that kind it speaks of."""
    named = particulars("\n".join([version.title, *(value for _, value in sorted(version.scope.items()))]))
    if not any(named.values()):
        return named
    spoken_of = [particulars(clause.text) for clause in clauses]
    return {kind: names.union(*(s[kind] for s in spoken_of)) if names else names for kind, names in named.items()}


def about_another(asked: Particulars, there: Particulars) -> bool:
    """Whether a document named after `there` is about another model or festival than what is asked about. Where either
    names none nothing is known."""
    return any(asked[kind] and names and not asked[kind] & names for kind, names in there.items())
