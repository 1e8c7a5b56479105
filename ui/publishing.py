"""What is looked at before a snapshot goes live, and publishing itself: contradictions, and whose answers change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import contradictions
from assistant.contradictions import Finding
from assistant.contradictions.settling import Settled, settle
from assistant.contradictions.store import kept, load, save, together
from assistant.gate import OnceEmbedded, Outcome, Question, Replayed, Source, Unasked
from assistant.gate import replay as ask_both
from assistant.settings import AssistantSettings
from assistant.types import Answer
from ingest.reindex import Progress
from ingest.types import Review
from kb.audit import Audit, record_change
from kb.decision_log import DecisionLog
from kb.decisions import Decisions
from kb.embedding import Embedder, embedder_of, judging
from kb.errors import DamagedSnapshot, EmbedderMismatch, KbError, NotFound, SettingsError
from kb.home import Home
from kb.retention import tidy
from kb.sayings import read_sayings
from kb.settings import FILE, section
from kb.snapshot import Snapshot, build
from ui.conflicts import in_order, sentence
from ui.review import read_cases, recent_questions

if TYPE_CHECKING:
    from assistant import Assistant


def _setting(default: str | int, help: str):
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True)
class PublishingSettings:
    golden: str = _setting("questions/golden.jsonl", "questions that every publish shows changed answers of: a file")
    must_not_change: str = _setting(
        "questions/must-not-change.jsonl", "questions whose answers no publish may change: a file"
    )
    recent: int = _setting(100, "how many of the last logged questions every publish asks again")

    def __post_init__(self) -> None:
        if not 0 <= self.recent <= 10_000:
            raise SettingsError(f"publishing.recent is {self.recent}, expected 0 to 10000: mend {FILE}.")


@dataclass(frozen=True, slots=True)
class Examined:
    """What the checks of one snapshot came to."""

    snapshot: str
    settled: tuple[Settled, ...] = ()
    outcome: Outcome | None = None  # None: no questions were asked
    refused_because: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    opened: Snapshot | None = None  # what was looked at; None: it could not be opened
    before: str | None = None  # the snapshot whose answers it was compared with

    @property
    def conflicts(self) -> tuple[Settled, ...]:
        return tuple(settled for settled in self.settled if settled.open)

    @property
    def blocking(self) -> tuple[Settled, ...]:
        return tuple(settled for settled in self.settled if settled.blocks)

    @property
    def changed(self) -> tuple[Replayed, ...]:
        return self.outcome.changed if self.outcome else ()

    @property
    def compare(self) -> str:
        """The command that shows all that changes."""
        return f"kb diff {self.before} {self.snapshot} --golden --recent 100"

    def review(self) -> Review:
        return Review(self.refused_because, len(self.conflicts), self.notes)


Confirm = Callable[[Examined], bool]
"""Shows a person which answers change, and asks. Called only where something changes and nothing refuses."""


class Checks:
    """The checks before publishing, in the form that `ingest` calls them. `examined` is what they came to."""

    def __init__(
        self, home: Home, embedder: Embedder, confirm: Confirm | None = None, progress: Progress | None = None
    ) -> None:
        """Reads the question files: what is wrong with them is said before any work is done (UsageError)."""
        self.examined: Examined | None = None
        self.asked = False  # whether a person was
        self._home = home
        self._embedder = embedder
        self._confirm = confirm
        self._progress = progress
        self._questions = questions_of(home)

    def __call__(self, built: Snapshot, current: Snapshot | None) -> Review:
        """Looks the snapshot `built` over, against the one that is current. The caller holds the home's lock.

        A check that fails itself refuses: nothing goes live that was not looked at. Only an earlier snapshot that
        cannot be opened, or not be asked, is passed over, with a note: it is what the new one is the way out of.
        """
        try:
            examined = self._examine(built, current)
        except KbError as error:
            examined = Examined(built.id, refused_because=(f"The checks before publishing could not be made: {error}",))
        except Exception as error:
            what = f"{type(error).__name__}: {' '.join(str(error).split())}"
            examined = Examined(
                built.id, refused_because=(f"The checks before publishing failed ({what}). " + _UNCHECKED,)
            )
        if self._confirm and examined.changed and not examined.refused_because:
            self.asked = True
            if not self._confirm(examined):
                reason = f"{len(examined.changed)} answers would change, and this was not confirmed."
                examined = replace(examined, refused_because=(reason,))
        self.examined = examined
        return examined.review()

    def look(self, snapshot: str) -> Examined:
        """The contradictions alone, of a snapshot that is to stay as it is."""
        looked = look(self._home, snapshot, self._progress)
        return Examined(snapshot, looked.settled, opened=looked.snapshot)

    def _examine(self, new: Snapshot, current: Snapshot | None) -> Examined:
        now = datetime.now(self._home.settings.zone())
        old, notes = (current, ()) if current is not None else self._earlier()
        findings = findings_of(self._home, new, now, old, _step(self._progress, "compare"))
        likeliest = contradictions.likeliest(findings, len(new.clauses))
        settled = settle(likeliest, new, self._home.settings.authorities)
        outcome = None
        recent = self._recent()
        if old is not None and (self._questions or recent):
            embedder = OnceEmbedded(self._embedder)
            try:
                before = self._assistant(old, embedder_of(old.embedder, self._home.embedding, embedder))
            except EmbedderMismatch as error:
                notes = (*notes, f"Answers were not compared with those of {old.id}. {error}")
            else:
                asked = [*self._questions, *recent]
                outcome = ask_both(before, self._assistant(new, embedder), asked, now, _step(self._progress, "ask"))
                notes = (*notes, *(_unasked(u) for u in outcome.unasked if not u.blocks))
        return Examined(
            new.id, settled, outcome, tuple(_refusals(new, settled, outcome)), notes, new, old.id if old else None
        )

    def _earlier(self) -> tuple[Snapshot | None, tuple[str, ...]]:
        """The snapshot that answers now, if any, and what to note where it cannot be looked at."""
        try:
            return (None if self._home.current() is None else Snapshot.open(self._home)), ()
        except (DamagedSnapshot, NotFound) as error:
            return None, (f"Whose answers change is not known, the snapshot before cannot be asked: {error}",)

    def _recent(self) -> list[Question]:
        wanted = self._home_settings().recent
        if not wanted:
            return []
        log = Audit(self._home)
        try:
            entries = log.entries(kind="answer", limit=wanted)
        finally:
            log.close()
        return [Question(request, Source.RECENT, "the audit log") for request in recent_questions(entries)]

    def _home_settings(self) -> PublishingSettings:
        return section(PublishingSettings, self._home.tables.get("publishing", {}), "publishing")

    def _assistant(self, snapshot: Snapshot, embedder: Embedder) -> Assistant:
        from assistant import Assistant

        settings = section(AssistantSettings, self._home.tables.get("assistant", {}), "assistant")
        return Assistant(snapshot, embedder, self._home.settings, settings)


def decisions_of(home: Home) -> Decisions:
    """What maintainers have decided and approved by now, and the rows of their lexicon."""
    sayings = read_sayings(home.path)
    log = DecisionLog(home)
    try:
        return replace(log.decisions(), sayings=sayings)
    finally:
        log.close()


@dataclass(frozen=True, slots=True)
class Looked:
    """What is found in a snapshot, and what of it is settled."""

    snapshot: Snapshot
    settled: tuple[Settled, ...]
    left_out: int  # contradictions to settle that are less likely, and not among these


def look(home: Home, snapshot: str | None, progress: Progress | None = None, everything: bool = False) -> Looked:
    """What is found now, the likeliest or `everything`. `snapshot`: None is the current one, or the newest while none is."""
    if snapshot is None and home.current() is None and (built := home.snapshots()):
        snapshot = built[-1]
    opened = Snapshot.open(home, snapshot)
    now = datetime.now(home.settings.zone())
    findings = findings_of(home, opened, now, progress=_step(progress, "compare"))
    settled = settle(findings, opened, home.settings.authorities)
    likeliest = set(map(id, findings if everything else contradictions.likeliest(findings, len(opened.clauses))))
    left_out = sum(one.open for one in settled if id(one.finding) not in likeliest)
    return Looked(opened, tuple(one for one in settled if id(one.finding) in likeliest), left_out)


def _step(progress: Progress | None, stage: str) -> Callable[[int, int], None] | None:
    return (lambda done, total: progress(stage, done, total, "")) if progress else None


def questions_of(home: Home) -> list[Question]:
    """The golden questions and those whose answers must not change, as the settings name them.

    A file that the settings name themselves must be there; those of the defaults need not.
    """
    table = home.tables.get("publishing", {})
    settings = section(PublishingSettings, table, "publishing")
    found: list[Question] = []
    for name, source in (("must_not_change", Source.MUST_NOT_CHANGE), ("golden", Source.GOLDEN)):
        stated = getattr(settings, name)
        file = home.path / Path(stated).expanduser()
        if not stated or (name not in table and not file.exists()):
            continue
        if not file.exists():
            raise SettingsError(
                f"publishing.{name} is {stated!r}, and {file} is not there: expected a file of questions, paths counted "
                f"from {home.path}. Put it there or mend {FILE}."
            )
        found += read_cases(file, source)
    return found


def findings_of(
    home: Home,
    snapshot: Snapshot,
    now: datetime,
    since: Snapshot | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Finding, ...]:
    """What is found in a snapshot among clauses that are in force together from `now` on; kept for the next time.

    Only what is not in a snapshot whose findings are kept is compared: in `since`, or else in the newest one.
    """
    embedder = judging(snapshot.embedder, home.embedding)
    made_with = "" if embedder is None or embedder.judge is None else embedder.judge.id
    findings = load(home, snapshot, made_with)
    if findings is None:
        before, known = _known(home, since, made_with)
        findings = contradictions.find(
            snapshot, since=before, known=known, progress=progress, now=now, embedder=embedder
        )
        save(home, snapshot, findings, made_with)
    return tuple(finding for finding in findings if together(finding, snapshot, now))


def _known(home: Home, since: Snapshot | None, judge: str) -> tuple[Snapshot | None, tuple[Finding, ...]]:
    """A snapshot whose findings are kept, with these. After going back it is the one that was left."""
    if since is not None and (known := load(home, since, judge)) is not None:
        return since, known
    for name in kept(home):
        try:
            other = Snapshot.open(home, name)
        except KbError:
            continue
        if (known := load(home, other, judge)) is not None:
            return other, known
    return None, ()


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing came to."""

    snapshot: str
    published: bool
    unchanged: bool = False  # it was what answers already: there was nothing to do
    embedded: int = 0
    refused_because: tuple[str, ...] = ()


