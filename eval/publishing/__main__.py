"""`python -m eval.publishing FOLDER --home HOME`: one document of the folder is changed and published, again and again.

HOME is a base that has embedded the folder's texts before; only its settings and its cache of vectors are used. All is
done in a temporary folder, by whole processes: the time of a publish is from the start of `kb ingest` to its end. The
first one leaves the compiled modules that the others start from, as in any installation.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One process."""

    wall_s: float
    cpu_s: float  # of it and of the processes that it started
    parts: dict[str, float]  # seconds; with the interpreter's start and end they make up wall_s
    printed: dict[str, object]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.publishing", description=__doc__)
    parser.add_argument("folder", type=Path, help="documents")
    parser.add_argument("--home", type=Path, required=True, help="a base that has embedded their texts")
    parser.add_argument("--document", help="the one to change, by its name (default: the one of median size)")
    parser.add_argument("--repeat", type=int, default=5, help="how many publishes (default: 5)")
    parser.add_argument("--out", type=Path, help="every run, as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="publishing-") as work:
        documents, home = Path(work) / "documents", Path(work) / "home"
        shutil.copytree(options.folder, documents)
        (home / "cache").mkdir(parents=True)
        for file in (options.home / "cache").glob("vectors.sqlite*"):
            shutil.copy(file, home / "cache")
        if (options.home / "settings.toml").is_file():
            shutil.copy(options.home / "settings.toml", home)  # which encoder's vectors those are
        changed = documents / options.document if options.document else _median(documents)
        print(f"Publishing {options.folder} for the first time …", file=sys.stderr)
        first = _run(work, "ingest", str(documents), "--home", str(home), "--json")
        numbers = itertools.count(1)

        def publish() -> Run:
            _edit(changed, next(numbers))
            run = _run(work, "ingest", str(documents), "--home", str(home), "--json")
            if not run.printed.get("published"):
                raise SystemExit(f"Not published: {run.printed.get('refused_because')}")
            print(f"published in {run.wall_s:.2f} s", file=sys.stderr)
            return run

        publishes = [publish() for _ in range(options.repeat)]
        rollbacks, again = [], []
        for _ in range(min(options.repeat, 3)):
            rollbacks.append(_run(work, "rollback", "--home", str(home), "--json"))
            again.append(publish())
    report = {
        "machine": {"processors": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0]},
        "changed": str(changed.relative_to(documents)),
        "clauses": first.printed.get("clauses"),
        "first": asdict(first),
        "publish": [asdict(run) for run in publishes],
        "rollback": [asdict(run) for run in rollbacks],
        "publish after going back": [asdict(run) for run in again],
    }
    if options.out:
        options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"Changed: {changed.name}; load of the machine now: {os.getloadavg()[0]:.1f}")
    for name, runs in (("publish", publishes), ("rollback", rollbacks), ("publish after going back", again)):
        _show(name, runs)
    return 0


def _run(work: str, *arguments: str) -> Run:
    parts = Path(work) / "parts.json"
    parts.unlink(missing_ok=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    command = [sys.executable, "-m", "eval.publishing.timed", str(parts), *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    wall = time.perf_counter() - began
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    if not parts.is_file():
        raise SystemExit(f"kb {' '.join(arguments)} failed: {done.stderr[-2000:]}")
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return Run(wall, cpu, json.loads(parts.read_text()), json.loads(done.stdout) if done.stdout else {})


def _median(folder: Path) -> Path:
    files = sorted((path.stat().st_size, path) for path in folder.rglob("*") if path.is_file())
    return files[len(files) // 2][1]


def _edit(file: Path, number: int) -> None:
    """Another sentence at the end of the text: one clause changes."""
    text = file.read_text(encoding="utf-8").rstrip("\n")
    file.write_text(f"{text}此条第{number}次修改。\n", encoding="utf-8")


def _show(name: str, runs: Sequence[Run]) -> None:
    whole = [run.wall_s for run in runs]
    print(f"\n{name}: {statistics.median(whole):.2f} s (from {min(whole):.2f} to {max(whole):.2f}), "
          f"processors busy for {statistics.median(run.cpu_s for run in runs):.2f} s; of {len(runs)} runs")  # fmt: skip
    parts = {part for run in runs for part in run.parts}
    medians = {part: statistics.median(run.parts.get(part, 0.0) for run in runs) for part in parts}
    medians["start and end of the process"] = statistics.median(run.wall_s - sum(run.parts.values()) for run in runs)
    for part, seconds in sorted(medians.items(), key=lambda pair: -pair[1]):
        if seconds >= 0.0005:
            print(f"  {seconds:7.3f} s  {part}")


if __name__ == "__main__":
    sys.exit(main())
