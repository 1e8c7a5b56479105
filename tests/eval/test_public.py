"""Public sets, from small files in their formats: what is indexed, what is asked, what is right."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from assistant.types import Request
from eval.public import files, intents, passages, shelves
from eval.public.__main__ import main
from eval.public.sets import SETS, chosen, drawn
from eval.types import Case, EvalError, Gold
from tests.support import TinyEmbedder

FIRST, SECOND = "The river floods in spring every year.", "Bakers rise before the sun does."


def write(file: Path, rows: Iterable[Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def untouched(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if zlib.crc32(text.encode()) % 2 == 0]


def wordings(word: str, count: int) -> list[str]:
    return [f"{word} number {n}" for n in range(count)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    for name, field in (("clinc150", "intent"), ("banking77", "category")):
        for part, begin, end in (("train", 0, 60), ("test", 50, 90)):
            rows = [{"text": t, field: w} for w in ("card", "loan") for t in wordings(w, 90)[begin:end]]
            write(folder / name / f"{part}.jsonl", rows)
    write(folder / "clinc150" / "oos_test.jsonl", [{"text": t, "intent": "oos"} for t in wordings("weather", 12)])
    for code, question, texts in (
        ("en", "Who rises early?", (FIRST, SECOND)),
        ("es", "¿Quién madruga?", ("El río crece.", "Los panaderos madrugan.")),
        ("zh", "谁起得早？", ("\ufeff河水每年春天上涨。", "面包师起得比太阳早。")),
    ):
        questions = (("When does it flood?", 0), (question, 1))
        rows = [
            {"id": f"q{n}", "title": "Old_Towns", "passage_id": f"Old_Towns#{passage_id(code, p)}", "question": q,
             "context": texts[p], "answers": ["x"], "lang": code}
            for n, (q, p) in enumerate(questions)
        ]  # fmt: skip
        write(folder / "squad" / f"xquad_{code}.jsonl", rows)
    write(
        folder / "squad" / "jsquad_valid.jsonl",
        [
            {"id": f"j{n}", "title": "梅雨", "passage_id": f"梅雨#{n}", "question": f"問い{n}", "answers": ["x"],
             "context": f"梅雨 [SEP] 本文その{n}。", "lang": "ja"}
            for n in range(8)
        ],
    )  # fmt: skip
    write(folder / "desk_train" / "shop.clauses.jsonl", [desk_row("1", "七日内可以退货。", "几天能退货")])
    write(folder / "desk_train" / "shop.unanswerable.jsonl", [{"style": "standard", "lang": "zh", "q": "火星呢"}])
    return folder


def passage_id(code: str, number: int) -> int:
    """Of the half that is asked; but the Spanish second passage of the other one."""
    wanted = 1 if (code, number) == ("es", 1) else 0
    return next(
        n for n in range(number * 100, number * 100 + 99) if zlib.crc32(f"Old_Towns#{n}".encode()) % 2 == wanted
    )


def desk_row(label: str, text: str, question: str) -> dict[str, Any]:
    return {
        "doc": "shop.md", "title": "店规", "lang": "zh-Hans", "authority": "platform_rule", "scope": {},
        "effective_from": None, "path": [label], "label": label, "text": text,
        "questions": [{"style": "standard", "q": question}],
    }  # fmt: skip


# -- intents


def test_some_wordings_of_each_intent_are_indexed_and_others_asked(data: Path) -> None:
    found = intents.clinc150(data)
    indexed = {content.version.document: [c.text for c in content.clauses] for content in found.contents}
    assert sorted(indexed) == ["clinc150/card", "clinc150/loan"]
    for intent in ("card", "loan"):
        texts = indexed[f"clinc150/{intent}"]
        assert len(texts) == intents.WORDINGS and set(texts) <= set(untouched(wordings(intent, 60)))
        asked = [c for c in found.cases if c.intent == intent]
        # the test file's own wordings, of the half that is asked, less those that are indexed
        expected = [t for t in untouched(wordings(intent, 90)[50:]) if t not in texts]
        assert [c.request.question for c in asked] == expected
        assert all(c.gold == (Gold(f"clinc150/{intent}"),) for c in asked)


def test_questions_out_of_scope_have_no_clause(data: Path) -> None:
    outside = [case for case in intents.clinc150(data).cases if not case.answerable]
    assert [case.request.question for case in outside] == untouched(wordings("weather", 12))
    assert all(case.gold == () and case.intent is None and case.suite == "clinc150" for case in outside)


def test_no_system_is_told_an_intents_name(data: Path) -> None:
    for content in intents.banking77(data).contents:
        assert content.version.title == "" and {c.label for c in content.clauses} == {""}
        assert all(content.version.text[c.start : c.end] == c.text for c in content.clauses)


def test_a_set_is_the_same_every_time_it_is_loaded(data: Path) -> None:
    assert intents.clinc150(data) == intents.clinc150(data)
    assert passages.jsquad(data) == passages.jsquad(data)


def test_an_intent_that_cannot_be_indexed_is_named(data: Path) -> None:
    strange = next(text for text in wordings("fraud", 20) if untouched([text]))
    with open(data / "banking77" / "test.jsonl", "a") as file:
        file.write(json.dumps({"text": strange, "category": "fraud"}) + "\n")
    with pytest.raises(EvalError, match="'fraud', of which .*train.jsonl has no wording"):
        intents.banking77(data)


# -- passages


def test_a_question_of_one_language_is_asked_about_the_same_passage_in_another(data: Path) -> None:
    found = passages.xquad("zh", "en", data)
    (content,) = found.contents
    assert [c.text for c in content.clauses] == [FIRST, SECOND] and content.version.language == "en"
    assert content.version.title == ""  # it is English in every language's file
    asked = {case.id: case for case in found.cases}["q1"]
    assert asked.request.question == "谁起得早？" and asked.asked_in == "zh-Hans"
    assert [asked.is_gold(clause) for clause in content.clauses] == [False, True]


def test_only_questions_whose_passages_no_training_saw_are_asked(data: Path) -> None:
    assert [c.id for c in passages.xquad("en", "zh", data).cases] == ["q0", "q1"]
    # the second Spanish passage is in the other half: neither asked about nor asked from
    assert [c.id for c in passages.xquad("en", "es", data).cases] == ["q0"]
    assert [c.id for c in passages.xquad("es", "en", data).cases] == ["q0"]
    assert len(passages.xquad("en", "es", data).contents[0].clauses) == 2  # it is indexed all the same


def test_japanese_passages_stand_under_their_title_without_the_mark_before_them(data: Path) -> None:
    found = passages.jsquad(data)
    (content,) = found.contents
    assert content.version.title == "梅雨"
    assert [c.text for c in content.clauses] == [f"本文その{n}。" for n in range(8)]
    half = [n for n in range(8) if zlib.crc32(f"梅雨#{n}".encode()) % 2 == 0]
    assert [c.id for c in found.cases] == [f"j{n}" for n in half]
    assert all(sum(case.is_gold(clause) for clause in content.clauses) == 1 for case in found.cases)


def test_a_question_that_one_language_lacks_is_named(data: Path) -> None:
    file = data / "squad" / "xquad_zh.jsonl"
    file.write_text(file.read_text("utf-8").split("\n")[0] + "\n", "utf-8")
    with pytest.raises(EvalError, match="xquad_zh.jsonl lacks the question 'q1'"):
        passages.xquad("en", "zh", data)


# -- documents


def test_lay_questions_find_their_articles(data: Path) -> None:
    docs = data / "statutes" / "docs"
    docs.mkdir(parents=True)
    (docs / "退货法.md").write_text("# 退货法\n\n第一条 七日内可以退货。\n\n第二条 运费由买家承担。\n", "utf-8")
    write(
        data / "statutes" / "questions.jsonl",
        [{"id": "s-1", "question": "运费谁出", "gold": [{"file": "退货法.md", "label": "第二条"}]}],
    )
    found = shelves.statutes(data)
    (case,) = found.cases
    golds = [c.text for content in found.contents for c in content.clauses if case.is_gold(c)]
    assert len(golds) == 1 and "运费由买家承担" in golds[0]
    assert found.contents[0].version.authority == "law" and case.suite == "statutes"


def test_each_family_of_desk_documents_is_a_set(data: Path) -> None:
    (one,) = chosen(data, ["desk"])
    found = one.load(data)
    assert (one.name, one.learned, len(found.contents)) == ("desk-shop", True, 1)
    assert [case.answerable for case in found.cases] == [True, False]


# -- choosing


def test_sets_are_named_by_their_name_or_how_several_begin(data: Path) -> None:
    assert [one.name for one in chosen(data, [])] == [one.name for one in SETS]
    assert [one.name for one in chosen(data, ["banking77", "xquad", "xquad-zh-en"])] == [
        "banking77", *(one.name for one in SETS if one.name.startswith("xquad-"))
    ]  # fmt: skip
    with pytest.raises(EvalError, match="no set 'squad'; expected one of clinc150, banking77, xquad-zh-en"):
        chosen(data, ["squad"])


def made(intent: str | None, number: int, answerable: bool = True) -> Case:
    gold = (Gold("a.md"),) if answerable else ()
    return Case(f"{intent}-{number}", Request("?"), gold, answerable, "made", intent)


def test_a_spread_draw_asks_as_many_questions_of_every_intent() -> None:
    cases = [made(intent, n) for intent in "abc" for n in range(9)] + [made("d", 0)]
    found = drawn(cases, 10, spread=True)
    assert {i: sum(c.intent == i for c in found) for i in "abcd"} == {"a": 3, "b": 3, "c": 3, "d": 1}
    assert found == [case for case in cases if case in found]  # in their order
    assert drawn(cases, 10, spread=True) == found != drawn(cases, 10, spread=True, seed=2)


def test_another_draw_keeps_intents_whole_and_at_most_half_as_many_without_a_clause() -> None:
    cases = [made(intent, n) for intent in "abcde" for n in range(4)] + [made(None, n, False) for n in range(50)]
    found = drawn(cases, 7, spread=False)
    answerable = [case for case in found if case.answerable]
    assert len(answerable) == 8 and {sum(c.intent == i for c in answerable) for i in "abcde"} == {0, 4}
    assert len(found) - len(answerable) == 4
    assert drawn(cases, 0, spread=False) == cases


# -- files that are not what they should be


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty; expected rows of JSON with text, category"),
        (b"{\n", "row 1 is not JSON"),
        (b"[1, 2]\n", "row 1 has no text under text, category"),
        (b'{"text": 5, "category": "x"}\n', "row 1 has no text under text"),
        (b'{"text": "\\ud800", "category": "x"}\n', "row 1 has no text under text"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"[" * 100_000, "row 1 is not JSON"),
    ],
)
def test_a_file_that_is_no_set_is_named_in_one_line(data: Path, content: bytes, said: str) -> None:
    (data / "banking77" / "train.jsonl").write_bytes(content)
    with pytest.raises(EvalError, match="train.jsonl") as caught:
        intents.banking77(data)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for load in (intents.clinc150, passages.jsquad, shelves.statutes):
        with pytest.raises(EvalError, match="cannot be read"):
            load(tmp_path)


def test_a_damaged_family_is_named(data: Path) -> None:
    (data / "desk_train" / "shop.clauses.jsonl").write_text('{"doc": 1}\n')
    with pytest.raises(EvalError, match="shop.clauses.jsonl or .unanswerable.jsonl cannot be read"):
        chosen(data, ["desk"])[0].load(data)


def test_half_of_the_rows_are_left_for_training() -> None:
    rows = [{"text": f"question {n}"} for n in range(1000)]
    assert 400 < sum(map(files.untouched, rows)) < 600
    # the passage decides where there is one, so that all of its questions are on one side
    assert len({files.untouched({"passage_id": "a#1", "question": str(n)}) for n in range(20)}) == 1


# -- the command


def test_the_command_prints_ours_beside_each_baseline_and_keeps_the_run(
    data: Path, tmp_path: Path, tiny_by_default: TinyEmbedder, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(data), "--home", str(tmp_path / "home"), "--set", "clinc150", "--limit", "6"]
    main([*arguments, "--out", str(tmp_path / "out"), "--json"])
    found = json.loads(capsys.readouterr().out)["sets"]["clinc150"]
    assert (found["documents"], found["clauses"], found["answerable"], found["unanswerable"]) == (2, 20, 6, 3)
    ours = found["models"]["bundled"]
    # "card number 7" shares its first word with every clause of its intent and with none of the other's
    assert ours["measures"]["first"]["value"] == 1.0
    assert set(ours["baselines"]) == {"llamaindex", "llamaindex_chunk", "dense", "bm25", "rrf"}
    assert ours["baselines"]["bm25"]["measures"]["first"]["value"] == 1.0
    folder = tmp_path / "out" / "clinc150"
    assert {f.name for f in folder.iterdir()} == {"summary.json", "cases.jsonl", "report.html", "baselines"}
    assert len((folder / "cases.jsonl").read_text().splitlines()) == 9
    assert json.loads((tmp_path / "out" / "public.json").read_text())["sets"]["clinc150"]["what"] == found["what"]

    embedded = len(tiny_by_default.embedded)
    main([*arguments, "--ingredients"])
    printed = capsys.readouterr().out
    assert "without lexical" in printed and "dense alone" in printed
    assert "LlamaIndex, nearest chunk" in printed and "BM25 alone" in printed and "2 documents, 20 clauses" in printed
    assert len(tiny_by_default.embedded) == embedded  # the base and LlamaIndex's chunks are in the cache


def test_two_encoders_are_compared_case_by_case(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Blind(TinyEmbedder):
        """Sees nothing: every text is the same to it."""

        id = "blind@1"

        def embed_question(self, text: str):
            return super().embed_question("")

        def embed_passages(self, texts, progress=None):
            return super().embed_passages([""] * len(texts))

    opened = {"seeing": TinyEmbedder(), "blind": Blind()}
    monkeypatch.setattr("eval.public.__main__.open_embedder", lambda settings: opened[settings.model])
    main([
        str(data), "--home", str(tmp_path / "home"), "--out", str(tmp_path / "out"), "--set", "banking77",
        "--model", "seeing", "--model", "blind", "--json",
    ])  # fmt: skip
    found = json.loads(capsys.readouterr().out)["sets"]["banking77"]
    assert list(found["models"]) == ["seeing", "blind"]
    firsts = [found["models"][m]["baselines"]["dense"]["measures"]["first"]["value"] for m in ("seeing", "blind")]
    assert firsts[0] > firsts[1]
    difference = found["differences"]["blind"]["first"]
    ours = [found["models"][m]["measures"]["first"]["value"] for m in ("seeing", "blind")]
    assert difference["difference"] == pytest.approx(ours[1] - ours[0], abs=1e-4)
    assert {f.name for f in (tmp_path / "out" / "banking77").iterdir()} == {"seeing", "blind"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nowhere"], "nowhere is no folder"), ([".", "--set", "x"], "There is no set 'x'")],
)
def test_what_is_wrong_is_one_line_and_a_status(
    tmp_path: Path, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--home", str(tmp_path / "home")])
    assert said in str(caught.value.code) and "\n" not in str(caught.value.code)
