"""`python -m training.picture RUN… --out curves.svg`: loss and validation of runs, drawn from their `report.json`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from eval.page.charts import tag

WIDTH, HEIGHT, LEFT, TOP, BETWEEN = 420, 240, 48, 40, 80
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#555555")  # told apart by colour-blind readers too
_SMOOTH = 15  # steps whose mean is drawn

Curve = tuple[str, list[tuple[float, float]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+", help="folders of `python -m training --out`")
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    reports = {run.name: json.loads((run / "report.json").read_text(encoding="utf-8")) for run in asked.runs}
    asked.out.write_text(picture(reports) + "\n", encoding="utf-8")


def picture(reports: dict[str, dict[str, Any]]) -> str:
    """One SVG: the loss of every run, and of runs that left something out the right first places on it."""
    losses = [(name, _smoothed([step["loss"] for step in report["curve"]])) for name, report in reports.items()]
    seen: list[Curve] = []
    for name, report in reports.items():
        looked = {int(step): figures for step, figures in report.get("validation", {}).items()}
        if looked:
            looked[len(report["curve"])] = report["taught"]["desk"]
            found = {step: figures.get("both", figures["first"]) for step, figures in looked.items()}
            seen.append((name, sorted(found.items())))
    panels = [_panel("loss (mean of 15 steps)", losses, 0)]
    if seen:
        panels.append(_panel("right passage first, left-out families", seen, WIDTH + BETWEEN))
    size = {"width": (WIDTH + BETWEEN) * len(panels), "height": HEIGHT + TOP + 70}
    return str(
        tag(
            "svg",
            tag("rect", width="100%", height="100%", fill="#ffffff"),
            *panels,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {size['width']} {size['height']}",
            font_family="sans-serif",
            font_size=13,
            **size,
        )
    )


def _panel(title: str, curves: Sequence[Curve], offset: int) -> Markup:
    last = max(x for _, points in curves for x, _ in points)
    highest = max(y for _, points in curves for _, y in points)
    top = 1.0 if highest <= 1 else highest * 1.05

    def at(x: float, y: float) -> tuple[float, float]:
        return round(LEFT + x / last * (WIDTH - LEFT), 1), round(TOP + HEIGHT - y / top * HEIGHT, 1)

    parts = [tag("text", title, x=LEFT, y=TOP - 16, font_weight="bold")]
    for share in (0, 0.25, 0.5, 0.75, 1):
        x, y = at(0, top * share)
        parts.append(tag("line", x1=x, x2=WIDTH, y1=y, y2=y, stroke="#dddddd"))
        parts.append(tag("text", f"{top * share:.2f}", x=x - 6, y=y + 4, text_anchor="end", fill="#555555"))
        x, y = at(last * share, 0)
        parts.append(tag("text", f"{last * share:.0f}", x=x, y=y + 18, text_anchor="middle", fill="#555555"))
    parts.append(tag("text", "steps", x=WIDTH, y=TOP + HEIGHT + 36, text_anchor="end", fill="#555555"))
    for number, (name, points) in enumerate(curves):
        colour = _COLOURS[number % len(_COLOURS)]
        line = " ".join(f"{x},{y}" for x, y in (at(*point) for point in points))
        parts.append(tag("polyline", points=line, fill="none", stroke=colour, stroke_width=2))
        place = LEFT + number * 90
        parts.append(
            tag(
                "line",
                x1=place,
                x2=place + 18,
                y1=TOP + HEIGHT + 54,
                y2=TOP + HEIGHT + 54,
                stroke=colour,
                stroke_width=3,
            )
        )
        parts.append(tag("text", name, x=place + 23, y=TOP + HEIGHT + 58))
    return tag("g", *parts, transform=f"translate({offset} 0)")


def _smoothed(values: Sequence[float]) -> list[tuple[float, float]]:
    means = []
    for end in range(1, len(values) + 1):
        window = values[max(0, end - _SMOOTH) : end]
        means.append((float(end), sum(window) / len(window)))
    return means


if __name__ == "__main__":
    main()
