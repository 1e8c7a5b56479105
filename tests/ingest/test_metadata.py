"""What a document says of itself, and what it does not say."""

from __future__ import annotations

import io

import openpyxl
import pytest

from ingest.errors import InvalidMetadata
from ingest.loaders import load
from ingest.metadata import Metadata, find, language
from ingest.structure import cut


def read(text: str, name: str = "a.md") -> Metadata:
    extract = load(text.encode(), name)
    return find(extract, name, cut(extract).drafts)


def found(text: str, name: str = "a.md") -> dict[str, str]:
    metadata = read(text, name)
    return {field: value.value for field, value in {**metadata.facts, **metadata.fields}.items()}


@pytest.mark.parametrize(
    "text",
    [
        "# 规则\n\n第一条 适用于订单。\n\n第二条 本规则自2024年7月1日起施行。",
        "# 规则\n\n第一条 适用于订单。\n\n第二条 本规则自二〇二四年七月一日起施行。",
        "# 规则\n\n2024年7月1日 施行\n\n第一条 适用于订单。",
        "规则\n【施行日期】2024-07-01\n第一条 适用于订单。",
        "规则\n生效日期：2024年7月1日\n第一条 适用于订单。",
        "# Rules\n\nEffective date: July 1, 2024\n\nWe refund what you return to us.",
        "# Rules\n\nEffective from 2024-07-01\n\nWe refund what you return to us.",
        "# Rules\n\n**Effective date:** 1 July 2024\n\nWe refund what you return to us.",
        "# 返品規約\n\n第1条（返品）お客様は返品できます。\n\n2024年7月1日施行",
        "---\neffective_from: 2024-07-01\n---\n\nWe refund what you return to us.",
    ],
)
def test_the_first_day_in_force_is_found(text: str) -> None:
    assert found(text)["effective_from"] == "2024-07-01"


@pytest.mark.parametrize(
    "text",
    [
        "# 规则\n\n对于2020年1月1日之前的交易，仍按旧规则处理。",
        "# 规则\n\n2013年12月11日 公布\n\n2018年3月1日 修订\n\n第一条 适用于订单。",
        "# 法\n\n1994年7月5日 通过\n\n2018年12月29日 修正\n\n第一条 适用。\n\n第二条 本法自1995年1月1日起施行。",
        "# 规则\n\n第一条 适用于订单。\n\n第二条 本规则自2024年13月41日起施行。",
        "# 规则\n\n合同自2020年1月1日起生效的，适用本规则。",
    ],
)
def test_other_dates_are_not_taken_for_it(text: str) -> None:
    assert "effective_from" not in found(text)


def test_the_last_line_of_the_header_counts_for_an_amended_law() -> None:
    header = "# 法\n\n1995年1月1日 施行\n\n2018年12月29日 修正\n\n2019年1月1日 施行"
    text = f"{header}\n\n第一条 适用。\n\n第二条 本法自1995年1月1日起施行。"
    assert found(text)["effective_from"] == "2019-01-01"
    assert found(text)["revised"] == "2018-12-29"


def test_the_date_of_issue_is_told_from_the_first_day_in_force() -> None:
    fields = found("规则\n规则部　2025年4月28日公布　2025年6月1日起施行\n第一条 适用于订单。", "a.txt")
    assert fields["published"] == "2025-04-28"


def test_the_last_day_in_force_is_found() -> None:
    assert found("# 规则\n\n第一条 本规则有效期至2025年12月31日。")["effective_to"] == "2025-12-31"


def test_the_date_in_a_file_name_is_the_publication_date() -> None:
    assert found("# 办法\n\n第一条 适用。", "部门规章__办法(2013-12-11).md")["published"] == "2013-12-11"


def test_fields_use_the_names_of_the_command_line() -> None:
    scope = "scope: {platform: 京东}\nowner: 客服部\nreview_by: 2026-01-01"
    fields = found(f"---\ntitle: 规则\nauthority: platform_rule\n{scope}\n---\n\n正文。")
    expected = {"title": "规则", "authority": "platform_rule", "scope.platform": "京东", "owner": "客服部"}
    assert expected.items() <= fields.items()
    assert fields["review_by"] == "2026-01-01"


def test_an_impossible_date_in_a_field_is_refused() -> None:
    with pytest.raises(InvalidMetadata, match="2024-02-30"):
        found("---\neffective_from: '2024-02-30'\n---\n\n正文。")


@pytest.mark.parametrize("written", ["2025-13-45", "2025-02-30", "'2025-13-45'", "明年"])
def test_a_date_that_no_calendar_has_is_named_with_its_field(written: str) -> None:
    with pytest.raises(InvalidMetadata, match="effective_from") as caught:
        found(f"---\n生效日期: {written}\n---\n\n正文。")
    assert caught.value.found == written.strip("'")


def test_a_workbook_without_a_title_is_called_after_its_file() -> None:
    book = openpyxl.Workbook()
    book.active.append(["品类", "天数"])
    book.active.append(["生鲜", 1])
    buffer = io.BytesIO()
    book.save(buffer)
    extract = load(buffer.getvalue(), "退货期.xlsx")
    assert find(extract, "退货期.xlsx", cut(extract).drafts).fields["title"].value == "退货期"


def test_the_title_is_the_heading_else_the_first_line_else_the_file_name() -> None:
    assert found("# 退货规则\n\n可以退货。")["title"] == "退货规则"
    assert found("退货规则\n可以退货。", "a.txt")["title"] == "退货规则"
    assert found("可以退货，运费由买家承担。", "dir/returns.txt")["title"] == "returns"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("买家可以在七日内退货，运费由买家承担。", "zh-Hans"),
        ("買家可以在七日內退貨，運費由買家承擔。", "zh-Hant"),
        ("お客様は七日以内に返品することができます。", "ja"),
        ("상품을 받은 날부터 칠일 이내에 환불을 요청할 수 있습니다.", "ko"),
        ("You may return the goods within seven days of delivery.", "en"),
        ("El cliente puede devolver los productos en un plazo de siete días.", "es"),
        ("123 456", "und"),
    ],
)
def test_the_language_is_told(text: str, code: str) -> None:
    assert language(text) == code
