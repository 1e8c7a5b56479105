"""The decision log: proposed, approved, suspended with the text, withdrawn; every step sealed in the audit log."""

from __future__ import annotations

import multiprocessing
from datetime import datetime
from pathlib import Path

import pytest

from kb.audit import Audit
from kb.decision_log import Change, DecisionLog, Standing, new_reply, new_ruling, new_wording, standing
from kb.decisions import Decision, Decisions, RulingKind, Subject
from kb.home import Home
from kb.snapshot import Snapshot, build
from kb.types import Content
from tests.support import ZONE, TinyEmbedder, make_content, on

NOW = datetime(2026, 11, 22, tzinfo=ZONE)
SHOP = make_content("shop.md", ["第一条 七日内可以退货。", "第二条 运费由买家承担。", "第三条 满99元包邮。"])
LAW = make_content("law.md", ["第一条 七日内可以退货。", "第二条 运费由商家承担。"])


def snapshot_of(path: Path, *contents: Content) -> Snapshot:
    home = Home(path)
    with home.writing():
        return Snapshot.open(home, build(home, contents, TinyEmbedder(), {}).id)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return snapshot_of(tmp_path, SHOP, LAW)


@pytest.fixture
def log(tmp_path: Path, snapshot: Snapshot):
    found = DecisionLog(Home(tmp_path))
    yield found
    found.close()


def about(content: Content, number: int) -> Subject:
    clause = content.clauses[number - 1]
    return Subject(clause.id, clause.sha256)


def overrides(winner: Subject, loser: Subject) -> Decision:
    return new_ruling(RulingKind.OVERRIDES, [winner, loser], "店规更新", "王敏")


def means(subject: Subject, question: str) -> Decision:
    return new_ruling(RulingKind.MEANS, [subject], "问的就是这一条", "王敏", question)


def changes(outcomes) -> list[Change]:
    return [outcome.change for outcome in outcomes]


def test_what_is_proposed_holds_nothing_until_it_is_approved(log: DecisionLog, snapshot: Snapshot) -> None:
    wording = new_wording(about(SHOP, 1), "买了能退不", "王敏")
    assert changes(log.add([wording], snapshot, approved=False)) == [Change.ADDED]
    assert log.decisions() == Decisions()
    assert [e.standing for e in log.entries(snapshot)] == [Standing.PROPOSED]
    assert changes(log.approve([wording.id], snapshot, "李华")) == [Change.APPROVED]
    [approved] = log.decisions().asked_as
    assert (approved.text, approved.subject, approved.by) == ("买了能退不", about(SHOP, 1), "李华")


def test_all_three_kinds_come_back_as_they_were_given_in_the_order_of_ids(log: DecisionLog, snapshot: Snapshot) -> None:
    given = [
        overrides(about(SHOP, 2), about(LAW, 2)),
        new_ruling(RulingKind.NO_CONFLICT, [about(SHOP, 3), about(LAW, 1)], "说的是两回事", "王敏"),
        means(about(SHOP, 3), "多少钱包邮"),
        new_wording(about(SHOP, 1), "买了能退不", "王敏"),
        new_reply(about(SHOP, 3), "亲，满99元包邮哦", "zh-Hans", "warm", "王敏"),
    ]
    assert changes(log.add(given, snapshot, approved=True)) == [Change.ADDED] * 5
    found = log.decisions()
    assert {*found.rulings, *found.asked_as, *found.replies} == set(given)
    assert [r.id for r in found.rulings] == sorted(r.id for r in found.rulings)
    assert found.holding(snapshot.clauses) == found


def test_adding_the_same_twice_adds_nothing(log: DecisionLog, snapshot: Snapshot) -> None:
    for punctuation in ("", "？", "?!"):
        outcomes = log.add([new_wording(about(SHOP, 1), "买了能退不" + punctuation, "王敏")], snapshot, approved=False)
    assert changes(outcomes) == [Change.UNCHANGED] and len(log.entries()) == 1
    assert changes(log.add([new_wording(about(SHOP, 1), "买了能退不", "王敏")], snapshot, approved=True)) == [
        Change.APPROVED
    ]


