"""The figures of public sets as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.public.measure import Measured, columns
from eval.report import ingredients_table

_WIDTH = 200
_NUMBERS = ("reciprocal_rank", "area")  # shown with three places; all others as shares of a hundred
_HEADS = {
    "first": "right first",
    "in_five": "in five",
    "reciprocal_rank": "reciprocal rank",
    "all_first": "all wordings",
    "wrong_at_90": "no clause, answered*",
    "area": "area",
}
_SYSTEMS = {
    "llamaindex": "LlamaIndex, nearest chunk's clause",
    "llamaindex_chunk": "LlamaIndex, anywhere in the chunk",
    "dense": "dense alone",
    "bm25": "BM25 alone",
    "rrf": "dense and BM25 by rank",
}


def print_set(one: Measured) -> None:
    """The set's table, with what an agent would see at the shipped line and how several encoders differ."""
    console = _console()
    summary = next(iter(one.runs.values())).summary
    mark = " †" if one.set.learned else ""
    without = f", {summary['unanswerable']} without a clause" if summary["unanswerable"] else ""
    console.print(
        f"\n[bold]{escape(one.set.name)}[/]{mark}  {escape(one.set.what)}: {one.documents} documents, {one.clauses} "
        f"clauses; {summary['answerable']} questions{without}",
        soft_wrap=True,
    )
    names = columns([one])
    table = Table(box=None, header_style="dim")
    table.add_column("", no_wrap=True)
    for name in names:
        table.add_column(_head(one, name), justify="right")
    table.add_column("ours +", justify="right")
    several = len(one.runs) > 1
    for model, run in one.runs.items():
        ours = f"Koujing, {model}" if several else "Koujing"
        cells = [_cell(name, run.summary["measures"].get(name)) for name in names]
        table.add_row(f"[bold]{escape(ours)}[/]", *cells, "")
    for model, run in one.runs.items():
        for system, found in run.summary["baselines"].items():
            words = _SYSTEMS[system] + (f", {model}" if several else "")
            figures = found["measures"]
            cells = [_cell(name, figures.get(name)) for name in names]
            table.add_row(escape(words), *cells, _points(figures.get("first", {}).get("difference")))
    console.print(table)
    for model, run in one.runs.items():
        console.print(f"  [dim]{escape(model)}: {_in_use(run.summary)}[/]", soft_wrap=True)
    for run in one.runs.values():
        for name, figures in (run.summary.get("ingredients") or {}).items():
            console.print(ingredients_table(name, figures))
    for model, found in one.differences(summary["seed"]).items():
        first = next(iter(one.runs))
        said = ", ".join(f"{_head(one, name)} {_points(found.get(name))}" for name in names if name in found)
        console.print(f"  {escape(model)} less {escape(first)}, points: {said}", soft_wrap=True)


def print_notes(measured: Sequence[Measured]) -> None:
    """What the tables' marks mean."""
    console = _console()
    notes = [
        "In brackets 95 % intervals, drawn over intents. “ours +”: points by which we have more right first, paired."
    ]
    if any("wrong_at_90" in columns([one]) for one in measured):
        notes.append("* questions without a clause, at the line where 90 % of those with one are answered.")
    if any(one.set.learned for one in measured):
        notes.append(
            "† the shipped encoder or its calibration has learnt from these very questions: the other sets, and the "
            "validation of its training, say how well it does on questions it has not seen."
        )
    for note in notes:
        console.print(f"[dim]{note}[/]", soft_wrap=True)


def _console() -> Console:
    console = Console(highlight=False)
    # a file has no width to keep to
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH)


def _head(one: Measured, name: str) -> str:
    """Any clause of an intent answers its questions."""
    return "same intent" if one.set.spread and name == "first" else _HEADS[name]


def _in_use(summary: Mapping[str, Any]) -> str:
    """What an agent sees at the shipped line."""
    figures = summary["measures"]

    def share(name: str) -> str:
        return f"{figures[name]['value']:.1%}" if name in figures else "–"

    said = f"answers {share('coverage')}, right {share('right')}"
    if "wrong_answers" in figures:
        said += f", answers {share('wrong_answers')} of those without a clause"
    if sure := figures.get("right_of_sure"):
        said += f"; of {sure['n']} answers with confidence 0.9 and over, {share('right_of_sure')} right"
    if (total := summary["latency"].get("total")) is not None:
        said += f"; median {total['p50']:.0f} ms"
    return said


def _cell(name: str, figure: Mapping[str, Any] | None) -> str:
    if figure is None:
        return ""
    places, times = (3, 1) if name in _NUMBERS else (1, 100)
    value, low, high = (None if figure[key] is None else figure[key] * times for key in ("value", "low", "high"))
    interval = f" [dim]({low:.{places}f}–{high:.{places}f})[/]" if low is not None and high is not None else ""
    return f"{value:.{places}f}{interval}"


def _points(difference: Mapping[str, Any] | None) -> str:
    if difference is None:
        return ""
    said = f"{100 * difference['difference']:+.1f}"
    if difference["low"] is not None:
        said += f" ({100 * difference['low']:+.1f} to {100 * difference['high']:+.1f})"
    return said
