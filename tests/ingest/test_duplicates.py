"""Documents that are the same, versions of one another, or alike: found in any order, with what tells them apart."""

from __future__ import annotations

import random
import time
from datetime import date

import pytest

from ingest.duplicates import compare, find
from ingest.types import Duplicate, Likeness
from kb.types import Content
from tests.support import make_content

WORDS = "买家卖家商品订单退货换货运费签收包装破损赔付审核凭证期限平台客服投诉会员积分优惠发票地址预售定金尾款质量检测保修维修配件"


def clauses(seed: int, count: int = 12) -> list[str]:
    """Articles that no other seed gives."""
    chosen = random.Random(seed)
    return [f"第{n}条 " + "".join(chosen.choices(WORDS, k=40)) + "。" for n in range(1, count + 1)]


def document(key: str, texts: list[str], **fields: object) -> Content:
    return make_content(key, texts, **{"title": key, **fields})


def edited(texts: list[str], places: dict[int, str]) -> list[str]:
    return [places.get(n, text) for n, text in enumerate(texts)]


def pairs(found: tuple[Duplicate, ...]) -> dict[tuple[str, str], Likeness]:
    return {(d.first, d.second): d.likeness for d in found}


def test_unrelated_documents_are_not_named() -> None:
    assert find([document(f"{n}.md", clauses(n)) for n in range(20)]) == ()


def test_the_same_bytes_under_two_keys_are_one_document_twice() -> None:
    (found,) = find([document("a.md", clauses(1)), document("sub/a copy.md", clauses(1)), document("b.md", clauses(2))])
    assert (found.first, found.second, found.likeness) == ("a.md", "sub/a copy.md", Likeness.SAME_FILE)
    assert found.share == 1.0 and "same document twice" in found.proposal


def test_the_same_text_with_other_spaces_width_and_punctuation_is_the_same_text() -> None:
    spaced = [text.replace("。", " ．").replace("第1条", "第１条　") for text in clauses(1)]
    assert pairs(find([document("a.md", clauses(1)), document("b.docx", spaced)])) == {
        ("a.md", "b.docx"): Likeness.SAME_TEXT
    }


def test_versions_are_known_by_name_and_date_and_the_earlier_is_first() -> None:
    old, new = clauses(1), edited(clauses(1), {3: "第4条 买家应当在十五日内退货。"})
    found = find(
        [
            document("规则(2024-07-01).md", new, title="退货规则"),
            document("规则(2021-03-15).md", old, title="退货规则（2021年修订）"),
        ]
    )
    assert pairs(found) == {("规则(2021-03-15).md", "规则(2024-07-01).md"): Likeness.VERSIONS}
    assert "2021-03-15 / 2024-07-01" in found[0].proposal
    assert 'supersedes = "规则(2021-03-15).md"' in found[0].proposal


def test_effective_dates_tell_versions_where_names_do_not() -> None:
    old = document("a.md", clauses(1), title="退货规则", effective_from=date(2021, 1, 1))
    new = document(
        "b.md", edited(clauses(1), {0: "第1条 新的内容。"}), title="退货规则", effective_from=date(2024, 1, 1)
    )
    assert pairs(find([new, old])) == {("a.md", "b.md"): Likeness.VERSIONS}


def test_alike_without_dates_is_left_to_a_person_with_the_number_of_places() -> None:
    gold = document("gold.md", clauses(1), title="金卡会员权益")
    silver = document(
        "silver.md", edited(clauses(1), {2: "第3条 免运费五次。", 7: "第8条 没有专属客服。"}), title="银卡会员权益"
    )
    (found,) = find([gold, silver])
    assert found.likeness is Likeness.SIMILAR and "differ in 2 places" in found.proposal
    assert [(d.first, d.second) for d in found.differences] == [("第3条", "第3条"), ("第8条", "第8条")]


def test_english_texts_are_compared_by_their_words() -> None:
    base = [
        f"{n}. The customer may return the {thing} within {n + 5} days of delivery if the seal is intact and unused."
        for n, thing in enumerate(("phone", "laptop", "camera", "printer", "monitor", "speaker", "keyboard"), 1)
    ]
    other = [text.replace("within 8 days", "within 30 days") for text in base]
    (found,) = find([document("a.md", base), document("b.md", other)])
    (difference,) = found.differences
    assert [change for change in difference.changes if change[0] != "="] == [("-", "8"), ("+", "30")]


