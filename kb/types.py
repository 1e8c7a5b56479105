"""The records of the knowledge base. All are immutable; dictionaries appear only at the edges.

Document ── has ──► Version ── is cut into ──► Clause ── is found by ──► Hit
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

Scope = Mapping[str, str]
"""What a version is about, `{dimension: value}`; an absent dimension means "all"."""


class ClauseKind(StrEnum):
    """What a clause was in its document."""

    ARTICLE = "article"  # 第四十一条, Section 3.2: numbered by the document itself
    ITEM = "item"  # a numbered item of an over-long article
    SECTION = "section"  # the text under a heading
    ROW = "row"  # a table row, read together with its header
    PAIR = "pair"  # a question with its answer
    PARAGRAPH = "paragraph"  # text that stands before or outside all of these


class Status(StrEnum):
    """Where a version stands in its life, as its maintainers say."""

    DRAFT = "draft"  # in the base to be looked at; it answers nothing
    PUBLISHED = "published"
    RETIRED = "retired"  # kept to be looked at; it answers nothing any more


class VersionState(StrEnum):
    """Where a version stands at a given moment."""

    IN_FORCE = "in_force"
    PENDING = "pending"  # starts later
    EXPIRED = "expired"  # ended, or replaced by a later version
    DRAFT = "draft"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Reference:
    """A clause that a clause names: 依照本规则第十二条. A span of the stored text and what it points at."""

    start: int
    end: int
    label: str  # 第十二条, Section 3.2
    title: str | None = None  # of the document named beside it; None: this one
    clause: str | None = None  # id of the clause in this document; None: another document's, or not found


@dataclass(frozen=True, slots=True)
class Box:
    """Where a run of the stored text stands on its page, so that the page can be shown with it marked.

    Points (1/72 inch) from the page's upper left corner as it is displayed. A run stands in one line.
    """

    start: int  # of the stored text, in characters
    end: int
    page: int  # counted from 1
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Clause:
    """The smallest unit that can be quoted alone: a slice of its version's stored text.

    `id` depends on the document's key (of a dated copy, less its date) and on where the clause stands
    in it (`path`, and its turn among clauses with that path), not on its wording: an edited clause
    keeps it, and versions of one document share it. A snapshot's clause is one of a version: (version, id).
    """

    id: str
    document: str
    version: str  # id of the version it is cut from
    kind: ClauseKind
    label: str  # the article's number or the heading, as printed; a sub-item keeps its article's
    path: tuple[str, ...]  # headings from the outside in, ending in label and then item numbers
    start: int  # offsets in characters: stored_text[start:end] == text
    end: int
    text: str
    sha256: str  # of text in UTF-8
    page: int | None = None  # printed from 1; None where the format has no pages
    context: str = ""  # for search only: an article's lead-in, a table's header; never quoted
    references: tuple[Reference, ...] = ()  # in the order in which they stand


@dataclass(frozen=True, slots=True)
class Version:
    """One content of a document, with what is known about it."""

    id: str
    document: str  # key: the path below the ingested folder
    title: str
    text: str = field(repr=False)  # the stored text that clauses are slices of
    text_sha256: str
    source: str  # the file it was read from
    source_sha256: str
    authority: str
    scope: Scope
    effective_from: datetime | None = None  # first moment in force, with its zone; None: since ever
    effective_until: datetime | None = None  # first moment out of force; None: until further notice
    supersedes: tuple[str, ...] = ()  # keys of the documents it replaces from its first day on
    owner: str | None = None
    review_by: date | None = None
    language: str = "und"  # BCP 47: zh-Hans, zh-Hant, en, ja, ko, es
    evidence: Mapping[str, str] = field(default_factory=dict)  # field -> where its value was found
    facts: Mapping[str, str] = field(
        default_factory=dict
    )  # issuer, published, adopted, number, repeals, amends: for people
    notes: tuple[str, ...] = ()  # what a maintainer should know about the reading of it
    doubts: tuple[str, ...] = ()  # what in it contradicts itself or is missing: to be looked at
    recognised: Mapping[int, float] = field(default_factory=dict)  # page read from a picture -> confidence, 0 to 1
    given: Mapping[str, str] = field(default_factory=dict)  # what --set gave; it outlives edits of the file
    read_as: str = ""  # fingerprint of everything but the bytes that decided how they were read
    status: Status = Status.PUBLISHED
    series: str | None = None  # what dated copies of one document have in common; None: this file stands alone
    turn: int = 0  # of those that begin at the same moment, the one with the highest has the last word


@dataclass(frozen=True, slots=True)
class Content:
    """A version with its clauses in document order: what `ingest` hands over to `kb`."""

    version: Version
    clauses: tuple[Clause, ...]
    boxes: tuple[Box, ...] = ()  # in the order of the text; empty where the format has no pages


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause that search found, with every stage's score (higher is better in all of them)."""

    clause: Clause
    version: Version
    score: float  # the fused score that orders the hits
    stages: Mapping[
        str, float
    ]  # "dense", "sentence", "lexical", and where there are such "tokens", "asked_as", "reader"
    sentence: tuple[int, int] | None = None  # the best sentence's span, offsets into clause.text
