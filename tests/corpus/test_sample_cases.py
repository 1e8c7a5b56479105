"""The sample questions and the sample documents fit together, read here without our own readers."""

from __future__ import annotations

import json
import re
import runpy
import tomllib
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ROOT / "corpus" / "documents"
SOURCES = ROOT / "corpus" / "sources"
CASE_FILES = sorted((ROOT / "eval" / "cases").glob("sample.*.jsonl"))
STYLES = {
    "standard",
    "colloquial",
    "noisy",
    "shorthand",
    "zh-Hant",
    "en",
    "other",
    "chat",
}


def docx_text(path: Path) -> str:
    from docx import Document

    body = Document(str(path)).element.body
    return "\n".join(
        "".join(t.text or "" for t in p.iter() if t.tag.endswith("}t")) for p in body.iter() if p.tag.endswith("}p")
    )


def pdf_text(path: Path) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def xlsx_text(path: Path) -> str:
    from openpyxl import load_workbook

    rows = (row for sheet in load_workbook(path) for row in sheet.iter_rows(values_only=True))
    return "\n".join(" ".join(str(cell) for cell in row if cell is not None) for row in rows)


def html_text(path: Path) -> str:
    from bs4 import BeautifulSoup

    return BeautifulSoup(path.read_text(encoding="utf-8"), "lxml").get_text("\n")


READERS: dict[str, Callable[[Path], str]] = {
    ".docx": docx_text,
    ".pdf": pdf_text,
    ".xlsx": xlsx_text,
    ".html": html_text,
}


@cache
def text_of(path: Path) -> str:
    """The words without white space and cell marks: a PDF breaks its lines anywhere, cells join in several ways."""
    reader = READERS.get(path.suffix)
    return re.sub(r"[\s|]", "", reader(path) if reader else path.read_text(encoding="utf-8"))


def cases_in(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("file", CASE_FILES, ids=lambda file: file.name)
def test_every_gold_clause_stands_in_its_document(file: Path) -> None:
    missing = []
    for case in cases_in(file):
        for gold in case["gold"]:
            path = DOCUMENTS / gold["document"]
            wanted = [re.sub(r"[\s|]", "", gold[key]) for key in ("label", "quote") if key in gold]
            if not path.is_file() or not wanted or any(part not in text_of(path) for part in wanted):
                missing.append((case["id"], gold))
    assert missing == []


@pytest.mark.parametrize("file", CASE_FILES, ids=lambda file: file.name)
def test_cases_follow_the_contract(file: Path) -> None:
    for case in cases_in(file):
        assert case["question"].strip(), case["id"]
        assert bool(case["gold"]) is case.get("answerable", True), case["id"]
        assert case["style"] in STYLES, case["id"]
        pasted = "\n" in case["question"]  # a chat may also be asked as it was copied, speakers and all
        assert (case["style"] == "chat") is (bool(case.get("history")) or pasted), case["id"]
        roles = {turn["role"] for turn in case.get("history", ())}
        assert roles <= {"customer", "agent"}, case["id"]
        if "as_of" in case:
            datetime.fromisoformat(case["as_of"])


def test_a_case_with_a_day_has_its_gold_in_what_was_in_force_then() -> None:
    in_force = validities()
    wrong = []
    for file in CASE_FILES:
        for case in cases_in(file):
            day = date.fromisoformat(case.get("as_of", "")[:10]) if "as_of" in case else None
            for gold in case["gold"] if day else ():
                first, last = in_force[gold["document"]]
                if not first <= day <= last:
                    wrong.append((case["id"], gold))
    assert len(in_force) == 38
    assert wrong == []


def validities() -> dict[str, tuple[date, date]]:
    """Document -> its first and last day in force, as it or koujing.toml says: a superseding one ends another."""
    with open(DOCUMENTS / "koujing.toml", "rb") as file:
        said = {block["match"]: block for block in tomllib.load(file)["files"]}
    for path in DOCUMENTS.rglob("*.md"):
        said[path.relative_to(DOCUMENTS).as_posix()] = yaml.safe_load(path.read_text(encoding="utf-8").split("---")[1])
    first = {key: date.fromisoformat(str(fields["effective_from"])) for key, fields in said.items()}
    last = {key: date.fromisoformat(str(fields.get("effective_to", date.max))) for key, fields in said.items()}
    for key, fields in said.items():
        earlier = fields.get("supersedes", [])
        for document in [earlier] if isinstance(earlier, str) else earlier:
            last[document] = min(last[document], first[key] - timedelta(days=1))
    return {key: (first[key], last[key]) for key in said}


def test_ids_and_questions_are_not_used_twice() -> None:
    cases = [case for file in CASE_FILES for case in cases_in(file)]
    assert [id_ for id_, n in Counter(case["id"] for case in cases).items() if n > 1] == []
    asked = Counter(
        (
            case["question"],
            case.get("as_of"),
            json.dumps(case.get("history")),
            json.dumps(case.get("scope")),
        )
        for case in cases
    )
    assert [key for key, n in asked.items() if n > 1] == []


def test_built_documents_say_what_their_sources_say(tmp_path: Path) -> None:
    builders = runpy.run_path(str(SOURCES / "build.py"), run_name="build_sources")["BUILDERS"]
    built = 0
    for source in sorted(SOURCES.rglob("*")):
        for ending, make in builders.items():
            if source.name.endswith(ending):
                key = source.relative_to(SOURCES).as_posix().removesuffix(".md")
                target = tmp_path / Path(key).name
                make(source, target)
                assert text_of(target) == text_of(DOCUMENTS / key), (
                    f"run corpus/sources/build.py: {key} is not what its source says"
                )
                built += 1
    assert built >= 5
