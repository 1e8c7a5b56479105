"""Brings together what the parts of a document say of it: which of several values counts, and what is in doubt."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePosixPath

from ingest.dates import days, moment
from ingest.errors import InvalidMetadata
from ingest.metadata import doubts, fields, history, notices, origin, statements
from ingest.metadata.history import Act, History
from ingest.metadata.language import language
from ingest.metadata.lines import Document, document
from ingest.metadata.statements import Statement
from ingest.metadata.title import of_file, title
from ingest.types import Draft, Extract, Found
from kb import moments

RETROACTIVE = timedelta(days=366)  # a rule may say that it holds from a day before its issue; not from years before
SAME_ISSUE = timedelta(days=92)  # a text is published, and its file dated, within so long of its making

_VERSION = re.compile(
    r"(?<![A-Za-z0-9.])(?:[Vv](?:er(?:sion)?)?[.\s]?\s?\d{1,3}(?:\.\d{1,3}){0,3}(?![\w.]*\d)|[Vv]ersion\s\d{1,3}(?:\.\d{1,3}){0,3})"
    r"|第[一二三四五六七八九十\d]{1,3}版|(?:19|20)\d{2}\s?年?(?:第[一二三四]次)?(?:修订|修正|修訂|更新|试行)?版(?!权|本)|\d{1,2}\.\d{1,2}\s?版"
    r"|\b[Rr]ev(?:ision)?\.?\s?\d{1,3}\b|[（(](?:试行|暂行|試行|修订稿|征求意见稿|草案|送审稿)[）)]"
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What was found. `fields` has the names that `kb ingest --set` takes; `facts` is for people to read."""

    fields: Mapping[str, Found]
    facts: Mapping[str, Found]
    given: frozenset[str] = frozenset()  # of `fields`: what a maintainer wrote into the front matter
    doubts: tuple[str, ...] = ()  # plain sentences
    settled_by: Mapping[str, frozenset[str]] = field(default_factory=dict)  # doubt -> fields of which one given ends it


@dataclass(slots=True)
class _Notes:
    """What is known so far."""

    document: Document
    fields: dict[str, Found] = field(default_factory=dict)
    facts: dict[str, Found] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)
    settled_by: dict[str, frozenset[str]] = field(default_factory=dict)

    def doubt(self, sentence: str) -> None:
        if sentence not in self.doubts:
            self.doubts.append(sentence)

    def doubt_unless(self, fields: Sequence[str], sentence: str) -> None:
        """A doubt that one of the fields answers, wherever it is given."""
        if not any(name in self.fields for name in fields):
            self.doubt(sentence)
            self.settled_by[sentence] = frozenset(fields)


def find(extract: Extract, name: str, drafts: Sequence[Draft]) -> Metadata:
    """The metadata of a document. `name`: of its file. Pure.

    Nearer to the rules' own words counts more: front matter, a field such as 【施行日期】…, a sentence, a dated line,
    the file's name. Of two statements of the same weight that differ neither counts, and a doubt says so.
    Raises InvalidMetadata for a date in the front matter that no calendar has; one in the text is a doubt.
    """
    notes = _Notes(document(extract, name, drafts))
    for key, value, written in fields.of_front_matter(notes.document):
        _take_given(notes, key, value, written)
    for written, near in fields.misspelt(notes.document):
        notes.doubt(f"The front matter names {written}, which nothing reads. Was {near} meant?")
    printed: dict[str, list[fields.Field]] = {}
    for one in fields.printed(notes.document):
        if one.problem:
            notes.doubt(f"The field for {_NAMES[one.field]} {one.problem}: {one.found.evidence}.")
        else:
            printed.setdefault(one.field, []).append(one)
    _take_title(notes, printed)
    past = history.read(notes.document)
    for bad in past.impossible:
        notes.doubt(f"A date above the text is no date of the calendar: {bad.evidence}.")
    _take_issue(notes, printed, past)
    _take_first_day(notes, printed, past)
    _take_last_day(notes, printed)
    _take_rest(notes, printed, past)
    notes.fields.setdefault("language", Found(language(extract.text), "script and common words of the text"))
    doubts.look(notes.document, notes.fields, notes.facts, notes.given, past, notes.doubt)
    return Metadata(notes.fields, notes.facts, frozenset(notes.given), tuple(notes.doubts), notes.settled_by)


_NAMES = {
    "effective_from": "the first day in force",
    "effective_to": "the last day in force",
    "published": "the day of publication",
    "adopted": "the day of adoption",
    "revised": "the day of revision",
    "review_by": "the day of review",
}
_GIVEN_FACTS = {"published", "adopted", "revised", "version", "issuer", "number", "repeals"}


