"""What the commands print for people; progress goes to standard error."""

from __future__ import annotations

import contextlib
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from difflib import SequenceMatcher
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from assistant.types import Answer, Citation
from ingest.series import Family, families
from ingest.types import IngestReport, Plan
from kb.audit import Entry
from kb.moments import show_from, show_until
from kb.types import Hit
from ui.listing import doubts
from ui.plain import visible
from ui.web.wording import Words, words_for

_STAGES = {
    "unpack": "Unpacking archives",
    "read": "Reading documents",
    "cut": "Taking shared notices out",
    "embed": "Embedding clauses",
    "compare": "Looking for contradictions",
    "ask": "Asking the questions again",
}
_LINE_S = 10.0  # without a terminal, a stage that makes no tenth of its way says after so long what it is at


@contextlib.contextmanager
def progress() -> Iterator[Shown]:
    """A bar per stage, with what is under way and an estimate; on something that is no terminal, a line now and then."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Shown(_Lines(console).show, None)
        return
    with _Bars(console) as bar:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int, detail: str) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(_STAGES[stage], total=total)
            shown = f"…{detail[-59:]}" if len(detail) > 60 else detail
            bar.update(tasks[stage], completed=done, total=total, description=_STAGES[stage], detail=escape(shown))

        yield Shown(show, bar)


class Shown:
    """Where an ingest's progress goes."""

    def __init__(self, show: Callable[[str, int, int, str], None], bars: Progress | None) -> None:
        self._show = show
        self._bars = bars

    def __call__(self, stage: str, done: int, total: int, detail: str) -> None:
        self._show(stage, done, total, detail)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """While a person is asked something, the bars stand back."""
        if self._bars is not None:
            self._bars.stop()
        yield
        if self._bars is not None:
            self._bars.start()


