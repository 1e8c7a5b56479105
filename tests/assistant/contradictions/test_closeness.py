"""Nearness of sentences by vectors, whatever the encoder's scale."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.contradictions import Likeness, closeness, find
from assistant.contradictions.closeness import UNKNOWN, Closeness, Crowd, above_strangers, strangers_of
from eval.contradictions.strangers import strangers
from kb.embedding import bundled
from kb.home import Home
from kb.snapshot import Snapshot, build
from tests.support import TinyEmbedder, at, make_content

NOW = at("2026-01-15")


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_an_encoder_that_puts_everything_nearer_together_comes_to_the_same():
    vectors = unit(np.random.default_rng(1).normal(size=(200, 8)))
    narrow = np.hstack([np.full((200, 1), 0.8**0.5), vectors * 0.2**0.5])  # cosines of 0.8 + 0.2 c in the place of c
    wide, close = (above_strangers(v[:3], v[3:7], Crowd.of(v[7:100]), Crowd.of(v[100:])) for v in (vectors, narrow))
    assert np.allclose(wide, close)


def test_strangers_are_at_nought_and_spread_by_one():
    vectors = unit(np.random.default_rng(2).normal(size=(500, 8)))
    near = above_strangers(vectors[:1], vectors, Crowd.of(vectors), None)
    assert near.mean() == pytest.approx(0) and near.std() == pytest.approx(1)


def test_without_strangers_nothing_is_known():
    assert (above_strangers(np.eye(2), np.eye(2), None, None) == UNKNOWN).all()


def nearness(size: int, monkeypatch, kept: np.ndarray | None) -> float:
    """Of a sentence and its rival in a base of so many sentences that are all about one thing."""
    random = np.random.default_rng(4)
    monkeypatch.setattr(closeness, "strangers_of", lambda embedder: {} if kept is None else {"zh": kept})
    own = unit(np.eye(64)[0] + 0.1 * random.normal(size=(size, 64)))
    crowd = closeness._crowd(own, "any@1", "zh")
    return float(above_strangers(own[:1], unit(own[:1] + 0.05 * random.normal(size=(1, 64))), crowd, crowd)[0, 0])


KEPT = unit(0.5 * np.eye(64)[0] + 0.1 * np.random.default_rng(3).normal(size=(300, 64)))


def test_sentences_of_a_small_base_are_measured_against_strangers_from_elsewhere(monkeypatch):
    assert nearness(20, monkeypatch, None) < 3.5 < nearness(20, monkeypatch, KEPT)


def test_a_large_base_is_measured_against_its_own_alone(monkeypatch):
    assert nearness(600, monkeypatch, None) == nearness(600, monkeypatch, KEPT)


def test_a_crowd_that_is_filled_up_is_that_of_all_its_sentences():
    vectors = unit(np.random.default_rng(5).normal(size=(40, 8)))
    filled = Crowd.of(vectors[:10]).filled_up(Crowd.of(vectors[10:]), 10 / 40)
    assert np.allclose(filled.of_each(vectors[:3]), Crowd.of(vectors).of_each(vectors[:3]))


def test_one_sentence_of_a_language_is_enough_where_strangers_are_kept(monkeypatch):
    assert np.isfinite(nearness(1, monkeypatch, KEPT)) and nearness(1, monkeypatch, None) == UNKNOWN


def test_strangers_are_kept_for_the_encoder_that_is_shipped():
    """Where this fails a new encoder was taught: `python -m eval.contradictions.strangers HOME`."""
    kept = strangers_of(bundled("bundled").identity)
    assert {"zh", "en", "ja"} <= kept.keys() and strangers_of("another@1") == {}
    for vectors in kept.values():
        assert len(vectors) >= closeness.FEW and np.allclose(np.linalg.norm(vectors, axis=1), 1)


class Bilingual(TinyEmbedder):
    """Sentences of a parcel, in either language, point in one direction."""

    id = "bilingual@1"

    def embed_passages(self, texts, progress=None):
        vectors = super().embed_passages(texts, progress)
        for text, vector in zip(texts, vectors, strict=True):
            if "包裹" in text or "parcel" in text:
                vector[:] = np.eye(self.dimension)[5]
        return vectors


CHINESE = "包裹在驿站可以免费存放{}天。"
ENGLISH = "A parcel waits {} days at the pick-up point."
OTHERS = [f"第{n}号仓库的货架编号由{name}登记。" for n, name in enumerate("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午", 1)]


def based_on(tmp_path, embedder, chinese, english):
    home = Home(tmp_path / "home")
    contents = (
        make_content("a.md", (chinese, *OTHERS), language="zh-Hans", title="驿站"),
        make_content("b.md", (english,), language="en", title="Pick-up points"),
    )
    with home.writing():
        built = build(home, contents, embedder, {})
    return Snapshot.open(home, built.id)


def contradictions(snapshot, **more):
    return [f for f in find(snapshot, now=NOW, **more) if f.likeness is Likeness.CONTRADICTION]


def test_a_translation_with_another_number_is_found_and_stops_no_publish(tmp_path):
    (finding,) = contradictions(based_on(tmp_path, Bilingual(), CHINESE.format(3), ENGLISH.format(5)))
    (difference,) = finding.differences
    marked = {c.text[i:j] for c, ((i, j),) in ((finding.first, difference.first), (finding.second, difference.second))}
    assert {m[0] for m in marked} == {"3", "5"}
    assert not finding.certain


def test_a_translation_with_the_same_number_is_none(tmp_path):
    assert contradictions(based_on(tmp_path, Bilingual(), CHINESE.format(3), ENGLISH.format(3))) == []


def test_two_languages_whose_sentences_are_not_near_are_left_alone(tmp_path):
    assert contradictions(based_on(tmp_path, TinyEmbedder(), CHINESE.format(3), ENGLISH.format(5))) == []


def test_after_a_change_of_encoder_everything_is_looked_at_again(tmp_path):
    texts = CHINESE.format(3), ENGLISH.format(5)
    before = based_on(tmp_path, TinyEmbedder(), *texts)
    after = based_on(tmp_path, Bilingual(), *texts)
    assert len(contradictions(after, since=before, known=find(before, now=NOW))) == 1


def test_strangers_are_written_as_they_are_read(tmp_path, monkeypatch):
    snapshot = based_on(tmp_path, Bilingual(), CHINESE.format(3), ENGLISH.format(5))
    (written,) = strangers(snapshot).items()  # one sentence in English tells nothing
    assert written[0] == "bilingual@1 zh"
    vectors = Closeness(snapshot, range(len(snapshot.clauses))).sentences("zh")
    assert len(vectors) == len(OTHERS) + 1
    assert np.allclose(unit(written[1].astype(float)), vectors, atol=0.01)
