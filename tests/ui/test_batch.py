"""A batch: one answer a row, in order; what is no request is said so in its row and stops nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from assistant import Request
from tests.support import Base
from ui.batch import answer_file
from ui.errors import UsageError
from ui.json import answer_to_json

QUESTION = "无理由退货的运费由谁承担"


def answered(base: Base, folder: Path, *rows: object) -> list[dict[str, Any]]:
    """The answers to rows; a string is a row as it stands in the file."""
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "in.jsonl").write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    answer_file(base.assistant(), folder / "in.jsonl", folder / "out.jsonl")
    return [json.loads(line) for line in (folder / "out.jsonl").read_bytes().split(b"\n") if line]


def test_answers_come_in_the_order_of_the_rows_with_their_ids(shop: Base, tmp_path: Path) -> None:
    rows = [{"id": f"q{n}", "question": q} for n, q in enumerate((QUESTION, "在吗", "多久发货", QUESTION))]
    found = answered(shop, tmp_path, *rows)
    assert [a["id"] for a in found] == ["q0", "q1", "q2", "q3"]
    assert [a["clause"] and a["clause"]["document"] for a in found] == ["returns.md", None, "shipping.md", "returns.md"]


def test_a_row_is_answered_as_the_same_request_alone(shop: Base, tmp_path: Path) -> None:
    (row,) = answered(shop, tmp_path, {"question": QUESTION})
    alone = answer_to_json(shop.ask(QUESTION))
    assert {**row, "timings_ms": {}} == {**json.loads(json.dumps(alone)), "timings_ms": {}}


@pytest.mark.parametrize(
    "row, words",
    [
        ("not json", "Row 2 is not valid JSON"),
        ("[1]", "not a JSON object"),
        ('"退货"', "not a JSON object"),
        ({}, "question is missing"),
        ({"question": 5}, "question is a number"),
        ({"question": " "}, "question is empty"),
        ({"question": QUESTION, "as_of": "soon"}, "as_of"),
        ({"question": QUESTION, "scope": "x"}, "scope"),
        ({"question": QUESTION, "scope": {"planet": "Mars"}}, "'planet' is unknown"),
        ({"question": QUESTION, "history": [{"role": "robot", "text": "x"}]}, "role"),
        ({"question": QUESTION, "top": -1}, "top"),
        ('{"question": "\\ud800"}', "surrogate"),
        ('{"id": "\\ud800", "question": "x"}', None),
        ("[" * 100_000, "not valid JSON"),
    ],
)  # fmt: skip
def test_an_invalid_row_is_an_error_in_its_place_and_stops_nothing(
    shop: Base, tmp_path: Path, row: object, words: str | None
) -> None:
    first, wrong, last = answered(shop, tmp_path, {"question": QUESTION}, row, {"question": QUESTION})
    assert first["status"] == last["status"] == "answered"
    assert set(wrong) == set(first)
    if words:
        assert wrong["status"] == "error" and words in wrong["why"] and wrong["clause"] is None


def test_errors_are_counted_and_the_rows_id_stays(shop: Base, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": 7, "question": ""}\n{"id": [1], "question": "多久发货"}\n')
    assert answer_file(shop.assistant(), tmp_path / "in.jsonl", tmp_path / "out.jsonl") == {"rows": 2, "errors": 1}
    assert [json.loads(line)["id"] for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [7, [1]]


def test_other_fields_blank_lines_and_a_byte_order_mark_are_passed_over(shop: Base, tmp_path: Path) -> None:
    row = json.dumps({"question": QUESTION, "gold": [{"document": "x"}], "style": "noisy"})
    found = answered(shop, tmp_path, "\ufeff" + row, "", "  ", row)
    assert [a["status"] for a in found] == ["answered", "answered"]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
def test_a_line_separator_inside_a_question_does_not_split_its_row(shop: Base, tmp_path: Path, separator: str) -> None:
    (answer,) = answered(shop, tmp_path, {"question": f"您好{separator}{QUESTION}"})
    assert answer["status"] == "answered"


def test_an_interrupted_run_leaves_the_earlier_answers(
    shop: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(shop, tmp_path, {"question": QUESTION})
    before = (tmp_path / "out.jsonl").read_bytes()
    assistant = shop.assistant()

    def stop(request: Request) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(assistant, "ask", stop)
    with pytest.raises(KeyboardInterrupt):
        answer_file(assistant, tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == before
    assert not list(tmp_path.glob(".out.jsonl.*"))


@pytest.mark.parametrize("source", ["nowhere.jsonl", "latin.jsonl", "."])
def test_a_file_that_cannot_be_read_is_wrong_use(shop: Base, tmp_path: Path, source: str) -> None:
    (tmp_path / "latin.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be read"):
        answer_file(shop.assistant(), tmp_path / source, tmp_path / "out.jsonl")


def test_a_folder_that_is_not_there_is_wrong_use(shop: Base, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("{}")
    with pytest.raises(UsageError, match="is not a folder"):
        answer_file(shop.assistant(), tmp_path / "in.jsonl", tmp_path / "nowhere" / "out.jsonl")


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_not_replaced(shop: Base, tmp_path: Path, kind: str) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"question": QUESTION}))
    target = tmp_path / "out"
    target.mkdir() if kind == "folder" else os.mkfifo(target)
    with pytest.raises(UsageError, match="not a file"):
        answer_file(shop.assistant(), tmp_path / "in.jsonl", target)
    assert not target.is_file() and sorted(p.name for p in tmp_path.glob("*out*")) == ["out"]


def test_a_link_keeps_pointing_and_its_file_is_replaced(shop: Base, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"question": QUESTION}))
    (tmp_path / "link").symlink_to(tmp_path / "real.jsonl")
    answer_file(shop.assistant(), tmp_path / "in.jsonl", tmp_path / "link")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real.jsonl").read_bytes()