class _Lines:
    """Progress for logs: a line each tenth of a stage, and one with what is under way where that takes long."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._tenths: dict[tuple[str, int], int] = {}
        self._began: dict[tuple[str, int], float] = {}
        self._last = 0.0

    def show(self, stage: str, done: int, total: int, detail: str) -> None:
        now = time.monotonic()
        step = stage, total  # a stage may have two parts: each has its own pace
        began = self._began.setdefault(step, now)
        tenth = 10 * done // total if total else 10
        if self._tenths.get(step) == tenth and now - self._last < _LINE_S:
            return
        self._tenths[step], self._last = tenth, now
        line = f"{_STAGES[stage]}: {done} of {total}"
        if 0 < done < total:
            line += f", about {_duration((now - began) * (total - done) / done)} left"
        if detail and done < total:
            line += f" ({detail})"
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


@contextlib.contextmanager
def counter(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for one stage: `tick(done, total)`."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, total: None
        return
    with _Bars(console) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class _Bars(Progress):
    """A progress display whose tasks may come without a detail."""

    def __init__(self, console: Console) -> None:
        super().__init__(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[detail]}", style="dim"),
            console=console,
            transient=True,
        )

    def add_task(self, description: str, *args: Any, **fields: Any):
        return super().add_task(description, *args, **{"detail": "", **fields})


def print_ingest_report(report: IngestReport) -> None:
    console = Console(highlight=False)
    plan = report.plan
    for word, style, names in (
        ("added", "green", plan.added),
        ("updated", "yellow", plan.updated),
        ("retired", "red", plan.retired),
        ("moved", "cyan", plan.moved),
    ):
        for name in names:
            console.print(f"[{style}]{word:9}[/] {escape(name)}", soft_wrap=True)
    if plan.unchanged:
        console.print(f"[dim]unchanged {len(plan.unchanged)} documents[/]")
    for skipped in plan.skipped:
        console.print(f"[dim]skipped  [/] {escape(skipped.path)}: {escape(skipped.reason)}", soft_wrap=True)
    if plan.hidden:
        console.print(f"[dim]skipped   {plan.hidden} hidden and system files[/]")
    _print_remarks(console, plan)
    for failure in plan.failed:
        console.print(f"[bold red]failed   [/] {escape(failure.path)}: {escape(failure.reason)}", soft_wrap=True)
    console.print(
        f"Clauses: {report.clauses_added} added, {report.clauses_reused} kept, {report.clauses_retired} gone; "
        f"{report.embedded} texts embedded; {report.seconds:.1f} s."
    )
    for reason in report.refused_because:
        console.print(f"[bold red]refused[/]  {escape(reason)}", soft_wrap=True)
    if report.snapshot is None:
        console.print("There is nothing to publish.")
    elif report.published:
        console.print(f"[bold]{report.snapshot}[/] is published.")
    else:
        all_the_same = " --force --because TEXT" if report.refused_because else ""
        console.print(
            f"[bold]{report.snapshot}[/] is built, not published. To publish it: kb publish {report.snapshot}{all_the_same}",
            soft_wrap=True,
        )


_SHOWN_ANSWERS = 20
_SHOWN_VERSIONS = 6  # of a document
_SHOWN = 10  # of each kind of remark; --json has them all


def _print_remarks(console: Console, plan: Plan) -> None:
    """What to look at in the documents read this time."""
    read = {*plan.added, *plan.updated}
    said = [(document, doubt) for document, found in doubts(plan, read).items() for doubt in found]
    for document, doubt in _some(console, said, "doubts"):
        console.print(f"[yellow]doubt    [/] {escape(document)}: {escape(doubt)}", soft_wrap=True)
    touched = [family for family in families(plan.contents) if family.documents & {*read, *plan.moved}]
    for family in _some(console, touched, "documents with several versions"):
        _print_family(console, family)
    for duplicate in _some(console, plan.duplicates, "pairs of documents that are alike"):
        pair = f"{duplicate.first} ~ {duplicate.second}"
        share = f" ({duplicate.share:.0%} alike)" if duplicate.share < 1 else ""
        console.print(f"[magenta]alike    [/] {escape(pair)}{share}: {escape(duplicate.proposal)}", soft_wrap=True)
    reasons = Counter(item.reason for item in plan.left_out)
    if reasons:
        listed = ", ".join(f"{count} × {reason.replace('_', ' ')}" for reason, count in reasons.most_common())
        documents = len({item.document for item in plan.left_out})
        where = "1 document" if documents == 1 else f"{documents} documents"
        console.print(f"[dim]left out  in {where}: {escape(listed)} (all of it: --json)[/]", soft_wrap=True)


def _print_family(console: Console, family: Family) -> None:
    count = len(family.steps)
    what = "its earlier text stays until the new one begins" if len(family.documents) == 1 else "taken for one document"
    console.print(f"[cyan]versions [/] {escape(family.name)}: {count} versions, {what}", soft_wrap=True)
    if count > _SHOWN_VERSIONS:
        console.print(f"[dim]          … {count - _SHOWN_VERSIONS} earlier ones (all of them: --json)[/]")
    now = datetime.now(UTC)
    for step in family.steps[-_SHOWN_VERSIONS:]:
        state, valid = step.validity.state(now).value.replace("_", " "), step.validity
        dates = "on no day" if valid.never else f"{show_from(valid.first) or '…'} – {show_until(valid.until) or '…'}"
        console.print(f"          {escape(step.version.document)}  {dates}  [dim]{state}[/]", soft_wrap=True)
    for note in family.notes:
        console.print(f"          [yellow]{escape(note)}[/]", soft_wrap=True)


def _some(console: Console, items: Sequence[Any], what: str) -> Iterator[Any]:
    yield from items[:_SHOWN]
    if len(items) > _SHOWN:
        console.print(f"[dim]          … and {len(items) - _SHOWN} more {what} (all of them: --json)[/]")


def print_answer(answer: Answer) -> None:
    """All but the clause in the language of the reasons."""
    console, words = Console(highlight=False), words_for(answer.agent_language)
    if answer.citation is None:
        reason = words.name("reason", answer.reason.value if answer.reason else "unknown")
        console.print(f"[bold yellow]{escape(reason)}[/]\n{escape(answer.why)}", soft_wrap=True)
        if (open_ones := answer.choices) is not None:
            for value in open_ones.values:
                option = shlex.join(["--scope", f"{open_ones.dimension}={value}"])
                console.print(f"  [dim]{words('choice_option')}[/] {escape(option)}", soft_wrap=True)
    else:
        console.print(f"[bold]{escape(_place(answer.citation, words))}[/]", soft_wrap=True)
        console.print(f"[dim]{escape(_standing(answer.citation, words))}[/]", soft_wrap=True)
        if header := answer.citation.clause.context.strip():
            console.print(f"\n[dim]{escape(header)}[/]", soft_wrap=True)
        text = Text(answer.citation.clause.text)
        for start, end in answer.highlights:
            text.stylize("bold reverse" if console.is_terminal else "", start, end)
        console.print(Text("\n").append_text(text).append("\n"), soft_wrap=True)  # whole: never cut at the edge
        if answer.continued:
            header = answer.continued[0].context.strip()
            for line in (*([header] if header else []), *(clause.text for clause in answer.continued)):
                console.print(Text(f"  {line}"), soft_wrap=True)
            console.print()
        console.print(escape(answer.why), soft_wrap=True)
        console.print(f"{words('confidence')} {answer.confidence:.2f}", style="dim")
        _print_replies(console, answer, words)
    for number, alternative in enumerate(answer.alternatives, 1):
        console.print(
            f"[dim]{number}. {escape(_place(alternative.citation, words))} — {escape(alternative.lost_because)}[/]",
            soft_wrap=True,
        )
    console.print(f"[dim]{answer.snapshot} · {answer.timings_ms.get('total', 0):.0f} ms[/]")


def _print_replies(console: Console, answer: Answer, words: Words) -> None:
    for reply in answer.replies:
        about = words("reply_template", template=reply.template)
        tone = f" · {words('reply_tone', tone=reply.tone)}" if reply.tone else ""
        console.print(f"\n[bold]{words('reply')}[/]  [dim]{escape(about + tone)}[/]", soft_wrap=True)
        console.print(Text(reply.text), soft_wrap=True)
        if reply.slots:
            console.print(f"[dim]{escape(words('reply_slots', slots='、'.join(reply.slots)))}[/]", soft_wrap=True)
    if answer.replies and answer.alternatives:
        console.print()


def print_hits(hits: list[Hit]) -> None:
    table = Table(box=None, header_style="dim")
    names = [n for n in ("dense", "sentence", "tokens", "lexical", "reader") if any(n in hit.stages for hit in hits)]
    for column in ("score", *names, "clause"):
        table.add_column(column, justify="left" if column == "clause" else "right", no_wrap=column != "clause")
    for hit in hits:
        stages = [f"{hit.stages[name]:.3f}" if name in hit.stages else "–" for name in names]
        start = " ".join(hit.clause.text.split())[:60]
        where = f"{hit.version.title} · {' › '.join(hit.clause.path)}"
        table.add_row(f"{hit.score:.4f}", *stages, f"{escape(where)}\n[dim]{escape(start)}  {hit.clause.id}[/]")
    Console(highlight=False).print(table)


def print_documents(listing: dict[str, Any]) -> None:
    """Each document with its title, and its versions below it in the order in which they take over."""
    console = Console(highlight=False)
    entries = {entry["document"]: entry for entry in listing["documents"]}
    shown: set[str] = set()
    for entry in listing["documents"]:
        family = entry["series"] or entry["document"]
        if family in shown:
            continue
        shown.add(family)
        several = f"  [dim]{len(entry['versions'])} versions[/]" if len(entry["versions"]) > 1 else ""
        console.print(f"[bold]{escape(family)}[/]  《{escape(entry['title'])}》{several}", soft_wrap=True)
        for version in entry["versions"]:
            console.print(_version_line(version, entries[version["document"]], entry["series"]), soft_wrap=True)
        speaking = next((v for v in entry["versions"] if v["state"] == "in_force"), entry["versions"][-1])
        for clause in entries[speaking["document"]].get("clauses", []):
            console.print(f"    [dim]{clause['id']}[/]  {escape(' › '.join(clause['path']))}", soft_wrap=True)
    if not entries:
        console.print("The base holds no documents.")


def _version_line(version: Mapping[str, Any], entry: Mapping[str, Any], series: str | None) -> str:
    own = [v for v in entry["versions"] if v["document"] == entry["document"]]
    detail = [next(v["authority"] for v in own if v["version"] == version["version"])]
    if len(own) == 1:
        count = entry.get("clause_count", len(entry.get("clauses", [])))
        detail.append(f"{count} clause{'' if count == 1 else 's'}")
    name = f"  {escape(version['document'])}" if series else ""
    return f"    {version['state'].replace('_', ' '):9} {_days(version):23}{name}  [dim]{', '.join(detail)}[/]"


def _days(version: Mapping[str, Any]) -> str:
    if version["never_in_force"]:
        return "on no day"
    return f"{version['effective_from'] or '…'} – {version['effective_to'] or '…'}"


def print_clause(record: dict[str, Any]) -> None:
    console = Console(highlight=False)
    page = f", page {record['page']}" if record["page"] else ""
    console.print(f"[bold]{escape(record['title'])} · {escape(' › '.join(record['path']))}[/]{page}", soft_wrap=True)
    console.print(f"[dim]{escape(record['document'])} [{record['start']}, {record['end']})  {record['id']}[/]")
    console.print(Text(f"\n{record['text']}\n"), soft_wrap=True)
    if record["state"] != "in_force":
        console.print(f"[yellow]This text is not in force: {record['state']}.[/]")
    if record["recognised"] is not None:
        console.print(f"[yellow]read from a picture, confidence {record['recognised']:.0%}[/]")
    for label, title, clause in dict.fromkeys((r["label"], r["title"], r["clause"]) for r in record["references"]):
        where = clause or (f"in {title}" if title else "not found in this document")
        console.print(f"[dim]→ {escape(label)}  {escape(where)}[/]", soft_wrap=True)
    several = len(record["history"]) > 1
    before: str | None = None
    for version in record["history"]:
        line = f"{version['version']}  {version['state'].replace('_', ' '):9} {_days(version)}"
        said = version["clause"]["text"] if version["clause"] else None
        if several:
            news = "not in it" if said is None else "the same words" if said == before else ""
            line += f"  {version['document']}  {news}"
        console.print(escape(line.rstrip()), soft_wrap=True)
        if several and said is not None and said != before:
            console.print(_marked(said, before or said, "green"), soft_wrap=True)
        before = said if said is not None else before


def print_snapshots(listing: dict[str, Any]) -> None:
    console = Console(highlight=False)
    for row in listing["snapshots"]:
        mark = "current" if row["current"] else "earlier" if row["published_before"] else "draft"
        style = "bold green" if row["current"] else "default"
        detail = row.get("damaged") or (
            f"{row['created_at']}  {row['counts']['documents']} documents, {row['counts']['clauses']} clauses"
        )
        console.print(f"{row['id']}  [{style}]{mark:7}[/]  {escape(detail)}", soft_wrap=True)
    if not listing["snapshots"]:
        console.print("There are no snapshots yet. Bring documents in: kb ingest PATH")


def print_diff(report: Mapping[str, Any]) -> None:
    console = Console(highlight=False)
    for word, style in (("added", "green"), ("changed", "yellow"), ("retired", "red")):
        for clause in report[word]:
            where = f"{clause['document']} › {' › '.join(clause['path'])}"
            console.print(f"[{style}]{word:9}[/] {escape(where)}  [dim]{clause['id']}[/]", soft_wrap=True)
            if word == "changed":
                console.print(_marked(clause["before"], clause["text"], "red strike"), soft_wrap=True)
                console.print(_marked(clause["text"], clause["before"], "green"), soft_wrap=True)
    for terms in report["terms"]:
        words = "; ".join(f"{k}: {was} → {terms['after'][k]}" for k, was in terms["before"].items())
        console.print(f"[yellow]terms    [/] {escape(terms['document'])}  {escape(words)}", soft_wrap=True)
    if report["embedder"]:
        console.print(f"[yellow]model    [/] {escape(' → '.join(report['embedder']))}", soft_wrap=True)
    console.print(
        f"From {report['from']} to {report['to']}: clauses {len(report['added'])} added, {len(report['changed'])} "
        f"changed, {len(report['retired'])} retired."
    )
    for decision in report["decisions"]:
        style = "yellow" if decision["state"] in ("suspended", "withdrawn") else "green"
        console.print(
            f"[{style}]{decision['state']:9}[/] {escape(decision['kind'])} {decision['id']}: {escape(decision['text'])}  "
            f"[dim]{' '.join(decision['clauses'])}[/]",
            soft_wrap=True,
        )
    _print_changed_answers(console, report["answers"] or ())
    if report["answers"] is not None:
        console.print(f"{len(report['answers'])} of {report['questions']} answers change.")


def print_changed_answers(outcome: Mapping[str, Any], all_of_them: str) -> None:
    """What the gate's questions came to, on standard error: it stands before a question or a report.

    `all_of_them` is the command that lists them all.
    """
    console = Console(stderr=True, highlight=False)
    changed = outcome["changed"]
    _print_changed_answers(console, changed[:_SHOWN_ANSWERS])
    if len(changed) > _SHOWN_ANSWERS:
        console.print(f"… and {len(changed) - _SHOWN_ANSWERS} more: {all_of_them}", soft_wrap=True)
    console.print(f"{len(changed)} of {outcome['asked']} answers change.")


def _print_changed_answers(console: Console, changes: Sequence[Mapping[str, Any]]) -> None:
    for change in changes:
        source = f"{change['source'].replace('_', ' ')}, " if "source" in change else ""
        console.print(
            f"[bold]{escape(visible(change['question']))}[/]  [dim]{source}{change['cause']}[/]", soft_wrap=True
        )
        for sign, style, answer in (("−", "red", change["before"]), ("+", "green", change["after"])):
            clause = answer["clause"]
            what = f"{clause['document']} › {' › '.join(clause['path'])}" if clause else answer["reason"]
            console.print(
                f"  [{style}]{sign}[/] {escape(str(what))}  [dim]{answer['confidence']:.2f}[/]", soft_wrap=True
            )
        was, now = change["before"]["clause"], change["after"]["clause"]
        if was and now and was["id"] == now["id"]:
            console.print(_marked(was["text"], now["text"], "red strike"), soft_wrap=True)
            console.print(_marked(now["text"], was["text"], "green"), soft_wrap=True)


def _marked(text: str, other: str, style: str) -> Text:
    """`text` on a line of its own, what `other` has not in `style`."""
    shown = Text("    ")
    for kind, start, end, _, _ in SequenceMatcher(None, text, other, autojunk=False).get_opcodes():
        shown.append(text[start:end], style="" if kind == "equal" else style)
    return shown


def print_gaps(gaps: Sequence[Mapping[str, Any]]) -> None:
    console = Console(highlight=False)
    for gap in gaps:
        why = ", ".join(f"{name} {n}" for name, n in {**gap["reasons"], **gap["feedback"]}.items())
        console.print(
            f"{gap['asked']:>5} ×  {escape(gap['question'])}  [dim]{why}, last {gap['last'][:10]}[/]", soft_wrap=True
        )
    if not gaps:
        console.print("Every logged question was answered, and no answer was called wrong.")


def print_stale(rows: Sequence[Mapping[str, Any]]) -> None:
    console = Console(highlight=False)
    for row in rows:
        owner = f"  {row['owner']}" if row["owner"] else ""
        said = f"review was due on {row['review_by']}, {row['days_overdue']} days ago"
        console.print(f"{escape(row['document'])}  《{escape(row['title'])}》{escape(owner)}: {said}", soft_wrap=True)
    if not rows:
        console.print("No document is overdue for review.")


def print_entries(entries: Sequence[Entry], zone: tzinfo) -> None:
    console = Console(highlight=False)
    for entry in entries:
        about = " ".join(part for part in (entry.subject, entry.snapshot) if part)
        console.print(
            f"[dim]{entry.seq:>6}  {show_moment(entry.at, zone)}[/]  {entry.kind:9} {escape(about)}", soft_wrap=True
        )
        body = entry.body
        if entry.kind == "answer":
            said = f"{body['status']}{': ' + body['reason'] if body['reason'] else ''}, {body['confidence']:.2f}"
            console.print(f"        {escape(body['request']['question'])}  [dim]{said}[/]", soft_wrap=True)
        elif body:
            line = ", ".join(f"{key}: {value}" for key, value in body.items())
            console.print(f"        [dim]{escape(line)}[/]", soft_wrap=True)
    if not entries:
        console.print("The audit log has no such entry.")


def show_moment(at: str, zone: tzinfo) -> str:
    """A moment of the log as the base's clocks show it."""
    return f"{datetime.fromisoformat(at).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _place(citation: Citation, words: Words) -> str:
    page = f"  {words('page', page=citation.clause.page)}" if citation.clause.page else ""
    return f"《{citation.version.title}》{' › '.join(citation.clause.path)}{page}"


def _standing(citation: Citation, words: Words) -> str:
    named = [f"{words.name('dimension', key)} {value}" for key, value in sorted(citation.version.scope.items())]
    scope = " · ".join(named) or words("scope_all")
    dates = f"{show_from(citation.effective_from) or '…'} – {show_until(citation.effective_until) or '…'}"
    stands = f"{words('scope_name')} {scope}  {words('effective')} {dates}"
    return f"{citation.clause.document}  {words.name('authority', citation.version.authority)}  {stands}"