def test_a_changed_text_suspends_until_someone_confirms(tmp_path: Path, log: DecisionLog, snapshot: Snapshot) -> None:
    wording, reply = (
        new_wording(about(SHOP, 3), "咋包邮", "王敏"),
        new_reply(about(SHOP, 3), "满99元包邮", "zh", "", "王敏"),
    )
    log.add([wording, reply], snapshot, approved=True)
    edited = make_content("shop.md", ["第一条 七日内可以退货。", "第二条 运费由买家承担。", "第三条 满59元包邮。"])
    later = snapshot_of(tmp_path, edited, LAW)
    assert [e.standing for e in log.entries(later)] == [Standing.SUSPENDED] * 2
    assert log.decisions().holding(later.clauses) == Decisions()
    confirmed, refused = log.confirm([wording.id, reply.id], later, "李华", NOW)
    assert confirmed.change is Change.CONFIRMED
    assert refused.change is Change.REFUSED and "99" in refused.reason  # the clause says 59 now
    assert [w.subject for w in log.decisions().holding(later.clauses).asked_as] == [about(edited, 3)]
    assert changes(log.confirm([wording.id], later, "李华", NOW)) == [Change.UNCHANGED]
    entry = Audit(Home(tmp_path)).entries(subject=wording.id)[0]
    assert entry.body["change"] == "confirmed"
    assert (entry.body["was"]["sha256"], entry.body["is"]["sha256"]) == (about(SHOP, 3).sha256, about(edited, 3).sha256)


def test_a_proposal_for_a_changed_text_is_not_approved_unseen(tmp_path: Path, log: DecisionLog, snapshot) -> None:
    wording = new_wording(about(SHOP, 3), "咋包邮", "王敏")
    log.add([wording], snapshot, approved=False)
    later = snapshot_of(tmp_path, make_content("shop.md", ["第一条 不退。", "第二条 不管。", "第三条 不包邮。"]))
    [outcome] = log.approve([wording.id], later, "李华")
    assert outcome.change is Change.REFUSED and "another text" in outcome.reason


def test_a_clause_that_is_gone_is_said_to_be_gone_with_its_place(tmp_path: Path, log: DecisionLog, snapshot) -> None:
    wording = new_wording(about(SHOP, 3), "咋包邮", "王敏")
    log.add([wording], snapshot, approved=True)
    later = snapshot_of(tmp_path, LAW)
    [entry] = log.entries(later)
    assert entry.standing is Standing.GONE and entry.places == ("shop.md 第3条",)
    [outcome] = log.confirm([wording.id], later, "李华", NOW)
    assert outcome.change is Change.REFUSED and "shop.md 第3条" in outcome.reason


def test_what_is_withdrawn_holds_no_more_and_can_come_back(log: DecisionLog, snapshot: Snapshot) -> None:
    wording = new_wording(about(SHOP, 3), "咋包邮", "王敏")
    log.add([wording], snapshot, approved=True)
    assert changes(log.withdraw([wording.id], "李华", "没人这么问")) == [Change.WITHDRAWN]
    assert log.decisions() == Decisions() and log.entries()[0].standing is Standing.WITHDRAWN
    assert changes(log.withdraw([wording.id], "李华")) == [Change.UNCHANGED]
    assert changes(log.confirm([wording.id], snapshot, "李华", NOW)) == [Change.REFUSED]
    assert changes(log.add([wording], snapshot, approved=True)) == [Change.ADDED]
    assert log.decisions().asked_as == (wording,)


