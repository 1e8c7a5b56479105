"""Pages copied from a help centre, and Markdown."""

from __future__ import annotations

from tests.ingest.made.expected import Clause, Made

_HELP = """<!DOCTYPE html><html lang="zh"><head><meta charset="{charset}"><title>怎样申请退款 - 云岭帮助中心</title>
<style>.a{{color:red}}</style><script>var tracking = "一二三";</script></head><body>
<div class="cookie-banner" id="cookie-consent">我们使用 Cookie 改进服务。<button>接受全部</button></div>
<header class="site-header"><a href="/">云岭首页</a><form><input name="q"><button>搜索</button></form></header>
<nav class="breadcrumb"><a>首页</a> &gt; <a>帮助中心</a> &gt; <a>退款</a></nav>
<aside class="sidebar"><ul><li><a>热门：开发票</a></li><li><a>热门：改地址</a></li></ul></aside>
<main><article><h1>怎样申请退款</h1>
<p>没有发货的订单，可以在订单详情里直接取消。</p>
<h2>已发货的订单</h2>
<p>请先拒收，或者收货之后申请退货。</p>
<ul><li>拒收的，快递退回仓库后退款。</li><li>退货的，验收后退款。</li></ul>
<h2>退款多久到账</h2>
<p>原路退回，<strong>三个工作日</strong>之内到账。</p>
</article></main>
<footer>© 2024 云岭商城　<a>隐私政策</a>　客服电话 400-000-0000</footer></body></html>"""
_HELP_CLAUSES = (
    Clause("怎样申请退款", "没有发货的订单，可以在订单详情里直接取消。"),
    Clause(
        "已发货的订单",
        "请先拒收，或者收货之后申请退货。拒收的，快递退回仓库后退款。退货的，验收后退款。",
        ("已发货的订单",),
    ),
    Clause("退款多久到账", "原路退回，三个工作日之内到账。", ("退款多久到账",)),
)
_HELP_REMOVED = ("我们使用 Cookie 改进服务。", "热门：开发票", "隐私政策", "云岭首页")
_FAQ = """<html><head><meta charset="utf-8"><title>会员常见问题</title></head><body><h1>会员常见问题</h1>
<details><summary>怎样成为会员？</summary><p>一年内消费满一千元，自动成为会员。</p></details>
<details><summary>会员价和优惠券能一起用吗？</summary><p>可以，先算会员价，再减优惠券。</p>
<p>活动商品除外。</p></details>
<details><summary>会员资格什么时候到期？</summary><div>自成为会员之日起满一年。</div></details>
</body></html>"""
_LISTED = """<html><head><meta charset="utf-8"><title>发票常见问题</title></head><body><h1>发票常见问题</h1>
<dl><dt>可以开专用发票吗？</dt><dd>可以，请先提交企业资质。</dd>
<dt>发票抬头写错了怎么办？</dt><dd>三十日内可以申请换开一次。</dd></dl></body></html>"""
_SPANS = """<html><head><meta charset="utf-8"><title>运费表</title></head><body><h1>运费表</h1>
<p>以下运费按订单收取。</p>
<table><caption>各地运费</caption><thead><tr><th rowspan="2">地区</th><th colspan="2">运费</th></tr>
<tr><th>普通</th><th>加急</th></tr></thead><tbody>
<tr><td>华东</td><td>6元</td><td>12元</td></tr>
<tr><td rowspan="2">西南</td><td>8元</td><td>16元</td></tr><tr><td>10元</td><td>20元</td></tr>
</tbody></table></body></html>"""
_HIDDEN = """<html><head><meta charset="utf-8"><title>换货说明</title></head><body><h1>换货说明</h1>
<p>十五日内可以换货。</p><p style="display:none">旧版：七日内可以换货。</p>
<p hidden>草稿：三十日内可以换货。</p><p>换货不收运费。</p></body></html>"""
_ARTICLES = """<html><head><meta charset="utf-8"><title>竹影茶行售后规则</title></head><body><div id="content">
<h1>竹影茶行售后规则</h1><p>2024年2月1日起施行</p><h2>第一章 退货</h2>
<p>第一条&nbsp;未拆封的茶叶，七日内可以退货。</p><p>第二条&nbsp;拆封的茶叶，有质量问题才能退货。</p>
<h2>第二章 赔付</h2><p>第三条&nbsp;发错茶叶的，按<br>订单金额的百分之十赔付。</p></div></body></html>"""

_MD = """---
title: 松间露营装备租赁条款
authority: product_terms
scope:
  category: 露营
effective_from: 2024-05-20
effective_to: 2025-05-19
owner: 租赁组
---

# 松间露营装备租赁条款

## 押金

租赁帐篷，收押金五百元；归还后一日内退还。

## 租期

租期按自然日计算：

1. 当日十二点前取，算一日；
2. 当日十二点后取，从次日算；
   - 节假日也照此计算；
   - 提前归还不退租金。
3. 逾期归还的，按日加收。

## 损坏

| 部件 | 轻微 | 严重 |
| --- | --- | --- |
| 帐篷杆 | 30元 | 120元 |
| 地钉 | 2元 | 5元 |

押金不足的，由租用人补足。
"""
_MD_ENGLISH = """# Shipping at Fern & Co.

*Last updated: April 20, 2023*

We ship from Leeds on working days.

## Rates

Standard shipping is £3.95. It is free above £50.

### Highlands and islands

Add £2 to every rate.

## Late parcels

* Tell us after ten working days.
* We send a new one, or refund you.

<!-- internal: check with the carrier -->

## What is your address for returns?

Unit 4, Canal Wharf, Leeds.
"""
_TYPOGRAPHY = """# 礼品卡须知

**一、**　礼品卡不找零、不兑现。

**二、**　礼品卡有效期三年，自售出之日算起。

**三、**　丢失的礼品卡不补。
"""


