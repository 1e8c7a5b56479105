"""What sentences of a text say of the text itself: its first and last day in force, what it repeals, its number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ingest.dates import Day, days, moment
from ingest.metadata.lines import LAST_CLAUSES, Document
from ingest.numbering import to_int
from ingest.types import Found

_KINDS = (
    "法|条例|规则|规定|办法|规范|细则|解释|协议|政策|标准|条款|决定|通知|公告|制度|服务条款|批复|说明|规程|规约|章程|指引|指南|守则|准则|方案|声明|公约"
    "|須知|须知|文件|规章|总则|手册|流程|意见|通告|规则》|規則|規約|規章|條款|辦法|條例|規定|規範|細則|協議|聲明|標準|制度|公告|解釋|決定|準則"
)
# only "this" names the document: 该办法, 《某法》 and a bare 规则 may be another one
SELF = rf"(?:本|此|这份|以上|上述|新版|新)(?:[\u4e00-\u9fff《]{{0,12}}?)(?:{_KINDS})》?"
_TIME = (
    r"(?:\s*[（(](?:星期|周|週|禮拜|礼拜)?[一二三四五六日天月火水木金土](?:曜日?)?[）)])?"
    r"\s*[（(]?\s*(?:北京时间|北京時間)?\s*(?:凌晨|早上|上午|中午|下午|傍晚|晚上|晚)?\s*"
    r"(?:(?:[01]?\d|2[0-4])[:：]\d{2}(?:[:：]\d{2})?|(?:[零〇一二两三四五六七八九十]{1,3}|0{1,2}|[01]?\d|2[0-4])\s?[时時点點]"
    r"(?:整|(?:[零〇一二三四五六七八九十]{1,3}|\d{1,2})分|半)?)?\s*[（(]?(?:北京时间|北京時間)?[）)]?\s*"
)
_BEGINS = r"(?:施行|生效|实施|實施|执行|執行|适用|適用|启用|啟用|试行|試行|实行|起效)"
_LINK = r"(?:\s*(?:将|現|现|应|已|均|一律|正式|统一|全面|并|同步)?\s*(?:自|从|從|于|於|由|在))"
_BEFORE_THIS = re.compile(rf"(?:\A|[。；;，,、：:\s（(「])(?P<self>{SELF})[^。；;\n《》“”]{{0,14}}?{_LINK}\s*\Z")
_BEFORE_WITHOUT_LINK = re.compile(
    rf"(?:\A|[。；;，,、：:\s（(「])(?:{SELF})\s*(?:将|已|现)?\s*\Z"
)  # 本标准2026年10月1日启用
_BEFORE_BARE = re.compile(rf"(?:\A|[\n。；;（(【])[\s　*_>-]*(?:第[^\s]{{1,8}}条[\s　]*)?(?:{_LINK})?\s*\Z")
_BEFORE_ISSUED = re.compile(
    r"(?:现予(?:以)?|予以|现将|现)(?:公布|发布|印发|公告)[^。；\n]{0,12}?[，,]\s*(?:并)?(?:自|于)\s*\Z"
)
_BEFORE_AMENDED = re.compile(  # 决定对《…》作如下修改，自…起施行
    r"(?:[作做]出?(?:如下|以下)(?:修改|修订|修正|调整|变更)|(?:修改|修订|修正|调整|变更)(?:内容)?如下)[，,]\s*(?:并|统一|现)?\s*(?:自|从|于)\s*\Z"
)
_BEFORE_OWN_NAME = re.compile(rf"《(?P<name>[^《》\n]{{2,60}})》[^。；;\n《》“”]{{0,14}}?{_LINK}\s*\Z")
_AFTER_CN = re.compile(
    rf"{_TIME}(?:之日)?(?:起|开始|開始|始)?\s*(?:正式|开始|全面|统一|在[^。；，,\n]{{1,12}})?\s*{_BEGINS}(?![前后後期的日中])"
)
_AFTER_CN_START = re.compile(
    rf"{_TIME}(?:之日)?(?:起|开始|開始)\s*(?:正式|开始)?\s*{_BEGINS}"
    # what it replaces may be told in the same breath: 自…起执行，旧版同时作废
    r"(?:[，,][^。；;，,\n]{0,16}(?:废止|廢止|作废|作廢|失效|停止(?:执行|使用)|不再(?:执行|使用)))?[\s。.）)】*_；;]*(?:\Z|\n)"
)
_BEFORE_TRIAL = re.compile(  # 本规则试行三个月，自2026年10月1日起。
    rf"(?:\A|[。；;，,、：:\s（(「])(?:{SELF})(?:先|暂)?[试試]行[^。；;，,\n]{{0,10}}[，,]\s*(?:自|从|從|于|由)\s*\Z"
)
_AFTER_TRIAL = re.compile(rf"{_TIME}(?:起|开始)(?:计算?|算起?)?\s*(?:[。；;]|\n)")

_BEFORE_JA = re.compile(
    r"(?:本|この|当|同)(?:[\u3040-\u30ff\u4e00-\u9fff]{0,10}?)(?:規約|規程|規則|約款|規定|ポリシー|ガイドライン|条件|方針|要領|基準|細則|契約|法律|省令|政令|告示)"
    r"(?:は|については)、?\s*\Z"
)
_AFTER_JA = re.compile(
    r"\s*(?:[（(][月火水木金土日](?:曜日?)?[）)])?\s*(?:(?:午前|午後)?\s*\d{1,2}[時:：](?:\d{1,2}分?)?)?\s*(?:から|より|に|をもって|以降)\s*、?\s*"
    r"(?:施行|適用|効力|発効|実施|有効)"
)
_LINE_JA = re.compile(
    r"\s*(?:から|より|に|付)?\s*(?:施行|適用開始|発効|実施)\s*(?:する|します|されます)?[。．）)\s]*\Z"
)
_BEFORE_KO = re.compile(
    r"(?:이|본)\s*(?:[\uac00-\ud7a3 ]{0,14}?)(?:약관|정책|규정|방침|규칙|지침|기준|법|영|조례|고시)\s*(?:은|는|이|가)\s*\Z"
)
_AFTER_KO = re.compile(r"\s*(?:\([월화수목금토일](?:요일)?\))?\s*(?:부터|에|자로)\s*(?:시행|적용|효력|발효)")
_LINE_KO = re.compile(r"\s*(?:부터|자로)?\s*(?:시행|적용|발효)(?:한다|합니다|됩니다|됨)?[.)\s]*\Z")
THIS_EN = (
    r"\b(?:this|these|the present)\s+(?:[A-Za-z][\w'’-]*\s+){0,6}?(?:policy|policies|terms|conditions|agreement|rules?"
    r"|guidelines?|notice|statement|document|version|code|procedures?|standards?|regulations?|act|contract|schedule"
    r"|addendum|annex|license|licence|plan|manual|handbook|charter|guide)"
)
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?"
_BEFORE_EN = re.compile(
    rf"{THIS_EN}[^.;:\n]{{0,40}}?\s+(?:(?:is|are|was|were|be|become|becomes|became|shall be|will be|shall become|will become)"
    r"\s+(?:effective|in (?:force|effect)|applicable|valid)|(?:take|takes|took|shall take|will take)\s+effect"
    r"|(?:come|comes|came|shall come|will come|enter|enters|entered|shall enter|will enter|go|goes|went|will go)\s+into"
    rf"\s+(?:force|effect)|(?:apply|applies|shall apply|will apply))\s*(?:on|from|as from|as of|since|beginning|starting)?\s*"
    rf"(?:and including\s+)?{_WEEKDAY}\Z",
    re.IGNORECASE,
)
_LINE_EN = re.compile(
    r"(?:\A|\n)[\s*_>(\[#-]*(?:(?:(?:this )?version )?(?:effective|in force|in effect|valid|applicable)"
    rf"(?:\s+(?:date|from|as\s+from|as\s+of|on|since|starting))*\s*[:：-]?)\s*{_WEEKDAY}\Z",
    re.IGNORECASE,
)
_LINE_EN_REST = re.compile(r"[\s*_)\].,]*(?:\n|\Z)")
_BEFORE_ES = re.compile(
    r"\b(?:est[ae]s?|l[ao]s? presentes?|el presente)\s+(?:[\wáéíóúñ]+\s+){0,6}?[\wáéíóúñ]*\s*(?:entra(?:n|rá|rán)?\s+en\s+vig(?:or|encia)"
    r"|(?:es|son|será|serán|está|están)\s+(?:efectiv[ao]s?|vigentes?|aplicables?)|ser[áa]n? de aplicaci[óo]n"
    r"|se aplica(?:n|rá|rán)?)\s*(?:el|desde el|a partir del?)?\s*(?:día\s+)?\Z",
    re.IGNORECASE,
)
_LINE_ES = re.compile(
    r"(?:\A|\n)[\s*_>(\[-]*(?:entrada en vigor|en vigor|vigente|vigencia|efectiv[ao])(?:\s+(?:desde|a partir del?|el|del?))*\s*[:：]?"
    r"\s*(?:el\s+)?\Z",
    re.IGNORECASE,
)
# --- the last day
_UNTIL_CN = re.compile(
    rf"(?:(?:\A|[。；;，,、：:\s（(])(?:{SELF})[^。；;\n《》“”]{{0,40}}?|[施实执]行[^。；;\n]{{0,6}}?[，,]\s*)"
    r"(?:有效期|施行期|实施期|执行期|试行期)限?(?:为|是)?[^。；;\n\d一二三四五六七八九十]{0,8}(?:至|到)\s*\Z"
)
_UNTIL_EN = re.compile(
    rf"{THIS_EN}[^.;:\n]{{0,60}}?\s(?:until|through|expires?(?:\s+on)?|ends?\s+on|valid\s+until)\s+(?:and including\s+)?{_WEEKDAY}\Z",
    re.IGNORECASE,
)
_UNTIL_JA = re.compile(r"(?:本|この)[\u3040-\u30ff\u4e00-\u9fff]{1,12}の有効期[間限]は、?[^。\n]{0,20}?\Z")
_AFTER_UNTIL_JA = re.compile(r"\s*まで")
_UNTIL_ES = re.compile(
    r"\b(?:est[ae]s?|l[ao]s? presentes?|el presente)\s[^.;:\n]{0,60}?(?:hasta|vence(?:n|rá)? el)\s+(?:el\s+)?(?:día\s+)?\Z",
    re.IGNORECASE,
)
# --- from … to …
_IN_FORCE = rf"(?:有效|{_BEGINS})"
_BEFORE_SPAN = re.compile(
    rf"(?:\A|[。；;，,、：:\s（(])(?:{SELF})的?{_IN_FORCE}?(?:期限?|期间|期間|时间|時間|日期)?(?:将|现|已|统一|正式)?(?:为|是)?[:：]?"
    rf"(?:{_LINK}|\s*)\Z"
)
_SPAN_CN = re.compile(
    rf"{_TIME}(?:之日)?(?:起|开始)?\s*(?:正式)?{_BEGINS}?\s*[，,]?\s*{_IN_FORCE}?(?:期限?)?\s*(?:至|到|[-–—~～〜]{{1,2}})\s*"
)
_SPAN_EN = re.compile(
    r",?\s*(?:\(inclusive\)\s*)?(?:to|through|until|till|[-–—])\s+(?:and including\s+)?", re.IGNORECASE
)
_SPAN_ES = re.compile(r",?\s*(?:hasta|al)\s+(?:el\s+)?(?:día\s+)?", re.IGNORECASE)
_MONTH_DAY = re.compile(r"(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号號]")
_AFTER_SPAN = re.compile(
    rf"{_TIME}(?:期间|期間)?[内內]?(?:为?止|{_IN_FORCE}(?![前后後期的日中于於])|[\s）)*_]*(?:[。；;.]|\n|\Z))"
)
_BEFORE_END = re.compile(rf"(?:\A|[。；;，,、：:\s（(])(?:{SELF})[^。；;\n《》“”]{{0,60}}?[，,](?:{_LINK}|\s*)\Z")
_BEFORE_UNTIL = re.compile(rf"(?:\A|[。；;，,、：:\s（(])(?:{SELF})的?{_IN_FORCE}?(?:期限?)?(?:至|到)\s*\Z")
_AFTER_END = re.compile(rf"{_TIME}(?:失效|废止|廢止|终止|終止|停止{_BEGINS})")
_TERM = re.compile(
    r"[，,]?\s*(?:本[\u4e00-\u9fff]{1,6})?有效期(?:限)?(?:为|是)?\s*(?P<n>[一二三四五六七八九十两]|\d{1,2})\s*(?:个)?年(?!度)"
)

_ISSUE = r"(?:公布|发布|發布|颁布|頒布|印发|印發|下发|公告|公示|刊登|签发|发文)"
_FROM_ISSUE = re.compile(
    rf"(?:(?:\A|[。；;，,、：:\s（(])(?:{SELF})[^。；;\n《》“”]{{0,14}}?|(?:\A|[\n。；;])[ \t　]*(?:第[^\s]{{1,8}}条[ \t　]*)?)"
    rf"(?:自|从|於|于)?\s*(?P<act>{_ISSUE})之?日(?:起|开始)?\s*(?P<later>(?:满|滿)?[\d一二三四五六七八九十]{{1,4}}\s*(?:个)?(?:日|天|工作日|月)(?:后|後|届满)?)?"
    rf"\s*(?:起)?\s*(?:正式)?(?:开始)?{_BEGINS}"
)
_UPDATED = re.compile(
    r"(?:\b(?:last\s+)(?:updated|revised|modified|amended)|[,;(]\s*(?:updated|revised|amended)"
    r"|(?:本|此)[\u4e00-\u9fff]{1,8}(?:最近|最后)(?:一次)?(?:更新|修订|修改)(?:于|日期为|时间为))\s*(?:on\s+|as of\s+|于\s*)?\Z",
    re.IGNORECASE,
)
_FOR_EVER = re.compile(rf"(?:{SELF})[^。；\n]{{0,8}}长期有效")


@dataclass(frozen=True, slots=True)
class Statement:
    """A day that the text states of itself. `day` None: it is no date of the calendar."""

    day: date | None
    found: Found
    at: int
    printed: str = ""


def spans(document: Document) -> Iterator[tuple[Statement, Statement]]:
    """The first and the last day of every sentence that says from when to when this document is in force."""
    text = document.text
    for first in document.days:
        if first.ambiguous or first.value is None or quoted(text, first.start):
            continue
        before, after = text[max(0, first.start - 90) : first.start], text[first.end : first.end + 90]
        between = _SPAN_CN.match(after) if _BEFORE_SPAN.search(before) else None
        between = between or (_SPAN_EN.match(after) if _BEFORE_EN.search(before) or _LINE_EN.search(before) else None)
        between = between or (_SPAN_ES.match(after) if _BEFORE_ES.search(before) or _LINE_ES.search(before) else None)
        if between is None:
            continue
        last = _day_at(document, first, first.end + between.end())
        if last is None or not _AFTER_SPAN.match(text[last.end : last.end + 30]):
            continue
        start, end = document.sentence(first.start, last.end)
        values = moment(first, after), moment(last, text[last.end : last.end + 24], True)
        begins, ends = (
            Statement(day.value, document.found(value, start, end), day.start, day.printed)
            for day, value in zip((first, last), values, strict=True)
        )
        yield begins, ends


def _day_at(document: Document, first: Day, at: int) -> Day | None:
    """The date that begins at a place of the text; one without a year is the next such day after `first`."""
    if (stated := next((day for day in document.days if day.start == at), None)) is not None:
        return None if stated.ambiguous else stated
    if (match := _MONTH_DAY.match(document.text, at)) is None or first.value is None:
        return None
    month, day = int(match["m"]), int(match["d"])
    year = first.value.year + ((month, day) < (first.value.month, first.value.day))
    try:
        value = date(year, month, day)
    except ValueError:
        value = None
    return Day(match.start(), match.end(), match[0], value)


def first_days(document: Document, title: str) -> Iterator[Statement]:
    """Every sentence that says from which day on this document is in force."""
    text = document.text
    outer = _outer_spans(document)
    ranges = {first.at: first for first, _ in spans(document)}
    yield from ranges.values()
    for day in document.days:
        if day.start in ranges:
            continue
        if day.ambiguous or quoted(text, day.start):
            continue
        before, after = text[max(0, day.start - 90) : day.start], text[day.end : day.end + 60]
        if _begins_cn(before, after, title, any(a <= day.start < b for a, b in outer)) or _begins_elsewhere(
            before, after, any(a <= day.start < b for a, b in outer)
        ):
            start, end = document.sentence(day.start, day.end)
            yield Statement(day.value, document.found(moment(day, after), start, end), day.start, day.printed)


def _begins_cn(before: str, after: str, title: str, outer: bool) -> bool:
    if (_BEFORE_THIS.search(before) or _BEFORE_WITHOUT_LINK.search(before)) and _AFTER_CN.match(after):
        return True
    if _BEFORE_TRIAL.search(before) and _AFTER_TRIAL.match(after + "\n"):
        return True
    if (_BEFORE_ISSUED.search(before) or _BEFORE_AMENDED.search(before)) and _AFTER_CN.match(after):
        return outer
    if (named := _BEFORE_OWN_NAME.search(before)) and _AFTER_CN.match(after):
        return (
            len(named["name"]) > 3 and named["name"].strip() in title and not re.search(r"通知|公告|公示|决定", title)
        )
    return outer and bool(_BEFORE_BARE.search(before) and _AFTER_CN_START.match(after + "\n"))


def _begins_elsewhere(before: str, after: str, outer: bool) -> bool:
    if _BEFORE_EN.search(before) or _BEFORE_ES.search(before):
        return True
    if _BEFORE_JA.search(before) and _AFTER_JA.match(after):
        return True
    if _BEFORE_KO.search(before) and _AFTER_KO.match(after):
        return True
    if not outer:
        return False
    rest = after.split("\n")[0]
    opens = bool(re.search(r"(?:\A|\n)[\s　（(*_>-]*(?:附\s*則)?\s*\Z", before))
    if opens and (_LINE_JA.match(rest) or _LINE_KO.match(rest)):
        return True
    return bool((_LINE_EN.search(before) or _LINE_ES.search(before)) and _LINE_EN_REST.match(after))


def last_days(document: Document) -> Iterator[Statement]:
    """Every sentence that says until which day it is in force."""
    text = document.text
    ranges = {last.at: last for _, last in spans(document)}
    yield from ranges.values()
    for day in document.days:
        if day.start in ranges or day.ambiguous or quoted(text, day.start):
            continue
        before, after = text[max(0, day.start - 110) : day.start], text[day.end : day.end + 24]
        if (
            _UNTIL_CN.search(before)
            or _UNTIL_EN.search(before)
            or _UNTIL_ES.search(before)
            or (_UNTIL_JA.search(before) and _AFTER_UNTIL_JA.match(after))
            or (_BEFORE_END.search(before) and _AFTER_END.match(after))
            or (_BEFORE_UNTIL.search(before) and _AFTER_SPAN.match(after))
        ):
            start, end = document.sentence(day.start, day.end)
            yield Statement(day.value, document.found(moment(day, after, True), start, end), day.start, day.printed)


def term_years(sentence: str) -> int | None:
    """The years of 自…起施行，有效期五年."""
    match = _TERM.search(sentence)
    if match is None:
        return None
    return 2 if match["n"] == "两" else to_int(match["n"])


def from_issue(document: Document) -> tuple[Found, bool] | None:
    """The sentence 自公布之日起施行, and whether it names days or months after it (自发布之日起30日后施行)."""
    last: tuple[Found, bool] | None = None
    for match in _FROM_ISSUE.finditer(document.text):
        if quoted(document.text, match.start()):
            continue
        start, end = document.sentence(match.start("act"), match.end())
        last = document.found("", start, end), bool(match["later"])
    return last


def for_ever(document: Document) -> Found | None:
    match = _FOR_EVER.search(document.text)
    return document.found("", match.start(), match.end()) if match else None


def revised(document: Document) -> Found | None:
    """The day of "These terms were last updated on …" and of a line "Version 1.02, updated …"."""
    last: Found | None = None
    for line in document.edges:
        if len(line.text) > 160:
            continue
        for day in days(line.text):
            if day.value is not None and _UPDATED.search(line.text[: day.start]):
                found = document.found(day.iso, line.start, line.end)
                last = found if last is None or found.value > last.value else last
    return last


def _outer_spans(document: Document) -> list[tuple[int, int]]:
    """Where a bare 自…起施行 speaks of the document: above its first clause, in its last ones, behind them."""
    spans = [(line.start, line.end) for line in document.edges if len(line.text) < 400]
    return spans + [(d.start, d.end) for d in document.drafts[-LAST_CLAUSES:]]


def quoted(text: str, at: int) -> bool:
    """Whether a place stands in quotation marks: an amending decision quotes the articles of another law."""
    before = text[text.rfind("\n", 0, at) + 1 : at]
    return before.rfind("“") > before.rfind("”") or before.rfind("「") > before.rfind("」")
