"""`kb preview`: what would become of a file, for a terminal, as JSON, or as one HTML page."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ingest.preview import Member, Preview, Stated
from ingest.types import Gap
from kb.types import Clause
from ui.errors import UsageError
from ui.plain import visible
from ui.web.preview import (
    field_name,
    field_value,
    other_words,
    page,
    place,
    preview_words,
    reference_words,
    said_where,
    share,
    size,
)
from ui.web.wording import LANGUAGES, Words, pick_language

MAX_WIDTH = 100  # a longer line is hard to read
MAX_PICTURES = 30  # pages whose pictures one HTML page holds
MAX_LISTED = 40  # removed texts and notes on a terminal; --json has them all
_COLUMNS = (18, 4, 6, 14)  # label, page, length, id; the beginning takes the rest


def check_language(language: str | None) -> None:
    """Raises UsageError for a language that we do not speak."""
    if language is not None and _spoken(language) is None:
        raise UsageError(f"--language is {language!r}; expected one of {', '.join(LANGUAGES)}.")


def choose_words(language: str | None, members: Sequence[Member]) -> Words:
    """The language that is asked for, else the one the terminal is set to, else the document's."""
    terminal = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    written = [member.preview.content.version.language for member in members if member.preview]
    return preview_words(_spoken(language or "") or _spoken(terminal) or pick_language(None, ",".join(written[:1])))


def _spoken(tag: str) -> str | None:
    """zh_CN.UTF-8, zh-Hans -> zh; None for a language that we do not speak."""
    short = tag.replace("_", "-").partition("-")[0].partition(".")[0].lower()
    return short if short in LANGUAGES else None


def write_page(members: Sequence[Member], out: Path, words: Words, name: str, first_page: int) -> None:
    """One HTML file; it is complete under its name or not there at all."""
    new = out.with_name(f"{out.name}.new")
    new.write_text(page(members, words, name, first_page), encoding="utf-8")
    os.replace(new, out)


def check_page(members: Sequence[Member], number: int) -> None:
    """Raises UsageError for a page that none of the files has."""
    counts = [len(member.preview.page_starts) for member in members if member.preview]
    if counts and number > max(counts):
        most = max(counts)
        found = f"it has {most}" if most else "it has no pages"
        raise UsageError(
            f"--page is {number}, but {found}." + (f" Expected 1 to {most}." if most else " Leave it out.")
        )


