"""A publish whose machine loses power: only what was asked to be on the disk is there afterwards.

The process is stopped before every fsync, and what is then in the file, or which names are in the folder, is noted:
that alone is taken to survive. Two disks are played: a strict one, on which a name survives only if its folder was
synced, and an eager one, on which names survive at once and only the content waits: the file that is there, but empty.
Assumed: an fsync keeps its word, and a sector is written whole or not at all.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.robustness.faults import Fault, Progress, _holds
from tests.robustness.scenario import Place, Scene, publish
from tests.robustness.tracing import Step, traced

Names = dict[str, int]  # of a folder: name -> the thing's number
Disk = dict[int, "bytes | Names"]  # what survives: number -> content


@dataclass(slots=True)
class _Recorder:
    root: Path
    disk: Disk = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)  # inode -> number; inodes are used again, numbers are not
    _fresh: Iterator[int] = field(default_factory=itertools.count)
    pasts: list[tuple[str, Disk]] = field(default_factory=list)
    eager: list[tuple[str, Disk]] = field(default_factory=list)

    def start(self) -> None:
        for path in [self.root, *sorted(self.root.rglob("*"))]:
            self._keep(path)
        self._note("before the first step")

    def on_step(self, step: Step) -> int:
        if step.call in ("fsync", "fdatasync"):
            self._note(f"before {step.number}: {step.call} {step.path.relative_to(self.root)}")
            if step.path.exists():
                self._keep(step.path)
        elif step.call in ("unlink", "rmdir", "rename"):
            self._note(f"before {step.number}: {step.call} {step.path.relative_to(self.root)}")
            gone = step.path if step.call != "rename" else step.to
            if gone is not None and gone.exists() and (gone.is_dir() or gone.stat().st_nlink == 1):
                self.numbers.pop(gone.stat().st_ino, None)
        return 0

    def end(self) -> None:
        self._note("after the last step")

    def _number(self, path: Path) -> int:
        inode = path.stat().st_ino
        if inode not in self.numbers:
            self.numbers[inode] = next(self._fresh)
        return self.numbers[inode]

    def _keep(self, path: Path) -> None:
        self.disk[self._number(path)] = self._names(path) if path.is_dir() else path.read_bytes()

    def _names(self, folder: Path) -> Names:
        return {entry.name: self._number(Path(entry.path)) for entry in os.scandir(folder)}

    def _note(self, when: str) -> None:
        self.pasts.append((when, dict(self.disk)))
        now: Disk = {}
        for folder in [self.root, *(path for path in self.root.rglob("*") if path.is_dir())]:
            now[self._number(folder)] = self._names(folder)
        self.eager.append((when, {**self.disk, **now}))


def power_cut(scene: Scene, folder: Path, share: int, progress: Progress) -> Counter[str]:
    """Cuts the power between any two steps (of the different outcomes every `share`-th), on both disks."""
    outcomes: Counter[str] = Counter()
    place = scene.place.copy(folder)
    place.home.mkdir(parents=True, exist_ok=True)
    recorder = _Recorder(place.home)
    recorder.start()
    ended = traced(lambda: publish(place), place.home, recorder.on_step)
    if ended.status:
        raise Fault(f"undisturbed, it came to {ended}")
    recorder.end()
    root = recorder.numbers[place.home.stat().st_ino]
    for name, pasts in (("strict", recorder.pasts), ("eager", recorder.eager)):
        different = list(_different(pasts))
        chosen = [*different[:: max(1, share)], different[-1]]
        for done, (when, disk) in enumerate(chosen):
            progress(f"power cut, {name} disk", done, len(chosen))
            shutil.rmtree(place.home)
            _write(disk, root, place.home)
            outcomes[
                f"{name}: {_holds(scene, Place(place.home, place.sources), f'power cut {when}, {name} disk')}"
            ] += 1
    return outcomes


def _different(pasts: list[tuple[str, Disk]]) -> Iterator[tuple[str, Disk]]:
    before = None
    for when, disk in pasts:
        if disk != before:
            yield when, disk
        before = disk


def _write(disk: Disk, number: int, path: Path) -> None:
    content = disk.get(number, b"")  # a name without content that survived
    if isinstance(content, dict):
        path.mkdir(parents=True)
        for name, inner in content.items():
            _write(disk, inner, path / name)
    else:
        path.write_bytes(content)
