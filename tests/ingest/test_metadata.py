"""What a document says of itself, and what it does not say."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import InvalidMetadata
from ingest.loaders import load
from ingest.metadata import Metadata, find, language
from ingest.structure import cut
from ingest.types import Extract


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


RULE = "# 规则\n\n第一条 适用于订单。\n\n"
PAGE = "# Returns\n\nWe refund.\n\n"


def doubted(text: str, name: str = "a.md") -> str:
    return "\n".join(read(text, name).doubts)


@pytest.mark.parametrize(
    "sentence",
    [
        "本规则自2024年7月1日起施行。",
        "本规则于2024年7月1日生效。",
        "本规则自2024年7月1日起执行。",
        "本协议自2024年7月1日零时起正式生效。",
        "本规则自2024年7月1日（星期一）00:00起施行。",
        "本规则将于2024年7月1日起正式实施。",
        "本規則自民國113年7月1日起施行。",
        "本规则自2024.7.1起施行。",
        "以上规则自2024年7月1日起执行。",
        "自2024年7月1日起施行。",
        "本《退货规则》自2024年7月1日起生效。",
        "本规则由规则部负责解释，自2024年7月1日起施行。",
        "现决定对《商家规则》作如下修改，自2024年7月1日起施行：",
        "自2024年7月1日起执行，旧版同时作废。",
        "本标准2024.07.01启用。",
        "本规则试行三个月，自2024年7月1日起。",
        "Vigente desde el 1 de julio de 2024 hasta el 31 de diciembre de 2024.",
        "This policy is effective as of July 1, 2024.",
        "These Terms take effect on 1 July 2024.",
        "This Agreement shall enter into force on Monday, July 1, 2024.",
        "Estas condiciones entran en vigor el 1 de julio de 2024.",
        "本規約は、2024年7月1日から施行します。",
        "この規則は、令和6年7月1日から施行する。",
        "이 약관은 2024년 7월 1일부터 시행합니다.",
    ],
)
def test_the_text_says_from_which_day_it_is_in_force(sentence: str) -> None:
    assert (
        found(RULE + "第二条 " + sentence if "\u4e00" <= sentence[1] <= "\u9fff" else PAGE + sentence)["effective_from"]
        == "2024-07-01"
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "双11活动自2024年11月1日起开始施行优惠。",
        "根据《消费者权益保护法》（自2014年3月15日起施行），商家应退货。",
        "该法自2024年7月1日起施行。",
        "会员权益自2024年7月1日起生效。",
        "《电子商务法》自2019年1月1日起施行。",
        "本条自2024年7月1日起施行。",
        "自2024年7月1日起执行的订单，旧券作废。",
        "本店商品2024年7月1日启用新包装。",
        "保修期：自2024年7月1日起。",
        "将末条修改为“第七十条 本法自2008年8月1日起施行。”",
        "自2024年7月1日起下单的用户适用新规则。",
        "商家自2024年7月1日起执行以下标准",
        "Your subscription is effective as of July 1, 2024.",
        "This policy was last updated on July 1, 2024.",
        "The Digital Services Act entered into force on November 16, 2022.",
    ],
)
def test_days_of_other_things_are_not_its_own(sentence: str) -> None:
    assert "effective_from" not in found(RULE + "第二条 " + sentence)
    assert "effective_from" not in found(PAGE + sentence)


@pytest.mark.parametrize(
    "line",
    [
        "【施行日期】2024-07-01",
        "【生效日期】\n2024年7月1日",
        "生效日期: 20240701",
        "施 行 日 期：2024年7月1日",
        "生效日期（起）：2024年7月1日",
        "生效时间：2024年7月1日 00:00",
        "生效时间：2024/07/01 00:00 ～ 2024/12/31 23:59",
        "有效期：2024.7.1-2024.12.31",
        "执行时间：2024年7月1日—12月31日",
        "施行日期 2024-07-01",
        "生效日：24年7月1日",
        "実施期間：2024年7月1日〜2024年12月31日",
        "적용기간: 2024년 7월 1일 ~ 2024년 12월 31일",
        "Effective: July 1, 2024 – Dec 31, 2024",
        "发布日期：2024-06-01　生效日期：2024-07-01　版本：V2.0",
        "【发布日期】2024.06.01 【生效日期】2024.07.01",
        "| 文件编号 | KJ-1 | 生效日期 | 2024-07-01 |",
        "项目 | 内容\n生效日期 | 2024年7月1日",
        "文件编号 | 版本 | 生效日期\nKJ-1 | V2 | 2024-07-01",
        "有效期：2024年7月1日至2025年6月30日",
        "Effective Date: July 1, 2024",
        "Version 2.1 | Effective date: July 1, 2024",
        "施行日：令和6年7月1日",
        "시행일자 : 2024. 7. 1.",
        "Fecha de entrada en vigor: 1 de julio de 2024",
        "（2024年6月1日规则部通过 2024年6月2日公布 自2024年7月1日起施行）",
        "令和6年7月1日施行",
    ],
)
def test_fields_and_dated_lines_above_the_text_are_read(line: str) -> None:
    assert found(f"规则\n\n{line}\n\n第一条 适用于订单。\n\n第二条 其他。", "a.txt")["effective_from"] == "2024-07-01"


@pytest.mark.parametrize(
    "line",
    [
        "Last updated: July 1, 2024",
        "发布日期：2024-07-01",
        "活动时间：2024年7月1日",
        "生效时间：2024年7月1日前下单的用户适用旧规则",
        "生效日期：待定",
        "生效日期：7月1日",
        "适用时间：2024年7月1日—12月31日下单的订单",
        "产品有效期：2024年7月1日至2026年6月30日",
        "Effective Date: 01/07/2024",
    ],
)
def test_other_fields_say_nothing_of_the_first_day(line: str) -> None:
    assert "effective_from" not in found(f"规则\n\n{line}\n\n第一条 适用于订单。\n\n第二条 其他。", "a.txt")


@pytest.mark.parametrize(
    ("line", "last"),
    [
        ("执行时间：2024年10月1日—2月28日", "2025-02-28"),
        ("生效时间：2024/07/01 00:00 ～ 2024/12/31 23:59", "2024-12-31T23:59"),
        ("有效期：2024.7.1-2024.12.31止", "2024-12-31"),
        ("有效期：2024年7月1日-12.31", "2024-12-31"),
        ("有效期：2024年7月1日", None),
    ],
)
def test_a_field_for_a_span_names_the_last_day_too(line: str, last: str | None) -> None:
    assert found(f"规则\n\n{line}\n\n第一条 适用于订单。\n\n第二条 其他。", "a.txt").get("effective_to") == last


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("运费规则\n\n适用时间：10月1日-10月31日\n\n1. 满99包邮。", "names no year"),
        ("运费规则\n\n自10月1日起施行。\n\n1. 满99包邮。", "without a year"),
        ("补偿权限\n\n从11月1号开始，上限由20元调到30元。", "without a year"),
        ("运费规则\n\n本规则从2026年10月1日开始执行，到年底结束。", "words that are no day"),
        ("运费规则\n\n本规则试行三个月，自2026年10月1日起。", "words that are no day"),
        ("运费规则\n\n更新于2026-10-01，即日起按新规则执行。", "does not name it"),
        ("运费规则\n\n2026年10月1日起执行新运费，旧标准作废。", "change from a day on"),
        ("年货节规则（2027年1月10日-1月25日）\n\n1. 满300减60。", "time of a sale"),
        ("双11\n\n活动时间：2026年10月20日—11月14日，本细则有效期至2026年11月14日止。", "no first day in force"),
    ],
)
def test_what_cannot_be_read_for_certain_is_a_doubt(text: str, words: str) -> None:
    assert words in doubted(text, "a.txt")


@pytest.mark.parametrize(
    "sentence",
    [
        "优惠券有效期三个月。",
        "本商品标准保修期为一年，有效期到年底的积分清零。",
        "会员自10月1日起可以领券。",
        "每年10月1日起开始换季。",
        "新会员试行三个月后转正。",
    ],
)
def test_how_long_other_things_hold_is_no_doubt(sentence: str) -> None:
    assert doubted(f"规则\n\n第一条 适用于订单。\n\n{sentence}", "a.txt") == ""


def test_a_date_that_can_be_read_in_two_ways_is_a_doubt() -> None:
    assert "01/07/2024" in doubted("Rules\n\nEffective Date: 01/07/2024\n\nWe refund.", "a.txt")
    assert found("Rules\n\nEffective Date: 13/07/2024\n\nWe refund.", "a.txt")["effective_from"] == "2024-07-13"


def test_in_force_from_publication_is_the_day_of_publication_where_that_is_known() -> None:
    text = RULE + "第二条 本办法自公布之日起施行。"
    metadata = read(text, "办法(2013-12-11).md")
    assert metadata.fields["effective_from"].value == "2013-12-11"
    assert "第二条" in metadata.fields["effective_from"].evidence
    assert "办法(2013-12-11).md" in metadata.fields["effective_from"].evidence
    assert "effective_from" not in found(text) and "publication" in doubted(text)
    dated = "规则\n发布日期：2024年7月1日\n第一条 适用。\n第二条 本规则自发布之日起{}施行。"
    assert found(dated.format(""), "a.txt")["effective_from"] == "2024-07-01"
    assert "effective_from" not in found(dated.format("30日后"), "a.txt")
    assert "counted from publication" in doubted(dated.format("30日后"), "a.txt")


def test_an_amended_law_keeps_its_older_first_day_as_a_fact_with_a_doubt() -> None:
    header = "# 法\n\n1994年7月5日 全国人民代表大会常务委员会通过\n\n2018年12月29日 《关于修改〈法〉的决定》修正\n\n"
    fields = found(header + "第一条 适用。\n\n第二条 本法自1995年1月1日起施行。", "法(2018-12-29).md")
    assert "effective_from" not in fields
    assert fields["first_in_force"] == "1995-01-01" and fields["revised"] == "2018-12-29"
    assert fields["adopted"] == "1994-07-05" and fields["published"] == "2018-12-29"
    issued = header + "第一条 适用。\n\n第二条 本法自公布之日起施行。"
    assert "effective_from" not in found(issued, "法(2018-12-29).md")


def test_a_law_written_anew_is_in_force_from_the_day_that_it_states() -> None:
    header = "# 法\n\n1994年10月27日 人大通过\n\n2015年4月24日 第十二届全国人民代表大会常务委员会第十四次会议修订\n\n"
    assert found(header + "第一条 适用。\n\n第二条 本法自2015年9月1日起施行。")["effective_from"] == "2015-09-01"


@pytest.mark.parametrize(
    ("sentence", "last"),
    [
        ("本规则有效期至2025年12月31日。", "2025-12-31"),
        ("本规则自2024年1月1日起施行，有效期至2025年12月31日。", "2025-12-31"),
        ("本规则自2024年7月1日起施行，有效期5年。", "2029-06-30"),
        ("本规则自2024年1月1日起施行，有效期三年。", "2026-12-31"),
        ("本规则有效期至9999年12月31日。", None),
        ("优惠券有效期至2025年12月31日。", None),
        ("本规则自2024年1月1日起施行，至2025年12月31日止。", "2025-12-31"),
        ("本规则自2024年1月1日至2025年12月31日有效。", "2025-12-31"),
        ("本规则执行期间为2024年10月20日至11月15日。", "2024-11-15"),
        ("本规则有效期自2024年10月20日至2月15日。", "2025-02-15"),
        ("本规则自2024年1月1日起生效，2025年12月31日失效。", "2025-12-31"),
        ("This policy is effective from 1 January 2024 to 31 December 2025.", "2025-12-31"),
        ("本规则施行至2025年12月31日止。", "2025-12-31"),
        ("本规则至2025年12月31日下单的订单适用。", None),
        ("本规则所称活动期自2024年10月20日至2024年11月15日。", None),
        ("自2024年10月20日至2024年11月15日下单的，适用本规则。", None),
        ("本规则适用于2024年10月20日至2024年11月15日期间的订单。", None),
    ],
)
def test_the_last_day_is_stated_or_counted_from_a_stated_first_day(sentence: str, last: str | None) -> None:
    assert found(RULE + "第二条 " + sentence).get("effective_to") == last


@pytest.mark.parametrize(
    ("sentence", "replaced"),
    [
        ("《旧规则》同时废止。", "旧规则"),
        ("2011年6月1日发布的《退货管理办法》（平台〔2011〕5号）同时废止。", "退货管理办法"),
        ("本规则替代《旧规则》。", "旧规则"),
        ("《A规则》、《B规则》同时废止。", "A规则; B规则"),
        ("This policy supersedes the Return Policy dated January 1, 2020.", "the Return Policy dated January 1, 2020"),
        ("本规则与《旧规则》不一致的，以本规则为准。", None),
        ("This policy supersedes all previous policies.", None),
    ],
)
def test_what_it_replaces_is_named(sentence: str, replaced: str | None) -> None:
    fields = found(RULE + "第二条 本规则自2024年7月1日起施行。\n\n" + sentence)
    assert fields.get("repeals") == replaced
    assert "supersedes" not in fields  # a fact for people: only a maintainer ends a document


@pytest.mark.parametrize(
    "text",
    [
        "# 关于修改《退货规则》的通知\n\n一、第十二条修改为：“买家应当在七日内退货。”\n\n二、删去第十条。",
        "# 关于修改《退货规则》的通知\n\n运费改由卖家承担。",
        "# 关于《退货规则》的修订公告\n\n运费改由卖家承担。",
        "# 关于修订退货规则的通知\n\n第三条运费由20元调整为30元。",
        "# 通知\n\n现对《退货规则》作如下修改：\n\n第十二条修改为：买家应当在七日内退货。",
        "# 通知\n\n《退货规则》第八条废止。",
        "# 通知\n\n删去《退货规则》第十条。",
        "# 通知\n\n《退货规则》（2024年版）第四条“20元”调整为“30元”。",
        "# 通知\n\n将《退货规则》第四条第二款中的“20元”修改为“30元”。",
    ],
)
def test_a_notice_that_amends_another_text_is_a_doubt(text: str) -> None:
    assert found(text)["amends"] == "退货规则"
    assert "amends 《退货规则》" in doubted(text) and "new version" in doubted(text)


@pytest.mark.parametrize(
    "text",
    [
        "# 公司法\n\n根据2018年10月26日《关于修改〈公司法〉的决定》第四次修正\n\n第一条 有限责任公司变更为股份有限公司。\n\n"
        "第二条 （删去）\n\n第三条 依照《民法典》第三条变更为其他形式。",
        "# 退货规则\n\n修订记录：《退货规则》第三条修改为七日。\n\n第一条 依照《电子商务法》第三条办理。",
        "# 关于商标法修改决定施行后案件的解释\n\n第一条 关于商标法修改决定施行前的案件，适用《商标法》第三条。",
        "# 规则\n\n第一条 平台修改《退货规则》的，提前七日公示。\n\n第二条 违反《退货规则》第八条的，删除商品。",
    ],
)
def test_a_text_that_only_mentions_an_amendment_amends_nothing(text: str) -> None:
    assert "amends" not in found(text) and "amends" not in doubted(text)


@pytest.mark.parametrize(
    ("header", "number"),
    [
        ("国发〔2020〕5号", "国发〔2020〕5号"),
        ("文号：国发〔2020〕5号", "国发〔2020〕5号"),
        ("文件编号：KJ-CS-001", "KJ-CS-001"),
        ("2013年12月11日 国家工商行政管理总局令第62号公布", "国家工商行政管理总局令第62号"),
        ("根据国发〔2020〕5号文件，制定本规则。", None),
    ],
)
def test_the_number_is_its_own(header: str, number: str | None) -> None:
    assert found(f"规则\n{header}\n第一条 适用。", "a.txt").get("number") == number


@pytest.mark.parametrize(
    ("header", "issuer"),
    [
        ("发布机构：桐里平台规则部", "桐里平台规则部"),
        ("2015年1月5日 国家工商行政管理总局令第73号公布", "国家工商行政管理总局"),
        ("1997年1月22日 国务院批准\n1997年4月10日 海关总署发布", "海关总署"),
        ("2004年12月8日 最高人民法院、最高人民检察院公告公布", "最高人民法院、最高人民检察院"),
        ("2015年4月24日 第十二届全国人民代表大会常务委员会第十四次会议修订", "全国人民代表大会常务委员会"),
    ],
)
def test_the_issuer_is_named(header: str, issuer: str) -> None:
    assert found(f"规则\n{header}\n第一条 适用。", "a.txt")["issuer"] == issuer


def test_a_notice_is_dated_and_signed_at_its_end() -> None:
    fields = found("关于退货规则的通知\n\n各位商家：\n\n请按新规则执行。\n\n桐里平台\n2024年6月25日", "a.txt")
    assert fields["issuer"] == "桐里平台" and fields["published"] == "2024-06-25"


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("a.txt", "附件1：\n退货规则\n第一条 适用。", "退货规则"),
        ("a.txt", "附件1：退货规则\n第一条 适用。", "退货规则"),
        ("a.txt", "《退货规则》\n第一条 适用。", "退货规则"),
        ("a.txt", "桐里商城\n退货规则\n第一条 适用。", "退货规则"),
        ("a.txt", "首页 > 帮助中心 > 退货\n退货规则\n可以退货。", "退货规则"),
        ("a.txt", "最高人民法院\n关于审理网络消费纠纷案件\n适用法律若干问题的规定（一）\n第一条 适用。",
         "最高人民法院关于审理网络消费纠纷案件适用法律若干问题的规定（一）"),
        ("退货规则(1).txt", "可以退货，运费由买家承担。", "退货规则"),
        ("退货规则_最终版_20240701.txt", "可以退货，运费由买家承担。", "退货规则"),
        ("退货规则 - 副本.txt", "可以退货，运费由买家承担。", "退货规则"),
        ("a.html", "<title>退货规则 - 桐里平台帮助中心</title><p>可以退货，运费由买家承担。</p>", "退货规则"),
        ("a.html", "<title>Returns | Acme Help Center</title><p>You can return goods.</p>", "Returns"),
        ("returns.md", "## Introduction\n\nYou can return goods.", "returns"),
        ("returns.txt", "1) This\n2) That", "returns"),
    ],
)  # fmt: skip
def test_a_title_is_what_the_document_is_called(name: str, text: str, title: str) -> None:
    assert found(text, name)["title"] == title


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("规则\n发布日期：2015-03-01\n第一条 适用。\n第二条 依照2025年2月1日发布的通知办理。", "a.txt", "2025-02-01"),
        ("规则\n发布日期：2015-03-01\n第一条 依照国发〔2025〕3号文件办理。", "a.txt", "发〔2025〕3号"),
        (
            "规则\n发布日期：2024-06-01\n第一条 适用。\n第二条 本规则自2024年5月1日起施行。",
            "a.txt",
            "before it was published",
        ),
        ("规则\n发布日期：2024-06-01\n第一条 适用。", "规则(2020-01-01).txt", "2020-01-01"),
        ("规则\n生效日期：2024-06-01\n第一条 适用。\n第二条 本规则自2024年7月1日起施行。", "a.txt", "Two first days"),
        (
            RULE + "第二条 本规则自2024年7月1日起施行。\n\n第三条 本规则自2025年7月1日起施行。",
            "a.md",
            "more than one first day",
        ),
        (RULE + "第二条 本规则长期有效。\n\n第三条 本规则有效期至2025年12月31日。", "a.md", "without end"),
        ("会员等级说明\n第一条 适用。", "七天无理由退货规则.txt", "七天无理由退货规则"),
        ("规则\n版本：V2.1\n第一条 适用。", "规则_v3.txt", "version 3"),
        ("规则（征求意见稿）\n第一条 适用。", "a.txt", "征求意见稿"),
        (RULE + "第二条 本规则自2024年13月41日起施行。", "a.md", "no calendar"),
        (RULE + "第二条 本规则自0001年1月1日起施行。", "a.md", "no calendar"),
        ("# 促销规则\n\n活动时间：2024年10月20日—2024年11月11日\n\n第一条 满减。", "a.md", "time of a sale"),
        ("---\neffective_form: 2024-06-01\n---\n" + RULE, "a.md", "Was effective_from meant?"),
    ],
)
def test_what_contradicts_itself_is_told(text: str, name: str, words: str) -> None:
    assert words in doubted(text, name)


@pytest.mark.parametrize(
    "text",
    [
        "# 国庆大促规则\n\n一、活动时间\n\n2026年10月1日至10月8日\n\n二、规则\n\n满300减40。",
        "# 国庆\n\n【活动时间】\n2026年10月1日至2026年10月8日\n\n满300减40。",
        "# 国庆\n\n【活动时间】2026年10月1日至2026年10月8日\n\n满300减40。",
        "# 国庆\n\n## 活动时间\n\n10月1日—10月8日\n\n满300减40。",
        "国庆\n\n活动时间\n2026.10.1-10.8\n\n满300减40。",
        "# 国庆\n\n活动时间：2026.10.1-2026.10.8\n\n满300减40。",
        "# 国庆\n\n第一条 满300减40。\n\n第二条 活动时间：2026年10月1日—8日\n\n第三条 不叠加。\n\n第四条 不退差价。",
        "# 国庆\n\n本店国庆活动自2026年10月1日起至2026年10月8日止。\n\n满300减40。",
        "# 国庆\n\n国庆活动于2026年10月1日0时至10月8日24时举行，满300减40。",
    ],
)
def test_the_time_of_a_sale_is_a_doubt_however_it_is_laid_out(text: str) -> None:
    assert "time of a sale" in doubted(text) and "effective_to" not in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "# 会员包邮\n\n即日起至2026年3月31日，会员包邮。",
        "# 会员包邮\n\n自即日起至3月31日止，会员包邮。",
        "# Free shipping\n\nFrom now until March 31, 2026, members pay no shipping.",
        "# 春节发货通知\n\n2026年2月10日至2月23日停止发货，2月24日起恢复。",
        "# 春节发货通知\n\n2026年2月1日 发布\n\n因春节放假，2026年2月10日-23日暂停发货。",
        "# 通知\n\n各位客户：春节期间（2026年2月10日至2026年2月23日）暂停发货。",
        "# 通知\n\n1. 2026/2/10-2026/2/23暂停发货。",
    ],
)
def test_a_notice_that_holds_for_a_time_is_a_doubt(text: str) -> None:
    assert "holds for a time" in doubted(text) and "effective_to" not in found(text)
    assert "holds for a time" not in doubted(f"---\neffective_to: 2026-03-31\n---\n{text}")


@pytest.mark.parametrize(
    "text",
    [
        "# 运费通知\n\n自2026年12月1日起，新疆运费由20元调整为30元。",
        "# 运费通知\n\n尊敬的客户：因油价上涨，自2026年12月1日零时起，新疆运费上调至30元。",
        "# 配送\n\n公司决定于2026年12月1日起停止发往该地区的配送。",
        "# 配送\n\n2026年12月1日起，不再提供送货上门。",
    ],
)
def test_a_change_from_a_day_on_is_a_doubt_where_no_first_day_is_stated(text: str) -> None:
    assert "change from a day on" in doubted(text) and "effective_from" not in found(text)
    assert "change from a day on" not in doubted(f"---\neffective_from: 2026-12-01\n---\n{text}")
    assert "change from a day on" not in doubted(f"{text}\n\n本通知自2026年12月1日起执行。")


@pytest.mark.parametrize(
    "text",
    [
        "# 规则\n\n第一条 旅行社应当告知自由活动时间安排。\n\n第二条 在自行安排活动期间，由消费者自负。",
        "# 规则\n\n第一条 适用。\n\n第二条 不适用。\n\n第三条 2020年1月1日至2021年1月1日的交易，仍按旧规则。",
        "# 规则\n\n活动时间以页面公示为准。\n\n每年11月1日至11月11日下单的，七日内发货。",
        "# 规则\n\n会员自2024年1月1日至2024年6月30日累计的积分，年底清零。",
        "# 规则\n\n2024年7月1日起购买的商品保修两年。",
        "# 规则\n\n把“自2024年7月1日起，运费调整为10元”写在页面上。",
        "# 规则\n\n自发布之日起三十日内可以申请。\n\n即日起提供送货上门。",
        "# 规则\n\n第一条 自2026年1月1日起，运费调整为10元。\n\n第二条 本规则自2026年1月1日起施行。",
        "# 规则\n\n即日起至2026年3月31日，会员包邮。\n\n本规则长期有效。",
    ],
)
def test_a_standing_rule_is_no_notice(text: str) -> None:
    assert doubted(text) == ""


def test_a_sound_document_leaves_no_doubt() -> None:
    text = "退货规则\n发布日期：2024-06-25\n版本：V2.0\n第一条 适用。\n第二条 本规则自2024年7月1日起施行。"
    assert doubted(text, "退货规则_v2_20240625.txt") == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("返品規約 第1条 払戻の対応", "ja"),
        ("返品規約 第1条 適用する。", "ja"),
        ("退回商品的方式", "zh-Hans"),
        ("O cliente pode devolver os produtos no prazo de sete dias após a entrega.", "und"),
        ("Le client peut retourner les produits dans un délai de sept jours.", "und"),
        ("本店销售日本の品牌", "zh-Hans"),
    ],
)
def test_short_and_near_texts_are_told_apart(text: str, code: str) -> None:
    assert language(text) == code


_PIECES = st.sampled_from(
    ["本规则自", "2024年7月1日", "二〇二四年十三月", "起施行。", "【施行日期】", "\n", " | ", "：", "《旧规则》同时废止。", "第一条 ", "有效期三年",
     "自发布之日起", "Effective date: ", "02/30/2024", "9999-12-31", "令和元年1月1日", "民國99999年1月1日", "“", "”", "# ", "公布", "修正", "至"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=12), max_size=25).map("".join), st.text(max_size=20))
def test_any_text_is_read_without_an_error_the_same_way_twice_and_quoted_verbatim(text: str, name: str) -> None:
    extract = Extract(text)
    drafts = cut(extract).drafts
    metadata = find(extract, name, drafts)
    assert metadata == find(extract, name, drafts)
    for one in (*metadata.fields.values(), *metadata.facts.values()):
        place, _, quote = one.evidence.partition(": ")
        if re.match(r"(?:line|lines|article|page) [^:]*$", place) and " and " not in place:
            assert quote in text


# --- minutes and status -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "first"),
    [
        ("本规则自2025年11月11日20时起施行。", "2025-11-11T20:00"),
        ("本规则自二〇二五年十一月十一日二十时起施行。", "2025-11-11T20:00"),
        ("本规则自2025年11月11日（星期二）晚上8点半起生效。", "2025-11-11T20:30"),
        ("自2025年11月11日20:30起施行。", "2025-11-11T20:30"),
        ("本规则自2025年11月11日20时30分（北京时间）起施行。", "2025-11-11T20:30+08:00"),
        ("本规则自2026年1月1日零时起施行。", "2026-01-01"),
        ("本规则自2025年12月31日24时起施行。", "2026-01-01"),
    ],
)
def test_the_minute_in_which_a_rule_begins_is_read(sentence: str, first: str) -> None:
    assert found(f"# 规则\n\n第一条 适用于订单。\n\n第二条 {sentence}")["effective_from"] == first


def test_fields_and_front_matter_may_name_minutes() -> None:
    text = "# 规则\n\n有效期：2025-11-11 20:00 至 2025-11-12 23:59\n\n第一条 适用于订单。"
    assert found(text)["effective_from"] == "2025-11-11T20:00"
    assert found(text)["effective_to"] == "2025-11-12T23:59"
    for written, value in (("2025-11-11 20:00", "2025-11-11T20:00"), ("2025-11-11T20:00+09:00",) * 2):
        assert found(f"---\neffective_from: {written}\n---\n# 规则\n\n第一条 适用。")["effective_from"] == value


def test_the_end_of_a_day_is_the_days_last_moment() -> None:
    text = "# 规则\n\n第一条 适用。\n\n第二条 本规则自2025年1月1日起施行，有效期至2025年12月31日24时。"
    assert found(text)["effective_to"] == "2026-01-01T00:00"  # excluded


def test_a_status_counts_where_a_maintainer_wrote_it() -> None:
    assert found("---\n状态: 草稿\n---\n# 规则\n\n第一条 适用。")["status"] == "草稿"
    assert "status" not in found("# 规则\n\n状态：草稿\n\n第一条 适用。")
