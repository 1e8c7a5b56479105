"""What the finder reports on whole folders of documents, side by side, for a person to judge."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant import contradictions
from assistant.contradictions import Likeness, Span
from assistant.contradictions.settling import Settled, settle
from eval import desk
from eval.types import EvalError
from kb.embedding import Embedded, Embedder, WholeTexts
from kb.home import Home
from kb.snapshot import Snapshot, build
from kb.text import tokens

Progress = Callable[[str, int, int, str], None]

_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Alarms:
    """What was found among the clauses of one base."""

    name: str
    clauses: int
    contradictions: tuple[Settled, ...]
    duplicates: tuple[Settled, ...]

    def figures(self) -> dict[str, Any]:
        found = self.contradictions
        per_100 = 100 / self.clauses if self.clauses else 0.0
        return {
            "clauses": self.clauses,
            "contradictions": len(found),
            "per_100_clauses": round(len(found) * per_100, 3),
            "undecided": sum(s.open for s in found),
            "undecided_per_100_clauses": round(sum(s.open for s in found) * per_100, 3),
            "certain": sum(s.finding.certain for s in found),
            "blocking": sum(s.blocks for s in found),
            "duplicates": len(self.duplicates),
            "points": dict(sorted(Counter(d.point.value for s in found for d in s.finding.differences).items())),
            "decided_by": dict(sorted(Counter(s.rule.value for s in found if s.rule is not None).items())),
        }


class WordsEmbedder(WholeTexts):
    """Texts are near where they share words. Takes no model's time; clauses of two languages are never near."""

    id = "words@1"
    dimension = 1024

    def __init__(self) -> None:
        from sklearn.feature_extraction.text import HashingVectorizer

        self._words = HashingVectorizer(analyzer=tokens, n_features=self.dimension, dtype=np.float32)

    def embed_question(self, text: str) -> Embedded:
        return Embedded(self.embed_passages([text])[0])

    def embed_passages(self, texts: Sequence[str], progress: Any = None) -> np.ndarray:
        vectors = self._words.transform(texts).toarray()
        vectors[~vectors.any(axis=1), 0] = 1.0  # a text without words; all vectors have unit length
        return vectors


def read_base(
    folder: Path, home: Home, embedder: Embedder, given: Mapping[str, str], progress: Progress | None = None
) -> Snapshot:
    """Brings `home` in step with `folder`, as `kb ingest` does; vectors that are there are used again."""
    from ingest import ingest

    report = ingest(home, [folder], embedder, given=dict(given), progress=progress)
    if report.snapshot is None:
        raise EvalError(f"{folder} gave no clause; expected a folder of documents.")
    return Snapshot.open(home, report.snapshot)


def read_family(
    folder: Path, family: str, home: Home, embedder: Embedder, progress: Progress | None = None
) -> Snapshot:
    """A family of clauses written out one a row, as a base (`eval.desk`)."""

    def show(done: int, total: int) -> None:
        if progress:
            progress("embed", done, total, family)

    with home.writing():
        built = build(home, desk.contents(folder, family), embedder, {}, show)
    return Snapshot.open(home, built.id)


def write_articles(file: Path, folder: Path) -> int:
    """Knowledge-base articles, one `{id, title, content}` a row, as Markdown files. Returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
    for row in rows:
        (folder / f"{_UNSAFE.sub('_', row['id'])}.md").write_text(f"# {row['title']}\n\n{row['content']}\n", "utf-8")
    return len(rows)


def find(
    name: str,
    snapshot: Snapshot,
    authorities: Sequence[str],
    progress: Progress | None = None,
    embedder: Embedder | None = None,
) -> Alarms:
    def show(done: int, total: int) -> None:
        if progress:
            progress("find", done, total, name)

    findings = contradictions.find(snapshot, progress=show, embedder=embedder)
    found = settle(contradictions.likeliest(findings, len(snapshot.clauses)), snapshot, authorities)
    by_likeness = {likeness: tuple(s for s in found if s.finding.likeness is likeness) for likeness in Likeness}
    return Alarms(name, len(snapshot.clauses), by_likeness[Likeness.CONTRADICTION], by_likeness[Likeness.DUPLICATE])


def sample(found: Sequence[Settled], count: int, seed: int = 0) -> tuple[Settled, ...]:
    """`count` of them, all that block first; the same ones for the same findings."""
    blocking = [s for s in found if s.blocks]
    others = [s for s in found if not s.blocks]
    chosen = random.Random(seed).sample(others, min(max(count - len(blocking), 0), len(others)))
    return (*blocking[:count], *sorted(chosen, key=lambda s: (s.finding.first.id, s.finding.second.id)))


def side_by_side(settled: Settled, number: int, chars: int = 600) -> str:
    """Two clauses one below the other, the words that differ in 【】."""
    finding = settled.finding
    points = ", ".join(dict.fromkeys(d.point.value for d in finding.differences)) or finding.likeness.value
    state = "blocks" if settled.blocks else "open" if settled.open else f"decided by {settled.rule}"
    lines = [f"[{number}] {points}{' · certain' if finding.certain else ''} · {state}"]
    for clause, spans in (
        (finding.first, [span for d in finding.differences for span in d.first]),
        (finding.second, [span for d in finding.differences for span in d.second]),
    ):
        where = " › ".join((clause.document, *clause.path))
        lines += [f"  {where}", f"    {marked(clause.text, spans, chars)}"]
    return "\n".join(lines)


def marked(text: str, spans: Iterable[Span], chars: int) -> str:
    """The text on one line with its spans in 【】; of a long one, what stands around the first span."""
    spans = sorted(set(spans))
    first = spans[0][0] if spans else 0
    start = max(0, first - chars // 2) if len(text) > chars else 0
    end = min(len(text), start + chars)
    parts, at = ["…" if start else ""], start
    for span_start, span_end in spans:
        if at <= span_start and span_end <= end:
            parts += [text[at:span_start], "【", text[span_start:span_end], "】"]
            at = span_end
    return " ".join("".join([*parts, text[at:end], "…" if end < len(text) else ""]).split())
