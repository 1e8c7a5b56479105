"""A publish that is killed, or whose disk is full or read-only, at every step that it takes."""

from __future__ import annotations

import errno
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from kb.audit import Audit
from kb.home import Home
from tests.robustness.scenario import Place, Scene, ask, check, go_on, publish, roll_back
from tests.robustness.tracing import Kill, Step, apart, traced

_GROWS = {"write", "pwrite64", "writev", "pwritev", "fallocate", "ftruncate", "copy_file_range", "sendfile",
          "mkdir", "link", "symlink"}  # fmt: skip
_AS_IT_WAS = re.compile("The base is as it was|Nothing was changed")

Progress = Callable[[str, int, int], None]


class Fault(AssertionError):
    """Something that must hold did not."""


def steps_of(scene: Scene, folder: Path) -> int:
    """How many changes to files a publish makes."""
    place = scene.place.copy(folder)
    ended = traced(lambda: publish(place), place.home, lambda step: 0)
    if (ended.status, ended.said) != (0, scene.new):
        raise Fault(f"undisturbed, it came to {ended}")
    return ended.steps


def killed_at(scene: Scene, folder: Path, steps: Iterable[int], progress: Progress) -> Counter[str]:
    """Kills a publish before each of the steps; how often the old and the new snapshot were there then."""
    outcomes: Counter[str] = Counter()
    steps = list(steps)
    for done, number in enumerate(steps):
        progress("killed at a step", done, len(steps))
        place = scene.place.copy(folder)
        last = ""

        def kill(step: Step, at: int = number) -> int:
            nonlocal last
            last = f"{step.number}: {step.call} {step.path} {step.to or ''}"
            if step.number == at:
                raise Kill
            return 0

        ended = traced(lambda place=place: publish(place), place.home, kill)
        if ended.status not in (-signal.SIGKILL, 0):  # 0: it took a step fewer this time
            raise Fault(f"before {last}: {ended}")
        outcomes[_holds(scene, place, f"killed before {last}")] += 1
    return outcomes


def killed_at_random(scene: Scene, folder: Path, times: int, chance: random.Random, progress: Progress) -> Counter[str]:
    """Kills a publish at random moments between its first and its last."""
    outcomes: Counter[str] = Counter()
    began = time.perf_counter()
    trial = scene.place.copy(folder)
    apart(lambda: publish(trial))
    whole_s = time.perf_counter() - began
    for done in range(times):
        progress("killed at random", done, times)
        place = scene.place.copy(folder)
        after = chance.uniform(0, whole_s)
        pid = os.fork()
        if pid == 0:
            publish(place)
            os._exit(0)
        time.sleep(after)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        outcomes[_holds(scene, place, f"killed after {after:.4f} s")] += 1
    return outcomes


def commands_killed(scene: Scene, folder: Path, times: int, chance: random.Random, progress: Progress) -> Counter[str]:
    """The same with the whole command and its reading processes, which have to end with it."""
    outcomes: Counter[str] = Counter()
    command = [sys.executable, "-m", "tests.tiny_kb", "ingest", str(scene.place.sources), "--home", str(folder)]
    scene.place.copy(folder)
    began = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    whole_s = time.perf_counter() - began
    for done in range(times):
        progress("command killed", done, times)
        place = scene.place.copy(folder)
        after = chance.uniform(0.2 * whole_s, whole_s)  # before that it only loads modules
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(after)
        process.kill()
        process.wait()
        outcomes[_holds(scene, place, f"command killed after {after:.4f} s")] += 1
    return outcomes


def disk_full(scene: Scene, folder: Path, steps: Iterable[int], progress: Progress) -> Counter[str]:
    """From each of the steps on, nothing that needs room succeeds. The command says so in a line; what was, stays.

    Without a word goes only what can fail without harm: when SQLite closes a database it copies its log into it, and
    leaves the log where there is no room. The log is on the disk by then, and whoever opens next reads it.
    """
    outcomes: Counter[str] = Counter()
    steps = list(steps)
    for done, number in enumerate(steps):
        progress("disk full", done, len(steps))
        place = scene.place.copy(folder)
        failed: list[Step] = []

        def fail(step: Step, at: int = number, failed: list[Step] = failed) -> int:
            grows = step.call in _GROWS or (step.call == "open" and not step.path.exists())
            if step.number < at or not grows:
                return 0
            failed.append(step)
            return errno.ENOSPC

        ended = traced(lambda place=place: publish(place), place.home, fail)
        where = f"the disk full from step {number} on, {ended}"
        if ended.status not in (0, 1) or "Traceback" in ended.said:
            raise Fault(where)
        now = _holds(scene, place, where)
        if ended.status == 0 and now != "new":
            raise Fault(f"said to be published, but {now}: {where}")
        if ended.status == 0 and (silent := [step for step in failed if step.path.suffix != ".sqlite"]):
            raise Fault(f"no word of what failed: {silent[0]}: {where}")
        if ended.status == 1 and _AS_IT_WAS.search(ended.said) and now == "new":
            raise Fault(f"said to be as it was, but new: {where}")
        outcomes[f"{now}, {'told' if ended.status else 'its log not copied' if failed else 'nothing failed'}"] += 1
    return outcomes


def read_only(scene: Scene, folder: Path) -> Counter[str]:
    """Nothing can be changed: publishing and going back say so in a line, asking and verifying work."""
    place = scene.place.copy(folder)

    def refuse(step: Step) -> int:
        return errno.EROFS

    for change in (publish, roll_back):
        ended = traced(lambda change=change: change(place), place.home, refuse)
        if ended.status != 1 or not re.match(r"(Home|State)Error: .*read-only", ended.said):
            raise Fault(f"read-only: {ended}")

    def look(place: Place = place) -> None:
        home = Home(place.home)
        ask(home)
        Audit(home).verify()

    ended = traced(look, place.home, refuse)
    if ended.status:
        raise Fault(f"reading a read-only base: {ended.said}")
    return Counter({_holds(scene, place, "read-only"): 1})


def _holds(scene: Scene, place: Place, when: str) -> str:
    def look() -> str:
        outcome = check(scene, place)
        go_on(scene, place)
        return outcome

    ended = apart(look)
    if ended.status:
        raise Fault(f"{when}: {ended.said}")
    return ended.said
