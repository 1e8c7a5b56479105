"""Dated copies of one document, taken for its versions: which they are, and from when each is in force. Pure.

Copies are of one document where their keys differ only by marks (`ingest.names`), their titles by words that one of
them has more, their authority and scope not at all, and where they have much of their text in common. What a folder
holds decides, not the order in which it came: `assign` gives the same for the same contents.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from difflib import SequenceMatcher
from functools import cached_property

import numpy as np

from ingest.dates import days
from ingest.duplicates import ALIKE, ALIKE_NAMED, bare_name, letter_codes, runs
from ingest.names import UNMARKED, clause_id, natural, read
from kb import moments
from kb.moments import EVER
from kb.types import Clause, Content, Status, Version
from kb.validity import Validity, family_of, validities

BY_NAME = "the date in the file's name"
BY_NAME_TOO = f"{BY_NAME} (the text still states the first day of an earlier version)"
BY_REVISION = "the first day of the revision before it: its own is not stated"
_TAKEN = (BY_NAME, BY_NAME_TOO, BY_REVISION)

ALIKE_STATED = 0.04
"""Of the shorter text's runs, where each states its own first day: a rule that was written anew has 0.05 to 0.15 of the
old one, and other rules of the same shop have 0.02."""
SHORT = 500
"""Letters up to which two texts are compared letter by letter: one changed number spoils a tenth of a paragraph's runs."""
ALIKE_SHORT = 0.6
"""Of two short texts, the share of letters in the same order. Rules on other matters have 0.2 to 0.4."""

_MAINTAINERS = ("front matter", "--set", "[[files]]", "[defaults]")

_NAMED_DAYS = 3  # on which several copies begin; a repository's history has dozens

_RECORD = re.compile(  # tells what was, or was planned, in a period: the next one does not replace it
    r"(?:报告|報告|报告书|年报|季报|月报|周报|日报|简报|快报|公报|統計|统计|统计表|总结|總結|纪要|紀要|会议记录|議事録|台账|对账单|账单|發票|发票|预算|决算|报表"
    r"|\breports?|\bminutes|\binvoices?|\breceipts?|\bnewsletters?|\bstatistics|\btranscripts?|\bbudgets?|\bdigests?"
    r"|\bchangelogs?|\brelease notes)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Step:
    """A version of a family, and when it is in force."""

    version: Version
    validity: Validity


@dataclass(frozen=True, slots=True)
class Family:
    """The versions of one document, in the order in which they take over from each other."""

    name: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...]  # what was decided without a stated day

    @property
    def documents(self) -> frozenset[str]:
        return frozenset(step.version.document for step in self.steps)


def assign(contents: Iterable[Content], zone: tzinfo) -> list[Content]:
    """All contents of a base with their series, the days that only their names state, and their clauses' ids.

    In the order of (document, first moment). What an earlier call gave is taken back first.
    """
    groups: dict[str, list[Content]] = defaultdict(list)
    for content in contents:
        groups[read(content.version.document).stem].append(as_read(content, zone))
    found: list[Content] = []
    for group in groups.values():
        families = _families(group)
        for family, key in zip(families, _keys(families), strict=True):
            several = len({content.version.document for content in family}) > 1
            found += [_identified(content, key) for content in (_placed(family, key, zone) if several else family)]
    return sorted(found, key=lambda c: (c.version.document, c.version.effective_from or EVER, c.version.id))


def _keys(families: Sequence[Sequence[Content]]) -> list[str]:
    """What each family's clauses get their ids from: the earliest copy's key without its marks.

    Where a stranger has the same, a file without a mark keeps its path, the largest family comes next, and what is
    left keeps whole paths: a stranger with a similar name does not take ids away.
    """
    documents = [sorted({content.version.document for content in family}) for family in families]
    wanted = []
    for copies in documents:
        turns = _turns(copies)
        wanted.append(read(min(copies, key=lambda copy: turns[copy])).series)
    rank = sorted(range(len(families)), key=lambda n: (not _is_bare(documents[n]), -len(documents[n]), documents[n]))
    alone = Counter(key for key, copies in zip(wanted, documents, strict=True) if len(copies) == 1)
    taken: set[str] = set()
    keys = list(wanted)
    for n in rank:
        lone = len(documents[n]) == 1 and not _is_bare(documents[n])
        if wanted[n] in taken or (lone and alone[wanted[n]] > 1):
            keys[n] = documents[n][0]
        taken.add(keys[n])
    return keys


def _is_bare(copies: Sequence[str]) -> bool:
    return len(copies) == 1 and not read(copies[0]).marked


