"""`kb`: one subcommand a verb. Parses, calls, prints; heavy imports stay inside the verb that needs them."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kb import moments
from ui import decisions
from ui.plain import visible

if TYPE_CHECKING:
    from assistant.types import Request
    from ingest.workers import Pool
    from kb.home import Home
    from ui.publishing import Checks, Confirm, Examined
    from ui.terminal import Shown

app = typer.Typer(
    name="kb",
    help="Koujing (口径): the one clause that is in force and has the last word, for every agent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="The knowledge base's folder (default: KB_HOME, else .kb).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Answer from what was in force then.")]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="From this day on, in the base's time zone.")
]
YesOption = Annotated[
    bool, typer.Option("--yes", "-y", help="Publish without asking whether changed answers are meant.")
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="OUT.html", help="Write one HTML page that needs nothing else.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Publish even if a check refuses; this is recorded.")]
BecauseOption = Annotated[str, typer.Option("--because", help="The reason that --force records.")]
LanguageOption = Annotated[
    str | None, typer.Option("--language", metavar="CODE", help="zh or en (default: the terminal's).")
]
ScopeOption = Annotated[
    list[str] | None, typer.Option("--scope", metavar="KEY=VALUE", help="Only clauses for this scope; repeatable.")
]

_JSON_BEGINS = re.compile(r'\s*(\[\s*[{"\]]|\{\s*["}])')  # a chat may begin with [10:02] or {订单号}

_home_before_command: Path | None = None


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"koujing {version('koujing')}")
        raise typer.Exit


@app.callback()
def _before(
    home: HomeOption = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    global _home_before_command
    _home_before_command = home


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files or folders; a folder is kept in step.")],
    draft: Annotated[bool, typer.Option("--draft", help="Build the next snapshot, but do not publish it.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Read unchanged files again as well.")] = False,
    force: ForceOption = False,
    because: BecauseOption = "",
    yes: YesOption = False,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Metadata for what is ingested, e.g. authority=law."),
    ] = None,
    prefix: Annotated[
        str, typer.Option("--as", metavar="PREFIX", help="Put before the keys of what is ingested.")
    ] = "",
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on: ingest whenever files change and have settled; Ctrl-C ends it.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring documents in, build the next snapshot, look it over and publish it."""
    base = _home(home)
    with _interruptible(), _readers(base) as readers:  # they load what they need while we do
        from kb import open_embedder

        embedder = open_embedder(base.embedding, ahead=True)
        from ingest import ingest as run
        from ingest import parse_given
        from ui.listing import report_to_json
        from ui.publishing import Checks, decisions_of
        from ui.terminal import print_ingest_report, progress

        metadata = parse_given(given or [])
        asks = not (yes or as_json or draft or force or watch)

        def once() -> bool:
            with progress() as shown:
                checks = Checks(base, embedder, _confirmation(shown) if asks else None, shown)
                report = run(
                    base,
                    paths,
                    embedder,
                    given=metadata,
                    prefix=prefix,
                    draft=draft,
                    full=full,
                    force=_reason(force, because),
                    progress=shown,
                    check=checks,
                    decisions=decisions_of(base),
                    readers=readers,
                )
                if checks.examined is None and report.snapshot:  # nothing changed: what stands in it still does
                    report = replace(report, review=checks.look(report.snapshot).review())
            if as_json:
                _print_json({**report_to_json(report), "checks": _checks_to_json(checks)})
            else:
                _print_checks(checks)
                print_ingest_report(report)
            return not report.plan.failed and (report.published or draft)

        if watch:
            _watch(base, paths, once)
        elif not once():
            raise typer.Exit(1)


def _readers(base: Home) -> Pool:
    from ingest.settings import ReadingSettings
    from ingest.workers import Pool
    from kb.settings import section

    return Pool(section(ReadingSettings, base.tables.get("ingest", {}), "ingest")).ahead()


