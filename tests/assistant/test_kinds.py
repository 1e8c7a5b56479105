"""Goods that a category's document says it is for are names of the category."""

from __future__ import annotations

import pytest

from assistant.kinds import is_meant, kinds
from assistant.scopewords import ScopeWords
from tests.support import Base, front_matter, make_content


def listed(*texts: str, category: str = "小家电") -> set[str]:
    content = make_content("a.md", texts, scope={"category": category})
    return set(kinds([content.version], {content.version.id: content.clauses}))


@pytest.mark.parametrize(
    ("text", "category", "expected"),
    [
        (
            "第一条 适用于吸尘器、扫地机器人、空气炸锅等小家电。本规则自2026年5月1日起施行。",
            "小家电",
            {"吸尘器", "扫地机器人", "空气炸锅"},
        ),
        (
            "本细则所称管乐器，包括笛、箫、萨克斯等以口吹奏的乐器。",
            "管乐器",
            {"笛", "箫", "萨克斯"},
        ),
        (
            "第一条 本规则适用于云栖集市（以下称“平台”）生鲜类目下的水果、肉禽蛋、冷冻食品和鲜花绿植。",
            "生鲜",
            {"水果", "肉禽蛋", "冷冻食品", "鲜花绿植"},
        ),
        ("本规则適用於手機、平板及其配件。", "数码", {"手机", "平板"}),
        ("第二条 本规则所称激活，是指首次联网、登录账户或者注册保修。", "数码", set()),
        ("第三条 质量问题包括破损、开裂、变色。", "家具", set()),
        ("适用于沙发、床垫、柜子，不包括灯具、窗帘、地毯。", "家具", {"沙发", "床垫", "柜子"}),
        ("第四条 运费包括快递费、上楼费和安装费。", "家具", set()),
        ("本规则适用于退货、换货、维修。", "家具", set()),
    ],
)
def test_what_a_category_is_for_is_read_from_its_opening(text: str, category: str, expected: set[str]) -> None:
    assert listed(text, category=category) == expected


def test_only_a_categorys_documents_are_read_and_only_their_opening() -> None:
    opening = "第一条 适用于吸尘器、扫地机器人、空气炸锅等小家电。"
    general = make_content("a.md", [opening])
    channel = make_content("b.md", [opening], scope={"channel": "跨境"})
    assert not kinds([general.version, channel.version], {c.version.id: c.clauses for c in (general, channel)})
    assert not listed("第一条 " + "其他约定。" * 400, opening)


WORDS = ScopeWords(
    {"category": ["生鲜", "数码"]},
    kinds={"水果": {"生鲜"}, "鱼": {"生鲜"}, "笛": {"数码"}, "手机": {"数码"}, "蛋糕": {"生鲜", "数码"}},
)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("水果坏了怎么赔", "生鲜"),
        ("鱼臭了", "生鲜"),
        ("鱼缸碎了", None),  # another word
        ("水果刀能退吗", None),
        ("笛子裂了", "数码"),
        ("手机坏了", "数码"),
        ("手机壳保修多久", None),
        ("手机号怎么换", None),
        ("孩子用我的手机下单了", None),
        ("不是水果能退吗", None),
        ("蛋糕能退吗", None),  # of two categories
        ("生鲜里的手机卡", "生鲜"),  # the category's own name comes first
        ("水果和手机能一起退吗", None),
    ],
)
def test_goods_stand_for_their_category(text: str, category: str | None) -> None:
    assert WORDS.find(text).meant == ({} if category is None else {"category": category})


def test_what_is_denied_is_not_meant() -> None:
    assert WORDS.find("不是水果能退吗").denied == {"category": frozenset({"生鲜"})}


def test_other_scripts_have_no_words_of_hanzi() -> None:
    assert is_meant("usb hub", (0, 3))


GENERAL = "# 售后规则\n\n第一条 自签收之日起三十日内本店商品出现质量问题的，可以申请换货。\n\n第二条 乐器保修两年。\n"
WIND = (
    "# 管乐器细则\n\n本细则所称管乐器，包括笛、箫、萨克斯等乐器。\n\n"
    "第一条 管乐器自签收之日起七日内出现质量问题的，可以申请换货。\n\n第二条 管乐器保修六个月。\n"
)


@pytest.fixture
def music(base: Base) -> Base:
    base.write("general.md", front_matter(GENERAL, authority="platform_rule"))
    base.write("wind.md", front_matter(WIND, authority="category_rule", **{"scope.category": "管乐器"}))
    base.ingest()
    return base


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("萨克斯自签收之日起七日内出现质量问题，可以申请换货吗", "wind.md"),
        ("管乐器自签收之日起七日内出现质量问题，可以申请换货吗", "wind.md"),
        ("吉他自签收之日起七日内出现质量问题，可以申请换货吗", "general.md"),
        ("自签收之日起七日内出现质量问题的，可以申请换货吗", "general.md"),
    ],
)
def test_a_rule_for_a_category_answers_where_the_category_is_named(music: Base, question: str, document: str) -> None:
    answer = music.ask(question)
    assert answer.citation is not None and answer.citation.clause.document == document
