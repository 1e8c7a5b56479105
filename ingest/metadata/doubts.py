"""What in a document contradicts itself: plain sentences for a maintainer, each with the places that disagree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Set
from datetime import date, timedelta
from pathlib import PurePosixPath

from ingest import cleaning
from ingest.dates import days
from ingest.metadata.history import History
from ingest.metadata.lines import Document
from ingest.metadata.statements import Statement
from ingest.metadata.title import of_file
from ingest.types import Found

NEAR = timedelta(days=92)  # a text is published, dated and filed within a few months
AHEAD = timedelta(days=366)  # rules come into force up to a year after their publication
DAMAGED_SHARE = 0.0005  # one letter in two thousand lost: a sentence or two of a long document
LEAST_CONFIDENCE = 0.8  # of text recognised from a picture; clean print gives .98

_DAMAGE = re.compile(
    r"damage|garbled|mojibake|unreadable|cannot be read|letters? (?:is|are|was|were) lost", re.IGNORECASE
)
_NOT_FINAL = re.compile(r"征求意见稿|草案|送审稿|讨论稿|徵求意見稿|\bdraft\b|案文稿", re.IGNORECASE)
_YEAR_OF_NUMBER = re.compile(r"[\u4e00-\u9fff][〔\[【]\s?((?:19|20)\d{2})\s?[〕\]】]\s?第?\s?\d+\s?号")
_DONE = re.compile(
    r"[\s日]*[^。；\n]{0,30}?(?:发布|公布|颁布|印发|通过|修订|修正|通知|published|issued|adopted|amended)"
)
_AHEAD = re.compile(r"(?:至|到|截至|截止|期限|有效期|before|until|by|through|hasta|まで)[^。\n]{0,6}\Z", re.IGNORECASE)

Doubt = Callable[[str], None]


def look(
    document: Document,
    fields: Mapping[str, Found],
    facts: Mapping[str, Found],
    given: Set[str],
    past: History,
    doubt: Doubt,
) -> None:
    own = _own_days(fields, facts)
    _order_of_days(fields, facts, past, doubt)
    _name_and_text(document, fields, facts, doubt)
    _cites_what_is_later(document, fields, own, doubt)
    _version_labels(document, facts, doubt)
    _draft(document, fields, facts, doubt)
    _reading(document, doubt)


def compare_first_days(counts: Found, stated: Iterable[Statement], doubt: Doubt) -> None:
    others = {one.day: one.found for one in stated if one.day is not None and one.day.isoformat() != counts.value[:10]}
    for day, found in sorted(others.items()):
        doubt(f"Two first days in force are stated: {counts.value} ({counts.evidence}) and {day} ({found.evidence}).")


def _own_days(fields: Mapping[str, Found], facts: Mapping[str, Found]) -> dict[str, tuple[date, str]]:
    found = {}
    for key, one in [*fields.items(), *facts.items()]:
        if key in _SAID and re.match(r"\d{4}-\d\d-\d\d", one.value):
            found[key] = (date.fromisoformat(one.value[:10]), one.evidence)
    return found


_SAID = {
    "effective_from": "is in force from",
    "published": "was published on",
    "adopted": "was adopted on",
    "revised": "was revised on",
}


def _order_of_days(fields: Mapping[str, Found], facts: Mapping[str, Found], past: History, doubt: Doubt) -> None:
    own = _own_days(fields, facts)
    first = own.get("effective_from")
    for key in ("adopted", "published"):
        if first and (other := own.get(key)) and first[0] < other[0] and not other[1].startswith("file name"):
            if key == "published" and "adopted" in own and first[0] < own["adopted"][0]:
                continue  # said once
            doubt(f"It is in force from {first[0]} ({first[1]}) before it {_SAID[key]} {other[0]} ({other[1]}).")
    if "adopted" in own and "published" in own and own["published"][0] < own["adopted"][0]:
        (published, where), (adopted, there) = own["published"], own["adopted"]
        doubt(f"It was published on {published} ({where}) before it was adopted on {adopted} ({there}).")


def _name_and_text(document: Document, fields: Mapping[str, Found], facts: Mapping[str, Found], doubt: Doubt) -> None:
    name = PurePosixPath(document.name).name
    stem = PurePosixPath(name).stem
    in_name = list(days(stem, compact=True))
    if len(in_name) == 1 and in_name[0].value is None and not in_name[0].ambiguous:
        doubt(f"The date in the file's name is no date of the calendar: {name}.")
    if len(in_name) == 1 and (day := in_name[0].value) is not None:
        in_text = {
            key: (on, where)
            for key, (on, where) in _own_days(fields, facts).items()
            if not where.startswith("file name")
        }
        first = in_text.pop("effective_from", None)
        if not in_text and first is not None and not day <= first[0] <= day + AHEAD:
            in_text = {"effective_from": first}  # else it is the only day of the text, and soon after the file's
        if in_text and "first_in_force" not in facts and all(abs(on - day) > NEAR for on, _ in in_text.values()):
            key, (on, where) = max(in_text.items(), key=lambda pair: pair[1][0])
            doubt(f"The file's name is dated {day}, but the text {_SAID[key]} {on} ({where}).")
    title = fields.get("title")
    if title is None or title.evidence.startswith("file name"):
        return
    called = of_file(name)
    if _differ(called, title.value):
        doubt(f"The file is called “{called}”, but the text is titled “{title.value}”.")


def _differ(a: str, b: str) -> bool:
    """Whether two names have nothing in common, where both are long enough and in one script to tell."""
    hanzi_a, hanzi_b = (re.findall(r"[\u4e00-\u9fff]", name) for name in (a, b))
    if len(hanzi_a) >= 4 and len(hanzi_b) >= 4:
        return not {x + y for x, y in zip(hanzi_a, hanzi_a[1:], strict=False)} & {
            x + y for x, y in zip(hanzi_b, hanzi_b[1:], strict=False)
        }
    words_a, words_b = ({w[:5] for w in re.findall(r"\b[a-z]{4,}\b", name.lower()) if w != "index"} for name in (a, b))
    return len(words_a) >= 4 and len(words_b) >= 2 and not words_a & words_b and not hanzi_a and not hanzi_b


def _cites_what_is_later(
    document: Document, fields: Mapping[str, Found], own: Mapping[str, tuple[date, str]], doubt: Doubt
) -> None:
    """A header dated 2015 over a text that cites 2025: the header, or the text below it, is of another version."""
    if not own:
        return
    key, (last, where) = max(own.items(), key=lambda pair: pair[1][0])
    text = document.text
    for match in _YEAR_OF_NUMBER.finditer(text):
        if int(match[1]) > last.year:
            doubt(
                f"It {_SAID[key]} {last} ({where}), but it cites something of {match[1]}: "
                f"{document.place(match.start())}: {document.quote(match.start(), match.end())}."
            )
            return
    for day in document.days:
        if day.value is None or day.value <= last + NEAR or _AHEAD.search(text[max(0, day.start - 12) : day.start]):
            continue
        if _DONE.match(text[day.end : day.end + 44]):
            doubt(
                f"It {_SAID[key]} {last} ({where}), but it cites something of {day.value}: "
                f"{document.place(day.start)}: {document.quote(day.start, day.end + 30)}."
            )
            return


def _version_labels(document: Document, facts: Mapping[str, Found], doubt: Doubt) -> None:
    stated = facts.get("version")
    if stated is None or stated.evidence.startswith("file name"):
        return
    name = PurePosixPath(document.name).name
    number = re.search(r"\d+(?:\.\d+)*", stated.value)
    in_name = re.search(r"(?<![A-Za-z])[Vv](?:er(?:sion)?)?[.\s]?(\d+(?:\.\d+)*)", PurePosixPath(name).stem)
    if in_name and number and _parts(in_name[1]) != _parts(number[0]) and int(number[0].split(".")[0]) < 1900:
        doubt(f"The file's name says version {in_name[1]} ({name}), the text {stated.value} ({stated.evidence}).")


def _parts(label: str) -> list[int]:
    parts = [int(part) for part in label.split(".")]
    while parts and not parts[-1]:  # 2.0 is 2
        parts.pop()
    return parts


def _draft(document: Document, fields: Mapping[str, Found], facts: Mapping[str, Found], doubt: Doubt) -> None:
    title = fields.get("title")
    lines = [line.text for line in document.header[:6] if len(line.text) <= 30]
    for words in ((title.value if title else ""), PurePosixPath(document.name).stem, *lines):
        if match := _NOT_FINAL.search(words):
            doubt(f"It calls itself no final text: “{match[0]}” in “{words[:80]}”.")
            return


def _reading(document: Document, doubt: Doubt) -> None:
    for note in document.extract.notes:
        if _DAMAGE.search(note):
            doubt(note)
    share = cleaning.damage(document.text)
    if share > DAMAGED_SHARE and not any(_DAMAGE.search(note) for note in document.extract.notes):
        doubt(f"{share:.1%} of the letters are damaged or lost: look for a sound copy of the document.")
    weak = [page for page, confidence in document.extract.recognised.items() if confidence < LEAST_CONFIDENCE]
    if weak:
        pages = ", ".join(map(str, sorted(weak)[:12])) + (" and others" if len(weak) > 12 else "")
        doubt(f"Read from a picture with little confidence: page {pages}. Compare it with the original.")
