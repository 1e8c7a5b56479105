"""Every answer in the audit log, masked, and the way back from an entry to the same answer, byte for byte."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import orjson

from assistant import Assistant as Engine
from assistant.masking import mask
from assistant.rewriting import recorded
from assistant.settings import AssistantSettings
from assistant.types import Answer, Request, Rewrite, Turn
from kb import moments
from kb.audit import Audit, Entry
from kb.embedding import embedder_of
from kb.errors import NotFound
from kb.home import Home
from kb.settings import BaseSettings, section
from kb.snapshot import Snapshot
from kb.types import Hit
from ui.json import answer_to_json
from ui.types import Assistant, Feedback


class AuditedAssistant:
    """An assistant whose answers are in the log before they are shown."""

    def __init__(self, assistant: Assistant, home: Home, channel: str) -> None:
        """`channel`: where questions come from: "cli", "batch" or "serve"."""
        self._assistant = assistant
        self._audit = Audit(home)
        self._settings = _settings(home)
        self._channel = channel
        self._settings_logged = False
        self._lock = threading.Lock()

    @property
    def snapshot(self) -> str:
        return self._assistant.snapshot

    def search(self, request: Request, top: int) -> list[Hit]:
        return self._assistant.search(request, top)

    def scopes(self) -> Mapping[str, tuple[str, ...]]:
        return self._assistant.scopes()

    def summary(self) -> Mapping[str, int]:
        return self._assistant.summary()

    def now(self) -> datetime:
        return self._assistant.now()

    def ask(self, request: Request, now: datetime | None = None) -> Answer:
        """Raises StateError where the answer cannot be logged: then it is not given either."""
        now = now or self.now()
        answer = self._assistant.ask(request, now)
        self._log_settings()
        self._audit.append(
            "answer",
            {
                "request": _masked(request),
                "as_of": answer.as_of.isoformat(),
                "asked_at": now.isoformat(),
                "channel": self._channel,
                "status": answer.status.value,
                "reason": answer.reason.value if answer.reason else None,
                "clause": answer.citation.clause.id if answer.citation else None,
                "version": answer.citation.version.id if answer.citation else None,
                "clause_sha256": answer.citation.clause.sha256 if answer.citation else None,
                "confidence": answer.confidence,
                "rewrite": asdict(answer.rewrite) if answer.rewrite else None,
                "settings": _digest(self._settings),
                "program": version("koujing"),
                "sha256": digest(answer),
            },
            snapshot=answer.snapshot,
            subject=answer.id,
        )
        return answer

    def record_feedback(self, feedback: Feedback) -> None:
        """With the question as it was logged and the clause that answered it: whoever reads the log need not look the
        answer up. Both are null where the log does not hold the answer (any more)."""
        answers = self._audit.entries(kind="answer", subject=feedback.answer_id, limit=1)
        body = {
            "verdict": feedback.verdict.value,
            "note": mask(feedback.note) if feedback.note else None,
            "question": answers[0].body["request"]["question"] if answers else None,
            "clause": answers[0].body["clause"] if answers else None,
        }
        self._audit.append("feedback", body, snapshot=feedback.snapshot, subject=feedback.answer_id)

    def _log_settings(self) -> None:
        """The settings that decide answers, once for each set of them."""
        with self._lock:
            if self._settings_logged:
                return
            name = _digest(self._settings)
            if not self._audit.entries(kind="settings", subject=name, limit=1):
                self._audit.append("settings", self._settings, subject=name)
            self._settings_logged = True


@dataclass(frozen=True, slots=True)
class Replay:
    entry: Entry
    answer: Answer  # computed now, from the snapshot and the settings of that time
    same: bool  # its bytes, timings aside, are those of the answer that was given


def replay(home: Home, answer_id: str) -> Replay:
    """Answers a logged question again. Raises NotFound where the log has no such answer, or its snapshot is gone."""
    audit = Audit(home)
    entries = audit.entries(kind="answer", subject=answer_id, limit=1)
    if not entries:
        raise NotFound(
            f"The audit log has no answer {answer_id!r}. `kb audit --kind answer` lists what was answered; entries are "
            f"kept for {home.settings.audit_days} days."
        )
    entry = entries[0]
    logged = audit.entries(kind="settings", subject=entry.body["settings"], limit=1)
    settings = logged[0].body if logged else _settings(home)
    snapshot = Snapshot.open(home, entry.snapshot)
    engine = Engine(
        snapshot,
        embedder_of(snapshot.embedder, home.embedding),
        section(BaseSettings, dict(settings["base"]), "base"),
        section(AssistantSettings, dict(settings["assistant"]), "assistant"),
        # What a model wrote then is taken as written: it may write something else today.
        rewriter=recorded(Rewrite(**rewrite)) if (rewrite := entry.body.get("rewrite")) else None,
    )
    answer = engine.ask(_request(entry.body["request"]), datetime.fromisoformat(entry.body["asked_at"]))
    return Replay(entry, answer, digest(answer) == entry.body["sha256"])


def digest(answer: Answer) -> str:
    """SHA-256 of the answer's JSON without its timings, 64 hex digits."""
    record = answer_to_json(answer)
    del record["timings_ms"]
    if not record["continued"]:  # answers logged before there was such a key stay as they were
        del record["continued"]
    return hashlib.sha256(orjson.dumps(record)).hexdigest()


def _masked(request: Request) -> dict[str, Any]:
    return {
        "question": mask(request.question),
        "history": [{"role": turn.role, "text": mask(turn.text)} for turn in request.history],
        "as_of": request.as_of.isoformat() if request.as_of else None,
        "scope": dict(request.scope),
        "language": request.language,
        "agent_language": request.agent_language,
        "top": request.top,
    }


def _request(record: Mapping[str, Any]) -> Request:
    return Request(
        question=record["question"],
        history=tuple(Turn(turn["role"], turn["text"]) for turn in record["history"]),
        as_of=moments.parse(record["as_of"]) if record["as_of"] else None,
        scope=record["scope"],
        language=record["language"],
        agent_language=record.get("agent_language"),  # older entries have no such key
        top=record["top"],
    )


def _settings(home: Home) -> dict[str, Any]:
    assistant = section(AssistantSettings, home.tables.get("assistant", {}), "assistant")
    decides = ("authorities", "dimensions", "timezone")
    base = {name: value for name, value in asdict(home.settings).items() if name in decides}
    return orjson.loads(orjson.dumps({"base": base, "assistant": asdict(assistant)}))


def _digest(settings: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(settings, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
