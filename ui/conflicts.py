"""Contradictions and duplicates as people and scripts see them: sentences, JSON, side by side on a terminal, a page."""

from __future__ import annotations

import html
import os
import shlex
import tomllib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.contradictions import Finding, Likeness, Span
from assistant.contradictions.settling import Settled
from kb.moments import EVER, show_from, show_until
from kb.snapshot import Snapshot
from kb.types import Clause
from kb.validity import family_of
from ui.plain import visible
from ui.web.wording import Words, words_for

SIDE_BY_SIDE = 100  # columns from which two texts stand beside each other
MAX_LISTED = 50  # pairs on a terminal; --json and --html have them all


@cache
def conflict_words(language: str) -> Words:
    source = files("ui.web").joinpath("wording", f"conflicts.{language}.toml")
    return Words(language, tomllib.loads(source.read_text(encoding="utf-8")))


# --- sentences and commands ----------------------------------------------------------------------------------------


def sentence(settled: Settled, snapshot: Snapshot) -> str:
    """One contradiction in one line, for a list of reasons."""
    finding = settled.finding
    sides = [
        f"{_name(clause, snapshot)} ({clause.document}, {clause.id})" for clause in (finding.first, finding.second)
    ]
    words = [f"{_cut(finding.first, d.first)} / {_cut(finding.second, d.second)}" for d in finding.differences]
    return (
        f"{sides[0]} and {sides[1]} contradict each other: {'; '.join(words)}. Settle it by supersession, scope or a "
        f"ruling; the commands: kb conflicts --snapshot {snapshot.id}"
    )


def remedies(finding: Finding, snapshot: Snapshot) -> list[tuple[str, str | None]]:
    """(key of the words that say what it means, the command that does it), each of them enough."""
    first, second = finding.first, finding.second
    versions = [snapshot.version_of[clause.version] for clause in (first, second)]
    found: list[tuple[str, str | None]] = []
    if family_of(versions[0]) == family_of(versions[1]):
        found.append(("settle_edit", None))
    else:
        older, newer = sorted(versions, key=lambda version: version.effective_from or EVER)
        found.append(
            (
                "settle_supersedes",
                f"{_again(newer.document, newer.source)} --set {shlex.quote('supersedes=' + older.document)}",
            )
        )
        found.append(("settle_scope", f"{_again(newer.document, newer.source)} --set scope.DIMENSION=VALUE"))
    found.append(("settle_overrides", f"kb ruling add overrides {first.id} {second.id} --because TEXT"))
    found.append(("settle_no_conflict", f"kb ruling add no-conflict {first.id} {second.id} --because TEXT"))
    return found


def _again(document: str, source: str) -> str:
    """The command that brings a document's file in again under the same key."""
    name = Path(source).name
    prefix = document.removesuffix(name).strip("/") if document.endswith(name) else ""
    return f"kb ingest {shlex.quote(source)}" + (f" --as {shlex.quote(prefix)}" if prefix else "")


# --- JSON ----------------------------------------------------------------------------------------------------------


def conflicts_to_json(
    snapshot: Snapshot, settled: Iterable[Settled], all_of_them: bool, left_out: int = 0
) -> dict[str, Any]:
    """The open contradictions, or all of them, and the duplicates. `left_out`: how many open ones are less likely, and
    not among `settled`."""
    settled = list(settled)
    return {
        "snapshot": snapshot.id,
        "less_likely": left_out,
        "conflicts": [
            settled_to_json(one, snapshot)
            for one in settled
            if one.finding.likeness is Likeness.CONTRADICTION and (all_of_them or one.open)
        ],
        "duplicates": [
            {**settled_to_json(one, snapshot), "speaks": one.winner.id if one.winner else None}
            for one in settled
            if one.finding.likeness is Likeness.DUPLICATE
        ],
    }


def settled_to_json(settled: Settled, snapshot: Snapshot) -> dict[str, Any]:
    finding = settled.finding
    return {
        "first": _side_to_json(finding.first, snapshot),
        "second": _side_to_json(finding.second, snapshot),
        "likeness": finding.likeness.value,
        "certain": finding.certain,
        "open": settled.open,
        "blocks": settled.blocks,
        "settled_by": settled.rule.value if settled.rule else None,
        "ruling": settled.ruling,
        "winner": settled.winner.id if settled.winner else None,
        "differences": [
            {"point": d.point.value, "first": [list(s) for s in d.first], "second": [list(s) for s in d.second]}
            for d in finding.differences
        ],
    }


def _side_to_json(clause: Clause, snapshot: Snapshot) -> dict[str, Any]:
    version, validity = snapshot.version_of[clause.version], snapshot.validity[clause.version]
    return {
        "id": clause.id,
        "document": clause.document,
        "title": version.title,
        "label": clause.label,
        "path": list(clause.path),
        "text": clause.text,
        "version": version.id,
        "authority": version.authority,
        "scope": dict(sorted(version.scope.items())),
        "effective_from": show_from(validity.first),
        "effective_to": show_until(validity.until),
    }


# --- a terminal ----------------------------------------------------------------------------------------------------


