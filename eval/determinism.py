"""Whether one request gets the same bytes in every process: other hash seeds, another order, other thread counts.

python -m eval.determinism        is the other process: a job on standard input, a digest a request on output
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from assistant import Answer, Assistant
from eval.types import Case, CaseResult, EvalError
from kb.home import Home

SAMPLE = 40
_TIMEOUT_S = 900


@dataclass(frozen=True, slots=True)
class Way:
    """How another process is started and asked."""

    name: str
    hash_seed: int
    threads: int  # of the embedder and of numpy
    askers: int = 1  # questions asked at once
    shuffled: bool = False


WAYS = (
    Way("another process", hash_seed=1, threads=2),
    Way("shuffled, one thread", hash_seed=2, threads=1, shuffled=True),
    Way("four at once, three threads", hash_seed=3, threads=3, askers=4, shuffled=True),
)


def determinism(
    home: Home,
    assistant: Assistant,
    cases: Sequence[Case],
    now: datetime,
    seed: int = 1,
    program: Sequence[str] = ("-m", "eval.determinism"),
) -> dict[str, Any]:
    """{"same", "cases", "ways": {NAME: {"different", "of"}}, "different": ids}: the answers to a seeded sample of
    `cases` here, beside those of other processes."""
    rng = np.random.default_rng(seed)
    chosen = [cases[n] for n in sorted(int(n) for n in rng.permutation(len(cases))[:SAMPLE])]
    here = _digests(assistant, chosen, now, 1)
    ways, different = {}, set[str]()
    for way in WAYS:
        order = [int(n) for n in rng.permutation(len(chosen))] if way.shuffled else list(range(len(chosen)))
        there = _elsewhere(home, assistant.snapshot, [chosen[n] for n in order], now, way, program)
        other = [chosen[n].id for place, n in enumerate(order) if there[place] != here[n]]
        ways[way.name] = {"different": len(other), "of": len(chosen)}
        different.update(other)
    return {"same": not different, "cases": len(chosen), "ways": ways, "different": sorted(different)}


def _elsewhere(
    home: Home, snapshot: str, cases: Sequence[Case], now: datetime, way: Way, program: Sequence[str]
) -> list[str]:
    job = {
        "home": str(home.path),
        "snapshot": snapshot,
        "now": now.isoformat(),
        "askers": way.askers,
        "cases": [_row(case) for case in cases],
    }
    threads = {name: str(way.threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    environment = {**os.environ, **threads, "PYTHONHASHSEED": str(way.hash_seed)}
    environment["PYTHONPATH"] = os.pathsep.join(p for p in (_ROOT, environment.get("PYTHONPATH")) if p)
    done = subprocess.run(
        [sys.executable, *program],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        env=environment,
        timeout=_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise EvalError(
            f"The other process ({way.name}) ended with {done.returncode}: {said[-1] if said else 'no word'}"
        )
    return json.loads(done.stdout)


_ROOT = str(Path(__file__).parent.parent)


def _row(case: Case) -> Mapping[str, Any]:
    """What the other process asks: the question as it is, not as a run keeps it."""
    row = CaseResult(case, False, False, None, None, None, 0.0).row()
    history = [{"role": turn.role, "text": turn.text} for turn in case.request.history]
    return {**row, "question": case.request.question, "history": history}


def _digests(assistant: Assistant, cases: Sequence[Case], now: datetime, askers: int) -> list[str]:
    def ask(case: Case) -> str:
        return digest(assistant.ask(case.request, case.asked_at(now)))

    with ThreadPoolExecutor(askers) as pool:
        return list(pool.map(ask, cases))


def digest(answer: Answer) -> str:
    """Of everything in an answer but its times."""
    record = asdict(answer)
    del record["timings_ms"]
    return hashlib.sha256(
        json.dumps(record, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
    ).hexdigest()


def main() -> None:
    job = json.loads(sys.stdin.read())
    assistant = Assistant.open(Home(Path(job["home"])), job["snapshot"])
    cases = [CaseResult.from_row(row).case for row in job["cases"]]
    now = datetime.fromisoformat(job["now"]).astimezone(assistant.now().tzinfo)
    json.dump(_digests(assistant, cases, now, job["askers"]), sys.stdout)


if __name__ == "__main__":
    main()