def _take_given(notes: _Notes, key: str, value: str, written: str) -> None:
    evidence = f"front matter: {written}: {value}"
    if key == "validity":
        return
    if key in ("effective_from", "effective_to", "review_by"):
        value = _iso(key, value)
    if key in _GIVEN_FACTS:
        notes.facts[key] = Found(_iso_or_words(value) if key in fields.DATES else value, evidence)
    else:
        notes.fields[key] = Found(value, evidence)
        notes.given.add(key)


def _iso(key: str, value: str) -> str:
    with contextlib.suppress(ValueError):  # a day, or a minute with or without a zone
        moments.parse(value)
        return value[:10] if key == "review_by" else value.replace(" ", "T")
    day = next(days(value, compact=True), None)
    if day is not None and day.value is not None:
        return day.iso if key == "review_by" else moment(day, value[day.end :], until=key == "effective_to")
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        remedy = "Correct the date in the document, or give it with --set."
        raise InvalidMetadata(key, value, "a date such as 2024-07-01", remedy) from None


def _iso_or_words(value: str) -> str:
    day = next(days(value, compact=True), None)
    return day.iso if day is not None and day.value else value


def _take_title(notes: _Notes, printed: Mapping[str, Sequence[fields.Field]]) -> None:
    if "title" in notes.fields:
        return
    if (stated := printed.get("title")) and not notes.document.extract.headings:
        notes.fields["title"] = stated[0].found
    elif (found := title(notes.document)) is not None:
        notes.fields["title"] = found


# --- adopted, published, revised ---------------------------------------------------------------------------------


def _take_issue(notes: _Notes, printed: Mapping[str, Sequence[fields.Field]], past: History) -> None:
    for key in ("published", "adopted", "revised"):
        if key not in notes.facts and (one := _agreed(notes, key, printed.get(key, ()))):
            notes.facts[key] = one
    if "revised" not in notes.facts and (updated := statements.revised(notes.document)) is not None:
        notes.facts["revised"] = updated
    signer, signed = origin.signature(notes.document)
    if signer is not None:
        notes.facts.setdefault("issuer", signer)
    adopted = past.first(Act.ADOPTED)
    if adopted is not None:
        notes.facts.setdefault("adopted", adopted.found)
    changed = past.changed or past.last(Act.REWRITTEN)
    if changed is not None and changed is not adopted:
        notes.facts.setdefault("revised", Found(changed.day.isoformat(), changed.found.evidence))
    in_name = _day_in_name(notes.document)
    published = past.last(Act.PUBLISHED)
    if (
        published is not None
        and (past.changed is None or published.day >= past.changed.day)
        and (in_name is None or date.fromisoformat(in_name.value) <= published.day + SAME_ISSUE)
    ):
        notes.facts.setdefault("published", published.found)
    if in_name is not None:
        notes.facts.setdefault("published", in_name)
    if signed is not None and signed.day is not None and past.changed is None:
        notes.facts.setdefault("published", signed.found)


def _day_in_name(document: Document) -> Found | None:
    """The one date in the file's name; of two (from … to …) neither is the day of publication."""
    name = PurePosixPath(document.name).name
    found = list(days(PurePosixPath(name).stem, compact=True))
    if len(found) != 1 or found[0].value is None:
        return None
    return Found(found[0].iso, f"file name: {name}")


def _agreed(notes: _Notes, key: str, stated: Sequence[fields.Field]) -> Found | None:
    """The value of a field that stands once, or more than once alike; of days that something was done on, the last."""
    values = {one.value for one in stated}
    if key in ("effective_from", "effective_to") and len({value[:10] for value in values}) == 1:
        return max(stated, key=lambda one: len(one.value)).found  # the day here, the minute there
    if len(values) > 1 and key in _NAMES:
        if key in ("published", "revised"):
            return max(stated, key=lambda one: one.value).found
        notes.doubt(
            f"Two fields differ on {_NAMES[key]}: "
            + "; ".join(dict.fromkeys(one.found.evidence for one in stated))
            + "."
        )
        return None
    return stated[0].found if stated else None


# --- the first and the last day in force -------------------------------------------------------------------------


