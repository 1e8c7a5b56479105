"""What goes in time and what goes at once: vectors of retired texts, old snapshots, and what is let go before its time."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from kb.audit import Audit
from kb.errors import ClearingFailed, KbError, NotFound
from kb.retention import forget, keys_in, retired_documents, stays, tidy
from kb.vectors import VectorCache, text_key
from tests.support import WARRANTY, Base, TinyEmbedder


def cached(base: Base) -> set[bytes]:
    with sqlite3.connect(base.home.vector_cache_file) as cache:
        return {row[0] for row in cache.execute("SELECT text FROM vectors")}


def cache_bytes(base: Base) -> bytes:
    return b"".join(file.read_bytes() for file in base.home.vector_cache_file.parent.glob("vectors.sqlite*"))


def add_warranty(base: Base) -> str:
    base.write("warranty.md", WARRANTY)
    snapshot = base.ingest().snapshot
    assert snapshot is not None
    return snapshot


def drop_warranty(base: Base) -> str:
    (base.sources / "warranty.md").unlink()
    snapshot = base.ingest().snapshot
    assert snapshot is not None
    return snapshot


def test_vectors_of_a_retired_document_go_at_the_publish_that_retires_it(shop: Base) -> None:
    with_it = add_warranty(shop)
    keys = keys_in(shop.home, with_it)
    assert cached(shop) == keys
    opened = shop.snapshot(with_it)
    rows = [n for n, row in enumerate(opened.unit_row) if opened.clauses[row].document == "warranty.md"]
    vectors = [v.tobytes() for v in opened.index.vectors(np.array(rows)).astype(np.float16)]
    gone = keys - keys_in(shop.home, drop_warranty(shop))
    before = [v for v in vectors if v in (shop.home.snapshots_folder / with_it / "index.faiss").read_bytes()]
    assert before and gone, "the past snapshot keeps its own"
    assert cached(shop) == keys_in(shop.home, shop.home.require_current())
    raw = cache_bytes(shop)
    live = (shop.home.snapshots_folder / shop.home.require_current() / "index.faiss").read_bytes()
    assert not [v for v in vectors if v in raw and v not in live]
    assert not [key for key in gone if key in raw]


def test_no_byte_of_what_was_deleted_stays_in_the_file_however_its_pages_were_split(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.sqlite")
    texts = [f"text {n}" for n in range(3000)]

    class Random(TinyEmbedder):
        def embed_passages(self, texts, progress=None):  # no two alike, no zeros
            rng = np.random.default_rng(len(self.embedded))
            self.embedded.extend(texts)
            return rng.standard_normal((len(texts), 384)).astype(np.float32)

    vectors = cache.embed(texts, Random()).vectors
    kept = {text_key(text) for text in texts[::3]}
    assert cache.keep_only(kept, rewrite=True) == 2000
    raw = b"".join(file.read_bytes() for file in tmp_path.glob("vectors.sqlite*"))  # the log of the file as well
    for number, text in enumerate(texts):
        assert (vectors[number].tobytes() in raw) == (text_key(text) in raw) == (number % 3 == 0), text


def test_a_text_that_a_live_document_shares_keeps_its_vector(shop: Base) -> None:
    shop.write("copy.md", (shop.sources / "shipping.md").read_bytes())
    shop.ingest()
    (shop.sources / "copy.md").unlink()
    shop.ingest()
    shop.embedder.embedded.clear()
    shop.write("shipping.md", (shop.sources / "shipping.md").read_text() + "\n第三条 大件商品七日内发货。\n")
    shop.ingest()
    assert shop.embedder.embedded and all("大件" in text for text in shop.embedder.embedded)


def test_what_waits_to_be_published_keeps_its_vectors_but_not_those_of_retired_documents(shop: Base) -> None:
    add_warranty(shop)
    shop.write("fresh.md", "# 生鲜规则\n\n第一条 生鲜商品不支持退货。\n")
    draft = shop.ingest(draft=True).snapshot
    assert draft is not None
    (shop.sources / "fresh.md").unlink()
    drop_warranty(shop)
    waiting = shop.snapshot(draft)
    keys = np.load(waiting.folder / "keys.npy")
    of = {key.tobytes(): waiting.clauses[row].document for key, row in zip(keys, waiting.unit_row, strict=True)}
    assert {of[key] for key in cached(shop)} == {"returns.md", "shipping.md", "fresh.md"}


def test_a_snapshot_that_still_has_the_document_can_be_gone_back_to(shop: Base) -> None:
    with_it = add_warranty(shop)
    drop_warranty(shop)
    assert shop.ask("电池的保修期").citation is None
    with shop.home.writing():
        shop.home.rollback(with_it)
    answer = shop.ask("电池的保修期是多久")
    assert answer.citation is not None and answer.citation.clause.document == "warranty.md"
    shop.embedder.embedded.clear()
    shop.write("warranty.md", WARRANTY)
    assert shop.ingest().snapshot == with_it and not shop.embedder.embedded


def test_the_log_names_each_retired_document_once(shop: Base) -> None:
    add_warranty(shop)
    drop_warranty(shop)
    with shop.home.writing():
        tidy(shop.home)
    audit = Audit(shop.home)
    assert list(retired_documents(audit)) == ["warranty.md"]
    assert len(audit.entries(kind="retired")) == 1


def test_findings_kept_for_a_past_snapshot_go_with_the_publish(shop: Base) -> None:
    kept = shop.path / "cache" / "contradictions"
    kept.mkdir(parents=True)
    old = shop.home.require_current()
    (kept / f"{old}.json").write_text("{}")
    (kept / ".qx7kr5wx.new").write_text("{")  # its writer was killed
    add_warranty(shop)
    assert list(kept.iterdir()) == []


def test_the_publish_with_which_a_snapshot_goes_is_foretold(shop: Base) -> None:
    shop.path.joinpath("settings.toml").write_text("[base]\nkeep_snapshots = 3\n")
    foretold: dict[str, int] = {}
    for count in range(1, 11):
        shop.write("warranty.md", WARRANTY + f"\n第三条 第{count}版。\n")
        shop.ingest()
        here = {stay.snapshot: count + stay.publishes for stay in stays(shop.home)}
        assert all(foretold.get(name, turn) == turn > count for name, turn in here.items())
        assert {name for name, turn in foretold.items() if turn > count} <= set(here)
        foretold |= here
    assert min(foretold.values()) < 10 < max(foretold.values()), "some have gone, some are there"


def test_what_the_log_needs_stays_until_the_last_answer_is_forgotten(shop: Base) -> None:
    shop.path.joinpath("settings.toml").write_text("[base]\nkeep_snapshots = 1\naudit_days = 30\n")
    answered = shop.home.require_current()
    Audit(shop.home).append("answer", {"request": {"question": "?"}}, snapshot=answered, subject="a-1")
    for count in range(4):
        shop.write("warranty.md", WARRANTY + f"\n第三条 第{count}版。\n")
        shop.ingest()
    (stay,) = [stay for stay in stays(shop.home) if stay.snapshot == answered]
    assert stay.audit_until == datetime.now(UTC).date() + timedelta(days=30)
    assert (stay.publishes, stay.published, stay.before) == (1, True, False)


def test_past_snapshots_are_let_go_before_their_time_and_the_log_says_so(shop: Base) -> None:
    first = shop.home.require_current()
    add_warranty(shop)
    with shop.home.writing():
        assert forget(shop.home, [first, first]) == [first]
    assert first not in shop.home.snapshots()
    (entry,) = Audit(shop.home).entries(kind="retention")
    assert entry.body == {"snapshots": [first], "answers_of": [], "because": None}
    shop.snapshot().verify()
    with pytest.raises(NotFound):
        shop.home.earlier()


def test_the_current_snapshot_is_never_let_go(shop: Base) -> None:
    first, current = shop.home.require_current(), add_warranty(shop)
    with shop.home.writing(), pytest.raises(KbError, match="is the snapshot that answers"):
        forget(shop.home, [first, current], because="it must go")
    assert set(shop.home.snapshots()) == {first, current}, "nothing of it was done"


def test_a_snapshot_that_answers_were_given_from_goes_only_with_a_reason(shop: Base) -> None:
    first = shop.home.require_current()
    Audit(shop.home).append("answer", {"request": {"question": "?"}}, snapshot=first, subject="a-1")
    add_warranty(shop)
    with shop.home.writing():
        with pytest.raises(KbError, match="--because"):
            forget(shop.home, [first])
        assert first in shop.home.snapshots()
        forget(shop.home, [first], because="a court's order of 3 May")
    assert first not in shop.home.snapshots()
    (entry,) = Audit(shop.home).entries(kind="retention")
    assert entry.body["answers_of"] == [first] and entry.body["because"] == "a court's order of 3 May"


def test_an_unknown_snapshot_is_named_and_nothing_goes(shop: Base) -> None:
    first = shop.home.require_current()
    add_warranty(shop)
    with shop.home.writing(), pytest.raises(NotFound, match="s-nowhere"):
        forget(shop.home, [first, "s-nowhere"])
    assert first in shop.home.snapshots()


def test_a_disk_that_fills_up_while_clearing_leaves_what_was_published_and_says_so(
    shop: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shop.home.require_current()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kb.retention.clear_caches", full)
    shop.write("warranty.md", WARRANTY)
    with pytest.raises(ClearingFailed, match="is published, but clearing .* No space left"):
        shop.ingest()
    published = shop.home.require_current()
    assert published != before and shop.snapshot().id == published
    monkeypatch.undo()
    (shop.sources / "warranty.md").unlink()
    shop.ingest()
    assert cached(shop) == keys_in(shop.home, shop.home.require_current())
