"""Reads cases in worker processes with a limit on memory and on silence, and tells what broke."""

from __future__ import annotations

import contextlib
import faulthandler
import hashlib
import multiprocessing
import os
import re
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

from ingest.settings import Reading, ReadingSettings
from tests.ingest.fuzz.mutate import mutated

MEMORY_MB = ReadingSettings().memory_mb  # the limit that files are read under
SILENCE_S = 20  # a loader tells that it is at work every couple of seconds
LARGE_BYTES = 200_000  # seeds beyond this are drawn a hundredth as often: they take many seconds each
SUFFIXES = (
    ".txt",
    ".md",
    ".html",
    ".csv",
    ".pdf",
    ".docx",
    ".xlsx",
    ".xls",
    ".eml",
    ".zip",
    ".doc",
    ".pptx",
    ".rtf",
    "",
)
QUICK = ReadingSettings(ocr=False)
ROOT = Path(__file__).parents[3]
_FAR = 3600.0


@dataclass(frozen=True, slots=True)
class Case:
    """`number` with the run's seed gives the same bytes again."""

    number: int
    name: str
    data: bytes
    origin: str  # the files it was made of and what was done to them
    own: bool  # made of our own files alone


@dataclass(frozen=True, slots=True)
class Outcome:
    number: int
    name: str
    kind: str  # "read", "refused", "refused as a last resort: …", or what broke
    seconds: float
    peak_mb: float
    detail: str = ""

    @property
    def broken(self) -> bool:
        return self.kind != "read" and not self.kind.startswith("refused")


@dataclass(slots=True)
class Summary:
    counts: Counter[str] = field(default_factory=Counter)
    findings: dict[str, tuple[Outcome, Case]] = field(default_factory=dict)  # the first of every kind
    first: dict[str, Outcome] = field(default_factory=dict)  # of every kind, broken or not
    slowest: Outcome | None = None
    largest: Outcome | None = None

    def add(self, outcome: Outcome, case: Case) -> bool:
        """Whether it is a finding of a new kind."""
        self.counts[outcome.kind if not outcome.broken else "broken"] += 1
        if outcome.kind not in self.first:
            self.first[outcome.kind] = outcome
        if self.slowest is None or outcome.seconds > self.slowest.seconds:
            self.slowest = outcome
        if self.largest is None or outcome.peak_mb > self.largest.peak_mb:
            self.largest = outcome
        if not outcome.broken or outcome.kind in self.findings:
            return False
        self.findings[outcome.kind] = (outcome, case)
        return True


def cases(seeds: Mapping[str, bytes], own: frozenset[str], seed: int, numbers: Iterable[int]) -> Iterator[Case]:
    """`own`: names of the seeds that were written for these tests."""
    names = sorted(seeds)
    weights = [1.0 if len(seeds[name]) < LARGE_BYTES else 0.01 for name in names]
    for number in numbers:
        random = Random(f"{seed}:{number}")
        first, second = random.choices(names, weights, k=2)
        suffix = Path(first).suffix
        if random.random() < 0.3:  # splices of one kind are more often still that kind
            alike = [name for name in names if name.endswith(suffix) and len(seeds[name]) < LARGE_BYTES]
            second = random.choice(alike) if alike else second
        data, done = mutated(seeds[first], random, seeds[second])
        name = f"case{suffix}" if random.random() < 0.93 else f"case{random.choice(SUFFIXES)}"
        yield Case(number, name, data, f"{first} {done} ({second})", first in own and second in own)


def check(data: bytes, name: str, reading: Reading) -> str:
    """Reads, cuts and looks for metadata; "read", "refused…" or the promise that was broken. Raises what breaks."""
    from ingest import metadata
    from ingest.errors import IngestError
    from ingest.loaders import load
    from ingest.structure import cut

    try:
        extract = load(data, name, reading)
        divided = cut(extract)
        broken = broken_promise(extract, divided)
        if broken:
            return broken
        metadata.find(extract, name, divided.drafts)
    except IngestError as error:
        if not str(error):
            return "an error without a word"
        # the door's last resort: allowed, but someone should have foreseen it
        foreseen = not re.search(r"could not be read as \w+ \(", str(error)) or error.__cause__ is None
        return "refused" if foreseen else f"refused as a last resort: {signature(error.__cause__)}"
    return "read"