def _watch(base: Home, paths: list[Path], once: Callable[[], bool]) -> None:
    """Ingests until Ctrl-C; what goes wrong on the way is shown, and watched for further."""
    from ingest.watch import follow
    from kb.errors import Busy

    idle = True

    def ingest() -> None:
        nonlocal idle
        idle = False
        try:
            once()
        except Busy:
            raise
        except Exception as error:
            if not isinstance(error, OSError) and _status_of(error) is None:
                raise
            typer.echo(f"kb: {' '.join(str(error).splitlines())}", err=True)
        idle = True
        typer.echo(f"Watching {', '.join(map(str, paths))}; Ctrl-C ends it.", err=True)

    try:
        follow(paths, ingest, lambda line: typer.echo(f"kb: {line}", err=True), leave_out=base.path)
    except KeyboardInterrupt:
        if not idle:
            raise  # in the middle of an ingest: say what became of it
        typer.echo("kb: watching has ended.", err=True)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C, and a polite request to end, which is taken for it: reading processes end, the base stays as it was."""
    import signal

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:  # here, since the parser of commands would end without a word
        typer.echo("kb: stopped; the base is as it was.", err=True)
        raise typer.Exit(130) from None
    finally:
        signal.signal(signal.SIGTERM, before)


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One file; nothing of it is kept.")],
    member: Annotated[
        str | None, typer.Option("--member", metavar="NAME", help="Of an archive or a message: only this file in it.")
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Metadata, as kb ingest takes it.")
    ] = None,
    clauses: Annotated[bool, typer.Option("--clauses", help="Only a list of the clauses.")] = False,
    page: Annotated[
        int | None, typer.Option("--page", metavar="N", min=1, help="Only this page; in HTML, begin there.")
    ] = None,
    html: HtmlOption = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="zh or en (default: the terminal's).")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what would become of a file: its clauses, its metadata with their evidence, what is left out and why."""
    from ingest import parse_given
    from ingest.preview import look
    from ui import preview as view

    view.check_language(language)
    pictures = range(page or 1, (page or 1) + view.MAX_PICTURES) if html else range(0)
    with view.waiting() as heard:
        members = look(file, _home(home), parse_given(given or []), member=member, picture_pages=pictures, heard=heard)
    words = view.choose_words(language, members)
    if page is not None:
        view.check_page(members, page)
    if html is not None:
        view.write_page(members, html, words, file.name, page or 0)
    if as_json:
        _print_json(view.members_to_json(file, members))
    elif html is not None:
        typer.echo(visible(str(html)))
    else:
        view.print_members(members, words, clauses_only=clauses, page=page)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", help="The question, or a pasted chat.")] = None,
    as_of: AsOfOption = None,
    scope: ScopeOption = None,
    history: Annotated[
        str | None,
        typer.Option("--history", metavar="FILE|-", help="The chat before the question: JSON or 客户：… lines."),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="The language of the reasons.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=0, max=20, help="How many alternatives to give.")] = 3,
    batch: Annotated[Path | None, typer.Option("--batch", metavar="IN.jsonl", help="Answer many questions.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="OUT.jsonl", help="Where their answers go.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question with the one clause that has the last word."""
    from ui.json import answer_to_json

    if (batch is None) != (out is None):
        raise typer.BadParameter("--batch IN.jsonl and --out OUT.jsonl belong together; only one was given.")
    if (question is None) == (batch is None):
        raise typer.BadParameter("Expected one QUESTION, or --batch IN.jsonl --out OUT.jsonl.")
    if batch is not None and (as_of or scope or history or language):
        raise typer.BadParameter("--as-of, --scope, --history and --language belong to one question; with --batch "
                                 "each row has its own as_of, scope, history and language.")  # fmt: skip
    if batch is not None and out is not None:
        from ui.batch import answer_file

        failed = answer_file(_audited(_home(home), "batch"), batch, out)
        if as_json:
            _print_json({"out": str(out), **failed})
        raise typer.Exit(1 if failed["errors"] else 0)
    request = _request(question or "", as_of, scope, language, top, history)
    answer = _audited(_home(home), "cli").ask(request)
    if as_json:
        _print_json(answer_to_json(answer))
    else:
        from ui.terminal import print_answer

        print_answer(answer)


@app.command()
def search(
    query: Annotated[str, typer.Argument(metavar="QUERY")],
    top: Annotated[int, typer.Option("--top", min=1, max=200, help="How many clauses.")] = 10,
    as_of: AsOfOption = None,
    scope: ScopeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the clauses nearest to a query, with each stage's score."""
    from assistant import Assistant
    from ui.listing import hits_to_json

    assistant = Assistant.open(_home(home))
    hits = assistant.search(_request(query, as_of, scope, None, 0, None), top)
    if as_json:
        _print_json(hits_to_json(query, hits, assistant.snapshot))
    else:
        from ui.terminal import print_hits

        print_hits(hits)


@app.command()
def documents(
    clauses: Annotated[bool, typer.Option("--clauses", help="List every document's clauses too.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the documents of the base, with their versions and whether they are in force."""
    from kb.snapshot import Snapshot
    from ui.listing import documents_to_json

    base = _home(home)
    listing = documents_to_json(Snapshot.open(base), base.settings, clauses)
    if as_json:
        _print_json(listing)
    else:
        from ui.terminal import print_documents

        print_documents(listing)


@app.command()
def show(
    clause_id: Annotated[str, typer.Argument(metavar="CLAUSE_ID")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one clause, with its document's versions."""
    from kb.snapshot import Snapshot
    from ui.listing import clause_with_history

    base = _home(home)
    record = clause_with_history(Snapshot.open(base), base.settings, clause_id)
    if as_json:
        _print_json(record)
    else:
        from ui.terminal import print_clause

        print_clause(record)


@app.command()
def snapshots(
    forgotten: Annotated[
        list[str] | None,
        typer.Option("--forget", metavar="ID", help="Delete a past snapshot before its time; repeatable."),
    ] = None,
    because: Annotated[
        str | None, typer.Option("--because", help="Why one goes that answers were given from; this is recorded.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the snapshots on disk; the current one is marked."""
    from ui.listing import snapshots_to_json

    if forgotten:
        from ui.deletion import forget

        forget(_home(home), forgotten, because)
    listing = snapshots_to_json(_home(home))
    if as_json:
        _print_json(listing)
    else:
        from ui.terminal import print_snapshots

        print_snapshots(listing)


@app.command()
def publish(
    snapshot: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Without one: the current documents with today's decisions.")
    ] = None,
    force: ForceOption = False,
    because: BecauseOption = "",
    yes: YesOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a snapshot the one that answers: a named one, or one built now with the rulings, wordings and replies."""
    from kb import open_embedder
    from ui.publishing import Checks, decisions_of, publish_anew, publish_built
    from ui.terminal import progress

    base = _home(home)
    embedder = open_embedder(base.embedding)
    reason = _reason(force, because)
    with _interruptible(), progress() as shown:
        checks = Checks(base, embedder, None if yes or as_json or force else _confirmation(shown), shown)
        if snapshot is None:
            came_to = publish_anew(base, embedder, decisions_of(base), checks, reason, shown)
        else:
            came_to = publish_built(base, snapshot, embedder, checks, reason, decisions_of(base))
    if as_json:
        _print_json(
            {
                "snapshot": came_to.snapshot,
                "published": came_to.published,
                "unchanged": came_to.unchanged,
                "embedded": came_to.embedded,
                "conflicts": len(checks.examined.conflicts) if checks.examined else None,
                "refused_because": list(came_to.refused_because),
                "checks": _checks_to_json(checks),
            }
        )
    else:
        _print_checks(checks)
        for line in came_to.refused_because:
            typer.echo(f"refused   {visible(line)}")
        if came_to.unchanged:
            typer.echo(f"{came_to.snapshot} is published already; nothing has changed.")
        elif came_to.published:
            typer.echo(f"{came_to.snapshot} is published.")
        else:
            typer.echo(f"{came_to.snapshot} is not published.")
    if not came_to.published:
        raise typer.Exit(1)


@app.command()
def rollback(
    snapshot: Annotated[str | None, typer.Argument(metavar="[ID]")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go back to the snapshot published before, or to the named one. Nothing is embedded again."""
    from kb.audit import record_change

    base = _home(home)
    base.require_current()
    with base.writing():
        chosen = snapshot or base.earlier()
        _require_usable(base, chosen)
        left = base.require_current()
        record_change(base, "rollback", chosen)
        base.rollback(chosen)
    if as_json:
        _print_json({"snapshot": chosen, "left": left})
    else:
        typer.echo(f"{chosen} is published again (it was {left}). To undo: kb publish {left}")


@app.command()
def conflicts(
    everything: Annotated[
        bool, typer.Option("--all", help="Also the less likely, the decided, and the duplicates.")
    ] = False,
    snapshot: Annotated[
        str | None, typer.Option("--snapshot", metavar="ID", help="Of this snapshot (default: the current one).")
    ] = None,
    html: HtmlOption = None,
    language: LanguageOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the contradictions between clauses in force, side by side, and what settles them."""
    from rich.console import Console

    from ui import conflicts as view
    from ui.preview import check_language
    from ui.publishing import look
    from ui.terminal import progress

    check_language(language)
    base = _home(home)
    with progress() as shown:
        looked = look(base, snapshot, shown, everything)
    words = view.conflict_words(_language(language))
    if html is not None:
        view.write_page(html, looked.snapshot, looked.settled, words, everything, looked.left_out)
    if as_json:
        _print_json(view.conflicts_to_json(looked.snapshot, looked.settled, everything, looked.left_out))
    elif html is not None:
        typer.echo(visible(str(html)))
    else:
        console = Console(highlight=False)
        view.print_conflicts(console, looked.snapshot, looked.settled, words, everything, looked.left_out)


@app.command()
def verify(
    deleted: Annotated[
        str | None,
        typer.Option("--deleted", metavar="DOCUMENT", help="Instead: that this document has left every live trace."),
    ] = None,
    purge: Annotated[
        bool, typer.Option("--purge", help="With --deleted: first delete decisions about it, and what caches hold.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check every checksum, count, quotation and cross-reference of every snapshot on disk, and the audit log."""
    from kb.audit import Audit
    from kb.errors import KbError
    from kb.snapshot import Snapshot

    base = _home(home)
    if deleted is not None:
        from ui.deletion import run

        raise typer.Exit(run(base, deleted, as_json, purge))
    current = base.require_current()
    checked: list[dict[str, Any]] = []
    for snapshot in base.snapshots():
        row: dict[str, Any] = {"snapshot": snapshot, "current": snapshot == current, "ok": True}
        try:
            row["counts"] = Snapshot.open(base, snapshot).verify()
        except KbError as error:
            row |= {"ok": False, "reason": str(error)}
        checked.append(row)
    if current not in {row["snapshot"] for row in checked}:
        checked.append({"snapshot": current, "current": True, "ok": False, "reason": f"{current} is current, but gone: "
                        "publish another with `kb publish ID`."})  # fmt: skip
    log: dict[str, Any] = {"ok": True}
    try:
        log["entries"] = Audit(base).verify().last
    except KbError as error:
        log |= {"ok": False, "reason": str(error)}
    sound = all(row["ok"] for row in [*checked, log])
    if as_json:
        _print_json({"ok": sound, "snapshots": checked, "audit": log})
    else:
        for row in checked:
            mark = " (current)" if row["current"] else ""
            counts = row.get("counts", {})
            typer.echo(
                f"{row['snapshot']}{mark}: "
                + (
                    f"sound; {counts['documents']} documents, {counts['clauses']} clauses"
                    if row["ok"]
                    else row["reason"]
                )
            )
        typer.echo(f"audit log: {log['entries']} entries, all sealed" if log["ok"] else log["reason"])
    if not sound:
        raise typer.Exit(1)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="A", help="The earlier snapshot.")],
    new: Annotated[str, typer.Argument(metavar="B", help="The later one.")],
    questions: Annotated[
        Path | None, typer.Option("--questions", metavar="FILE", help="Ask both these: a line each, or JSONL.")
    ] = None,
    recent: Annotated[
        int, typer.Option("--recent", metavar="N", min=0, help="Ask both the last N questions of the audit log.")
    ] = 0,
    golden: Annotated[
        bool, typer.Option("--golden", help="Ask both the golden and the must-not-change questions of the settings.")
    ] = False,
    html: HtmlOption = None,
    language: LanguageOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what B has that A has not, and with questions whose answers change, and why."""

    from assistant import Assistant
    from assistant.changes import changed_answers
    from assistant.gate import OnceEmbedded
    from kb import open_embedder
    from kb.audit import Audit
    from kb.diff import diff as compare
    from kb.settings import FILE
    from kb.snapshot import Snapshot
    from ui.errors import UsageError
    from ui.preview import check_language
    from ui.publishing import questions_of
    from ui.review import decisions_changed, diff_to_json, read_questions, recent_questions
    from ui.terminal import counter

    check_language(language)
    base = _home(home)
    requests = read_questions(questions) if questions else []
    if golden:
        requests += [question.request for question in questions_of(base)]
    if recent:
        requests += recent_questions(Audit(base).entries(kind="answer", limit=recent))
    opened = [Snapshot.open(base, name) for name in (old, new)]
    found = compare(*opened)
    answers = None
    if (questions or recent or golden) and not requests:
        raise UsageError(
            "There is no question to ask: expected some in the file of --questions, in the audit log (--recent), or in "
            f"the files that publishing.golden and publishing.must_not_change of {base.path / FILE} name (--golden; "
            "questions/golden.jsonl beside it where nothing is named)."
        )
    if requests:
        embedder = OnceEmbedded(open_embedder(base.embedding))
        before, after = (Assistant.open(base, name, embedder) for name in (old, new))
        now = datetime.now(base.settings.zone())
        with counter("questions") as tick:
            answers = changed_answers(before, after, requests, now, lambda done: tick(done, len(requests)))
    report = diff_to_json(old, new, found, answers, len(requests), decisions_changed(*opened))
    if html is not None:
        from ui.changes import write_page

        write_page(html, report, _language(language))
    if as_json:
        _print_json(report)
    elif html is not None:
        typer.echo(visible(str(html)))
    else:
        from ui.terminal import print_diff

        print_diff(report)


@app.command()
def gaps(
    since: SinceOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the most frequent first.")] = 50,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the questions that got no answer, or one that agents called wrong."""
    from kb.audit import Audit
    from ui.review import gaps as find

    base = _home(home)
    log, first = Audit(base), _first_moment(base, since)
    found = find([*log.entries(kind="answer", since=first), *log.entries(kind="feedback", since=first)])[:limit]
    if as_json:
        _print_json({"gaps": found})
    else:
        from ui.terminal import print_gaps

        print_gaps(found)


@app.command()
def stale(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the documents that are overdue for review."""

    from kb.snapshot import Snapshot
    from ui.review import stale as find

    base = _home(home)
    snapshot = Snapshot.open(base)
    found = find(snapshot, datetime.now(base.settings.zone()))
    if as_json:
        _print_json({"snapshot": snapshot.id, "documents": found})
    else:
        from ui.terminal import print_stale

        print_stale(found)


@app.command()
def audit(
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="What stands in the entry: words, an id, …")] = "",
    kind: Annotated[
        str | None, typer.Option("--kind", help="answer, feedback, publish, rollback, settings or retention.")
    ] = None,
    since: SinceOption = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Up to this day, in the base's time zone.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the newest first.")] = 50,
    check: Annotated[bool, typer.Option("--verify", help="Follow the whole chain of seals instead.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search what was answered and what was changed; --verify proves that nothing was altered."""
    from dataclasses import asdict

    from kb.audit import Audit

    base = _home(home)
    log = Audit(base)
    if check:
        chain = log.verify()
        if as_json:
            _print_json({"ok": True, **asdict(chain)})
        else:
            typer.echo(f"{chain.last - chain.first} entries, all sealed. The newest: {chain.last} {chain.hash or '-'}")
        return
    last = _day("--until", until)
    after = moments.end(last, base.settings.zone()) if last else None
    entries = log.entries(kind=kind, since=_first_moment(base, since), until=after, text=text, limit=limit)
    if as_json:
        _print_json({"entries": [asdict(entry) for entry in entries]})
    else:
        from ui.terminal import print_entries

        print_entries(entries, base.settings.zone())


@app.command()
def replay(
    answer_id: Annotated[str, typer.Argument(metavar="ANSWER_ID")], home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Give a logged answer again, from the snapshot and settings of that time; exit 1 if its bytes differ."""
    from ui.audited import replay as run
    from ui.json import answer_to_json

    base = _home(home)
    again = run(base, answer_id)
    if as_json:
        _print_json({"same": again.same, "at": again.entry.at, "program": again.entry.body["program"],
                     "answer": answer_to_json(again.answer)})  # fmt: skip
    else:
        from ui.terminal import print_answer, show_moment

        print_answer(again.answer)
        said = "the same, byte for byte" if again.same else (
            f"NOT the same bytes: then clause {again.entry.body['clause']} with confidence "
            f"{again.entry.body['confidence']:.2f}, by version {again.entry.body['program']}"
        )  # fmt: skip
        typer.echo(f"Answered at {show_moment(again.entry.at, base.settings.zone())}: {said}.")
    if not again.same:
        raise typer.Exit(1)


@app.command("eval")
def evaluate(
    suites: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SUITE…", help="Shipped suites by name (sample, or a part: sample.dated), or JSONL files."
        ),
    ] = None,
    gate: Annotated[bool, typer.Option("--gate", help="Exit 1 if a threshold does not hold.")] = False,
    thresholds: Annotated[
        Path | None, typer.Option("--thresholds", metavar="FILE", help="For --gate (default: the shipped ones).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Keep figures, every case's result and an HTML report.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="DIR", help="Compare with this run (default: the one in --out).")
    ] = None,
    noise: Annotated[
        int | None, typer.Option("--noise", metavar="SEED", help="Also ask every question with noise of each kind.")
    ] = None,
    noise_cases: Annotated[
        int, typer.Option("--noise-cases", metavar="N", min=1, help="How many questions --noise asks, of each kind.")
    ] = 100,
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Also ask LlamaIndex's default pipeline, dense, BM25 and their fusion.")
    ] = False,
    ingredients: Annotated[
        bool, typer.Option("--ingredients", help="Also measure the ranking without each of its ingredients.")
    ] = False,
    determinism: Annotated[
        bool, typer.Option("--determinism", help="Also ask a sample in other processes: the same bytes?")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure accuracy, consistency, abstention, calibration and latency with questions whose clauses are known."""
    from eval.verb import Wanted
    from eval.verb import evaluate as run
    from ui.terminal import counter

    wanted = Wanted(
        suites=tuple(suites or ["sample"]),
        gate=gate,
        thresholds=thresholds,
        out=out,
        against=against,
        noise=noise,
        noise_cases=noise_cases,
        baselines=baselines,
        ingredients=ingredients,
        determinism=determinism,
    )
    done = run(_home(home), wanted, counter, lambda line: typer.echo(f"kb: {line}", err=True))
    if as_json:
        _print_json(done.run.summary)
        for check in done.failed:
            typer.echo(f"kb: {check.line}", err=True)
    else:
        from eval.report import print_table

        print_table(done.run, done.comparison, done.checks)
    if done.failed:
        raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")] = 7860,
    home: HomeOption = None,
) -> None:
    """Start the agent's desk and the REST API; prints the address when they are ready."""
    from ui.server import run

    run(_home(home), host, port)


@app.command()
def doctor(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Look the installation and the base over; changes nothing."""
    from ui.doctor import examine

    findings = examine(_home_path(home))
    if as_json:
        _print_json({"checks": [finding.to_json() for finding in findings]})
    else:
        for finding in findings:
            typer.echo(f"{finding.severity:7} {finding.check}: {finding.found}")
            if finding.remedy:
                typer.echo(f"{'':7} → {finding.remedy}")
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(1)


app.add_typer(decisions.rulings, name="ruling")
app.add_typer(decisions.wordings, name="wording")
app.add_typer(decisions.replies, name="reply")


def main() -> None:
    """The `kb` command: known errors are one line on standard error, never a traceback."""
    # A base is some hundred thousand objects that stay: looking among them for rubbish again and again, and once more
    # at the end, took a seventh of a publish.
    gc.set_threshold(200_000)
    try:
        with _known_errors():
            app()
    finally:
        gc.freeze()


@contextlib.contextmanager
def _known_errors() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("kb: stopped; the base is as it was.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left: no noise at exit
        sys.exit(1)
    except OSError as error:  # what no package names better: a file without permission, a failing disk
        typer.echo(f"kb: {visible(_disk_trouble(error))} Mend it and repeat the command.", err=True)
        sys.exit(1)
    except Exception as error:
        if (status := _status_of(error)) is None:
            raise
        line = " ".join(str(error).splitlines())  # one, whatever a library's own says
        typer.echo(f"kb: {visible(line)}", err=True)
        sys.exit(status)


def _disk_trouble(error: OSError) -> str:
    return f"{error.filename or 'A file'} could not be used ({error.strerror or error})."


def _status_of(error: Exception) -> int | None:
    """2 for wrong use, 1 for what was refused, None for a fault of ours.

    Our classes are looked up among the loaded modules: importing them here would cost every command.
    """
    families = {
        2: [("assistant.errors", "BadRequest"), ("ui.errors", "UsageError"), ("ui.errors", "InvalidRequest"),
            ("ingest.errors", "SourceError"), ("ingest.errors", "InvalidMetadata")],
        1: [("kb.errors", "KbError"), ("eval.types", "EvalError"), ("ingest.errors", "IngestError"), ("assistant.errors", "AssistantError"),
            ("ui.errors", "UiError")],
    }  # fmt: skip
    for status, names in families.items():
        for module, name in names:
            family = getattr(sys.modules.get(module), name, None)
            if family is not None and isinstance(error, family):
                return status
    return None


def _home_path(home: Path | None) -> Path:
    return home or _home_before_command or Path(os.environ.get("KB_HOME") or ".kb")


def _audited(home: Home, channel: str) -> Any:
    """The assistant, its answers in the audit log unless the settings say otherwise."""
    from assistant import Assistant

    assistant = Assistant.open(home, rewriting=True)
    if not home.settings.audit_answers:
        return assistant
    from ui.audited import AuditedAssistant

    return AuditedAssistant(assistant, home, channel)


def _home(home: Path | None) -> Home:
    from kb.home import Home

    return Home(_home_path(home))


def _reason(force: bool, because: str) -> str | None:
    return (because.strip() or "no reason given") if force else None


def _confirmation(shown: Shown) -> Confirm | None:
    """Asks the person at the terminal; None where there is none."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def confirm(examined: Examined) -> bool:
        from ui.review import outcome_to_json
        from ui.terminal import print_changed_answers

        with shown.aside():
            print_changed_answers(outcome_to_json(examined.outcome) or {}, examined.compare)
            try:
                return typer.confirm("Publish it?", default=False, err=True)
            except typer.Abort:
                typer.echo(err=True)
                return False

    return confirm


def _checks_to_json(checks: Checks) -> dict[str, Any] | None:
    """What publishing was looked over for; None where nothing was to be published."""
    from ui.conflicts import settled_to_json
    from ui.review import outcome_to_json

    if (examined := checks.examined) is None:
        return None
    opened = examined.opened
    return {
        "snapshot": examined.snapshot,
        "conflicts": [settled_to_json(one, opened) for one in examined.conflicts] if opened else [],
        "answers": outcome_to_json(examined.outcome),
        "notes": list(examined.notes),
    }


def _print_checks(checks: Checks) -> None:
    """Contradictions that stop publishing, side by side, and whose answers change, where nobody was asked."""
    from rich.console import Console

    from ui.conflicts import conflict_words, print_pair
    from ui.review import outcome_to_json
    from ui.terminal import print_changed_answers

    if (examined := checks.examined) is None:
        return
    words = conflict_words(_language(None))
    if (opened := examined.opened) is not None:
        for one in examined.blocking:
            print_pair(Console(highlight=False), one, opened, words)
    if examined.blocking:
        typer.echo(words("then"))
    if examined.changed and not checks.asked:
        print_changed_answers(outcome_to_json(examined.outcome) or {}, examined.compare)
    for note in examined.notes:
        typer.echo(f"note      {visible(note)}", err=True)
    if examined.conflicts and not examined.blocking:
        typer.echo(words("open_ones", count=len(examined.conflicts), snapshot=examined.snapshot))


def _language(chosen: str | None) -> str:
    from ui.preview import choose_words

    return choose_words(chosen, ()).language


def _day(option: str, text: str | None) -> date | None:
    from ui.errors import UsageError

    if not text:
        return None
    with contextlib.suppress(ValueError):
        if not isinstance(day := moments.parse(text), datetime):
            return day
    raise UsageError(f"Found {option} {text!r}, expected a date such as 2026-01-31.")


def _first_moment(base: Home, since: str | None) -> datetime | None:
    day = _day("--since", since)
    return moments.begin(day, base.settings.zone()) if day else None


def _require_usable(base: Home, snapshot: str) -> None:
    """Refuses a damaged snapshot, and one of another embedder, here and not when agents ask; writes nothing."""
    from kb.embedding import embedder_of
    from kb.snapshot import Snapshot

    opened = Snapshot.open(base, snapshot)
    opened.require(embedder_of(opened.embedder, base.embedding))


def _request(
    question: str, as_of: str | None, scope: list[str] | None, language: str | None, top: int, history: str | None
) -> Request:
    from ui.errors import UsageError
    from ui.json import request_from_json
    from ui.web.wording import dimension_named

    pairs = {}
    for pair in scope or []:
        key, equals, value = (part.strip() for part in pair.replace("＝", "=").partition("="))
        if not (equals and key and value):
            raise UsageError(
                f"Found --scope {pair!r}, expected KEY=VALUE, for example platform=桐里集市 or 平台=桐里集市."
            )
        pairs[dimension_named(key)] = value
    request = request_from_json(
        {"question": question, "as_of": as_of, "scope": pairs, "language": language, "top": top}
    )
    return replace(request, history=_history(history)) if history else request


def _history(source: str):
    import json

    from assistant import chat
    from assistant.types import Turn
    from ui.errors import UsageError
    from ui.json import request_from_json

    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--history {source} cannot be read ({error}); expected a UTF-8 text or JSON file.") from error
    try:
        turns = json.loads(text)
    except RecursionError as error:
        raise UsageError(f"--history {source} is nested too deeply; expected a list of {{role, text}}.") from error
    except ValueError as error:
        if _JSON_BEGINS.match(text):
            raise UsageError(
                f"--history {source} begins like JSON but is none ({error}); expected a list of {{role, text}}, or a "
                "chat in 客户：… lines."
            ) from error
        question, before = chat.parse(text)
        return (*before, Turn("customer", question)) if question else ()
    return request_from_json({"question": "?", "history": turns}).history


def _print_json(value: Any) -> None:
    import orjson

    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
