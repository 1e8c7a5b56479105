"""What passes between the steps of reading: bytes -> Extract -> drafts of clauses and metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kb.types import Box, ClauseKind, Content, Reference


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
class Footnote:
    """A note that the format keeps apart from the text; it stands behind the text, a paragraph of its own."""

    start: int
    end: int
    mark: str  # the sign that refers to it: "1", "*", "a"


@dataclass(frozen=True, slots=True)
class Removed:
    """Text of the source that is not in `Extract.text`: nothing is taken out without standing here."""

    text: str  # verbatim; of lines that repeat, one
    reason: str  # "running header", "page number", "site navigation", "deleted in the document (tracked change)"
    where: str  # "pages 1-12", "top of the page", "sheet 3 (hidden)"


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
    footnotes: tuple[Footnote, ...] = ()  # in order, all behind the text proper
    removed: tuple[Removed, ...] = ()
    boxes: tuple[Box, ...] = ()  # where runs of the text stand on their pages, in the order of the text
    recognised: Mapping[int, float] = field(default_factory=dict)  # page read from a picture -> mean confidence, 0…1


@dataclass(frozen=True, slots=True)
class Draft:
    """A clause before it has an identity."""

    kind: ClauseKind
    label: str
    path: tuple[str, ...]
    start: int
    end: int
    context: str = ""
    references: tuple[Reference, ...] = ()  # `clause` is not known yet


class GapReason(StrEnum):
    """Why a span of the stored text is in no clause."""

    HEADING = "heading"  # it is in the path of the clauses below it
    TITLE = "title"  # the document's own name
    FIELD = "field"  # a date, an issuer, a number, a signature: metadata
    CONTENTS = "contents"  # a table of contents
    TABLE_HEAD = "table_head"  # it is in the context of every row below it
    LEAD_IN = "lead_in"  # it is in the context of every item below it
    BOILERPLATE = "boilerplate"  # a site's notice, a counter, a line that many documents share
    COMMENT = "comment"  # markup that no reader sees, rules, ornaments


@dataclass(frozen=True, slots=True)
class Gap:
    """A span of the stored text, trimmed of white space, that is in no clause."""

    start: int
    end: int
    reason: GapReason


@dataclass(frozen=True, slots=True)
class Cut:
    """A text divided: clauses and gaps together cover every character that is not white space, once."""

    drafts: tuple[Draft, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A file read: what goes into the base, and what a report must say of the reading."""

    content: Content
    unread: tuple[str, ...]  # pages, sheets, rows that gave no text, each with its reason
    removed: tuple[Removed, ...]  # text of the file that is not in the stored text
    gaps: tuple[Gap, ...]  # spans of the stored text that are in no clause

    @property
    def doubts(self) -> tuple[str, ...]:
        return self.content.version.doubts


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
class Skipped:
    """Something in a folder or archive that is no document, and why it was left alone."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Text of a document that cannot be found by a question."""

    document: str
    text: str
    reason: str
    where: str  # "pages 1-12", "characters 0-120"


class Likeness(StrEnum):
    """In what way two documents are alike."""

    SAME_FILE = "same_file"  # byte for byte
    SAME_TEXT = "same_text"  # but for spaces, width and punctuation
    VERSIONS = "versions"  # of one document: the names agree, the dates differ
    SIMILAR = "similar"  # most of the text of the one is in the other


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where two similar documents differ; one side is empty where a clause is in one only."""

    first: str  # the clause's label, else where it stands
    second: str
    changes: tuple[tuple[str, str], ...]  # ("=" | "-" | "+", words), in order: "-" is in the first document only


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two documents that a maintainer should look at together. Of a family, each is named with its nearest."""

    first: str  # document keys; of versions, the earlier one is first
    second: str
    likeness: Likeness
    share: float  # of the runs of letters of both, how many they have in common; 1.0: all
    proposal: str
    differences: tuple[Difference, ...] = ()


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
    differs: bool = True  # the next base, from the one before
    skipped: tuple[Skipped, ...] = ()
    hidden: int = 0  # files not even looked at: a dot before the name, lock files, what systems leave behind
    left_out: tuple[LeftOut, ...] = ()  # of the documents read this time
    duplicates: tuple[Duplicate, ...] = ()  # with a document read this time in them


@dataclass(frozen=True, slots=True)
class Review:
    """What the checks before publishing came to."""

    refused_because: tuple[str, ...] = ()  # a sentence each; empty: publish
    conflicts: int = 0  # contradictions that no rule and no ruling decides
    notes: tuple[str, ...] = ()  # what a maintainer should know all the same


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
    review: Review = Review()