def as_read(content: Content, zone: tzinfo) -> Content:
    """The content without what `assign` gave it, but for its clauses' ids."""
    version = content.version
    if version.series is None and version.turn == 0:
        return content
    evidence, facts, first = dict(version.evidence), dict(version.facts), version.effective_from
    if evidence.get("effective_from") == BY_NAME_TOO:
        first = moments.parse_from(facts.pop("first_in_force"), zone)
        evidence["effective_from"] = evidence.pop("first_in_force")
    elif evidence.get("effective_from") in _TAKEN:
        first = None
        del evidence["effective_from"]
    return replace(
        content,
        version=replace(version, series=None, turn=0, effective_from=first, evidence=evidence, facts=facts),
    )


def with_earlier(earlier: Sequence[Content], new: Content, zone: tzinfo) -> list[Content]:
    """A document's versions after its file was read anew; the file's own is the last.

    A text that states a later first moment takes over then, and the one before it stays until then. The same words
    with another day are a correction: they replace what the file said before. So does a text that begins no later. A
    draft leaves nothing behind.
    """
    if not earlier:
        return [new]
    *kept, present = in_order(earlier, zone)
    same = present.version.source_sha256 == new.version.source_sha256 or _same_words(present, new)
    stays = kept if same or present.version.status is not Status.PUBLISHED else [*kept, present]
    first = new.version.effective_from or EVER
    return [*(content for content in stays if (content.version.effective_from or EVER) < first), new]


def in_order(contents: Sequence[Content], zone: tzinfo) -> list[Content]:
    """A document's versions as read; what its file says now is the last: it begins later than those kept from before."""
    return sorted((as_read(c, zone) for c in contents), key=lambda c: (c.version.effective_from or EVER, c.version.id))


def families(contents: Iterable[Content]) -> list[Family]:
    """Documents with several versions, by name."""
    versions = [content.version for content in contents]
    valid = validities(versions)
    groups: dict[str, list[Version]] = defaultdict(list)
    for version in versions:
        groups[family_of(version)].append(version)
    found = []
    for name, group in sorted(groups.items()):
        if len(group) > 1:
            group.sort(key=lambda v: (v.effective_from or EVER, v.turn, v.document, v.id))
            steps = tuple(Step(version, valid[version.id]) for version in group)
            found.append(Family(name, steps, tuple(_notes(steps))))
    return found


# --- which are copies of one document -----------------------------------------------------------------------------


class _Copy:
    """A document of a group whose keys agree but for marks: what its file says now, and what it said before."""

    def __init__(self, contents: Sequence[Content]) -> None:
        self.contents = contents
        self.version = contents[-1].version
        self.name = read(self.version.document)

    @cached_property
    def letters(self) -> np.ndarray:
        return letter_codes(self.version.text)

    @cached_property
    def runs(self) -> np.ndarray:
        return runs(self.letters)

    @cached_property
    def title(self) -> str:
        return bare_name(self.version)

    @cached_property
    def words(self) -> frozenset[str]:
        """The title's words by how they begin: Restricted and Restrictions are one."""
        plain = unicodedata.normalize("NFKC", self.version.title).casefold()
        plain = "".join(" " + plain[a:b] for a, b in _without_days(plain))
        return frozenset(word[:5] for word in re.findall(r"[\u3040-\u9fff]|[^\W\d_]+", plain))


def _families(group: Sequence[Content]) -> list[list[Content]]:
    by_document: dict[str, list[Content]] = defaultdict(list)
    for content in group:
        by_document[content.version.document].append(content)
    copies = [_Copy(in_document) for in_document in (_sorted(by_document[key]) for key in sorted(by_document))]
    if len(copies) < 2 or not any(copy.name.marked for copy in copies):
        return [list(copy.contents) for copy in copies]
    order = _turns([copy.version.document for copy in copies])
    copies.sort(key=lambda copy: order[copy.version.document])
    joined = []
    for part in _compatible(copies):
        may = [copy for copy in part if _may_be_a_version(copy, part)]
        joined += [[copy] for copy in part if copy not in may]
        joined += _near(may)
    return [[content for copy in family for content in copy.contents] for family in joined]


def _sorted(contents: Sequence[Content]) -> list[Content]:
    return sorted(contents, key=lambda c: (c.version.effective_from or EVER, c.version.id))


def _compatible(copies: Sequence[_Copy]) -> list[list[_Copy]]:
    """Copies of the same authority, scope and language; what states none goes with the others where they agree."""
    parts = [list(copies)]
    for stated in (_authority, _scope, _language):
        parts = [smaller for part in parts for smaller in _by(part, stated)]
    return parts


def _authority(copy: _Copy) -> str | None:
    return copy.version.authority if "authority" in copy.version.evidence else None