def test_every_step_is_one_entry_of_the_audit_log_and_the_chain_holds(
    tmp_path: Path, log: DecisionLog, snapshot
) -> None:
    wording = new_wording(about(SHOP, 3), "咋包邮", "王敏")
    log.add([wording], snapshot, approved=False)
    log.add([wording], snapshot, approved=False)  # nothing changes: nothing to tell
    log.approve([wording.id], snapshot, "李华")
    log.withdraw([wording.id], "李华", "没人这么问")
    audit = Audit(Home(tmp_path))
    entries = audit.entries(kind="wording", subject=wording.id)
    assert [e.body["change"] for e in entries] == ["withdrawn", "approved", "added"]
    assert [e.body["is"]["signed_by"] for e in entries] == ["李华", "李华", "王敏"]
    assert entries[0].body["because"] == "没人这么问" and entries[0].body["was"]["state"] == "approved"
    assert audit.verify().last == 3


def test_a_failed_step_leaves_neither_rows_nor_entries(tmp_path: Path, log: DecisionLog, snapshot, monkeypatch) -> None:
    log.add([new_wording(about(SHOP, 1), "能退不", "王敏")], snapshot, approved=True)

    def fail(*_: object) -> None:
        raise RuntimeError("the disk is gone")

    real = Audit.write
    monkeypatch.setattr(Audit, "write", lambda self, c, notes: real(self, c, notes) if not notes else fail())
    with pytest.raises(RuntimeError):
        log.add([new_wording(about(SHOP, 3), "咋包邮", "王敏")], snapshot, approved=True)
    assert len(log.entries()) == 1 and Audit(Home(tmp_path)).verify().last == 1


def test_rulings_that_would_close_a_circle_are_refused_and_named(log: DecisionLog, snapshot: Snapshot) -> None:
    a, b, c = about(SHOP, 1), about(SHOP, 2), about(SHOP, 3)
    first, second = overrides(a, b), overrides(b, c)
    assert changes(log.add([first, second], snapshot, approved=True)) == [Change.ADDED] * 2
    [outcome] = log.add([overrides(c, a)], snapshot, approved=True)
    assert outcome.change is Change.REFUSED
    assert "shop.md 第3条" in outcome.reason and first.id in outcome.reason and second.id in outcome.reason
    log.withdraw([first.id], "李华")
    assert changes(log.add([overrides(c, a)], snapshot, approved=True)) == [Change.ADDED]


def test_two_of_one_batch_cannot_close_a_circle_either(log: DecisionLog, snapshot: Snapshot) -> None:
    a, b = about(SHOP, 1), about(SHOP, 2)
    assert changes(log.add([overrides(a, b), overrides(b, a)], snapshot, approved=True)) == [
        Change.ADDED,
        Change.REFUSED,
    ]


def test_a_clause_does_not_override_itself(log: DecisionLog, snapshot: Snapshot) -> None:
    [outcome] = log.add([overrides(about(SHOP, 1), about(SHOP, 1))], snapshot, approved=True)
    assert outcome.change is Change.REFUSED and "name two" in outcome.reason


@pytest.mark.parametrize("second", ["咋包邮", "咋包邮？", "咋 包郵!"])
def test_one_wording_does_not_mean_two_clauses_that_answer_together(log: DecisionLog, snapshot, second: str) -> None:
    first = new_wording(about(SHOP, 3), "咋包邮", "王敏")
    [_, outcome] = log.add([first, new_wording(about(LAW, 2), second, "王敏")], snapshot, approved=True)
    assert outcome.change is Change.REFUSED
    assert "shop.md 第3条" in outcome.reason and "law.md 第2条" in outcome.reason and first.id in outcome.reason


