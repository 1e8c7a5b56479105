"""From a preview to HTML: a fragment for any page, and one page that needs nothing else. Pure.

Every text that comes from data is escaped here, once. The fragment carries no script and no style: those are
static/preview.js and static/preview.css, over the colours of static/colours.css.
"""

from __future__ import annotations

import base64
import bisect
import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from ingest.preview import Member, Preview, Stated, boxes_between
from kb.types import Clause, Reference
from ui.plain import UNSEEN, sign, visible
from ui.web.wording import Words, words_for

MAX_CHARS = 2_500_000  # of stored text on one page: Chromium then takes about as many seconds to show it
MAX_LISTED = 200  # removed texts, footnotes, remarks: a list longer than this is read by a program
MAX_LISTED_CHARS = 600  # of one of them


@cache
def preview_words(language: str) -> Words:
    source = files("ui.web").joinpath("wording", f"preview.{language}.toml")
    return Words(language, tomllib.loads(source.read_text(encoding="utf-8")))


def place(clause: Clause) -> str:
    """What a clause is called in the margin: its label, and the item where it is one."""
    last = clause.path[-1] if clause.path else ""
    return " ".join(part for part in (clause.label, last if last != clause.label else "") if part)


def share(part: float) -> str:
    """0.983 -> 98.3%; only what is whole is called 100%."""
    return "100%" if part >= 1 else f"{min(part * 100, 99.9):.1f}%"


def said_where(evidence: str, words: Words) -> str:
    """Where something was said; a value without evidence is the one that counts unless another is given."""
    return words.name("evidence", evidence) if evidence else words("by_default")


def field_name(field: str, words: Words) -> str:
    dimension = field.removeprefix("scope.")
    return words_for(words.language).name("dimension", dimension) if dimension != field else words.name("field", field)


def field_value(field: str, value: str, words: Words) -> str:
    return words_for(words.language).name("authority", value) if field == "authority" else value


# --- the page ----------------------------------------------------------------------------------------------------


def page(members: Sequence[Member], words: Words, name: str, first_page: int = 0) -> str:
    """A whole document that asks nobody for anything: styles, script and pictures are inside."""
    left = MAX_CHARS
    fragments = []
    for number, member in enumerate(members):
        if member.preview is None:
            fragments.append(_failed(member, words, number))
            continue
        fragments.append(
            preview_html(member.preview, words, number=number, max_chars=max(left, 0), first_page=first_page)
        )
        left -= len(member.preview.content.version.text)
    style = _static("colours.css") + _static("preview.css")
    script = _static("preview.js")
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{_digest(style)}'; script-src 'sha256-{_digest(script)}'; base-uri 'none'; form-action 'none'"
    body = f"{_members(members, words) if len(members) > 1 else ''}{''.join(fragments)}"
    return (
        f'<!doctype html>\n<html lang="{words("html_lang")}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">'
        f"<title>{_plain(words('preview_of', name=name))}</title><style>{style}</style></head>"
        f'<body class="pv-page{" pv-many" if len(members) > 1 else ""}">{body}<script>{script}</script></body></html>\n'
    )


def _members(members: Sequence[Member], words: Words) -> str:
    items = []
    for number, member in enumerate(members):
        if member.preview is None:
            aside, state = words("member_failed"), "failed"
        else:
            aside = words("summary_clauses", count=f"{len(member.preview.content.clauses):,}")
            state = "doubtful" if _worries(member.preview) else "read"
        items.append(
            f'<li><button type="button" data-pv-member="{number}" data-state="{state}" '
            f'aria-current="{"true" if number == 0 else "false"}" title="{_plain(member.name)}">'
            f"<span>{_plain(member.name)}</span><small>{_plain(aside)}</small></button></li>"
        )
    return f'<nav class="pv-members"><h2>{words("members")}</h2><ol>{"".join(items)}</ol></nav>'