def _scope(copy: _Copy) -> tuple[tuple[str, str], ...] | None:
    return tuple(sorted(copy.version.scope.items())) or None


def _language(copy: _Copy) -> str | None:
    return None if copy.version.language == "und" else copy.version.language


def _by(copies: Sequence[_Copy], stated: Callable[[_Copy], object]) -> list[list[_Copy]]:
    groups: dict[object, list[_Copy]] = defaultdict(list)
    for copy in copies:
        groups[stated(copy)].append(copy)
    return [list(copies)] if len(groups.keys() - {None}) < 2 else list(groups.values())


def _may_be_a_version(copy: _Copy, group: Sequence[_Copy]) -> bool:
    """Whether it has its place in the order: a file without a mark and without a stated day may be the first or the last."""
    if _RECORD.search(_bare_title(copy.version.title)) or _RECORD.search(_last_part(copy.name.stem)):
        return False
    if copy.name.marked or copy.version.effective_from is not None:
        return True
    marks = [other.name for other in group if other.name.marked]
    # 修订版 beside the bare name comes after it; so does v2 where there is no v1
    return all(mark.moment is None and (mark.in_words or mark.revision >= (2,)) for mark in marks)


def _near(copies: Sequence[_Copy]) -> list[list[_Copy]]:
    """Joined wherever two are near each other. Neighbours in time come first: most often they are all it takes."""
    head = list(range(len(copies)))

    def root(i: int) -> int:
        while head[i] != i:
            head[i] = head[head[i]]
            i = head[i]
        return i

    for distance in range(1, len(copies)):
        if len({root(i) for i in range(len(copies))}) == 1:
            break
        for i in range(len(copies) - distance):
            a, b = root(i), root(i + distance)
            if a != b and _is_copy(copies[i], copies[i + distance]):
                head[max(a, b)] = min(a, b)
    found: dict[int, list[_Copy]] = defaultdict(list)
    for i, copy in enumerate(copies):
        found[root(i)].append(copy)
    return list(found.values())


def _is_copy(first: _Copy, second: _Copy) -> bool:
    if first.title != second.title and not (first.words <= second.words or second.words <= first.words):
        return False
    if first.version.text_sha256 == second.version.text_sha256:
        return True
    if _says_so(first, second) or _says_so(second, first) or _share(first, second) >= _least_share(first, second):
        return True
    short = max(len(first.letters), len(second.letters)) <= SHORT
    return short and _in_same_order(first, second) >= ALIKE_SHORT


def _says_so(newer: _Copy, older: _Copy) -> bool:
    return bool({older.version.document, older.version.title} & set(newer.version.supersedes))


def _least_share(first: _Copy, second: _Copy) -> float:
    days = {copy.version.effective_from for copy in (first, second)}
    if len(days) == 2 and None not in days:
        return ALIKE_STATED
    if all(copy.name.exact or copy.name.moment is None for copy in (first, second)):
        return ALIKE_NAMED
    return ALIKE  # a year alone may also be what a text is about: a price list of 2024


def _share(first: _Copy, second: _Copy) -> float:
    """Of the shorter's runs, how many both have: a text may be cut down to a third."""
    if not len(first.runs) or not len(second.runs):
        return 0.0
    common = np.intersect1d(first.runs, second.runs, assume_unique=True)
    return len(common) / min(len(first.runs), len(second.runs))


def _in_same_order(first: _Copy, second: _Copy) -> float:
    return SequenceMatcher(None, first.letters.tolist(), second.letters.tolist(), autojunk=False).ratio()


def _bare_title(title: str) -> str:
    plain = unicodedata.normalize("NFKC", title)
    return "".join(plain[a:b] for a, b in _without_days(plain)).strip(" ()[]-_.·:：0123456789年月日")


def _last_part(stem: str) -> str:
    return stem.rpartition("/")[2].replace("_", " ").replace("-", " ")


