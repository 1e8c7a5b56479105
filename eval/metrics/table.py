"""Case results as columns, and what a measure is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from eval.types import CaseResult, ClauseRef


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of n cases. What belongs to an intent stands at its first case and is NaN at the others."""

    answerable: np.ndarray  # bool
    answered: np.ndarray  # bool
    right: np.ndarray  # bool: answered with a right clause, or rightly not answered
    rank: np.ndarray  # float: of the right clause; infinite where it was not found
    found: np.ndarray  # bool: there is a best clause
    confidence: np.ndarray  # float; -1 where nothing was found
    covered: np.ndarray  # float: how likely some clause covers the question; -1 where nothing was found
    faithful: np.ndarray  # bool: the quotation is verbatim
    misled: np.ndarray  # float: answered with the clause that only looks as if it answered; NaN where none is known
    same_clause: np.ndarray  # float: share of pairs of wordings both answered, with one clause
    same_first: np.ndarray  # float: share of pairs of wordings with one best clause
    all_right: np.ndarray  # float: every wording answered with a right clause
    all_first: np.ndarray  # float: every wording's best clause is right
    # float: a chat is answered as its question in full is; NaN where that is not asked, or not answered
    chat_same: np.ndarray
    chat_same_first: np.ndarray  # float: … has the same best clause; NaN where the question is not asked in full
    cluster: np.ndarray  # int: the intent; a case without one is its own

    @property
    def first(self) -> np.ndarray:
        return self.rank == 1


@dataclass(frozen=True, slots=True)
class Measure:
    counted: Callable[[Table], np.ndarray]  # (n,) bool: the cases, or intents, that it is taken over
    value: Callable[[Table, np.ndarray], np.ndarray]  # weights (b, n) -> (b,); NaN where nothing is left to count


def mean(counted: Callable[[Table], np.ndarray], what: Callable[[Table], np.ndarray]) -> Measure:
    """Σ w · what / Σ w over the cases that are `counted`."""

    def value(table: Table, weights: np.ndarray) -> np.ndarray:
        over = counted(table)
        values = np.where(over, what(table), 0.0).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            return (weights @ values) / (weights @ over.astype(np.float64))

    return Measure(counted, value)


def table(results: Sequence[CaseResult]) -> Table:
    wordings: dict[tuple[str, str], list[int]] = defaultdict(list)
    for n, result in enumerate(results):
        wordings[intent_of(result)].append(n)
    cluster = np.empty(len(results), np.int64)
    by_intent = np.full((4, len(results)), np.nan)
    for number, rows in enumerate(wordings.values()):
        cluster[rows] = number
        group = [results[n] for n in rows]
        if len(rows) > 1 and all(result.case.answerable for result in group):
            by_intent[:, rows[0]] = (
                same([result.clause for result in group]),
                same([result.best for result in group]),
                all(result.right for result in group),
                all(result.first for result in group),
            )
    found = np.array([r.best is not None for r in results], bool)
    chats = _chats(results)
    return Table(
        answerable=np.array([r.case.answerable for r in results], bool),
        answered=np.array([r.answered for r in results], bool),
        right=np.array([r.right for r in results], bool),
        rank=np.array([r.rank or np.inf for r in results], np.float64),
        found=found,
        confidence=np.where(found, np.array([r.confidence for r in results], np.float64), -1.0),
        covered=np.where(found, np.array([_covered(r) for r in results], np.float64), -1.0),
        faithful=np.array([r.quote_faithful for r in results], bool),
        misled=np.array([_misled(r) for r in results], np.float64),
        same_clause=by_intent[0],
        same_first=by_intent[1],
        all_right=by_intent[2],
        all_first=by_intent[3],
        chat_same=chats[0],
        chat_same_first=chats[1],
        cluster=cluster,
    )


def _covered(result: CaseResult) -> float:
    return result.confidence if result.covered is None else result.covered


def _chats(results: Sequence[CaseResult]) -> np.ndarray:
    """(2, n): of each chat whose question is asked in full as well, whether it has the same answer, the same best
    clause."""
    columns = np.full((2, len(results)), np.nan)
    for n, full in asked_in_full(results).items():
        if full.clause is not None:
            columns[0, n] = same([results[n].clause, full.clause])
        columns[1, n] = same([results[n].best, full.best])
    return columns


def asked_in_full(results: Sequence[CaseResult]) -> dict[int, CaseResult]:
    """For the places of answerable chats: the wording of the intent that leans on no chat, in the chat's own language if
    there is one, else the first."""
    alone: dict[tuple[str, str], list[CaseResult]] = defaultdict(list)
    for result in results:
        if not _is_chat(result) and result.case.intent is not None:
            alone[intent_of(result)].append(result)
    found = {}
    for n, result in enumerate(results):
        if result.case.answerable and _is_chat(result) and (wordings := alone.get(intent_of(result))):
            spoken = result.case.asked_in
            found[n] = next((wording for wording in wordings if wording.case.asked_in == spoken), wordings[0])
    return found


def _is_chat(result: CaseResult) -> bool:
    return bool(result.case.request.history) or result.case.style == "chat"


def _misled(result: CaseResult) -> float:
    near, clause = result.case.near, result.clause
    if near is None:
        return np.nan
    return float(clause is not None and near.matches(clause.document, clause.label, clause.text))


def intent_of(result: CaseResult) -> tuple[str, str]:
    """What is resampled together: the case's intent, or the case itself.

    Two suites may use one name for different intents, two halves of one suite may share an intent: what counts as one
    is the name and the part of the suite's name before its first point.
    """
    case = result.case
    suite = case.suite.partition(".")[0]
    return (suite, f"intent {case.intent}") if case.intent is not None else (case.suite, f"case {case.id}")


def same(clauses: Sequence[ClauseRef | None]) -> float:
    """Share of pairs that are one clause. Two that are none are not the same one."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for clause in clauses:
        if clause is not None:
            counts[clause.document, clause.id] += 1
    pairs = len(clauses) * (len(clauses) - 1) / 2
    return sum(n * (n - 1) / 2 for n in counts.values()) / pairs
