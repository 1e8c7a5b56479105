"""What /metrics shows to Prometheus: counts and times, no question, no answer, nobody's name."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from assistant.types import Answer, Request
from kb.types import Hit
from ui.types import Assistant

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_CONFIDENCE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


class MeteredAssistant:
    """An assistant whose answers are counted and timed."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._registry = registry = CollectorRegistry()
        self._answers = Counter("koujing_answers", "Answers given", ["status", "reason"], registry=registry)
        self._failures = Counter("koujing_failures", "Questions that ended in an error", ["error"], registry=registry)
        self._seconds = Histogram(
            "koujing_answer_seconds", "From request to answer", buckets=_SECONDS, registry=registry
        )
        self._stages = Counter("koujing_stage_seconds", "Time spent in a stage", ["stage"], registry=registry)
        self._confidence = Histogram(
            "koujing_confidence", "Confidence of the answers given", buckets=_CONFIDENCE, registry=registry
        )

    @property
    def snapshot(self) -> str:
        return self._assistant.snapshot

    def ask(self, request: Request, now: datetime | None = None) -> Answer:
        began = time.perf_counter()
        try:
            answer = self._assistant.ask(request, now)
        except Exception as error:
            self._failures.labels(type(error).__name__).inc()
            raise
        self._seconds.observe(time.perf_counter() - began)
        self._answers.labels(answer.status.value, answer.reason.value if answer.reason else "").inc()
        if answer.citation is not None:
            self._confidence.observe(answer.confidence)
        for stage, ms in answer.timings_ms.items():
            if stage != "total":
                self._stages.labels(stage).inc(ms / 1000)
        return answer

    def search(self, request: Request, top: int) -> list[Hit]:
        return self._assistant.search(request, top)

    def scopes(self) -> Mapping[str, tuple[str, ...]]:
        return self._assistant.scopes()

    def summary(self) -> Mapping[str, int]:
        return self._assistant.summary()

    def now(self) -> datetime:
        return self._assistant.now()

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        # Made anew each time: the series of a snapshot ends when another one is published.
        base = CollectorRegistry()
        Gauge("koujing_snapshot", "The snapshot that answers", ["id"], registry=base).labels(self.snapshot).set(1)
        size = Gauge("koujing_base", "What it holds", ["of"], registry=base)
        for name, count in self.summary().items():
            size.labels(name).set(count)
        return generate_latest(self._registry) + generate_latest(base)