def _without_days(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for day in days(text, compact=True):
        if day.start >= at:
            yield at, day.start
            at = day.end
    yield at, len(text)


# --- from when each is in force -----------------------------------------------------------------------------------


def _placed(family: Sequence[Content], series: str, zone: tzinfo) -> Iterator[Content]:
    """The contents of a family with their place in it."""
    documents = Counter(content.version.document for content in family)
    turns = _turns(documents)
    stated_before: dict[datetime, datetime] = {}  # stated first moment -> the earliest name that states it
    latest: datetime | None = None  # first moment among the revisions so far
    for content in sorted(family, key=lambda c: (turns[c.version.document], c.version.effective_from or EVER)):
        version, name = content.version, read(content.version.document)
        evidence, facts, first = dict(version.evidence), dict(version.facts), version.effective_from
        begins = EVER if name.moment is None else moments.begin(name.moment, zone)
        # What was kept from before an edit has the file's name, which is the later text's.
        own_name = name.moment is not None and documents[version.document] == 1
        if first is None and own_name:
            first, evidence["effective_from"] = begins, BY_NAME
        elif first is not None and own_name and name.exact and not _by_maintainer(version):
            before = stated_before.setdefault(first, begins)
            if before < begins and first < begins:
                facts["first_in_force"] = moments.show_from(first) or ""
                evidence["first_in_force"] = evidence.get("effective_from", "")
                first, evidence["effective_from"] = begins, BY_NAME_TOO
        elif first is None and latest is not None and name.revision > UNMARKED and name.moment is None:
            first, evidence["effective_from"] = latest, BY_REVISION
        if first is not None:
            latest = max(latest or first, first)
        yield replace(
            content,
            version=replace(
                version,
                series=series,
                turn=turns[version.document],
                effective_from=first,
                evidence=evidence,
                facts=facts,
            ),
        )


def _turns(documents: Iterable[str]) -> dict[str, int]:
    """Document -> its place by what the names say: the number, where every copy has one, else the date before it."""
    names = {document: read(document) for document in documents}
    numbered = all(name.revision != UNMARKED for name in names.values())

    def place(document: str) -> tuple[object, ...]:
        name = names[document]
        begins = EVER if name.moment is None else moments.begin(name.moment, UTC)
        return (name.revision, begins, natural(document)) if numbered else (begins, name.revision, natural(document))

    return {document: turn for turn, document in enumerate(sorted(names, key=place), 1)}


def _by_maintainer(version: Version) -> bool:
    return version.evidence.get("effective_from", "").startswith(_MAINTAINERS)


def _notes(steps: Sequence[Step]) -> Iterator[str]:
    """What a maintainer should know of how they were put in order."""
    documents = [step.version.document for step in steps]
    together: dict[datetime, list[Version]] = defaultdict(list)
    for step in steps:
        if step.version.status is Status.PUBLISHED:
            together[step.version.effective_from or EVER].append(step.version)
    begin_together: list[tuple[str | None, str, str]] = []
    for first, versions in sorted(together.items()):
        if len(versions) < 2:
            continue
        last = versions[-1].document
        if first == EVER:
            yield (
                f"None of {_listed(v.document for v in versions)} states its first day in force: {last} alone is in "
                "force. State effective_from, and they take over from each other by the day."
            )
        elif any(v.evidence.get("effective_from") == BY_REVISION for v in versions):
            yield (
                f"{last} states no first day in force and has the one of the revision before it, "
                f"{moments.show_from(first)}, which it replaces from its beginning. State its effective_from."
            )
        else:
            begin_together.append((moments.show_from(first), _listed(v.document for v in versions), last))
    for day, which, last in begin_together[:_NAMED_DAYS]:
        yield f"{which} begin together, {day}: the last one, {last}, is in force."
    if len(begin_together) - _NAMED_DAYS > 0:
        yield f"The same on {len(begin_together) - _NAMED_DAYS} more days: of copies that begin together the last name is in force."
    if len(set(documents)) > 1 and any(s.version.evidence.get("effective_from") == BY_NAME_TOO for s in steps):
        yield "Some texts still state the first day of an earlier version: the date in the file's name counts for them."


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) < 5 else f"{names[0]} … {names[-1]} ({len(names)})"


# --- identity -----------------------------------------------------------------------------------------------------


def _identified(content: Content, key: str) -> Content:
    """The content with its clauses' ids made from `key`."""
    turns: Counter[tuple[str, ...]] = Counter()
    ids: dict[str, str] = {}
    for clause in content.clauses:
        turns[clause.path] += 1
        ids[clause.id] = clause_id(key, clause.path, turns[clause.path])
        if ids[clause.id] == clause.id and len(ids) == 1:
            return content  # all of them are made from one key
    return replace(content, clauses=tuple(_renamed(clause, ids) for clause in content.clauses))


def _renamed(clause: Clause, ids: Mapping[str, str]) -> Clause:
    references = tuple(replace(r, clause=ids.get(r.clause, r.clause)) if r.clause else r for r in clause.references)
    return replace(clause, id=ids[clause.id], references=references)


def _same_words(first: Content, second: Content) -> bool:
    """Whether two texts say the same but for dates."""
    return _undated(first) == _undated(second)


def _undated(content: Content) -> list[str]:
    texts = (unicodedata.normalize("NFKC", clause.text) for clause in content.clauses)
    return ["".join("".join(text[a:b].split()) for a, b in _without_days(text)) for text in texts]
