"""Asks one base without pause, in a process of its own: `python -m tests.robustness.readers HOME STOP`.

Until the file STOP is there, two threads follow what is published, as the server does, and the main one opens the
base anew each time, as the command does. Printed at the end: how often each (snapshot, quoted text) was the answer, and
every error.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import assistant.abstention
import assistant.live
from assistant import Assistant, Request
from assistant.live import LiveAssistant
from kb.home import Home
from tests.support import TinyEmbedder, calibration_record

QUESTION = "签收之日起几日内可以无理由退货"


def main() -> None:
    home, stop = Home(Path(sys.argv[1])), Path(sys.argv[2])
    embedder = TinyEmbedder()
    assistant.live.open_embedder = lambda settings: embedder  # type: ignore[assignment, return-value]
    assistant.abstention._calibrations = lambda: {embedder.id: calibration_record(line=0.0)}  # type: ignore[assignment]
    seen: Counter[tuple[str, str]] = Counter()
    errors: list[str] = []
    lock = threading.Lock()
    live = LiveAssistant(home)

    def ask(asked: LiveAssistant | None) -> None:
        while not stop.exists():
            try:
                answer = (asked or Assistant.open(home, embedder=embedder)).ask(Request(QUESTION))
                text = answer.citation.clause.text if answer.citation else ""
                with lock:
                    seen[answer.snapshot, text] += 1
            except Exception as error:
                with lock:
                    errors.append(f"{type(error).__name__}: {error}")
            time.sleep(0.001)  # a process that only asks would starve the publisher of a small machine

    threads = [threading.Thread(target=ask, args=[live]) for _ in range(2)]
    for thread in threads:
        thread.start()
    print("asking", flush=True)
    ask(None)
    for thread in threads:
        thread.join()
    deadline = time.monotonic() + 20
    while live.snapshot != home.require_current() and time.monotonic() < deadline:
        live.ask(Request(QUESTION))
        time.sleep(0.01)
    report = {"seen": [[*key, count] for key, count in seen.items()], "errors": errors, "followed": live.snapshot}
    print(json.dumps(report, ensure_ascii=False))


if __name__ == "__main__":
    main()
