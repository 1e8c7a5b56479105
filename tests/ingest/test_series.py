"""Dated copies of one document are its versions: whatever the order they came in, exactly one is in force."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.names import read
from ingest.series import BY_NAME, BY_NAME_TOO, BY_REVISION, as_read, assign, families, with_earlier
from kb import moments
from kb.types import Content, Status, VersionState
from kb.validity import validities
from tests.support import ZONE, at, make_content, on

WORDS = "买家卖家商品订单退货换货运费签收包装破损赔付审核凭证期限平台客服投诉会员积分优惠发票地址预售定金尾款质量检测保修维修配件"
TITLE = "退货规则"


def articles(seed: int, count: int = 12) -> list[str]:
    chosen = random.Random(seed)
    return [f"第{n}条 " + "".join(chosen.choices(WORDS, k=40)) + "。" for n in range(1, count + 1)]


TEXT = articles(1)


def edited(n: int) -> list[str]:
    """The text after its nth change."""
    return [*TEXT[:3], f"第4条 买家应当在{n}日内退货。", *TEXT[4:]]


def copy(key: str, texts: Sequence[str] | None = None, title: str = TITLE, **fields) -> Content:
    return make_content(key, list(texts or TEXT), title=title, **fields)


def taken(contents: Sequence[Content]) -> list[set[str]]:
    return [set(family.documents) for family in families(assign(contents, ZONE))]


def in_force(contents: Sequence[Content], moment: datetime) -> list[str]:
    valid = validities(c.version for c in contents)
    return [c.version.document for c in contents if valid[c.version.id].state(moment) is VersionState.IN_FORCE]


# --- what is taken ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("规则(2020-10-17).md", "规则(2024-04-26).md"),
        ("退货规则_20240101.docx", "退货规则_20250301.docx"),
        ("returns-v1.md", "returns-v2.md"),
        ("policy__2020-03-27_532591e.md", "policy__2020-03-30_ec6beeb.md"),
        ("2024-01/returns.md", "2025-01/returns.md"),
        ("退货规则（2024版）.docx", "退货规则（2025版）.docx"),
        ("退货规则.docx", "退货规则（修订版）.docx"),
        ("规则（试行）(2012-11-22).md", "规则(2019-12-02).md"),
        ("returns.md", "returns-v2.md"),
        ("returns-2023.md", "returns-2025.docx"),
    ],
)
def test_keys_that_differ_by_a_mark_are_versions_and_share_their_clauses_ids(first: str, second: str) -> None:
    contents = assign([copy(first, edited(7)), copy(second, edited(15))], ZONE)
    assert taken(contents) == [{first, second}]
    assert contents[0].version.series == read(first).series
    assert [c.id for c in contents[0].clauses] == [c.id for c in contents[1].clauses]
    assert in_force(contents, at("2026-01-01")) == [second]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (copy("规则(2020-10-17).md"), copy("规则(2024-04-26).md", articles(2))),  # another text
        (copy("规则(2020-10-17).md", title="金卡会员权益"), copy("规则(2024-04-26).md", title="银卡会员权益")),
        (
            copy("规则_2020-10-17.md", scope={"platform": "京东"}),
            copy("规则_2024-04-26.md", scope={"platform": "淘宝"}),
        ),
        (copy("规则_2020-10-17.md", language="en"), copy("规则_2024-04-26.md", language="zh-Hans")),
        (
            copy("规则_2020-10-17.md", authority="law", evidence={"authority": "--set"}),
            copy("规则_2024-04-26.md", authority="script", evidence={"authority": "--set"}),
        ),
        (copy("年度服务报告_2023.md", title="服务报告"), copy("年度服务报告_2024.md", title="服务报告")),
        (copy("report-2023-12-31.md", title="Service report"), copy("report-2024-12-31.md", title="Service report")),
        (copy("解释（一）.md"), copy("解释（二）.md")),
        (copy("a.md"), copy("b.md")),
        (copy("规则_20240501-20240507.md"), copy("规则_20250501-20250507.md")),
        (copy("returns.md"), copy("returns_20240101.md")),  # which of the two is the later one, nobody says
        (copy("returns.md"), copy("returns-v1.md")),
        (copy("returns.md"), copy("returns.docx", edited(2))),
    ],
)
def test_what_only_looks_like_a_version_is_none_and_keeps_ids_of_its_own(first: Content, second: Content) -> None:
    contents = assign([first, second], ZONE)
    assert families(contents) == []
    assert not {c.id for c in contents[0].clauses} & {c.id for c in contents[1].clauses}
    assert all(c.version.series is None for c in contents)


def test_a_price_list_of_another_year_with_other_matters_is_none() -> None:
    lists = [
        [*(f"{text} {year}" for text in articles(year, 18)), *articles(3, 2)] for year in (2024, 2025)
    ]  # a tenth in common
    assert taken([copy("价目表2024.md", lists[0], "价目表"), copy("价目表2025.md", lists[1], "价目表")]) == []


def test_a_text_written_anew_is_a_version_where_both_state_their_day_or_one_names_the_other() -> None:
    old, new = articles(5, 20), [*articles(6, 18), *articles(5, 20)[:2]]
    days = [on("2023-01-01"), on("2025-01-01")]
    names = ("价目表-2023.md", "价目表-2025.md")
    assert taken([copy(n, t, effective_from=d) for n, t, d in zip(names, (old, new), days, strict=True)]) == [
        set(names)
    ]
    assert taken([copy(n, t) for n, t in zip(names, (old, new), strict=True)]) == []
    assert taken([copy(names[0], old), copy(names[1], articles(7), supersedes=(names[0],))]) == [set(names)]


def test_a_title_may_gain_a_word_and_a_text_may_shrink_to_a_third() -> None:
    long, short = articles(4, 30), articles(4, 30)[:8]
    first = copy("use_2021-06-08.md", long, "Basecamp Restricted Use Policy")
    second = copy("use_2023-12-07.md", short, "Use Restrictions Policy")
    assert taken([first, second]) == [{"use_2021-06-08.md", "use_2023-12-07.md"}]


def test_short_texts_are_compared_letter_by_letter() -> None:
    def short(days: str) -> list[str]:
        return [f"第一条 自签收起{days}内可以退货。"]

    assert taken([copy("a-v1.md", short("七日")), copy("a-v2.md", short("十五日"))])
    assert not taken([copy("a-v1.md", short("七日")), copy("a-v2.md", ["第一条 电池保修十二个月，进水不保。"])])


def test_a_stranger_with_the_same_bare_name_keeps_its_whole_path_and_leaves_the_family_its_ids() -> None:
    pair = [copy("规则_2020-01-01.md"), copy("规则_2021-01-01.md", edited(2))]
    before = assign(pair, ZONE)
    after = assign([*pair, copy("规则_2022-01-01.md", articles(9))], ZONE)
    assert [c.clauses for c in after[:2]] == [c.clauses for c in before]
    assert not {c.id for c in after[2].clauses} & {c.id for c in after[0].clauses}


def test_an_undated_stranger_keeps_the_ids_it_had_and_the_family_gets_others() -> None:
    stranger = copy("规则.md", articles(9))
    contents = {c.version.document: c for c in assign(
        [stranger, copy("规则_2020-01-01.md"), copy("规则_2021-01-01.md", edited(2))], ZONE
    )}  # fmt: skip
    assert contents["规则.md"].clauses == assign([stranger], ZONE)[0].clauses
    ids = [{c.id for c in content.clauses} for content in contents.values()]
    assert ids[1] == ids[2] and not ids[0] & ids[1]


def test_a_dated_file_that_stands_alone_has_the_ids_it_will_share() -> None:
    first = copy("规则_2020-01-01.md")
    (alone,) = assign([first], ZONE)
    both = assign([first, copy("规则_2021-01-01.md", edited(2))], ZONE)
    assert alone.clauses == both[0].clauses
    assert alone.version.series is None and alone.version.effective_from is None


# --- from when ----------------------------------------------------------------------------------------------------


def test_each_is_in_force_from_the_day_in_its_name_until_the_next_ones() -> None:
    contents = assign([copy(f"规则_{year}-03-01.md", edited(year)) for year in (2020, 2022, 2024)], ZONE)
    assert {c.version.evidence["effective_from"] for c in contents} == {BY_NAME}
    assert in_force(contents, at("2020-02-29")) == []
    assert in_force(contents, at("2022-02-28")) == ["规则_2020-03-01.md"]
    assert in_force(contents, at("2022-03-01")) == ["规则_2022-03-01.md"]
    assert in_force(contents, at("2030-03-01")) == ["规则_2024-03-01.md"]


def test_a_day_that_the_text_states_counts_more_than_the_one_in_the_name() -> None:
    stated = copy("规则(2022-09-02).md", edited(2), effective_from=on("2023-01-01"))
    contents = assign([copy("规则(2018-10-26).md"), stated], ZONE)
    assert in_force(contents, at("2022-12-31")) == ["规则(2018-10-26).md"]
    assert in_force(contents, at("2023-01-01")) == ["规则(2022-09-02).md"]


def test_a_copy_that_still_states_the_first_day_of_an_earlier_one_begins_on_the_day_in_its_name() -> None:
    first = on("2020-01-01")
    contents = assign(
        [copy(f"规则_{year}-01-01.md", edited(year), effective_from=first) for year in (2020, 2022)], ZONE
    )
    assert in_force(contents, at("2021-12-31")) == ["规则_2020-01-01.md"]
    assert in_force(contents, at("2022-01-01")) == ["规则_2022-01-01.md"]
    later = contents[1].version
    assert later.evidence["effective_from"] == BY_NAME_TOO and later.facts["first_in_force"] == "2020-01-01"
    assert as_read(contents[1], ZONE).version.effective_from == at(first)
    assert assign(contents, ZONE) == contents


def test_a_day_that_a_maintainer_gave_is_not_overruled_by_the_name() -> None:
    given = {"effective_from": "--set"}
    contents = assign(
        [copy(f"规则_{y}-01-01.md", edited(y), effective_from=on("2020-01-01"), evidence=given) for y in (2020, 2022)],
        ZONE,
    )
    assert in_force(contents, at("2021-01-01")) == ["规则_2022-01-01.md"]


def test_revisions_without_days_leave_the_highest_alone_in_force_and_the_report_says_so() -> None:
    contents = assign([copy(f"规则-v{n}.md", edited(n)) for n in (9, 10, 2)], ZONE)
    assert in_force(contents, at("1999-01-01")) == in_force(contents, at("2030-01-01")) == ["规则-v10.md"]
    (family,) = families(contents)
    assert [step.version.document for step in family.steps] == ["规则-v2.md", "规则-v9.md", "规则-v10.md"]
    assert "规则-v10.md alone is in force" in family.notes[0]


def test_a_revision_without_a_day_replaces_a_lower_one_that_has_one() -> None:
    contents = assign([copy("规则-v1.md", effective_from=on("2024-01-01")), copy("规则-v2.md", edited(2))], ZONE)
    assert in_force(contents, at("2024-06-01")) == ["规则-v2.md"]
    assert contents[1].version.evidence["effective_from"] == BY_REVISION
    assert "states no first day in force" in families(contents)[0].notes[0]


def test_revisions_with_days_hand_over_on_them() -> None:
    days = {"规则-v1.md": on("2024-01-01"), "规则-v2.md": on("2025-01-01")}
    contents = assign([copy(key, edited(n), effective_from=day) for n, (key, day) in enumerate(days.items())], ZONE)
    assert in_force(contents, at("2024-12-31")) == ["规则-v1.md"]
    assert in_force(contents, at("2025-01-01")) == ["规则-v2.md"]


def test_of_copies_of_one_day_the_last_name_is_in_force_and_the_report_says_so() -> None:
    contents = assign([copy("规则_2024-01-01_a1b2c3d.md"), copy("规则_2024-01-01_f1b2c3d.md", edited(1))], ZONE)
    assert in_force(contents, at("2024-01-01")) == ["规则_2024-01-01_f1b2c3d.md"]
    assert "begin together, 2024-01-01: the last one" in families(contents)[0].notes[0]


# --- one file, several versions -----------------------------------------------------------------------------------


def test_a_text_that_begins_later_keeps_the_one_before_it_until_then() -> None:
    first = copy("规则.md", effective_from=on("2024-01-01"))
    second = copy("规则.md", edited(15), effective_from=on("2026-01-01"))
    third = copy("规则.md", edited(30), effective_from=on("2027-01-01"))
    two = with_earlier([first], second, ZONE)
    assert two == [first, second]
    three = with_earlier(two, third, ZONE)
    assert three == [first, second, third]
    assert in_force(three, at("2025-12-31")) == in_force(two, at("2025-12-31")) == ["规则.md"]
    valid = validities(c.version for c in three)
    assert [valid[c.version.id].state(at("2026-06-01")).value for c in three] == ["expired", "in_force", "pending"]


def test_a_text_that_begins_no_later_replaces_all_that_would_begin_with_it_or_after_it() -> None:
    first, second, third = (
        copy("规则.md", edited(year), effective_from=on(f"{year}-01-01")) for year in (2024, 2026, 2027)
    )
    assert with_earlier([first, second, third], mended := copy("规则.md", edited(1), effective_from=on("2026-01-01")), ZONE) == [
        first,
        mended,
    ]  # fmt: skip
    assert with_earlier([first, second], undated := copy("规则.md", edited(2)), ZONE) == [undated]


def test_the_same_words_with_another_day_are_a_correction() -> None:
    first = copy("规则.md", [*TEXT, "第13条 本规则自2025年1月1日起施行。"], effective_from=on("2025-01-01"))
    moved = copy("规则.md", [*TEXT, "第13条 本规则自2026年1月1日起施行。"], effective_from=on("2026-01-01"))
    assert with_earlier([first], moved, ZONE) == [moved]


def test_a_file_read_again_keeps_what_it_said_before() -> None:
    first = copy("规则.md", effective_from=on("2024-01-01"))
    second = copy("规则.md", edited(15), effective_from=on("2026-01-01"))
    again = replace(second, version=replace(second.version, title="别的标题"))
    assert with_earlier([first, second], again, ZONE) == [first, again]


# --- properties ---------------------------------------------------------------------------------------------------

ZONES = st.sampled_from([ZoneInfo(n) for n in ("Asia/Shanghai", "America/New_York", "Europe/Madrid", "Pacific/Apia")])
DAYS = st.dates(date(2000, 1, 2), date(2039, 12, 30))
MOMENTS = st.none() | DAYS | st.datetimes(datetime(2000, 1, 2), datetime(2039, 12, 30), timezones=ZONES)
NAMES = st.lists(st.tuples(DAYS, st.sampled_from(["", "_123000", "_532591e"])), min_size=2, max_size=6, unique=True)


@settings(max_examples=30, deadline=None)
@given(NAMES, st.lists(MOMENTS, min_size=6, max_size=6), ZONES, st.randoms(use_true_random=False), st.data())
def test_exactly_one_copy_is_in_force_at_any_instant_from_the_first_on(names, stated, zone, chance, data) -> None:
    contents = []
    for n, (day, more) in enumerate(names):
        content = copy(f"规则_{day}{more}.md", edited(n))
        first = moments.begin(stated[n], zone) if stated[n] is not None else None
        contents.append(replace(content, version=replace(content.version, effective_from=first)))
    found = assign(contents, zone)
    assert len(families(found)) == 1
    shuffled = list(contents)
    chance.shuffle(shuffled)
    assert assign(shuffled, zone) == found
    starts = sorted(c.version.effective_from for c in found)
    around = [start + step for start in starts for step in (-timedelta(microseconds=1), timedelta(0), timedelta(1))]
    instant = data.draw(st.datetimes(datetime(1999, 1, 1), datetime(2045, 1, 1), timezones=st.just(UTC)))
    for moment in [*around, instant]:
        assert len(in_force(found, moment)) == (moment >= starts[0])


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *(copy(f"规则_{year}-01-01.md", edited(year)) for year in range(2020, 2024)),
                *(copy(f"规则-v{n}.md", edited(n)) for n in range(3)),
                copy("规则.md", edited(1)),
                copy("规则_2021-06-01.md", articles(7)),
                copy("规则_2022-06-01.md", articles(7), effective_from=on("2020-01-01")),
                copy("规则_2023-06-01.md", edited(5), effective_from=on("2020-01-01"), status=Status.DRAFT),
            ]
        ),
        unique_by=lambda c: c.version.document,
        min_size=1,
    )
)
def test_files_that_come_one_by_one_give_what_they_give_at_once(contents) -> None:
    base: list[Content] = []
    for content in contents:
        base = assign([*base, content], ZONE)
    assert base == assign(contents, ZONE)
    keys = {(c.version.id, clause.id) for c in base for clause in c.clauses}
    assert len(keys) == sum(len(c.clauses) for c in base)
    for gone in contents:
        rest = [c for c in base if c.version.document != gone.version.document]
        assert assign(rest, ZONE) == assign([c for c in contents if c is not gone], ZONE)


EDITS = st.lists(
    st.tuples(
        st.integers(0, 3), st.none() | st.dates(date(2024, 1, 1), date(2024, 1, 6)), st.sampled_from(list(Status))
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(EDITS)
def test_of_a_file_edited_again_and_again_one_text_is_in_force_at_any_instant(edits) -> None:
    held: list[Content] = []
    for text, first, status in edits:
        new = copy("规则.md", [f"第1条 买家应当在{'七八九十'[text]}日内退货。"], effective_from=first, status=status)
        held = assign(with_earlier(held, new, ZONE), ZONE)
        assert new.version.id in [c.version.id for c in held], "what the file says now is always held"
        starts = [c.version.effective_from or moments.EVER for c in held]
        assert starts == sorted(set(starts))
        published = [c for c in held if c.version.status is Status.PUBLISHED]
        assert len(held) - len(published) <= 1, "no draft stays behind"
        for day in (date(2024, 1, 1) + timedelta(days=n) for n in range(7)):
            begun = any((c.version.effective_from or moments.EVER) <= at(day) for c in published)
            assert len(in_force(held, at(day))) == begun
    assert with_earlier(held, held[-1], ZONE) == held, "reading it again changes nothing"
