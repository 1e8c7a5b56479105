"""The answer, step by step: understand, retrieve, rank, resolve, decide, present."""

from __future__ import annotations

import hashlib
import json
import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import takewhile

import numpy as np

from assistant import citations, precedence
from assistant.abstention import Calibration, calibrated_as, calibration_for, features
from assistant.amendments import Amendment, amendments
from assistant.amendments import of_clause as amendments_of
from assistant.analysis import ALL, Analysis
from assistant.basewords import BaseWords
from assistant.cited import Articles, named
from assistant.confirmed import Confirmed
from assistant.contradictions.comparing import compare_readings
from assistant.contradictions.statements import Reading, read
from assistant.errors import BadRequest
from assistant.festivals import year_meant
from assistant.groups import for_everybody_first, names_a_group
from assistant.kinds import kinds
from assistant.particulars import Particulars, about_another, in_full, of_clause, of_document, particulars, series_of
from assistant.precedence import Candidate, Lost, Rule
from assistant.rewriting import Rewriter, open_rewriter
from assistant.scopewords import ScopeWords
from assistant.settings import AssistantSettings
from assistant.types import (
    Alternative,
    Answer,
    AnswerStatus,
    Basis,
    Choices,
    Citation,
    Edition,
    Escalation,
    Reason,
    Reply,
    Request,
    Rewrite,
)
from assistant.understand import Understood, understand
from assistant.wording import LANGUAGES, Wording
from kb import moments
from kb.decisions import AskedAs, Ruling, RulingKind, Subject
from kb.embedding import Embedded, Embedder, embedder_of, open_embedder
from kb.errors import DamagedSnapshot
from kb.home import Home
from kb.moments import EVER
from kb.search import Candidates, Filter, Searcher, Weights, scope_values
from kb.settings import BaseSettings, section
from kb.snapshot import Snapshot
from kb.text import fold, tokens
from kb.types import Clause, ClauseKind, Hit, Version, VersionState
from kb.validity import family_of

_POOL = 20  # hits that are looked at
_POINT_POOL = 8  # of these, how many may be on the best one's point
_SAME_POINT = 0.6  # share of what the shorter clause's tokens tell in the longer from which two are on one point
_SAME_SUBJECT = 0.45  # … from which it is worth reading both
_SPEAKS_OF_IT = 0.8  # how much of what the best hit has of the question's words a more specific one must have
_READ = 1  # pairs read a question, the nearest: reading takes tens of milliseconds until the clauses are known
_SAME_TEXT = 0.985  # … and to say the same
_NEAR = 0.02  # how far behind the best one a clause on its point may be
_RIVAL = 0.012  # how near a clause of another scope must be for the question to be open
# How likely some clause covers a question that is asked back. Of 25 questions of the sample corpus below it that looked
# open 23 were covered by none: 无人机的整机保修期是多长 does not ask which of our products.
_ASKABLE = 0.5
_MEMBERSHIP = "membership"  # the dimension that says which group a customer belongs to
_WHERE = ("platform", "shop")  # dimensions that say where somebody is
# Confidence in a clause that a maintainer has tied to these very words, or that they name by its number.
_CONFIRMED = 0.99
_FOR_A_TIME = timedelta(days=180)  # the longest that a sale, or a rule for a season, lasts
_CITED = "cited"  # the basis of an answer to a question for an article by its number
_PLACES_NAMED = 5
_MOST_CONTINUED = 60  # rows of a table that are shown below the words that lead it in


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of the hits: the chosen one and why, or the reason to abstain."""

    chosen: Hit | None
    reason: Reason | None
    confidence: float
    covered: float  # how likely some clause covers the question
    why: tuple[str, ...]
    alternatives: tuple[tuple[Hit, str], ...]
    basis: Basis | None = None
    choices: Choices | None = None


@dataclass(frozen=True, slots=True)
class _Meant:
    """A clause that a maintainer has tied to the question's words."""

    hit: Hit
    decision: Ruling | AskedAs


def _around(hit: Hit) -> set[str]:
    """The tokens of a clause and of what stands above it."""
    clause = hit.clause
    return set(tokens(f"{hit.version.title} {' '.join(clause.path)} {clause.context} {clause.text}"))


def _of(amendment: Amendment, hit: Hit) -> Hit:
    return Hit(amendment.clause, amendment.version, hit.score, {})


def _surer(one: Hit, others: Sequence[Hit]) -> bool:
    """Whether a clause answers more surely than any of the others: as the reader says, else by its score."""
    if not others:
        return True
    if "reader" in one.stages:
        return one.stages["reader"] > max(other.stages.get("reader", -math.inf) for other in others)
    return one.score > others[0].score


def _subject(hit: Hit) -> Subject:
    return Subject(hit.clause.id, hit.clause.sha256)


def _apart(rulings: Sequence[Ruling]) -> frozenset[frozenset[Subject]]:
    """The pairs of texts of which the last ruling says that they do not contradict each other."""
    last = {frozenset(r.subjects): r.kind for r in sorted(rulings, key=lambda r: (r.at, r.id))}
    return frozenset(pair for pair, kind in last.items() if kind is RulingKind.NO_CONFLICT)


def _same(hit: Hit, candidate: Candidate) -> bool:
    return (hit.clause.id, hit.version.id) == (candidate.clause.id, candidate.version.id)