def publish_anew(
    home: Home,
    embedder: Embedder,
    decisions: Decisions,
    check: Checks,
    force: str | None = None,
    progress: Progress | None = None,
) -> Published:
    """Builds the next snapshot from the documents of the current one and `decisions`, looks it over and publishes it.

    While none is current, from those of the newest draft: the first ingest was refused, and what it was refused for may
    be settled by now. `force`: why it must be published whatever the checks say.
    """
    with home.writing():
        if home.current() is None and (drafts := home.snapshots()):
            draft = Snapshot.open(home, drafts[-1])
            built = build(home, draft.contents(), embedder, draft.roots, None, decisions, draft)
            return _publish(home, built.snapshot, None, check, force, built.embedded)
        home.require_current()
        before = Snapshot.open(home)
        if before.built_as_now(embedder, decisions):
            return Published(before.id, True, unchanged=True)

        def embedding(done: int, total: int) -> None:
            if progress:
                progress("embed", done, total, "")

        built = build(home, before.contents(), embedder, before.roots, embedding, decisions, before)
        return _publish(home, built.snapshot, before, check, force, built.embedded)


def publish_built(
    home: Home,
    snapshot: str,
    embedder: Embedder,
    check: Checks,
    force: str | None = None,
    decisions: Decisions | None = None,
) -> Published:
    """Looks a snapshot on the disk over and publishes it; one that was live before is not looked over again.

    A draft has the `decisions` of the day it was built frozen into it. Where others hold for its texts by now, its
    documents are built anew with these: a ruling on what a draft was refused for lets it through.
    """
    opened = Snapshot.open(home, snapshot)
    opened.require(embedder_of(opened.embedder, home.embedding, embedder))
    with home.writing():
        try:
            pointer = home.current()
        except DamagedSnapshot:
            pointer = None  # publishing is the way out of a damaged pointer
        current = pointer.snapshot if pointer else None
        if snapshot == current or was_live(home, snapshot):
            record_change(home, "publish", snapshot)
            home.publish(snapshot)
            tidy(home)
            return Published(snapshot, True, unchanged=snapshot == current)
        embedded = 0
        if decisions is not None and opened.decisions != decisions.holding(opened.clauses):
            own = embedder_of(opened.embedder, home.embedding, embedder)
            built = build(home, opened.contents(), own, opened.roots, None, decisions, opened)
            opened, embedded = built.snapshot, built.embedded
        return _publish(home, opened, None, check, force, embedded)


