"""Finding the customer's question in what was pasted, and what it depends on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from assistant.denoise import CLOCK
from assistant.stopwords import stopwords
from assistant.types import Turn
from kb.text import fold, tokens

_CUSTOMER = "客户|顾客|买家|用户|会员|客人|customer|buyer|client|user|お客様|客|고객|cliente"
_AGENT = "客服|商家|卖家|坐席|专员|店家|小二|人工|agent|seller|support|service|担当|オペレーター|상담원|agente"
_TIME = r"(?:\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[\sT]*)?\d{1,2}:\d{2}(?::\d{2})?"
_LINE = re.compile(
    # [10:02] 客户 小王：…   买家(tb_1) …：   客服01 2026-01-05 10:32:11   客户 10:32: …
    rf"^\s*(?:[\[【(（]?{_TIME}[\]】)）]?\s*)?(?P<role>{_AGENT}|{_CUSTOMER})"
    # 客服小美：…; 客服电话：… says nothing of who speaks
    r"(?:(?<=客服)(?!电话|热线|时间|微信|邮箱|工号|中心|服务|qq|处理)[^\s:：，,。？?！!\d(（\[【]{1,6}(?=\s*[:：]))?"
    r"(?:\d{1,6}(?!\d|:\d{2}))?(?:[\s_\-]*[(（\[【][^()（）\[\]【】\n]{1,20}[)）\]】]|[\s_\-]+(?!\d)[^\s:：\n]{1,12})?"
    rf"(?:\s*[\[【(（]?{_TIME}[\]】)）]?[\s:：]*|\s*[:：]\s*)(?P<text>.*)$",
    re.IGNORECASE,
)
# 【客户】…   [客户]：…   <客服小美> …
_IN_BRACKETS = re.compile(
    rf"^\s*(?:[\[【(（]?{_TIME}[\]】)）]?\s*)?[\[【<〈（(](?P<role>{_AGENT}|{_CUSTOMER})[^\[\]【】<>〈〉()（）\n]{{0,12}}[\]】>〉）)]"
    rf"(?:\s*{_TIME})?\s*(?P<colon>[:：]?)\s*(?P<text>.*)$",
    re.IGNORECASE,
)
_IS_AGENT = re.compile(rf"(?:{_AGENT})", re.IGNORECASE)

# Speakers by name, not by role: where a time stands beside the name nobody doubts that it is a chat.
_DAY = r"(?:\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?|\d{1,2}[-/月]\d{1,2}日?|昨天|今天|前天|yesterday|today)"
_WHEN = rf"(?:{_DAY}[\s,T]*)?{CLOCK}"
_NAME = r"(?P<name>(?:[\[【(（][^\[\]【】()（）\n]{1,8}[\]】)）]\s*)?[^\s:：,，。？?！!；;\[\]【】][^:：,，。？?！!；;\t\n]{0,30}?)"
_NAMED = tuple(
    re.compile(form)
    for form in (
        rf"^\s*[\[【(（]{_WHEN}[\]】)）]\s*{_NAME}\s*[:：]\s*(?P<text>.*)$",  # [22/11/2026, 10:32] Ana: …
        rf"^\s*{_WHEN}\s*[-–]\s*{_NAME}\s*[:：]\s*(?P<text>.*)$",  # 22/11/2026, 10:32 - Ana: …
        rf"^\s*{_WHEN}\t{_NAME}\t(?P<text>.*)$",  # 10:32<tab>yuki<tab>…
        rf"^\s*\[{_NAME}\]\s*\[{_WHEN}\]\s*(?P<text>.*)$",  # [이름] [오전 10:32] …
    )
)
# tb7712_88  2026-11-03 10:32:11, then the words. "我要大号的 10:30" looks much the same.
_NAME_AND_TIME = re.compile(rf"^\s*{_NAME}(?P<gap>[\s,，]*)[\[【(（]?(?P<when>{_WHEN})[\]】)）]?\s*(?P<text>)$")
_NAME_BEFORE = re.compile(
    r"^\s*(?P<name>[^\s:：,，。？?！!；;\[\]【】()（）\"“”'][^:：,，。？?！!；;\t\n]{0,15}?)\s*(?:：|(?<!\d):(?!//))\s*(?P<text>\S.*)$"
)
_NAME_ALONE = re.compile(rf"^\s*{_NAME}\s*[:：]\s*(?P<text>)$")  # 昵称: on its line, twice or more
_NO_NAME = re.compile(
    r"(?:于|在|到|从|上午|下午|晚上|明天|今天|昨天|前天|后天|号|点)$|\b(?:on|at|by|from|since|until|slot)$|时间|地址|电话|备注|姓名|型号|规格|商品|品名|金额|数量|颜色|尺码|问|答|问题|原因|注意|日期|下单|付款|签收|发货|截止|到货|购买|订单|單號|单号|\b(?:date|time|order|ordered|paid|arrived)\b",
    re.I,
)
_AGENTS_NAME = re.compile(
    rf"{_AGENT}|客服|店|助手|售后|官方|旗舰|商城|平台|shop|store|support|help|service|サポート|ショップ|고객센터|스토어|soporte|tienda",
    re.I,
)

_CUSTOMERS_NAME = re.compile(rf"^[\[【(（](?:{_CUSTOMER})[\]】)）]", re.IGNORECASE)

_LEANS = re.compile(
    r"^\W*(?:那|这|它|and\b|then\b|what about|how about|what if|(?:does|is|can) (?:it|that|this)\b)|呢\W*$"
)
_OTHER_MATTER = re.compile(
    r"^\W*(?:另外|还有(?:个|一个)?(?:问题|事)|换个问题|再问(?:一下|下|个)?|顺便|对了|by the way|btw\b|another question|one more (?:thing|question)|ところで|別件|그런데 다른|그리고 다른|por cierto|otra (?:cosa|pregunta))",
    re.IGNORECASE,
)
_YES = re.compile(
    r"^\W*(?:嗯+|对|對|是的?|好的?|要的?|可以|没错|恩|yes\b|yeah\b|yep\b|right\b|はい|そうです|네|예|sí\b|si\b)",
    re.IGNORECASE,
)
_NO = re.compile(r"^\W*(?:不是|不对|不，|不,|错了|我说的是|no\b|not that\b|i mean\b|いいえ|違|아니)", re.IGNORECASE)
_NODS = r"好(?:的|嘞|吧|滴|呢|哒)?|行(?:吧|了)?|嗯+|哦+|噢|那|亲|ok(?:ay)?|はい|네|vale|bien"
_FAREWELLS = (
    r"谢谢(?:你|您|啦|了|哈|亲)*|多谢|感谢|辛苦(?:你|您)?了|麻烦(?:你|您)?了|打扰了|没事(?:儿)?了|没有?(?:别的|其他|其它)?(?:问题|事)?了"
    r"|不用了|(?:那)?(?:就|先)这样(?:吧|了)?|再见|拜拜|知道了|明白了?|了解了?|懂了|清楚了"
    r"|(?:many )?thanks?(?: you)?(?: (?:so|very) much| a lot)?|thx|bye(?: bye)?|that'?s (?:all|it)|got it|i see|no more questions"
    r"|(?:どうも)?ありがとう(?:ございます|ございました)?|わかりました|分かりました|了解です|大丈夫です"
    r"|감사합니다|고마워요?|알겠습니다|알겠어요|(?:muchas )?gracias|adios|adiós|entendido|eso es todo"
)
_CLOSES = re.compile(rf"\W*(?:(?:{_NODS})\W*)*(?:{_FAREWELLS})(?:\W*(?:{_NODS}|{_FAREWELLS}))*\W*")
_SHORT_TURN = 80  # characters
_MOST_ASIDE = 200
_ASKED_BACK = 40  # characters of an agent's question that a yes may stand for
_TURNS = 2  # of the customer before the question that it is read with


def parse(text: str) -> tuple[str, tuple[Turn, ...]]:
    """(question, history) of a pasted chat; a text without speakers is a question by itself.

    The question is the customer's last turn that asks anything; lines without a speaker belong to the turn before them.
    """
    turns, spoken = _turns(text)
    customers = [i for i, turn in enumerate(turns) if turn.role == "customer"]
    if not spoken or not customers:
        return text.strip(), ()
    asking = next((i for i in reversed(customers) if _asks(turns[i].text)), customers[-1])
    return turns[asking].text, tuple(turns[:asking])


def _asks(words: str) -> bool:
    return not (says_nothing(words) or _CLOSES.fullmatch(fold(words)))


def _turns(text: str) -> tuple[list[Turn], int]:
    """Turns that say something, and how many of them have a speaker."""
    lines = text.strip().splitlines()
    alone = [match.group("name") for line in lines if (match := _NAME_ALONE.match(line))]
    timed = [
        match for line in lines if (match := _NAME_AND_TIME.match(line)) and not _NO_NAME.search(match.group("name"))
    ]
    forms = [*_NAMED, *([_NAME_AND_TIME] if len(timed) > 1 or any(map(_surely_a_name, timed)) else [])]
    names_alone = len(alone) > len(set(alone)) or len(alone) > 1 and any(map(_role, alone))
    forms += [_NAME_ALONE] if names_alone else []
    forms += [_NAME_BEFORE] if _are_names(lines) else []
    bracketed = [match for line in lines if (match := _IN_BRACKETS.match(line))]
    roles = (_LINE, _IN_BRACKETS) if len(bracketed) > 1 or any(match["colon"] for match in bracketed) else (_LINE,)
    found: list[tuple[str, str, str]] = []  # role, name, words
    spoken = 0
    for line in lines:
        if match := next((match for form in roles if (match := form.match(line))), None):
            role = "agent" if _IS_AGENT.fullmatch(match.group("role")) else "customer"
            found.append((role, "", match.group("text").strip()))
            spoken += 1
        elif match := _speaker(line, forms):
            name = match.group("name").strip()
            found.append((_role(name), name, match.group("text").strip()))
            spoken += 1
        elif found:
            role, name, words = found[-1]
            found[-1] = (role, name, f"{words}\n{line.strip()}".strip())
        elif line.strip():
            found.append(("customer", "", line.strip()))
    # Of names that say no role the last one is the customer's: a chat is pasted when a question is open.
    asking = next((name for role, name, words in reversed(found) if not role and words), None)
    turns = [Turn(role or ("customer" if name == asking else "agent"), words) for role, name, words in found if words]
    return turns, spoken


def _are_names(lines: Sequence[str]) -> bool:
    """Whether what stands before the colons is who speaks: names come again, 品名: and 规格: do not."""
    found = [match for line in lines if (match := _NAME_BEFORE.match(line)) and not _NO_NAME.search(match["name"])]
    names = {match["name"] for match in found}
    return len(found) > len(names) and (len(names) > 1 or len(found) == sum(bool(line.strip()) for line in lines))


def _role(name: str) -> str:
    """What a name says of whose it is; nothing, mostly."""
    if _CUSTOMERS_NAME.match(name):
        return "customer"
    return "agent" if _AGENTS_NAME.search(name) else ""


def _surely_a_name(header: re.Match[str]) -> bool:
    """Whether a name with a time is a speaker also where there is one only."""
    to_the_second = header.group("when").count(":") > 1 and bool(re.match(_DAY, header.group("when")))
    return to_the_second or len(header.group("gap")) > 1 or bool(re.search(r"[\d_*】\]]", header.group("name")))


def _speaker(line: str, forms: Sequence[re.Pattern[str]]) -> re.Match[str] | None:
    for form in forms:
        if (match := form.match(line)) and not _NO_NAME.search(match.group("name")):
            return match
    return None


def condense(question: str, history: Sequence[Turn]) -> str:
    """The question as it would be asked without the chat: what the customer said before, then the question.

    Every question of a chat is read this way, even one that sounds whole ("那运费谁出？"), unless it says itself that it
    is about something else. The agent's turns are left out: they quote rules, and would be found instead; but where the
    customer said yes to what the agent asked, the agent's question says what is meant.
    """
    said: list[str] = []
    asked_back = ""
    for turn in history:
        if turn.role == "agent":
            asked_back = turn.text.strip()
            continue
        if asked_back and _YES.match(turn.text) and _is_short_question(asked_back):
            said.append(asked_back)
        if _asks(turn.text):
            said.append(turn.text)
        asked_back = ""
    if asked_back and _YES.match(question) and _is_short_question(asked_back):
        said.append(asked_back)
    if is_another_matter(question):
        return question
    return "\n".join([*said[-_TURNS:], question])


def aside(question: str, history: Sequence[Turn]) -> str:
    """What the agent said of late, in short turns: it names what the chat is about. A long turn quotes a rule, and the
    one that the customer says no to names something else."""
    if is_another_matter(question):
        return ""
    said = [(i, turn.text.strip()) for i, turn in enumerate(history) if turn.role == "agent"]
    denied = len(history) - 1 if _NO.match(question) else None
    return "\n".join(text for i, text in said if i != denied and len(text) <= _SHORT_TURN)[-_MOST_ASIDE:]


def is_another_matter(question: str) -> bool:
    """Whether a question in a chat says that it is about something else: "另外问一下，发票怎么开"."""
    return bool(_OTHER_MATTER.match(question)) and not leans(_OTHER_MATTER.sub("", question))


def closes(question: str, history: Sequence[Turn]) -> bool:
    """Whether the customer ends the chat, or a matter of it, and asks nothing any more: "好嘞谢谢，没事了". A yes with
    thanks to what the agent asked goes on with it."""
    if not _CLOSES.fullmatch(fold(question)):
        return False
    asked_back = bool(history) and history[-1].role == "agent" and _is_short_question(history[-1].text.strip())
    return not (asked_back and _YES.match(question))


def _is_short_question(text: str) -> bool:
    return len(text) <= _ASKED_BACK and bool(re.search(r"[?？]\s*$|(?:吗|么|呢|嘛|か|까요)\W*$", text))


def leans(question: str) -> bool:
    """Whether a question in a chat says by its words that it goes on from what came before: "那运费呢？"."""
    return bool(_LEANS.search(fold(question)))


def says_nothing(question: str) -> bool:
    """Whether there is nothing to look up: greetings, fillers, punctuation."""
    words = (token for token in tokens(question) if not token.startswith("_"))
    return not any(word not in stopwords() for word in words) and not _content(question)


def _content(question: str) -> str:
    folded = fold(question)
    for word in _longest_first():
        folded = folded.replace(word, "")
    return re.sub(r"[\W\d_]|[a-z]", "", folded)


@cache
def _longest_first() -> tuple[str, ...]:
    return tuple(sorted((word for word in stopwords() if not word.isascii()), key=lambda word: (-len(word), word)))
