"""Processes of their own that read files, so that no file can take the command down.

A worker starts with nothing but what readers need, has a memory limit, and is killed with all that it started when it
shows no sign of life for too long. A task that is lost that way is named; the others go on with a new worker.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import importlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any

from ingest.errors import IngestError, UnreadableFile
from ingest.settings import ReadingSettings

TOTAL_FACTOR = 30
"""However many signs of life it gives, a file is given up after so many times `seconds_per_file`."""

_START_S = 60  # until a worker says that it is ready; it takes 0.4 s on an idle machine
_MIB = 1024 * 1024

# Every so many seconds of work one more worker: a start costs 0.4 s of a processor, for which one worker that is
# already there reads some dozens of small files.
_ONE_MORE_AFTER_S = 0.3


@dataclass(frozen=True, slots=True)
class Task:
    """Work for a worker: `function` ("package.module:name") is called with `argument` and a `tell`."""

    name: str  # for people
    function: str
    argument: Any  # can be pickled, as the result must


class Cause(StrEnum):
    """Why a task has no result."""

    REFUSED = "refused"  # the reader said why
    STUMBLED = "stumbled"  # an error that no reader foresaw
    MEMORY = "memory"
    CRASHED = "crashed"  # the process died
    SILENT = "silent"  # no sign of life for too long
    ENDLESS = "endless"  # signs of life, but no end
    NO_ROOM = "no_room"  # the disk that it was to be written to is full: not the file's fault


@dataclass(frozen=True, slots=True)
class Lost:
    """In the place of a result: why there is none, in plain words."""

    cause: Cause
    reason: str


Heard = Callable[[Task, str], None]
"""Called with a task and what its worker is at: "page 3 of 40"."""


class Pool:
    """At most `settings.workers` workers, each started when there is a task for it. A context manager: leaving it, for
    whatever reason, leaves no process behind."""

    def __init__(self, settings: ReadingSettings, scratch: Path | None = None) -> None:
        """`scratch`: where workers put temporary files, which a killed one leaves there."""
        self.scratch = scratch
        self._settings = settings
        self._most = settings.workers or len(os.sched_getaffinity(0))
        self._workers: list[_Worker] = []
        self._began: float | None = None  # when the first worker was ready

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        while self._workers:
            self._workers.pop().kill()
        self._began = None

    def ahead(self) -> Pool:
        """Has the first worker load all that it will need while the caller is still busy with other things. Not where
        there is one processor: nothing may come to be read."""
        if not self._workers and len(os.sched_getaffinity(0)) > 1:
            self._workers.append(_Worker(self._settings, ahead=True))
        return self

    def run(self, tasks: Iterable[Task], heard: Heard | None = None) -> Iterator[tuple[Task, Any]]:
        """Every task with its result or a `Lost`, in the order in which they end. `tasks` is drawn from as workers are
        free. Raises IngestError when no worker can be started at all."""
        waiting = iter(tasks)
        try:
            yield from self._run(waiting, heard)
        finally:  # left in the middle: what is under way is of no use any more
            for worker in [worker for worker in self._workers if worker.task is not None]:
                self._workers.remove(worker)
                worker.kill()

    def _run(self, waiting: Iterator[Task], heard: Heard | None) -> Iterator[tuple[Task, Any]]:
        again: deque[Task] = deque()  # lost by a worker that had read other files before: they may be to blame
        more = True
        while True:
            while more or again:
                worker = self._free(fresh=bool(again))
                if worker is None:
                    break
                task = again.popleft() if again else next(waiting, None)
                if task is None:
                    more = False
                    break
                worker.begin(task, self.scratch)
            busy = [worker for worker in self._workers if worker.task is not None]
            if not busy:
                return
            for worker, outcome in self._listen(busy, heard, more or bool(again)):
                task = worker.task
                assert task is not None
                repeat = isinstance(outcome, Lost) and outcome.cause in (Cause.MEMORY, Cause.CRASHED) and worker.used
                if worker.must_go(outcome):
                    self._workers.remove(worker)
                    worker.kill()
                worker.end()
                if repeat:
                    again.append(task)
                else:
                    yield task, outcome

    def _free(self, fresh: bool) -> _Worker | None:
        """An idle worker, or a new one where one more may be; None: wait."""
        idle = [worker for worker in self._workers if worker.task is None]
        for worker in idle:
            if not fresh or not worker.used:
                return worker
        if len(self._workers) >= self._allowed():
            if not idle:
                return None
            self._workers.remove(idle[0])
            idle[0].kill()
        self._workers.append(_Worker(self._settings))
        return self._workers[-1]

    def _allowed(self) -> int:
        if self._began is None:
            return 1
        return min(self._most, 1 + int((time.monotonic() - self._began) / _ONE_MORE_AFTER_S))

    def _listen(self, busy: list[_Worker], heard: Heard | None, more: bool) -> Iterator[tuple[_Worker, Any]]:
        by_connection = {worker.connection: worker for worker in busy}
        patience = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
        if more and len(self._workers) < self._most:
            patience = min(patience, _ONE_MORE_AFTER_S)
        ready = wait(list(by_connection), timeout=patience)
        for connection in ready:
            worker = by_connection[connection]  # type: ignore[index]
            task = worker.task
            word, content = worker.hear()
            if word == "sign" and heard and task:
                heard(task, content)
            elif word == "ready":
                self._began = self._began or time.monotonic()
            elif word == "end":
                yield worker, content
        # Only now: whoever spoke while we were busy elsewhere is not late.
        late = [worker for worker in busy if worker.connection not in ready and time.monotonic() > worker.deadline]
        for worker in late:
            yield worker, worker.lateness()


class _Worker:
    """One process, from this side."""

    def __init__(self, settings: ReadingSettings, ahead: bool = False) -> None:
        self.settings = settings
        self.connection, theirs = Pipe()
        their_life, self._life = os.pipe()
        path = json.dumps([os.path.abspath(entry or ".") for entry in sys.path])
        environment = dict(os.environ)
        # One thread each: there are as many workers as processors, and every thread takes address space.
        environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        numbers = [theirs.fileno(), their_life]
        with theirs, open(their_life, "rb", buffering=0):
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM, path, *map(str, (*numbers, settings.memory_mb, int(ahead)))],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # libraries warn of what the report says better
                pass_fds=numbers,
                env=environment,
                start_new_session=True,  # Ctrl-C is for us; and what it starts can be killed with it
            )
        self.task: Task | None = None
        self.used = False  # has ended a task
        self._ready = False
        self._tired = False
        self._said = ""
        self._began = 0.0
        self._sign = 0.0

    @property
    def deadline(self) -> float:
        if not self._ready:
            return self._began + _START_S
        seconds = self.settings.seconds_per_file
        return min(self._sign + seconds, self._began + TOTAL_FACTOR * seconds)

    def begin(self, task: Task, scratch: Path | None) -> None:
        self.task = task
        self._said = ""
        self._began = self._sign = time.monotonic()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # dead: hearing it will say so
            self.connection.send((task.function, task.argument, scratch))

    def hear(self) -> tuple[str, Any]:
        try:
            word, content = self.connection.recv()
        except (EOFError, OSError):
            return "end", self._crash()
        self._sign = time.monotonic()
        if word == "ready":
            self._ready = True
            self._began = self._sign
        elif word == "sign":
            self._said = content
        elif word == "last":
            self._tired = True
            word = "end"
        return word, content

    def must_go(self, outcome: Any) -> bool:
        """It is dead or stuck, or so much stays allocated in it that the next file would find less room than in a new
        one."""
        return self._tired or (isinstance(outcome, Lost) and outcome.cause not in (Cause.REFUSED, Cause.STUMBLED))

    def end(self) -> None:
        self.task = None
        self.used = True

    def lateness(self) -> Lost:
        if not self._ready:
            raise IngestError(
                f"A reading process did not start within {_START_S} s: the machine is too busy. Repeat the command."
            )
        seconds = self.settings.seconds_per_file
        at = f" at {self._said}" if self._said else ""
        if time.monotonic() - self._sign >= seconds:
            reason = f"it took longer than {seconds} s{at}: given up"
            return Lost(Cause.SILENT, f"{reason}. {_REMEDY_TIME}")
        reason = (
            f"it took longer than {TOTAL_FACTOR * seconds} s altogether, and was only{at or ' under way'}: given up"
        )
        return Lost(Cause.ENDLESS, f"{reason}. {_REMEDY_TIME}")

    def kill(self) -> None:
        """Ends the process and all that it started."""
        pid = self._process.pid
        # All before it is waited for, while its number cannot belong to another process.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self.task is not None:
                os.kill(pid, signal.SIGSTOP)  # or it might start another one meanwhile
                for other in _descendants(pid):
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(other, signal.SIGKILL)
            os.killpg(pid, signal.SIGKILL)
        self._process.wait()
        self.connection.close()
        os.close(self._life)

    def _crash(self) -> Lost:
        try:
            status = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)  # leaves the number taken
            code = (
                -status.si_status if status and status.si_code != os.CLD_EXITED else status.si_status if status else 1
            )
        except ChildProcessError:
            code = 1
        if not self._ready:
            raise IngestError(
                f"A reading process could not be started (it ended with status {code}). Run `kb doctor`, and "
                "`make install` if packages are missing."
            )
        how = signal.Signals(-code).name if code < 0 else f"status {code}"
        at = f" at {self._said}" if self._said else ""
        if code == -signal.SIGKILL:
            return Lost(
                Cause.CRASHED,
                f"the system ended its reader{at}, probably because memory ran out. Split the document, or "
                "set ingest.workers lower in settings.toml.",
            )
        return Lost(
            Cause.CRASHED,
            f"its reader crashed{at} ({how}), perhaps because it needed more than {self.settings.memory_mb} MiB. "
            "Get the file again from its source, or save it in another format.",
        )


def _descendants(pid: int) -> list[int]:
    """Processes that a process started, and those that they started; a reader's converter is in a group of its own."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):  # gone meanwhile
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


