"""Cuts over-long units at their own items or paragraphs: never inside a sentence, never at a fixed length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.numbering import ITEMS, Style
from ingest.structure.inline import break_items
from ingest.structure.lines import Line, Unit
from ingest.structure.shapes import BULLET, ended, leads_in, says_something
from ingest.types import Draft, GapReason
from kb.types import ClauseKind

MAX_UNIT_CHARS = 600  # beyond this, cut at numbered items: about what the embedding model reads at once (512 tokens)
MAX_PLAIN_CHARS = 1200  # beyond this, cut a unit without items at its paragraphs: they read less well alone


def split(unit: Unit, text: str) -> Iterator[Draft]:
    if unit.kind is not ClauseKind.ARTICLE and any(line.after_notice for line in unit.lines[1:]):
        for body in _between_notices(unit.lines):
            yield from split(replace(unit, lines=body), text)
        return
    start, end = unit.span
    if end - start > MAX_UNIT_CHARS and unit.kind is not ClauseKind.ROW:
        pieces = list(_at_items(unit, text)) if len(unit.lines) > 1 else []
        if len(pieces) < 2 and any(len(line.text) > MAX_UNIT_CHARS for line in unit.lines):
            lines = [piece for line in unit.lines for piece in (_broken(line) if line.level is None else [line])]
            pieces = list(_at_items(replace(unit, lines=lines), text)) if len(lines) > len(unit.lines) else []
        if len(pieces) > 1:
            yield from pieces
            return
        if end - start > MAX_PLAIN_CHARS and len(unit.lines) > 1:
            yield from _at_paragraphs(unit)
            return
    yield Draft(unit.kind, unit.label, unit.path, start, end, unit.context)


def _broken(line: Line) -> list[Line]:
    return break_items(line) if len(line.text) > MAX_UNIT_CHARS else [line]


def _between_notices(lines: Sequence[Line]) -> Iterator[list[Line]]:
    body: list[Line] = []
    for line in lines:
        if body and line.after_notice:
            yield body
            body = []
        body.append(replace(line, after_notice=False))
    yield body


def _at_items(unit: Unit, text: str) -> Iterator[Draft]:
    """The lead-in, then each numbered item with the lead-in as context, then what stands after the last item."""
    # an article's first line bears its own number; a list without a lead-in stays whole as long as text without items
    start, end = unit.span
    whole = unit.kind is ClauseKind.SECTION and unit.lines[0].level is None and end - start > MAX_PLAIN_CHARS
    first = 0 if whole else 1
    style = next((line.mark.style for line in unit.lines[first:] if line.mark and line.mark.style in ITEMS), None)
    groups: list[tuple[str, list[Line]]] = [("", [])]
    coming = _next_numbers(unit.lines, style)
    number = 0
    for i, line in enumerate(unit.lines):
        mark = line.mark if i >= first and line.mark and line.mark.style is style else None
        in_item, above = bool(groups[-1][0]), groups[-1][1][-1:]
        if mark and mark.number[0] in (1, number + 1):
            number = mark.number[0]
            groups.append((mark.label, [line]))
        elif in_item and coming[i] != number + 1 and ended(above[0].text) and not _is_nested(line, style):
            groups.append(("", [line]))  # the list is over
        else:
            groups[-1][1].append(line)
    groups = [(label, body) for label, body in groups if body]
    if len(groups) < 2:
        return
    lead = ""
    for label, body in groups:
        part = replace(unit, lines=body)
        if label:
            part = replace(
                part,
                kind=ClauseKind.ITEM,
                path=(*unit.path, label),
                context=" ".join(x for x in (unit.context, lead) if x),
            )
        else:
            lead = text[body[0].start : body[-1].end]
        if label or body is not groups[0][1] or _is_lead_in_worth_quoting(lead, unit):
            yield from split(part, text)
        else:
            for line in body:
                line.fate = GapReason.LEAD_IN


def _next_numbers(lines: Sequence[Line], style: Style | None) -> list[int]:
    """For every line the number of the next item of `style` from there on; 0 where none comes."""
    numbers, coming = [], 0
    for line in reversed(lines):
        coming = line.mark.number[0] if line.mark and line.mark.style is style else coming
        numbers.append(coming)
    return numbers[::-1]


def _is_nested(line: Line, style: Style | None) -> bool:
    if line.mark is None or line.mark.style not in ITEMS or line.mark.style is style:
        return False
    return line.mark.style not in _OUTER or style in _OUTER


_OUTER = frozenset({Style.FORMAL, Style.STEM, Style.ROMAN_UPPER})  # above every other numbering, never inside one


def _is_lead_in_worth_quoting(lead: str, unit: Unit) -> bool:
    return unit.kind is ClauseKind.ARTICLE or says_something(lead) or len(lead) > 12


def _at_paragraphs(unit: Unit) -> Iterator[Draft]:
    """Paragraph by paragraph; a list stays with the sentence that leads into it unless together they are over-long."""
    groups: list[list[Line]] = []
    for line in unit.lines:
        size = sum(len(one.text) for one in groups[-1]) if groups else 0
        glued = groups and (
            leads_in(groups[-1][-1].text) or belongs(line) or not line.after_blank and not ended(groups[-1][-1].text)
        )
        if groups and (size < 40 or (glued and size + len(line.text) <= MAX_PLAIN_CHARS)):
            groups[-1].append(line)
        else:
            groups.append([line])
    for body in groups:
        yield Draft(unit.kind, unit.label, unit.path, body[0].start, body[-1].end, unit.context)


def belongs(line: Line) -> bool:
    return bool(BULLET.match(line.text)) or (line.mark is not None and line.mark.style in ITEMS)