class Assistant:
    """Answers questions from one snapshot. Thread-safe: it changes nothing after it is made."""

    def __init__(
        self,
        snapshot: Snapshot,
        embedder: Embedder,
        base: BaseSettings,
        settings: AssistantSettings | None = None,
        calibration: Calibration | None = None,
        analysis: Analysis = ALL,
        rewriter: Rewriter | None = None,
    ) -> None:
        """`rewriter`: words a question anew, and that is looked for as well; None: nobody is asked to."""
        snapshot.require(embedder)
        self.settings = settings or AssistantSettings()
        self._base = base
        self._snapshot = snapshot
        self._embedder = embedder
        self._searcher = Searcher(snapshot, embedder)
        self._scopes = scope_values(snapshot.versions)
        ours = [version for version in snapshot.versions if version.authority != base.authorities[0]]
        where = {name: [fold(version.scope.get(name, "")) for version in ours] for name in _WHERE}
        self._plain = {
            name for name, values in where.items() if len({*values} - {""}) == 1 and 2 * values.count("") < len(values)
        }
        self._words = BaseWords(snapshot.lexical.known, snapshot.vocabulary, snapshot.decisions.sayings)
        self._analysis = analysis
        self._rewriter = rewriter
        own = calibration_for(calibrated_as(embedder))
        self.calibration, self.calibrated = (calibration, True) if calibration else own
        self._line = self.settings.line or self.calibration.line
        self._row = {(c.version, c.id): row for row, c in enumerate(snapshot.clauses)}
        self._confirmed = Confirmed(snapshot.decisions)
        self._texts: dict[Subject, list[Clause]] = {}  # clauses that something is decided about
        named = self._confirmed.subjects()
        for clause in snapshot.clauses if named else ():
            if (subject := Subject(clause.id, clause.sha256)) in named:
                self._texts.setdefault(subject, []).append(clause)
        self._apart = _apart(snapshot.decisions.rulings)
        self._amendments = amendments(snapshot.versions, snapshot.clauses, snapshot.validity)
        of_version: dict[str, list[Clause]] = {}
        for clause in snapshot.clauses:
            of_version.setdefault(clause.version, []).append(clause)
        self._scope_words = ScopeWords(self._scopes, snapshot.decisions.sayings, kinds(snapshot.versions, of_version))
        self._series = series_of(snapshot.versions)
        self._named_after = [of_document(v, of_version.get(v.id, ()), self._series) for v in snapshot.versions]
        chinese = sum(version.language.startswith("zh") for version in snapshot.versions)
        self._spoken = "zh" if 2 * chinese > len(snapshot.versions) else "en"
        self._reading = lru_cache(maxsize=4096)(self._read)
        self._rarity = lru_cache(maxsize=65536)(snapshot.lexical.rarity)
        self._predecessors: dict[str, list[Version]] = {}
        for version in snapshot.versions:
            if (successor := snapshot.validity[version.id].replaced_by) is not None:
                self._predecessors.setdefault(successor, []).append(version)

    @classmethod
    def open(
        cls, home: Home, snapshot_id: str | None = None, embedder: Embedder | None = None, rewriting: bool = False
    ) -> Assistant:
        """The assistant over the home's current (or the named) snapshot, with the embedder that it was built with.

        `rewriting`: as the settings say; without it never, so that snapshots and runs are compared by themselves.
        """
        settings = section(AssistantSettings, home.tables.get("assistant", {}), "assistant")
        embedder = embedder or open_embedder(home.embedding, ahead=True)
        snapshot = Snapshot.open(home, snapshot_id)
        rewriter = open_rewriter(home.tables) if rewriting else None
        embedder = embedder_of(snapshot.embedder, home.embedding, embedder)
        return cls(snapshot, embedder, home.settings, settings, rewriter=rewriter)

    @property
    def snapshot(self) -> str:
        return self._snapshot.id

    @property
    def source(self) -> Snapshot:
        """What it answers from."""
        return self._snapshot

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
        understood = self._understand(request, now.astimezone(self._base.zone()) if now else self.now())
        timings["understand"] = (time.perf_counter() - began) * 1000
        say = self._wording(understood)
        groups = self._groups(understood)
        meant = self._meant(understood, groups)
        if understood.nothing_asked and meant is None:
            reason = Reason.UNCLEAR_QUESTION
            decision = Decision(None, reason, 0.0, 0.0, (say.say("abstain", reason),), ())
        elif meant is None and (found := self._cited(understood, groups, say, request.top)) is not None:
            decision = found
        else:
            if self._rewriter is not None and meant is None:
                lap = time.perf_counter()
                understood = self._with(self._rewriter(understood.question, understood.history), understood)
                timings["rewrite"] = (time.perf_counter() - lap) * 1000
            lap = time.perf_counter()
            question = self._embedder.embed_question(understood.embedded)
            timings["embed"] = (time.perf_counter() - lap) * 1000
            hits = self._search(understood, question, groups, _POOL, timings=timings)
            lap = time.perf_counter()
            decision = self._decide(understood, question, hits, meant, say, request.top)
            timings["decide"] = (time.perf_counter() - lap) * 1000
        return self._present(request, understood, decision, say, timings, began)

    def search(self, request: Request, top: int, weights: Weights | None = None) -> list[Hit]:
        """The ranked clauses for a request, before anything is decided. `weights` overrules the embedder's own."""
        self._check(request)
        understood = self._understand(request, self.now())
        question = self._embedder.embed_question(understood.embedded)
        return self._retrieve(understood, question, top, weights=weights)

    def candidates(self, request: Request) -> tuple[Searcher, Candidates]:
        """What the indexes bring up for a request, not yet fused, and what fuses it: what the weights are fitted on."""
        understood = self._understand(request, self.now())
        question = self._embedder.embed_question(understood.embedded)
        return self._searcher, self._searcher.candidates(understood.terms, question, self._groups(understood))

    def evidence(self, request: Request) -> tuple[list[Hit], tuple[float, ...]]:
        """The ranked clauses and the features that the confidence is computed from: what calibration fits."""
        understood = self._understand(request, self.now())
        hits = self._retrieve(understood, self._embedder.embed_question(understood.embedded), _POOL)
        if not hits:
            return [], ()
        between = self._searcher.similarity_between(np.array([self._row_of(hit) for hit in hits]))
        return hits, self._features(understood, hits, between)

    def _wording(self, understood: Understood) -> Wording:
        """In the agent's language; where nothing tells it, or there are no words in it, in that of most documents."""
        spoken = understood.agent_language.split("-")[0].lower()
        return Wording(spoken if spoken in LANGUAGES else self._spoken)

    def _understand(self, request: Request, now: datetime) -> Understood:
        return understand(request, self._scope_words, now, self._words, self._analysis)

    def _with(self, rewrite: Rewrite, understood: Understood) -> Understood:
        """With other words for the question beside its own. They are looked for, and nothing else: scope, date and
        confidence hang on the question's own words."""
        more = self._words.terms(rewrite.text, self._analysis) if rewrite.text else {}
        own = understood.terms
        return replace(understood, rewrite=rewrite, terms={**own, **{t: w for t, w in more.items() if t not in own}})

    # -- retrieve and rank

    def _groups(self, understood: Understood) -> tuple[int, ...]:
        """Positions of the versions that may answer."""
        groups = self._searcher.groups(Filter(understood.at, understood.scope))
        if understood.time is not None:
            groups = self._editions_of(groups, understood)
        return self._meant_for(groups, understood)

    def _meant_for(self, groups: tuple[int, ...], understood: Understood) -> tuple[int, ...]:
        """`groups` without the versions for what the question says it is not about: a scope that it denies, the
        document of another product or sale than it names."""
        asked = self._asked_about(understood)
        return tuple(
            n
            for n in groups
            if not about_another(asked, self._named_after[n])
            and not self._is_denied(self._snapshot.versions[n], understood)
        )

    @staticmethod
    def _is_denied(version: Version, understood: Understood) -> bool:
        return any(fold(version.scope.get(name, "")) in values for name, values in understood.denied.items())

    def _retrieve(
        self, understood: Understood, question: Embedded, top: int, weights: Weights | None = None
    ) -> list[Hit]:
        return self._search(understood, question, self._groups(understood), top, weights)

    def _search(
        self,
        understood: Understood,
        question: Embedded,
        groups: tuple[int, ...],
        top: int,
        weights: Weights | None = None,
        timings: dict[str, float] | None = None,
    ) -> list[Hit]:
        """The best clauses, less those that stand under the name of another product or sale than the question's."""
        asked = self._asked_about(understood)
        weights = weights or self.calibration.weights
        found = self._searcher.search(understood.terms, question, groups, top, weights, timings)
        if any(asked.values()):
            found = [hit for hit in found if not about_another(asked, of_clause(hit.clause, self._series))]
        said = "\n".join([understood.question, understood.search_text, *(turn.text for turn in understood.history)])
        return found if _MEMBERSHIP in understood.scope or names_a_group(said) else for_everybody_first(found)

    def _asked_about(self, understood: Understood) -> Particulars:
        said, last = (particulars(text, self._series) for text in (understood.search_text, understood.question))
        if not any(said.values()):
            return said
        asked = {kind: last[kind] or names for kind, names in said.items()}  # AF5怎么清洗；那AF6呢
        today = understood.at.astimezone(self._base.zone()).date()
        held = understood.time.on.year if understood.time else year_meant(fold(understood.search_text), today)
        return in_full(asked, self._models, held)

    @cached_property
    def _models(self) -> frozenset[str]:
        """Of the whole base, documents and rows: looked for when the first question names one."""
        named = (*self._named_after, *(of_clause(clause, self._series) for clause in self._snapshot.clauses))
        return frozenset(model for one in named for model in one.names["model"])

    def _meant(self, understood: Understood, groups: tuple[int, ...]) -> _Meant | None:
        """The clause that a maintainer has tied to these words, if it is in force and in scope.

        Tied to several: rulings come before wordings; of clauses that one or the other names, the one that precedence
        puts first among those whose scope the question states, and the newest where it puts none first.
        """
        snapshot = self._snapshot
        allowed = {snapshot.versions[n].id for n in groups}
        found: dict[tuple[str, str], _Meant] = {}
        for meant in self._confirmed.meant(understood.wordings):
            if (
                found
                and isinstance(meant.decision, AskedAs)
                and isinstance(next(iter(found.values())).decision, Ruling)
            ):
                break
            for clause in self._texts.get(meant.subject, ()):
                if clause.version in allowed:
                    hit = Hit(clause, snapshot.version_of[clause.version], 0.0, {})
                    found.setdefault((clause.version, clause.id), _Meant(hit, meant.decision))
        if not found:
            return None
        stated = set(understood.scope)
        fitting = [m for m in found.values() if set(m.hit.version.scope) <= stated] or list(found.values())
        verdict = self._resolve([m.hit for m in fitting])
        if any(lost.rule is Rule.UNDECIDED for lost in verdict.lost):
            return fitting[0]
        return found[verdict.winner.version.id, verdict.winner.clause.id]

    def _editions_of(self, groups: tuple[int, ...], understood: Understood) -> tuple[int, ...]:
        """`groups` with the versions that were in force at the moment the question names, in place of those that
        replaced or amended them since. Other versions in force today stay as they are: a purchase last year does not
        make this year's rules on other matters void. What holds for a time only, a sale, is for what is bought in it."""
        then = self._then(understood)
        position = {version.id: n for n, version in enumerate(self._snapshot.versions)}
        chosen = set(groups) | set(then)
        for n in then:
            successor, seen = self._snapshot.validity[self._snapshot.versions[n].id].replaced_by, set[str]()
            while successor is not None and successor not in seen:
                seen.add(successor)
                if position[successor] not in then:
                    chosen.discard(position[successor])
                successor = self._snapshot.validity[successor].replaced_by
        ids = {self._snapshot.versions[n].id for n in then}
        for (amended, _), some in self._amendments.items():
            if amended in ids:
                chosen -= {position[one.version.id] for one in some} - set(then)
        chosen -= {n for n in chosen if self._is_for_a_time(self._snapshot.versions[n])} - set(then)
        return tuple(sorted(chosen))

    def _is_for_a_time(self, version: Version) -> bool:
        """Whether a version ends by itself, soon after it begins."""
        validity = self._snapshot.validity[version.id]
        if validity.first is None or validity.until is None or validity.replaced_by is not None:
            return False
        return validity.until - validity.first <= _FOR_A_TIME

    def _then(self, understood: Understood) -> tuple[int, ...]:
        """Positions of the versions in force at the moment that the question's words name, if they name one."""
        if understood.time is None:
            return ()
        return self._searcher.groups(Filter(moments.instant(understood.time.on, understood.at), understood.scope))

    # -- resolve and decide

    def _decide(
        self,
        understood: Understood,
        question: Embedded,
        hits: list[Hit],
        meant: _Meant | None,
        say: Wording,
        top: int,
    ) -> Decision:
        struck = {} if meant else self._struck(understood, hits)
        if struck:
            standing = [hit for i, hit in enumerate(hits) if i not in struck]
            if _surer(hits[min(struck)], standing):
                return self._is_struck(understood, hits, struck, say, top)
            hits = standing
        if meant is not None:
            first = next((h for h in hits if (h.clause, h.version) == (meant.hit.clause, meant.hit.version)), meant.hit)
            hits = [replace(first, score=hits[0].score if hits else 0.0), *(h for h in hits if h is not first)]
        if not hits:
            if outside := self._outside(understood, question, hits, say):
                reason, words, hit = outside
                return Decision(None, reason, 0.0, 0.0, (words,), ((hit, words),))
            return Decision(None, Reason.NO_POLICY, 0.0, 0.0, (say.say("abstain", "no_candidates"),), ())
        point = self._point(understood, hits, meant is not None)
        if meant is not None:
            confidence = covered = _CONFIRMED
        else:
            between = self._searcher.similarity_between(np.array([self._row_of(hit) for hit in hits]))
            confidence = self.calibration.confidence(self._features(understood, hits, between))
            covered = self.calibration.covered(hits, confidence)
        contenders = self._contenders(understood, hits, point)
        if meant is not None and isinstance(meant.decision, Ruling):
            contenders = [0]
        verdict = self._resolve([hits[i] for i in contenders], meant.hit if meant else None)
        chosen = next(hits[i] for i in contenders if _same(hits[i], verdict.winner))

        # a question that clauses for different scopes answer alike is covered, and still open
        unsure = confidence < self.settings.careful_below
        if covered < self._line or unsure and self._open_scope(understood, hits, point):
            return self._abstain(understood, question, hits, point, confidence, covered, say, top)
        basis, why = self._why(chosen, verdict, meant if chosen is hits[0] else None, say)
        ruled = meant is not None and isinstance(meant.decision, Ruling)
        amended, besides = (None, "") if ruled else self._amended(understood, chosen, hits, say)
        others = []
        if amended is not None:
            by, of = (self._name(hit.clause, hit.version, say) for hit in (amended, chosen))
            basis, why = Basis(Rule.AMENDED), [say.say("why", "amended", of=of)]
            others.append((False, chosen, say.say("lost", "amended", by=by)))
        elif besides:
            why.append(besides)
        if unsure:
            why.append(say.say("why", "low"))
        lost = {(x.loser.version.id, x.loser.clause.id): x for x in verdict.lost}
        for i, hit in enumerate(hits):
            if hit in (chosen, amended):
                continue
            fell = lost.get((hit.version.id, hit.clause.id))
            others.append((fell is None, hit, self._lost(understood, fell, chosen, hit, i in point, say)))
        others.sort(key=lambda other: other[0])  # rivals on the same point first, each part as it was ranked
        alternatives = tuple((h, b) for _, h, b in others[:top])
        return Decision(amended or chosen, None, confidence, covered, tuple(why), alternatives, basis)

    def _cited(self, understood: Understood, groups: tuple[int, ...], say: Wording, top: int) -> Decision | None:
        """What stands at the place that the question names, or that nothing does; None: it is to be searched for."""
        place = understood.cited
        if place is None:
            return None
        versions = self._snapshot.versions
        known = [versions[n] for n in self._searcher.groups(Filter(None, {}))]
        allowed = {versions[n].id for n in groups}
        bearing = named(place.title, known) if place.title else [v for v in known if v.id in allowed]
        if not bearing and place.title and place.names_a_document:
            words = say.say("abstain", "cited_unknown", title=place.bare_title, label=place.words)
            return Decision(None, Reason.NO_POLICY, 0.0, 0.0, (words,), ())
        if not bearing:
            return None
        found = [(v, pieces) for v in bearing for pieces in self._articles.at(place, v.id)]
        able = [(v, pieces) for v, pieces in found if v.id in allowed]
        if place.past and understood.time is None and place.title:
            begins = {v.id: self._snapshot.validity[v.id].first or EVER for v, _ in found}
            before = [one for one in found if one[0].id not in allowed and self._has_ended(one[0], understood)]
            if before:
                return self._stood_there(understood, *max(before, key=lambda one: begins[one[0].id]), say, top)
        hits = [Hit(pieces[0], v, 1.0, {}) for v, pieces in able]
        if len(able) == 1:
            return self._stands_there(understood, able[0][1], hits[0], say, top)
        if able:
            places = say.join([self._name(hit.clause, hit.version, say) for hit in hits[:_PLACES_NAMED]])
            words = say.say("abstain", "cited_often", label=place.words, places=places)
            nearest = tuple((hit, say.say("lost", "cited_often")) for hit in hits[:top])
            return Decision(None, Reason.UNCLEAR_QUESTION, 0.0, 0.0, (words,), nearest)
        if place.title and found and not any(v.id in allowed for v in bearing):
            return self._stood_there(understood, *found[-1], say, top)
        title = next((v.title for v in bearing if v.id in allowed), bearing[-1].title)
        words = (
            say.say("abstain", "cited_missing", title=title, label=place.words)
            if place.title
            else say.say("abstain", "cited_nowhere", label=place.words)
        )
        return Decision(None, Reason.NO_POLICY, 0.0, 0.0, (words,), ())

    @cached_property
    def _articles(self) -> Articles:
        """Looked for when the first question names a place."""
        return Articles(self._snapshot.clauses)

    def _has_ended(self, version: Version, understood: Understood) -> bool:
        return self._snapshot.validity[version.id].state(understood.at) is VersionState.EXPIRED

    def _stood_there(
        self, understood: Understood, version: Version, pieces: Sequence[Clause], say: Wording, top: int
    ) -> Decision:
        """The article that was asked for, of an edition that may not answer: shown, not given."""
        hits = [Hit(piece, version, 1.0, {}) for piece in pieces]
        reason, words = self._why_outside(understood, hits[0], say) or (
            Reason.NO_POLICY,
            say.say("abstain", "no_policy"),
        )
        return Decision(None, reason, 0.0, 0.0, (words,), tuple((hit, words) for hit in hits[:top]))

    def _stands_there(
        self, understood: Understood, pieces: Sequence[Clause], hit: Hit, say: Wording, top: int
    ) -> Decision:
        """The article that was asked for, with what else of it stands in clauses of its own, and what amends it."""
        others = [(Hit(piece, hit.version, 1.0, {}), say.say("lost", "cited_part")) for piece in pieces[1:]]
        why = [say.say("why", "cited")]
        if (last := next(self._amending(understood, hit), None)) is not None:
            amending = _of(last, hit)
            of, by = (self._name(one.clause, one.version, say) for one in (hit, amending))
            if last.strikes:
                words = say.say("abstain", "struck", of=of, by=by)
                return Decision(None, Reason.NOT_IN_FORCE, 0.0, 0.0, (words,), ((hit, words), *others)[:top])
            if not (last.item or last.paragraph or last.words):  # the article reads so now
                others.insert(0, (hit, say.say("lost", "amended", by=by)))
                words = say.say("why", "amended", of=of)
                alternatives = tuple(others[:top])
                return Decision(amending, None, _CONFIRMED, _CONFIRMED, (words,), alternatives, Basis(Rule.AMENDED))
            others.insert(0, (amending, say.say("lost", "cited_amends", of=of)))
            why.append(
                say.say("why", "amended_words", words=last.words, by=by)
                if last.words
                else say.say("why", "cited_amended", by=by)
            )
        return Decision(hit, None, _CONFIRMED, _CONFIRMED, tuple(why), tuple(others[:top]), Basis(_CITED))

    def _is_struck(
        self, understood: Understood, hits: list[Hit], struck: Mapping[int, Amendment], say: Wording, top: int
    ) -> Decision:
        """What is asked is what an article said that has been struck out."""
        first = min(struck)
        by = self._name(struck[first].clause, struck[first].version, say)
        of = self._name(hits[first].clause, hits[first].version, say)
        between = self._searcher.similarity_between(np.array([self._row_of(hit) for hit in hits]))
        confidence = self.calibration.confidence(self._features(understood, hits, between))
        covered = self.calibration.covered(hits, confidence)
        nearest = [(hit, say.say("lost", "amended" if i in struck else "nearest", by=by)) for i, hit in enumerate(hits)]
        nearest.insert(0, nearest.pop(first))
        if covered < self._line:
            return Decision(
                None, Reason.NO_POLICY, confidence, covered, (say.say("abstain", "no_policy"),), tuple(nearest[:top])
            )
        words = say.say("abstain", "struck", of=of, by=by)
        return Decision(None, Reason.NOT_IN_FORCE, confidence, covered, (words,), tuple(nearest[:top]))

    def _point(self, understood: Understood, hits: Sequence[Hit], confirmed: bool) -> list[int]:
        """Positions of the best hit and of those on the same point, however they put it.

        Vectors do not tell: within one subject every clause is as near to every other as two editions of one rule
        are. What tells is: much the same words (number words count alike, 七日, 7天, because tokens are folded), unless
        the two are equals; the finder of contradictions, which knows other words for the same; and a more specific
        scope that the question states, where the clause speaks of what is asked about as much as the best one does. Of
        equals that only share their words the nearer is the better answer, not the one with the lesser id. A best hit
        that is `confirmed` for the question's words stands high because of that: how far others are behind says
        nothing then.
        """
        best, readings_left = hits[0], _READ
        of_best = set(tokens(best.clause.text))
        scope_words = {token for value in understood.scope.values() for token in tokens(value)}
        asked = set(tokens(understood.search_text)) - scope_words
        answers = len(asked & _around(best))
        special_to = self._candidate(best).scope
        found = [0]
        for i, other in enumerate(hits[1:_POINT_POOL], 1):
            if not (confirmed or best.score - other.score <= _NEAR):
                continue
            # Clauses of one document are on different points, and the nearest of them is on this one.
            if any(hits[j].clause.document == other.clause.document for j in found):
                continue
            if frozenset((_subject(best), _subject(other))) in self._apart:
                continue
            of_other = set(tokens(other.clause.text))
            shorter = min(self._told(of_best), self._told(of_other))
            shared = self._told(of_best & of_other)
            special = precedence.more_specific(self._candidate(other).scope, special_to) and (
                set(other.version.scope) - set(best.version.scope) <= set(understood.scope)
            )
            same_words = shared >= _SAME_POINT * shorter > 0
            if (
                same_words
                and not self._equal(best, other)
                or special
                and len(asked & _around(other)) >= max(_SPEAKS_OF_IT * answers, 1)
            ):
                found.append(i)
            elif same_words or readings_left and shared >= _SAME_SUBJECT * shorter > 0:
                readings_left -= not same_words
                a, b = sorted((best, other), key=lambda hit: (hit.clause.id, hit.clause.version))
                sides = (a.clause, a.version), (b.clause, b.version)
                readings = self._reading(self._row_of(a)), self._reading(self._row_of(b))
                if compare_readings(*sides, *readings) is not None:
                    found.append(i)
        return found

    def _equal(self, a: Hit, b: Hit) -> bool:
        """Whether two clauses are for one scope and no rule puts either before the other."""
        if self._candidate(a).scope != self._candidate(b).scope:
            return False
        return self._resolve([a, b]).lost[0].rule is precedence.Rule.UNDECIDED

    def _told(self, words: set[str]) -> float:
        return math.fsum(map(self._rarity, words))  # exact: a set has no order that another process shares

    def _contenders(self, understood: Understood, hits: Sequence[Hit], point: Sequence[int]) -> list[int]:
        """Of the hits on one point those that may have the last word.

        Only scopes that the question states can make a clause the more specific one. A clause for a category nobody
        mentioned is not meant, neither beside the general rule nor before it; nor is one for another product than the
        best one's. Where the question names a past moment, what was not yet in force then yields to what was.
        """
        meant = {**self._candidate(hits[0]).scope, **{k: fold(v) for k, v in understood.scope.items()}}
        able = [i for i in point if i == 0 or self._candidate(hits[i]).scope.items() <= meant.items()]
        able = [i for i in able if not self._unsaid(hits[i].version, understood)] or able
        if understood.time is None:
            return able
        then = {self._snapshot.versions[n].id for n in self._then(understood)}
        return [i for i in able if hits[i].version.id in then] or able

    def _resolve(self, hits: Sequence[Hit], meant: Hit | None = None) -> precedence.Verdict:
        return precedence.resolve(
            [self._candidate(hit) for hit in hits],
            self._base.authorities,
            self._snapshot.decisions.rulings,
            None if meant is None else self._candidate(meant),
        )

    def _amended(
        self, understood: Understood, chosen: Hit, hits: Sequence[Hit], say: Wording
    ) -> tuple[Hit | None, str]:
        """The clause that changes what the chosen one answers with, the last of those that may speak; and what to say
        where one changes something else in it.

        Not where a maintainer said that the two go together or that the chosen one comes first; what has less
        authority only tells of a change.
        """
        marked = citations.highlights(chosen.clause.text, understood.search_text, chosen.sentence)
        besides = ""
        for amendment in self._amending(understood, chosen):
            if not (spans := amendment.spans(chosen.clause)):
                continue
            found = _of(amendment, chosen)
            if any(a < end and start < b for start, end in spans for a, b in marked) or (
                amendment.words
                and citations.names_a_number(amendment.words)
                and citations.asks_a_number(understood.search_text)
                and not any(citations.names_a_number(chosen.clause.text[a:b]) for a, b in marked)
            ):
                return next((hit for hit in hits if _same(hit, self._candidate(found))), found), ""
            by = self._name(found.clause, found.version, say)
            besides = besides or (
                say.say("why", "amended_words", words=amendment.words, by=by)
                if amendment.words
                else say.say("why", "amended_in_part", by=by)
            )
        return None, besides

    def _amending(self, understood: Understood, hit: Hit) -> Iterator[Amendment]:
        """What amends a clause at the moment asked about and has at least its authority, the last one first."""
        if not (some := amendments_of(hit.clause, self._amendments)):
            return
        may = self._then(understood) if understood.time else self._groups(understood)
        allowed = {self._snapshot.versions[n].id for n in may}
        at = moments.instant(understood.time.on, understood.at) if understood.time else understood.at
        ranks = {name: n for n, name in enumerate(self._base.authorities)}

        def rank(version: Version) -> int:
            return ranks.get(version.authority, len(ranks))

        for amendment in reversed(some):
            found = _of(amendment, hit)
            if amendment.version.id not in allowed or amendment.first > at:
                continue
            if (
                rank(amendment.version) > rank(hit.version)
                or frozenset((_subject(found), _subject(hit))) in self._apart
            ):
                continue
            lost = self._resolve([found, hit]).lost[0]
            if not (lost.rule is Rule.RULING and _same(found, lost.loser)):
                yield amendment

    def _struck(self, understood: Understood, hits: Sequence[Hit]) -> Mapping[int, Amendment]:
        """Positions of the hits whose article has been struck out, and what did it."""
        if not self._amendments:
            return {}
        struck = {}
        for i, hit in enumerate(hits):
            last = next(self._amending(understood, hit), None)
            if last is not None and last.strikes:
                struck[i] = last
        return struck

    def _features(self, understood: Understood, hits: Sequence[Hit], between: np.ndarray) -> tuple[float, ...]:
        same_text = [bool(between[0, i] >= _SAME_TEXT) for i in range(len(hits))]
        return features(understood.search_text, hits, same_text)

    def _abstain(
        self,
        understood: Understood,
        question: Embedded,
        hits: list[Hit],
        point: Sequence[int],
        confidence: float,
        covered: float,
        say: Wording,
        top: int,
    ) -> Decision:
        nearest = tuple((hit, say.say("lost", "nearest")) for hit in hits[:top])
        if covered >= _ASKABLE and (open_question := self._open_scope(understood, hits, point)):
            named = {"dimension": say.dimension(open_question.dimension), "values": say.join(open_question.values)}
            words = say.say("abstain", "ambiguous", **named)
            nearest = tuple((hit, self._not_chosen(understood, hit, open_question, say)) for hit in hits[:top])
            return Decision(None, Reason.AMBIGUOUS, confidence, covered, (words,), nearest, choices=open_question)
        if outside := self._outside(understood, question, hits, say):
            reason, words, hit = outside
            return Decision(None, reason, confidence, covered, (words,), ((hit, words), *nearest)[:top])
        return Decision(None, Reason.NO_POLICY, confidence, covered, (say.say("abstain", "no_policy"),), nearest)

    def _not_chosen(self, understood: Understood, hit: Hit, choices: Choices, say: Wording) -> str:
        if choices.dimension not in hit.version.scope:
            return say.say("lost", "nearest")
        return say.say("lost", "other_scope", scope=say.scope(self._unsaid(hit.version, understood)))

    def _open_scope(self, understood: Understood, hits: list[Hit], point: Sequence[int]) -> Choices | None:
        """The dimension the question leaves open, if clauses for different values of it fit alike.

        The best one's own dimensions come first; it may as well be the general rule beside which several products'
        terms stand (保修多久).
        """
        best = hits[0]
        alike = [hit for i, hit in enumerate(hits) if best.score - hit.score <= (_NEAR if i in point else _RIVAL)]
        open_ones = {dimension for hit in alike for dimension in hit.version.scope} - set(understood.scope)
        for dimension in sorted(open_ones, key=lambda dimension: (dimension not in best.version.scope, dimension)):
            values = {hit.version.scope[dimension] for hit in alike if dimension in hit.version.scope}
            if len(values) > 1:
                return Choices(dimension, tuple(sorted(values)))
        return None

    def _outside(
        self, understood: Understood, question: Embedded, hits: list[Hit], say: Wording
    ) -> tuple[Reason, str, Hit] | None:
        """A clause that would have been answered with, were it in force, for this scope, or for this product."""
        everything = self._searcher.groups(Filter(None, {}))
        fitting = self._meant_for(everything, understood)
        if everything == self._groups(understood):
            return None
        return self._beyond(understood, question, hits, fitting, say) or (
            self._beyond(understood, question, hits, everything, say) if fitting != everything else None
        )

    def _beyond(
        self, understood: Understood, question: Embedded, hits: list[Hit], groups: tuple[int, ...], say: Wording
    ) -> tuple[Reason, str, Hit] | None:
        """The best clause of the versions at `groups`, if it answers and is not the best one anyway."""
        found = self._search(understood, question, groups, _POOL)
        if not found or hits and found[0].clause.id == hits[0].clause.id:  # the edition that may answer, or its like
            return None
        best = found[0]
        between = self._searcher.similarity_between(np.array([self._row_of(hit) for hit in found]))
        confidence = self.calibration.confidence(self._features(understood, found, between))
        if self.calibration.covered(found, confidence) < self._line or hits and self._has_it_too(hits, best):
            return None
        outside = self._why_outside(understood, best, say)
        return None if outside is None else (*outside, best)

    def _why_outside(self, understood: Understood, best: Hit, say: Wording) -> tuple[Reason, str] | None:
        """Why a clause may not answer: its days in force, its scope, the thing it is for; None: it may."""
        validity = self._snapshot.validity[best.version.id]
        state, day, now = validity.state(understood.at), understood.as_of, understood.now
        if state is VersionState.IN_FORCE and understood.time is not None and self._is_for_a_time(best.version):
            day, now = understood.time.on, False
            state = validity.state(moments.instant(day, understood.at))
        names = {"title": best.version.title, "label": best.clause.label}
        if state is not VersionState.IN_FORCE:
            if state is VersionState.PENDING:
                words = say.say("abstain", "pending", first=say.date(validity.first or EVER))
            elif validity.replaced_by:
                by = self._snapshot.version_of[validity.replaced_by].title
                words = (
                    say.say("abstain", "expired_replaced", by=by)
                    if by != best.version.title
                    else say.say("abstain", "expired_edition", first=say.date(validity.until or EVER))
                )
            else:
                words = say.say("abstain", "expired", last=say.date(moments.last_day(validity.until or understood.at)))
            # today is "now": an answer says the same on every day until the rules turn
            when = say.say("words", "now") if now else say.say("words", "on", date=say.date(day))
            why = say.say("abstain", "not_in_force", **names, date=when, state=words)
            return Reason.NOT_IN_FORCE, why
        elsewhere = any(fold(best.version.scope.get(k, v)) != fold(v) for k, v in understood.scope.items())
        if elsewhere or self._is_denied(best.version, understood):
            why = say.say("abstain", "out_of_scope", **names, scope=say.scope(best.version.scope))
            return Reason.OUT_OF_SCOPE, why
        if not self._meant_for((self._snapshot.versions.index(best.version),), understood):
            return Reason.OUT_OF_SCOPE, say.say("abstain", "another", **names)
        return None

    def _has_it_too(self, hits: Sequence[Hit], best: Hit) -> bool:
        """Whether the first of the hits says in another edition what `best` says: it is nearer to it than the question
        is. Then the matter is in force, and only what the edition says of it now is not surely an answer."""
        here, there = hits[0].version, best.version
        replaced = {self._snapshot.validity[here.id].replaced_by, self._snapshot.validity[there.id].replaced_by}
        if here.id == there.id or not (family_of(here) == family_of(there) or {here.id, there.id} & replaced):
            return False
        rows = np.array([self._row_of(best), self._row_of(hits[0])])
        return bool(self._searcher.similarity_between(rows)[0, 1] >= best.stages["dense"])

    def _why(
        self, chosen: Hit, verdict: precedence.Verdict, meant: _Meant | None, say: Wording
    ) -> tuple[Basis | None, list[str]]:
        """What decided, and the sentences that say so: the words' meaning, the first rule that anyone fell by, and
        who is level with the clause."""
        basis, why = None, []
        if meant is not None:
            basis = self._basis("means" if isinstance(meant.decision, Ruling) else "asked_as", meant.decision)
            why.append(self._signed(basis.rule, meant.decision, say))
        # a clause that says the very same did not lose: there was nothing to decide
        lost = [x for x in verdict.lost if x.loser.clause.sha256 != chosen.clause.sha256]
        decided = [x for x in lost if x.rule is not Rule.UNDECIDED and _same(chosen, x.to)]
        if decided:
            first = min(decided, key=lambda x: list(Rule).index(x.rule))
            basis = basis or self._basis(first.rule, first.ruling)
            why.append(self._because(chosen, first, say))
        if level := [x for x in lost if x.rule is Rule.UNDECIDED]:
            basis = basis or Basis(Rule.UNDECIDED)
            rivals = say.join(self._name(x.loser.clause, x.loser.version, say) for x in level)
            why.append(say.say("why", "undecided", rivals=rivals))
        return basis, why or [say.say("why", "only")]

    def _because(self, chosen: Hit, lost: Lost, say: Wording) -> str:
        loser = lost.loser
        match lost.rule:
            case Rule.RULING:
                assert lost.ruling is not None
                return self._signed("ruling", lost.ruling, say, loser=self._name(loser.clause, loser.version, say))
            case Rule.SCOPE:
                return say.say("why", "scope", winner=say.standing(chosen.version), loser=say.standing(loser.version))
            case Rule.AUTHORITY:
                names = (say.authority(v.authority) for v in (chosen.version, loser.version))
                return say.say("why", "authority", **dict(zip(("winner", "loser"), names, strict=True)))
            case _:
                first, other = lost.to.effective_from, loser.effective_from
                other_words = say.date(other) if other else say.say("why", "undated", title=loser.version.title)
                return say.say("why", lost.rule, winner=say.date(first) if first else "?", loser=other_words)

    def _signed(self, name: str, decision: Ruling | AskedAs, say: Wording, **values: str) -> str:
        because = decision.because.strip() if isinstance(decision, Ruling) else ""
        said = say.say("why", name, date=say.date(self._day(decision)), by=decision.by, **values)
        return said + say.say("why", "because", because=because) if because else said

    def _basis(self, rule: str, decision: Ruling | AskedAs | None) -> Basis:
        if decision is None:
            return Basis(rule)
        return Basis(rule, decision.id, decision.by, self._day(decision))

    def _day(self, decision: Ruling | AskedAs) -> date:
        return datetime.fromisoformat(decision.at).astimezone(self._base.zone()).date()

    def _name(self, clause: Clause, version: Version, say: Wording) -> str:
        return say.say("words", "clause", title=version.title, label=clause.label)

    def _lost(
        self, understood: Understood, lost: Lost | None, chosen: Hit, hit: Hit, on_point: bool, say: Wording
    ) -> str:
        """Why a clause is not the answer."""
        if lost is not None and hit.clause.sha256 == chosen.clause.sha256:
            return say.say("lost", "same_text")
        if lost is not None and not _same(chosen, lost.to):
            return say.say("lost", "other", other=self._name(lost.to.clause, lost.to.version, say))
        if lost is not None:
            names = {"winner": chosen.version.authority, "loser": hit.version.authority}
            return say.say("lost", lost.rule, **{key: say.authority(name) for key, name in names.items()})
        open_scope = {
            k: v for k, v in hit.version.scope.items() if k not in understood.scope and k not in chosen.version.scope
        }
        if open_scope and on_point:
            return say.say("lost", "other_scope", scope=say.scope(open_scope))
        return say.say("lost", "score")

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
        continued = self._continued(chosen) if chosen else ()
        shown = [*([chosen.clause] if chosen else []), *continued, *(hit.clause for hit, _ in alternatives)]
        try:
            for clause in shown:
                self._snapshot.check_quote(clause)
        except DamagedSnapshot as error:
            chosen, reason, alternatives, continued = None, Reason.UNSAFE, (), ()
            why = [say.say("abstain", "unsafe", detail=str(error))]
        was_cited = decision.basis == Basis(_CITED)
        why.extend(self._conditions(understood, request, None if was_cited else chosen, say))
        marked: tuple[tuple[int, int], ...] = ()
        replies: tuple[Reply, ...] = ()
        if chosen is not None:
            spoken = chosen.version.language if understood.language == "und" else understood.language
            replies = self._confirmed.replies(chosen.clause, spoken)
            marked = (
                ((0, len(chosen.clause.text)),)
                if was_cited
                else citations.highlights(chosen.clause.text, *self._asked_of(chosen, understood))
            )
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
            why="".join(why) if say.language == "zh" else " ".join(why),
            alternatives=tuple(Alternative(self._citation(hit), hit.score, because) for hit, because in alternatives),
            reply=replies[0] if replies else None,
            escalate=escalate,
            snapshot=self._snapshot.id,
            timings_ms={name: round(ms, 3) for name, ms in timings.items()},
            as_of=understood.as_of,
            scope=understood.scope,
            stated=request.as_of,
            recognised=understood.recognised,
            time=understood.time,
            decided=decision.basis if chosen else None,
            rewrite=understood.rewrite,
            replies=replies,
            covered=decision.covered if reason is not Reason.UNSAFE else 0.0,
            earlier=self._earlier(chosen) if chosen else None,
            later=self._later(chosen) if chosen else None,
            continued=continued,
            choices=decision.choices if reason is Reason.AMBIGUOUS else None,
            agent_language=say.language,
        )

    def _asked_of(self, chosen: Hit, understood: Understood) -> tuple[str, tuple[int, int] | None]:
        """What is asked of the clause, and its sentence nearest to that. Of a product's page the one sentence that
        names the product is nearest to every question that does: then the rest of the question counts."""
        text, nearest = chosen.clause.text, chosen.sentence
        names = {n for value in understood.recognised.values() for n in (fold(value), *fold(value).split())}
        if nearest is None or not names:
            return understood.search_text, nearest
        of_names = re.compile("|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name))))
        rest = of_names.sub(" ", fold(understood.search_text)).strip()
        if not of_names.search(fold(text[slice(*nearest)])) or not tokens(rest):
            return understood.search_text, nearest
        vector = self._embedder.embed_question(rest).vector
        return rest, self._searcher.nearest_sentence(self._row_of(chosen), vector)

    def _continued(self, chosen: Hit) -> tuple[Clause, ...]:
        """The rows or items that stand right behind a clause that only leads them in (按下表执行：)."""
        if not chosen.clause.text.rstrip().endswith(("：", ":")):
            return ()
        clauses, path = self._snapshot.clauses, chosen.clause.path
        behind = clauses[self._row_of(chosen) + 1 : self._row_of(chosen) + 1 + _MOST_CONTINUED]
        return tuple(
            takewhile(
                lambda clause: (
                    clause.version == chosen.version.id
                    and clause.kind in (ClauseKind.ROW, ClauseKind.ITEM)
                    and clause.path[: len(path)] == path
                ),
                behind,
            )
        )

    def _earlier(self, chosen: Hit) -> Edition | None:
        """How the clause read before, if the version before its own had it in other words."""
        begins = self._snapshot.validity[chosen.version.id].first
        older = [v for v in self._predecessors.get(chosen.version.id, ()) if family_of(v) == family_of(chosen.version)]
        if begins is None or not older:
            return None
        last = max(older, key=lambda v: (self._snapshot.validity[v.id].first or EVER, v.id))
        clause = self._clause(last, chosen.clause.id)
        return Edition(begins, last, clause) if clause and clause.sha256 != chosen.clause.sha256 else None

    def _later(self, chosen: Hit) -> Edition | None:
        """The next version in which the clause reads otherwise or is missing, or the document that replaces its own."""
        version, seen = chosen.version, {chosen.version.id}
        while (successor := self._snapshot.validity[version.id].replaced_by) is not None and successor not in seen:
            seen.add(successor)
            begins = self._snapshot.validity[version.id].until
            version = self._snapshot.version_of[successor]
            if begins is None:
                return None
            clause = (
                self._clause(version, chosen.clause.id) if family_of(version) == family_of(chosen.version) else None
            )
            if clause is None or clause.sha256 != chosen.clause.sha256:
                return Edition(begins, version, clause)
        return None

    def _clause(self, version: Version, clause_id: str) -> Clause | None:
        row = self._row.get((version.id, clause_id))
        return None if row is None else self._snapshot.clauses[row]

    def _conditions(self, understood: Understood, request: Request, chosen: Hit | None, say: Wording) -> list[str]:
        """Under which scope and date the question was read, and for what the answer holds, where that is not plain."""
        said = []
        if chosen is not None and (unsaid := self._unsaid(chosen.version, understood)):
            said.append(say.say("scope", "only", scope=say.scope(unsaid)))
        if unknown := {k: v for k, v in request.scope.items() if fold(v) not in map(fold, self._scopes.get(k, ()))}:
            said.append(say.say("scope", "unknown", scope=say.scope(unknown)))
        if understood.recognised:
            said.append(say.say("scope", "recognised", scope=say.scope(understood.recognised)))
        if request.as_of is not None:
            said.append(say.say("time", "as_of", date=say.date(request.as_of)))
        elif understood.time is not None:
            then = {self._snapshot.versions[n].id for n in self._then(understood)}
            named = {"words": understood.time.words, "date": say.date(understood.time.on)}
            if chosen is None or chosen.version.id in then:
                said.append(say.say("time", "recognised", **named))
            else:  # answered with all the same: what was bought before a rule may be returned under it
                first = self._snapshot.validity[chosen.version.id].first
                said.append(say.say("time", "later", **named, first=say.date(first or EVER)))
        return said

    def _unsaid(self, version: Version, understood: Understood) -> dict[str, str]:
        """What a version is for that the question does not say. Where most of a base but the law is for one platform or
        shop and nothing for another, that is plain."""
        return {
            name: value
            for name, value in sorted(version.scope.items())
            if name not in understood.scope and name not in self._plain
        }

    def _citation(self, hit: Hit) -> Citation:
        """With the dates in force after supersession."""
        validity = self._snapshot.validity[hit.version.id]
        return Citation(hit.clause, hit.version, validity.first, validity.until)

    def _candidate(self, hit: Hit) -> Candidate:
        return precedence.candidate(hit.clause, hit.version, self._snapshot.validity[hit.version.id].first)

    def _read(self, row: int) -> Reading:
        clause = self._snapshot.clauses[row]
        return read(clause, self._snapshot.version_of[clause.version])

    def _row_of(self, hit: Hit) -> int:
        return self._row[hit.version.id, hit.clause.id]

    def _answer_id(self, request: Request, understood: Understood) -> str:
        """The same for the same request on the same snapshot."""
        told = {self._wording(understood).language} - {Wording(understood.language).language}
        parts = [
            self._snapshot.id,
            understood.embedded,
            request.as_of.isoformat() if request.as_of else None,
            understood.time.on.isoformat() if understood.time else None,
            self._era(understood.at).isoformat(),
            sorted(understood.scope.items()),
            understood.language,
            request.top,
            *told,
        ]
        return "a-" + hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:16]

    def _era(self, at: datetime) -> datetime:
        """The last moment up to `at` at which a version, or an amendment with a day of its own, turned."""
        turns = (one.first for some in self._amendments.values() for one in some if one.first <= at)
        return max(self._snapshot.era(at), *turns, EVER)

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