def test_a_wording_may_mean_two_clauses_for_two_scopes_or_two_times(tmp_path: Path) -> None:
    contents = [
        make_content("jd.md", ["京东：满99元包邮。"], scope={"platform": "京东"}),
        make_content("tb.md", ["淘宝：满59元包邮。"], scope={"platform": "淘宝"}),
        make_content("old.md", ["满9元包邮。"], effective_to=on("2020-01-01"), scope={"platform": "京东"}),
    ]
    snapshot = snapshot_of(tmp_path, *contents)
    log = DecisionLog(Home(tmp_path))
    wordings = [new_wording(about(content, 1), "咋包邮", "王敏") for content in contents[:2]]
    assert changes(log.add(wordings, snapshot, approved=True)) == [Change.ADDED] * 2
    assert changes(log.add([new_wording(about(contents[2], 1), "咋包邮", "王敏")], snapshot, approved=True)) == [
        Change.REFUSED  # jd.md was in force then as well
    ]
    log.close()


def test_a_reply_is_checked_against_its_clause(log: DecisionLog, snapshot: Snapshot) -> None:
    [outcome] = log.add([new_reply(about(SHOP, 3), "亲，满59元包邮", "zh-Hans", "", "王敏")], snapshot, approved=False)
    assert outcome.change is Change.REFUSED and "59元" in outcome.reason and "shop.md 第3条" in outcome.reason


def test_unknown_ids_are_named_and_the_rest_is_done(log: DecisionLog, snapshot: Snapshot) -> None:
    wording = new_wording(about(SHOP, 3), "咋包邮", "王敏")
    log.add([wording], snapshot, approved=False)
    assert changes(log.approve(["w-none", wording.id], snapshot, "李华")) == [Change.REFUSED, Change.APPROVED]


def test_looking_makes_no_file(tmp_path: Path) -> None:
    log = DecisionLog(Home(tmp_path / "none"))
    assert log.decisions() == Decisions() and log.entries() == [] and log.forget(["c-1"]) == 0
    assert not (tmp_path / "none").exists()


def test_what_was_decided_about_forgotten_clauses_is_deleted(tmp_path: Path, log: DecisionLog, snapshot) -> None:
    log.add([overrides(about(SHOP, 2), about(LAW, 2)), new_wording(about(SHOP, 1), "能退不", "王敏")], snapshot, True)
    assert log.forget([LAW.clauses[1].id]) == 1
    assert [e.decision.id[0] for e in log.entries()] == ["w"]
    assert Audit(Home(tmp_path)).entries()[0].body == {"change": "forgotten"}


def test_of_a_clause_in_several_versions_the_one_in_force_is_meant(tmp_path: Path) -> None:
    texts = {"2024-01-01": "第一条 七日。", "2026-01-01": "第一条 十日。", "2030-01-01": "第一条 百日。"}
    contents = [make_content("rule.md", [text], effective_from=on(day), series="rule") for day, text in texts.items()]
    snapshot = snapshot_of(tmp_path, *contents)
    found = standing(snapshot, contents[0].clauses[0].id, NOW)
    assert found is not None and found.text == "第一条 十日。"
    before = standing(snapshot, contents[0].clauses[0].id, datetime(2020, 1, 1, tzinfo=ZONE))
    assert before is not None and before.text == "第一条 七日。"  # none is in force: the next to come
    assert standing(snapshot, "c-none", NOW) is None


def _add_many(path: str, who: str) -> None:
    home = Home(Path(path))
    snapshot = Snapshot.open(home, home.snapshots()[0])
    log = DecisionLog(home)
    for n in range(4):
        log.add([new_wording(about(SHOP, 1), f"{who}第{n}问", who), overrides(about(SHOP, 1), about(SHOP, 2)),
                 overrides(about(SHOP, 2), about(SHOP, 1))], snapshot, approved=True)  # fmt: skip
    log.close()


def test_two_processes_at_once_lose_nothing_and_approve_no_circle(tmp_path: Path, snapshot: Snapshot) -> None:
    workers = [
        multiprocessing.get_context("spawn").Process(target=_add_many, args=(str(tmp_path), who)) for who in "甲乙"
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    log = DecisionLog(Home(tmp_path))
    found = log.decisions()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(found.asked_as) == 8 and len(found.rulings) == 1
    assert Audit(Home(tmp_path)).verify().last == 9
    log.close()
