"""What the page shows, worked out of a run: plain values and markup, no layout."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import sqrt
from statistics import NormalDist
from typing import Any

from markupsafe import Markup

from eval.comparing import Comparison, Kind
from eval.intervals import Difference
from eval.page import charts
from eval.page.wording import known, say, texts

Row = Mapping[str, Any]
Figures = Mapping[str, Mapping[str, Any]]

WORST_INTENTS = 12
WORST_CASES = 12
CHANGES = 200  # of one kind; a page of thousands is not read
CUT = 1200  # characters of a clause that the page carries
SHORT = 260


class Outcome(StrEnum):
    """What became of a case, the most harmful first."""

    FALSE_ANSWER = "false_answer"  # no clause covers it, and it was answered
    OTHER = "other"  # answered with a clause that is not right
    HELD_RIGHT = "held_right"  # held back, though the best clause was right
    HELD = "held"  # held back, and the best clause was not right either
    SILENT = "silent"  # no clause covers it, and it was held back
    RIGHT = "right"


_ORDER = {outcome: number for number, outcome in enumerate(Outcome)}


def outcome_of(row: Row) -> Outcome:
    if not row.get("answerable", True):
        return Outcome.FALSE_ANSWER if row.get("answered") else Outcome.SILENT
    if row.get("answered"):
        return Outcome.RIGHT if row.get("right") else Outcome.OTHER
    return Outcome.HELD_RIGHT if row.get("rank") == 1 else Outcome.HELD


@dataclass(frozen=True, slots=True)
class Measure:
    """How a figure is written ("share" or "number"), and which way is good (+1 more, -1 less, 0 neither)."""

    form: str
    good: int


_SHARE_UP = Measure("share", 1)
MEASURES = {
    "right": _SHARE_UP,
    "first": _SHARE_UP,
    "in_five": _SHARE_UP,
    "in_ten": _SHARE_UP,
    "reciprocal_rank": Measure("number", 1),
    "coverage": Measure("share", 0),
    "same_clause": _SHARE_UP,
    "same_first": _SHARE_UP,
    "all_right": _SHARE_UP,
    "all_first": _SHARE_UP,
    "chat_same": _SHARE_UP,
    "chat_same_first": _SHARE_UP,
    "wrong_answers": Measure("share", -1),
    "misled": Measure("share", -1),
    "wrong_at_85": Measure("share", -1),
    "wrong_at_90": Measure("share", -1),
    "area": Measure("number", 1),
    "area_right": Measure("number", 1),
    "risk_area": Measure("number", -1),
    "right_of_answered": _SHARE_UP,
    "right_of_sure": _SHARE_UP,
    "calibration_error": Measure("number", -1),
    "quote_fidelity": _SHARE_UP,
}
HEADLINES = (
    "right",
    "same_clause",
    "all_right",
    "coverage",
    "wrong_answers",
    "area",
    "right_of_sure",
    "quote_fidelity",
)
COMPARED = (
    "first",
    "in_five",
    "in_ten",
    "reciprocal_rank",
    "same_first",
    "all_first",
    "area",
    "area_right",
    "wrong_at_85",
    "wrong_at_90",
)
IN_GROUPS = ("first", "coverage", "same_clause", "all_right", "wrong_answers")
GROUPS = ("style", "language", "languages", "needs", "suite", "family", "document")


def written(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    form = MEASURES.get(name, Measure("number", 0)).form
    if form == "share":
        return f"{value:.1%}"
    return f"{value:.3f}"


def change_written(name: str, difference: float) -> Markup:
    """Signed, in points for shares."""
    if MEASURES.get(name, Measure("number", 0)).form == "share":
        return say("glance.points", delta=_signed(f"{difference * 100:+.1f}"))
    return Markup("{}").format(_signed(f"{difference:+.3f}"))


# --- the parts of the page -----------------------------------------------------------------------------------------


def headlines(measures: Figures, before: Figures | None, differences: Mapping[str, Difference]) -> list[dict[str, Any]]:
    tiles = []
    for name in HEADLINES:
        figure = measures.get(name)
        if figure is None or figure.get("value") is None:
            continue
        earlier = (before or {}).get(name, {}).get("value")
        between = _between(figure)
        shown = None if earlier is None or earlier == figure["value"] else earlier
        tiles.append(
            {
                "name": known("measure", name),
                "meaning": known("meaning", name),
                "value": written(name, figure["value"]),
                "between": [written(name, number) for number in between] if between else None,
                "n": _count(figure.get("n")),
                "drawing": charts.interval(figure["value"], between, shown),
                "change": _change(name, figure["value"], earlier, differences.get(name)) if before else None,
            }
        )
    return tiles


def all_figures(
    measures: Figures, before: Figures | None, differences: Mapping[str, Difference]
) -> list[dict[str, Any]]:
    names = [name for name in MEASURES if name in measures] + sorted(name for name in measures if name not in MEASURES)
    rows = []
    for name in names:
        figure = measures[name]
        between = _between(figure)
        earlier = (before or {}).get(name, {}).get("value")
        rows.append(
            {
                "name": known("measure", name),
                "meaning": known("meaning", name) if name in texts("en")["meaning"] else "",
                "value": written(name, figure.get("value")),
                "between": f"{written(name, between[0])} – {written(name, between[1])}" if between else "–",
                "n": _count(figure.get("n")),
                "before": written(name, earlier),
                "change": _change(name, figure.get("value"), earlier, differences.get(name)) if before else None,
            }
        )
    return rows


def lede(measures: Figures) -> list[Markup]:
    """The run in plain sentences."""
    said = []
    for key, name in (("right", "right"), ("same", "same_clause"), ("wrong", "wrong_answers")):
        figure = measures.get(name)
        if figure and figure.get("value") is not None:
            said.append(say(f"lede.{key}", n=_count(figure.get("n")), share=written(name, figure["value"])))
    return said


def baselines(measures: Figures, others: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A panel a measure that ours and at least one baseline have; the best system above."""
    found = {name: (system.get("measures") or {}) for name, system in others.items()}
    panels = []
    for measure in COMPARED:
        ours = measures.get(measure)
        theirs = {name: figures[measure] for name, figures in found.items() if measure in figures}
        if not ours or ours.get("value") is None or not theirs:
            continue
        entries = [(say("baselines.ours"), ours, True)] + [
            (Markup("{}").format(n), f, False) for n, f in theirs.items()
        ]
        entries = [entry for entry in entries if entry[1].get("value") is not None]
        good = MEASURES[measure].good
        entries.sort(key=lambda entry: -good * entry[1]["value"])
        numbers = [n for _, figure, _ in entries for n in (figure["value"], *(_between(figure) or ()))]
        span = (0.0, min(1.0, max([0.1, *numbers]) * 1.05))
        panels.append(
            {
                "name": known("measure", measure),
                "meaning": known("meaning", measure),
                "axis": charts.axis(span, MEASURES[measure].form == "share"),
                "rows": [
                    {
                        "name": name,
                        "ours": ours_too,
                        "value": written(measure, figure["value"]),
                        "between": " – ".join(written(measure, n) for n in _between(figure) or ()),
                        "drawing": charts.interval(figure["value"], _between(figure), span=span),
                        "ahead": _ahead(measure, figure.get("difference")),
                    }
                    for name, figure, ours_too in entries
                ],
            }
        )
    return panels


