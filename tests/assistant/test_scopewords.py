"""Scope in the words of a question."""

from __future__ import annotations

import pytest

from assistant.scopewords import ScopeWords
from kb.sayings import Saying

WORDS = ScopeWords(
    {
        "platform": ["桐里集市", "京东"],
        "category": ["生鲜", "图书"],
        "membership": ["金卡会员"],
        "product": ["听澜 T3", "听澜 M87", "PT300"],
    }
)


@pytest.mark.parametrize(
    "text, scope",
    [
        ("京东的生鲜能退吗", {"platform": "京东", "category": "生鲜"}),
        ("京東的生鮮能退嗎", {"platform": "京东", "category": "生鲜"}),
        ("桐里上买的", {"platform": "桐里集市"}),
        ("听澜T3保修", {"product": "听澜 T3"}),
        ("听澜 T3 的保修", {"product": "听澜 T3"}),
        ("T3保修多久", {"product": "听澜 T3"}),
        ("听澜的保修", {}),
        ("PT300 能退吗", {"product": "PT300"}),
        ("生鲜和图书一样吗", {}),
        ("运费谁出", {}),
        ("", {}),
    ],
)
def test_a_scope_is_what_the_words_name(text: str, scope: dict[str, str]) -> None:
    assert WORDS.find(text).meant == scope


PLATFORMS = ScopeWords(
    {"platform": ["京东商城", "淘宝", "蓝鲸优品旗舰店"], "region": ["台湾", "云州市"]},
    [Saying("蓝蓝", "蓝鲸优品旗舰店")],
)


@pytest.mark.parametrize(
    "text, scope",
    [
        ("JD买的能退吗", {"platform": "京东商城"}),
        ("狗东买的能退吗", {"platform": "京东商城"}),
        ("京東上的東西", {"platform": "京东商城"}),
        ("在京东买的", {"platform": "京东商城"}),
        ("bought on taobao, shipped to Taiwan", {"platform": "淘宝", "region": "台湾"}),
        ("某宝的店", {"platform": "淘宝"}),
        ("拼多多的", {}),
        ("蓝鲸优品买的", {"platform": "蓝鲸优品旗舰店"}),
        ("蓝蓝家买的", {"platform": "蓝鲸优品旗舰店"}),
        ("我在云州", {"region": "云州市"}),
        ("JDK 怎么装", {}),
        ("淘宝和京东一样吗", {}),
    ],
)
def test_a_value_goes_by_its_other_names(text: str, scope: dict[str, str]) -> None:
    assert PLATFORMS.find(text).meant == scope


def test_other_names_can_be_left_out() -> None:
    assert PLATFORMS.find("狗东买的", aliases=False).meant == {}
    assert PLATFORMS.find("京东商城买的", aliases=False).meant == {"platform": "京东商城"}


@pytest.mark.parametrize(
    "value, text",
    [
        ("普通会员", "普通的能退吗"),
        ("家用电器", "家用的能退吗"),
        ("钻石会员", "钻石戒指能退吗"),
        ("闲鱼", "咸鱼干能退吗"),
        ("Blue Chair", "a blue one, can I return it"),
        ("全国联保", "全国都一样吗"),
    ],
)
def test_an_ordinary_word_names_no_value(value: str, text: str) -> None:
    assert ScopeWords({"category": [value]}).find(text).meant == {}
    assert ScopeWords({"category": [value]}).find(f"{value}能退吗").meant == {"category": value}


def test_a_kind_of_goods_is_meant_without_its_ending() -> None:
    assert ScopeWords({"category": ["生鲜类"]}).find("生鲜能退吗").meant == {"category": "生鲜类"}


def test_a_base_without_scopes_recognises_none() -> None:
    assert ScopeWords({}).find("京东的生鲜").meant == {}


