"""The answer, step by step: understand, retrieve, rank, resolve, decide, present."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from assistant import citations, precedence
from assistant.abstention import Calibration, calibration_for, features
from assistant.errors import BadRequest
from assistant.precedence import Candidate, Rule
from assistant.scopewords import ScopeWords
from assistant.settings import AssistantSettings
from assistant.types import Alternative, Answer, AnswerStatus, Citation, Escalation, Reason, Request
from assistant.understand import Understood, understand
from assistant.wording import Wording
from kb import moments
from kb.embedding import Embedder, open_embedder
from kb.errors import DamagedSnapshot
from kb.home import Home
from kb.moments import EVER
from kb.search import Filter, Searcher, Weights, scope_values
from kb.settings import BaseSettings, section
from kb.snapshot import Snapshot
from kb.text import fold, tokens
from kb.types import Clause, Hit, Version, VersionState

_POOL = 20  # hits that are looked at
_POINT_POOL = 8  # of these, how many may be on the best one's point
_SAME_POINT = 0.6  # share of the shorter clause's tokens in the longer from which two are on one point
_SAME_TEXT = 0.985  # … and to say the same
_NEAR = 0.02  # how far behind the best one a clause on its point may be
_RIVAL = 0.012  # how near a clause of another scope must be for the question to be open


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of the hits: the chosen one and why, or the reason to abstain."""

    chosen: Hit | None
    reason: Reason | None
    confidence: float
    why: tuple[str, ...]
    alternatives: tuple[tuple[Hit, str], ...]


def _on_one_point(best: Hit, other: Hit) -> bool:
    """Whether two clauses of different documents say much the same in much the same words.

    Vectors do not tell: within one subject every clause is as near to every other as two editions of
    one rule are. Words do, and number words count alike (七日, 7天) because tokens are folded.
    """
    if best.clause.document == other.clause.document or best.score - other.score > _NEAR:
        return False
    a, b = set(tokens(best.clause.text)), set(tokens(other.clause.text))
    return len(a & b) >= _SAME_POINT * min(len(a), len(b)) > 0