# --- differences ------------------------------------------------------------------------------------------------


def test_words_that_differ_are_marked_and_the_marks_give_both_texts_back() -> None:
    first, second = "第1条 买家自签收之日起七日内可以退货。", "第1条 买家自签收之日起十五日内可以退货，运费自理。"
    (difference,) = compare(document("a.md", [first]), document("b.md", [second]))
    assert ("-", "七") in difference.changes and ("+", "十五") in difference.changes
    assert "".join(text for sign, text in difference.changes if sign != "+") == first
    assert "".join(text for sign, text in difference.changes if sign != "-") == second


def test_a_clause_in_one_document_only_is_a_difference_of_its_own() -> None:
    texts = clauses(1, 4)
    (difference,) = compare(document("a.md", texts), document("b.md", texts[:3]))
    assert (difference.first, difference.second) == ("第4条", "")
    assert difference.changes == (("-", texts[3]),)


def test_a_clause_that_only_got_another_number_does_not_differ() -> None:
    texts = clauses(1, 6)
    shifted = ["第1条 全新的一条规定。", *(f"第{n + 1}条 {text.partition(' ')[2]}" for n, text in enumerate(texts, 1))]
    differences = list(compare(document("a.md", texts), document("b.md", shifted)))
    assert [d.second for d in differences] == ["第1条"]


def test_long_clauses_are_compared_in_bounded_time() -> None:
    long = ["第1条 " + "".join(clauses(1, 300))], ["第1条 " + "".join(clauses(2, 300))]
    began = time.process_time()
    (difference,) = compare(document("a.md", long[0]), document("b.md", long[1]))
    assert [sign for sign, _ in difference.changes] == ["-", "+"]
    assert time.process_time() - began < 2


# --- families, order, size ------------------------------------------------------------------------------------


def history(versions: int) -> list[Content]:
    """One policy that changes one article a month."""
    texts, found = clauses(1, 40), []
    for n in range(versions):
        texts = edited(texts, {n % 40: f"第{n % 40 + 1}条 第{n}次修改后的内容{n * n}。"})
        found.append(document(f"policy_{2015 + n // 12}-{n % 12 + 1:02}-01.md", texts, title="隐私政策"))
    return found


def test_of_a_family_each_is_named_with_its_nearest_only() -> None:
    found = find(history(60))
    assert len(found) == 59  # a tree: 1,770 pairs would say no more
    assert {d.likeness for d in found} == {Likeness.VERSIONS}
    assert {key for d in found for key in (d.first, d.second)} == {c.version.document for c in history(60)}


def test_the_order_of_documents_does_not_matter() -> None:
    contents = [*history(5), document("x.md", clauses(9)), document("y.md", clauses(9))]
    assert set(find(contents)) == set(find(contents[::-1]))


def test_only_pairs_with_a_fresh_document_are_named_where_asked() -> None:
    contents = [document(key, clauses(seed)) for key, seed in (("a.md", 1), ("b.md", 1), ("c.md", 2), ("d.md", 2))]
    assert set(pairs(find(contents, {"d.md"}))) == {("c.md", "d.md")}
    assert find(contents, ()) == ()


@pytest.mark.parametrize("text", ["", "七日内退货。", "!!!"])
def test_texts_too_short_to_compare_are_compared_as_wholes(text: str) -> None:
    contents = [document("a.md", [text or " "]), document("b.md", [text or " "]), document("c.md", ["别的。"])]
    assert ("a.md", "b.md") in pairs(find(contents))
    assert ("a.md", "c.md") not in pairs(find(contents))


def test_a_thousand_documents_take_seconds() -> None:
    contents = [document(f"{n}.md", clauses(n // 2 if n < 20 else n, 30)) for n in range(1000)]
    began = time.process_time()
    assert len(find(contents)) == 10
    assert time.process_time() - began < 10


@pytest.mark.parametrize("by", ["old.md", "退货规则（2021）"])
def test_a_pair_that_is_already_linked_is_no_news(by: str) -> None:
    old = document("old.md", clauses(1), title="退货规则（2021）")
    new = edited(clauses(1), {3: "第4条 买家应当在十五日内退货。"})
    assert len(find([old, document("new.md", new)])) == 1
    assert find([old, document("new.md", new, supersedes=(by,))]) == ()
