"""A run's figures as short tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from eval.comparing import Comparison
from eval.gate import Check
from eval.types import Run

_SHARE, _NUMBER = "{:.1%}", "{:.3f}"
# name, in words, how it is written
LINES = (
    ("right", "answered with the right clause", _SHARE),
    ("first", "right clause first, answered or not", _SHARE),
    ("in_five", "right clause among the first five", _SHARE),
    ("reciprocal_rank", "reciprocal rank", _NUMBER),
    ("coverage", "answered (of the answerable)", _SHARE),
    ("right_of_answered", "of the answers given, right", _SHARE),
    ("same_clause", "two wordings, same answer", _SHARE),
    ("same_first", "two wordings, same clause first", _SHARE),
    ("all_right", "all wordings right", _SHARE),
    ("chat_same", "chats, answered like the full question", _SHARE),
    ("wrong_answers", "unanswerable, answered all the same", _SHARE),
    ("wrong_at_85", "… at the line that answers 85 %", _SHARE),
    ("wrong_at_90", "… at the line that answers 90 %", _SHARE),
    ("misled", "… with the clause it comes near to", _SHARE),
    ("area", "answerable told from unanswerable (area)", _NUMBER),
    ("calibration_error", "calibration error", _NUMBER),
    ("right_of_sure", "of answers with confidence ≥ 0.9, right", _SHARE),
    ("quote_fidelity", "quotations verbatim", _SHARE),
)
_FORM = {name: form for name, _, form in LINES}
_COLUMNS = ("right", "first", "in_five", "coverage", "same_first", "wrong_answers")
_AXES = ("suite", "family", "style", "language", "needs")


def print_table(run: Run, comparison: Comparison | None = None, checks: Sequence[Check] = ()) -> None:
    console = Console(highlight=False)
    summary = run.summary
    counts = ", ".join(f"{summary[name]} {name}" for name in ("answerable", "unanswerable", "intents"))
    console.print(f"[bold]{summary['snapshot']}[/]  {summary['cases']} cases: {counts}")
    console.print(_measures(summary, comparison))
    for axis in _AXES:
        if len(groups := summary["groups"].get(axis, {})) > 1:
            console.print(_groups(axis, groups))
    if latency := summary["latency"]:
        console.print(_latency(latency))
    for name, of in (("baselines", "system"), ("noise", "noise")):
        if found := summary.get(name):
            console.print(
                _beside(of, found if name == "noise" else {k: v["measures"] for k, v in found.items()}, summary)
            )
    for suite, figures in (summary.get("ingredients") or {}).items():
        console.print(ingredients_table(suite, figures))
    if determinism := summary.get("determinism"):
        ways = ", ".join(determinism["ways"])
        said = "the same bytes" if determinism["same"] else f"OTHER BYTES for {', '.join(determinism['different'][:5])}"
        console.print(f"Determinism: {determinism['cases']} cases, {ways}: {said}.")
    if comparison is not None:
        for line in comparison.said():
            console.print(line, markup=False)
    for check in checks:
        if not check.ok:
            console.print(f"[bold red]gate[/] {check.line}")
    if checks:
        console.print(f"Gate: {sum(check.ok for check in checks)} of {len(checks)} thresholds held.")


def _measures(summary: Mapping[str, Any], comparison: Comparison | None) -> Table:
    table = Table(box=None, header_style="dim", show_edge=False)
    for column in ("", "", "95 %", "n", *(["before"] if comparison else [])):
        table.add_column(column, justify="right" if column != "" or table.columns else "left")
    for name, words, form in LINES:
        figure = summary["measures"].get(name)
        if figure is None:
            continue
        row = [words, form.format(figure["value"]), _interval(figure, form), str(figure["n"])]
        if comparison:
            one = comparison.measures.get(name)
            mark = ("", " *")[one.significant] if one else ""
            row.append(form.format(one.before) + mark if one else "")
        table.add_row(*row)
    return table


def _interval(figure: Mapping[str, Any], form: str) -> str:
    if figure["low"] is None:
        return ""
    return f"{form.format(figure['low'])} to {form.format(figure['high'])}"


def _groups(axis: str, groups: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(box=None, header_style="dim")
    table.add_column(axis, no_wrap=True)
    for column in ("n", *_COLUMNS):
        table.add_column(column.replace("_", "\n"), justify="right")
    for group, measures in groups.items():
        n = measures["right"]["n"] if "right" in measures else 0
        table.add_row(group, str(n), *(_cell(measures, name) for name in _COLUMNS))
    return table


def _cell(measures: Mapping[str, Any], name: str) -> str:
    return _FORM.get(name, _SHARE).format(measures[name]["value"]) if name in measures else ""


def _latency(latency: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table(box=None, header_style="dim")
    table.add_column("ms")
    stages = [stage for stage in latency if stage != "rest / embedding"]
    for stage in stages:
        table.add_column(stage, justify="right", no_wrap=True)
    for p, words in (("p50", "median"), ("p95", "95 %")):
        table.add_row(words, *(f"{latency[stage][p]:.1f}" for stage in stages))
    if "rest / embedding" in latency:
        table.caption = f"all but the embedding / the embedding, median: {latency['rest / embedding']['p50']:.2f}"
        table.caption_justify = "left"
    return table


def _beside(of: str, rows: Mapping[str, Mapping[str, Any]], summary: Mapping[str, Any]) -> Table:
    names = [
        name for name in dict.fromkeys(n for row in rows.values() for n in row) if name not in ("in_ten", "all_first")
    ]
    table = Table(box=None, header_style="dim")
    table.add_column(of)
    for name in names:
        table.add_column(name.replace("_", " "), justify="right")
    if of == "system":
        table.add_row("koujing", *(_cell(summary["measures"], name) for name in names))
    for row, measures in rows.items():
        table.add_row(row, *(_cell(measures, name) for name in names))
    return table


def ingredients_table(suite: str, figures: Mapping[str, Any]) -> Table:
    """What first places a ranking has without one ingredient, and with one alone."""
    table = Table(box=None, header_style="dim", title=f"right clause first, {suite}", title_justify="left")
    for column in ("", "first", "in five", "change of first", "95 %"):
        table.add_column(column, justify="left" if column == "" else "right")
    full = figures["full"]
    table.add_row("everything", _cell(full, "first"), _cell(full, "in_five"))
    for part, words in (("without", "without {}"), ("alone", "{} alone")):
        for name, measures in figures[part].items():
            change = measures["first"]["difference"]
            interval = f"{change['low']:+.3f} to {change['high']:+.3f}" if change["low"] is not None else ""
            table.add_row(
                words.format(name),
                _cell(measures, "first"),
                _cell(measures, "in_five"),
                f"{change['value']:+.3f}",
                interval,
            )
    return table
