"""What a line's own shape says: a date, a sentence's end, a rule, a title, a question. No line knows another here."""

from __future__ import annotations

import re

from ingest.numbering import SPACE

MAX_HEADING_CHARS = 60  # 99 in 100 chapter and section headings of Chinese laws have fewer than 30

BLANK = "".join(
    (
        " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680",
        *map(chr, range(0x2000, 0x200E)),
        "\u2028\u2029\u202f\u205f\u2060\u3000\ufeff",
    )
)
SENTENCE = re.compile(r"[。！？；!?;]|[.．](?=\s|$|[”\"')])")
ENDED = re.compile(r"[。！？；：…!?;:.．][”’」』\"')）】]*$")
_YEAR, _PART = "(?:[0-9]{4}|[一二三四五六七八九〇○零]{4})", "[0-9一二三四五六七八九十]{1,3}"
_DATE = rf"{_YEAR}\s*[年./-]\s*{_PART}\s*[月./-]\s*(?:{_PART}\s*日?)?"
BARE_DATE = re.compile(rf"[（(]?\s*{_DATE}[）)]?$")
_DATE_LINE = re.compile(
    rf"[（(]?\s*(?:自|自从)?\s*{_DATE}.*(?:通过|公布|发布|施行|修订|修正|批准|生效|印发|公告|令第|施行）|の施行|制定|改定)"
)
_ENGLISH_DATE = r"[A-Z][a-z]{2,8}\.? [0-9]{1,2},? [0-9]{4}"
_DATE_FIELD = re.compile(  # 【施行日期】2025-07-04, Last updated: April 20, 2023
    rf"[*_【\s]*[^：:。】]{{2,24}}[：:】]\s*[*_]*\s*(?:{_DATE}|{_ENGLISH_DATE})[*_.)）\s]*$"
)
_ISSUE_LINE = re.compile(rf"[^。；]{{0,40}}?{_DATE}[^。；]{{0,40}}(?:公布|发布|施行|实施|生效|修订|印发)[）)]?$")
_NUMBER_LINE = re.compile(  # 沪商规〔2026〕12号
    r"[（(]?[\u4e00-\u9fff]{1,12}\s*[〔\[【（(]\s*(?:19|20)\d{2}\s*[〕\]】）)]\s*(?:第\s*)?\d{1,5}\s*[号號][）)]?$"
)
STAMP = re.compile(  # 最近更新：2025年12月18日 10:30　来源：客服部; Last updated on April 20, 2023
    r"(?:(?:本[文页]|本?页面)?(?:最近|最后|最後|上次)?(?:一次)?(?:更新|修改|编辑|发布)(?:日期|时间|于)?"
    r"|(?:page )?last (?:updated|modified|reviewed|edited)(?: on)?)"
    rf"\s*[：:]?\s*(?:{_DATE}|{_ENGLISH_DATE})(?:\s*[0-9]{{1,2}}[:：][0-9]{{2}}(?:[:：][0-9]{{2}})?)?"
    r"(?:\s+[^：:\s]{2,8}[：:]\s?[^\s。；]{1,20})*[。.]?$",
    re.IGNORECASE,
)
PARTY_FIELD = re.compile(  # above a contract: 合同编号：…, 甲方：…; below it: 甲方（盖章）：　乙方（盖章）：
    r"(?:(?:合同|协议|文件|制度|规则)?(?:编号|編號|文号|版本号?|版次|密级)|[甲乙丙丁]方|买方|賣方|卖方|買方|委托方|受托方|出卖人|买受人|供方|需方"
    r"|签(?:订|署)(?:日期|时间|地点)|簽(?:訂|署)(?:日期|地點)|法定代表人|授权代表|(?:统一社会信用代码)|盖章|签字|日期|住所地|Party [AB]|Signed|By|Date)"
    r"\s*(?:[（(][^（）()]{1,16}[）)])?\s*[：:][^。；！？]{0,60}$"
)
FIELD_NAME = re.compile(  # of a table on a title page
    r"(?:(?:文件|制度|规则|文档|合同)?(?:编号|名称|版本号?|版次|密级|状态|类别)|(?:生效|实施|施行|发布|颁布|修订|编制|批准|更新)(?:日期|时间)"
    r"|(?:责任|发布|归口|编制|起草|主管|制定|适用|解释)(?:部门|机构|单位|范围|人)|编制人?|审核人?|批准人?|拟制|起草人?|负责人|文号"
    r"|version|owner|effective(?: date| from)?|date|status|author|approved(?: by)?|document (?:no\.?|number|id)|department)$",
    re.IGNORECASE,
)
NO_TEXT = re.compile(r"(?:<!--.*?-->|[-=*_~—–·.#|+:\s]+|!\[[^\]]*\]\([^)]*\))$", re.DOTALL)
QUESTION = re.compile(  # 问：  问题3：  【问】  Q1.  質問1  질문 1:  P:
    r"(?:\*\*)?(?:[【\[]?(?:问|問|提问|問題|问题|質問|질문)[0-9０-９一二三四五六七八九十]{0,3}(?:[】\]][：:.、]?|[：:.、．])"
    r"|[QＱ]\s?[0-9０-９]{0,3}[：:.、．]|(?:Question|Pregunta)[ ]?[0-9]{0,3}[：:.])[\s*]*",
    re.IGNORECASE,
)
ANSWER = re.compile(
    r"(?:\*\*)?(?:[【\[]?(?:答|答案|答复|答覆|回答|답변|답)[0-9０-９]{0,3}(?:[】\]][：:]?|[：:])"
    r"|[AＡ]\s?[0-9０-９]{0,3}[：:.．、]|(?:Answer|Respuesta)[ ]?[0-9]{0,3}[：:.])",
    re.IGNORECASE,
)
INNER_ANSWER = re.compile(r"\s*(?:答|A|Ａ)[：:]")
ASKS = ("?", "？")
BULLET = re.compile(r"(?:[-*+•·●○▪◆■※☆★▲△◇◎✓✔➢➤]|\d+\))\s|[•●○▪◆■※☆★▲△◇◎✓✔➢➤]")
CLOSING = re.compile(  # of a notice
    r"(?:特此(?:通知|公告|声明|说明|告知|通告|函告|公示|通知如上)|(?:以上[，,]?)?(?:敬?请|望)?(?:各位|大家)?(?:知悉|周知|知照|遵照执行|悉知|互相转告)"
    r"|此致|敬礼|顺祝商祺|(?:感谢|谢谢)(?:大家|各位|您)?的?(?:配合|理解|支持|理解与支持|支持与配合)?)[。！!.]?$"
)
STARS = "★☆◆◇■□●○▲△▶►※◎✦✿"  # signs that people put before a heading, or before the items of a list
BARE_HEADING = re.compile(
    rf"(?:总[{SPACE}]*则|附[{SPACE}]*[则則]|附[{SPACE}]*[录件錄]|附表|前文|前言|부\s?칙|별\s?표)$|附[{SPACE}]*[件录錄表]?[：:]"
)
BRACKET_HEADING = re.compile(r"【[^】]{1,40}】$")


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in BLANK:
        start += 1
    while end > start and text[end - 1] in BLANK:
        end -= 1
    return start, end


