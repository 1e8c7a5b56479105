"""Runs damaged files through the readers; ends with 1 if anything broke.

python -m tests.ingest.fuzz --cases 20000 --seed 1 --seconds 1200 [--seeds FOLDER]... [--save FOLDER]
python -m tests.ingest.fuzz --seed 1 --case 4711 [--seeds FOLDER]...      one case again, with its traceback
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ingest.settings import Reading, ReadingSettings
from tests.ingest.fuzz.runner import Case, Outcome, cases, check, file_name, minimised, run, seeds_of
from tests.ingest.made.build import FILES, built, lacking

CORPUS = Path(__file__).parent / "corpus"
SMALL = 50_000  # what a file kept in the corpus may have, in bytes


def own_seeds() -> dict[str, bytes]:
    return {made.name: built(made.name) for made in FILES if lacking(made) is None}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.ingest.fuzz")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1200, help="ends then, whatever is left")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--case", type=int, help="this one alone, in this process")
    parser.add_argument("--seeds", type=Path, action="append", default=[], help="folder of files to damage as well")
    parser.add_argument("--save", type=Path, default=CORPUS, help="folder for findings from our own files")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--soffice", action="store_true", help="let LibreOffice read the old formats (seconds each)")
    parser.add_argument("--ocr", action="store_true", help="recognise pages without text (seconds each)")
    parser.add_argument("--only", default="", help="only seeds whose name ends so")
    options = parser.parse_args(arguments)

    own = own_seeds()
    seeds = {**own, **seeds_of(options.seeds)}
    seeds = {name: data for name, data in seeds.items() if name.endswith(options.only)}
    settings = ReadingSettings(ocr=options.ocr)
    if options.case is not None:
        (case,) = cases(seeds, frozenset(own), options.seed, [options.case])
        print(f"{case.name}: {len(case.data)} bytes from {case.origin}")
        print(check(case.data, case.name, Reading(settings)))
        return 0

    begun = time.monotonic()
    numbers = range(options.first, options.first + options.cases)
    done = 0

    def told(outcome: Outcome, case: Case, new: bool) -> None:
        nonlocal done
        done += 1
        if new:
            print(f"\n#{case.number} {case.name} {outcome.kind}\n  from {case.origin}\n{outcome.detail}", flush=True)
            keep(case, outcome, settings, options.save)
        if done % 500 == 0:
            print(f"{done} cases, {time.monotonic() - begun:.0f} s", flush=True)

    summary = run(
        cases(seeds, frozenset(own), options.seed, numbers),
        options.workers,
        settings,
        options.soffice,
        options.seconds,
        told,
    )
    print(f"{sum(summary.counts.values())} cases of {len(seeds)} files in {time.monotonic() - begun:.0f} s:")
    for kind, count in sorted(summary.counts.items(), key=lambda pair: -pair[1]):
        print(
            f"{count:6} {kind}" + ("" if kind in ("read", "refused", "broken") else f" (#{summary.first[kind].number})")
        )
    if summary.slowest and summary.largest:
        print(f"slowest: #{summary.slowest.number} {summary.slowest.name}, {summary.slowest.seconds:.1f} s")
        print(f"most memory: #{summary.largest.number} {summary.largest.name}, {summary.largest.peak_mb:.0f} MB")
    for kind, (outcome, case) in sorted(summary.findings.items()):
        print(f"broke: {kind}: #{outcome.number} from {case.origin}")
    return 1 if summary.findings else 0


def keep(case: Case, outcome: Outcome, settings: ReadingSettings, folder: Path) -> None:
    """Saves a finding, made small, if it comes from our own files; others are made again from seed and number."""
    if not case.own:
        return
    dies = outcome.kind.startswith(("the process", "silent", "MemoryError"))
    data = case.data if dies else minimised(case, outcome.kind, settings)
    if len(data) <= SMALL:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file_name(outcome.kind, case, data)).write_bytes(data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
