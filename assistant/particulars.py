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
from kb.text import HAN, fold
from kb.types import Clause, Version

VARIANT = r"[ -]?(?:pro|max|plus|ultra|mini|lite|air|se)(?![a-z0-9]|\s*会员)"  # the AF5 Pro is no AF5
_MODEL = re.compile(rf"(?<![a-z0-9])[a-z]{{1,6}}-?\d{{1,5}}[a-z]{{0,3}}(?![a-z0-9])(?:{VARIANT})*")
# 小米14, iPhone 15 Pro: a number behind a name is a model where the base has a product of that name and a number.
_NUMBERED = re.compile(rf"(?P<name>.*(?:[{HAN}]|[a-z](?=[ ])))[ -]*\d{{1,4}}[a-z]{{0,3}}(?:{VARIANT})*")
_COUNTS = r"\s*(?:[个天日月年号元块台部件次分折周期岁倍升斤克条包箱袋瓶只点多几]|小时|公斤|%|kg|ml|寸|英寸|days?\b|months?\b|years?\b)"
_NO_MODEL = re.compile(r"(?:[ab][3-6]|h5|mp[34]|usb\d|q[1-4]|v\d+|no\d+)$")  # paper, web pages, quarters, versions

_MANUAL = re.compile(  # 澄风V3使用说明; 售后规则V3 and V3版使用说明 are versions
    r"(?P<product>.*[a-z]-?\d+[a-z ]{0,8})(?!版)[^a-z\d版]{0,8}?(?:说明|手册|指南|参数|规格|问答|常见问题|保修|faq|manual|guide|warranty)"
)
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")

Particulars = Mapping[str, frozenset[str]]
"""Kind ("model", "festival", "year" of a festival) -> the names of that kind."""


NONE: frozenset[str] = frozenset()


@lru_cache(maxsize=4096)
def particulars(text: str, series: frozenset[str] = NONE) -> Particulars:
    """`series`: the letters of the base's own models that elsewhere would be none (V3, H5), see series_of."""
    folded = fold(text)
    found = [m for m in _MODEL.findall(folded) if not _NO_MODEL.match(m) or _letters(m) in series]
    numbered = _numbered(frozenset(name for name in series if not re.fullmatch("[a-z]*", name)))
    models = {re.sub("[ -]", "", m) for m in (*found, *(numbered.findall(folded) if numbered else ()))}
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


def series_of(versions: Iterable[Version]) -> frozenset[str]:
    """The letters that the numbers of the base's products begin with, of those in scopes and of those that a manual is
    for by its title; and the names before a number, each with a blank behind it (小米 , iphone )."""
    versions = list(versions)
    products = [fold(version.scope.get("product", "")) for version in versions]
    manuals = (match["product"] for version in versions if (match := _MANUAL.match(fold(version.title))))
    letters = {_letters(model) for product in (*products, *manuals) for model in _MODEL.findall(product)}
    names = {f"{m['name'].strip()} " for product in products if (m := _NUMBERED.fullmatch(product)) is not None}
    return frozenset(letters | names)


@lru_cache(maxsize=64)
def _numbered(names: frozenset[str]) -> re.Pattern[str] | None:
    """What finds a number behind one of the `names`, and with it what follows of a model; not a count: 小米3个月坏了."""
    if not names:
        return None
    named = "|".join(r"\s*".join(map(re.escape, name.split())) for name in sorted(names, key=lambda n: (-len(n), n)))
    return re.compile(
        rf"(?<![a-z0-9])(?:{named})[ -]*\d{{1,4}}(?!\d)(?!{_COUNTS})[a-z]{{0,3}}(?![a-z0-9])(?:{VARIANT})*"
    )


def _letters(model: str) -> str:
    return re.split(r"[-\d]", model, maxsplit=1)[0]


def of_title(version: Version, series: frozenset[str] = NONE) -> Particulars:
    """What a document is named after, in its title or its scope."""
    return particulars("\n".join([version.title, *(value for _, value in sorted(version.scope.items()))]), series)


def apart(one: Particulars, other: Particulars) -> bool:
    """Whether two documents are named after different models or sales."""
    return any(one[kind] and other[kind] and not one[kind] & other[kind] for kind in one)


def of_document(version: Version, clauses: Iterable[Clause], series: frozenset[str] = NONE) -> NamedAfter:
    """By its title and its scope."""
    named = of_title(version, series)
    if not any(named.values()):
        return NamedAfter(named, named)
    spoken_of = [particulars(clause.text, series) for clause in clauses]
    mentioned = {kind: names.union(*(spoken[kind] for spoken in spoken_of)) for kind, names in named.items()}
    return NamedAfter(named, mentioned)


def of_clause(clause: Clause, series: frozenset[str] = NONE) -> NamedAfter:
    """By the headings or the row that it stands under."""
    named = particulars("\n".join((*clause.path, clause.label)), series)
    return NamedAfter(named, particulars(clause.text, series) if any(named.values()) else named)


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