def clean(name: str) -> str:
    name = re.sub(r"[*`]{1,2}|[\u200b-\u200d\u2060\ufeff]", "", name)
    return re.sub(rf"[\s{SPACE}]+", " ", name).strip().strip("#").strip()


def is_cjk(text: str) -> bool:
    return bool(re.search(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]", text))


def ended(text: str) -> bool:
    """Whether nothing need follow: a sentence's end, or a short line without one (a title)."""
    return (
        bool(ENDED.search(text[-12:]))
        or bool(NO_TEXT.match(text))
        or (len(text) < 30 and not re.search(r"[，、,]$", text) and not SENTENCE.search(text))
    )


def is_notice(text: str) -> bool:
    """Whether a line is a date, a document's number, or says when it was adopted, published or updated, and no more."""
    if _ISSUE_LINE.match(text) or _DATE_FIELD.match(text) or _NUMBER_LINE.match(text):
        return True
    if all(_DATE_FIELD.match(part) for part in re.split(r"[\s\u3000]+", text)):
        return True
    return bool(BARE_DATE.match(text) or _DATE_LINE.match(text)) and not SENTENCE.search(text)


def says_something(text: str) -> bool:
    """A sentence, not a title, a date or a form of address."""
    bare = re.sub(r"[*_`]", "", text).strip(BLANK)
    if len(bare) < 4 or _DATE_LINE.match(bare) and not re.search("。", bare):
        return False
    return bool(SENTENCE.search(bare)) or len(bare) > MAX_HEADING_CHARS or bool(re.search(r"..[:：，,].{6,}", bare))


def leads_in(text: str) -> bool:
    return text.rstrip("*_ ").endswith(("：", ":"))