def print_conflicts(
    console: Console,
    snapshot: Snapshot,
    settled: Sequence[Settled],
    words: Words,
    all_of_them: bool = False,
    left_out: int = 0,
) -> None:
    """Open contradictions with what settles them; with `all_of_them` also the decided ones and the duplicates.
    `left_out` as in `conflicts_to_json`."""
    shown = [one for one in in_order(settled) if all_of_them or one.open]
    for one in shown[:MAX_LISTED]:
        print_pair(console, one, snapshot, words)
    if len(shown) > MAX_LISTED:
        console.print(Text(words("more", count=len(shown) - MAX_LISTED)))
    if not any(one.open for one in settled):
        console.print(Text(words("none")))
    console.print(Text(summary(snapshot, settled, words)), soft_wrap=True)
    if left_out:
        console.print(Text(words("less_likely", count=left_out)), soft_wrap=True)


def print_pair(console: Console, settled: Settled, snapshot: Snapshot, words: Words) -> None:
    finding = settled.finding
    style = "bold red" if settled.blocks else "yellow" if settled.open else "dim"
    console.rule(Text(_state(settled, words), style=style), align="left", style="dim")
    sides = [
        _side(finding.first, snapshot, [s for d in finding.differences for s in d.first], words, console.is_terminal),
        _side(finding.second, snapshot, [s for d in finding.differences for s in d.second], words, console.is_terminal),
    ]
    if console.width >= SIDE_BY_SIDE:
        table = Table.grid(expand=True, padding=(0, 2))
        table.add_column(ratio=1, overflow="fold")
        table.add_column(ratio=1, overflow="fold")
        table.add_row(*sides)
        console.print(table)
    else:
        for side in sides:
            console.print(side, soft_wrap=True)
            console.print()
    for line in _said(settled, snapshot, words):
        console.print(Text(line, style="dim"), soft_wrap=True)
    if settled.open:
        for key, command in remedies(finding, snapshot):
            console.print(
                Text(f"  · {words(key)}" + (f"\n      {_filled(command, words)}" if command else "")), soft_wrap=True
            )
    console.print()


def in_order(settled: Iterable[Settled]) -> list[Settled]:
    """What blocks first, then what is open, what is decided, duplicates; within each by document."""

    def rank(one: Settled) -> tuple[int, str, str, str]:
        kind = 0 if one.blocks else 1 if one.open else 2 if one.finding.likeness is Likeness.CONTRADICTION else 3
        return kind, one.finding.first.document, one.finding.first.id, one.finding.second.id

    return sorted(settled, key=rank)


def summary(snapshot: Snapshot, settled: Sequence[Settled], words: Words) -> str:
    opened = [one for one in settled if one.open]
    duplicates = sum(one.finding.likeness is Likeness.DUPLICATE for one in settled)
    return words(
        "summary",
        snapshot=snapshot.id,
        open=len(opened),
        blocks=sum(one.blocks for one in opened),
        settled=len(settled) - duplicates - len(opened),
        duplicates=duplicates,
    )


def _side(clause: Clause, snapshot: Snapshot, spans: Iterable[Span], words: Words, styled: bool) -> Text:
    shown = Text()
    shown.append(visible(_name(clause, snapshot)), style="bold")
    shown.append(
        f"\n{visible(clause.document)}  {clause.id}\n{visible(_terms(clause, snapshot, words))}\n", style="dim"
    )
    for part, marked in pieces(clause.text, spans):
        part = visible(part)
        shown.append(part if styled or not marked else f"[{part}]", style="bold reverse" if marked else "")
    return shown


def _state(settled: Settled, words: Words) -> str:
    if settled.finding.likeness is Likeness.DUPLICATE:
        return words("duplicate")
    return words("blocks" if settled.blocks else "open" if settled.open else "settled")


def _said(settled: Settled, snapshot: Snapshot, words: Words) -> Iterator[str]:
    """What is known of the pair, a sentence each."""
    finding = settled.finding
    if finding.differences:
        points = dict.fromkeys(words.name("point", d.point.value) for d in finding.differences)
        certainty = words("certain" if finding.certain else "uncertain")
        yield f"{words('differs', points=words('separator').join(points))} · {certainty}"
    if settled.winner is not None:
        if settled.ruling:
            why = words("by_ruling", ruling=settled.ruling)
        else:
            why = words.name("rule", settled.rule.value) if settled.rule else words("by_order")
        title = snapshot.version_of[settled.winner.version].title
        yield visible(words("speaks", title=title, label=settled.winner.label, why=why))
    elif settled.ruling:
        yield words("both_stand", ruling=settled.ruling)


def _terms(clause: Clause, snapshot: Snapshot, words: Words) -> str:
    version, validity = snapshot.version_of[clause.version], snapshot.validity[clause.version]
    scope = ", ".join(f"{key}={value}" for key, value in sorted(version.scope.items())) or words("scope_all")
    dates = words(
        "in_force",
        first=show_from(validity.first) or words("since_ever"),
        last=show_until(validity.until) or words("further_notice"),
    )
    authority = words_for(words.language).name("authority", version.authority)
    return f"{words('authority')}: {authority} · {words('scope')}: {scope} · {dates}"