def _take_first_day(notes: _Notes, printed: Mapping[str, Sequence[fields.Field]], past: History) -> None:
    stated = _stated_first_days(notes, past)
    if "effective_from" in notes.fields:
        current = [one for one in stated if not _is_before_a_change(one.day, past)]
        doubts.compare_first_days(notes.fields["effective_from"], current, notes.doubt)
        return
    in_fields = printed.get("effective_from", ())
    if in_fields or stated:
        _compare_with_issue(notes, past, stated, in_fields)
    if in_fields:
        found = _agreed(notes, "effective_from", in_fields)
        if found is not None:
            doubts.compare_first_days(found, [s for s in stated if not _is_before_a_change(s.day, past)], notes.doubt)
            notes.fields["effective_from"] = found
            if _is_before_a_change(_day(found.value), past):
                change = past.changed or past.last(Act.REWRITTEN)
                notes.doubt(
                    f"The first day in force, {found.value} ({found.evidence}), is earlier than the last change of the text"
                    + (f" ({change.found.evidence})." if change is not None else ".")
                )
        return
    if stated:
        _choose_first_day(notes, stated, past)
        return
    _take_day_of_issue(notes, past)


def _compare_with_issue(
    notes: _Notes, past: History, stated: Sequence[Statement], in_fields: Sequence[fields.Field]
) -> None:
    """自公布之日起施行 in the last article, and another day above the text."""
    said, published = statements.from_issue(notes.document), notes.facts.get("published")
    if said is None or said[1] or published is None or past.changed is not None:
        return
    others = {one.day.isoformat(): one.found for one in stated if one.day is not None}
    others |= {one.value[:10]: one.found for one in in_fields}
    if others and published.value not in others and len(published.value) == 10:
        day, found = min(others.items())
        notes.doubt(
            f"Two first days in force are stated: {day} ({found.evidence}) and the day of publication, {published.value} "
            f"({said[0].evidence})."
        )


def _stated_first_days(notes: _Notes, past: History) -> list[Statement]:
    name = notes.fields["title"].value if "title" in notes.fields else ""
    found = list(statements.first_days(notes.document, name))
    for one in found:
        if one.day is None:
            notes.doubt(f"The text names a first day in force that no calendar has: {one.found.evidence}.")
    dated = [one for one in found if one.day is not None]
    known = {one.day for one in dated}
    lines = [e for e in past.events if e.act is Act.IN_FORCE and e.day not in known]
    return dated + [Statement(event.day, event.found, -1) for event in lines]


def _choose_first_day(notes: _Notes, stated: Sequence[Statement], past: History) -> None:
    days_stated = {one.day for one in stated if one.day is not None}
    current = {day for day in days_stated if not _is_before_a_change(day, past)}
    if len(current) > 1 and len(past.events) > 1 and past.last(Act.IN_FORCE) is not None:
        # dated lines list the versions one after the other: the last of them is this one
        last = past.last(Act.IN_FORCE)
        current = {last.day} if last is not None and last.day == max(current) else current
    if len(current) > 1:
        notes.doubt(
            "The text names more than one first day in force: "
            + "; ".join(dict.fromkeys(one.found.evidence for one in stated if one.day in current))
            + ". Give the right one with --set effective_from=."
        )
        return
    if not current:
        first = min((one for one in stated if one.day is not None), key=lambda one: str(one.day))
        _is_an_older_day(notes, first.found, past)
        return
    day = current.pop()
    chosen = max((one for one in stated if one.day == day), key=lambda one: len(one.found.value))
    changed_in_name = _changed_by_name(notes, past, day)
    if changed_in_name is not None:
        _is_an_older_day(notes, chosen.found, past, changed_in_name)
        return
    notes.fields["effective_from"] = chosen.found


def _is_before_a_change(day: date | None, past: History) -> bool:
    """Whether a first day belongs to an earlier wording: the text was changed after it."""
    if day is None:
        return False
    if (changed := past.changed) is not None and day < changed.day:
        return True
    rewritten = past.last(Act.REWRITTEN)
    return rewritten is not None and day < rewritten.day - RETROACTIVE


def _changed_by_name(notes: _Notes, past: History, first_day: date) -> Found | None:
    """The date in a file's name, if it is that of a later version of what the lines above the text tell of."""
    in_name = _day_in_name(notes.document)
    if in_name is None:
        return None
    day = date.fromisoformat(in_name.value)
    made = past.made
    if made is not None and day > made + SAME_ISSUE and day > first_day:
        return in_name
    return in_name if made is None and day > first_day + RETROACTIVE else None


def _is_an_older_day(notes: _Notes, found: Found, past: History, in_name: Found | None = None) -> None:
    notes.facts["first_in_force"] = found
    changed = in_name or (event.found if (event := past.changed or past.last(Act.REWRITTEN)) else None)
    since = f" (changed on {changed.value}, {changed.evidence})" if changed is not None else ""
    notes.doubt(
        f"The text is in force since {found.value} ({found.evidence}), but this wording is a later one{since}: its own "
        "first day in force is not stated. Give it with --set effective_from=."
    )


