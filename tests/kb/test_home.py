"""The folder of a base: one writer, one atomic pointer, a way back."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from kb.audit import Audit
from kb.errors import Busy, DamagedSnapshot, HomeError, KbError, NotFound
from kb.home import Home
from kb.snapshot import build
from tests.support import Base, TinyEmbedder, make_content


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def publish(home: Home, *names: str) -> list[str]:
    """Snapshots of one document each, published in turn; their ids."""
    ids = []
    with home.writing():
        for name in names:
            ids.append(build(home, [make_content(name)], TinyEmbedder(), {}).id)
            os.utime(home.snapshots_folder / ids[-1], ns=(len(ids), len(ids)))
            home.publish(ids[-1])
    return ids


def test_looking_at_a_home_makes_no_folder(home: Home) -> None:
    assert home.snapshots() == [] and home.current() is None
    with pytest.raises(NotFound, match="kb ingest"):
        home.require_current()
    assert not home.path.exists()


def test_a_second_writer_is_told_who_writes_and_changes_nothing(home: Home) -> None:
    told = pytest.raises(Busy, match=f"process {os.getpid()}.*Nothing was changed")
    with home.writing(), told, Home(home.path).writing():
        pytest.fail("two writers at once")
    with home.writing():
        pass


def test_the_lock_ends_with_an_error_inside(home: Home) -> None:
    with pytest.raises(ValueError), home.writing():
        raise ValueError
    with home.writing():
        pass


def test_what_a_killed_build_left_is_swept_by_the_next_writer(home: Home) -> None:
    left = home.snapshots_folder / ".building-123"
    left.mkdir(parents=True)
    (left / "texts.bin").write_text("half")
    assert home.snapshots() == []
    with home.writing():
        assert not left.exists()


def test_publishing_remembers_what_was_published_before(home: Home) -> None:
    a, b, c = publish(home, "a", "b", "c")
    current = home.current()
    assert current is not None and (current.snapshot, current.before) == (c, (b, a))


def test_publishing_the_current_one_again_changes_nothing(home: Home) -> None:
    publish(home, "a", "b")
    before = (home.path / "current.json").read_bytes()
    with home.writing():
        home.publish(home.require_current())
    assert (home.path / "current.json").read_bytes() == before


def test_rollback_goes_back_step_by_step_and_publish_undoes_it(home: Home) -> None:
    a, b, c = publish(home, "a", "b", "c")
    with home.writing():
        assert home.rollback() == b
        assert home.rollback() == a
        with pytest.raises(NotFound, match="no earlier snapshot"):
            home.rollback()
        home.publish(c)
        assert home.require_current() == c
        assert home.rollback() == a


def test_rollback_to_a_named_snapshot(home: Home) -> None:
    a, _, _ = publish(home, "a", "b", "c")
    with home.writing():
        assert home.rollback(a) == a
    assert home.require_current() == a


def test_rollback_passes_over_a_snapshot_that_is_no_longer_on_disk(home: Home) -> None:
    a, b, _ = publish(home, "a", "b", "c")
    os.rename(home.snapshots_folder / b, home.path / "elsewhere")
    with home.writing():
        assert home.rollback() == a


@pytest.mark.parametrize("name", ["s-unknown", "../home", "s-a/../s-b", ""])
def test_an_unknown_snapshot_is_refused_naming_those_that_are_known(home: Home, name: str) -> None:
    (known,) = publish(home, "a")
    with home.writing(), pytest.raises(NotFound, match=known):
        home.publish(name)
    assert home.require_current() == known


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"snapshot": "s-1"}', "\0\0"])
def test_a_damaged_pointer_is_named_and_publishing_mends_it(home: Home, damage: str) -> None:
    (known,) = publish(home, "a")
    (home.path / "current.json").write_text(damage)
    with pytest.raises(DamagedSnapshot, match="kb publish ID"):
        home.current()
    with home.writing():
        home.publish(known)
    assert home.require_current() == known


def test_a_failed_swap_leaves_the_old_pointer(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    _, b = publish(home, "a", "b")
    before = (home.path / "current.json").read_bytes()

    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    for step in ("os.fsync", "os.replace"):
        with monkeypatch.context() as broken:
            broken.setattr(step, full)
            with home.writing(), pytest.raises(HomeError, match="disk is full"):
                home.rollback()
        assert (home.path / "current.json").read_bytes() == before
    assert home.require_current() == b


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT])
def test_a_home_that_cannot_be_made_is_one_clear_line(home: Home, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*_args, **_keywords):
        raise OSError(number, os.strerror(number), str(home.path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(HomeError, match=r"cannot be written: .*The base is as it was"), home.writing():
        pytest.fail("it was made")


def test_a_file_in_the_place_of_the_home_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(KbError, match=r"cannot be read \(Not a directory\).*--home"):
        Home(tmp_path / "home")


def test_pruning_keeps_as_many_as_the_settings_say(home: Home) -> None:
    home.path.mkdir(parents=True)
    (home.path / "settings.toml").write_text("[base]\nkeep_snapshots = 2\n")
    home = Home(home.path)
    a, b, c, d, e = publish(home, "a", "b", "c", "d", "e")
    with home.writing():
        assert home.prune() == [a, b]
    assert home.snapshots() == [c, d, e]  # the current one and two past ones


def test_pruning_never_takes_the_current_one_nor_the_one_before_it(home: Home) -> None:
    home.path.mkdir(parents=True)
    (home.path / "settings.toml").write_text("[base]\nkeep_snapshots = 1\n")
    home = Home(home.path)
    a, b, c = publish(home, "a", "b", "c")
    with home.writing():
        home.rollback(a)  # the oldest on disk is current now
        home.publish(b)
        assert home.prune() == [c]
    assert home.snapshots() == [a, b]
    with home.writing():
        assert home.rollback() == a


def test_publishing_is_in_the_audit_log_with_the_reason_of_a_forced_one(shop: Base) -> None:
    (shop.sources / "returns.md").unlink()
    (shop.sources / "shipping.md").unlink()
    shop.ingest(force="the shop is closed")
    second, first = Audit(shop.home).entries(kind="publish")
    assert first.body == {}
    assert second.body["forced_because"] == "the shop is closed" and second.snapshot == shop.home.require_current()
    assert "retire all 2 documents" in second.body["overruled"][0]
