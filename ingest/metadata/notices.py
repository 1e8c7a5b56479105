"""What a notice says in passing: the time of a sale, a span of days, a change from a day on, changes of another text.

None of it sets a day of its own, nor changes the other text: what is bought in a sale may have rules long after it. It
is said as a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ingest.dates import CLOCK, days
from ingest.metadata.lines import Document
from ingest.metadata.statements import SELF, quoted
from ingest.types import Found

_EVENT = "(?:活动|促销|大促|優惠|优惠|活動)"
_WHEN = "(?:时间|期间|日期|期限|档期|時間|期間)"
_NUMBER = r"(?:[（(]?[一二三四五六七八九十\d]{1,3}[)）]?[、.．\s]*|第[一二三四五六七八九十\d]{1,4}条[\s　]*)"
_TO = r"(?:至|到|[-–—~～〜]{1,2})"
_REST_OF_TIME = rf"(?:{CLOCK})?(?:之日)?(?:起|开始|開始)?\s*"
_CLOCK_NAMES = re.compile(r"\?P<\w+>")
_SALE = re.compile(
    rf"{_EVENT}{_WHEN}\s*[：:为是]|本(?:次|场)?(?:活动|促销|大促|活動)(?:自|从|于|將|将|至|截至)"
    r"|\b(?:promotion|sale|offer|campaign) (?:period|dates?|ends?|runs?)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(  # a line that begins with 活动时间, numbered, in brackets or bare
    rf"[\s　#*_>|•·-]*{_NUMBER}?[【\[]?[\u4e00-\u9fff]{{0,8}}?{_EVENT}{_WHEN}(?P<sign>[\s　】\]*_：:为是|]*)(?:自|从|從|由|于)?[\s　]*"
)
_NAMED_SALE = re.compile(
    rf"(?:\A|[\n。；;，,、：:\s（(】])[\u4e00-\u9fff“”「」\d]{{0,20}}?{_EVENT}(?:的?{_WHEN})?\s*(?:将|將)?(?:自|从|從|于|於|为|為)?\s*\Z"
)
_FROM_NOW = re.compile(
    rf"(?:(?:自|从|從|由)?(?:即日|今日|今天|本日|[发發公]布之日)(?:起|开始|開始)?\s*[，,]?\s*(?:有效)?(?:{_TO}|截至|截止[至到]?)\s*"
    r"|\b(?:(?:from|starting)\s+)?(?:now|today)\s+(?:until|till|through|to)\s+(?:and including\s+)?)\Z",
    re.IGNORECASE,
)
_HEAD = re.compile(  # where a sentence begins: 因春节放假，… and 春节期间（… begin with the days as well
    rf"(?:\A|[\n。；;：:])[\s　*_>#•·-]*{_NUMBER}?(?:(?:因|由于|受|鉴于|为)[^。；;：:\n]{{1,40}}[，,]\s*|[\u4e00-\u9fff]{{2,12}}[（(])?"
    r"(?:兹?定于|自|从|從|于|於|在)?\s*\Z"
)
_MONTH_DAY = r"(?:\d{1,2}\s*月\s*)?\d{1,2}\s*[日号號]|\d{1,2}[./]\d{1,2}(?![\d./%])"
_SPAN = re.compile(_CLOCK_NAMES.sub("?:", rf"(?:{_REST_OF_TIME})\s*{_TO}\s*"))
_END = re.compile(_MONTH_DAY)
_IN_DIGITS = re.compile(  # 2026.10.1-10.8: no date of its own ends where another digit follows
    rf"(?<![\d./-])(?:19|20)\d\d[./]\d{{1,2}}[./]\d{{1,2}}\s*{_TO}\s*(?:(?:19|20)\d\d[./])?\d{{1,2}}[./]\d{{1,2}}(?![\d./-])"
)
_AFTER_SPAN = re.compile(
    _CLOCK_NAMES.sub(
        "?:",
        rf"(?:{CLOCK})?[\s）)]*(?:[（(]含[^）)]{{0,8}}[）)])?(?:为?止|期间|期間|之?间|[内內])*[\s，,、）)]*[\u4e00-\u9fff]{{2}}",
    )
)
_SINCE = re.compile(r"(?:\A|[\n。；;，,、：:\s（(]|定)(?:自|从|從|于|於|由)?\s*\Z")
_CHANGE = re.compile(
    _CLOCK_NAMES.sub("?:", rf"(?:{CLOCK})?(?:之日)?(?:起|开始|開始)\s*[，,]?\s*(?:[（(][^）)]{{0,20}}[）)])?")
    + r"[^。；;\n]{0,60}?(?:(?:调整|調整|上调|下调|变更|變更|修改|提高|降低|下降|上涨|增加|减少|缩短|延长|更换|改|调|降|涨|升)(?:为|為|至|到|成)|停止|取消|暂停|恢复|不再"
    r"|(?:执行|启用|实行|实施|施行|使用|采用|按|换用)新|[旧原](?:版|规则|规定|标准|政策|办法|价格?)[^。；;\n]{0,6}(?:废止|作废|失效|停用))"
)
_DAY_WITHOUT_YEAR = re.compile(r"(?<![\d年./-])\d{1,2}\s*月\s*\d{1,2}\s*[日号號]")
_BEGINS_BARE = re.compile(  # 自10月1日起施行。
    r"(?:之日)?起?(?:正式)?(?:施行|生效|实施|實施|执行|執行|启用)[\s。）)]*(?:\Z|\n)"
)
_FROM_NOW_ON = re.compile(
    r"(?:自|从)?(?:即日|今日|今天|本日)(?:起|开始)[，,]?[^。；;\n]{0,16}?(?:执行|施行|生效|实施|启用)(?![前后])"
)
_VAGUE_END = re.compile(
    r"(?:至|到|截至|截止)(?:[到至于])?(?:今年|本年度?|当年|明年)?(?:年底|年末|月底|月末|季度末|季末|春节前|节后)(?:为?止|结束|截止|失效|终止|有效)?"
    r"|(?:试行|試行|有效期(?:限)?(?:为|是)?)[^。；;，,\n\d一二三四五六七八九十两半]{0,4}(?:[\d一二三四五六七八九十两半]{1,3})\s*(?:个?月|年|周|个星期)"
)
_RULES_OF_THIS = re.compile(rf"{SELF}|有效期(?:限)?(?:至|到|为|是|\s*[：:])|上限|标准|政策")
_OF_OTHERS = re.compile(r"[券卡]|积分|商品|产品|保修|质保|保质|会员|套餐|订单|余额|签收|购买|开通|办理|授权|证|资质")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百零〇\d]{1,6}[条條]")
_N = "[一二三四五六七八九十百零〇两\\d]{1,7}"
_PLACE = rf"原?第{_N}[条條](?:之[一二三四五六七八九十])?(?:第?{_N}[款项目])*"
_TITLE = r"《(?P<{}>(?:[^《》\n]|《[^《》\n]*》)+)》"
_OF = r"(?:（[^）\n]{1,40}）|\([^)\n]{1,40}\))?的?\s*"
_AMENDS = re.compile(  # no space within: 第十二条 有限公司变更为… is an article of its own
    rf"(?:{_TITLE.format('own')}{_OF})?{_PLACE}(?:中|的|里)*(?:[“\"][^”\"\n]{{1,120}}[”\"]|[\u4e00-\u9fff]{{0,14}}[由从][^。；，,\n]{{1,30}})?"
    r"(?:的?(?:内容|规定))?(?:统一|均|相应)?(?:修改|修订|调整|变更|更改|改)[为為]"
    rf"|(?:删去|删除|废止)(?:{_TITLE.format('cut')}{_OF})?{_PLACE}"
    rf"|(?:{_TITLE.format('gone')}{_OF})?{_PLACE}(?:自[^。；，,\n]{{1,20}}起)?(?:予以|同时)?(?:废止|删去|删除)"
    rf"|增加一条[，,]?\s*作为(?:{_TITLE.format('more')}{_OF})?{_PLACE}"
)
_AMENDED_IN_TITLE = re.compile(
    rf"关于(?:修改|修订|修正|調整|调整|变更)[^《》\n]{{0,10}}{_TITLE.format('a')}|关于(?:对)?{_TITLE.format('b')}[^《》\n]{{0,12}}的?(?:修改|修订|修正|调整|变更)"
)
_AMENDED_UNQUOTED = re.compile(
    r"关于(?:修改|修订|修正)(?P<a>[^《》\n的]{2,30}?(?:规则|规定|办法|条例|细则|政策|协议|标准|制度|说明))"
)
_AMENDED_IN_LEAD = re.compile(
    rf"(?:对|将|就){_TITLE.format('a')}{_OF}[^。；\n《》]{{0,30}}?(?:修改|修订|修正|调整|变更)"
    rf"|(?:修改|修订|修正){_TITLE.format('b')}{_OF}[^。；\n《》]{{0,12}}?(?:如下|以下|决定)"
)


def sale(document: Document) -> Found | None:
    """When a sale is: 活动时间：A—B at an edge of the text, as a label or a heading anywhere, 国庆活动自A起至B止."""
    if title_span := next((span for span in _spans(document) if _in_title(document, *span)), None):
        return document.found("", *document.sentence(*title_span))
    for line in document.edges:
        if (match := _SALE.search(line.text)) is not None and next(days(line.text[match.end() :]), None) is not None:
            return document.found("", line.start, line.end)
    for i, line in enumerate(document.lines):
        if (match := _LABEL.match(line.text)) is None:
            continue
        rest, below = line.text[match.end() :], document.lines[i + 1] if i + 1 < len(document.lines) else None
        if rest and match["sign"] and _begins_with_day(rest):
            return document.found("", line.start, line.end)
        if not rest and below is not None and _begins_with_day(below.text.lstrip(" 　*_>|•·-自从從由于")):
            return document.found("", below.start, below.end)
    for start, end in _spans(document):
        if _NAMED_SALE.search(document.text[max(0, start - 40) : start]):
            return document.found("", *document.sentence(start, end))
    return None


def _in_title(document: Document, start: int, end: int) -> bool:
    """Whether a span stands in brackets at the end of the first line: 年货节规则（2027年1月10日-1月25日）."""
    if not document.lines or end > document.lines[0].end:
        return False
    before, after = document.text[:start].rstrip()[-1:], document.text[end : document.lines[0].end].strip()
    return before in ("（", "(", "【", "[") and after in ("）", ")", "】", "]")


def _begins_with_day(text: str) -> bool:
    first = next(days(text), None)
    return (first is not None and first.start == 0) or bool(_END.match(text) or _IN_DIGITS.match(text))


def limited(document: Document) -> Found | None:
    """A sentence that says for how long something holds: 即日起至B…, and in a notice A至B停止发货."""
    text = document.text
    for day in document.days:
        if _FROM_NOW.search(text[max(0, day.start - 40) : day.start]) and not quoted(text, day.start):
            return document.found("", *document.sentence(day.start, day.end))
    for match in re.finditer(rf"(?:即日|今日|今天)起?\s*(?:{_TO}|截至|截止[至到]?)\s*(?:{_MONTH_DAY})", text):
        if not quoted(text, match.start()):
            return document.found("", *document.sentence(match.start(), match.end()))
    if sum(1 for draft in document.drafts if _ARTICLE.match(draft.label)) > 2:
        return None  # rules with articles speak of days that they do not end with
    for start, end in _spans(document):
        if _HEAD.search(text[max(0, start - 60) : start]) and _AFTER_SPAN.match(text[end : end + 60]):
            return document.found("", *document.sentence(start, end))
    return None


def change(document: Document) -> Found | None:
    """A sentence that says from which day on something is another: 自A起，运费由20元调整为30元."""
    text = document.text
    for day in document.days:
        if day.value is None or quoted(text, day.start):
            continue
        before, after = text[max(0, day.start - 20) : day.start], text[day.end : day.end + 120]
        if _SINCE.search(before) and _CHANGE.match(after):
            return document.found("", *document.sentence(day.start, day.end))
    return None


def without_year(document: Document) -> Found | None:
    """A sentence that says from which day on the document is in force, or something in it changes, and no year: 自10月1日起施行."""
    text = document.text
    for match in _DAY_WITHOUT_YEAR.finditer(text):
        if quoted(text, match.start()):
            continue
        before, after = text[max(0, match.start() - 20) : match.start()], text[match.end() : match.end() + 120]
        if _SINCE.search(before) and (_CHANGE.match(after) or _BEGINS_BARE.match(after + "\n")):
            return document.found("", *document.sentence(match.start(), match.end()))
    return None


def from_now_on(document: Document) -> Found | None:
    """即日起执行: from a day that only whoever published it knows."""
    for line in document.edges:
        if (match := _FROM_NOW_ON.search(line.text)) and not quoted(line.text, match.start()):
            return document.found("", line.start, line.end)
    return None


def vague_end(document: Document) -> Found | None:
    """A sentence that says of the document that it ends, in words that are no day: 到年底结束, 试行三个月."""
    for line in document.edges:
        for match in _VAGUE_END.finditer(line.text):
            start, end = document.sentence(line.start + match.start(), line.start + match.end())
            sentence = document.text[start:end]
            if _RULES_OF_THIS.search(sentence) and not _OF_OTHERS.search(sentence):
                return document.found("", start, end)
    return None


def _spans(document: Document) -> Iterator[tuple[int, int]]:
    """Every date that another one follows as the end of a span, with it; that one's year may be the first's."""
    text = document.text
    ends = {day.start: day.end for day in document.days}
    for day in document.days:
        if day.value is None or quoted(text, day.start) or (to := _SPAN.match(text, day.end)) is None:
            continue
        short = _END.match(text, to.end())
        if (end := ends.get(to.end()) or (short.end() if short else None)) is not None:
            yield day.start, end
    for match in _IN_DIGITS.finditer(text):
        if not quoted(text, match.start()):
            yield match.span()


def amends(document: Document, title: str) -> tuple[list[str], Found] | None:
    """Titles of the documents whose articles this one changes (《X》第十二条修改为：…), and the sentence.

    The record of its own changes is none, nor is the line below a law's title that says by what it was amended.
    """
    text = document.text
    named = _titles(_AMENDED_IN_TITLE.finditer(title))
    said = [match for match in _AMENDS.finditer(text) if not _is_mention(text, match.start())]
    own = _titles(said)
    if not said and not named:
        return None
    if said and not named:
        lead = [match for match in _AMENDED_IN_LEAD.finditer(text) if match.start() < said[0].start()]
        named = _titles(_AMENDED_UNQUOTED.finditer(title)) or _titles(lead[:1])
    names = [name for name in dict.fromkeys([*named, *own]) if name != title and name not in _SHORT]
    if not names:
        return None
    if not said:
        return names, Found("", f"title: {title}")
    return names, document.found("", *document.sentence(said[0].start(), said[0].end()))


def _is_mention(text: str, at: int) -> bool:
    return (
        quoted(text, at)
        or re.search(r"(?:依照|根据|按照|依据|适用|符合|违反|因)\s*\Z", text[max(0, at - 6) : at]) is not None
    )


_SHORT = {"解释", "规定", "办法", "条例", "规则", "决定", "通知", "协议"}  # 《解释》: named in full before


def _titles(matches: Iterable[re.Match[str]]) -> list[str]:
    return [name.strip() for match in matches for name in match.groupdict().values() if name]
