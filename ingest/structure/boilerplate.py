"""Lines that a web site or a folder of documents put around a text: notices, counters, links to other pages.

Two kinds of signs. A line that is nothing but such a thing (上一篇：…, 浏览次数：123, All rights reserved) is one
wherever it stands outside numbered articles. A sentence about uploading and downloading documents is one only at the
very top or bottom of the file, together with its like: a shop's own rules may speak of downloads too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.numbering import HEADINGS, Style
from ingest.structure.lines import Line
from ingest.structure.shapes import SENTENCE
from ingest.types import GapReason
from kb.text import to_simplified

MAX_EDGE_LINES = 60  # the longest run of site notices that we have met has 25 lines

_WHOLE_LINE = re.compile(  # simplified, white space and Markdown's signs taken out at the ends
    r"(?:上一[篇页条]|下一[篇页条]|前一篇|后一篇)(?:[：:].*|)$"
    r"|(?:分享(?:到|至)?|转发到?)(?:[：:]?\s*(?:微信|微博|QQ|朋友圈|空间|QQ空间|Facebook|Twitter|X|LinkedIn|[、,/|\s])*)$"
    r"|(?:【?\s*(?:打印(?:本[页文])?|关闭(?:窗口|本页)?|收藏(?:本[页文])?|返回(?:顶部|首页|列表|上一页)|回到顶部|加入收藏|我要(?:纠错|评论)|扫码分享|点赞|收藏|举报)\s*】?[\s|·]*)+$"
    r"|(?:本[文页]?)?(?:浏览|阅读|点击|访问|下载|查看|转发|评论|点赞|收藏)(?:次数|量|数|人数)?\s*[：:]\s*[\d,，]+\s*次?$"
    r"|(?:(?:下载|浏览|阅读|评论|收藏)(?:次数|量|数)?|文件大小|文档大小|文档格式|页数|上传(?:者|人|时间|日期)|所属分类)\s*[：:]\s*\S{1,20}"
    r"(?:\s+[^\s：:。]{2,6}\s*[：:]\s*\S{1,20})+$"
    r"|更多(?:精彩)?(?:内容|资讯|文章|资料|文档)[^。；]{0,6}(?:关注|访问|点击|请见)[^。；]{0,40}$"
    r"|(?:[\d,，]+\s*(?:人|次)(?:浏览|阅读|点击|下载|查看|看过))$"
    r"|(?:字体|字号)\s*[：:]?\s*[\[【]?\s*(?:大|中|小|特大|[\s|/、\[\]【】])+$"
    r"|(?:责任编辑|编辑|责编|校对|审核|来源网站|文章来源|信息来源|稿源|录入|录入者|发布者)\s*[：:]\s*\S{1,20}(?:\s+\S{1,6}[：:]\s*\S{1,20})*$"
    r"|(?:[\u4e00-\u9fff]{1,3}ICP[备证]\s?[\d-]+号?(?:-\d+)?|.{0,12}公网安备\s?\d+号?|.{0,20}ICP[备证]\s?\d+号.{0,60})$"
    r"|(?:copyright\s*(?:©|\(c\)|\d{4})|版权所有\s*(?:[：:©(（]|\d{4}|$)|©|\(c\)\s?\d{4}).{0,100}$"
    r"|.{0,80}(?:all rights reserved|版权所有[,，]?\s*(?:侵权必究|翻印必究|未经许可.{0,20}))[.。]?$"
    r"|(?:本文档|该文档|本资料|本文)由.{1,40}(?:提供|整理|上传|分享|收集)(?:分享|下载)?(?:[,，]\s*仅供.{1,16})?[。.!！]?$"
    r"|(?:下载本文档|下载文档|立即下载|免费下载|查看全文|继续(?:免费)?阅读|展开全文|阅读全文|开通VIP.{0,12}|加入VIP.{0,12}|文档评论\s*[（(]\d+[)）]|提交评论|发表评论|我要评论|最新评论"
    r"|您可能(?:还)?(?:关注|喜欢|感兴趣).{0,10}|猜你喜欢|相关(?:文档|文章|推荐|阅读|链接|资讯)|热门(?:文档|文章|推荐)|最近下载|最新文档|推荐阅读|评论|\d{1,3}/\d{2,4})[：:]?$"
    r"|已阅读\d+页[,，]还剩\d+页.{0,20}$|.{0,60}_第\d+页$"
    r"|(?:[-*•]\s*)?[^。；]{2,80}\.(?:docx?|pdf|pptx?|xlsx?)(?:\s*(?:VIP|V))?$"
    r"|(?:skip to (?:main )?content|back to top|print this page|share(?: this(?: page| article)?)?(?: on)?[:：]?|tweet|cookie settings|accept(?: all)? cookies"
    r"|was this (?:article|page|information|answer) helpful\?.{0,20}|did this (?:answer|solve) your (?:question|problem)\?.{0,20}"
    r"|\d+ out of \d+ found this helpful\.?|have more questions\? submit a request\.?|(?:related|recently viewed|popular) (?:articles|pages|posts|topics)[:：]?"
    r"|(?:previous|next)(?: article| page)?[:：].{0,80}|(?:[\d,]+ )?(?:views?|downloads?|reads?|page views)[:：]?(?: ?[\d,]+)?|powered by .{1,40}|return to top)$"
    r"|(?:この(?:記事|ページ|回答)は(?:役に立ち|参考になり)ましたか[?？].{0,20}|ページ(?:の)?(?:トップ|先頭)(?:へ|に戻る).{0,4}|前の(?:記事|ページ)[：:]?.{0,40}|次の(?:記事|ページ)[：:]?.{0,40}|印刷する)$"
    r"|(?:이 (?:문서|글|도움말)[이가] 도움이 되(?:었나요|셨나요)\??.{0,20}|이전\s?글\s?[:：]?.{0,40}|다음\s?글\s?[:：]?.{0,40}|조회\s?수?\s*[:：]\s*[\d,]+|맨 위로)$"
    r"|(?:¿(?:te|le) (?:fue|resultó|ha sido) útil.{0,60}\?.{0,20}|volver arriba|ir al contenido|todos los derechos reservados.{0,40}|.{0,60}todos los derechos reservados\.?)$",
    re.IGNORECASE,
)
_DOCUMENT_SITE = re.compile(  # sentences of sites that share documents
    r"本文档|该文档|上传文档|文档(?:一经付费|下载|内容仅供)|下载本文|VIP文档|成为VIP|文库|网友上传|用户(?:提供并)?上传|下载文件|本站(?:所有)?(?:资源|内容)均"
    r"|本站(?:所有)?资源|本站的?文档|本站RAR|压缩文件请下载|收益归属内容提供方|上传者|本站不保证下载|版权(?:说明|申诉)|仅提供信息存储空间|文档简介|资源来(?:自|源于)网络"
    r"|转载请注明(?:出处|来源)|本文(?:来源于|来自)网络|如有侵权[,，]?请?(?:联系|告知).{0,12}删除"
)
_LEFTOVER_CHARS = 14  # a site's name or a button, between two notices: 原创力文档, 提交评论, 温馨提示
_LISTED = re.compile(r"[-*+•·]\s*\d{1,2}[、.．)）]")
_LIST_SIGN = re.compile(r"[-*+•·●○▪◆■\s\d.、．)）(（]*")


def set_notices_aside(lines: Sequence[Line], shared: frozenset[str]) -> None:
    """Marks boilerplate outside numbered articles. `shared`: lines that many documents have at their edges."""
    live = [line for line in lines if not line.silent and line.row is None and line.note is None]
    if not live:
        return
    kinds = {id(line): _kind(line, shared) for line in live[:MAX_EDGE_LINES] + live[-MAX_EDGE_LINES:]}
    top = _edge(live[:MAX_EDGE_LINES], kinds)
    bottom = _edge(live[-MAX_EDGE_LINES:][::-1], kinds)
    if top + bottom >= len(live):
        return
    for line in [*live[:top], *live[len(live) - bottom :]]:
        line.left, line.level, line.mark = GapReason.BOILERPLATE, None, None
    within = False
    for line in live[top : len(live) - bottom]:
        if line.level is not None or (line.mark and line.mark.style in (*HEADINGS, Style.ARTICLE, Style.NAMED)):
            within = line.mark is not None and line.mark.style in (Style.ARTICLE, Style.NAMED)
        elif not within and line.mark is None and (line.text in shared or _is_notice(line)):
            line.left = GapReason.BOILERPLATE
    if all(line.silent for line in live):  # a file of nothing else: whatever it is, it is what was asked for
        for line in live:
            line.left = None
    after = False
    for line in lines:
        line.after_notice = after
        after = line.left is GapReason.BOILERPLATE


def _edge(lines: Sequence[Line], kinds: dict[int, str]) -> int:
    """How many lines from an edge inwards are notices; short leftovers count between and outside of them."""
    count = leftovers = documents = strong = 0
    for i, line in enumerate(lines):
        kind = kinds[id(line)]
        if kind == "notice":
            strong += 1
        elif kind == "document site":
            documents += 1
        elif kind == "leftover" and leftovers < 3:
            leftovers += 1
            continue
        else:
            break
        count, leftovers = i + 1, 0
    # one sentence about uploads may be a rule; two, or one beside a counter, are a site's
    return count if documents != 1 or strong else 0


def _kind(line: Line, shared: frozenset[str]) -> str:
    if line.text in shared or _is_notice(line):
        return "notice"
    if line.level is not None or (line.mark and line.mark.style in (*HEADINGS, Style.ARTICLE, Style.NAMED)):
        return "text"
    if _DOCUMENT_SITE.search(to_simplified(line.text[:400])):
        return "document site"
    if _LISTED.match(line.text):
        return "leftover"  # one more entry of a site's list of conditions
    short = len(line.text) <= _LEFTOVER_CHARS and line.mark is None
    return (
        "leftover" if short and not SENTENCE.search(line.text) and not re.search(r"\d{4}|[：:]", line.text) else "text"
    )


def _is_notice(line: Line) -> bool:
    if len(line.text) > 160:
        return False
    text = to_simplified(_LIST_SIGN.sub("", line.text, count=1).strip("*_ >#|")) or line.text
    return bool(_WHOLE_LINE.match(text) or _WHOLE_LINE.match(line.text))
