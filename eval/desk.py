"""Clauses with their questions, written out one a row (`FAMILY.clauses.jsonl`), as bases and cases.

Each row of a family is `{doc, title, lang, authority, scope, effective_from, path, label, text,
questions: [{style, q, history?, also?}]}`; `FAMILY.unanswerable.jsonl` has the questions that nothing
in the family answers; `FAMILY.more.jsonl`, which may lie elsewhere, more of both kinds with every clause
that answers them: `{style, q, history?, gold: ["doc#label", …]}`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Any

from assistant.types import Request, Turn
from eval.types import Case, Gold
from kb import moments
from kb.settings import BaseSettings
from kb.types import Clause, ClauseKind, Content, Version


def families(folder: Path) -> list[str]:
    return sorted(file.name.removesuffix(".clauses.jsonl") for file in folder.glob("*.clauses.jsonl"))


def contents(folder: Path, family: str) -> list[Content]:
    """The family's documents. Stored text is the clauses' texts, one a line block."""
    return [
        _content(doc, list(rows))
        for doc, rows in groupby(_rows(folder / f"{family}.clauses.jsonl"), lambda r: r["doc"])
    ]


def cases(folder: Path, family: str) -> Iterator[Case]:
    """Every other question states its document's scope, as at a desk whose platform is known."""
    number = 0
    for row in _rows(folder / f"{family}.clauses.jsonl"):
        for question in row["questions"]:
            number += 1
            gold = (Gold(row["doc"], row["label"]), *map(_gold, question.get("also", ())))
            scope = row["scope"] if number % 2 else {}
            yield _case(f"{family}-{number}", question, gold, scope, f"{row['doc']}#{row['label']}", family)
    for question in _rows(folder / f"{family}.unanswerable.jsonl"):
        number += 1
        yield _case(f"{family}-{number}", question, (), {}, None, family)


def more_cases(folder: Path, family: str) -> Iterator[Case]:
    """None state a scope: most are general, and several clauses answer them."""
    file = folder / f"{family}.more.jsonl"
    for number, question in enumerate(_rows(file) if file.is_file() else (), 1):
        gold = tuple(_gold(name) for name in question["gold"])
        yield _case(f"{family}-more-{number}", question, gold, {}, None, family)


def _gold(name: str) -> Gold:
    """Of "doc#label"."""
    doc, _, label = name.rpartition("#")
    return Gold(doc, label)


def _case(
    id_: str, question: dict[str, Any], gold: tuple[Gold, ...], scope: dict[str, str], intent: str | None, family: str
) -> Case:
    history = tuple(Turn(turn["role"], turn["text"]) for turn in question.get("history", ()))
    request = Request(question["q"], history=history, scope=scope)
    return Case(id_, request, gold, bool(gold), family, intent, question["style"])


def _content(doc: str, rows: list[dict[str, Any]]) -> Content:
    first = rows[0]
    text = "\n\n".join(row["text"] for row in rows)
    version_id = "v-" + _hash(doc + text)[:12]
    version = Version(
        id=version_id,
        document=doc,
        title=first["title"],
        text=text,
        text_sha256=_hash(text),
        source=doc,
        source_sha256=_hash(text),
        authority=first["authority"],
        scope=first["scope"],
        effective_from=_moment(moments.parse_from, first.get("effective_from")),
        effective_until=_moment(moments.parse_until, first.get("effective_to")),
        language=first["lang"],
    )
    clauses, at = [], 0
    seen: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        path = tuple(row["path"])
        seen[path] += 1
        clauses.append(
            Clause(
                id="c-" + _hash(f"{doc}{path}{seen[path]}")[:12],
                document=doc,
                version=version_id,
                kind=ClauseKind.ARTICLE,
                label=row["label"],
                path=path,
                start=at,
                end=at + len(row["text"]),
                text=row["text"],
                sha256=_hash(row["text"]),
            )
        )
        at += len(row["text"]) + 2
    return Content(version, tuple(clauses))


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with open(file, encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _moment(parse: Callable[[str, tzinfo], datetime], value: str | None) -> datetime | None:
    return parse(value, BaseSettings().zone()) if value else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
