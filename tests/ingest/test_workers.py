"""Reading processes: whatever a file does to one, the others go on, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import IngestError
from ingest.settings import ReadingSettings
from ingest.workers import Cause, Lost, Pool, Task

HOSTILE = """
import os, re, signal, subprocess, time
from ingest.errors import UnreadableFile

def double(argument, tell):
    return 2 * argument

def hang(argument, tell):
    tell("page 3 of 40")
    time.sleep(600)

def runaway(argument, tell):  # holds the interpreter: no thread of the process can run
    re.match(r"(a+)+b", "a" * 60)

def endless(argument, tell):
    page = 0
    while True:
        page += 1
        tell(f"page {page}")
        time.sleep(0.05)

def alive(argument, tell):  # longer than is allowed without a sign, but with signs
    for page in range(argument):
        tell(f"page {page}")
        time.sleep(0.1)
    return "done"

def leave(argument, tell):
    tell("page 2")
    os._exit(3)

def segfault(argument, tell):
    os.kill(os.getpid(), signal.SIGSEGV)

def ended(argument, tell):
    os.kill(os.getpid(), signal.SIGKILL)

def devour(argument, tell):
    return len(bytearray(argument))

def stumble(argument, tell):
    raise IndexError("list index out of range")

def recurse(argument, tell):
    return recurse(argument, tell)

def refuse(argument, tell):
    raise UnreadableFile("a.pdf", "locked with a password")

def vanish(argument, tell):
    open("/nowhere/at/all")

def converter(argument, tell):  # a child in a group of its own, as office programs are started
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    open(argument, "w").write(str(child.pid))
    time.sleep(600)

def helper(argument, tell):  # a child in the worker's own group
    child = subprocess.Popen(["sleep", "600"])
    open(argument, "w").write(f"{os.getpid()} {child.pid}")
    re.match(r"(a+)+b", "a" * 60)

def number(argument, tell):
    return os.getpid()

def imported(argument, tell):
    import sys
    return sorted({name.partition(".")[0] for name in sys.modules})

def surroundings(argument, tell):
    import tempfile
    return tempfile.gettempdir(), os.environ["OMP_NUM_THREADS"], os.getsid(0) == os.getpid()

def slow(argument, tell):
    time.sleep(argument)
    return argument
