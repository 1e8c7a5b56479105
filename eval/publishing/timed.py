"""`kb` with a clock at its parts: `python -m eval.publishing.timed PARTS.json ARGUMENT…` runs `kb ARGUMENT…` and writes
the seconds that each part took, less those of the parts within it, so that they add up.

Of what other threads do only the time counts that the first one waits for it."""

from __future__ import annotations

import functools
import importlib
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

PARTS = {
    "open the current snapshot": ["ingest.reindex:_current", "ui.publishing:Checks._earlier"],
    "find sources, wait for their readers": ["ingest.reindex:collect", "ingest.reindex:make_plan"],
    "find versions and shared lines": ["ingest.series:assign", "ingest.boilerplate:shared_lines"],
    "find duplicates": ["ingest.duplicates:find"],
    "write texts and clauses": ["kb.snapshot:_check", "kb.snapshot:_serialise"],
    "take over what stays": ["kb.snapshot:carry"],
    "embed what is new": ["kb.snapshot:_vectors"],
    "write the vector index": ["kb.index:VectorIndex.build", "kb.index:VectorIndex.write"],
    "wait for the lexical index": ["concurrent.futures:Future.result"],
    "read back and checksums": ["kb.snapshot:_written"],
    "open what was written": ["kb.snapshot:Snapshot.__init__"],
    "sync the disk": ["os:fsync"],
    "find contradictions": ["ui.publishing:findings_of"],
    "ask the questions": ["ui.publishing:Checks._examine"],
    "log": ["ingest.reindex:record_change", "kb.audit:record_change"],
    "switch": ["kb.home:Home._point"],
    "tidy up": ["ingest.reindex:tidy"],
}
_UNDIVIDED = {"open the current snapshot"}  # parts within it are not told apart


class Clock:
    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._running: list[list[Any]] = []  # [part, when it last went on]
        self._began = time.perf_counter()

    def switch(self, part: str | None) -> None:
        """The time from now on is that of `part`; of None: of the one before it."""
        now = time.perf_counter()
        if self._running:
            name, since = self._running[-1]
            self.seconds[name] += now - since
        if part is None:
            self._running.pop()
            if self._running:
                self._running[-1][1] = now
        else:
            self._running.append([part, now])

    def around(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*arguments: Any, **keywords: Any) -> Any:
            within = self._running[-1][0] if self._running else None
            if threading.current_thread() is not threading.main_thread() or within in _UNDIVIDED:
                return function(*arguments, **keywords)
            self.switch(part)
            try:
                return function(*arguments, **keywords)
            finally:
                self.switch(None)

        return timed

    def put_on(self) -> None:
        for part, places in PARTS.items():
            for place in places:
                module, _, path = place.partition(":")
                *owners, name = path.split(".")
                owner = importlib.import_module(module)
                for inner in owners:
                    owner = getattr(owner, inner)
                found = vars(owner)[name]
                if isinstance(found, classmethod):
                    setattr(owner, name, classmethod(self.around(part, found.__func__)))
                else:
                    setattr(owner, name, self.around(part, found))


def main() -> None:
    out, *arguments = sys.argv[1:]
    clock = Clock()
    clock.switch("load modules")
    from ui.cli import main as kb

    clock.put_on()
    clock.switch(None)
    clock.switch("the rest of the command")
    sys.argv = ["kb", *arguments]
    try:
        kb()
    finally:
        clock.switch(None)
        Path(out).write_text(json.dumps(clock.seconds), encoding="utf-8")


if __name__ == "__main__":
    main()
