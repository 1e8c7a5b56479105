"""Names that tell one thing from another of its kind: a product's model, a sale's day.

A rule whose document, or whose place in one (a table's row, a heading), is named after one of them says nothing of
another: the warranty of the AF5 is not that of the AF6 or of the AF5 Pro, the discounts of 双十一 are not those of 双十二.
To an encoder they are next to the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from assistant.festivals import festivals
from kb.text import fold
from kb.types import Clause, Version

_MODEL = re.compile(
    r"(?<![a-z0-9])[a-z]{1,6}-?\d{1,5}[a-z]{0,3}(?![a-z0-9])"
    r"(?:[ -]?(?:pro|max|plus|ultra|mini|lite)(?![a-z0-9]|\s*会员))*"  # the AF5 Pro is no AF5
)
_NO_MODEL = re.compile(r"(?:[ab][3-6]|h5|mp[34]|usb\d|q[1-4]|v\d+|no\d+)$")  # paper, web pages, quarters, versions

_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")

Particulars = Mapping[str, frozenset[str]]
"""Kind ("model", "festival", "year" of a festival) -> the names of that kind."""


@lru_cache(maxsize=4096)
def particulars(text: str) -> Particulars:
    folded = fold(text)
    models = {re.sub("[ -]", "", match) for match in _MODEL.findall(folded) if not _NO_MODEL.match(match)}
    sales = festivals(folded)
    return {
        "model": frozenset(models),
        "festival": sales,
        "year": frozenset(_YEAR.findall(folded) if sales else ()),
    }


@dataclass(frozen=True, slots=True)
class NamedAfter:
    """What a document, or a place in one, is named after, and all of that kind that its text speaks of."""

    names: Particulars
    mentioned: Particulars


def of_title(version: Version) -> Particulars:
    """What a document is named after, in its title or its scope."""
    return particulars("\n".join([version.title, *(value for _, value in sorted(version.scope.items()))]))


def apart(one: Particulars, other: Particulars) -> bool:
    """Whether two documents are named after different models or sales."""
    return any(one[kind] and other[kind] and not one[kind] & other[kind] for kind in one)


def of_document(version: Version, clauses: Iterable[Clause]) -> NamedAfter:
    """By its title and its scope."""
    named = of_title(version)
    if not any(named.values()):
        return NamedAfter(named, named)
    spoken_of = [particulars(clause.text) for clause in clauses]
    mentioned = {kind: names.union(*(spoken[kind] for spoken in spoken_of)) for kind, names in named.items()}
    return NamedAfter(named, mentioned)


def of_clause(clause: Clause) -> NamedAfter:
    """By the headings or the row that it stands under."""
    named = particulars("\n".join((*clause.path, clause.label)))
    return NamedAfter(named, particulars(clause.text) if any(named.values()) else named)


def in_full(asked: Particulars, models: frozenset[str], held: int | None) -> Particulars:
    """`asked`, with a model that none of the base's `models` is as short for those that begin so (AF5: AF5 Pro), and
    with the year that a sale was `held` in where none is named with it."""
    longer = {name: {model for model in models if model.startswith(name)} for name in asked["model"] - models}
    year = asked["year"] or frozenset([str(held)] if held and asked["festival"] else ())
    return {**asked, "model": asked["model"].union(*longer.values()), "year": year}


def about_another(asked: Particulars, there: NamedAfter) -> bool:
    """Whether what is named after `there` is about another model or festival than what is asked about. Where either
    names none nothing is known."""
    return any(
        asked[kind] and names and not asked[kind] & names and not asked[kind] <= there.mentioned[kind]
        for kind, names in there.names.items()
    )
