"""Puts the page together: layout, styles, script and data in one file, closed to the outside by its own policy."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from eval.comparing import Comparison, compare
from eval.page import view
from eval.page.wording import known, say, text
from eval.types import Run

# What a reader looks for first stands first: what changed, then every question, then the curves.
SECTIONS = (
    "glance",
    "changes",
    "map",
    "intents",
    "cases",
    "groups",
    "baselines",
    "abstention",
    "calibration",
    "ingredients",
    "noise",
    "latency",
    "determinism",
    "measures",
    "about",
)


def write(run: Run, previous: Run | None, file: Path, comparison: Comparison | None = None) -> None:
    """`comparison`: of `previous` and `run`, where it is there already; it takes seconds.

    The new page takes the old one's place in one step: who loads it meanwhile gets a whole one.
    """
    part = file.with_name(file.name + ".part")
    part.write_text(html(run, previous, comparison), encoding="utf-8")
    os.replace(part, file)


def html(run: Run, previous: Run | None = None, comparison: Comparison | None = None) -> str:
    summary, rows = run.summary, run.rows()
    measures = summary.get("measures") or {}
    before = previous.summary if previous else None
    found = (comparison or compare(previous, run)) if previous else None
    differences = found.measures if found else {}
    measures_before = before.get("measures") or {} if before else None
    when_before = view.moment(before.get("when")) if before else ""
    map_data = view.map_data(rows)
    style, script = Markup(_static("page.css")), Markup(_static("page.js"))
    outcomes = Counter(view.outcome_of(row) for row in rows)
    return _layout().render(
        title=text("en", "title"),
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'",
        data=Markup(_inert(map_data)) if map_data else None,
        sections=SECTIONS,
        cases=f"{summary.get('cases') or len(rows):,}",
        snapshot=summary.get("snapshot") or "–",
        when=view.moment(summary.get("when") or "–"),
        lede=view.lede(measures),
        against=view.against(found, when_before) if found else [say("lede.first_run")],
        unchanged=bool(found and found.shared and not found.changes),
        has_previous=previous is not None,
        when_before=when_before,
        headlines=view.headlines(measures, measures_before, differences),
        gate=view.gate(summary),
        setup=view.setup_changes(summary, before) if before else [],
        changes=view.changes(found) if found else [],
        surer=f"{found.other_confidence:,}" if found and found.other_confidence else None,
        map=map_data is not None,
        outcomes=[(outcome, outcomes[outcome]) for outcome in reversed(view.Outcome) if outcomes[outcome]],
        intents=view.worst_intents(rows, summary.get("worst_intents") or ()),
        worst=view.worst_cases(rows),
        groups=view.groups(summary),
        reasons=view.reasons(rows),
        baselines=view.baselines(measures, summary.get("baselines") or {}),
        abstention=view.abstention(summary),
        calibration=view.calibration(summary),
        ingredients=view.ingredients(summary),
        noise=view.noise(summary),
        latency=view.latency(summary),
        determinism=view.determinism(summary.get("determinism")),
        measures=view.all_figures(measures, measures_before, differences),
        about=view.about(summary),
    )


def _inert(data: object) -> str:
    """JSON that cannot end its own element, whatever a question says, and that is one line for every parser."""
    written = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        written = written.replace(letter, f"\\u{ord(letter):04x}")
    return written


@cache
def _layout() -> Template:
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.globals.update(say=say, known=known)
    environment.filters["shorten"] = view.shorten
    return environment.from_string(_static("page.html.j2"))


@cache
def _static(name: str) -> str:
    return (files("eval.page") / name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
