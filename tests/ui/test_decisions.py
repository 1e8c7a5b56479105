"""`kb ruling`, `kb wording`, `kb reply` as whole commands: by hand and from spreadsheets, good ones and bad ones."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kb.audit import Audit
from kb.decision_log import DecisionLog
from kb.home import Home
from tests.support import RETURNS, Base, TinyEmbedder
from tests.ui.test_cli import Ran, Run, one_line
from ui import cli


@pytest.fixture
def kb(base: Base, tiny_by_default: TinyEmbedder, monkeypatch: pytest.MonkeyPatch, capfdbinary) -> Run:
    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["kb", "--home", str(base.path), *map(str, arguments)])
        capfdbinary.readouterr()
        status = 0
        try:
            cli.main()
        except SystemExit as exited:
            status = exited.code if isinstance(exited.code, int) else 0
        out, err = (stream.decode() for stream in capfdbinary.readouterr())
        assert "Traceback" not in out + err
        return Ran(status, out, err)

    return run


Sheet = Callable[..., Path]


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    def write(*rows: tuple[Any, ...], name: str = "in.xlsx", merged: str = "") -> Path:
        book = openpyxl.Workbook()
        page = book.active
        assert page is not None
        for row in rows:
            page.append(row)
        if merged:
            page.merge_cells(merged)
        book.save(tmp_path / name)
        return tmp_path / name

    return write


HEADER = ("文件", "条号", "问法")


# --- by hand ---


def test_a_ruling_names_clauses_by_document_and_label_and_holds_at_once(kb: Run, shop: Base) -> None:
    ran = kb("ruling", "add", "overrides", "returns.md#第一条", "shipping.md#第1条", "--because", "退货规则更新", "--by", "王敏",
             "--json")  # fmt: skip
    assert ran.status == 0 and ran.json["takes_effect"] == "publish"
    [made] = ran.json["decisions"]
    assert (made["change"], made["decision"]["state"], made["decision"]["by"]) == ("added", "approved", "王敏")
    assert [c["place"] for c in made["decision"]["clauses"]] == ["returns.md 第一条", "shipping.md 第一条"]
    [listed] = kb("ruling", "list", "--json").json["rulings"]
    assert listed == made["decision"] and listed["because"] == "退货规则更新"


def test_a_document_with_versions_is_known_by_the_name_that_the_listing_shows(kb: Run, base: Base) -> None:
    for day, days in (("2020-01-01", "七"), ("2024-01-01", "十五")):
        base.write(
            f"fees_{day}.md", f"# 费用表\n\n第一条 自{day}起{days}日内收取每件服务费。\n\n第二条 其他费用由双方商定。\n"
        )
    base.ingest()
    [listed] = {entry["series"] for entry in kb("documents", "--json").json["documents"]}
    for name in (listed, listed.removesuffix(".md")):
        ran = kb("wording", "add", f"{name}#第一条", "服务费几天内收", "--json")
        [about] = ran.json["decisions"][0]["decision"]["clauses"]
        assert about["place"] == "fees_2024-01-01.md 第一条"


def test_a_ruling_that_closes_a_circle_is_refused_in_one_line(kb: Run, shop: Base) -> None:
    first, second = "returns.md#第一条", "returns.md#第二条"
    assert kb("ruling", "add", "overrides", first, second, "--because", "甲").status == 0
    ran = kb("ruling", "add", "overrides", second, first, "--because", "乙")
    assert ran.status == 1 and one_line(ran.err) and "circle" in ran.err and "returns.md 第二条" in ran.err


def test_what_a_question_means_is_kept_with_personal_data_masked(kb: Run, shop: Base) -> None:
    ran = kb(
        "ruling",
        "add",
        "means",
        "我是13812345678，能退不",
        "returns.md#第一条",
        "--because",
        "13812345678来电",
        "--json",
    )
    assert ran.status == 0 and "13812345678" not in ran.out
    assert "13812345678" not in str([entry.body for entry in Audit(shop.home).entries()])
    assert b"13812345678" not in (shop.path / "state.sqlite").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("ruling", "add", "overrides", "returns.md#第一条", "--because", "x"), 2, "WINNER LOSER"),
        (("ruling", "add", "overrides", "c-none", "returns.md#第一条", "--because", "x"), 1, "c-none"),
        (("ruling", "add", "overrides", "none.md#第一条", "returns.md#第一条", "--because", "x"), 1, "none.md"),
        (("ruling", "add", "no-conflict", "returns.md#第一条", "returns.md#第一条", "--because", "x"), 1, "name two"),
        (("ruling", "add", "means", "能退不", "returns.md#第一条", "--because", " "), 2, "--because"),
        (("ruling", "withdraw", "w-1"), 2, "r-"),
        (("ruling", "withdraw", "r-1"), 1, "r-1"),
        (("wording", "add", "returns.md#第九条", "能退不"), 1, "第九条"),
        (("wording", "add", "returns.md#第一条", "？？"), 1, "no words"),
        (("wording", "add", "returns.md#第一条", ""), 2, "empty"),
        (("wording", "add", "returns.md#第一条", "长" * 501), 2, "501"),
        (("wording", "approve"), 2, "--all"),
        (("wording", "import", "none.xlsx"), 2, "none.xlsx"),
        (("reply", "add", "returns.md#第一条", "--text", "七天能退", "--language", "klingon!"), 2, "klingon!"),
        (("reply", "add", "returns.md#第一条", "--text", "七天能退", "--language", "en"), 2, "zh-Hans"),
        (("reply", "add", "returns.md#第一条", "--text", "八天能退"), 1, "八天"),
        (("reply", "add", "returns.md#第一条", "--text", "订单{订单号能退"), 1, "brace"),
    ],
)
def test_what_cannot_be_meant_is_one_line_with_what_was_expected(kb: Run, shop: Base, arguments, status, said) -> None:
    ran = kb(*arguments)
    assert (ran.status, one_line(ran.err)) == (status, True) and said in ran.err
    assert DecisionLog(shop.home).entries() == []


def test_a_wording_is_proposed_then_approved_then_published_and_leads_to_its_clause(kb: Run, shop: Base) -> None:
    asked = "寄回去谁掏钱"
    ran = kb("wording", "add", "returns.md#第二条", asked)
    assert ran.status == 0 and "kb wording approve" in ran.out
    assert kb("wording", "list", "--json").json["wordings"][0]["state"] == "proposed"
    ran = kb("wording", "approve", "--all")
    assert ran.status == 0 and "kb publish" in ran.out
    assert kb("publish", "--json").status == 0
    assert kb("search", asked, "--json").json["hits"][0]["label"] == "第二条"


def test_a_changed_text_suspends_a_wording_until_it_is_confirmed(kb: Run, shop: Base) -> None:
    kb("wording", "add", "returns.md#第一条", "能退不", "--approve")
    assert kb("wording", "list", "--suspended", "--json").json["wordings"] == []
    shop.write("returns.md", RETURNS.replace("七日内", "十日内"))
    shop.ingest()
    [waiting] = kb("wording", "list", "--suspended", "--json").json["wordings"]
    assert waiting["state"] == "suspended"
    assert kb("wording", "confirm", waiting["id"], "--by", "李华").status == 0
    [now] = kb("wording", "list", "--json").json["wordings"]
    assert (now["state"], now["by"]) == ("approved", "李华") and now["clauses"] != waiting["clauses"]
    assert kb("wording", "remove", now["id"]).status == 0
    assert kb("wording", "list", "--json").json["wordings"][0]["state"] == "withdrawn"


def test_a_reply_that_no_longer_fits_the_changed_clause_is_not_confirmed(kb: Run, shop: Base) -> None:
    ran = kb(
        "reply",
        "add",
        "returns.md#第一条",
        "--text",
        "亲，{订单号}签收7天内都能退哦",
        "--tone",
        "亲切",
        "--approve",
        "--json",
    )
    [made] = ran.json["decisions"]
    assert (made["decision"]["slots"], made["decision"]["language"], made["decision"]["tone"]) == (
        ["订单号"], "zh-Hans", "亲切")  # fmt: skip
    shop.write("returns.md", RETURNS.replace("七日内", "十日内"))
    shop.ingest()
    ran = kb("reply", "confirm", made["id"])
    assert ran.status == 1 and "7天" in ran.err
    assert [r["state"] for r in kb("reply", "list", "--suspended", "--json").json["replies"]] == ["suspended"]


def test_clauses_of_a_snapshot_that_waits_to_be_published_can_be_ruled_on(kb: Run, base: Base) -> None:
    base.write("a.md", RETURNS)
    base.ingest(draft=True)
    ran = kb("ruling", "add", "no-conflict", "a.md#第一条", "a.md#第二条", "--because", "两回事", "--json")
    assert ran.status == 0 and ran.json["decisions"][0]["change"] == "added"


def test_a_base_without_anything_says_so(kb: Run) -> None:
    ran = kb("wording", "add", "a.md#第一条", "能退不")
    assert ran.status == 1 and one_line(ran.err) and "kb ingest" in ran.err
    assert kb("wording", "list").status == 0


# --- spreadsheets ---


def test_rows_come_in_with_any_order_of_columns_and_twice_is_once(kb: Run, shop: Base, sheet: Sheet) -> None:
    file = sheet(
        ("问法1", "说明", "条 号", "文件名", "问法2"),
        ("能退不", "x", "第一条", "returns.md", "几天能退"),
        ("谁出邮费", None, "第二条", "RETURNS", None),
    )
    first = kb("wording", "import", file, "--json")
    assert (first.status, first.json["added"], first.json["refused"]) == (0, 3, [])
    again = kb("wording", "import", file, "--json")
    assert (again.status, again.json["added"], again.json["unchanged"]) == (0, 0, 3)
    assert kb("wording", "import", file, "--approve", "--json").json["approved"] == 3
    assert Audit(shop.home).verify().last >= 6


def test_rows_that_cannot_be_taken_are_named_with_number_and_reason_and_the_rest_is_taken(
    kb: Run, shop: Base, sheet: Sheet
) -> None:
    file = sheet(
        ("售后问法汇总",),
        HEADER,
        ("returns.md", "第一条", "能退不"),
        ("none.md", "第一条", "能退不"),
        ("returns.md", "第九条", "能退不"),
        ("returns.md", "第一条", None),
        (None, None, "没有条款"),
        (None, None, None),
        ("returns.md", "第三条", "什么时候退钱"),
        ("returns.md", "第一条", "#REF!"),
    )
    ran = kb("wording", "import", file, "--json")
    assert ran.status == 1 and ran.json["added"] == 2
    assert [r["row"] for r in ran.json["refused"]] == [4, 5, 6, 7, 10]
    reasons = " ".join(r["reason"] for r in ran.json["refused"])
    assert all(said in reasons for said in ("none.md", "第九条", "empty", "条款编号"))
    told = kb("wording", "import", file)
    assert told.status == 1 and "Sheet, row 4: " in told.err and "5 refused" in told.out


def test_merged_cells_count_for_every_row_and_numbers_are_what_they_look_like(
    kb: Run, shop: Base, sheet: Sheet
) -> None:
    file = sheet(
        HEADER, ("returns.md", "第一条", 12315), (None, None, "能退不"), (None, None, "几天退"), merged="A2:A4"
    )
    ran = kb("wording", "import", file, "--json")
    assert [r["row"] for r in ran.json["refused"]] == [3, 4]  # the label was not merged
    file = sheet(("条款编号", "问法"), ("returns.md#第一条", "甲甲"), (None, "乙乙"), (None, "丙丙"), merged="A2:A4")
    ran = kb("wording", "import", file, "--json")
    assert (ran.status, ran.json["added"]) == (0, 3)
    assert "12315" in [w["text"] for w in kb("wording", "list", "--json").json["wordings"]]


def test_what_a_failed_formula_left_is_no_wording(kb: Run, shop: Base, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text("文件,条号,问法\nreturns.md,第一条,#REF!\n", encoding="utf-8")
    ran = kb("wording", "import", file, "--json")
    assert (ran.status, ran.json["added"]) == (1, 0) and "#REF!" in ran.json["refused"][0]["reason"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "big5"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_csv_in_any_encoding(kb: Run, shop: Base, tmp_path: Path, encoding: str, mark: str) -> None:
    file = tmp_path / "in.csv"
    rows = [
        HEADER,
        ("returns.md", "第一條" if encoding == "big5" else "第一条", '"買了東西不想要了, 可以退嗎\n可以嗎"'),
    ]
    if encoding != "big5":
        rows[1] = ("returns.md", "第一条", '"买了东西不想要了, 可以退吗\n可以吗"')
    header = HEADER if encoding != "big5" else ("文件", "條號", "問法")
    text = "\r\n".join(mark.join(row) for row in [header, *rows[1:]])
    file.write_bytes(text.encode(encoding))
    ran = kb("wording", "import", file, "--json")
    assert (ran.status, ran.json["added"], ran.json["refused"]) == (0, 1, [])


def test_english_headers_and_replies_with_language_and_tone(kb: Run, shop: Base, sheet: Sheet) -> None:
    file = sheet(
        ("Tone", "Reply", "Language", "Label", "Document"),
        ("formal", "You may return it within 7 days, order {order}.", "English", "第一条", "returns.md"),
        ("", "七天内可以申请退货哦", "", "第一条", "returns.md"),
        ("", "15天内可以申请退货哦", "中文", "第一条", "returns.md"),
    )
    ran = kb("reply", "import", file, "--approve", "--json")
    assert (ran.status, ran.json["added"]) == (1, 2)
    assert [r["row"] for r in ran.json["refused"]] == [4] and "15天" in ran.json["refused"][0]["reason"]
    found = {(r["language"], r["tone"]) for r in kb("reply", "list", "--json").json["replies"]}
    assert found == {("en", "formal"), ("zh-Hans", "")}


def test_two_clauses_for_one_wording_in_one_file_is_a_conflict_at_approval(kb: Run, shop: Base, sheet: Sheet) -> None:
    file = sheet(HEADER, ("returns.md", "第一条", "能退不"), ("returns.md", "第二条", "能退不？"))
    assert kb("wording", "import", file, "--json").json["added"] == 2  # proposals may contradict each other
    ran = kb("wording", "approve", "--all")
    assert ran.status == 1 and "returns.md 第一条" in ran.err and "returns.md 第二条" in ran.err
    states = [w["state"] for w in kb("wording", "list", "--json").json["wordings"]]
    assert sorted(states) == ["approved", "proposed"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "in.xlsx"),
        (b"PK\x03\x04 broken", "workbook"),
        (b"\xd0\xcf\x11\xe0 broken", "workbook"),
        ("编号,内容\n1,能退不\n".encode(), "条款编号"),
    ],
)
def test_files_that_are_no_list_of_wordings_are_refused_in_one_line(
    kb: Run, shop: Base, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "in.xlsx"
    file.write_bytes(content)
    ran = kb("wording", "import", file)
    assert (ran.status, one_line(ran.err)) == (2, True) and said in ran.err


def test_sheets_without_headers_are_named(kb: Run, shop: Base, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(HEADER)
    page.append(("returns.md", "第一条", "能退不"))
    notes = book.create_sheet("说明")
    notes.append(("填表说明",))
    book.save(tmp_path / "in.xlsx")
    ran = kb("wording", "import", tmp_path / "in.xlsx", "--json")
    assert ran.status == 0 and ran.json["added"] == 1
    assert len(ran.json["notes"]) == 1 and "说明" in ran.json["notes"][0]


def test_markup_and_unseen_characters_are_words_like_others(kb: Run, shop: Base, sheet: Sheet) -> None:
    hostile = "<script>alert(1)</script>能退不\u202e\u200b"
    assert kb("wording", "import", sheet(HEADER, ("returns.md", "第一条", hostile)), "--json").json["added"] == 1
    [stored] = kb("wording", "list", "--json").json["wordings"]
    assert stored["text"] == "<script>alert(1)</script>能退不"


def test_a_formula_counts_with_the_value_that_was_saved(kb: Run, shop: Base, sheet: Sheet) -> None:
    file = sheet(HEADER, ("returns.md", "第一条", '="能"&"退不"'))  # written without a value: no program computed it
    ran = kb("wording", "import", file, "--json")
    assert ran.status == 1 and ran.json["refused"][0]["row"] == 2 and "empty" in ran.json["refused"][0]["reason"]
    assert any("C2" in note and "formula" in note for note in ran.json["notes"])


def test_a_quotation_mark_that_nothing_closes_swallows_no_rows(kb: Run, shop: Base, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text('文件,条号,问法\nreturns.md,第一条,"能退不\nreturns.md,第一条,几天退\n', encoding="utf-8")
    ran = kb("wording", "import", file, "--json")
    assert ran.json["added"] == 2 and "never closed" in ran.json["notes"][0]


def test_a_cell_at_the_far_end_of_a_sheet_takes_no_memory(kb: Run, shop: Base, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(HEADER)
    page.append(("returns.md", "第一条", "能退不"))
    page["XFD1048576"] = "?"
    book.save(tmp_path / "in.xlsx")
    assert kb("wording", "import", tmp_path / "in.xlsx", "--json").json["added"] == 1


def test_a_reply_with_personal_data_is_refused(kb: Run, shop: Base) -> None:
    ran = kb("reply", "add", "returns.md#第一条", "--text", "请写信给 wang.min@example.com 申请退货")
    assert ran.status == 2 and one_line(ran.err) and "slot" in ran.err and "wang.min" not in ran.err


def test_many_rows_come_in_as_one_transaction(kb: Run, shop: Base, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    rows = [f"returns.md,第{'一二三'[n % 3]}条,第{n}个人问的这件事怎么办" for n in range(1000)]
    file.write_text("\n".join(["文件,条号,问法", *rows]), encoding="utf-8")
    ran = kb("wording", "import", file, "--approve", "--json")
    assert (ran.status, ran.json["added"]) == (0, 1000)
    assert Audit(Home(shop.path)).verify().last >= 1000
    assert len({entry.at for entry in Audit(Home(shop.path)).entries(kind="wording")}) == 1