def _take_day_of_issue(notes: _Notes, past: History) -> None:
    """自公布之日起施行: the day of publication, where that is known and the wording has not changed since."""
    said = statements.from_issue(notes.document)
    if said is None:
        return
    sentence, later = said
    published = notes.facts.get("published")
    if past.changed is not None or (published is not None and _is_of_a_later_version(published, notes, past)):
        notes.doubt(
            f"The text is in force from its first publication ({sentence.evidence}), but this wording is a later one: its "
            "own first day in force is not stated. Give it with --set effective_from=."
        )
    elif published is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", published.value):
        notes.doubt(
            f"The text is in force from its publication ({sentence.evidence}), and the day of publication is not stated. "
            "Give it with --set effective_from=."
        )
    elif later:
        notes.doubt(
            f"The first day in force is counted from publication ({sentence.evidence}; published {published.value}): give "
            "it with --set effective_from=."
        )
    else:
        both = f"“{_words(sentence.evidence)}” with “{_words(published.evidence)}”"
        place = f"{sentence.evidence.split(': ', 1)[0]} and {published.evidence.split(': ', 1)[0]}"
        notes.fields["effective_from"] = Found(published.value, f"{place}: {both}")


def _is_of_a_later_version(published: Found, notes: _Notes, past: History) -> bool:
    made = past.made
    in_name = published.evidence.startswith("file name")
    revised = notes.facts.get("revised")
    if revised is not None and past.last(Act.REWRITTEN) is None and not in_name:
        return revised.value > published.value
    if revised is not None and past.last(Act.REWRITTEN) is None:
        return True
    issued = past.last(Act.PUBLISHED)
    limit = SAME_ISSUE if issued is not None and issued.day == made else RETROACTIVE
    return in_name and made is not None and date.fromisoformat(published.value) > made + limit


def _words(evidence: str) -> str:
    return evidence.split(": ", 1)[-1]


def _take_last_day(notes: _Notes, printed: Mapping[str, Sequence[fields.Field]]) -> None:
    document = notes.document
    stated = list(statements.last_days(document))
    for one in stated:
        if one.day is None and "9999" not in one.printed:
            notes.doubt(f"The text names a last day in force that no calendar has: {one.found.evidence}.")
    dated = [one for one in stated if one.day is not None]
    for_ever = next((one.found for one in printed.get("for_ever", ())), None) or statements.for_ever(document)
    if "effective_to" not in notes.fields:
        found = _agreed(notes, "effective_to", printed.get("effective_to", ()))
        if found is None and len({one.day for one in dated}) == 1:
            found = dated[0].found
        elif found is None and len({one.day for one in dated}) > 1:
            notes.doubt(
                "The text names more than one last day in force: "
                + "; ".join(dict.fromkeys(one.found.evidence for one in dated))
                + ". Give the right one with --set effective_to=."
            )
        elif found is None:
            found = _end_of_term(notes)
        if found is not None:
            notes.fields["effective_to"] = found
    if for_ever is None:
        _doubt_a_notice(notes)
    end, start = notes.fields.get("effective_to"), notes.fields.get("effective_from")
    if end is not None and for_ever is not None:
        notes.doubt(f"It is said to hold without end ({for_ever.evidence}) and until {end.value} ({end.evidence}).")
    if (
        end is not None
        and start is not None
        and _ends_before(end.value, start.value)
        and "effective_to" not in notes.given
    ):
        del notes.fields["effective_to"]
        notes.doubt(
            f"The text names a last day in force, {end.value} ({end.evidence}), before its first one, {start.value} "
            f"({start.evidence}): the last day was left out."
        )


