"""Scope in the words of a question."""

from __future__ import annotations

import pytest

from assistant.scopewords import ScopeWords

WORDS = ScopeWords(
    {"platform": ["桐里集市", "京东"], "category": ["生鲜", "图书"], "product": ["听澜 T3", "听澜 M87", "PT300"]}
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
    assert WORDS.find(text) == scope


def test_a_base_without_scopes_recognises_none() -> None:
    assert ScopeWords({}).find("京东的生鲜") == {}
