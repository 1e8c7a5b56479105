"""A base about to be published anew, and what must hold whatever interrupts that.

Nothing here opens an index before it is in a process of its own: threads of FAISS do not survive a fork.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import alembic.command  # noqa: F401  (loaded before the forks, not in each)
import faiss  # noqa: F401
import tantivy  # noqa: F401

import ingest.readers
import ingest.reindex
from assistant import Assistant, Request
from ingest import ingest as bring_in
from ingest.workers import Task, _do
from kb.audit import Audit
from kb.home import Home
from kb.snapshot import Snapshot
from kb.text import tokens
from tests.robustness.tracing import apart
from tests.support import RETURNS, SHIPPING, WARRANTY, TinyEmbedder, calibration

QUESTION = "签收之日起几日内可以无理由退货"
_OLD, _NEW = "七日内", "十五日内"


class InPlace:
    """In the place of reading processes: reads here, so that all that is changed is changed by one process."""

    def __init__(self, *_: Any) -> None: ...

    def __enter__(self) -> InPlace:
        return self

    def __exit__(self, *_: object) -> None: ...

    def run(self, tasks: Iterable[Task | None], heard: Any = None) -> Iterator[tuple[Task, Any]]:
        for task in tasks:
            if task is not None:
                yield task, _do(task.function, task.argument, lambda sign: None, 4096)


@dataclass(frozen=True, slots=True)
class Place:
    """A copy of the base, and its sources, which no publish touches."""

    home: Path
    sources: Path

    def copy(self, to: Path) -> Place:
        if to.exists():
            shutil.rmtree(to)
        if self.home.exists():
            shutil.copytree(self.home, to)
        return Place(to, self.sources)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a publish begins, and the two places where it may end."""

    place: Place
    old: str | None  # None: nothing was ever published
    new: str


def ready() -> None:
    """Loads what every process needs, once."""
    ingest.reindex.Pool = InPlace  # type: ignore[assignment, misc]
    tokens("退货规则")


def publish(place: Place) -> str:
    """What the command does, in this process; the id of the snapshot."""
    return str(bring_in(Home(place.home), [place.sources], TinyEmbedder()).snapshot)


def roll_back(place: Place) -> str:
    home = Home(place.home)
    with home.writing():
        return home.rollback()


def ask(home: Home, embedder: Any = None) -> tuple[str, str]:
    """(snapshot, quoted text) of the answer to the question that the change is about."""
    assistant = Assistant(
        Snapshot.open(home), embedder or TinyEmbedder(), home.settings, calibration=calibration(line=0.0)
    )
    answer = assistant.ask(Request(QUESTION))
    return answer.snapshot, answer.citation.clause.text if answer.citation else ""


def edited(folder: Path) -> Scene:
    """A base with two snapshots, answers in its log and room for one snapshot fewer than there will be; one document
    is edited, one is new, one is gone."""
    place = Place(folder / "home", folder / "sources")
    for below in (place.home, place.sources):
        below.mkdir(parents=True)
    (place.home / "settings.toml").write_text("[base]\nkeep_snapshots = 1\n")
    files = {"returns.md": RETURNS, "shipping.md": SHIPPING}
    _write(place, files)
    _must(lambda: publish(place))
    _write(place, {"shipping.md": SHIPPING + "\n第三条 发货以后不能改地址。\n"})
    old = _must(lambda: publish(place))
    _must(lambda: _log_answers(place, old))
    (place.sources / "shipping.md").unlink()
    _write(place, {"returns.md": RETURNS.replace(_OLD, _NEW), "warranty.md": WARRANTY})
    return Scene(place, old, _outcome(place))


def first(folder: Path) -> Scene:
    """Sources of a base that is not there yet."""
    place = Place(folder / "home", folder / "sources")
    place.sources.mkdir(parents=True)
    _write(place, {"returns.md": RETURNS.replace(_OLD, _NEW)})
    return Scene(place, None, _outcome(place))


def check(scene: Scene, place: Place) -> str:
    """Whatever happened: the old snapshot or the new one, whole, and it answers. Returns which."""
    home = Home(place.home)
    current = home.current()
    if current is None:
        assert scene.old is None, "the pointer is gone"
    else:
        assert current.snapshot in (scene.old, scene.new), f"{current.snapshot} is neither the old one nor the new"
        Snapshot.open(home).verify()
        snapshot, text = ask(home)
        assert snapshot == current.snapshot and (_NEW if snapshot == scene.new else _OLD) in text, (snapshot, text)
    audit = Audit(home)
    audit.verify()
    told = [entry.snapshot for entry in audit.entries(kind="publish")]
    audit.close()
    assert current is None or current.snapshot in told, "published, but not in the log"
    for name in home.snapshots():
        Snapshot.open(home, name).verify()
    return "nothing" if current is None else "new" if current.snapshot == scene.new else "old"


def go_on(scene: Scene, place: Place) -> None:
    """The next publish works and leaves no litter, and so does going back."""
    assert publish(place) == scene.new, "the next publish came to something else"
    assert check(scene, place) == "new"
    assert not (litter := list(_litter(Home(place.home)))), litter
    if scene.old is not None:
        assert roll_back(place) == scene.old
        assert check(scene, place) == "old"


def _litter(home: Home) -> Iterator[str]:
    database = {f"state.sqlite{end}" for end in ("", "-wal", "-shm")}
    for path in home.path.iterdir():
        if path.name not in {"settings.toml", "current.json", "snapshots", "cache", "write.lock"} | database:
            yield path.name
    for path in (home.path / "cache").iterdir():
        if path.name not in {"contradictions"} | {f"vectors.sqlite{end}" for end in ("", "-wal", "-shm")}:
            yield f"cache/{path.name}"
    findings = home.path / "cache" / "contradictions"
    for path in findings.iterdir() if findings.is_dir() else ():
        if path.name not in {f"{snapshot}.json" for snapshot in home.snapshots()}:
            yield f"cache/contradictions/{path.name}"
    for path in home.snapshots_folder.iterdir():
        if path.name not in home.snapshots():
            yield f"snapshots/{path.name}"
            continue
        stated = {"manifest.json", *Snapshot.open(home, path.name).manifest["files"]}
        found = {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()}
        yield from (f"snapshots/{path.name}/{name}" for name in sorted(found - stated))


def _outcome(place: Place) -> str:
    """What publishing undisturbed comes to."""
    trial = place.copy(place.home.with_name("outcome"))
    return _must(lambda: publish(trial))


def _log_answers(place: Place, snapshot: str) -> None:
    audit = Audit(Home(place.home))
    for number in range(3):
        audit.append("answer", {"request": {"question": f"问题{number}"}}, snapshot=snapshot, subject=f"a-{number}")
    audit.close()


def _write(place: Place, files: dict[str, str]) -> None:
    for name, text in files.items():
        (place.sources / name).write_text(text, encoding="utf-8")


def _must(function: Callable[[], Any]) -> str:
    ended = apart(function)
    if ended.status:
        raise AssertionError(ended.said)
    return ended.said
