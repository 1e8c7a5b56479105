"""`python -m tests.robustness`: publishes are killed, starved of disk and cut off from power,
and bases follow random changes of their folders; see `--help`."""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.robustness import faults, powercut, scenario, tracing

PARTS = ("steps", "random", "commands", "full", "read-only", "power", "sequences")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.robustness", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--kills", type=int, default=200, help="how many random moments (default: 200)")
    parser.add_argument("--share", type=int, default=1, metavar="N", help="only every N-th step (default: all)")
    parser.add_argument("--sequences", type=int, default=200, help="how many sequences of changes (default: 200)")
    parser.add_argument("--data", type=Path, nargs="+", default=[], metavar="FOLDER",
                        help="documents for the sequences (default: the sample corpus)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    options = parser.parse_args()
    wanted = list(options.parts or PARTS)
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"found {', '.join(sorted(unknown))}, expected of {', '.join(PARTS)}")
    if not tracing.possible():
        print("Processes cannot be traced on this machine: only random kills are made.", file=sys.stderr)
        wanted = [part for part in wanted if part in ("random", "commands", "sequences")]
    scenario.ready()
    if "sequences" in wanted:
        wanted.remove("sequences")
        # In a process of its own: it uses indexes, and what forks after that must not have.
        command = [sys.executable, "-m", "tests.robustness.sequences", str(options.sequences), str(options.seed)]
        if subprocess.run([*command, *map(str, options.data)]).returncode:
            return 1
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="robustness-") as folder:
        try:
            for scene_name, make in (("edited base", scenario.edited), ("first publish", scenario.first)):
                scene = make(Path(folder) / scene_name.partition(" ")[0])
                for part in wanted:
                    began = time.monotonic()
                    found = _PARTS[part](scene, Path(folder) / "trial", options)
                    line = {"scene": scene_name, "part": part, "trials": sum(found.values()), "after": dict(found)}
                    print(json.dumps(line | {"seconds": round(time.monotonic() - began, 1)}), flush=True)
        except faults.Fault as fault:
            print(f"FAULT: {fault}", file=sys.stderr)
            return 1
    return 0


def _steps(scene: scenario.Scene, trial: Path, options: argparse.Namespace) -> Counter[str]:
    count = faults.steps_of(scene, trial)
    return faults.killed_at(scene, trial, range(0, count, options.share), _progress)


def _random(scene: scenario.Scene, trial: Path, options: argparse.Namespace) -> Counter[str]:
    return faults.killed_at_random(scene, trial, options.kills, random.Random(options.seed), _progress)


def _commands(scene: scenario.Scene, trial: Path, options: argparse.Namespace) -> Counter[str]:
    return faults.commands_killed(scene, trial, options.kills // 10, random.Random(options.seed), _progress)


def _full(scene: scenario.Scene, trial: Path, options: argparse.Namespace) -> Counter[str]:
    count = faults.steps_of(scene, trial)
    return faults.disk_full(scene, trial, range(0, count, options.share), _progress)


def _read_only(scene: scenario.Scene, trial: Path, options: argparse.Namespace) -> Counter[str]:
    return faults.read_only(scene, trial) if scene.old else Counter()


def _power(scene: scenario.Scene, trial: Path, options: argparse.Namespace) -> Counter[str]:
    return powercut.power_cut(scene, trial, options.share, _progress)


_PARTS: dict[str, Callable[[scenario.Scene, Path, argparse.Namespace], Counter[str]]] = dict(
    zip(PARTS, (_steps, _random, _commands, _full, _read_only, _power), strict=False)
)


def _progress(what: str, done: int, of: int) -> None:
    if done and done % 50 == 0:
        print(f"{what}: {done} of {of}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