def _doubt_a_notice(notes: _Notes) -> None:
    """What holds for a time only, and what begins on a day, where neither was read as a first or a last day in force."""
    document = notes.document
    if (sale := notices.sale(document)) is not None:
        notes.doubt_unless(
            ["effective_to"],
            f"The text names the time of a sale ({sale.evidence}) and no last day in force of its own: its rules hold "
            "without end. Where they end with the sale, say so with --set effective_to=.",
        )
        if "effective_to" in notes.fields:
            notes.doubt_unless(
                ["effective_from"],
                f"The text names the time of a sale ({sale.evidence}) and no first day in force of its own: its rules hold "
                "at once. Where they begin with the sale, say so with --set effective_from=.",
            )
        return
    if statements.from_issue(document) is not None:
        return  # it says in another way from when on it holds
    dated = ["effective_from", "effective_to"]
    if (limited := notices.limited(document)) is not None:
        notes.doubt_unless(
            dated,
            f"The text says that something holds for a time ({limited.evidence}) and names no last day in force of its "
            "own: its rules hold without end. Where they end then, say so with --set effective_to=.",
        )
    elif (vague := notices.vague_end(document)) is not None:
        notes.doubt_unless(
            ["effective_to"],
            f"The text says when it ends in words that are no day ({vague.evidence}): its rules hold without end. Give "
            "the last day with --set effective_to=.",
        )
    if limited is not None:
        return
    if (bare := notices.without_year(document)) is not None:
        notes.doubt_unless(
            ["effective_from"],
            f"The text names a first day without a year ({bare.evidence}): its rules hold at once. Give the day with --set "
            "effective_from=.",
        )
    elif (now := notices.from_now_on(document)) is not None:
        notes.doubt_unless(
            ["effective_from"],
            f"The text holds from the day on which it was given out ({now.evidence}), and does not name it. Give it with "
            "--set effective_from=.",
        )
    elif (change := notices.change(document)) is not None:
        notes.doubt_unless(
            dated,
            f"The text names a change from a day on ({change.evidence}) and no first day in force of its own: its rules "
            "hold at once. Where they begin with that day, say so with --set effective_from=.",
        )


def _day(value: str) -> date:
    return date.fromisoformat(value[:10])


def _ends_before(end: str, start: str) -> bool:
    return moments.parse_until(end, UTC) <= moments.parse_from(start, UTC)


def _end_of_term(notes: _Notes) -> Found | None:
    """自2024年7月1日起施行，有效期五年 ends on 2029-06-30: counted only where one sentence says both."""
    start = notes.fields.get("effective_from")
    if start is None or "effective_from" in notes.given:
        return None
    quote = _words(start.evidence)
    years = statements.term_years(quote)
    if not years:
        return None
    day = _day(start.value)
    after = day.replace(year=day.year + years, day=28 if (day.month, day.day) == (2, 29) else day.day)
    return Found((after - timedelta(days=1)).isoformat(), start.evidence)


# --- the rest ----------------------------------------------------------------------------------------------------


def _take_rest(notes: _Notes, printed: Mapping[str, Sequence[fields.Field]], past: History) -> None:
    document = notes.document
    for key in ("issuer", "number", "version", "repeals"):
        if key not in notes.facts and (stated := printed.get(key)):
            notes.facts[key] = stated[0].found
            if key == "issuer" and (names := origin.bodies(stated[0].value)):
                notes.facts[key] = Found("、".join(names), stated[0].found.evidence)
    for key in ("owner", "review_by"):
        if key not in notes.fields and (stated := printed.get(key)):
            notes.fields[key] = stated[0].found
    if "number" not in notes.facts and (number := origin.number(document, past)) is not None:
        notes.facts["number"] = number
    name = notes.fields["title"].value if "title" in notes.fields else ""
    if "issuer" not in notes.facts and (who := origin.issuer(document, past, name)) is not None:
        notes.facts["issuer"] = who
    if "repeals" not in notes.facts and (ended := origin.repeals(document)) is not None and ended[0]:
        notes.facts["repeals"] = Found("; ".join(ended[0]), ended[1].evidence)
    if (changes := notices.amends(document, name)) is not None:
        titles, said = changes
        notes.facts["amends"] = Found("; ".join(titles), said.evidence)
        notes.doubt(
            f"It amends {''.join(f'《{title}》' for title in titles)} ({said.evidence}): from its first day on its clauses "
            "answer for the articles that they change, and the rest of those articles is still read as it stood. Bring the "
            "amended text in as a new version once there is one."
        )
    if "version" not in notes.facts and (label := _version_label(notes)) is not None:
        notes.facts["version"] = label


def _version_label(notes: _Notes) -> Found | None:
    name = notes.fields.get("title")
    if name is not None and (match := _VERSION.search(name.value)):
        return Found(match[0].strip("（）()"), name.evidence)
    for line in notes.document.header[:12]:
        match = _VERSION.search(line.text)
        alone = match and (len(line.text) <= len(match[0]) + 12 or (match.start() < 2 and len(line.text) <= 60))
        if match and alone:
            return notes.document.found(match[0].strip("（）()"), line.start, line.end)
    stem = PurePosixPath(notes.document.name).stem
    if match := re.search(_VERSION.pattern.replace(r"(?<![A-Za-z0-9.])", r"(?<![A-Za-z.])"), stem):
        return Found(match[0].strip("（）()"), f"file name: {PurePosixPath(notes.document.name).name}")
    return None


__all__ = ["Metadata", "find", "of_file"]
