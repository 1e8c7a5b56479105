"""Publishing under fire: the short run of `python -m tests.robustness`, readers meanwhile, two publishers at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.types import Review
from kb.audit import Audit
from kb.errors import Busy
from tests.robustness import tracing
from tests.support import RETURNS, WARRANTY, Base

ROOT = Path(__file__).parent.parent.parent
TRACED = pytest.mark.skipif(not tracing.possible(), reason="needs Linux on x86-64 that lets processes be traced")


@pytest.fixture(scope="module")
def after() -> dict[tuple[str, str], dict[str, int]]:
    """(scene, part) -> what was there after how many interruptions; one run of the command for all tests."""
    parts = ("steps", "random", "full", "read-only", "power") if tracing.possible() else ("random",)
    command = [sys.executable, "-m", "tests.robustness", *parts, "--share", "90", "--kills", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-4000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {(line["scene"], line["part"]): line["after"] for line in lines}


@TRACED
def test_a_publish_killed_between_any_two_steps_leaves_the_old_snapshot_or_the_new_one(after) -> None:
    found = after["edited base", "steps"]
    assert sum(found.values()) >= 3 and set(found) <= {"old", "new"}
    assert set(after["first publish", "steps"]) <= {"nothing", "new"}


def test_a_publish_killed_at_any_moment_leaves_the_old_snapshot_or_the_new_one(after) -> None:
    assert sum(after["edited base", "random"].values()) == sum(after["first publish", "random"].values()) == 2


@TRACED
def test_a_full_disk_is_told_and_a_read_only_one_can_be_read(after) -> None:
    assert after["edited base", "full"]["old, told"] >= 2
    assert after["edited base", "read-only"] == {"old": 1}


@TRACED
def test_a_power_cut_leaves_the_old_snapshot_or_the_new_one(after) -> None:
    assert set(after["edited base", "power"]) == {"strict: old", "strict: new", "eager: old", "eager: new"}


def test_readers_see_no_error_and_no_mixture_while_others_publish_and_go_back(base: Base, tmp_path: Path) -> None:
    base.path.mkdir()
    (base.path / "settings.toml").write_text("[base]\nkeep_snapshots = 1\n")
    stated: dict[str, str] = {}

    def publish(days: str) -> None:
        base.write("returns.md", RETURNS.replace("七日内", f"{days}日内"))
        stated[str(base.ingest().snapshot)] = f"{days}日内"

    publish("五")
    stop = tmp_path / "stop"
    command = [sys.executable, "-m", "tests.robustness.readers", str(base.path), str(stop)]
    readers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        for reader in readers:
            assert reader.stdout is not None and reader.stdout.readline() == "asking\n"
        for days in ("六", "七", "八", "九"):
            publish(days)
            with base.home.writing():
                base.home.rollback()
            publish(f"十{days}")
    finally:
        stop.touch()
        reports = [json.loads(reader.communicate()[0]) for reader in readers]
    for report in reports:
        assert report["errors"] == []
        assert report["followed"] == base.home.require_current()
        assert report["seen"]
        for snapshot, text, _ in report["seen"]:
            assert stated[snapshot] in text, (snapshot, text)


def test_of_two_publishers_at_once_the_second_is_told_and_nothing_is_lost(shop: Base) -> None:
    other = Base(shop.path.parent / "other")
    other.path = shop.path
    other.write("warranty.md", WARRANTY)
    told = []

    def meanwhile(built: str, current: str | None) -> Review:
        with pytest.raises(Busy, match="Nothing was changed; repeat the command") as busy:
            other.ingest()
        told.append(busy)
        return Review()

    shop.write("returns.md", RETURNS.replace("七日内", "十五日内"))
    shop.ingest(check=meanwhile)
    other.ingest()
    assert len(told) == 1
    snapshot = shop.snapshot()
    assert {c.document for c in snapshot.clauses} == {"returns.md", "shipping.md", "warranty.md"}
    assert any("十五日内" in c.text for c in snapshot.clauses)
    assert [e.snapshot for e in Audit(shop.home).entries(kind="publish")][0] == snapshot.id
    Audit(shop.home).verify()