def _failed(member: Member, words: Words, number: int) -> str:
    return (
        f'<article class="pv pv-failed" data-pv="{number}"{_hidden(number)}><header class="pv-head">'
        f"<h1>{_plain(member.name)}</h1></header>"
        f'<section class="pv-worry pv-bad" role="alert"><h3>{words("unread")}</h3>'
        f"<p>{_plain(member.reason)}</p></section></article>"
    )


# --- the fragment ------------------------------------------------------------------------------------------------


def preview_html(
    preview: Preview, words: Words, *, number: int = 0, max_chars: int = MAX_CHARS, first_page: int = 0
) -> str:
    """One document: the text with its clauses on the left, what was found in it on the right."""
    version = preview.content.version
    return (
        f'<article class="pv" lang="{words("html_lang")}" data-pv="{number}" data-first-page="{first_page}" '
        f'data-none="{_plain(words("search_none"))}" data-at="{_plain(words("search_at", at="{at}", of="{of}"))}"'
        f"{_hidden(number)}>{_header(preview, words)}"
        f'<div class="pv-body"><main class="pv-text" lang="{_plain(version.language)}" tabindex="-1">'
        f"{_text(preview, words, number, max_chars)}</main>"
        f'<aside class="pv-side"><div class="pv-tabs" role="tablist">{_tabs(preview, words)}</div>'
        f'<div class="pv-findings" role="tabpanel">{_findings(preview, words, number)}</div>'
        f'<div class="pv-chosen" role="tabpanel">{_chosen(preview, words)}</div></aside></div></article>'
    )


def _hidden(number: int) -> str:
    return " hidden" if number else ""


def _header(preview: Preview, words: Words) -> str:
    version, counts = preview.content.version, preview.counts
    shape = [preview.kind.upper(), size(preview.size_bytes)]
    if preview.page_starts:
        shape.append(words("pages", count=len(preview.page_starts)))
    summary = [
        words("summary_clauses", count=f"{len(preview.content.clauses):,}"),
        words("summary_chars", count=f"{counts.stored:,}"),
        words("summary_share", share=share(counts.in_clauses / max(counts.stored, 1))),
    ]
    return (
        f'<header class="pv-head"><div class="pv-name"><h1>{_plain(version.title)}</h1>'
        f"<p><bdi>{_plain(version.document)}</bdi>{_dots(shape)}</p></div>"
        f'<p class="pv-sum">{"".join(f"<span>{_plain(part)}</span>" for part in summary)}</p>'
        f'<div class="pv-tools"><span class="pv-find"><input type="search" placeholder="{_plain(words("search"))}" '
        f'aria-label="{_plain(words("search"))}" spellcheck="false"><output role="status"></output></span>'
        f'<button type="button" class="pv-icon" data-pv-do="theme" title="{words("theme")}" '
        f'aria-label="{words("theme")}"><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><circle '
        'cx="8" cy="8" r="6.5" fill="none" stroke="currentColor"/><path d="M8 1.5a6.5 6.5 0 0 1 0 13z" '
        f'fill="currentColor"/></svg></button></div><p class="pv-keys">{words("keys")}</p></header>'
    )


def _tabs(preview: Preview, words: Words) -> str:
    worries = _worries(preview)
    badge = f' <b class="pv-badge">{worries}</b>' if worries else ""
    return (
        f'<button type="button" role="tab" data-pv-tab="findings" aria-selected="true">{words("tab_findings")}{badge}'
        f'</button><button type="button" role="tab" data-pv-tab="chosen" aria-selected="false">{words("tab_clause")}'
        "</button>"
    )


def _worries(preview: Preview) -> int:
    return len(preview.content.version.doubts) + len(preview.unread)


# --- left: the text ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mark:
    """An element laid over a span of the text."""

    start: int
    end: int
    open: str
    close: str