def abstention(summary: Mapping[str, Any]) -> dict[str, Any] | None:
    points = [point for point in (summary.get("curves") or {}).get("risk_coverage") or [] if None not in point[:2]]
    if not points:
        return None
    line = (summary.get("settings") or {}).get("line")
    shipped = None
    if isinstance(line, int | float) and all(len(point) > 2 for point in points):
        shipped = min(points, key=lambda point: abs(point[2] - line))
    elif (coverage := (summary.get("measures") or {}).get("coverage", {}).get("value")) is not None:
        line = None
        shipped = min(points, key=lambda point: abs(point[0] - coverage))
    said = None
    if shipped:
        shares = {"coverage": f"{shipped[0]:.1%}", "wrong": f"{shipped[1]:.1%}"}
        said = (
            say("abstention.shipped", **shares)
            if line is None
            else say("abstention.shipped_line", line=f"{line:.3g}", **shares)
        )
    beside = [p for p in (summary.get("curves") or {}).get("wrong_coverage") or [] if None not in p[:2]]
    ordered = sorted(points)
    every = max(1, len(ordered) // 24)
    return {
        "drawing": charts.risk_coverage(points, beside, shipped),
        "unanswerable": bool(beside),
        "said": said,
        "rows": [
            (f"{p[2]:.3f}" if len(p) > 2 and p[2] is not None else "–", f"{p[0]:.1%}", f"{p[1]:.1%}")
            for p in ordered[::-1][::every]
        ],
    }


def calibration(summary: Mapping[str, Any]) -> dict[str, Any] | None:
    bins = [b for b in (summary.get("curves") or {}).get("reliability") or [] if None not in b and b[2] > 0]
    if not bins:
        return None
    between = [wilson(right, n) for _, right, n in bins]
    most = max(n for *_, n in bins)
    return {
        "drawing": charts.reliability(bins, between),
        "rows": [
            {
                "given": f"{given:.2f}",
                "right": f"{right:.1%}",
                "between": f"{low:.1%} – {high:.1%}",
                "n": _count(n),
                "bar": charts.bar(n / most, None),
            }
            for (given, right, n), (low, high) in zip(bins, between, strict=True)
        ],
    }


def groups(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A table a dimension; only columns that some group has."""
    tables = []
    found = summary.get("groups") or {}
    for dimension in [*GROUPS, *sorted(d for d in found if d not in GROUPS and d != "reason")]:
        of = {name: figures for name, figures in (found.get(dimension) or {}).items() if figures}
        if not of:
            continue
        columns = [m for m in IN_GROUPS if any((f.get(m) or {}).get("value") is not None for f in of.values())]
        rows: list[dict[str, Any]] = []
        for name, figures in of.items():
            right = figures.get("right") or {}
            between = _between(right)
            rows.append(
                {
                    "name": _group_name(dimension, name),
                    "n": max((int(f.get("n") or 0) for f in figures.values()), default=0),
                    "right": written("right", right.get("value")),
                    "share": right.get("value"),
                    "between": " – ".join(written("right", n) for n in between or ()),
                    "bar": charts.bar(right["value"], between) if right.get("value") is not None else "",
                    "cells": [
                        (written(m, (figures.get(m) or {}).get("value")), (figures.get(m) or {}).get("value"))
                        for m in columns
                    ],
                }
            )
        if dimension == "document":
            rows.sort(key=lambda row: (row["share"] is None, row["share"] or 0.0, -row["n"]))
        else:
            rows.sort(key=lambda row: (row["share"] is None, -(row["share"] or 0)))
        title = say(f"groups.{dimension}") if dimension in texts("en")["groups"] else Markup("{}").format(dimension)
        tables.append(
            {
                "id": dimension,
                "title": title,
                "columns": [(known("measure", m), known("meaning", m)) for m in columns],
                "rows": rows,
            }
        )
    return tables


def reasons(rows: Sequence[Row]) -> list[dict[str, Any]]:
    held: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if not row.get("answered"):
            held[row.get("reason") or "–"].append(row)
    most = max(map(len, held.values()), default=1)
    return [
        {
            "name": known("reason", reason),
            "n": len(of),
            "bar": charts.bar(len(of) / most, None),
            "needless": sum(bool(row.get("answerable", True)) for row in of),
            "best": sum(outcome_of(row) is Outcome.HELD_RIGHT for row in of),
        }
        for reason, of in sorted(held.items(), key=lambda item: -len(item[1]))
    ]


def worst_intents(rows: Sequence[Row], named: Sequence[str]) -> list[dict[str, Any]]:
    """Questions by the share of their wordings that went wrong; those that the run names come first, in its order."""
    of: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.get("intent"):
            of[_intent_key(row)].append(row)
    place = {intent: number for number, intent in enumerate(named)}
    found = []
    for (_, intent), wordings in of.items():
        # Those that no clause covers are no question of one right clause; the map has them.
        if not all(row.get("answerable", True) for row in wordings):
            continue
        right = sum(bool(row.get("right")) for row in wordings)
        if len(wordings) < 2 or right == len(wordings):
            continue
        spread = len({_clause_key(row["clause"]) for row in wordings if row.get("clause")})
        found.append(
            (
                (place.get(intent, len(place)), right / len(wordings), -spread, -len(wordings), intent),
                {
                    "name": intent,
                    "score": say("intents.score", k=right, n=len(wordings)),
                    "spread": say("intents.spread", n=spread) if spread > 1 else None,
                    "marks": sorted((outcome_of(row) for row in wordings), key=_ORDER.__getitem__),
                    "rows": [told(row) for row in wordings],
                },
            )
        )
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])[:WORST_INTENTS]]


def worst_cases(rows: Sequence[Row]) -> list[dict[str, Any]]:
    lists = []
    for outcome in (Outcome.OTHER, Outcome.FALSE_ANSWER, Outcome.HELD_RIGHT):
        of = [row for row in rows if outcome_of(row) is outcome]
        of.sort(key=lambda row: (-(row.get("confidence") or 0.0), str(row.get("id"))))
        if of:
            lists.append(
                {
                    "outcome": outcome,
                    "title": say(f"cases.{outcome}"),
                    "n": len(of),
                    "rows": [told(row) for row in of[:WORST_CASES]],
                    "more": max(0, len(of) - WORST_CASES),
                }
            )
    return lists


def told(row: Row) -> dict[str, Any]:
    """A case as the page writes it."""
    best = row.get("clause") or row.get("best")
    gold = list(row.get("gold") or [])
    right_clause = row.get("gold_clause")
    lost: Markup | None = None
    outcome = outcome_of(row)
    if outcome in (Outcome.OTHER, Outcome.HELD):
        if row.get("lost_because"):
            lost = Markup("{}").format(row["lost_because"])
        else:
            lost = say("map.lost_rank", rank=row["rank"]) if row.get("rank") else say("map.lost_far")
    return {
        "outcome": outcome,
        "intent": row.get("intent"),
        "style": known("style", str(row["style"])) if row.get("style") else None,
        "language": row.get("language"),
        "given": _given(row),
        "question": row.get("question") or "",
        "history": [_turn(turn) for turn in row.get("history") or []],
        "best": {**best, "text": shorten(best.get("text") or "")} if best else None,
        "gold": gold,
        "right_clause": {**right_clause, "text": shorten(right_clause.get("text") or "")} if right_clause else None,
        "lost": lost,
        "confidence": f"{row['confidence']:.2f}" if row.get("confidence") is not None else "–",
        "reason": known("reason", row["reason"]) if row.get("reason") else None,
        "why": row.get("why"),
    }


def latency(summary: Mapping[str, Any]) -> dict[str, Any] | None:
    found = {name: figure for name, figure in (summary.get("latency") or {}).items() if figure.get("p50") is not None}
    stages = {name: figure for name, figure in found.items() if name not in ("total", "rest", "rest / embedding")}
    if not found:
        return None
    order = list(stages)
    sums = {p: sum(figure.get(p) or 0.0 for figure in stages.values()) for p in ("p50", "p95")}
    total = found.get("total")
    longest = max([*sums.values(), *((total or {}).get(p) or 0.0 for p in sums)])
    beside = None
    if {"embed", "rest", "rest / embedding"} <= set(found):
        rest, embed, ratio = (found[name]["p50"] for name in ("rest", "embed", "rest / embedding"))
        beside = say("latency.beside", rest=_ms(rest), embed=_ms(embed), ratio=f"{ratio:.0%}")
    return {
        "bars": [
            (
                say(f"latency.{p}"),
                charts.stack({n: f.get(p) or 0.0 for n, f in stages.items()}, order, longest),
                _ms((total or {}).get(p) or sums[p]),
            )
            for p in ("p50", "p95")
        ],
        "rows": [
            {
                "name": known("stage", name),
                "colour": order.index(name) % 8,
                "p50": _ms(f["p50"]),
                "p95": _ms(f.get("p95")),
            }
            for name, f in stages.items()
        ],
        "total": {p: _ms(total.get(p)) for p in sums} if total else None,
        "beside": beside,
    }


def determinism(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not found:
        return None
    ways = found.get("ways") or {}
    different = found.get("different") or []
    plain = {key: value for key, value in found.items() if key not in ("same", "ways", "different", "cases")}
    rows = [(way, f"{of.get('different', 0):,}", f"{of.get('of', 0):,}") for way, of in ways.items()]
    same = found.get("same")
    if same is None:
        same = not different and not any(of.get("different") for of in ways.values())
    # The same case may differ in several ways: the ids are counted where they are given.
    count = len(different) or sum(of.get("different", 0) for of in ways.values())
    return {
        "same": bool(same),
        "said": say("determinism.same") if same else say("determinism.different", n=count),
        "rows": rows,
        "different": [str(case) for case in different],
        "plain": _flat(plain),
    }


def ingredients(summary: Mapping[str, Any]) -> dict[str, Any] | None:
    """What leaving a part out does to right clause first (else to the first measure that a set has)."""
    sets = summary.get("ingredients") or {}
    stages = summary.get("stages") or {}
    table: dict[str, dict[str, tuple[float, Any]]] = defaultdict(dict)
    alone: dict[str, dict[str, float]] = defaultdict(dict)
    full: dict[str, float] = {}
    measured = set()
    for name, found in sets.items():
        measure = next((m for m in ("first", "right", *found.get("full", {})) if m in found.get("full", {})), None)
        value = _value(found["full"][measure]) if measure else None
        if measure is None or value is None:
            continue
        measured.add(measure)
        full[name] = value
        for part, figures in (found.get("without") or {}).items():
            figure = figures.get(measure)
            difference = figure.get("difference") if isinstance(figure, Mapping) else None
            without = _value(figure)
            if difference and difference.get("value") is not None:
                table[part][name] = (difference["value"], _between(difference))
            elif without is not None:
                table[part][name] = (without - value, None)
        for stage, figures in (found.get("alone") or {}).items():
            if (only := _value(figures.get(measure))) is not None:
                alone[stage][name] = only
    if not full and not stages:
        return None
    numbers = [abs(n) for of in table.values() for d, between in of.values() for n in (d, *(between or ()))]
    extreme = max([0.01, *numbers])
    order = sorted(table, key=lambda part: sum(d for d, _ in table[part].values()))
    return {
        "sets": [(name, written("first", value)) for name, value in full.items()],
        "measure": [known("measure", m) for m in sorted(measured)],
        "rows": [
            (
                part,
                [
                    {
                        "change": _signed(f"{table[part][s][0] * 100:+.1f}"),
                        "drawing": charts.diverging(*table[part][s], extreme),
                    }
                    if s in table[part]
                    else None
                    for s in full
                ],
            )
            for part in order
        ],
        "alone": [
            (stage, [(written("first", of[s]), charts.bar(of[s], None)) if s in of else None for s in full])
            for stage, of in alone.items()
        ],
        "stages": [
            (name, written("first", share), charts.bar(share, None))
            for name, share in stages.items()
            if share is not None
        ],
    }


def noise(summary: Mapping[str, Any]) -> dict[str, Any] | None:
    """What each kind of noise does to the answers, the most harmful first."""
    found = {kind: figures for kind, figures in (summary.get("noise") or {}).items() if figures}
    if not found:
        return None
    columns = [m for m in ("same_clause", "same_first") if any(m in figures for figures in found.values())]
    order = sorted(found, key=lambda kind: (_value(found[kind].get("same_first")) or 0.0, kind))
    rows = []
    for kind in order:
        figures = found[kind]
        first, without = _value(figures.get("first")), _value(figures.get("first_without"))
        rows.append(
            {
                "name": known("noise_kind", kind),
                "n": _count((figures.get("same_first") or figures.get("same_clause") or {}).get("n")),
                "cells": [
                    {
                        "value": _value(figures.get(m)),
                        "shown": written(m, _value(figures.get(m))),
                        "bar": charts.bar(figures[m]["value"], _between(figures[m])) if figures.get(m) else "",
                    }
                    for m in columns
                ],
                "without": written("first", without),
                "first": written("first", first),
                "change": _signed(f"{(first - without) * 100:+.1f}")
                if first is not None and without is not None
                else "–",
            }
        )
    return {"columns": [known("noise_measure", m) for m in columns], "rows": rows}


def gate(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Thresholds, the ones that fail first."""
    rows = [
        {
            "name": g["name"],
            "value": "–" if g.get("value") is None else f"{g['value']:.4g}",
            "limit": g["limit"],
            "ok": g["ok"],
        }
        for g in summary.get("gate") or ()
    ]
    return sorted(rows, key=lambda row: row["ok"])


def about(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    kept = ("when", "version", "snapshot", "embedder", "machine", "suites", "cases", "seconds", "seed", "format")
    rows = [(name, _plain(summary[name])) for name in kept if summary.get(name) is not None]
    return rows + _flat(summary.get("settings") or {})


def setup_changes(summary: Mapping[str, Any], before: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Settings of two runs that differ; when they were made and how long they took is no setting."""
    ours, theirs = dict(about(summary)), dict(about(before))
    passing = {"when", "seconds", "cases", "format"}
    return [
        (name, theirs.get(name, "–"), ours.get(name, "–"))
        for name in dict.fromkeys([*theirs, *ours])
        if name not in passing and theirs.get(name) != ours.get(name)
    ]


# --- against the last run ------------------------------------------------------------------------------------------


def against(found: Comparison, when: str) -> list[Markup]:
    """The change in plain sentences."""
    if not found.shared:
        return [say("lede.nothing_shared", when=when)]
    if found.changes:
        counts = {kind.value: f"{found.count(kind):,}" for kind in Kind}
        said = [say("lede.changed", when=when, same=f"{found.shared - len(found.changes):,}", **counts)]
        right = found.measures.get("right")
        if right is not None and right.p is not None:
            number = f"{right.p:.2f}" if right.p >= 0.05 else "< 0.001" if right.p < 0.001 else f"= {right.p:.3f}"
            said.append(say("lede.chance_unlikely" if right.p < 0.05 else "lede.chance_likely", p=number))
    elif found.other_confidence:
        said = [say("lede.same_answers", when=when, n=f"{found.other_confidence:,}")]
    else:
        said = [say("lede.unchanged", when=when, n=f"{found.shared:,}")]
    if found.only_before or found.only_after:
        counts = {"added": f"{len(found.only_after):,}", "removed": f"{len(found.only_before):,}"}
        said.append(say("lede.other_questions", **counts))
    return said


def changes(found: Comparison) -> list[dict[str, Any]]:
    lists = []
    for kind in (Kind.WORSE, Kind.BETTER, Kind.OTHER):
        of = [change for change in found.changes if change.kind is kind]
        # What an agent is told with confidence matters more than what was nearly held back.
        of.sort(key=lambda change: (-max(change.before.confidence, change.after.confidence), change.key))
        if of:
            lists.append(
                {
                    "kind": kind.value,
                    "title": say(f"changes.{kind.value}"),
                    "n": len(of),
                    "pairs": [(told(change.before.row()), told(change.after.row())) for change in of[:CHANGES]],
                    "more": max(0, len(of) - CHANGES),
                }
            )
    return lists


# --- the map: data for page.js -------------------------------------------------------------------------------------

# The columns of a case in the page's data; page.js reads them by these names.
COLUMNS = (
    "id",
    "suite",
    "row",
    "column",
    "outcome",
    "question",
    "language",
    "best",
    "right",
    "gold",
    "confidence",
    "reason",
    "why",
    "lost",
    "rank",
    "history",
    "given",
)


def map_data(rows: Sequence[Row]) -> dict[str, Any] | None:
    """Two grids: questions against styles, and the cases that name no question, by document."""
    if not rows:
        return None
    clauses: dict[tuple[Any, ...], int] = {}
    kept: list[list[Any]] = []

    def number_of(clause: Row | None) -> int | None:
        if not clause:
            return None
        key = _clause_key(clause)
        if key not in clauses:
            clauses[key] = len(kept)
            text = clause.get("text") or ""
            kept.append([clause.get("document"), clause.get("label"), text[:CUT], len(text) > CUT])
        return clauses[key]

    styles = _styles(row for row in rows if row.get("intent"))
    several = len({(row.get("suite") or "").partition(".")[0] for row in rows}) > 1
    names: dict[tuple[Any, ...], int] = {}
    named: list[dict[str, Any]] = []
    cases = []
    key: tuple[Any, ...]
    name: str | None
    column: int | None
    for row in rows:
        suite = row.get("suite") or ""
        if row.get("intent"):
            key, name, column = ("intent", *_intent_key(row)), row["intent"], styles.index(row.get("style") or "–")
        elif row.get("answerable", True):
            document = next((gold.get("document") for gold in row.get("gold") or []), "–")
            key, name, column = ("document", suite, document), document, None
        else:
            key, name, column = ("none", suite, None), None, None
        if key not in names:
            names[key] = len(named)
            named.append({"name": name, "suite": key[1] if several else "", "kind": key[0]})
        cases.append(
            [
                row.get("id"),
                suite,
                names[key],
                column,
                str(outcome_of(row)),
                row.get("question") or "",
                row.get("language"),
                number_of(row.get("clause") or row.get("best")),
                number_of(row.get("gold_clause")),
                [[gold.get("document"), gold.get("label"), gold.get("quote")] for gold in row.get("gold") or []],
                row.get("confidence"),
                row.get("reason"),
                row.get("why"),
                row.get("lost_because"),
                row.get("rank"),
                [_turn(turn) for turn in row.get("history") or []],
                _given(row),
            ]
        )
    shares = []
    for style in styles:
        of = [row for row in rows if row.get("intent") and (row.get("style") or "–") == style]
        shares.append(f"{sum(bool(row.get('right')) for row in of) / len(of):.0%}")
    sections = ("map", "outcome", "reason", "style")
    words = {
        language: {section: texts(language)[section] for section in sections} | {"title": texts(language)["title"]}
        for language in ("en", "zh-Hans")
    }
    return {
        "columns": COLUMNS,
        "cases": cases,
        "clauses": kept,
        "rows": named,
        "styles": styles,
        "shares": shares,
        "outcomes": [str(outcome) for outcome in Outcome],
        "words": words,
    }


# --- small things --------------------------------------------------------------------------------------------------


def wilson(share: float, n: float) -> tuple[float, float]:
    """The 95 % interval of `share` of n independent cases: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).

    scipy.stats has it too, and takes a second to load.
    """
    z = NormalDist().inv_cdf(0.975)
    middle = share + z * z / (2 * n)
    reach = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, (middle - reach) / (1 + z * z / n)), min(1.0, (middle + reach) / (1 + z * z / n))


def shorten(text: str, most: int = SHORT) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def moment(when: Any) -> str:
    """A time stamp as people write it; what is none stays as it is."""
    try:
        found = datetime.fromisoformat(str(when))
    except ValueError:
        return str(when)
    return found.strftime("%Y-%m-%d %H:%M") + (" UTC" if found.tzinfo and not found.utcoffset() else "")


def _styles(rows: Iterable[Row]) -> list[str]:
    """Best style first, so that the eye meets the worst column last."""
    right: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for row in rows:
        style = row.get("style") or "–"
        count[style] += 1
        right[style] += bool(row.get("right"))
    return sorted(count, key=lambda style: (-right[style] / count[style], style))


def _change(
    name: str, value: float | None, earlier: float | None, difference: Difference | None
) -> dict[str, Any] | None:
    """Against the last run: good, bad, or neither, as where chance does as much. The direction is 0 where nothing
    moved."""
    if value is None:
        return None
    plain = {"kind": "none", "direction": 0, "between": None, "chance": False}
    if earlier is None:
        return plain | {"said": say("glance.new")}
    delta = value - earlier
    if abs(delta) < 5e-7:
        return plain | {"said": say("glance.no_change")}
    if abs(delta) < 5e-4:  # nothing is left of it where it is written
        return plain | {"said": change_written(name, 0.0)}
    between = None
    chance = difference is not None and not difference.significant
    if difference is not None and difference.low is not None and difference.high is not None:
        low, high = (change_number(name, edge) for edge in (difference.low, difference.high))
        between = say("glance.interval", low=low, high=high)
    good = MEASURES.get(name, Measure("number", 0)).good * (1 if delta > 0 else -1)
    kind = "none" if chance or not good else "good" if good > 0 else "bad"
    return {
        "kind": kind,
        "direction": 1 if delta > 0 else -1,
        "between": between,
        "chance": chance,
        "said": change_written(name, delta),
    }


def change_number(name: str, difference: float) -> str:
    if MEASURES.get(name, Measure("number", 0)).form == "share":
        return _signed(f"{difference * 100:+.1f}")
    return _signed(f"{difference:+.3f}")


def _between(figure: Mapping[str, Any]) -> tuple[float, float] | None:
    low, high = figure.get("low"), figure.get("high")
    return None if low is None or high is None else (float(low), float(high))


def _value(figure: Any) -> float | None:
    value = figure.get("value") if isinstance(figure, Mapping) else figure
    return float(value) if isinstance(value, int | float) else None


def _group_name(dimension: str, name: str) -> Markup:
    """ "en → zh-Hans" is made of two languages' names."""
    if dimension == "languages":
        return Markup(" → ").join(known("language", language) for language in name.split(" → "))
    return known(dimension, name)


def _intent_key(row: Row) -> tuple[str, str]:
    """Files of one suite share their intents."""
    return (row.get("suite") or "").partition(".")[0], row["intent"]


def _ahead(measure: str, difference: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """How far ours is ahead of a baseline, paired; `sure` where the interval leaves chance out."""
    value = (difference or {}).get("difference")
    if difference is None or value is None:
        return None
    low, high = difference.get("low"), difference.get("high")
    between = "" if low is None or high is None else f"{change_number(measure, low)} … {change_number(measure, high)}"
    sure = low is not None and high is not None and (low > 0 or high < 0)
    return {"said": change_number(measure, value), "between": between, "sure": sure}


def _clause_key(clause: Row) -> tuple[Any, ...]:
    return (clause.get("id"), clause.get("document"), clause.get("label"))


def _given(row: Row) -> str:
    """What the request said beside its words: the scope, the date asked about."""
    scope = [f"{dimension}={value}" for dimension, value in (row.get("scope") or {}).items()]
    return " ".join([*scope, *([str(row["as_of"])] if row.get("as_of") else [])])


def _turn(turn: Any) -> str:
    if isinstance(turn, Mapping):
        return (
            f"{turn.get('role') or turn.get('speaker') or ''}: {turn.get('text') or turn.get('content') or ''}".strip(
                ": "
            )
        )
    return str(turn)


def _flat(settings: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    rows = []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{above}{key}.")
        else:
            rows.append((f"{above}{key}", _plain(value)))
    return rows


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value)) or "–"
    return "–" if value is None else str(value)


def _signed(number: str) -> str:
    return number.replace("-", "−") if number.strip("+-0.") else number.replace("+", "±").replace("-", "±")


def _count(n: Any) -> str:
    return "–" if n is None else f"{int(n):,}"


def _ms(ms: float | None) -> str:
    return "–" if ms is None else f"{ms:,.1f}" if ms < 1000 else f"{ms:,.0f}"
