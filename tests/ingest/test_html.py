"""Pages as they are saved from help centres."""

from __future__ import annotations

from ingest.loaders import load
from ingest.types import Extract


def read(body: str, head: str = "") -> Extract:
    return load(f"<html><head>{head}</head><body>{body}</body></html>".encode(), "a.html")


def test_what_surrounds_the_text_goes_and_is_listed() -> None:
    extract = read(
        '<div class="breadcrumb">首页 &gt; 帮助</div><div id="content"><h1>退货</h1><p>七日内可以退货，运费由买家承担。</p>'
        '<div class="share-buttons">分享到微博</div></div><div class="related-articles">相关：换货</div>'
        '<div id="cookie-banner">我们使用 Cookie</div><footer>版权所有</footer>'
    )
    assert extract.text == "退货\n七日内可以退货，运费由买家承担。"
    assert {(r.text, r.reason) for r in extract.removed} == {
        ("首页 > 帮助", "breadcrumbs"),
        ("分享到微博", "share buttons"),
        ("相关：换货", "related articles"),
        ("我们使用 Cookie", "cookie notice"),
        ("版权所有", "page footer"),
    }


def test_a_surrounding_that_holds_most_of_the_text_is_none() -> None:
    assert "七日内可以退货" in read('<form id="aspnet"><p>七日内可以退货。</p></form>').text
    assert "七日内可以退货" in read('<div class="sidebar">七日内可以退货，运费由买家承担。</div><p>附则</p>').text


def test_a_main_mark_on_a_teaser_does_not_lose_the_text() -> None:
    assert "七日内可以退货" in read("<main>提示</main><div>七日内可以退货，运费由买家承担。</div>").text


def test_list_items_carry_the_numbers_that_a_reader_sees() -> None:
    extract = read(
        '<ol start="3"><li>甲</li><li><p>乙</p><ol type="a"><li>丙</li></ol></li><li value="9">丁</li></ol>'
        "<ol><li>（一）戊</li></ol><ul><li>己</li></ul>"
    )
    assert extract.text.split("\n") == ["3. 甲", "4. 乙", "a. 丙", "9. 丁", "（一）戊", "己"]


def test_folded_answers_are_read_and_hidden_drafts_listed() -> None:
    extract = read(
        '<h3><button aria-expanded="false" aria-controls="a1">怎样退货？</button></h3>'
        '<div id="a1" style="display:none">在订单里申请。</div><p hidden>旧版规则</p>'
    )
    assert extract.text == "怎样退货？\n在订单里申请。"
    assert [(r.text, r.reason) for r in extract.removed] == [("旧版规则", "hidden in the page")]


def test_preformatted_lines_and_ruby_keep_their_base() -> None:
    extract = read("<pre>甲  1\n乙  2</pre><p><ruby>返品<rt>へんぴん</rt></ruby>は七日以内</p>")
    assert "甲" in extract.text.split("\n")[0] and extract.text.split("\n")[2] == "返品は七日以内"
    assert extract.removed[0].text == "返品（へんぴん）"


def test_days_are_fields_only_where_all_sources_agree() -> None:
    meta = '<meta property="article:published_time" content="2024-03-01T08:00:00Z">'
    other = '<script type="application/ld+json">{"@type": "Article", "datePublished": "2023-01-01"}</script>'
    assert read("<p>七日内可以退货。</p>", meta).fields == {"published": "2024-03-01"}
    assert read("<p>七日内可以退货。</p>", meta + other).fields == {}


def test_a_page_nested_ten_thousand_deep_is_read() -> None:
    assert read("<div>" * 10_000 + "<p>七日内可以退货。</p>" + "</div>" * 10_000).text == "七日内可以退货。"


def test_cells_that_claim_to_reach_without_end_do_not_fill_the_memory() -> None:
    row = "<tr>" + '<td colspan="100" rowspan="9999">七天</td>' * 20 + "</tr>"
    extract = load(f"<table>{row * 500}</table><p>签收后可以退货。</p>".encode(), "a.html")
    assert "签收后可以退货。" in extract.text and len(extract.text) < 2_000_000


def test_what_unfolds_below_its_summary_stands_under_it() -> None:
    extract = read("<h1>帮助</h1><h2>保养</h2><details><summary>可以水洗吗？</summary><p>不可以。</p></details>")
    assert [(extract.text[h.start : h.end], h.level) for h in extract.headings] == [
        *(("帮助", 1), ("保养", 2)),
        ("可以水洗吗？", 3),
    ]


def test_a_list_of_questions_has_them_for_headings() -> None:
    terms = "<dt>多久发货</dt><dd>48小时内。</dd><dt>可以自提吗</dt><dd><p>可以。</p><p>自提免运费。</p></dd>"
    extract = read(f"<h2>配送</h2><dl>{terms}</dl><h2>退货</h2><p>七日内。</p>")
    assert [(extract.text[h.start : h.end], h.level) for h in extract.headings] == [
        *(("配送", 2), ("多久发货", 3), ("可以自提吗", 3)),
        ("退货", 2),
    ]


def test_a_list_of_terms_has_what_each_means_on_its_line() -> None:
    extract = read("<dl><dt>起租日</dt><dd>签收<b>次日</b>。</dd><dt>押金：</dt><dd>冻结的金额。</dd><dt>甲</dt></dl>")
    assert extract.text == "起租日：签收次日。\n押金：冻结的金额。\n甲" and not extract.headings
