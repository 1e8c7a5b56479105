"""Before a snapshot goes live: what is found in it, whose answers it changes, and what stops it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest

from assistant import contradictions
from assistant.contradictions import Difference, Finding, Likeness, Point, store
from kb.audit import Audit
from kb.decisions import Decisions, Ruling, RulingKind, Subject
from kb.errors import Busy, NotFound, SettingsError
from kb.snapshot import Snapshot
from tests.support import RETURNS, SHIPPING, Base, TinyEmbedder, at, flip_byte, front_matter
from ui.audited import AuditedAssistant
from ui.errors import UsageError
from ui.publishing import Checks, Examined, findings_of, look, publish_anew, publish_built, questions_of

SEVEN, FIFTEEN = RETURNS, RETURNS.replace("七日", "15日")
QUESTION = "无理由退货的运费由谁承担"
NUMBER = re.compile(r"\d+|[一二三四五六七八九十]+(?=日)")


class Finder:
    """Clauses that differ in one number of days contradict each other; counts how often it looks, and at how many."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str | None]] = []
        self.score: float | None = None  # of what it finds, as the judge gives one

    def __call__(self, snapshot: Snapshot, since=None, known=(), progress=None, now=None, embedder=None):
        self.calls.append((snapshot.id, since.id if since else None))
        found = []
        for a, b in combinations(sorted(snapshot.clauses, key=lambda c: (c.id, c.version)), 2):
            here, there = (NUMBER.search(clause.text) for clause in (a, b))
            if here and there and here[0] != there[0] and NUMBER.sub("", a.text) == NUMBER.sub("", b.text):
                differs = Difference(Point.TIME, (here.span(),), (there.span(),))
                found.append(Finding(a, b, Likeness.CONTRADICTION, (differs,), self.score is None, self.score))
        if progress:
            progress(len(snapshot.clauses), len(snapshot.clauses))
        return tuple(found)


@pytest.fixture
def finder(monkeypatch: pytest.MonkeyPatch) -> Finder:
    finder = Finder()
    monkeypatch.setattr(contradictions, "find", finder, raising=False)
    return finder


@pytest.fixture
def desk(shop: Base, finder: Finder, tiny_by_default: TinyEmbedder) -> Base:
    return shop


def ingest(base: Base, confirm: Callable[[Examined], bool] | None = None, **options):
    checks = Checks(base.home, base.embedder, confirm)
    return base.ingest(check=checks, **options), checks


def asked(base: Base, *questions: str) -> None:
    from assistant import Assistant
    from assistant.types import Request

    assistant = AuditedAssistant(Assistant.open(base.home, embedder=base.embedder), base.home, "cli")
    for question in questions:
        assistant.ask(Request(question))


def must_not_change(base: Base, *rows: dict) -> Path:
    file = base.path / "questions" / "must-not-change.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return file


# --- contradictions --------------------------------------------------------------------------------------------


def test_a_certain_contradiction_stops_the_publish_and_agents_keep_the_old_answer(desk: Base) -> None:
    live = desk.home.require_current()
    desk.write("other.md", FIFTEEN)
    report, checks = ingest(desk)
    assert not report.published and report.review.conflicts == 1 and desk.home.require_current() == live
    [reason] = report.refused_because
    assert "“15”" in reason and "“七”" in reason and "other.md" in reason and "returns.md" in reason
    assert f"kb conflicts --snapshot {report.snapshot}" in reason
    assert checks.examined is not None and checks.examined.blocking == checks.examined.conflicts


@pytest.mark.parametrize(
    "fields", [{"supersedes": "returns.md"}, {"authority": "law"}, {"scope.category": "生鲜"}, {"effective_from": "2025-01-01"}]
)  # fmt: skip
def test_supersession_scope_authority_and_date_settle_it(desk: Base, fields: dict[str, str]) -> None:
    desk.write("other.md", front_matter(FIFTEEN, **fields))
    report, _ = ingest(desk)
    assert report.published and report.review.conflicts == 0


@pytest.mark.parametrize("kind", [RulingKind.OVERRIDES, RulingKind.NO_CONFLICT])
def test_a_ruling_settles_it_until_a_text_changes(desk: Base, kind: RulingKind) -> None:
    desk.write("other.md", FIFTEEN)
    refused, checks = ingest(desk)
    assert checks.examined is not None
    [blocking] = checks.examined.blocking
    subjects = tuple(Subject(c.id, c.sha256) for c in (blocking.finding.first, blocking.finding.second))
    decisions = Decisions(rulings=(Ruling("r-1", kind, subjects, None, "主管确认", "小周", "2026-11-22"),))
    settled, _ = ingest(desk, decisions=decisions)
    assert settled.published and settled.snapshot != refused.snapshot
    desk.write("other.md", FIFTEEN.replace("15", "30"))
    again, _ = ingest(desk, decisions=decisions)
    assert not again.published and again.review.conflicts == 1