def _text(preview: Preview, words: Words, number: int, max_chars: int) -> str:
    """Blocks in the order of the text; what stands between them is white space, kept but not shown."""
    text, marks = preview.content.version.text, _marks(preview, words, number)
    starts = [mark.start for mark in marks]
    blocks: list[Clause | object] = sorted(
        [*preview.content.clauses, *preview.gaps],
        key=lambda block: block.start,  # type: ignore[attr-defined]
    )
    pieces, done, turn = [], 0, 0
    for at, block in enumerate(blocks):
        start, end = block.start, block.end  # type: ignore[attr-defined]
        if end > max_chars and at:
            pieces.append(_cut_short(preview, words, start))
            return "".join(pieces)
        pieces.append(_between(text, done, start, preview.page_starts, words))
        inner = _runs(text, start, min(end, start + max_chars), marks, starts, preview.page_starts, words)
        if isinstance(block, Clause):
            turn += 1
            pieces.append(_clause(preview, block, inner, words, number, turn))
        else:
            reason = block.reason.value  # type: ignore[attr-defined]
            why = f"{words.name('gap', reason)}: {words.name('gap_why', reason)}"
            pieces.append(
                f'<div class="pv-gap" data-reason="{_plain(reason)}" title="{_plain(why)}"><span class="pv-why">'
                f'{_plain(words.name("gap", reason))}</span><div class="pv-run">{inner}</div></div>'
            )
        done = end
    return "".join(pieces)


def _cut_short(preview: Preview, words: Words, start: int) -> str:
    left = [clause for clause in preview.content.clauses if clause.start >= start]
    chars = len(preview.content.version.text) - start
    return f'<p class="pv-cut">{words("cut_short", chars=f"{chars:,}", clauses=f"{len(left):,}")}</p>'


def _between(text: str, start: int, end: int, page_starts: Sequence[int], words: Words) -> str:
    first, last = bisect.bisect_left(page_starts, start), bisect.bisect_right(page_starts, end - 1)
    rules = "".join(
        f'<div class="pv-rule" data-page="{page + 1}" data-label="{_plain(words("page", page=page + 1))}"></div>'
        for page in range(first, last)
    )
    space = f"<span hidden>{_shown(text[start:end], words)}</span>" if end > start else ""
    return space + rules


def _clause(preview: Preview, clause: Clause, inner: str, words: Words, number: int, turn: int) -> str:
    version = preview.content.version
    confidence = version.recognised.get(clause.page) if clause.page else None
    data = {
        "id": clause.id,
        "kind": words.name("kind", clause.kind.value),
        "path": " › ".join(clause.path),
        "page": clause.page or "",
        "span": f"{clause.start:,} – {clause.end:,}",
        "context": clause.context,
        "seen": words("read_from_picture", share=share(confidence)) if confidence is not None else "",
        "boxes": _box_list(preview, clause),
    }
    attributes = "".join(f' data-{name}="{_plain(str(value))}"' for name, value in data.items() if value != "")
    label = place(clause) or words.name("kind", clause.kind.value)
    return (
        f'<section class="pv-clause{"" if turn % 2 else " pv-even"}" id="pv{number}-{_plain(clause.id)}"{attributes}>'
        f'<a class="pv-label" href="#pv{number}-{_plain(clause.id)}" title="{_plain(" › ".join(clause.path))}">'
        f'{_plain(label)}</a><div class="pv-run">{inner}</div></section>'
    )


def _box_list(preview: Preview, clause: Clause) -> str:
    """`page x y width height` for every line, in points; only where there is a picture to lay it on."""
    shown = {picture.page for picture in preview.pictures}
    if not shown:
        return ""
    found = boxes_between(preview.content.boxes, clause.start, clause.end)
    return ";".join(
        f"{b.page} {b.x0:.0f} {b.y0:.0f} {b.x1 - b.x0:.0f} {b.y1 - b.y0:.0f}" for b in found if b.page in shown
    )


