"""Folders watched: what changes in them is ingested once it has settled."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from threading import Event

from ingest.sources import is_hidden, listing
from kb.errors import Busy

SETTLE_S = 2.0
"""A file that is being copied changes more often than this; so does a folder that is being filled."""

_LOOK_S = 10.0  # how often is looked whether anything changed all the same: network folders send no word of it
_BUSY_S = 2.0


def follow(
    paths: Sequence[Path],
    ingest: Callable[[], None],
    say: Callable[[str], None],
    *,
    leave_out: Path | None = None,
    settle_s: float = SETTLE_S,
    look_s: float = _LOOK_S,
    stop: Event | None = None,
) -> None:
    """Calls `ingest` now and whenever the files below `paths` have changed and settled again; returns when `stop` is set.

    `ingest` raises Busy while another process writes: then it is called again. `say` is told why nothing happens.
    `leave_out` is not watched: the base's own folder, which an ingest changes.
    """
    stop = stop or Event()
    done: frozenset | None = None  # what the files were when the last ingest began
    with contextlib.closing(_wakeups(paths, leave_out, settle_s, look_s, stop)) as wakeups:
        while not stop.is_set():
            now = _settled(paths, leave_out, settle_s, stop, at_once=done is None)
            if now is not None and now != done and _ingested(ingest, say, stop):
                done = now
                continue  # it may have changed meanwhile
            next(wakeups, None)


def _ingested(ingest: Callable[[], None], say: Callable[[str], None], stop: Event) -> bool:
    told = False
    while not stop.is_set():
        try:
            ingest()
            return True
        except Busy as error:
            if not told:
                say(f"{error} Trying again until then.")
                told = True
            stop.wait(_BUSY_S)
    return False


def _settled(
    paths: Sequence[Path], leave_out: Path | None, settle_s: float, stop: Event, at_once: bool
) -> frozenset | None:
    """The files, once nothing about them has changed for `settle_s`; None: stopped.

    `at_once`: files that were last changed long enough ago need not be waited for.
    """
    before = listing(paths, leave_out)
    newest = max((mtime for _, _, mtime in before), default=0) / 1e9
    if at_once and time.time() - newest > settle_s:
        return before
    while not stop.wait(settle_s):
        now = listing(paths, leave_out)
        if now == before:
            return now
        before = now
    return None


def _wakeups(
    paths: Sequence[Path], leave_out: Path | None, settle_s: float, look_s: float, stop: Event
) -> Generator[None]:
    """Yields whenever it is worth while to look: the system says that something changed, or `look_s` have passed."""
    from watchfiles import watch

    aside = leave_out.resolve() if leave_out else None
    roots = [Path(path).expanduser().absolute() for path in paths]

    def is_meant(_change: object, name: str) -> bool:
        path = Path(name)
        if aside is not None and path.is_relative_to(aside):
            return False
        root = next((root for root in roots if path.is_relative_to(root)), None)
        return root is not None and not any(is_hidden(part) for part in path.relative_to(root).parts)

    while not stop.is_set():
        # The folder of a single file: a file that is replaced is another one to the system.
        folders = {root if root.is_dir() else root.parent for root in roots}
        try:
            for _ in watch(
                *(folder for folder in folders if folder.is_dir()),
                watch_filter=is_meant,
                step=max(50, int(settle_s * 1000)),
                debounce=60_000,
                rust_timeout=int(look_s * 1000),
                yield_on_timeout=True,
                stop_event=stop,
                raise_interrupt=True,
            ):
                yield
                if not all(root.exists() for root in roots):
                    break  # watch anew: what comes back is another folder to the system
        except (OSError, RuntimeError):  # no folder at all, or no more watches to be had: look from time to time
            stop.wait(look_s)
            yield
        else:
            if not stop.is_set():
                stop.wait(min(look_s, 1.0))
                yield
