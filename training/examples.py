"""What is learnt from: passages, and questions with the passages that answer them.

Every text is made exactly as the engine makes it: passages by `kb.units`, questions by the engine's own understanding
of a chat. A *part* is what is left out together in validation: a family of documents, or a quarter of the lay questions
(divided by the article that answers them, so that no article is both learnt and asked for; those in `training/data` are
about other articles than those of the statutes set, and a part of their own).
"""

from __future__ import annotations

import hashlib
import json
import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from pathlib import Path

from assistant.scopewords import ScopeWords
from assistant.types import Request
from assistant.understand import understand
from eval import desk
from ingest.reindex import make_plan
from ingest.sources import collect
from kb.home import Home
from kb.moments import begin
from kb.text import language
from kb.types import Content
from kb.units import units

_WRITTEN = Path(__file__).with_name("data")  # families like those of desk_train, and lay questions on statutes
LAY = "lay"
LAY_PARTS = 4  # of the lay questions on statutes
_TODAY = begin(date(2026, 1, 1), UTC)


@dataclass(frozen=True, slots=True)
class Passage:
    key: str  # document#clause id
    part: str
    whole: str  # the clause under its document's title
    sentences: tuple[str, ...]  # none of statutes that no question asks for: forty thousand texts less to embed


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    part: str
    style: str
    language: str
    golds: frozenset[str]  # keys of passages that answer it; empty: nothing does


@dataclass(frozen=True, slots=True)
class Collection:
    """Texts of another field or language, among which the encoder is to keep what was near what."""

    questions: tuple[str, ...]  # "query: …"
    passages: tuple[str, ...]  # "passage: …"


@dataclass(slots=True)
class Examples:
    passages: dict[str, Passage] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)  # with golds
    unanswerable: list[Question] = field(default_factory=list)
    general: list[Collection] = field(default_factory=list)

    def parts(self) -> list[str]:
        return sorted({question.part for question in self.questions})

    def texts(self, parts: Sequence[str] | None = None) -> list[str]:
        """What the encoder is given, each text once: all, or what it takes to measure some parts."""
        groups = None if parts is None else set(map(shelf_of, parts))
        passages = [p for p in self.passages.values() if groups is None or p.part in groups]
        asked = [q for q in [*self.questions, *self.unanswerable] if parts is None or q.part in parts]
        texts = ["passage: " + p.whole for p in passages]
        texts += ["passage: " + s for p in passages for s in p.sentences]
        texts += ["query: " + q.text for q in asked]
        if parts is None:
            texts += [text for some in self.general for text in (*some.questions, *some.passages)]
        return list(dict.fromkeys(texts))

    def digest(self) -> str:
        """Which texts there are."""
        return hashlib.sha256("\0".join(self.texts()).encode()).hexdigest()[:16]


def shelf_of(part: str) -> str:
    """The part whose passages are searched for a question of this one: all lay questions are asked of all statutes."""
    return LAY if part.startswith(LAY) else part


def load(data: Path, scratch: Path) -> Examples:
    """Everything below `data` (shared/data). `scratch`: an empty folder for a home that is thrown away."""
    examples = Examples()
    for folder in (data / "desk_train", _WRITTEN):
        for family in desk.families(folder):
            _add_family(examples, folder, family)
    _add_statutes(examples, data / "statutes", scratch)
    examples.general = list(_general(data))
    return examples


def _add_family(examples: Examples, folder: Path, family: str) -> None:
    contents = desk.contents(folder, family)
    _add(examples, family, contents)
    known = {(p.partition("#")[0], label): p for p, label in _labels(contents)}
    for case in (*desk.cases(folder, family), *desk.more_cases(_WRITTEN, family)):
        golds = frozenset(known[g.document, g.label or ""] for g in case.gold if (g.document, g.label or "") in known)
        asked = Question(_as_searched(case.request), family, case.style or "", language(case.request.question), golds)
        (examples.questions if golds else examples.unanswerable).append(asked)


def _labels(contents: list[Content]) -> Iterator[tuple[str, str]]:
    for content in contents:
        for clause in content.clauses:
            yield f"{clause.document}#{clause.id}", clause.label


def _add(examples: Examples, part: str, contents: list[Content]) -> None:
    for content in contents:
        for clause in content.clauses:
            whole, *rest = units(0, clause, content.version)
            key = f"{clause.document}#{clause.id}"
            examples.passages[key] = Passage(key, part, whole.text, tuple(unit.text for unit in rest))


def _add_statutes(examples: Examples, folder: Path, scratch: Path) -> None:
    contents = list(make_plan(Home(scratch), collect([folder / "docs"]), None, {}, True).contents)
    _add(examples, LAY, contents)
    places: dict[tuple[str, str], list[str]] = {}
    for content in contents:
        for clause in content.clauses:
            places.setdefault((clause.document, clause.label), []).append(f"{clause.document}#{clause.id}")
    for file, part in ((folder / "questions.jsonl", None), (_WRITTEN / "lay.jsonl", f"{LAY}-written")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            golds = frozenset(key for g in row["gold"] for key in places.get((g["file"], g["label"]), ()))
            if golds:
                of = part or f"{LAY}-{zlib.crc32(min(golds).encode()) % LAY_PARTS}"
                examples.questions.append(Question(_as_searched(Request(row["question"])), of, LAY, "zh-Hans", golds))
    asked_for = {key for question in examples.questions for key in question.golds}
    for key, passage in examples.passages.items():
        if passage.part == LAY and key not in asked_for:
            examples.passages[key] = replace(passage, sentences=())


def _as_searched(request: Request) -> str:
    return understand(request, ScopeWords({}), _TODAY).embedded


def _general(data: Path) -> Iterator[Collection]:
    """Half of each collection, by a hash of the text, so that the other half can show what was forgotten. Nothing says
    which passage answers a question: what the plain encoder made of them is all that is to be kept. Of intents, every
    wording is a passage to the others."""
    chosen = random.Random(1)
    for name in ("banking77", "clinc150"):
        texts = _half(data / name / "train.jsonl", ("text",), chosen)["text"]
        yield Collection(tuple(map("query: {}".format, texts)), tuple(map("passage: {}".format, texts)))
    for name in ("xquad_en", "xquad_es", "xquad_zh", "jsquad_valid"):
        found = _half(data / "squad" / f"{name}.jsonl", ("question", "context"), chosen)
        yield Collection(
            tuple(map("query: {}".format, found["question"])), tuple(map("passage: {}".format, found["context"]))
        )


def _half(file: Path, fields: Sequence[str], chosen: random.Random) -> dict[str, list[str]]:
    """1,500 texts of each field at most."""
    texts: dict[str, set[str]] = {field: set() for field in fields}
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if zlib.crc32(str(row.get("passage_id", row.get("text"))).encode()) % 2:
            for field_ in fields:
                texts[field_].add(row[field_])
    return {name: chosen.sample(sorted(some), min(len(some), 1500)) for name, some in texts.items()}
