"""The pairs, and the records that they stand for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from assistant.contradictions import Point
from eval.types import EvalError
from kb import moments
from kb.settings import BaseSettings
from kb.types import Clause, ClauseKind, Content, Version

Side = tuple[Clause, Version]


@dataclass(frozen=True, slots=True)
class Text:
    """One side of a pair."""

    title: str
    text: str
    language: str
    authority: str
    label: str = ""
    clause: str = ClauseKind.PARAGRAPH.value  # what it is in its document
    context: str = ""  # a table row's header
    scope: Mapping[str, str] = field(default_factory=dict)
    effective_from: str | None = None
    effective_to: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    id: str
    split: str
    contradiction: bool
    kind: str
    wording: str
    languages: tuple[str, ...]
    points: tuple[Point, ...]
    a: Text
    b: Text
    source: tuple[str, str]
    same_document: bool = False
    words: tuple[tuple[str, ...], tuple[str, ...]] | None = None  # what differs, where it is known word for word


def load(file: Path | None = None) -> tuple[Pair, ...]:
    """The shipped pairs, or those of a file. Raises EvalError naming the row that is no pair."""
    file = file or Path(str(resources.files("eval.contradictions").joinpath("pairs.jsonl")))
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EvalError(f"{file} cannot be read ({error}); expected pairs of clauses, one a row.") from error
    return tuple(_pair(line, f"{file.name}, row {n}") for n, line in enumerate(lines, 1) if line.strip())


def contents(pair: Pair) -> tuple[Content, ...]:
    """The one or two documents that a pair's clauses stand in; keys begin with the pair's id."""
    if pair.same_document:
        return (_content(f"{pair.id}/both.md", pair.a, (pair.a, pair.b)),)
    return _content(f"{pair.id}/a.md", pair.a, (pair.a,)), _content(f"{pair.id}/b.md", pair.b, (pair.b,))


def sides(pair: Pair) -> tuple[Side, Side]:
    first, second = [(clause, content.version) for content in contents(pair) for clause in content.clauses]
    return first, second


def _content(document: str, said: Text, texts: tuple[Text, ...]) -> Content:
    zone = BaseSettings().zone()
    whole = "\n\n".join(text.text for text in texts)
    version = Version(
        id="v-" + _hash(f"{document} {said}")[:12],
        document=document,
        title=said.title,
        text=whole,
        text_sha256=_hash(whole),
        source=document,
        source_sha256=_hash(whole),
        authority=said.authority,
        scope=said.scope,
        effective_from=moments.parse_from(said.effective_from, zone) if said.effective_from else None,
        effective_until=moments.parse_until(said.effective_to, zone) if said.effective_to else None,
        language=said.language,
    )
    clauses, at = [], 0
    for number, text in enumerate(texts, 1):
        clauses.append(
            Clause(
                id="c-" + _hash(f"{document} {number}")[:12],
                document=document,
                version=version.id,
                kind=ClauseKind.ARTICLE if text.label else ClauseKind(text.clause),
                label=text.label,
                path=(text.label,) if text.label else (),
                start=at,
                end=at + len(text.text),
                text=text.text,
                sha256=_hash(text.text),
                context=text.context,
            )
        )
        at += len(text.text) + 2
    return Content(version, tuple(clauses))


def _pair(line: str, where: str) -> Pair:
    try:
        row: dict[str, Any] = json.loads(line)
        words = row.pop("words", None)
        first, second = row.pop("source")
        return Pair(
            languages=tuple(row.pop("languages")),
            points=tuple(Point(point) for point in row.pop("points")),
            a=Text(**row.pop("a")),
            b=Text(**row.pop("b")),
            words=(tuple(words[0]), tuple(words[1])) if words else None,
            source=(first, second),
            **row,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise EvalError(f"{where} is no pair of clauses ({type(error).__name__}: {error}).") from error


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
