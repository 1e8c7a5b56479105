"""What tests share: a tiny embedder, a calibration, records made by hand, and a base with its sources."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from assistant import Answer, Assistant, Request
from assistant.abstention import FEATURES, Calibration
from ingest import IngestReport, ingest, parse_given
from kb import moments
from kb.embedding import Embedded, WholeTexts
from kb.home import Home
from kb.search import Weights
from kb.settings import BaseSettings
from kb.snapshot import Snapshot
from kb.text import tokens
from kb.tokens import condense
from kb.types import Clause, ClauseKind, Content, Version

ZONE = BaseSettings().zone()

RETURNS = """# 退货规则

第一条 买家自签收之日起七日内可以申请无理由退货。

第二条 无理由退货的运费由买家承担。商品有质量问题的，运费由商家承担。

第三条 商家应当在收到退货后四十八小时内退款。
"""
SHIPPING = """# 发货规则

第一条 商家应当在付款后三日内发货。

第二条 预售商品按照页面写明的日期发货。
"""
WARRANTY = """# 保修条款

第一条 电池的保修期为十二个月。

第二条 进水造成的损坏不在保修范围内。
"""


class TinyEmbedder(WholeTexts):
    """A hashed bag of tokens: the same in every process, and near where words are shared."""

    id = "tiny@1"
    dimension = 64

    def __init__(self) -> None:
        self.embedded: list[str] = []  # every passage, in the order in which it was asked for

    def embed_question(self, text: str) -> Embedded:
        return Embedded(_bag(text))

    def embed_passages(self, texts: Sequence[str], progress: Any = None) -> np.ndarray:
        self.embedded.extend(texts)
        return np.stack([_bag(text) for text in texts]) if texts else np.empty((0, self.dimension), np.float32)


class TokenEmbedder(TinyEmbedder):
    """Also reads token by token: every word has a vector of its own."""

    id = "tokens@1"
    reads_tokens = True

    def embed_question(self, text: str) -> Embedded:
        words = self._words(text)
        return Embedded(_bag(text), words / len(words), words)

    def read_passages(self, texts: Sequence[str], progress: Any = None) -> tuple[np.ndarray, list[np.ndarray]]:
        return self.embed_passages(texts), [condense(self._words(text)) for text in texts]

    def words(self, text: str) -> np.ndarray:
        return np.unique(self._words(text), axis=0)

    @staticmethod
    def _words(text: str) -> np.ndarray:
        return np.stack([_bag(token) for token in tokens(text) or [""]])


def _bag(text: str) -> np.ndarray:
    vector = np.zeros(TinyEmbedder.dimension, np.float32)
    for token in tokens(text) or [""]:
        digest = hashlib.blake2b(token.encode(), digest_size=8).digest()
        vector[digest[0] % len(vector)] += 1
    return vector / np.linalg.norm(vector)


def calibration(line: float = 0.4) -> Calibration:
    """Confidence is the share of the question's tokens that stand in the clause or above it."""
    n = len(FEATURES)
    weight = tuple(float(name == "shared") for name in FEATURES)
    return Calibration(Weights(), (0.0,) * n, (1.0,) * n, 9.0, weight, 0.0, ((0.0, 0.0), (1.0, 1.0)), line)


def calibration_record(line: float = 0.4) -> dict[str, Any]:
    """The same as it stands in calibration.json."""
    return asdict(calibration(line))


def make_content(document: str = "a.md", texts: Sequence[str] = ("第一条 七日内可以退货。",), **fields: Any) -> Content:
    """A document of one clause a text, on lines of their own. `effective_from` and `effective_to` are days."""
    text = "\n".join(texts)
    version_fields = {"title": document, "authority": "law", "scope": {}} | fields
    if first := version_fields.get("effective_from"):
        version_fields["effective_from"] = moments.begin(first, ZONE)
    if last := version_fields.pop("effective_to", None):
        version_fields["effective_until"] = moments.end(last, ZONE)
    version = Version(
        id="v-" + _sha256(document + text + repr(sorted(version_fields.items())))[:12],
        document=document,
        text=text,
        text_sha256=_sha256(text),
        source=document,
        source_sha256=_sha256(text),
        **version_fields,
    )
    clauses, at = [], 0
    for number, part in enumerate(texts, 1):
        label = f"第{number}条"
        clauses.append(
            Clause(
                id="c-" + _sha256(f"{document} {number}")[:12],
                document=document,
                version=version.id,
                kind=ClauseKind.ARTICLE,
                label=label,
                path=(label,),
                start=at,
                end=at + len(part),
                text=part,
                sha256=_sha256(part),
            )
        )
        at += len(part) + 1
    return Content(version, tuple(clauses))


class Base:
    """A base in one folder, its sources in another."""

    def __init__(self, folder: Path, embedder: TinyEmbedder | None = None) -> None:
        self.path = folder / "home"
        self.sources = folder / "sources"
        self.sources.mkdir(parents=True, exist_ok=True)
        self.embedder = embedder or TinyEmbedder()

    @property
    def home(self) -> Home:
        return Home(self.path)

    def write(self, name: str, text: str | bytes) -> Path:
        file = self.sources / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def ingest(self, *paths: Path, given: Sequence[str] = (), **options: Any) -> IngestReport:
        return ingest(self.home, paths or [self.sources], self.embedder, given=parse_given(given), **options)

    def snapshot(self, snapshot_id: str | None = None) -> Snapshot:
        return Snapshot.open(self.home, snapshot_id)

    def assistant(self, line: float = 0.4) -> Assistant:
        return Assistant(self.snapshot(), self.embedder, self.home.settings, calibration=calibration(line))

    def ask(self, question: str, **request: Any) -> Answer:
        return self.assistant().ask(Request(question, **request))

    def clause_ids(self) -> list[str]:
        return [clause.id for clause in self.snapshot().clauses]


def flip_byte(file: Path, at: int | None = None) -> None:
    """Changes one byte in place; the file keeps its inode, as a failing disk would."""
    data = file.read_bytes()
    at = len(data) // 2 if at is None else at
    with open(file, "r+b") as handle:
        handle.seek(at)
        handle.write(bytes([data[at] ^ 1]))


def heed_interrupts() -> None:
    """For `preexec_fn`: a run of the tests in the background has the shell's word to ignore Ctrl-C, and so would its
    children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def front_matter(text: str, **fields: str) -> str:
    lines = "\n".join(f"{key}: {value}" for key, value in fields.items())
    return f"---\n{lines}\n---\n{text}"


def texts_of(answer: Answer) -> str | None:
    return answer.citation.clause.text if answer.citation else None


def at(day: str | date) -> datetime:
    """The first moment of a day in the base's time zone."""
    return moments.begin(on(day) if isinstance(day, str) else day, ZONE)


def on(text: str) -> date:
    return date.fromisoformat(text)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def comparable(answer: Answer) -> Mapping[str, Any]:
    """The public object without the one part that may differ between runs."""
    from ui.json import answer_to_json

    return {key: value for key, value in answer_to_json(answer).items() if key != "timings_ms"}