def _marks(preview: Preview, words: Words, number: int) -> list[_Mark]:
    marks = []
    for clause in preview.content.clauses:
        for reference in clause.references:
            title = f' title="{_plain(reference_words(reference, words))}"'
            if reference.clause:
                opening = f'<a class="pv-ref" href="#pv{number}-{_plain(reference.clause)}"{title}>'
                marks.append(_Mark(reference.start, reference.end, opening, "</a>"))
            else:
                marks.append(_Mark(reference.start, reference.end, f'<span class="pv-ref pv-lost"{title}>', "</span>"))
    for at, stated in enumerate((*preview.metadata, *preview.facts)):
        if stated.span:
            marks.append(_Mark(*stated.span, f'<span class="pv-evidence" data-pv-evidence="{at}">', "</span>"))
    for at, note in enumerate(preview.footnotes):
        title = _plain(f"{words('footnotes')} {note.mark}")
        marks.append(
            _Mark(note.start, note.end, f'<span class="pv-note" data-pv-note="{at}" title="{title}">', "</span>")
        )
    return sorted(marks, key=lambda mark: (mark.start, -mark.end))


def _runs(
    text: str,
    start: int,
    end: int,
    marks: Sequence[_Mark],
    starts: Sequence[int],
    page_starts: Sequence[int],
    words: Words,
) -> str:
    """The span escaped, every mark around each run of it that it covers: marks may overlap in any way."""
    inside = list(_overlapping(marks, starts, start, end))
    pages = page_starts[bisect.bisect_right(page_starts, start) : bisect.bisect_left(page_starts, end)]
    if not inside and not pages:
        return _shown(text[start:end], words)
    edges = {start, end, *pages}
    for mark in inside:
        edges |= {max(mark.start, start), min(mark.end, end)}
    pieces = []
    for first, last in _pairs(sorted(edges)):
        if first in pages:
            page = bisect.bisect_right(page_starts, first)
            label = _plain(words("page", page=page))
            pieces.append(f'<span class="pv-turn" data-page="{page}" data-label="{label}"></span>')
        over = [mark for mark in inside if mark.start <= first and last <= mark.end]
        pieces += [mark.open for mark in over]
        pieces.append(_shown(text[first:last], words))
        pieces += [mark.close for mark in reversed(over)]
    return "".join(pieces)


def _overlapping(marks: Sequence[_Mark], starts: Sequence[int], start: int, end: int) -> Iterator[_Mark]:
    """Marks are short, so one that reaches in from before stands among the nearest."""
    last = bisect.bisect_left(starts, end)
    first = max(0, bisect.bisect_left(starts, start) - 64)
    return (mark for mark in marks[first:last] if mark.end > start and mark.start < mark.end)


def _pairs(edges: Sequence[int]) -> Iterable[tuple[int, int]]:
    return zip(edges, edges[1:], strict=False)


# --- right: what was found -----------------------------------------------------------------------------------------


def _findings(preview: Preview, words: Words, number: int) -> str:
    version = preview.content.version
    return "".join(
        [
            _worry("pv-bad", words("unread"), preview.unread),
            _worry("pv-warn", words("doubts"), version.doubts),
            _recognised(preview, words),
            _table(words("metadata"), preview.metadata, 0, words, _document_row(preview, words)),
            _table(words("facts"), preview.facts, len(preview.metadata), words),
            _left_out(preview, words),
            _removed(preview, words),
            _footnotes(preview, words),
            _list(words("notes"), version.notes, words),
        ]
    )


def _worry(kind: str, heading: str, items: Sequence[str]) -> str:
    if not items:
        return ""
    listed = "".join(f"<li>{_plain(item)}</li>" for item in items[:MAX_LISTED])
    return f'<section class="pv-worry {kind}"><h3>{_plain(heading)}</h3><ul>{listed}</ul></section>'


def _recognised(preview: Preview, words: Words) -> str:
    pages = sorted(preview.content.version.recognised.items())
    lines = [words("recognised_page", page=page, share=share(confidence)) for page, confidence in pages]
    return _worry("pv-warn", words("recognised"), lines)


