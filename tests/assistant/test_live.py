"""A live assistant follows what is published, and stays with the old when the new cannot be opened."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable

import pytest

from assistant import Assistant, Request
from assistant.live import LiveAssistant
from tests.support import WARRANTY, Base, flip_byte


@pytest.fixture
def live(shop: Base, monkeypatch: pytest.MonkeyPatch, tiny_by_default) -> LiveAssistant:
    monkeypatch.setattr("assistant.live.open_embedder", lambda settings: shop.embedder)
    return LiveAssistant(shop.home)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert holds()


def test_a_newly_published_snapshot_answers_soon_and_no_question_waits_for_it(shop: Base, live: LiveAssistant) -> None:
    old = live.snapshot
    shop.write("warranty.md", WARRANTY)
    new = shop.ingest().snapshot
    assert live.ask(Request("多久发货")).snapshot == old
    until(lambda: live.ask(Request("多久发货")).snapshot == new)
    assert live.summary()["documents"] == 3


def test_caught_up_the_next_question_is_answered_from_what_is_published(shop: Base, live: LiveAssistant) -> None:
    for number in range(3):
        shop.write("warranty.md", WARRANTY.replace("。", f"（{number}）。"))
        new = shop.ingest().snapshot
        if number == 1:
            live.ask(Request("多久发货"))  # which begins to open it: that is waited for
        live.catch_up()
        assert live.ask(Request("多久发货")).snapshot == new


def test_a_damaged_new_snapshot_leaves_the_old_one_answering(shop: Base, live: LiveAssistant, caplog) -> None:
    old = live.snapshot
    shop.write("warranty.md", WARRANTY)
    draft = shop.ingest(draft=True).snapshot
    flip_byte(shop.home.snapshots_folder / str(draft) / "clauses.jsonl")
    with shop.home.writing():
        shop.home.publish(str(draft))
    live.ask(Request("多久发货"))
    until(lambda: "still answering" in caplog.text)
    assert live.ask(Request("多久发货")).snapshot == old


def test_rollback_is_followed_too(shop: Base, live: LiveAssistant) -> None:
    old = live.snapshot
    shop.write("warranty.md", WARRANTY)
    new = shop.ingest().snapshot
    until(lambda: live.ask(Request("多久发货")).snapshot == new)
    with shop.home.writing():
        shop.home.rollback()
    until(lambda: live.ask(Request("多久发货")).snapshot == old)


def test_what_is_published_while_the_first_one_is_opened_is_not_missed(
    shop: Base, monkeypatch: pytest.MonkeyPatch, tiny_by_default
) -> None:
    monkeypatch.setattr("assistant.live.open_embedder", lambda settings: shop.embedder)
    opened, published = Assistant.open, []

    def publish_meanwhile(*arguments, **keywords):
        found = opened(*arguments, **keywords)
        if not published:
            shop.write("warranty.md", WARRANTY)
            published.append(shop.ingest().snapshot)
        return found

    monkeypatch.setattr("assistant.live.Assistant.open", publish_meanwhile)
    live = LiveAssistant(shop.home)
    until(lambda: live.ask(Request("多久发货")).snapshot == published[0])


def test_a_snapshot_that_could_not_be_opened_for_a_while_is_tried_again(
    shop: Base, live: LiveAssistant, monkeypatch: pytest.MonkeyPatch, caplog
) -> None:
    monkeypatch.setattr("assistant.live._AGAIN_S", 0.0)

    def fail(*_arguments, **_keywords):
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as broken:
        broken.setattr("assistant.live.Assistant.open", fail)
        shop.write("warranty.md", WARRANTY)
        new = shop.ingest().snapshot
        live.ask(Request("多久发货"))
        until(lambda: "still answering" in caplog.text)
    until(lambda: live.ask(Request("多久发货")).snapshot == new)