def was_live(home: Home, snapshot: str) -> bool:
    """Whether the log says that it was published."""
    log = Audit(home)
    try:
        return any(entry.snapshot == snapshot for entry in log.entries(kind="publish", text=snapshot))
    finally:
        log.close()


def _publish(
    home: Home, built: Snapshot, current: Snapshot | None, check: Checks, force: str | None, embedded: int = 0
) -> Published:
    reasons = check(built, current).refused_because
    snapshot = built.id
    if reasons and force is None:
        return Published(snapshot, False, embedded=embedded, refused_because=reasons)
    # Logged before it is done: a full disk then stops the publish, not its record.
    record_change(home, "publish", snapshot, forced=force if reasons else None, overruled=reasons)
    home.publish(snapshot)
    tidy(home)
    return Published(snapshot, True, embedded=embedded, refused_because=reasons)


_UNCHECKED = (
    "Nothing was published. This is a fault of the program: report it; --force --because TEXT publishes without them."
)


def _refusals(snapshot: Snapshot, settled: Sequence[Settled], outcome: Outcome | None) -> list[str]:
    reasons = [sentence(one, snapshot) for one in in_order(settled) if one.blocks]
    for found in outcome.blocking if outcome else ():
        question = f"The answer to “{found.question.request.question}” ({found.question.where}) must not change: "
        if isinstance(found, Unasked):
            reasons.append(f"{question}the next snapshot cannot be asked it any more. {found.reason}")
        else:
            before, after = (_said(answer) for answer in (found.change.before, found.change.after))
            reasons.append(f"{question}it was {before}, it would be {after} ({found.change.cause}).")
    return reasons


def _said(answer: Answer) -> str:
    if answer.citation is None:
        return f"none ({answer.reason})"
    return f"《{answer.citation.version.title}》{' › '.join(answer.citation.clause.path)}"


def _unasked(unasked: Unasked) -> str:
    question = unasked.question
    return f"{question.where}: {question.request.question!r} was not asked: {unasked.reason}"