def _filled(command: str, words: Words) -> str:
    return command.replace("TEXT", f'"{words("because")}"')


def pieces(text: str, spans: Iterable[Span]) -> Iterator[tuple[str, bool]]:
    """The text in runs, and whether each is marked; spans may touch and overlap."""
    at = 0
    for start, end in sorted(spans):
        start = max(start, at)
        if end <= start:
            continue
        if at < start:
            yield text[at:start], False
        yield text[start:end], True
        at = end
    if at < len(text):
        yield text[at:], False


def _name(clause: Clause, snapshot: Snapshot) -> str:
    return f"《{snapshot.version_of[clause.version].title}》{' › '.join(clause.path)}"


def _cut(clause: Clause, spans: Sequence[Span]) -> str:
    """The differing words, each in quotes; where one side lacks them, a dash."""
    return ", ".join(f"“{' '.join(clause.text[start:end].split())}”" for start, end in spans) or "–"


# --- one page ------------------------------------------------------------------------------------------------------


def write_page(
    file: Path, snapshot: Snapshot, settled: Sequence[Settled], words: Words, all_of_them: bool, left_out: int = 0
) -> None:
    """One HTML file; it is complete under its name or not there at all."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(page(snapshot, settled, words, all_of_them, left_out), encoding="utf-8")
    os.replace(new, file)


def page(snapshot: Snapshot, settled: Sequence[Settled], words: Words, all_of_them: bool, left_out: int = 0) -> str:
    """A whole document that asks nobody for anything."""
    shown = [one for one in in_order(settled) if all_of_them or one.open]
    return document(
        words("page_title", snapshot=snapshot.id),
        f"<p>{_plain(summary(snapshot, settled, words))}</p>"
        + (f"<p>{_plain(words('less_likely', count=left_out))}</p>" if left_out else "")
        + ("" if any(one.open for one in settled) else f"<p>{_plain(words('none'))}</p>")
        + "".join(_pair_html(one, snapshot, words) for one in shown),
        words("html_lang"),
    )


def document(title: str, body: str, language: str) -> str:
    """`body` is HTML, `title` text."""
    digest = b64encode(sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">'
        f"<title>{_plain(title)}</title><style>{_STYLE}</style></head><body><h1>{_plain(title)}</h1>{body}</body></html>\n"
    )


def _pair_html(settled: Settled, snapshot: Snapshot, words: Words) -> str:
    finding = settled.finding
    state = "blocks" if settled.blocks else "open" if settled.open else "settled"
    said = "".join(f"<p>{_plain(line)}</p>" for line in _said(settled, snapshot, words))
    ways = ""
    if settled.open:
        items = "".join(
            f"<li>{_plain(words(key))}"
            + (f"<code>{_plain(_filled(command, words))}</code>" if command else "")
            + "</li>"
            for key, command in remedies(finding, snapshot)
        )
        ways = f"<details><summary>{_plain(words('settle'))}</summary><ul>{items}</ul></details>"
    return (
        f'<section class="{state}"><h2>{_plain(_state(settled, words))}</h2><div class="pair">'
        f"{_side_html(finding.first, snapshot, [s for d in finding.differences for s in d.first], words)}"
        f"{_side_html(finding.second, snapshot, [s for d in finding.differences for s in d.second], words)}"
        f"</div>{said}{ways}</section>"
    )


def _side_html(clause: Clause, snapshot: Snapshot, spans: Iterable[Span], words: Words) -> str:
    text = "".join(
        f"<mark>{_plain(part)}</mark>" if marked else _plain(part) for part, marked in pieces(clause.text, spans)
    )
    language = html.escape(snapshot.version_of[clause.version].language)
    return (
        f"<article><h3>{_plain(_name(clause, snapshot))}</h3><p class=meta><bdi>{_plain(clause.document)}</bdi> "
        f'{_plain(clause.id)}<br>{_plain(_terms(clause, snapshot, words))}</p><blockquote lang="{language}">{text}'
        "</blockquote></article>"
    )


def _plain(text: str) -> str:
    return html.escape(visible(text))


_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.6;
  font-family: "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif; }
h1 { font-size: 1.3rem; } h2 { font-size: .95rem; margin: 0 0 .5rem; } h3 { font-size: 1rem; margin: 0; }
section { border: 1px solid #8885; border-left: .3rem solid #888; border-radius: .3rem; padding: .8rem 1rem; margin: 1rem 0; }
section.blocks { border-left-color: #b3372f; } section.open { border-left-color: #c98a00; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1.5rem; }
@media (max-width: 46rem) { .pair { grid-template-columns: 1fr; } }
.meta { color: #777; font-size: .85rem; margin: .2rem 0; }
blockquote { margin: .4rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
mark, ins { background: #fff0b8; color: #1c2127; text-decoration: none; } del { background: #fcdcd9; color: #1c2127; }
code { display: block; overflow-wrap: anywhere; } p { margin: .3rem 0; }
"""
