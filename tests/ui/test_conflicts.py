"""Contradictions as people and scripts see them."""

from __future__ import annotations

import re
import shlex
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from assistant.contradictions import Difference, Finding, Likeness, Point
from assistant.contradictions.settling import Settled, settle
from kb.decisions import Decisions, Ruling, RulingKind, Subject
from kb.snapshot import Snapshot
from tests.support import Base, front_matter
from ui.conflicts import (
    conflict_words,
    conflicts_to_json,
    page,
    pieces,
    print_conflicts,
    remedies,
    sentence,
    write_page,
)

SEVEN = "# 售后手册\n\n第一条 买家自签收之日起7天内可以退货。\n"
FIFTEEN = "# 客服手册\n\n第一条 买家自签收之日起15天内可以退货。\n"
HOSTILE = "# <script>alert(1)</script>\n\n第一条 买家自签收之日起\x1b[31m15天内可以退货<img src=x>。\n"


def looked(base: Base, other: str = FIFTEEN, **options) -> tuple[Snapshot, list[Settled]]:
    base.write("service/a.md", SEVEN)
    base.write("desk/b.md", other)
    snapshot = base.snapshot(base.ingest(**options).snapshot)
    first, second = sorted(snapshot.clauses, key=lambda c: (c.id, c.version))
    spans = [tuple(m.span() for m in re.finditer(r"\d+(?=天)", c.text)) for c in (first, second)]
    contradiction = Finding(first, second, Likeness.CONTRADICTION, (Difference(Point.TIME, *spans),), True)
    duplicate = Finding(first, second, Likeness.DUPLICATE, (), True)
    return snapshot, list(settle([contradiction, duplicate], snapshot, base.home.settings.authorities))


def printed(snapshot: Snapshot, settled: list[Settled], width: int = 120, language: str = "zh", **options) -> str:
    out = StringIO()
    console = Console(file=out, width=width, highlight=False)
    print_conflicts(console, snapshot, settled, conflict_words(language), **options)
    return out.getvalue()


def test_the_json_says_all_that_is_known_of_both_sides(base: Base) -> None:
    snapshot, settled = looked(base, front_matter(FIFTEEN, effective_to="2027-12-31"))
    report = conflicts_to_json(snapshot, settled, all_of_them=False)
    assert report["snapshot"] == snapshot.id
    [conflict], [duplicate] = report["conflicts"], report["duplicates"]
    assert set(conflict) >= {
        "first",
        "second",
        "likeness",
        "certain",
        "open",
        "blocks",
        "settled_by",
        "ruling",
        "differences",
    }
    assert set(conflict["first"]) >= {
        "id", "document", "title", "label", "path", "text", "version", "authority", "scope", "effective_from", "effective_to",
    }  # fmt: skip
    sides = {side["document"]: side for side in (conflict["first"], conflict["second"])}
    assert sides["desk/b.md"]["effective_to"] == "2027-12-31" and sides["service/a.md"]["effective_to"] is None
    [difference] = conflict["differences"]
    words = [conflict[n]["text"][slice(*span)] for n in ("first", "second") for span in difference[n]]
    assert sorted(words) == ["15", "7"] and difference["point"] == "time"
    assert (conflict["open"], conflict["blocks"], conflict["settled_by"], conflict["ruling"]) == (
        True,
        True,
        None,
        None,
    )
    assert duplicate["speaks"] == settled[1].finding.first.id and duplicate["likeness"] == "duplicate"


def test_what_a_rule_or_ruling_decides_is_listed_with_all_only(base: Base) -> None:
    snapshot, settled = looked(base, front_matter(FIFTEEN, authority="law"))
    assert conflicts_to_json(snapshot, settled, all_of_them=False)["conflicts"] == []
    [conflict] = conflicts_to_json(snapshot, settled, all_of_them=True)["conflicts"]
    assert (conflict["open"], conflict["settled_by"]) == (False, "authority")
    assert conflict["winner"] == next(c.id for c in snapshot.clauses if c.document == "desk/b.md")
    subjects = tuple(Subject(c.id, c.sha256) for c in snapshot.clauses)
    ruling = Ruling("r-1", RulingKind.NO_CONFLICT, subjects, None, "两个部门各管各的", "小周", "2026-11-22")
    snapshot, settled = looked(base, decisions=Decisions(rulings=(ruling,)))
    [conflict] = conflicts_to_json(snapshot, settled, all_of_them=True)["conflicts"]
    assert (conflict["settled_by"], conflict["ruling"], conflict["winner"]) == ("ruling", "r-1", None)
    assert "没有需要裁定的矛盾" in printed(snapshot, settled) and "r-1" in printed(snapshot, settled, all_of_them=True)