@contextlib.contextmanager
def waiting() -> Iterator[Callable[[str], None]]:
    """Says what is being read while it takes time, on a terminal's standard error; gone when it is done."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda sign: None
        return
    with console.status("") as status:
        yield lambda sign: status.update(Text(visible(sign)))


# --- JSON --------------------------------------------------------------------------------------------------------


def members_to_json(file: Path, members: Sequence[Member]) -> dict[str, Any]:
    """A document's own object; of a container, its members' objects."""
    if len(members) == 1 and members[0].preview and not members[0].inside:
        return {"file": visible(str(file)), **preview_to_json(members[0].preview)}
    return {
        "file": visible(str(file)),
        "members": [
            {"name": member.name, **preview_to_json(member.preview)}
            if member.preview
            else {"name": member.name, "failed": member.reason}
            for member in members
        ],
    }


def preview_to_json(preview: Preview) -> dict[str, Any]:
    version, counts = preview.content.version, preview.counts
    return {
        "document": version.document,
        "version": version.id,
        "kind": preview.kind,
        "bytes": preview.size_bytes,
        "source_sha256": version.source_sha256,
        "title": version.title,
        "language": version.language,
        "pages": len(preview.page_starts) or None,
        "rules_from": preview.rules_from or None,
        "metadata": [_stated_to_json(stated) for stated in preview.metadata],
        "facts": [_stated_to_json(stated) for stated in preview.facts],
        "doubts": list(version.doubts),
        "unread": list(preview.unread),
        "notes": list(version.notes),
        "recognised": {str(page): confidence for page, confidence in sorted(version.recognised.items())},
        "counts": {
            "clauses": len(preview.content.clauses),
            "characters": counts.stored,
            "in_clauses": counts.in_clauses,
            "in_gaps": dict(counts.in_gaps),
            "removed": counts.removed,
        },
        "clauses": [
            clause_to_json(clause, version.recognised.get(clause.page or 0)) for clause in preview.content.clauses
        ],
        "gaps": [{"start": g.start, "end": g.end, "reason": g.reason.value} for g in preview.gaps],
        "removed": [{"text": r.text, "reason": r.reason, "where": r.where} for r in preview.removed],
        "footnotes": [{"start": n.start, "end": n.end, "mark": n.mark} for n in preview.footnotes],
        "page_starts": list(preview.page_starts),
        "boxes": [[b.start, b.end, b.page, b.x0, b.y0, b.x1, b.y1] for b in preview.content.boxes],
        "text": version.text,
    }


def clause_to_json(clause: Clause, recognised: float | None) -> dict[str, Any]:
    return {
        "id": clause.id,
        "kind": clause.kind.value,
        "label": clause.label,
        "path": list(clause.path),
        "start": clause.start,
        "end": clause.end,
        "page": clause.page,
        "context": clause.context,
        "references": [
            {"start": r.start, "end": r.end, "label": r.label, "title": r.title, "clause": r.clause}
            for r in clause.references
        ],
        "recognised": recognised,
    }


def _stated_to_json(stated: Stated) -> dict[str, Any]:
    return {
        "field": stated.field,
        "value": stated.value,
        "evidence": stated.evidence,
        "span": list(stated.span) if stated.span else None,
        "overrules": [{"value": other.value, "evidence": other.evidence} for other in stated.overruled],
    }


# --- terminal ----------------------------------------------------------------------------------------------------


def print_members(
    members: Sequence[Member],
    words: Words,
    *,
    clauses_only: bool = False,
    page: int | None = None,
    console: Console | None = None,
) -> None:
    console = console or Console(highlight=False, markup=False, emoji=False)
    if len(members) > 1 or members[0].inside:
        _print_list_of_members(console, members, words)
    for member in members:
        if member.preview is None:
            _say(console, Text(f"{visible(member.name)}: {visible(member.reason)}", "red"))
        elif clauses_only:
            _print_head(console, member.preview, words)
            _print_clauses(console, member.preview, words, page)
        else:
            _print_preview(console, member.preview, words, page)


def _print_list_of_members(console: Console, members: Sequence[Member], words: Words) -> None:
    _heading(console, words("members"))
    for member in members:
        said = (
            words("summary_clauses", count=f"{len(member.preview.content.clauses):,}")
            if member.preview
            else words("member_failed")
        )
        _say(console, Text(f"  {visible(member.name)}  ").append(said, "dim" if member.preview else "red"))
    console.print()


def _print_preview(console: Console, preview: Preview, words: Words, page: int | None) -> None:
    version = preview.content.version
    _print_head(console, preview, words)
    _list(console, words("unread"), preview.unread, words, "red")
    _list(console, words("doubts"), version.doubts, words, "yellow")
    seen = sorted(version.recognised.items())
    _list(
        console,
        words("recognised"),
        [words("recognised_page", page=p, share=share(c)) for p, c in seen],
        words,
        "yellow",
    )
    _print_fields(console, words("metadata"), preview.metadata, words)
    _print_fields(console, words("facts"), preview.facts, words)
    _print_text(console, preview, words, page)
    removed = [
        f"{words.name('removed_reason', r.reason)}{', ' + r.where if r.where else ''}: {' '.join(r.text.split())}"
        for r in preview.removed
    ]
    _list(console, words("removed"), removed, words)
    _list(console, words("notes"), version.notes, words)
    counts = preview.counts
    gaps = ", ".join(f"{words.name('gap', reason)} {chars:,}" for reason, chars in counts.in_gaps.items())
    summary = [
        words("in_clauses", chars=f"{counts.in_clauses:,}"),
        words("in_gaps", chars=f"{sum(counts.in_gaps.values()):,}") + (f" ({gaps})" if gaps else ""),
        *([words("removed_chars", chars=f"{counts.removed:,}")] if counts.removed else []),
    ]
    console.print(Text(" · ".join(summary), "dim"))


def _print_head(console: Console, preview: Preview, words: Words) -> None:
    version = preview.content.version
    parts = [version.document, preview.kind.upper(), size(preview.size_bytes)]
    if preview.page_starts:
        parts.append(words("pages", count=len(preview.page_starts)))
    parts.append(words("summary_clauses", count=f"{len(preview.content.clauses):,}"))
    _say(console, Text(visible(version.title), "bold"))
    _say(console, Text(visible(" · ".join(parts)), "dim"))
    if preview.rules_from:
        _say(console, Text(visible(words("rules_from", file=preview.rules_from)), "dim"))
    console.print()


def _print_fields(console: Console, heading: str, rows: Sequence[Stated], words: Words) -> None:
    if not rows:
        return
    _heading(console, heading)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(style="dim", overflow="fold")
    for row in rows:
        where = [said_where(row.evidence, words), *other_words(row, words)]
        value = field_value(row.field, row.value, words) or "—"
        table.add_row(
            "  " + visible(field_name(row.field, words)), visible(value), visible("; ".join(filter(None, where)))
        )
    console.print(table)
    console.print()


def _print_text(console: Console, preview: Preview, words: Words, page: int | None) -> None:
    """The stored text in its order: a line above every clause, what is in none dimmed, with its reason before it."""
    text = preview.content.version.text
    for block in blocks_of(preview, page):
        if isinstance(block, Clause):
            console.print(_rule(console, block, words), soft_wrap=True)
            shown = Text(visible(block.text))
            for reference in block.references:
                shown.stylize("underline", reference.start - block.start, reference.end - block.start)
            _say(console, shown)
            links = [reference_words(reference, words) for reference in block.references if not reference.clause]
            if links:
                _say(console, Text(visible(f"→ {'; '.join(dict.fromkeys(links))}"), "dim"))
        else:
            reason = words.name("gap", block.reason.value)
            _say(console, Text(f"[{reason}] {visible(text[block.start : block.end])}", "dim"))
    console.print()


def blocks_of(preview: Preview, page: int | None) -> Iterable[Clause | Gap]:
    """Clauses and gaps in the order of the text; with `page`, those that stand on it."""
    blocks: list[Clause | Gap] = sorted([*preview.content.clauses, *preview.gaps], key=lambda block: block.start)
    if page is None:
        return blocks
    edges = [*preview.page_starts, len(preview.content.version.text)]
    first, last = edges[page - 1], edges[page]
    return [block for block in blocks if block.start < last and block.end > first]


def _rule(console: Console, clause: Clause, words: Words) -> Text:
    width = min(console.width, MAX_WIDTH)
    aside = visible(f"{words('page', page=clause.page)} · {clause.id}" if clause.page else clause.id)
    room = width - cell_len(aside) - 8
    label = visible(" ".join(place(clause).split())) or words.name("kind", clause.kind.value)
    label = _cut(label, max(room, 2))
    fill = "─" * max(width - cell_len(label) - cell_len(aside) - 5, 1)
    return Text("── ", "cyan").append(label, "bold cyan").append(f" {fill} ", "cyan").append(aside, "dim")


def _print_clauses(console: Console, preview: Preview, words: Words, page: int | None) -> None:
    beginning = max(min(console.width, MAX_WIDTH) - sum(_COLUMNS) - 2 * len(_COLUMNS), 8)
    names = [words(f"column_{name}") for name in ("clause", "page", "chars")]
    console.print(Text(_columns([*names, words("id"), words("column_beginning")], beginning), "dim"), soft_wrap=True)
    for block in blocks_of(preview, page):
        if isinstance(block, Clause):
            label = place(block) or words.name("kind", block.kind.value)
            start = block.text[: 2 * beginning]
            line = _columns([label, str(block.page or ""), f"{len(block.text):,}", block.id, start], beginning)
            console.print(Text(line), soft_wrap=True)


def _columns(cells: Sequence[str], last: int) -> str:
    sizes = [*_COLUMNS, last]
    cut = [_cut(visible(" ".join(cell.split())), size) for cell, size in zip(cells, sizes, strict=True)]
    padded = [" " * (size - cell_len(cell)) for cell, size in zip(cut, sizes, strict=True)]
    turned = [
        (space + cell if at in (1, 2) else cell + space)
        for at, (cell, space) in enumerate(zip(cut, padded, strict=True))
    ]
    return "  ".join(turned).rstrip()


def _cut(text: str, cells: int) -> str:
    return text if cell_len(text) <= cells else set_cell_size(text, max(cells - 1, 1)).rstrip() + "…"


def _list(console: Console, heading: str, items: Sequence[str], words: Words, style: str = "") -> None:
    if not items:
        return
    _heading(console, heading, style)
    for item in items[:MAX_LISTED]:
        line = visible(item)
        _say(console, Text(f"  {line if len(line) <= 300 else line[:300] + '…'}", style if style == "red" else ""))
    if len(items) > MAX_LISTED:
        _say(console, Text("  " + words("more", count=f"{len(items) - MAX_LISTED:,}"), "dim"))
    console.print()


def _say(console: Console, text: Text) -> None:
    """Folded at a terminal's edge; piped on, a line stays a line."""
    console.print(text, soft_wrap=not console.is_terminal)


def _heading(console: Console, text: str, style: str = "") -> None:
    console.print(Text(visible(text), f"bold {style}".strip()))
