"""Cuts a document's text into clauses where the document itself divides it. Pure: same text, same clauses.

Lines are read from top to bottom. A heading changes where we are (`path`); an article number, a question or a
table row opens a unit; other lines belong to the unit that is open. Over-long units are then cut at their own
items or paragraphs: never inside a sentence, never at a fixed length.

    lines ─► contents, numbers (what a line is) ─► units (what belongs together) ─► split ─► gaps (what is left)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest import references
from ingest.structure.boilerplate import set_notices_aside
from ingest.structure.contents import is_table_head, set_contents_aside, set_table_heads_aside
from ingest.structure.gaps import list_gaps
from ingest.structure.inline import break_articles
from ingest.structure.lines import Line, Unit, is_bare, split_lines
from ingest.structure.notes import note_units
from ingest.structure.numbers import judge_numbers
from ingest.structure.shapes import MAX_HEADING_CHARS
from ingest.structure.split import MAX_PLAIN_CHARS, MAX_UNIT_CHARS, split
from ingest.structure.units import walk
from ingest.types import Cut, Draft, Extract
from kb.types import ClauseKind

__all__ = ["MAX_HEADING_CHARS", "MAX_PLAIN_CHARS", "MAX_UNIT_CHARS", "cut", "is_table_head"]


def cut(extract: Extract, boilerplate: frozenset[str] = frozenset()) -> Cut:
    """The clauses in document order, trimmed, never overlapping; and every other span of text, with its reason.

    `boilerplate`: lines (trimmed) that many documents share at their edges; they are kept out of the clauses.
    """
    lines = [piece for line in split_lines(extract) for piece in _broken(line)]
    set_contents_aside(lines)
    set_table_heads_aside(lines, extract)
    judge_numbers(lines)
    set_notices_aside(lines, boilerplate)
    units = list(walk(lines, extract)) or _whole(lines)
    drafts = [draft for unit in units for draft in split(unit, extract.text)]
    drafts += [draft for unit in note_units(extract, lines, drafts) for draft in split(unit, extract.text)]
    drafts.sort(key=lambda draft: draft.start)
    drafts = [_with_references(draft, extract.text) for draft in drafts]
    return Cut(tuple(drafts), list_gaps(extract.text, lines, drafts))


def _broken(line: Line) -> list[Line]:
    plain = line.row is None and line.note is None and line.level is None and not line.silent
    return break_articles(line) if plain else [line]


def _with_references(draft: Draft, text: str) -> Draft:
    found = references.find(text, draft.start, draft.end, draft.label)
    return replace(draft, references=found) if found else draft


def _whole(lines: Sequence[Line]) -> list[Unit]:
    """A text without a single sentence (a notice of three words) is one clause rather than none."""
    live = [line for line in lines if not is_bare(line)]
    return [Unit(ClauseKind.PARAGRAPH, "", (), lines=live)] if live else []