class Assistant:
    """Answers questions from one snapshot. Thread-safe: it changes nothing after it is made."""

    def __init__(
        self,
        snapshot: Snapshot,
        embedder: Embedder,
        base: BaseSettings,
        settings: AssistantSettings | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        snapshot.require(embedder)
        self.settings = settings or AssistantSettings()
        self._base = base
        self._snapshot = snapshot
        self._embedder = embedder
        self._searcher = Searcher(snapshot)
        self._scopes = scope_values(snapshot.versions)
        self._scope_words = ScopeWords(self._scopes)
        self.calibration, self.calibrated = (calibration, True) if calibration else calibration_for(embedder.id)
        self._line = self.settings.line or self.calibration.line
        self._row = {(c.version, c.id): row for row, c in enumerate(snapshot.clauses)}

    @classmethod
    def open(cls, home: Home, snapshot_id: str | None = None, embedder: Embedder | None = None) -> Assistant:
        """The assistant over the home's current (or the named) snapshot."""
        settings = section(AssistantSettings, home.tables.get("assistant", {}), "assistant")
        snapshot = Snapshot.open(home, snapshot_id)
        return cls(snapshot, embedder or open_embedder(home.embedding), home.settings, settings)

    @property
    def snapshot(self) -> str:
        return self._snapshot.id

    @property
    def embedder(self) -> str:
        return self._embedder.id

    def scopes(self) -> Mapping[str, tuple[str, ...]]:
        """Dimension -> the values known in the base."""
        return self._scopes

    def summary(self) -> Mapping[str, int]:
        return self._snapshot.manifest["counts"]

    def now(self) -> datetime:
        """The moment, in the base's time zone."""
        return datetime.now(self._base.zone())

    def standing(self, clause_id: str, at: datetime) -> tuple[Clause, Version, VersionState] | None:
        """The clause as this snapshot has it and whether it is in force at that moment; of several
        versions the one in force, else the last. None: it is not there."""
        found = [clause for clause in self._snapshot.clauses if clause.id == clause_id]
        rows = [(c, self._snapshot.version_of[c.version], self._snapshot.validity[c.version].state(at)) for c in found]
        return next((row for row in rows if row[2] is VersionState.IN_FORCE), rows[-1] if rows else None)

    def warm_up(self) -> None:
        """Loads what the first question would otherwise wait for."""
        self.search(Request("热身"), 1)

    def ask(self, request: Request, now: datetime | None = None) -> Answer:
        """The answer to a request, as it is given at `now` (None: this moment).

        Raises BadRequest for one that cannot be meant as it stands.
        """
        self._check(request)
        timings: dict[str, float] = {}
        began = time.perf_counter()
        understood = understand(request, self._scope_words, now.astimezone(self._base.zone()) if now else self.now())
        timings["understand"] = (time.perf_counter() - began) * 1000
        say = Wording(understood.language)
        if understood.nothing_asked:
            reason = Reason.UNCLEAR_QUESTION
            decision = Decision(None, reason, 0.0, (say.say("abstain", reason),), ())
        else:
            lap = time.perf_counter()
            vector = self._embedder.embed_question(understood.search_text)
            timings["embed"] = (time.perf_counter() - lap) * 1000
            hits = self._retrieve(understood, vector, _POOL, timings)
            lap = time.perf_counter()
            decision = self._decide(understood, vector, hits, say, request.top)
            timings["decide"] = (time.perf_counter() - lap) * 1000
        return self._present(request, understood, decision, say, timings, began)

    def search(self, request: Request, top: int, weights: Weights | None = None) -> list[Hit]:
        """The ranked clauses for a request, before anything is decided. `weights` overrules the shipped fusion."""
        self._check(request)
        understood = understand(request, self._scope_words, self.now())
        vector = self._embedder.embed_question(understood.search_text)
        return self._retrieve(understood, vector, top, weights=weights)

    def evidence(self, request: Request) -> tuple[list[Hit], tuple[float, ...]]:
        """The ranked clauses and the features that the confidence is computed from: what calibration fits."""
        understood = understand(request, self._scope_words, self.now())
        hits = self._retrieve(understood, self._embedder.embed_question(understood.search_text), _POOL)
        if not hits:
            return [], ()
        between = self._searcher.similarity_between(np.array([self._row_of(hit) for hit in hits]))
        return hits, self._features(understood, hits, between)

    # -- retrieve and rank

    def _retrieve(
        self,
        understood: Understood,
        vector: np.ndarray,
        top: int,
        timings: dict[str, float] | None = None,
        weights: Weights | None = None,
    ) -> list[Hit]:
        groups = self._searcher.groups(Filter(understood.at, understood.scope))
        if understood.time is not None:
            groups = self._editions_of(groups, understood)
        return self._searcher.search(understood.search_text, vector, groups, top, timings, weights)

    def _editions_of(self, groups: tuple[int, ...], understood: Understood) -> tuple[int, ...]:
        """`groups` with the editions that were in force at the moment the question names, where a document
        had one, in place of those that replaced them. Other documents stay as they are: a purchase last
        year does not make this year's rules on other matters void."""
        assert understood.time is not None
        snapshot = self._snapshot
        then = moments.instant(understood.time.on, understood.at)
        at_the_time = self._searcher.groups(Filter(then, understood.scope))
        position = {version.id: n for n, version in enumerate(snapshot.versions)}
        chosen = set(groups)
        for n in set(at_the_time) - chosen:
            successor, seen = snapshot.validity[snapshot.versions[n].id].replaced_by, set[str]()
            while successor is not None and successor not in seen:
                seen.add(successor)
                later = position[successor]
                if later in chosen:
                    chosen.discard(later)
                    chosen.add(n)
                successor = snapshot.validity[snapshot.versions[later].id].replaced_by
        return tuple(sorted(chosen))

    # -- resolve and decide

    def _decide(self, understood: Understood, vector: np.ndarray, hits: list[Hit], say: Wording, top: int) -> Decision:
        if not hits:
            return Decision(None, Reason.NO_POLICY, 0.0, (say.say("abstain", "no_candidates"),), ())
        between = self._searcher.similarity_between(np.array([self._row_of(hit) for hit in hits]))
        point = [0, *(i for i in range(1, min(len(hits), _POINT_POOL)) if _on_one_point(hits[0], hits[i]))]
        confidence = self.calibration.confidence(self._features(understood, hits, between))
        # Only scopes that the question states can make a clause the more specific one. A clause for a
        # category nobody mentioned neither beats the general rule nor is beaten by it: it is not meant.
        stated = set(understood.scope)
        contenders = [i for i in point if i == 0 or set(hits[i].version.scope) <= stated | set(hits[0].version.scope)]
        verdict = precedence.resolve(
            [self._candidate(hits[i]) for i in contenders], self._base.authorities, self._snapshot.decisions.rulings
        )
        chosen = next(hits[i] for i in contenders if hits[i].clause == verdict.winner.clause)
        rules = {lost.loser.clause.id: lost.rule for lost in verdict.lost if lost.rule is not Rule.UNDECIDED}

        if confidence < self._line:
            return self._abstain(understood, vector, hits, point, confidence, say, top)
        why = [self._why(chosen, verdict, say)]
        if confidence < self.settings.careful_below:
            why.append(say.say("why", "low"))
        alternatives = []
        for hit in hits:
            if hit.clause == chosen.clause and hit.version == chosen.version:
                continue
            rule = rules.get(hit.clause.id)
            open_scope = {
                k: v for k, v in hit.version.scope.items() if k not in stated and k not in chosen.version.scope
            }
            if rule is not None:
                because = self._lost(rule, chosen, hit, say)
            elif open_scope and hit in [hits[i] for i in point]:
                because = say.say("lost", "other_scope", scope=say.scope(open_scope))
            else:
                because = say.say("lost", "score")
            alternatives.append((hit, because))
        return Decision(chosen, None, confidence, tuple(why), tuple(alternatives[:top]))

    def _features(self, understood: Understood, hits: Sequence[Hit], between: np.ndarray) -> tuple[float, ...]:
        same_text = [bool(between[0, i] >= _SAME_TEXT) for i in range(len(hits))]
        return features(understood.search_text, hits, same_text)

    def _abstain(
        self,
        understood: Understood,
        vector: np.ndarray,
        hits: list[Hit],
        point: Sequence[int],
        confidence: float,
        say: Wording,
        top: int,
    ) -> Decision:
        nearest = tuple((hit, say.say("lost", "nearest")) for hit in hits[:top])
        if open_question := self._open_scope(understood, hits, point):
            dimension, values = open_question
            words = say.say("abstain", "ambiguous", dimension=say.dimension(dimension), values=say.join(values))
            return Decision(None, Reason.AMBIGUOUS, confidence, (words,), nearest)
        if outside := self._outside(understood, vector, hits, say):
            reason, words, hit = outside
            return Decision(None, reason, confidence, (words,), ((hit, words), *nearest)[:top])
        return Decision(None, Reason.NO_POLICY, confidence, (say.say("abstain", "no_policy"),), nearest)

    def _open_scope(
        self, understood: Understood, hits: list[Hit], point: Sequence[int]
    ) -> tuple[str, tuple[str, ...]] | None:
        """The dimension the question leaves open, if clauses for different values of it fit alike."""
        best = hits[0]
        for dimension in sorted(set(best.version.scope) - set(understood.scope)):
            values = {best.version.scope[dimension]}
            for i, hit in enumerate(hits):
                if best.score - hit.score <= (_NEAR if i in point else _RIVAL) and dimension in hit.version.scope:
                    values.add(hit.version.scope[dimension])
            if len(values) > 1:
                return dimension, tuple(sorted(values))
        return None

    def _outside(
        self, understood: Understood, vector: np.ndarray, hits: list[Hit], say: Wording
    ) -> tuple[Reason, str, Hit] | None:
        """A clause that would have been answered with, were it in force or for this scope."""
        everything = self._searcher.groups(Filter(None, {}))
        found = self._searcher.search(understood.search_text, vector, everything, _POOL)
        if not found or found[0].clause == hits[0].clause:
            return None
        best = found[0]
        between = self._searcher.similarity_between(np.array([self._row_of(hit) for hit in found]))
        if self.calibration.confidence(self._features(understood, found, between)) < self._line:
            return None
        validity = self._snapshot.validity[best.version.id]
        state = validity.state(understood.at)
        names = {"title": best.version.title, "label": best.clause.label}
        if state is not VersionState.IN_FORCE:
            if state is VersionState.PENDING:
                words = say.say("abstain", "pending", first=say.date(validity.first or EVER))
            elif validity.replaced_by:
                by = self._snapshot.version_of[validity.replaced_by].title
                words = say.say("abstain", "expired_replaced", by=by)
            else:
                words = say.say("abstain", "expired", last=say.date(moments.last_day(validity.until or understood.at)))
            why = say.say("abstain", "not_in_force", **names, date=say.date(understood.as_of), state=words)
            return Reason.NOT_IN_FORCE, why, best
        if any(fold(best.version.scope.get(k, v)) != fold(v) for k, v in understood.scope.items()):
            why = say.say("abstain", "out_of_scope", **names, scope=say.scope(best.version.scope))
            return Reason.OUT_OF_SCOPE, why, best
        return None

    def _why(self, chosen: Hit, verdict: precedence.Verdict, say: Wording) -> str:
        decided = [lost for lost in verdict.lost if lost.loser.clause.sha256 != chosen.clause.sha256]
        if not decided:
            return say.say("why", "only")
        loser, rule = decided[0].loser, decided[0].rule
        match rule:
            case Rule.SCOPE:
                return say.say(
                    "why", "scope", winner=say.scope(chosen.version.scope), loser=say.scope(loser.version.scope)
                )
            case Rule.AUTHORITY:
                return say.say(
                    "why",
                    "authority",
                    winner=say.authority(chosen.version.authority),
                    loser=say.authority(loser.version.authority),
                )
            case Rule.EFFECTIVE_FROM:
                first = verdict.winner.effective_from
                other = loser.effective_from
                return say.say(
                    "why",
                    "effective_from",
                    winner=say.date(first) if first else "?",
                    loser=say.date(other) if other else f"《{loser.version.title}》",
                )
            case Rule.VERSION:
                first = verdict.winner.effective_from
                return say.say("why", "version", winner=say.date(first) if first else "?")
            case _:
                return say.say("why", "undecided")

    def _lost(self, rule: Rule, chosen: Hit, hit: Hit, say: Wording) -> str:
        return say.say(
            "lost",
            rule,
            winner=say.authority(chosen.version.authority),
            loser=say.authority(hit.version.authority),
        )

    # -- present

    def _present(
        self,
        request: Request,
        understood: Understood,
        decision: Decision,
        say: Wording,
        timings: dict[str, float],
        began: float,
    ) -> Answer:
        chosen, reason, why = decision.chosen, decision.reason, list(decision.why)
        alternatives = decision.alternatives
        try:
            for hit in [*([chosen] if chosen else []), *(hit for hit, _ in alternatives)]:
                self._snapshot.check_quote(hit.clause)
        except DamagedSnapshot as error:
            chosen, reason, alternatives = None, Reason.UNSAFE, ()
            why = [say.say("abstain", "unsafe", detail=str(error))]
        why.extend(self._conditions(understood, request, say))
        marked: tuple[tuple[int, int], ...] = ()
        if chosen is not None:
            marked = citations.highlights(chosen.clause.text, understood.search_text, chosen.sentence)
        escalate = None
        if chosen is None and self.settings.escalate_to:
            escalate = Escalation(why[0], self.settings.escalate_to)
        timings["total"] = (time.perf_counter() - began) * 1000
        return Answer(
            id=self._answer_id(request, understood),
            question=understood.question,
            status=AnswerStatus.ANSWERED if chosen else AnswerStatus.ABSTAINED,
            reason=reason,
            citation=self._citation(chosen) if chosen else None,
            quote=citations.quote(chosen.clause.text, marked) if chosen else "",
            highlights=marked,
            confidence=decision.confidence if reason is not Reason.UNSAFE else 0.0,
            why=" ".join(why) if not understood.language.startswith("zh") else "".join(why),
            alternatives=tuple(Alternative(self._citation(hit), hit.score, because) for hit, because in alternatives),
            reply=None,
            escalate=escalate,
            snapshot=self._snapshot.id,
            timings_ms={name: round(ms, 3) for name, ms in timings.items()},
            as_of=understood.as_of,
            scope=understood.scope,
        )

    def _conditions(self, understood: Understood, request: Request, say: Wording) -> list[str]:
        """Under which scope and date the question was read, where that is not plain."""
        said = []
        if understood.recognised:
            said.append(say.say("scope", "recognised", scope=say.scope(understood.recognised)))
        if request.as_of is not None:
            said.append(say.say("time", "as_of", date=say.date(request.as_of)))
        elif understood.time is not None:
            said.append(say.say("time", "recognised", words=understood.time.words, date=say.date(understood.time.on)))
        return said

    def _citation(self, hit: Hit) -> Citation:
        """With the dates in force after supersession."""
        validity = self._snapshot.validity[hit.version.id]
        return Citation(hit.clause, hit.version, validity.first, validity.until)

    def _candidate(self, hit: Hit) -> Candidate:
        return precedence.candidate(hit.clause, hit.version, self._snapshot.validity[hit.version.id].first)

    def _row_of(self, hit: Hit) -> int:
        return self._row[hit.version.id, hit.clause.id]

    def _answer_id(self, request: Request, understood: Understood) -> str:
        """The same for the same request on the same snapshot."""
        parts = [
            self._snapshot.id,
            understood.search_text,
            understood.as_of.isoformat(),
            self._snapshot.era(understood.at).isoformat(),
            sorted(understood.scope.items()),
            understood.language,
            request.top,
        ]
        return "a-" + hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:16]

    def _check(self, request: Request) -> None:
        if not request.question.strip():
            raise BadRequest("The question is empty; expected the customer's words. Write the question and ask again.")
        known = set(self._base.dimensions) | set(self._scopes)
        for dimension in request.scope:
            if dimension not in known:
                raise BadRequest(
                    f"The scope dimension {dimension!r} is unknown; expected one of {', '.join(sorted(known))}. "
                    "Correct its name, or add it to base.dimensions in settings.toml."
                )
