"""Nearness of sentences by vectors, whatever the encoder's scale."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.contradictions import Likeness, find
from assistant.contradictions.closeness import UNKNOWN, Crowd, above_strangers
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
