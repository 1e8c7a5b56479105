"""A watched folder is ingested once it has settled; nothing else sets an ingest off, and nothing ends the watching."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.watch import follow
from kb.errors import Busy
from tests.support import RETURNS, SHIPPING, Base, heed_interrupts

PROGRAM = Path(__file__).parent.parent / "tiny_kb.py"
SETTLE_S = 0.3


class Watched:
    """A folder being followed in a thread; every ingest notes what files it would have read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ingests: list[dict[str, str]] = []
        self.said: list[str] = []
        self.busy = 0
        self.after: Callable[[list], None] = len
        self.stop = threading.Event()

    def ingest(self) -> None:
        if self.busy:
            self.busy -= 1
            raise Busy("Another process is changing it.")
        files = [f for f in sorted(self.folder.rglob("*")) if f.is_file()]
        self.ingests.append({f.relative_to(self.folder).as_posix(): f.read_text() for f in files})
        self.after(self.ingests)

    def wait_for(self, count: int, seconds: float = 20) -> None:
        wait_until(lambda: len(self.ingests) >= count, seconds)


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@contextmanager
def following(folder: Path, look_s: float = 0.5, **options: object) -> Iterator[Watched]:
    watched = Watched(folder)
    for name, value in options.items():
        setattr(watched, name, value)
    arguments = {"leave_out": folder / "base", "settle_s": SETTLE_S, "look_s": look_s, "stop": watched.stop}
    thread = threading.Thread(
        target=follow, args=([folder], watched.ingest, watched.said.append), kwargs=arguments, daemon=True
    )
    thread.start()
    try:
        yield watched
    finally:
        watched.stop.set()
        thread.join(timeout=20)
        assert not thread.is_alive()


def test_the_folder_is_ingested_at_once_and_again_when_a_file_has_come(tmp_path: Path) -> None:
    with following(tmp_path) as watched:
        watched.wait_for(1)
        (tmp_path / "a.md").write_text("A")
        watched.wait_for(2)
        (tmp_path / "a.md").unlink()
        watched.wait_for(3)
        assert watched.ingests == [{}, {"a.md": "A"}, {}]


def test_a_file_is_not_read_before_it_has_been_copied_whole(tmp_path: Path) -> None:
    with following(tmp_path) as watched:
        watched.wait_for(1)
        with open(tmp_path / "a.md", "w") as copy:
            for part in range(8):
                copy.write(str(part))
                copy.flush()
                time.sleep(SETTLE_S / 3)
        watched.wait_for(2)
        assert watched.ingests[1] == {"a.md": "01234567"}


def test_neither_the_base_nor_hidden_files_set_an_ingest_off(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    with following(tmp_path, look_s=0.2) as watched:
        watched.wait_for(1)
        for name in ("base/state.sqlite", ".a.md.swp", "~$a.docx", "Thumbs.db"):
            (tmp_path / name).write_text("x")
        time.sleep(5 * SETTLE_S)
        assert len(watched.ingests) == 1


def test_a_busy_base_is_waited_for_and_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.watch._BUSY_S", 0.05)
    with following(tmp_path, busy=4) as watched:
        watched.wait_for(1)
        assert watched.said == ["Another process is changing it. Trying again until then."]


def test_a_change_during_an_ingest_is_ingested_as_well(tmp_path: Path) -> None:
    def late(ingests: list) -> None:
        if len(ingests) == 1:
            (tmp_path / "late.md").write_text("L")

    with following(tmp_path, look_s=30, after=late) as watched:
        watched.wait_for(2)
        assert watched.ingests == [{}, {"late.md": "L"}]


def test_a_folder_that_goes_and_comes_back_is_watched_again(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    with following(folder, look_s=0.2) as watched:
        watched.wait_for(1)
        folder.rename(tmp_path / "away")
        time.sleep(SETTLE_S)
        folder.mkdir()
        (folder / "a.md").write_text("A")
        wait_until(lambda: watched.ingests[-1] == {"a.md": "A"})


def test_the_command_ingests_shows_what_fails_goes_on_and_ends_cleanly(base: Base, tmp_path: Path) -> None:
    base.write("a.md", RETURNS)
    command = subprocess.Popen(
        [sys.executable, PROGRAM, "--home", base.path, "ingest", "--watch", base.sources],
        preexec_fn=heed_interrupts,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    threading.Thread(target=lambda: said.extend(command.stderr), daemon=True).start()

    def published(*documents: str) -> bool:
        return base.home.current() is not None and {v.document for v in base.snapshot().versions} == {*documents}

    try:
        wait_until(lambda: published("a.md"), 60)
        base.write("koujing.toml", "[[broken")
        wait_until(lambda: any("kb: " in line and "koujing.toml" in line for line in said), 60)
        (base.sources / "koujing.toml").unlink()
        base.write("b.md", SHIPPING)
        wait_until(lambda: published("a.md", "b.md"), 60)
        wait_until(lambda: said[-1].startswith("Watching"), 60)
        command.send_signal(signal.SIGINT)
        assert command.wait(timeout=30) == 0
        wait_until(lambda: said[-1].strip() == "kb: watching has ended.")
    finally:
        command.kill()
        command.wait()
