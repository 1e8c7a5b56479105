"""`kb verify --deleted`: what is gone is shown to be gone, and what is planted is found."""

from __future__ import annotations

import json
import sqlite3
import sys
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kb.audit import Audit
from kb.decision_log import Change, DecisionLog, new_wording
from kb.decisions import Subject
from kb.errors import NotFound
from kb.retention import forget
from kb.state import FILE
from kb.tokens import condense
from kb.units import units
from kb.vectors import VectorCache, text_key
from tests.support import RETURNS, Base, TokenEmbedder
from ui import cli
from ui.deletion import Deletion, Place, lines, look_for, purge, run, to_json
from ui.needles import Needles

SECRET = "# 蓝鲸会员条款\n\n第一条 蓝鲸会员退订后，积分于次月清零。\n\n第二条 蓝鲸会员的生日礼每年一份，不折现。\n"
SENTENCE = "蓝鲸会员退订后，积分于次月清零"


@pytest.fixture
def gone(shop: Base) -> Base:
    """A base out of which a document was retired."""
    shop.write("vip/whale.md", SECRET)
    shop.ingest()
    (shop.sources / "vip" / "whale.md").unlink()
    shop.ingest()
    return shop


def look(base: Base) -> Deletion:
    return look_for(base.home, "vip/whale.md")


def traces(found: Deletion) -> dict[Place, tuple[str, ...]]:
    return {looked.place: looked.traces for looked in found.places if looked.traces}


def live_bytes(base: Base) -> dict[str, bytes]:
    """Every file of the base but the past snapshots'."""
    current = base.home.require_current()
    past = [base.home.snapshots_folder / name for name in base.home.snapshots() if name != current]
    return {
        str(file): file.read_bytes()
        for file in base.path.rglob("*")
        if file.is_file() and not any(file.is_relative_to(folder) for folder in past)
    }


def test_no_byte_of_a_retired_document_is_in_any_live_file(gone: Base) -> None:
    with_it = next(name for name in gone.home.snapshots() if "vip/whale.md" in gone.snapshot(name).roots)
    old, now = gone.snapshot(with_it), gone.snapshot()
    rows = [row for row, clause in enumerate(old.clauses) if clause.document == "vip/whale.md"]
    of_it = [n for n, row in enumerate(old.unit_row) if row in rows]
    texts = [
        unit.text for row in rows for unit in units(row, old.clauses[row], old.version_of[old.clauses[row].version])
    ]
    needles = [SENTENCE.encode(), "生日礼".encode(), *(text_key(text) for text in texts)]
    needles += [vector.tobytes() for vector in old.index.vectors(np.array(of_it)).astype(np.float16)]
    past = b"".join(file.read_bytes() for file in old.folder.rglob("*") if file.is_file())
    assert all(needle in past for needle in needles), "the past snapshot has all of it"
    for name, data in live_bytes(gone).items():
        assert not [needle for needle in needles if needle in data], name
    assert now.lexical.known(["_蓝鲸", "_折现"]) == [] and old.lexical.known(["_蓝鲸"]) == ["_蓝鲸"]
    found = look(gone)
    assert found.deleted and traces(found) == {}
    assert {looked.place for looked in found.places} == set(Place)


def test_past_snapshots_are_named_with_the_day_on_which_they_go(gone: Base) -> None:
    with_it = gone.home.snapshots()[1]
    (past,) = look(gone).past
    assert (past.stay.snapshot, past.documents, past.stay.audit_until) == (with_it, ("vip/whale.md",), None)
    assert past.stay.before and past.stay.publishes == gone.home.settings.keep_snapshots + 1, "the oldest goes first"

    clause = next(c for c in gone.snapshot(with_it).clauses if c.document == "vip/whale.md")
    Audit(gone.home).append(
        "answer", {"clause": clause.id, "request": {"question": "?"}}, snapshot=with_it, subject="a-1"
    )
    found = look(gone)
    day = datetime.now(UTC).date() + timedelta(days=gone.home.settings.audit_days)
    assert found.deleted, "the log is no trace: the law wants it kept"
    assert (found.past[0].stay.audit_until, found.record.entries, found.record.until) == (day, 1, day)
    assert any(str(day) in line for line in lines(found)) and to_json(found)["audit"]["entries"] == 1


