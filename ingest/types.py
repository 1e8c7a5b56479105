"""What passes between the steps of reading: bytes -> Extract -> drafts of clauses and metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kb.types import ClauseKind, Content


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading the format itself marks (Markdown #, Word style, HTML h1…h6), as a span of the text."""

    start: int
    end: int
    level: int  # 1 is the outermost


@dataclass(frozen=True, slots=True)
class Row:
    """A table row as a span of the text, with the header cells it is read under (already in words)."""

    start: int
    end: int
    header: str  # "商品 | 退货期 | 运费": for search only
    table: str = ""  # the table's or sheet's own name, if it has one


@dataclass(frozen=True, slots=True)
class Extract:
    """A file's whole text in reading order, with the structure that its format states.

    Spans index `text` in characters. `text` is final: structure only cuts it, nothing rewrites it.
    """

    text: str
    headings: tuple[Heading, ...] = ()
    rows: tuple[Row, ...] = ()
    page_starts: tuple[int, ...] = ()  # offset where page 1, 2, … begins; empty: no pages
    fields: Mapping[str, str] = field(default_factory=dict)  # front matter and document properties
    title: str | None = None  # the format's own title, if it states one
    notes: tuple[str, ...] = ()  # what was left out or guessed, in plain words
    unread: tuple[str, ...] = ()  # pages, sheets, rows that gave no text, each with its reason


@dataclass(frozen=True, slots=True)
class Draft:
    """A clause before it has an identity."""

    kind: ClauseKind
    label: str
    path: tuple[str, ...]
    start: int
    end: int
    context: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of metadata with where it was found."""

    value: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that gave no text, or was not read whole."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What an ingest is about to do, before anything is embedded or written."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    retired: tuple[str, ...]
    failed: tuple[Failure, ...]
    moved: tuple[str, ...]  # documents whose earlier source is gone and that another one now holds
    contents: tuple[Content, ...]  # the whole next base
    roots: Mapping[str, str]  # document -> the source it came from


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest came to. Counts are derived; names are what a maintainer needs."""

    plan: Plan
    clauses_added: int
    clauses_reused: int
    clauses_retired: int
    embedded: int
    snapshot: str | None  # None: there was nothing to build a snapshot of
    published: bool
    refused_because: tuple[str, ...]
    seconds: float
