"""A run's figures as a table for the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from eval.types import Result

_LINES = (
    ("right", "answered with the right clause", "{:.1%}"),
    ("first", "right clause first, answered or not", "{:.1%}"),
    ("coverage", "answered (of the answerable)", "{:.1%}"),
    ("same_clause", "two wordings, same clause", "{:.1%}"),
    ("all_right", "all wordings right", "{:.1%}"),
    ("wrong_answers", "unanswerable, answered all the same", "{:.1%}"),
    ("area", "answerable told from unanswerable (area)", "{:.3f}"),
    ("quote_fidelity", "quotations verbatim", "{:.1%}"),
    ("p50_ms", "median answer, ms", "{:.1f}"),
    ("p95_ms", "95th percentile, ms", "{:.1f}"),
    ("over_embedding_p50", "answer / embedding, median", "{:.2f}"),
)


def print_table(result: Result) -> None:
    console = Console(highlight=False)
    measures = result.measures
    counts = f"{measures['answerable']} answerable, {measures.get('unanswerable', 0)} not, {measures.get('intents', 0)} intents"
    console.print(f"[bold]{result.snapshot}[/]  {len(result.cases)} cases: {counts}")
    table = Table(box=None, show_header=False)
    for key, words, form in _LINES:
        if key in measures:
            table.add_row(words, form.format(measures[key]))
    console.print(table)
    for name in ("by_suite", "by_style"):
        groups = measures[name]
        if len(groups) > 1:
            table = Table(box=None, header_style="dim")
            for column in (name.removeprefix("by_"), "cases", "right", "first", "coverage", "wrong answers"):
                table.add_column(column, justify="left" if column == name.removeprefix("by_") else "right")
            for group, m in groups.items():
                cells = [f"{m[k]:.1%}" if m.get(k) == m.get(k) else "" for k in ("right", "first", "coverage")]
                wrong = f"{m['wrong_answers']:.1%}" if m.get("unanswerable") else ""
                table.add_row(group, str(int(m["answerable"]) + int(m.get("unanswerable", 0))), *cells, wrong)
            console.print(table)
    if result.stages:
        console.print("Right clause first, by stage: " + ", ".join(f"{k} {v:.1%}" for k, v in result.stages.items()))