@pytest.mark.parametrize("width", [60, 120])
def test_on_a_terminal_the_differing_words_are_marked_in_both(base: Base, width: int) -> None:
    snapshot, settled = looked(base)
    shown = printed(snapshot, settled, width)
    assert "[7]天内" in shown and "[15]天内" in shown and "《售后手册》" in shown and "《客服手册》" in shown
    together = [line for line in shown.splitlines() if "[7]" in line and "[15]" in line]
    assert bool(together) is (width >= 100), "side by side where there is room"
    assert "期限" in shown and "不裁定不能发布" in shown and "kb ruling add overrides" in shown


def test_how_many_less_likely_ones_are_not_shown_is_said(base: Base) -> None:
    snapshot, settled = looked(base)
    assert conflicts_to_json(snapshot, settled, all_of_them=False, left_out=7)["less_likely"] == 7
    for language in ("zh", "en"):
        words = conflict_words(language)
        for left_out in (7, 0):
            said = words("less_likely", count=left_out)
            assert (said in printed(snapshot, settled, language=language, left_out=left_out)) is bool(left_out)
            assert (said in page(snapshot, settled, words, False, left_out)) is bool(left_out)


def test_in_english_too(base: Base) -> None:
    shown = printed(*looked(base), language="en")
    assert "stops publishing" in shown and "They differ in: time" in shown
    assert conflict_words("zh").table.keys() == conflict_words("en").table.keys()


def test_the_commands_name_the_file_under_its_key_and_both_clauses(base: Base) -> None:
    snapshot, settled = looked(base)
    finding = settled[0].finding
    found = dict(remedies(finding, snapshot))
    supersedes = shlex.split(found["settle_supersedes"] or "")
    newer, older = finding.second, finding.first
    assert supersedes[:2] == ["kb", "ingest"] and supersedes[2] == str(base.sources / newer.document)
    assert supersedes[3:] == ["--as", newer.document.split("/")[0], "--set", f"supersedes={older.document}"]
    assert (
        found["settle_no_conflict"]
        == f"kb ruling add no-conflict {finding.first.id} {finding.second.id} --because TEXT"
    )
    assert "settle_scope" in found and "settle_edit" not in found


def test_of_one_document_that_says_both_the_document_is_to_be_corrected(base: Base) -> None:
    base.write("a.md", SEVEN + "\n第二条 买家自签收之日起15天内可以退货。\n")
    snapshot = base.snapshot(base.ingest().snapshot)
    first, second = snapshot.clauses
    finding = Finding(first, second, Likeness.CONTRADICTION, (), True)
    keys = [key for key, _ in remedies(finding, snapshot)]
    assert keys == ["settle_edit", "settle_overrides", "settle_no_conflict"]


def test_one_line_names_both_clauses_and_their_words(base: Base) -> None:
    snapshot, settled = looked(base)
    line = sentence(settled[0], snapshot)
    assert "\n" not in line and "“7”" in line and "“15”" in line and f"--snapshot {snapshot.id}" in line


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.marked: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data) -> None:
        if self.tags and self.tags[-1] == "mark":
            self.marked.append(data)
            self.tags.append("")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_asks_nobody_for_anything_and_obeys_no_document(base: Base, tmp_path: Path, language: str) -> None:
    snapshot, settled = looked(base, HOSTILE)
    out = tmp_path / "out.html"
    write_page(out, snapshot, settled, conflict_words(language), all_of_them=True)
    text = out.read_text()
    reader = Reader()
    reader.feed(text)
    assert sorted(reader.marked) == ["15", "7"] and reader.links == []
    assert not {"script", "img", "link", "iframe"} & set(reader.tags) and "\x1b" not in text
    assert text.count("<section") == 2 and "default-src &#x27;none&#x27;" in text
    assert page(snapshot, settled, conflict_words(language), all_of_them=False).count("<section") == 1
    assert [file.name for file in tmp_path.glob("out*")] == ["out.html"]


def test_a_hostile_document_does_not_steer_the_terminal(base: Base) -> None:
    assert "\x1b" not in printed(*looked(base, HOSTILE))


@pytest.mark.parametrize(
    ("spans", "marked"),
    [([], []), ([(0, 2)], ["ab"]), ([(2, 4), (0, 2)], ["ab", "cd"]), ([(0, 3), (1, 4)], ["abc", "d"]), ([(1, 1)], [])],
)
def test_marked_runs_make_up_the_text(spans: list[tuple[int, int]], marked: list[str]) -> None:
    found = list(pieces("abcdef", spans))
    assert "".join(part for part, _ in found) == "abcdef" and [part for part, is_marked in found if is_marked] == marked
