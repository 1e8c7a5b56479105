"""`python -m training DATA --out FOLDER`: teach the bundled encoder, and show what it is worth on what was left out.

With `--left-out` one validation run; with `--export` the file that ships. Everything is kept in FOLDER and a run that
was killed goes on from there; what runs have in common (the lower layers' outputs, the plain encoder's vectors) lies
beside it.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from training.command import command, counter, recipe_of, say
from training.examples import LAY


def main() -> None:
    parser = command("python -m training", __doc__)
    parser.add_argument("--split", type=int, default=6, help="the first layer that learns, 0 to 11")
    asked = parser.parse_args()

    import torch

    if asked.threads:
        torch.set_num_threads(asked.threads)
    from kb import bundled
    from training.encoder import Encoder, lower_outputs
    from training.examples import load
    from training.fit import Recipe, fit
    from training.measure import measure
    from training.mining import Read, embed, plain_vectors

    recipe = recipe_of(Recipe(), asked.set)
    asked.out.mkdir(parents=True, exist_ok=True)
    examples = load(asked.data, asked.out / "scratch")
    left_out = [part for part in asked.left_out.split(",") if part]
    if unknown := sorted(set(left_out) - set(examples.parts())):
        sys.exit(f"There is no part {unknown[0]!r}; there are {', '.join(examples.parts())}.")
    say(
        f"{len(examples.passages)} passages, {len(examples.questions)} questions, {len(examples.unanswerable)} unanswerable"
    )

    encoder = Encoder(asked.cache.expanduser(), asked.split)
    texts, scratch = examples.texts(), asked.out.parent
    lower = lower_outputs(scratch, encoder, texts, counter("lower half"))
    plain = plain_vectors(scratch, encoder, lower, texts, counter("plain"))

    report: dict[str, Any] = {
        "left_out": left_out,
        "recipe": asdict(recipe),
        "split": asked.split,
        "data": examples.digest(),
    }
    looks = asked.out / "validation.json"  # kept on the way: a run that was killed goes on with them
    desk = [part for part in left_out if not part.startswith(LAY)]
    if left_out:
        report["plain"] = measure(examples, left_out, Read(plain, {}, {}))
        report["validation"] = _looked(looks) | ({"0": report["plain"]["desk"]} if desk else {})
        _show("plain", report["plain"])

    def look(steps: int) -> None:
        if desk:
            now = embed(encoder, lower, examples.texts(desk))
            report["validation"][str(steps)] = measure(examples, desk, now)["desk"]
            looks.write_text(json.dumps(report["validation"]), encoding="utf-8")
            _show(f"step {steps}", {"desk": report["validation"][str(steps)]})

    if asked.begin:
        encoder.take(bundled.Bundled(asked.begin), asked.cache.expanduser())
        report["begun"] = bundled.digest(asked.begin)
    began = time.monotonic()

    def tick(step) -> None:
        if step.number % 5 == 4:
            say(
                f"step {step.number + 1} of {recipe.steps}: loss {step.loss:.3f}, right {step.right:.2f}, by token {step.right_by_token:.2f}, "
                f"kept {step.kept:.3f}, moved {step.moved:.3f}, {time.monotonic() - began:.0f} s"
            )

    steps = fit(
        encoder, lower, examples, plain, left_out, recipe, asked.out / "state.pt", tick, look, bool(asked.begin)
    )
    report["curve"] = [asdict(step) for step in steps]
    if left_out:
        taught = embed(encoder, lower, examples.texts(left_out), counter("taught"))
        report["taught"] = measure(examples, left_out, taught)
        _show("taught", report["taught"])
    (asked.out / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    if asked.export:
        from training.weights import export

        about: dict[str, Any] = {key: report[key] for key in ("recipe", "begun", "left_out", "data") if key in report}
        export(encoder, asked.export, {**about, "validation": _validation(asked.validated)})
        say(f"wrote {asked.export / bundled.LAYERS}")


def _looked(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _validation(runs: list[Path]) -> list[dict[str, Any]]:
    """What validation runs of the same recipe came to, plain and taught."""
    found = []
    for run in runs:
        report = json.loads((run / "report.json").read_text(encoding="utf-8"))
        figures = {name: {k: v for k, v in report[name].items() if k in ("desk", LAY)} for name in ("plain", "taught")}
        found.append({"left_out": report["left_out"], "steps": report["recipe"]["steps"], **figures})
    return found


def _show(name: str, report: dict[str, dict[str, float]]) -> None:
    for group, figures in report.items():
        say(f"{name:7} {group:20} " + "  ".join(f"{key} {value:g}" for key, value in figures.items()))


if __name__ == "__main__":
    main()