"""


@pytest.fixture(autouse=True)
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "hostile.py").write_text(HOSTILE)
    monkeypatch.syspath_prepend(tmp_path / "code")


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(ReadingSettings(workers=1, seconds_per_file=1, memory_mb=300)) as pool:
        yield pool


def task(function: str, argument: object = 21) -> Task:
    return Task(function, f"hostile:{function}", argument)


def outcomes(pool: Pool, *tasks: Task) -> dict[str, object]:
    return {done.name: outcome for done, outcome in pool.run(tasks)}


def lost(pool: Pool, *tasks: Task) -> Lost:
    """What became of the first; the worker that doubles after it is sound."""
    ended = outcomes(pool, *tasks, task("double"))
    assert ended["double"] == 42
    outcome = ended[tasks[0].name]
    assert isinstance(outcome, Lost), outcome
    return outcome


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(true, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_a_file_that_hangs_is_given_up_and_named_with_the_place_where_it_was(pool: Pool) -> None:
    found = lost(pool, task("hang"))
    assert found.cause is Cause.SILENT and "longer than 1 s at page 3 of 40" in found.reason
    assert "ingest.seconds_per_file" in found.reason


def test_a_regular_expression_that_runs_away_is_stopped(pool: Pool) -> None:
    assert lost(pool, task("runaway")).cause is Cause.SILENT


def test_signs_of_life_put_the_limit_off_but_not_for_ever(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert outcomes(pool, task("alive", 15)) == {"alive": "done"}
    monkeypatch.setattr("ingest.workers.TOTAL_FACTOR", 2)
    found = lost(pool, task("endless"))
    assert found.cause is Cause.ENDLESS and "longer than 2 s altogether" in found.reason and "page " in found.reason


def test_more_memory_than_is_allowed_is_refused_not_taken(pool: Pool) -> None:
    assert outcomes(pool, task("devour", 200 * 2**20)) == {"devour": 200 * 2**20}
    found = lost(pool, task("devour", 400 * 2**20))
    assert found.cause is Cause.MEMORY and "more than 300 MiB" in found.reason


@pytest.mark.parametrize(
    "function, words", [("leave", "crashed at page 2"), ("segfault", "SIGSEGV"), ("ended", "the system")]
)
def test_a_reader_that_dies_is_named_and_replaced(pool: Pool, function: str, words: str) -> None:
    found = lost(pool, task(function))
    assert found.cause is Cause.CRASHED and words in found.reason


@pytest.mark.parametrize("function, words", [("stumble", "IndexError: list index"), ("recurse", "RecursionError")])
def test_an_error_nobody_foresaw_is_a_reason_and_no_traceback(pool: Pool, function: str, words: str) -> None:
    found = lost(pool, task(function))
    assert found.cause is Cause.STUMBLED and words in found.reason and "\n" not in found.reason


def test_what_a_reader_says_itself_is_the_reason(pool: Pool) -> None:
    assert lost(pool, task("refuse")) == Lost(Cause.REFUSED, "locked with a password")
    assert "No such file" in lost(pool, task("vanish")).reason


def test_a_task_lost_by_a_worker_that_had_read_others_is_tried_in_a_new_one(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "code" / "once.py").write_text(
        "import os, pathlib\n"
        "def crash_once(argument, tell):\n"
        "    mark = pathlib.Path(argument)\n"
        "    if not mark.exists():\n"
        "        mark.touch()\n"
        "        os._exit(1)\n"
        "    return 'read'\n"
    )
    again = Task("again", "once:crash_once", str(tmp_path / "mark"))
    assert outcomes(pool, task("double"), again)["again"] == "read"


def test_a_converter_in_a_group_of_its_own_dies_with_its_worker(pool: Pool, tmp_path: Path) -> None:
    assert lost(pool, task("converter", str(tmp_path / "pid"))).cause is Cause.SILENT
    child = int((tmp_path / "pid").read_text())
    wait_until(lambda: not is_running(child))


def test_leaving_the_pool_leaves_no_process_behind(tmp_path: Path) -> None:
    with Pool(ReadingSettings(workers=2)) as pool:
        pids = [outcome for _, outcome in pool.run([task("number")])]
        running = pool.run([task("converter", str(tmp_path / "pid"))], heard=None)
        with pytest.raises(KeyboardInterrupt):
            _interrupted(running, tmp_path / "pid")
    assert not any(is_running(pid) for pid in pids)
    wait_until(lambda: not is_running(int((tmp_path / "pid").read_text())))


def _interrupted(running: Iterator, written: Path) -> None:
    """Draws from `running` and is interrupted, as by Ctrl-C, once `written` is there."""

    def interrupt(*_: object) -> None:
        if written.exists() and written.read_text():
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
    try:
        next(running)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_readers_die_with_a_command_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path[:] = sys.argv[2:]\n"
        "from ingest.settings import ReadingSettings\n"
        "from ingest.workers import Pool, Task\n"
        "with Pool(ReadingSettings(workers=1)) as pool:\n"
        "    list(pool.run([Task('helper', 'hostile:helper', sys.argv[1])]))\n"
    )
    written = tmp_path / "pids"
    command = subprocess.Popen([sys.executable, "-c", program, str(written), *sys.path])
    wait_until(lambda: written.exists() and len(written.read_text().split()) == 2)
    worker, child = map(int, written.read_text().split())
    command.kill()
    command.wait()
    wait_until(lambda: not is_running(worker) and not is_running(child))


def test_no_more_workers_are_started_than_there_is_work_for() -> None:
    with Pool(ReadingSettings(workers=3)) as pool:
        assert len({outcome for _, outcome in pool.run([task("number")] * 5)}) == 1
        spread = [outcome for _, outcome in pool.run([task("slow", 0.5 + n / 100) for n in range(6)])]
        assert sorted(spread) == [0.5 + n / 100 for n in range(6)]
        assert 1 < len(pool._workers) <= 3


def test_tasks_are_drawn_as_workers_are_free(pool: Pool) -> None:
    drawn = []

    def tasks() -> Iterator[Task]:
        for number in range(4):
            drawn.append(number)
            yield task("double", number)

    for done, (_, outcome) in enumerate(pool.run(tasks()), 1):
        assert outcome == 2 * (done - 1) and len(drawn) <= done + 1


def test_a_worker_holds_neither_model_nor_index_and_is_set_apart(tmp_path: Path) -> None:
    with Pool(ReadingSettings(workers=1), scratch=tmp_path) as pool:
        ended = outcomes(pool, task("imported"), task("surroundings"))
    assert not {"torch", "faiss", "transformers", "tantivy", "gradio", "typer", "rich"} & set(ended["imported"])
    assert ended["surroundings"] == (str(tmp_path), "1", True)


def test_a_worker_that_was_started_ahead_takes_the_first_task(tmp_path: Path) -> None:
    with Pool(ReadingSettings(workers=1)).ahead() as pool:
        [worker] = pool._workers
        pool.scratch = tmp_path
        ended = outcomes(pool, task("number"), task("surroundings"))
    assert ended["number"] == worker._process.pid and ended["surroundings"][0] == str(tmp_path)


def test_a_worker_that_was_started_ahead_for_nothing_ends_with_the_pool() -> None:
    with Pool(ReadingSettings(workers=1)).ahead() as pool:
        pid = pool._workers[0]._process.pid
        assert is_running(pid)
    assert not is_running(pid)


def test_where_there_is_one_processor_none_is_started_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0})
    with Pool(ReadingSettings(workers=1)).ahead() as pool:
        assert not pool._workers


def test_a_worker_that_cannot_start_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.workers._PROGRAM", "raise SystemExit(7)")
    with Pool(ReadingSettings(workers=1)) as pool, pytest.raises(IngestError, match=r"status 7.*kb doctor"):
        list(pool.run([task("double")]))


def test_a_worker_is_ready_in_reasonable_time() -> None:
    began = os.times()
    with Pool(ReadingSettings(workers=1)) as pool:
        assert outcomes(pool, task("double")) == {"double": 42}
    spent = os.times()
    # Processor time: 0.4 s on the machine this was written on, whatever else it was doing.
    assert spent.children_user + spent.children_system - began.children_user - began.children_system < 1.5