def broken_promise(extract: object, divided: object) -> str:
    """What does not hold of a text and its division; "" where everything does."""
    text: str = extract.text  # type: ignore[attr-defined]
    last = 0
    for part in sorted((*divided.drafts, *divided.gaps), key=lambda part: part.start):  # type: ignore[attr-defined]
        if not last <= part.start < part.end <= len(text):
            return "promise: a clause or gap overlaps another or is empty"
        if text[last : part.start].strip(BLANK):
            return "promise: text in no clause and no gap"
        last = part.end
    if text[last:].strip(BLANK):
        return "promise: text in no clause and no gap"
    for name in ("rows", "headings", "footnotes", "boxes"):
        if any(not 0 <= span.start <= span.end <= len(text) for span in getattr(extract, name)):
            return f"promise: a span of {name} lies outside the text"
    return ""


# white space to Python, and what has no width
BLANK = "".join(c for c in map(chr, range(0x3001)) if c.isspace()) + "\u200b\u200c\u200d\u2060\ufeff"


# --- workers ---------------------------------------------------------------------------------------------------


def run(
    todo: Iterable[Case],
    workers: int = 1,
    settings: ReadingSettings = QUICK,
    soffice: bool = False,
    seconds: float = _FAR,
    told: Callable[[Outcome, Case, bool], None] = lambda outcome, case, new: None,
) -> Summary:
    """Runs until the cases or the `seconds` are spent."""
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))  # the new processes import this file by its name
    context = multiprocessing.get_context("spawn")
    summary, ends = Summary(), time.monotonic() + seconds
    todo = iter(todo)
    pool = [_Worker(context, settings, soffice) for _ in range(workers)]
    try:
        for worker in pool:
            _next(worker, todo, ends)
        while any(worker.case for worker in pool):
            wait([worker.pipe for worker in pool if worker.case], timeout=0.5)
            for worker in pool:
                if (case := worker.case) is None:
                    continue
                if (outcome := worker.outcome()) is None:
                    continue
                told(outcome, case, summary.add(outcome, case))
                _next(worker, todo, ends)
    finally:
        for worker in pool:
            worker.stop()
    return summary


def _next(worker: _Worker, todo: Iterator[Case], ends: float) -> None:
    case = next(todo, None) if time.monotonic() < ends else None
    worker.give(case)


class _Worker:
    """A process that reads one case after the other; started anew when it died or had to be ended."""

    def __init__(self, context: multiprocessing.context.SpawnContext, settings: ReadingSettings, soffice: bool) -> None:
        self._context, self._settings, self._soffice = context, settings, soffice
        self.case: Case | None = None
        self._heard = 0.0
        self._heard_at = 0.0  # seconds of the processor
        self._begun = 0.0
        self._start()

    def _start(self) -> None:
        self.pipe, theirs = self._context.Pipe()
        self._stack = tempfile.NamedTemporaryFile(prefix="stack-")  # noqa: SIM115 (closed with the worker)
        self._process: BaseProcess = self._context.Process(
            target=_work, args=(theirs, self._settings, self._soffice, self._stack.name), daemon=True
        )
        self._process.start()
        theirs.close()
        self._warm = False

    def give(self, case: Case | None) -> None:
        self.case = case
        if case is not None:
            self._begun = self._heard = time.monotonic()
            self._heard_at = _spent_s(self._process.pid)
            self.pipe.send((case.number, case.name, case.data))

    def outcome(self) -> Outcome | None:
        """What came of the case; None while it is being read."""
        case = self.case
        assert case is not None
        limit = SILENCE_S if self._warm else SILENCE_S + 60  # the first case waits for the imports
        spent = _spent_s(self._process.pid)
        try:
            while self.pipe.poll():
                message = self.pipe.recv()
                self._warm, self._heard, self._heard_at = True, time.monotonic(), spent
                if isinstance(message, Outcome):
                    return message
        except (EOFError, OSError):
            self._process.join()
            return self._again(
                case, f"the process died with exit code {self._process.exitcode}: {Path(case.name).suffix}"
            )
        # time of the processor, so that a busy machine finds nothing; and of the clock, for one that waits for ever
        if spent - self._heard_at > limit or time.monotonic() - self._heard > 10 * limit:
            self._process.kill()
            self._process.join()
            return self._again(case, f"silent for more than {SILENCE_S} s{self._place()}: {Path(case.name).suffix}")
        return None

    def _place(self) -> str:
        """The innermost of our own functions that the worker was in shortly before it was ended."""
        stack = Path(self._stack.name).read_text(errors="replace").split("Timeout (")[-1]
        ours = re.findall(r'File "[^"]*/ingest/([^"]*)", line \d+ in (\w+)', stack)
        return f" in {ours[0][0]}:{ours[0][1]}" if ours and "tests" not in ours[0][0] else ""

    def _again(self, case: Case, kind: str) -> Outcome:
        self._stack.seek(0)
        stack = self._stack.read().decode(errors="replace").split("Timeout (")[-1]
        self._stack.close()
        self._start()
        return Outcome(case.number, case.name, kind, time.monotonic() - self._begun, 0, stack[:3000])

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self.pipe.close()
        self._stack.close()