def made() -> list[Made]:
    return [
        Made(
            "help-centre.html",
            lambda: _HELP.format(charset="utf-8").encode(),
            _HELP_CLAUSES,
            {"title": "怎样申请退款"},
            removed=_HELP_REMOVED,
        ),
        Made(
            "help-centre-gbk.html",
            lambda: _HELP.format(charset="gb2312").replace("©", "").encode("gbk"),
            _HELP_CLAUSES,
            {"title": "怎样申请退款"},
            removed=_HELP_REMOVED,
        ),
        Made(
            "faq-accordion.html",
            lambda: _FAQ.encode(),
            (
                Clause("怎样成为会员？", "怎样成为会员？一年内消费满一千元，自动成为会员。"),
                Clause(
                    "会员价和优惠券能一起用吗？",
                    "会员价和优惠券能一起用吗？可以，先算会员价，再减优惠券。活动商品除外。",
                ),
                Clause("会员资格什么时候到期？", "会员资格什么时候到期？自成为会员之日起满一年。"),
            ),
            {"title": "会员常见问题"},
        ),
        Made(
            "faq-definition-list.html",
            lambda: _LISTED.encode(),
            (
                Clause("可以开专用发票吗？", "可以开专用发票吗？可以，请先提交企业资质。"),
                Clause("发票抬头写错了怎么办？", "发票抬头写错了怎么办？三十日内可以申请换开一次。"),
            ),
        ),
        Made(
            "freight-rowspans.html",
            lambda: _SPANS.encode(),
            (
                Clause("运费表", "以下运费按订单收取。"),
                Clause("运费表", "华东 | 6元 | 12元"),
                Clause("运费表", "西南 | 8元 | 16元"),
                Clause("运费表", "西南 | 10元 | 20元"),
            ),
        ),
        Made(
            "hidden-paragraphs.html",
            lambda: _HIDDEN.encode(),
            (Clause("换货说明", "十五日内可以换货。换货不收运费。"),),
            removed=("旧版：七日内可以换货。", "草稿：三十日内可以换货。"),
        ),
        Made(
            "articles.html",
            lambda: _ARTICLES.encode(),
            (
                Clause("第一条", "第一条 未拆封的茶叶，七日内可以退货。", ("第一章 退货", "第一条")),
                Clause("第二条", "第二条 拆封的茶叶，有质量问题才能退货。", ("第一章 退货", "第二条")),
                Clause("第三条", "第三条 发错茶叶的，按订单金额的百分之十赔付。", ("第二章 赔付", "第三条")),
            ),
            {"title": "竹影茶行售后规则", "effective_from": "2024-02-01"},
        ),
        Made(
            "rental-terms.md",
            lambda: _MD.encode(),
            (
                Clause("押金", "租赁帐篷，收押金五百元；归还后一日内退还。", ("押金",)),
                Clause(
                    "租期",
                    "租期按自然日计算：1. 当日十二点前取，算一日；2. 当日十二点后取，从次日算；- 节假日也照此计算；"
                    "- 提前归还不退租金。3. 逾期归还的，按日加收。",
                    ("租期",),
                ),
                Clause("损坏", "| 帐篷杆 | 30元 | 120元 |"),
                Clause("损坏", "| 地钉 | 2元 | 5元 |"),
                Clause("损坏", "押金不足的，由租用人补足。", ("损坏",)),
            ),
            {
                "title": "松间露营装备租赁条款",
                "authority": "product_terms",
                "scope.category": "露营",
                "effective_from": "2024-05-20",
                "effective_to": "2025-05-19",
                "owner": "租赁组",
            },
        ),
        Made(
            "shipping.md",
            lambda: _MD_ENGLISH.encode(),
            (
                Clause("Shipping at Fern & Co.", "We ship from Leeds on working days."),
                Clause("Rates", "Standard shipping is £3.95. It is free above £50.", ("Rates",)),
                Clause("Highlands and islands", "Add £2 to every rate.", ("Rates", "Highlands and islands")),
                Clause(
                    "Late parcels",
                    "* Tell us after ten working days. * We send a new one, or refund you.",
                    ("Late parcels",),
                ),
                Clause(
                    "What is your address for returns?",
                    "What is your address for returns? Unit 4, Canal Wharf, Leeds.",
                ),
            ),
            {"language": "en"},
            left_out=("internal: check with the carrier", "Last updated: April 20, 2023"),
        ),
        Made(
            "bold-numbers.md",
            lambda: _TYPOGRAPHY.encode(),
            (
                Clause("一", "**一、**　礼品卡不找零、不兑现。"),
                Clause("二", "**二、**　礼品卡有效期三年，自售出之日算起。"),
                Clause("三", "**三、**　丢失的礼品卡不补。"),
            ),
        ),
    ]
