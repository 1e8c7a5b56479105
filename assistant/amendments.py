"""Clauses that a later document words anew or strikes out: 将第十二条修改为：…, 删去第十五条. Pure.

The document that is amended stays as it was issued until somebody brings the amended text in; until then the clause of
the amending one has the last word on the articles that it names.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kb.text import fold, numeral
from kb.titles import by_title, plain
from kb.types import Clause, Reference, Version
from kb.validity import Validity, family_of

_ARTICLE = re.compile(r"第\s*\d+\s*条(?:\s*[之の]\s*[一二三四五六七八九十\d]+)?")  # folded
_ITEM = re.compile(r"\(?\s*([一二三四五六七八九十\d]+)\s*\)?\s*[项項号號]")
_PARAGRAPH = re.compile(r"第\s*([一二三四五六七八九十\d]+)\s*款")
_MARK = re.compile(r"^[ \t　]*[（(]\s*([一二三四五六七八九十\d]+)\s*[)）]", re.MULTILINE)
_CHANGES = re.compile("修改|修订|调整|變更|变更|更改|改为|改為|删去|删除|刪除|废止|停止执行|不再适用")
_MERELY_NAMED = re.compile(
    "(?:依照|根据|按照|依据|适用|符合|违反|执行|作为)$"
)  # 增加一条，作为第十六条: another sixteenth
_WORDS = re.compile(
    '(?:中|里)?的?(?:表述|规定|内容)?[“「『"]([^”」』"\n]{1,200})[”」』"]\\s*(?:一词|的表述)?(?:统一|均|相应)?(?:修改|改|调整|变更)[为為]'
)
_STRUCK_BEFORE = re.compile(
    r"(?:删去|删除|刪除|废止|取消)(?:了)?\s*(?:《[^》]{1,60}》)?(?:中?的)?[第\d一二三四五六七八九十百条、，和及\s]*$"
)
_STRUCK_BEHIND = re.compile(
    r"\s*(?:的?规定)?(?:予以|自[^，。]{4,14}起)?(?:删去|删除|刪除|废止|停止执行|不再适用|不再执行)"
)
_DAY = re.compile(r"自\s*(20\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日起")
_QUOTED = re.compile(r"“[^”]*”|「[^」]*」|『[^』]*』")
_OPENS, _CLOSES = "“‘「『", "”’」』"


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a clause says of one article of another document."""

    clause: Clause
    version: Version
    item: int  # （三）, the paragraph (第二款) and the words (“七日”) that alone it speaks of; else 0 or empty
    paragraph: int
    words: str
    strikes: bool  # the whole article is struck out
    first: datetime  # from when on

    def spans(self, amended: Clause) -> list[tuple[int, int]]:
        """What it changes of a clause of that article: spans of its text; empty: the clause is another part of it."""
        text = amended.text
        if self.words:
            return [match.span() for match in re.finditer(re.escape(self.words), text)]
        if self.item:
            marks = [(_number(match[1]), match.start()) for match in _MARK.finditer(text)]
            ends = [start for _, start in marks[1:]] + [len(text)]
            return [(start, end) for (mark, start), end in zip(marks, ends, strict=True) if mark == self.item]
        if self.paragraph:
            lines = [match.span() for match in re.finditer(r"[^\n]*\S[^\n]*", text) if not _MARK.match(match[0])]
            return lines[self.paragraph - 1 : self.paragraph]
        return [(0, len(text))]


Article = tuple[str, str]
"""A version's id and one of its articles, folded: 第12条, 第12条之一."""


def amendments(
    versions: Sequence[Version], clauses: Iterable[Clause], validity: Mapping[str, Validity]
) -> Mapping[Article, tuple[Amendment, ...]]:
    """Article -> what amends it, in the order in which it begins.

    A document amends those of the titles that it names (`facts["amends"]`) that began before it. Without a day of its
    own nobody knows whether what it amends has been brought in since: then it amends nothing.
    """
    amending = {v.id: v for v in versions if v.facts.get("amends") and validity[v.id].first is not None}
    if not amending:
        return {}
    named = by_title(versions)
    found: dict[Article, list[Amendment]] = {}
    for clause in clauses:
        if (version := amending.get(clause.version)) is None or not _CHANGES.search(clause.text):
            continue
        for reference, article in _amended(clause):
            titles = [reference.title] if reference.title else version.facts["amends"].split(";")
            for older in {v.id: v for title in titles for v in named.get(plain(title), ())}.values():
                if family_of(older) != family_of(version) and _is_earlier(older, version, validity):
                    first = validity[version.id].first
                    assert first is not None
                    found.setdefault((older.id, article), []).append(_amendment(clause, version, reference, first))
    return {
        article: tuple(sorted(some, key=lambda a: (a.first, a.version.id, a.clause.start)))
        for article, some in found.items()
    }


def of_clause(clause: Clause, known: Mapping[Article, tuple[Amendment, ...]]) -> tuple[Amendment, ...]:
    """What amends a clause, an article or an item of one."""
    own = next((n for name in (clause.label, *reversed(clause.path)) if (n := _article(name))), "")
    return known.get((clause.version, own), ())


def _amended(clause: Clause) -> Iterator[tuple[Reference, str]]:
    """The articles that a clause speaks of in its own words, not in those that it quotes."""
    for reference in clause.references:
        before = clause.text[: reference.start - clause.start]
        quoted = sum(before.count(sign) for sign in _OPENS) > sum(before.count(sign) for sign in _CLOSES)
        if not quoted and not _MERELY_NAMED.search(before.rstrip()) and (article := _article(reference.label)):
            yield reference, article


def _amendment(clause: Clause, version: Version, reference: Reference, first: datetime) -> Amendment:
    label = _ARTICLE.sub("", fold(reference.label), count=1)
    item, paragraph = _ITEM.search(label), _PARAGRAPH.search(label)
    before, behind = clause.text[: reference.start - clause.start], clause.text[reference.end - clause.start :]
    words = _WORDS.match(behind)
    part = bool(item or paragraph or words)
    return Amendment(
        clause,
        version,
        item=_number(item[1]) if item else 0,
        paragraph=_number(paragraph[1]) if paragraph else 0,
        words=words[1] if words else "",
        strikes=not part and bool(_STRUCK_BEFORE.search(before) or _STRUCK_BEHIND.match(behind)),
        first=max(first, _own_day(clause.text, first)),
    )


def _own_day(text: str, first: datetime) -> datetime:
    """The day from which on a clause itself says that it holds (…，自2026年12月1日起执行); else `first`."""
    if (day := _DAY.search(_QUOTED.sub("", text))) is not None:
        with contextlib.suppress(ValueError):
            return datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=first.tzinfo)
    return first


def _number(sign: str) -> int:
    return int(sign) if sign.isdecimal() else numeral(sign) or 0


def _is_earlier(older: Version, newer: Version, validity: Mapping[str, Validity]) -> bool:
    first, last = validity[older.id].first, validity[newer.id].first
    return last is not None and (first is None or first < last)


def _article(label: str) -> str:
    match = _ARTICLE.match(fold(label))
    return "".join(match.group().split()) if match else ""