def test_force_publishes_and_the_log_says_who_and_why_and_what(desk: Base) -> None:
    desk.write("other.md", FIFTEEN)
    report, _ = ingest(desk, force="大促前必须上线，周一裁定")
    assert report.published and report.refused_because
    [entry] = [e for e in Audit(desk.home).entries(kind="publish") if e.snapshot == report.snapshot]
    assert entry.body["forced_because"] == "大促前必须上线，周一裁定" and entry.body["overruled"] == list(
        report.refused_because
    )
    assert entry.actor


def test_what_ends_before_the_other_begins_is_no_conflict_and_a_kept_finding_goes_with_time(
    desk: Base, finder: Finder
) -> None:
    desk.write("other.md", front_matter(FIFTEEN, effective_to="2027-12-31"))
    report, _ = ingest(desk)
    snapshot = desk.snapshot(report.snapshot)
    assert len(findings_of(desk.home, snapshot, at("2027-12-31"))) == 1
    assert findings_of(desk.home, snapshot, at("2028-01-01")) == ()
    assert len(findings_of(desk.home, snapshot, at("2028-01-01") - timedelta(microseconds=1))) == 1


# --- what is kept between publishes ----------------------------------------------------------------------------


def test_the_next_publish_looks_only_at_what_changed(desk: Base, finder: Finder) -> None:
    first, _ = ingest(desk, full=True, force=None)
    desk.write("a.md", "# 保修\n\n第一条 保修一年。\n")
    second, _ = ingest(desk)
    desk.write("b.md", "# 换货\n\n第一条 可以换货。\n")
    third, _ = ingest(desk)
    assert finder.calls[-2:] == [(second.snapshot, None), (third.snapshot, second.snapshot)]
    look(desk.home, None)
    assert len(finder.calls) == 2, "kept, not looked for again"


def test_after_going_back_only_what_the_left_snapshot_had_not_is_looked_at(desk: Base, finder: Finder) -> None:
    before = desk.home.require_current()
    desk.write("a.md", "# 保修\n\n第一条 保修一年。\n")
    left, _ = ingest(desk)
    with desk.home.writing():
        assert desk.home.rollback() == before
    desk.write("a.md", "# 保修\n\n第一条 保修两年。\n")
    again, _ = ingest(desk)
    assert again.published and finder.calls[-1] == (again.snapshot, left.snapshot)


def test_kept_findings_of_a_damaged_snapshot_are_not_built_upon(desk: Base, finder: Finder) -> None:
    desk.write("a.md", "# 保修\n\n第一条 保修一年。\n")
    left, _ = ingest(desk)
    with desk.home.writing():
        desk.home.rollback()
    flip_byte(desk.home.folder_of(left.snapshot) / "clauses.jsonl")
    look(desk.home, None)
    assert finder.calls[-1] == (desk.home.require_current(), None)


@pytest.mark.parametrize("damage", ["flip", "empty", "shape", "words"])
def test_a_damaged_memory_of_findings_is_found_out_and_made_again(desk: Base, finder: Finder, damage: str) -> None:
    desk.write("other.md", FIFTEEN)
    report, _ = ingest(desk, force="x")
    [file] = (desk.path / "cache" / "contradictions").glob("*.json")
    assert file.name == f"{report.snapshot}.json" and "退货" not in file.read_text()
    whole = file.read_bytes()
    match damage:
        case "flip":
            flip_byte(file)
        case "empty":
            file.write_bytes(b"")
        case "shape":
            file.write_bytes(b"[1]")
        case "words":
            file.write_bytes(whole.replace(b'"certain":true', b'"certain":false'))
    assert store.load(desk.home, desk.snapshot(), "") is None
    [settled] = look(desk.home, None).settled
    assert settled.blocks and len(finder.calls) == 2 and file.read_bytes() == whole