_REMEDY_TIME = "Split the document, or raise ingest.seconds_per_file in settings.toml."


# --- the worker's side ------------------------------------------------------------------------------------------

_PROGRAM = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from ingest.workers import serve
serve(*map(int, sys.argv[2:]))
"""


def serve(connection_number: int, life_number: int, memory_mb: int, ahead: int) -> None:
    """What a worker does all its life: tasks from the connection, their results back, until it closes.

    `ahead`: there is time before the first task to load what it needs only when it comes to it."""
    _die_with_parent(life_number)
    connection = Connection(connection_number)
    sending = threading.Lock()  # a reader may tell from a thread of its own

    def send(word: str, content: Any) -> None:
        with sending:
            connection.send((word, content))

    readers = importlib.import_module("ingest.readers")
    if ahead:
        readers.warm_up()
    base = _address_space()
    limit, most = base + memory_mb * _MIB, resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        send("ready", None)
        while True:
            function, argument, scratch = connection.recv()
            if scratch is not None:
                os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
            outcome = _do(function, argument, lambda sign: send("sign", sign), memory_mb)
            del argument
            tired = _address_space() > base + memory_mb * _MIB // 2
            send("last" if tired else "end", outcome)
            del outcome
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # nobody is interested any more


def _do(function: str, argument: Any, tell: Callable[[str], None], memory_mb: int) -> Any:
    module, _, name = function.partition(":")
    try:
        return getattr(importlib.import_module(module), name)(argument, tell)
    except (BrokenPipeError, ConnectionResetError):
        raise
    except UnreadableFile as error:
        return Lost(Cause.REFUSED, error.reason)
    except IngestError as error:
        return Lost(Cause.REFUSED, str(error))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return Lost(Cause.NO_ROOM, "there was no room for what was read of it: free some disk space, then repeat.")
        return Lost(Cause.REFUSED, f"it could not be read ({error.strerror or error}); check it and try again.")
    except MemoryError:
        return Lost(
            Cause.MEMORY,
            f"reading it needed more than {memory_mb} MiB. Split the document, or raise ingest.memory_mb in "
            "settings.toml.",
        )
    except Exception as error:
        return Lost(
            Cause.STUMBLED,
            f"its reader stumbled over it ({type(error).__name__}: {str(error)[:200]}): not read. Save it in another "
            "format, and report it as a fault of Koujing.",
        )


def _die_with_parent(life: int) -> None:
    """Has the kernel kill us and all that we started when the parent is gone, however it went.

    The parent alone holds the other end of this pipe and never writes. A thread that waits for its end would not do:
    a regular expression that runs away lets no thread run.
    """
    fcntl.fcntl(life, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(life, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(life, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    if select.select([life], [], [], 0)[0]:  # gone already
        os._exit(1)


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