def _document_row(preview: Preview, words: Words) -> str:
    rules = f"<small>{_plain(words('rules_from', file=preview.rules_from))}</small>" if preview.rules_from else ""
    key = _plain(preview.content.version.document)
    return f"<tr><th>{words('document_key')}</th><td><code><bdi>{key}</bdi></code>{rules}</td></tr>"


def _table(heading: str, rows: Sequence[Stated], first: int, words: Words, last_row: str = "") -> str:
    if not rows and not last_row:
        return ""
    body = "".join(_stated(row, at, words) for at, row in enumerate(rows, first))
    return (
        f'<section><h3>{_plain(heading)}</h3><table class="pv-fields"><tbody>{body}{last_row}</tbody></table></section>'
    )


def _stated(row: Stated, at: int, words: Words) -> str:
    where = _plain(said_where(row.evidence, words))
    if row.evidence and row.span:
        where = f'<button type="button" class="pv-where" data-pv-evidence="{at}">{where}</button>'
    else:
        where = f'<small title="{_plain(words("not_in_text"))}">{where}</small>'
    others = "".join(f"<small>{_plain(line)}</small>" for line in other_words(row, words))
    value = _plain(field_value(row.field, row.value, words)) or "—"
    return f"<tr><th>{_plain(field_name(row.field, words))}</th><td><bdi>{value}</bdi>{where}{others}</td></tr>"


def _left_out(preview: Preview, words: Words) -> str:
    spans: dict[str, int] = {}
    for gap in preview.gaps:
        spans[gap.reason.value] = spans.get(gap.reason.value, 0) + 1
    if not spans:
        return f"<section><h3>{words('left_out')}</h3><p>{words('nothing_left_out')}</p></section>"
    rows = "".join(
        f'<li><label title="{_plain(words.name("gap_why", reason))}"><input type="checkbox" checked '
        f'data-pv-reason="{_plain(reason)}"><span>{_plain(words.name("gap", reason))}</span></label>'
        f'<button type="button" data-pv-next="{_plain(reason)}">'
        f"{_plain(words('spans_chars', spans=f'{spans[reason]:,}', chars=f'{chars:,}'))}</button></li>"
        for reason, chars in sorted(preview.counts.in_gaps.items(), key=lambda pair: -pair[1])
    )
    return (
        f'<section><h3>{words("left_out")}</h3><p class="pv-help">{words("left_out_note")}</p>'
        f'<ul class="pv-legend">{rows}</ul></section>'
    )


def _removed(preview: Preview, words: Words) -> str:
    if not preview.removed:
        return ""
    items = "".join(
        f"<li><small>{_plain(words.name('removed_reason', item.reason))}"
        f"{' · ' + _plain(item.where) if item.where else ''}</small>"
        f"<div>{_shown(_short(item.text.strip()), words)}</div></li>"
        for item in preview.removed[:MAX_LISTED]
    )
    return (
        f'<section><h3>{words("removed")}</h3><p class="pv-help">{words("removed_note")}</p>'
        f'<ul class="pv-removed">{items}</ul>{_more(len(preview.removed), words)}</section>'
    )


def _footnotes(preview: Preview, words: Words) -> str:
    if not preview.footnotes:
        return ""
    text = preview.content.version.text
    items = "".join(
        f'<li><button type="button" data-pv-note="{at}">{_plain(_short(text[note.start : note.end]))}</button></li>'
        for at, note in enumerate(preview.footnotes[:MAX_LISTED])
    )
    more = _more(len(preview.footnotes), words)
    return f'<section><h3>{words("footnotes")}</h3><ul class="pv-notes">{items}</ul>{more}</section>'


def _list(heading: str, items: Sequence[str], words: Words) -> str:
    if not items:
        return ""
    listed = "".join(f"<li>{_plain(_short(item))}</li>" for item in items[:MAX_LISTED])
    return f"<section><h3>{_plain(heading)}</h3><ul>{listed}</ul>{_more(len(items), words)}</section>"


def _more(count: int, words: Words) -> str:
    return f'<p class="pv-help">{words("more", count=f"{count - MAX_LISTED:,}")}</p>' if count > MAX_LISTED else ""


