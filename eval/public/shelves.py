"""Sets that come as documents: statutes with lay people's questions, the sample corpus, families of desk documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

from eval import desk, suites
from eval.public.types import Loaded, PublicSet
from eval.types import EvalError
from kb.home import Home
from kb.types import Content


def statutes(data: Path) -> Loaded:
    folder = data / "statutes"
    cases = suites.load([str(folder / "questions.jsonl")])
    contents = _read(folder / "docs", {"authority": "law"})
    return Loaded(contents, [replace(case, suite="statutes", language="zh-Hans") for case in cases])


def sample(_: Path) -> Loaded:
    """Ships with the project."""
    with resources.as_file(resources.files("corpus").joinpath("documents")) as folder:
        contents = _read(folder, {})
    return Loaded(contents, suites.load(["sample"]))


def families(data: Path) -> list[PublicSet]:
    """A set for every family of desk documents that is there."""
    return [
        PublicSet(
            f"desk-{family}",
            f"desk documents, {family}: questions in eight styles",
            partial(_family, family),
            200,
            learned=True,
        )
        for family in desk.families(data / "desk_train")
    ]


def _family(family: str, data: Path) -> Loaded:
    folder = data / "desk_train"
    try:
        return Loaded(desk.contents(folder, family), list(desk.cases(folder, family)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvalError(
            f"{folder / family}.clauses.jsonl or .unanswerable.jsonl cannot be read ({type(error).__name__}: {error}); "
            "expected rows as eval/desk.py describes them."
        ) from error


def _read(folder: Path, given: Mapping[str, str]) -> list[Content]:
    """As `kb ingest` reads it, with the same checks; nothing is kept."""
    from ingest.reindex import make_plan
    from ingest.sources import collect

    with TemporaryDirectory(prefix="koujing-") as scratch:
        plan = make_plan(Home(Path(scratch)), collect([folder]), None, given, full=True)
    if plan.failed:
        first = plan.failed[0]
        raise EvalError(f"{len(plan.failed)} files below {folder} were not read, first {first.path}: {first.reason}")
    return list(plan.contents)
