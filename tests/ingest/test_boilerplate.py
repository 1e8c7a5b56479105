"""Notices that copied documents share are boilerplate; rules that they share stay rules."""

from __future__ import annotations

import pytest

from ingest.boilerplate import LEAST_DOCUMENTS, is_notice, shared_lines

RULES = "\n".join(f"第{n}条 买家可以在{n}日内退货。" for n in "一二三四五")
NOTICE = "本文档由桐里文库整理，仅供学习参考"


def copies(count: int, before: str = "", after: str = "") -> dict[str, str]:
    return {f"{n}.txt": f"{before}\n第{n}号规则\n{RULES}\n{after.format(n)}\n" for n in range(count)}


def test_a_notice_in_enough_documents_is_found_in_each_of_them() -> None:
    texts = copies(LEAST_DOCUMENTS, after=NOTICE) | {"other.txt": RULES}
    assert shared_lines(texts) == {f"{n}.txt": {NOTICE} for n in range(LEAST_DOCUMENTS)}


def test_too_few_documents_prove_nothing() -> None:
    assert shared_lines(copies(LEAST_DOCUMENTS - 1, after=NOTICE)) == {}


def test_three_of_a_thousand_are_no_share() -> None:
    texts = copies(3, after=NOTICE) | {f"x{n}.txt": f"规则{n}\n{RULES}" for n in range(997)}
    assert shared_lines(texts) == {}


def test_counters_are_one_line_whatever_they_count() -> None:
    found = shared_lines(copies(3, before="浏览次数：１２", after="下载次数：{0}7"))
    assert found["0.txt"] == {"浏览次数：１２", "下载次数：07"}
    assert found["2.txt"] == {"浏览次数：１２", "下载次数：27"}


def test_the_order_of_documents_does_not_matter() -> None:
    texts = copies(5, before="首页 > 帮助中心 > 退货", after=NOTICE)
    assert shared_lines(texts) == shared_lines(dict(reversed(texts.items())))


def test_a_rule_that_all_documents_share_stays() -> None:
    shared = "本规则由桐里集市负责解释。\n本规则自发布之日起施行。\n关注公众号领取的优惠券不得叠加使用。"
    assert shared_lines(copies(10, before="总则", after=shared)) == {}


def test_a_line_in_the_middle_of_long_documents_is_no_notice() -> None:
    long = "\n".join(f"第{n}款 内容{n}。" for n in range(30))
    assert shared_lines({f"{n}.txt": f"{long}\n{NOTICE}\n{long}" for n in range(5)}) == {}


@pytest.mark.parametrize(
    "line",
    [
        "版权所有 © 2024 桐里集市", "京ICP备12345678号-1", "转载请注明出处", "本文来自：道客巴巴", "当前位置：首页 > 规则 > 售后",
        "上一篇：运费规则", "打印本页 关闭窗口", "扫一扫，关注我们", "下载地址", "阅读 1024", "相关文章", "分享到微信",
        "All rights reserved.", "Skip to main content", "Was this article helpful?", "Home > Help > Returns",
        "Back to top", "無断転載を禁じます", "ページの先頭へ戻る", "이전 글", "조회수 123", "Todos los derechos reservados",
        "¿Te resultó útil este artículo?", "技术支持：桐里科技",
    ],
)  # fmt: skip
def test_notices_and_menus_are_known_by_how_they_speak(line: str) -> None:
    assert is_notice(line)


@pytest.mark.parametrize(
    "line",
    [
        "第一条 版权所有者可以申请下架。", "1. 关注我们的公众号可以领取优惠券", "第三章 附则", "总则", "附件：", "定义",
        "本规则由平台负责解释。", "下载软件后不得退款", "本办法自2024年7月1日起施行", "桐里集市有限公司", "2024年7月1日",
        "客服电话：400-123-4567", "七天无理由退货规则", "Section 3 Downloads: 5 per day", "Refunds within 30 days",
        "Subscribe to a plan and you may not cancel it", "Returns | Refunds", "第三条 转载须经同意",
    ],
)  # fmt: skip
def test_rules_headings_and_names_are_none(line: str) -> None:
    assert not is_notice(line)