def test_how_many_less_likely_ones_are_left_out_is_said(
    desk: Base, finder: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.contradictions.judging._IN_SMALL", 0)  # shown as in a base of over a hundred
    finder.score = 4.0
    for days in range(15, 21):
        desk.write(f"{days}.md", FIFTEEN.replace("15", str(days)).replace("十五", str(days)))
    report, _ = ingest(desk)
    looked, all_of_them = look(desk.home, None), look(desk.home, None, everything=True)
    assert report.published and (len(looked.settled), all_of_them.left_out) == (5, 0)
    assert looked.left_out == len(all_of_them.settled) - 5 > 0


def test_findings_of_snapshots_that_are_gone_go_with_them(desk: Base) -> None:
    (desk.path / "settings.toml").write_text("[base]\nkeep_snapshots = 1\n")
    for number in range(5):
        desk.write("a.md", f"# 保修\n\n第一条 保修{number + 1}年。\n")
        ingest(desk, force="x")
    look(desk.home, None)
    kept = {file.stem for file in (desk.path / "cache" / "contradictions").glob("*")}
    assert kept <= set(desk.home.snapshots()) and desk.home.require_current() in kept


def test_a_memory_that_cannot_be_written_stops_nothing(desk: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("assistant.contradictions.store.tempfile.mkstemp", full)
    desk.write("a.md", "# 保修\n\n第一条 保修一年。\n")
    assert ingest(desk)[0].published and not list((desk.path / "cache" / "contradictions").glob("*"))


# --- the gate --------------------------------------------------------------------------------------------------


def test_an_answer_that_must_not_change_stops_the_publish(desk: Base) -> None:
    must_not_change(desk, {"question": QUESTION})
    desk.write("returns.md", RETURNS.replace("由买家承担", "由商家承担"))
    report, _ = ingest(desk)
    assert not report.published
    [reason] = report.refused_because
    assert QUESTION in reason and "must-not-change.jsonl, line 1" in reason and "(edited)" in reason
    assert ingest(desk, force="改错了也要上")[0].published


def test_recent_questions_show_whom_a_change_reaches_and_stop_nothing(desk: Base) -> None:
    asked(desk, QUESTION, QUESTION, "几天内可以申请无理由退货，我的手机号是13812345678")
    desk.write("returns.md", RETURNS.replace("由买家承担", "由商家承担"))
    report, checks = ingest(desk)
    assert report.published and checks.examined is not None and checks.examined.outcome is not None
    assert checks.examined.outcome.asked == 2
    assert [r.change.before.question for r in checks.examined.changed] == [QUESTION]


@pytest.mark.parametrize("answer", [True, False])
def test_one_confirmation_is_asked_for_where_answers_change(desk: Base, answer: bool) -> None:
    asked(desk, QUESTION)
    shown: list[Examined] = []
    confirm = lambda examined: (shown.append(examined), answer)[1]  # noqa: E731
    desk.write("extra.md", "# 保修\n\n第一条 保修一年。\n")
    assert ingest(desk, confirm)[0].published and shown == []
    live = desk.home.require_current()
    desk.write("returns.md", RETURNS.replace("由买家承担", "由商家承担"))
    report, _ = ingest(desk, confirm)
    assert report.published is answer and len(shown) == 1
    assert (desk.home.require_current() == live) is not answer
    assert answer or "not confirmed" in report.refused_because[0]


def test_what_is_refused_anyway_is_not_asked_about(desk: Base) -> None:
    asked(desk, QUESTION)
    must_not_change(desk, {"question": QUESTION})
    desk.write("returns.md", RETURNS.replace("由买家承担", "由商家承担"))
    assert not ingest(desk, lambda examined: pytest.fail("asked"))[0].published


def test_question_files_are_those_of_the_settings_and_must_be_there_and_sound(desk: Base) -> None:
    assert questions_of(desk.home) == []
    file = must_not_change(desk, {"question": QUESTION, "gold": [{"document": "returns.md", "label": "第二条"}]})
    assert [q.where for q in questions_of(desk.home)] == ["must-not-change.jsonl, line 1"]
    (desk.path / "mine.txt").write_text("几天能退\n")
    (desk.path / "settings.toml").write_text('[publishing]\ngolden = "mine.txt"\nmust_not_change = ""\nrecent = 0\n')
    assert [q.request.question for q in questions_of(desk.home)] == ["几天能退"]
    (desk.path / "settings.toml").write_text('[publishing]\ngolden = "none.jsonl"\n')
    with pytest.raises(SettingsError, match=r"none\.jsonl is not there"):
        Checks(desk.home, desk.embedder)
    (desk.path / "settings.toml").write_text("")
    file.write_text("{oh no\n")
    with pytest.raises(UsageError, match="line 1"):
        Checks(desk.home, desk.embedder)
    (desk.path / "settings.toml").write_text("[publishing]\nrecent = -1\n")
    with pytest.raises(SettingsError, match="recent"):
        Checks(desk.home, desk.embedder)


# --- when a check cannot be made ---------------------------------------------------------------------------------


def test_a_check_that_fails_refuses_and_says_so(desk: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    live = desk.home.require_current()

    def broken(*_, **__):
        raise ValueError("no such\nthing")

    monkeypatch.setattr(contradictions, "find", broken)
    desk.write("a.md", "# 保修\n\n第一条 保修一年。\n")
    report, _ = ingest(desk)
    assert not report.published and desk.home.require_current() == live
    assert "ValueError: no such thing" in report.refused_because[0] and "--force" in report.refused_because[0]
    assert ingest(desk, force="知道")[0].published


def test_an_earlier_snapshot_that_cannot_be_read_is_noted_and_no_bar_to_the_way_out(desk: Base) -> None:
    must_not_change(desk, {"question": QUESTION})
    flip_byte(desk.home.folder_of(desk.home.require_current()) / "clauses.jsonl")
    desk.write("returns.md", RETURNS.replace("由买家承担", "由商家承担"))
    report, _ = ingest(desk, full=True)
    assert report.published and "cannot be asked" in report.review.notes[0]


def test_answers_of_another_embedder_are_not_compared_and_it_is_said(desk: Base) -> None:
    must_not_change(desk, {"question": QUESTION})
    other = TinyEmbedder()
    other.id = "tiny@2"  # type: ignore[misc]
    desk.embedder = other
    report, _ = ingest(desk)
    assert report.published and "not compared" in report.review.notes[0] and "tiny@1" in report.review.notes[0]


# --- publishing without ingesting ------------------------------------------------------------------------------


def test_publishing_anew_takes_the_present_decisions_and_says_when_nothing_changed(desk: Base) -> None:
    def publish(decisions: Decisions, force: str | None = None):
        return publish_anew(desk.home, desk.embedder, decisions, Checks(desk.home, desk.embedder), force)

    live = desk.home.require_current()
    unchanged = publish(Decisions())
    assert unchanged.unchanged and unchanged.published and unchanged.snapshot == live
    clause = desk.snapshot().clauses[0]
    ruling = Ruling("r-1", RulingKind.MEANS, (Subject(clause.id, clause.sha256),), "几天", "x", "小周", "2026-11-22")
    came_to = publish(Decisions(rulings=(ruling,)))
    assert came_to.published and came_to.snapshot == desk.home.require_current() != live and came_to.embedded == 0
    assert desk.snapshot().decisions.rulings == (ruling,)
    assert Audit(desk.home).entries(kind="publish", limit=1)[0].snapshot == came_to.snapshot
    assert publish(Decisions(rulings=(ruling,))).unchanged
    with pytest.raises(NotFound, match="kb ingest"):
        publish_anew(Base(desk.path / "empty").home, desk.embedder, Decisions(), Checks(desk.home, desk.embedder))


def test_a_refused_snapshot_cannot_be_published_by_its_id_either(desk: Base) -> None:
    live = desk.home.require_current()
    desk.write("other.md", FIFTEEN)
    refused = ingest(desk)[0].snapshot or ""

    def publish(name: str, force: str | None = None):
        return publish_built(desk.home, name, desk.embedder, Checks(desk.home, desk.embedder), force)

    again = publish(refused)
    assert not again.published and again.refused_because and desk.home.require_current() == live
    assert publish(refused, "要上").published and desk.home.require_current() == refused
    assert publish(live).published
    back = publish(refused)
    assert back.published and not back.refused_because, "it was live before: going back is not looked over again"


@pytest.mark.parametrize("named", [True, False])
def test_a_refused_first_ingest_is_published_once_a_ruling_settles_it(desk: Base, named: bool) -> None:
    first = Base(desk.path / "first")
    first.write("returns.md", RETURNS)
    first.write("other.md", FIFTEEN)
    refused, checks = ingest(first)
    assert not refused.published and checks.examined is not None
    [blocking] = checks.examined.blocking
    subjects = tuple(Subject(c.id, c.sha256) for c in (blocking.finding.first, blocking.finding.second))
    ruled = Decisions(rulings=(Ruling("r-1", RulingKind.NO_CONFLICT, subjects, None, "两回事", "小周", "2026-11-22"),))
    again = Checks(first.home, first.embedder)
    if named:
        came_to = publish_built(first.home, refused.snapshot or "", first.embedder, again, decisions=ruled)
    else:
        came_to = publish_anew(first.home, first.embedder, ruled, again)
    assert came_to.published and len(Snapshot.open(first.home).versions) == 2


def test_two_publishers_at_once_the_second_is_told_and_nothing_is_lost(desk: Base) -> None:
    asked(desk, QUESTION)
    other: list[str] = []

    def meanwhile(examined: Examined) -> bool:
        with pytest.raises(Busy, match="repeat the command"):
            publish_anew(desk.home, desk.embedder, Decisions(), Checks(desk.home, desk.embedder))
        with pytest.raises(Busy):
            desk.ingest()
        other.append(desk.home.require_current())
        return True

    live = desk.home.require_current()
    desk.write("returns.md", RETURNS.replace("由买家承担", "由商家承担"))
    report, _ = ingest(desk, meanwhile)
    assert report.published and other == [live] and desk.home.require_current() == report.snapshot
    desk.write("shipping.md", SHIPPING.replace("三日", "两日"))
    assert ingest(desk)[0].published, "the lock was given back"