def _chosen(preview: Preview, words: Words) -> str:
    """The frame of the chosen clause; preview.js fills it from the clause's own attributes."""
    rows = [("path", "place"), ("kind", "kind_label"), ("page", "column_page"), ("span", "span"), ("id", "id"),
            ("context", "context"), ("references", "references")]  # fmt: skip
    shown = "".join(
        f'<div data-pv-row="{row}" hidden><dt>{_plain(words(key))}</dt><dd></dd></div>' for row, key in rows
    )
    return (
        f'<p class="pv-help pv-none">{words("choose")}</p><div class="pv-card" hidden><h3></h3>'
        f'<p class="pv-seen" hidden></p><dl>{shown}</dl></div>{_pictures(preview, words)}'
    )


def _pictures(preview: Preview, words: Words) -> str:
    if not preview.pictures:
        return ""
    figures = "".join(
        f'<figure data-page="{picture.page}" hidden><img alt="{_plain(words("picture_of", page=picture.page))}" '
        f'decoding="async" width="{picture.width:.0f}" height="{picture.height:.0f}" src="data:{picture.media_type};base64,'
        f'{base64.b64encode(picture.data).decode()}"><svg viewBox="0 0 {picture.width:.0f} {picture.height:.0f}" '
        'preserveAspectRatio="none" aria-hidden="true"></svg></figure>'
        for picture in preview.pictures
    )
    first, last, total = preview.pictures[0].page, preview.pictures[-1].page, len(preview.page_starts)
    some = (
        f'<p class="pv-help">{words("pictures_some", first=first, last=last)}</p>' if last - first + 1 < total else ""
    )
    return (
        f'<div class="pv-pictures"><div class="pv-turns"><button type="button" data-pv-do="earlier" '
        f'title="{words("earlier_page")}" aria-label="{words("earlier_page")}">‹</button>'
        f'<span data-label="{_plain(words("page", page="{page}"))}"></span>'
        f'<button type="button" data-pv-do="later" title="{words("later_page")}" aria-label="{words("later_page")}">›'
        f'</button></div>{figures}<p class="pv-help pv-missing" hidden>{words("picture_missing")}</p>{some}</div>'
    )


# --- small parts -------------------------------------------------------------------------------------------------


def size(count: int) -> str:
    return (
        f"{count:,} B"
        if count < 1024
        else f"{count / 1024:.0f} KB"
        if count < 1 << 20
        else f"{count / (1 << 20):.1f} MB"
    )


def other_words(row: Stated, words: Words) -> list[str]:
    """What else was said of a field, and that it is overruled, or says the same."""
    return [
        words("agrees", where=said_where(other.evidence, words))
        if other.value == row.value
        else words(
            "overrules", value=field_value(row.field, other.value, words), where=said_where(other.evidence, words)
        )
        for other in row.overruled
    ]


def reference_words(reference: Reference, words: Words) -> str:
    if reference.title:
        return words("reference_elsewhere", label=reference.label, title=reference.title)
    return reference.label if reference.clause else words("reference_lost", label=reference.label)


def _dots(parts: Iterable[str]) -> str:
    return "".join(f" · {_plain(part)}" for part in parts)


def _plain(text: str) -> str:
    """For attributes and short texts: escaped, with signs for what cannot be seen."""
    return escape(visible(text))


def _shown(text: str, words: Words) -> str:
    """For running text: as `_plain`, and every sign says in its title what it stands for."""
    return UNSEEN.sub(
        lambda match: (
            f'<i class="pv-unseen" title="{escape(words("control", code=f"U+{ord(match[0]):04X}"))}">'
            f"{sign(match[0])}</i>"
        ),
        escape(text),
    )


def _short(text: str) -> str:
    return text if len(text) <= MAX_LISTED_CHARS else text[:MAX_LISTED_CHARS] + "…"


@cache
def _static(name: str) -> str:
    return files("ui.web").joinpath("static", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