def test_a_document_that_is_still_there_is_not_deleted(shop: Base, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(shop.home, "returns.md", as_json=False) == 1
    assert "still in the base" in capsys.readouterr().out
    assert run(shop.home, "returns.md", as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["live"] == {"returns.md": "published"}


def test_a_document_that_never_was_there_is_answered_with_the_nearest_names(gone: Base) -> None:
    with pytest.raises(NotFound, match=r"vip/whale\.md"):
        look_for(gone.home, "vip/whales.md")
    with pytest.raises(NotFound, match="never in it"):
        look_for(gone.home, "完全无关")


def test_it_is_known_to_have_been_there_even_when_no_snapshot_holds_it_any_more(gone: Base) -> None:
    held = [past.stay.snapshot for past in look(gone).past]
    with gone.home.writing():
        forget(gone.home, held)
    found = look(gone)
    assert found.deleted and found.past == () and list(found.retired) == ["vip/whale.md"]
    assert any("its text is not known here" in note for note in found.notes)
    cache = VectorCache(gone.home.vector_cache_file)
    cache.embed([SENTENCE], gone.embedder)
    cache.close()
    assert list(traces(look(gone))) == [Place.VECTOR_CACHE], "a vector that belongs to nothing may be its"


def test_dated_copies_are_looked_for_by_what_they_have_in_common(base: Base) -> None:
    base.write("other.md", "# 发货\n\n第一条 三日内发货。\n")
    for day in ("2024-01-01", "2025-01-01"):
        base.write(f"fees_{day}.md", f"# 费用表\n\n第一条 自{day}起收取每件服务费。\n\n第二条 其他费用由双方商定。\n")
    base.ingest()
    series = {version.series for version in base.snapshot().versions if version.document.startswith("fees")}
    if series == {None}:
        pytest.fail("dated copies of one document have no series")
    for file in base.sources.glob("fees*"):
        file.unlink()
    base.ingest()
    found = look_for(base.home, str(series.pop()))
    assert found.documents == ("fees_2024-01-01.md", "fees_2025-01-01.md") and found.deleted


def test_what_a_live_document_says_too_is_no_trace(shop: Base) -> None:
    shop.write("copy.md", (shop.sources / "returns.md").read_bytes())
    shop.ingest()
    (shop.sources / "copy.md").unlink()
    shop.ingest()
    assert look_for(shop.home, "copy.md").deleted


def test_a_document_that_only_waits_in_a_draft_is_neither_live_nor_deleted(shop: Base) -> None:
    shop.write("vip/whale.md", SECRET)
    draft = shop.ingest(draft=True).snapshot
    assert draft is not None
    found = look(shop)
    assert not found.deleted and found.waiting == {"vip/whale.md": draft} and purge(shop.home, "vip/whale.md") == 0
    assert [line for line in lines(found) if f"kb snapshots --forget {draft}" in line]
    with shop.home.writing():
        forget(shop.home, [draft])
    with pytest.raises(NotFound):
        look(shop)


def test_a_source_that_is_still_there_is_mentioned(gone: Base) -> None:
    gone.write("vip/whale.md", SECRET)
    found = look(gone)
    assert found.deleted and any("brings it back" in note for note in found.notes)


# --- token vectors ----------------------------------------------------------------------------------------------


class Dense(TokenEmbedder):
    """Token vectors without zeros, which stand in any file, and no two texts' alike."""

    def read_passages(self, texts: Sequence[str], progress: Any = None) -> tuple[np.ndarray, list[np.ndarray]]:
        drawn = (np.random.default_rng(list(text_key(text))).standard_normal((9, 64)) for text in texts)
        return self.embed_passages(texts), [condense(states) for states in drawn]


@pytest.fixture
def read_by_token(tmp_path: Path) -> Base:
    """`gone`, with an encoder that gives token vectors."""
    base = Base(tmp_path, Dense())
    for name, text in (("returns.md", RETURNS), ("vip/whale.md", SECRET)):
        base.write(name, text)
    base.ingest()
    (base.sources / "vip" / "whale.md").unlink()
    base.ingest()
    return base


def of_whale(base: Base) -> tuple[bytes, np.ndarray]:
    """The key and the token vectors of a clause of the retired document."""
    old = next(one for one in map(base.snapshot, base.home.snapshots()) if "vip/whale.md" in one.roots)
    row = next(n for n, clause in enumerate(old.clauses) if clause.document == "vip/whale.md")
    assert old.tokens is not None
    text = units(row, old.clauses[row], old.version_of[old.clauses[row].version])[0].text
    return text_key(text), old.tokens.of(slice(row, row + 1))[0]


def test_no_token_vector_of_a_retired_document_is_in_any_live_file(read_by_token: Base) -> None:
    vectors = [vector.tobytes() for vector in of_whale(read_by_token)[1]]
    assert vectors and not [v for v in vectors for data in live_bytes(read_by_token).values() if v in data]
    assert look(read_by_token).deleted


@pytest.mark.parametrize("known", [True, False], ids=["while a past snapshot holds it", "when none does"])
def test_a_row_of_tokens_alone_is_found_in_the_vector_cache(read_by_token: Base, known: bool) -> None:
    key, vectors = of_whale(read_by_token)
    if not known:
        with read_by_token.home.writing():
            forget(read_by_token.home, [past.stay.snapshot for past in look(read_by_token).past])
    with sqlite3.connect(read_by_token.home.vector_cache_file) as cache:
        blob = vectors.tobytes()
        cache.execute("INSERT INTO tokens VALUES ('tokens@1', ?, ?, ?)", (key, blob, zlib.crc32(blob)))
    assert list(traces(look(read_by_token))) == [Place.VECTOR_CACHE]
    assert purge(read_by_token.home, "vip/whale.md") == 0
    assert look(read_by_token).deleted


def test_token_vectors_are_known_by_their_bytes(read_by_token: Base) -> None:
    (read_by_token.path / "cache" / "copy.bin").write_bytes(b"x" * 7 + of_whale(read_by_token)[1].tobytes())
    assert list(traces(look(read_by_token))) == [Place.OTHER_CACHES]


def test_a_vector_cache_from_before_there_were_token_vectors_is_looked_through(gone: Base) -> None:
    with sqlite3.connect(gone.home.vector_cache_file) as cache:
        cache.execute("DROP TABLE tokens")
    assert look(gone).deleted


# --- planted traces ----------------------------------------------------------------------------------------------


def plant_vector(base: Base) -> None:
    old = base.snapshot(base.home.snapshots()[1])
    row = next(n for n, clause in enumerate(old.clauses) if clause.document == "vip/whale.md")
    unit = units(row, old.clauses[row], old.version_of[old.clauses[row].version])[0]
    cache = VectorCache(base.home.vector_cache_file)
    cache.embed([unit.text], base.embedder)
    cache.close()


def plant_deleted_row(base: Base) -> None:
    """A page that SQLite has let go of, not overwritten."""
    with sqlite3.connect(base.home.vector_cache_file) as cache:
        cache.execute("PRAGMA secure_delete = OFF")
        cache.execute("CREATE TABLE note (text TEXT)")
        cache.execute("INSERT INTO note VALUES (?)", (SENTENCE,))
        cache.execute("DROP TABLE note")


def plant_table(base: Base) -> None:
    Audit(base.home).append("feedback", {}, subject="a-1")
    with sqlite3.connect(base.path / FILE) as state:
        state.execute("CREATE TABLE sticky (id TEXT, body TEXT)")
        state.execute("INSERT INTO sticky VALUES ('n-1', ?)", (f"客户常问：{SENTENCE}吗",))


def plant_finding(base: Base) -> None:
    old = base.snapshot(base.home.snapshots()[1])
    clause = next(c for c in old.clauses if c.document == "vip/whale.md")
    folder = base.path / "cache" / "contradictions"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "findings.json").write_text(json.dumps([clause.id]))


def plant_leftover(base: Base) -> None:
    folder = base.home.snapshots_folder / ".building-x"
    folder.mkdir()
    (folder / "texts.bin").write_bytes(b"\0" * 5 + SECRET.encode())


def plant_file(base: Base) -> None:
    (base.path / "notes.txt").write_text("x" * 9_000_000 + SENTENCE, encoding="utf-8")


def plant_in_snapshot(base: Base) -> None:
    (base.snapshot().folder / "lexical" / "old.store").write_text(SENTENCE, encoding="utf-8")


@pytest.mark.parametrize(
    ("plant", "place"),
    [
        (plant_vector, Place.VECTOR_CACHE),
        (plant_deleted_row, Place.VECTOR_CACHE),
        (plant_table, Place.STATE),
        (plant_finding, Place.OTHER_CACHES),
        (plant_leftover, Place.LEFTOVERS),
        (plant_file, Place.OTHER_FILES),
        (plant_in_snapshot, Place.LEXICAL),
    ],
)
def test_a_trace_is_found_where_it_was_planted(gone: Base, plant: Callable[[Base], None], place: Place) -> None:
    assert look(gone).deleted
    plant(gone)
    found = look(gone)
    assert not found.deleted and list(traces(found)) == [place]
    (looked,) = [looked for looked in found.places if looked.traces]
    assert looked.remedy and any("FOUND" in line for line in lines(found))
    assert to_json(found)["deleted"] is False


def test_the_next_publish_clears_what_it_can(gone: Base) -> None:
    for plant in (plant_vector, plant_finding, plant_leftover):
        plant(gone)
    assert len(traces(look(gone))) == 3
    gone.write("shipping.md", "# 发货规则\n\n第一条 五日内发货。\n")
    (gone.path / "cache" / "contradictions" / "findings.json").rename(
        gone.path / "cache" / "contradictions" / f"{gone.home.require_current()}.json"
    )
    gone.ingest()
    assert look(gone).deleted


def test_looking_changes_nothing(gone: Base) -> None:
    before = live_bytes(gone)
    look(gone)
    assert {name: data for name, data in live_bytes(gone).items() if not name.endswith("-shm")} == {
        name: data for name, data in before.items() if not name.endswith("-shm")
    }


# --- needles -----------------------------------------------------------------------------------------------------


def test_needles_are_found_at_every_offset_and_across_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.needles._CHUNK", 64)
    needles = [b"0123456789abcdef", b"\0" * 8 + b"tail", "七日内可以退货".encode()]
    rng = np.random.default_rng(7)
    file = tmp_path / "file"
    for needle in needles:
        for offset in range(0, 150, 7):
            noise = rng.integers(0, 256, 300, dtype=np.uint8).tobytes()
            file.write_bytes(noise[:offset] + needle + noise[offset:])
            assert Needles(needles).in_file(file) == {needle: 1}, (needle, offset)
    file.write_bytes(needles[0] * 20)
    assert Needles(needles).in_file(file) == {needles[0]: 20}
    file.write_bytes(b"")
    assert Needles(needles).in_file(file) == {} == Needles([]).in_file(file)


# --- decisions ---------------------------------------------------------------------------------------------------


def decide(base: Base, text: str) -> str:
    """A wording about the document's first clause, approved while it was in the base."""
    with_it = base.snapshot(base.home.snapshots()[1])
    clause = next(c for c in with_it.clauses if c.document == "vip/whale.md")
    wording = new_wording(Subject(clause.id, clause.sha256), text, "li")
    log = DecisionLog(base.home)
    (outcome,) = log.add([wording], with_it, approved=True)
    log.close()
    assert outcome.change is Change.ADDED
    return outcome.id


def test_decisions_about_its_clauses_are_traces_until_they_are_withdrawn(gone: Base) -> None:
    id_ = decide(gone, "退会之后积分还在不在")
    found = look(gone)
    assert list(traces(found)) == [Place.STATE] and id_ in traces(found)[Place.STATE][0]
    log = DecisionLog(gone.home)
    log.withdraw([id_], "li", "the programme has ended")
    log.close()
    found = look(gone)
    assert found.deleted and any("1 decisions about its clauses are withdrawn" in note for note in found.notes)


def test_a_decision_that_repeats_its_words_is_a_trace_even_when_withdrawn_and_purging_deletes_it(gone: Base) -> None:
    id_ = decide(gone, f"是不是{SENTENCE}")
    log = DecisionLog(gone.home)
    log.withdraw([id_], "li", "")
    log.close()
    plant_vector(gone)
    plant_finding(gone)
    plant_leftover(gone)
    (gone.path / "cache" / "contradictions" / "findings.json").rename(
        gone.path / "cache" / "contradictions" / f"{gone.home.snapshots()[1]}.json"
    )
    assert set(traces(look(gone))) == {Place.STATE, Place.VECTOR_CACHE, Place.OTHER_CACHES, Place.LEFTOVERS}
    assert purge(gone.home, "vip/whale.md") == 1
    assert look(gone).deleted
    log = DecisionLog(gone.home)
    assert log.entries() == []
    log.close()
    Audit(gone.home).verify()


def test_purging_leaves_a_live_document_and_its_decisions_alone(shop: Base) -> None:
    before = live_bytes(shop)
    assert purge(shop.home, "returns.md") == 0
    assert {name for name, data in live_bytes(shop).items() if before.get(name) != data} <= {
        str(shop.path / "write.lock")
    }


# --- the commands ------------------------------------------------------------------------------------------------


@pytest.fixture
def kb(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command on a base as `kb` would: its status and what it printed."""

    def run(base: Base, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kb", "--home", str(base.path), *arguments])
        capfd.readouterr()
        status = 0
        try:
            cli.main()
        except SystemExit as exited:
            status = exited.code if isinstance(exited.code, int) else 0
        return status, *capfd.readouterr()

    return run


def test_the_command_proves_it_finds_it_and_purges_it(gone: Base, kb: Callable[..., tuple[int, str, str]]) -> None:
    status, out, err = kb(gone, "verify", "--deleted", "vip/whale.md")
    assert (status, err) == (0, "") and out.count("clear") == len(Place) and "no trace is left" in out
    plant_vector(gone)
    status, out, _ = kb(gone, "verify", "--deleted", "vip/whale.md")
    assert status == 1 and "FOUND  vector_cache" in out and "--purge" in out
    status, out, _ = kb(gone, "verify", "--deleted", "vip/whale.md", "--purge", "--json")
    assert status == 0 and json.loads(out)["deleted"] is True
    status, out, err = kb(gone, "verify", "--deleted", "vip/wale.md")
    assert (status, out) == (1, "") and "vip/whale.md" in err and len(err.splitlines()) == 1


def test_the_command_lets_go_of_snapshots(gone: Base, kb: Callable[..., tuple[int, str, str]]) -> None:
    past, current = look(gone).past[0].stay.snapshot, gone.home.require_current()
    status, out, err = kb(gone, "snapshots", "--forget", current)
    assert (status, out) == (1, "") and "cannot be let go" in err
    Audit(gone.home).append("answer", {"request": {"question": "?"}}, snapshot=past, subject="a-1")
    status, _, err = kb(gone, "snapshots", "--forget", past)
    assert status == 1 and "--because" in err
    status, out, err = kb(gone, "snapshots", "--forget", past, "--because", "a court's order", "--json")
    assert status == 0 and [row["id"] for row in json.loads(out)["snapshots"]] == [current] and past in err