@pytest.mark.parametrize(
    "text, meant, denied",
    [
        ("不是京东买的能退吗", {}, {"platform": {"京东"}}),
        ("不是在京东，是桐里上买的", {"platform": "桐里集市"}, {"platform": {"京东"}}),
        ("非生鲜能退吗", {}, {"category": {"生鲜"}}),
        ("除了图书，生鲜也能退吗", {"category": "生鲜"}, {"category": {"图书"}}),
        ("没有金卡能退吗", {}, {"membership": {"金卡会员"}}),
        ("有没有金卡会员价", {"membership": "金卡会员"}, {}),
        ("怎么没有生鲜", {"category": "生鲜"}, {}),
        ("it's not from JD", {}, {"platform": {"京东"}}),
        ("no es de JD", {}, {"platform": {"京东"}}),
        ("京东ではないです", {}, {"platform": {"京东"}}),
        ("京东이 아닌데요", {}, {"platform": {"京东"}}),
        ("是不是京东买的都一样", {"platform": "京东"}, {}),
        ("这不是生鲜吗", {"category": "生鲜"}, {}),
        ("不是京东还是京东", {}, {}),
        ("拼多多店铺能退吗", {}, {"platform": {"京东", "桐里集市"}}),
        ("我在Taobao上买的能退吗", {}, {"platform": {"京东", "桐里集市"}}),
        ("bought two of them on Amazon", {}, {"platform": {"京东", "桐里集市"}}),
        ("拼多多更便宜，能退差价吗", {}, {}),
        ("拼多多买贵了，在京东退", {"platform": "京东"}, {}),
        ("闲鱼上买的还保修吗", {}, {}),
    ],
)
def test_a_value_that_the_words_deny_is_not_meant(
    text: str, meant: dict[str, str], denied: dict[str, set[str]]
) -> None:
    named = WORDS.find(text)
    assert (named.meant, named.denied) == (meant, denied)


@pytest.mark.parametrize(
    "said, later, platform",
    [
        ("在桐里集市买的", "那云栖集市呢", "云栖集市"),
        ("在桐里集市买的", "运费谁出", "桐里集市"),
        ("在桐里集市买的", "不是桐里集市买的", None),
        ("不是桐里集市买的", "说错了，是桐里集市", "桐里集市"),
    ],
)
def test_of_two_things_said_of_scope_the_later_counts(said: str, later: str, platform: str | None) -> None:
    words = ScopeWords({"platform": ["桐里集市", "云栖集市"]})
    named = words.find(said).then(words.find(later))
    assert named.meant.get("platform") == platform
    assert ("platform" in named.denied) == (platform is None)


@pytest.mark.parametrize(
    "text, meant",
    [
        ("鸣岳U7保修几年", {}),
        ("鸣岳 U7 保修几年", {}),
        ("鸣岳u5保修几年", {"product": "鸣岳 U5"}),
        ("鸣岳保修几年", {"product": "鸣岳 U5"}),
        ("鸣岳3个月就坏了", {"product": "鸣岳 U5"}),
    ],
)
def test_a_products_name_with_another_model_is_another_product(text: str, meant: dict[str, str]) -> None:
    assert ScopeWords({"product": ["鸣岳 U5"]}).find(text).meant == meant


PHONES = ScopeWords({"product": ["iPhone 15", "小米14", "澄风V3", "小米 平板 6"]})


@pytest.mark.parametrize(
    "text, product",
    [
        ("15天内能退吗", None),
        ("买了14天", None),
        ("iphone15保修多久", "iPhone 15"),
        ("iPhone 15 Pro保修多久", None),
        ("v3怎么清洗", "澄风V3"),
        ("按V3版规则能退吗", None),
        ("小米14 保修多久", "小米14"),
        ("小米15保修多久", None),
        ("小米平板6能退吗", "小米 平板 6"),
    ],
)
def test_a_models_number_alone_is_any_number(text: str, product: str | None) -> None:
    assert PHONES.find(text).meant == ({} if product is None else {"product": product})
