"""An assistant that follows what is published: readers see the old snapshot until the new one is open."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from datetime import datetime

from assistant.engine import Assistant
from assistant.types import Answer, Request
from kb.embedding import open_embedder
from kb.errors import KbError
from kb.home import Home
from kb.types import Hit

_AGAIN_S = 30.0  # until a snapshot that could not be opened is tried again: the cause may have passed

_log = logging.getLogger("koujing.live")


class LiveAssistant:
    """Looks at the home's pointer at every question (some microseconds) and opens a newly published
    snapshot in the background; no question waits for it. One that cannot be opened is reported, the old one
    stays, and it is tried again now and then."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._embedder = open_embedder(home.embedding)  # shared by all snapshots: loaded once
        self._seen = self._stamp()  # before opening: what is published meanwhile is then seen by the first question
        self._again_at = 0.0
        self._assistant = Assistant.open(home, embedder=self._embedder, rewriting=True)
        self._assistant.warm_up()
        self._opening = threading.Lock()

    @property
    def snapshot(self) -> str:
        return self._assistant.snapshot

    def ask(self, request: Request, now: datetime | None = None) -> Answer:
        self._follow()
        return self._assistant.ask(request, now)

    def search(self, request: Request, top: int) -> list[Hit]:
        self._follow()
        return self._assistant.search(request, top)

    def scopes(self) -> Mapping[str, tuple[str, ...]]:
        return self._assistant.scopes()

    def summary(self) -> Mapping[str, int]:
        return self._assistant.summary()

    def now(self) -> datetime:
        return self._assistant.now()

    def catch_up(self) -> None:
        """Returns when questions are answered from what is published now, or it could not be opened."""
        with self._opening:  # one that is under way comes to its end first
            stamp = self._stamp()
            if stamp != self._seen:
                self._seen, self._again_at = stamp, 0.0
                self._open()

    def _follow(self) -> None:
        stamp = self._stamp()
        late = self._again_at and time.monotonic() >= self._again_at
        if (stamp == self._seen and not late) or not self._opening.acquire(blocking=False):
            return
        self._seen, self._again_at = stamp, 0.0
        threading.Thread(target=self._open_next, daemon=True).start()

    def _open_next(self) -> None:
        try:
            self._open()
        finally:
            self._opening.release()

    def _open(self) -> None:
        try:
            opened = Assistant.open(self._home, embedder=self._embedder, rewriting=True)
            opened.warm_up()
            self._assistant = opened
            _log.info("now answering from %s", opened.snapshot)
        except (KbError, OSError, MemoryError) as error:
            self._again_at = time.monotonic() + _AGAIN_S
            _log.error("still answering from %s: %s", self._assistant.snapshot, error)

    def _stamp(self) -> tuple[int, int]:
        try:
            stat = (self._home.path / "current.json").stat()
            return stat.st_mtime_ns, stat.st_ino
        except OSError:
            return 0, 0