def _spent_s(pid: int | None) -> float:
    """Seconds of the processor that a process has had; by the clock where nothing tells."""
    try:
        times = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    except (OSError, IndexError):
        return time.monotonic()
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def _work(pipe: Connection, settings: ReadingSettings, soffice: bool, stack_file: str) -> None:
    if not soffice:
        os.environ["PATH"] = os.devnull  # its formats are then refused, which takes no seconds
    check(b"First words.", "warm.txt", Reading(settings))
    pipe.send("warm")
    limit = MEMORY_MB * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    stack = open(stack_file, "w")  # noqa: SIM115 (open as long as the process lives)
    faulthandler.enable(stack)

    def tell(sign: str) -> None:
        faulthandler.dump_traceback_later(SILENCE_S - 2, repeat=True, file=stack)
        pipe.send(sign)

    while True:
        try:
            number, name, data = pipe.recv()
        except (EOFError, OSError):
            return
        peak, begun = _Peak(), time.monotonic()
        kind = detail = ""
        try:
            tell("begun")
            kind = check(data, name, Reading(settings, tell))
        except Exception as error:  # every exception that gets here is what is being looked for
            kind, detail = signature(error), traceback.format_exc()[-3000:]
        faulthandler.cancel_dump_traceback_later()
        pipe.send(Outcome(number, name, kind, time.monotonic() - begun, peak.mb(), detail))


def signature(error: BaseException) -> str:
    """The error's kind and the last place in our own code."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/ingest/" in frame.filename and "/tests/" not in frame.filename]
    place = f"{Path(ours[-1].filename).name}:{ours[-1].name}" if ours else "?"
    return f"{type(error).__name__} in {place}"


class _Peak:
    """The most memory that was held at once since it was made."""

    def __init__(self) -> None:
        with contextlib.suppress(OSError):  # no such counter here: then it is the most since the process began
            Path("/proc/self/clear_refs").write_text("5")

    def mb(self) -> float:
        try:
            status = Path("/proc/self/status").read_text()
            return int(status.split("VmHWM:")[1].split()[0]) / 1024
        except (OSError, IndexError):
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- making a finding small ------------------------------------------------------------------------------------


def minimised(case: Case, kind: str, settings: ReadingSettings, seconds: float = 20) -> bytes:
    """Parts left out for as long as the same breaks. In this process: not for cases that end it."""
    ends = time.monotonic() + seconds

    def breaks(data: bytes) -> bool:
        try:
            return check(data, case.name, Reading(settings)) == kind
        except Exception as error:
            return signature(error) == kind

    data = case.data
    if not breaks(data):
        return data
    size = len(data) // 2
    while size and time.monotonic() < ends:
        at = 0
        while at < len(data) and time.monotonic() < ends:
            shorter = data[:at] + data[at + size :]
            if breaks(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data


def file_name(kind: str, case: Case, data: bytes) -> str:
    words = "-".join(part for part in "".join(c if c.isalnum() else " " for c in kind).split())[:60]
    return f"{words}-{hashlib.sha256(data).hexdigest()[:8]}{Path(case.name).suffix}"


def seeds_of(folders: Sequence[Path], max_bytes: int = 3_000_000) -> dict[str, bytes]:
    """The files of folders, by their path, less the largest."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and 0 < path.stat().st_size <= max_bytes:
                found[f"{folder.name}/{path.relative_to(folder)}"] = path.read_bytes()
    return found
