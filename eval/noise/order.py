"""The same words in another order: the question before its story, the topic after its question."""

from __future__ import annotations

import re
from random import Random

# What a clause begins with that goes on from the clause before it: such a clause cannot come first.
_GOES_ON = re.compile(
    r"(?:那|但|可是|然后|然後|所以|还|還|也|就|都|再|又|却|结果|結果|因此|而|并|並|不过|不過|才|其中|该|該|他|她|它|这|這|此|其|另|否则|否則|逾期|或|及|和|与|與"
    r"|it\b|that\b|this\b|they\b|them\b|then\b|and\b|but\b|so\b|or\b|which\b|he\b|she\b|also\b|still\b"
    r"|y\b|pero\b|o\b|entonces\b|eso\b|それ|その|これ|この|ここ|でも|しかし|また|そして|残り|그|또|그리고|하지만)",
    re.IGNORECASE,
)
# Chinese clauses ask by their words too, often without a mark.
_ASKS = re.compile(
    r"[吗嗎呢么麼]$|谁|誰|怎么|怎麼|怎样|怎樣|如何|多久|多少|什么|什麼|啥|哪|几[天个次倍块小点元]|幾|能不能|可不可以|是不是|会不会|會不會"
    r"|要不要|有没有|有沒有|能否|是否|可否|凭什么|(?:可以|能|行|算|要|会|會)[^，。]{0,12}不$"
)
# Topic, then what is asked about it: 运费谁出, 生鲜商品能不能退.
_TOPIC = re.compile(
    r"^(?P<topic>[^，。？！,\n]{2,16}?)(?P<asked>(?:谁[出付承来]|怎么[算办退处赔扣寄开]|是多少|有多[久长少]|多久(?:能|到|退|发|过)|什么时候|啥时候|何时|能不能|可不可以|可以|要不要|会不会|还能|能[退换开用改]"
    r"|誰[出付承]|怎麼[算辦退處賠]|什麼時候|算[谁誰])[^，。？！,\n]{0,24})(?P<mark>[？?]?)$"
)
_NO_TOPIC = re.compile(
    r"(?:我|你|您|他|她|它|们|們|就|才|都|也|又|再|还|還|不|没|要|能|会|是|在|把|被|给|請|请问|請問|多|最|一|到底|得|该|应该|应当|應|需|里|的话|后|後|时|和|与|、)$"
    r"|^(?:请|請|我想|想|麻烦|有|没|不|为什么|怎么|这|那)"
)
_IF = re.compile(r"^(?P<when>(?:If|When|After|Once|As|Since)\b[^,?.]{8,}),\s+(?P<asked>[^,?.]{6,})(?P<mark>\?)$")
_IF_AFTER = re.compile(
    r"^(?P<asked>[^,?.]{15,}?)(?<!\bask)(?<!\bknow)(?<!\bsee)(?<!\bcheck)(?<!\btell)(?<!\bmatter)(?<!\bas)(?<!\beven)(?<!\bwhat)"
    r",?\s(?P<when>if\s[^,?.]{8,})(?P<mark>\?)$"
)
_IF_SPANISH = re.compile(r"^(?P<when>(?:Si|Cuando)\b[^,?.¿]{8,}),\s+¿(?P<asked>[^?]{6,})\?$")
_JAPANESE = re.compile(r"^(?P<topic>[^、。？は]{1,18}[^でにとの]は)、?(?P<asked>[^、。？]{4,}か)(?P<mark>[。？?]?)$")
_KOREAN = re.compile(
    r"^(?P<topic>[^?.,]{2,30}?(?:면|는데|은데|때|는|은)),? (?P<asked>[^?.,]{4,}(?:나요|까|요))(?P<mark>\?)$"
)


def order(text: str, language: str, random: Random) -> str | None:
    """Another order that a speaker would use too."""
    ways = [_question_first(text, language)]
    if language[:2] == "zh":
        ways.append(_topic_last(text))
    elif language == "en":
        ways.append(_swapped(text))
    elif language == "es" and (match := _IF_SPANISH.match(text)):
        when = match["when"][0].lower() + match["when"][1:]
        ways.append(f"¿{match['asked'][0].upper()}{match['asked'][1:]} {when}?")
    elif language == "ja" and (match := _JAPANESE.match(text)):
        ways.append(f"{match['asked']}、{match['topic']}{match['mark']}")
    elif language == "ko" and (match := _KOREAN.match(text)):
        ways.append(f"{match['asked']}, {match['topic']}{match['mark']}")
    found = [way for way in ways if way is not None and way != text]
    return random.choice(found) if found else None


def _question_first(text: str, language: str) -> str | None:
    """ "我昨天买的，没拆，能退吗？" as "能退吗？我昨天买的，没拆"."""
    clauses = _clauses(text)
    asking = [n for n, (clause, mark) in enumerate(clauses) if "?" in mark or "？" in mark or _ASKS.search(clause)]
    if len(clauses) < 2 or asking != [len(clauses) - 1]:
        return None  # two questions, or one that is not the last: no order is sure
    *story, (question, mark) = clauses
    if _GOES_ON.match(question) or _GOES_ON.match(story[0][0]) or re.match(r"[^a-z]{0,4}[还還也又]", question):
        return None
    spaced = language[:2] not in ("zh", "ja")
    if language[:2] == "zh" and re.match(r"[\u4e00-\u9fff]", question) is None:
        return None
    told = ("".join(clause + between for clause, between in story[:-1]) + story[-1][0]).strip()
    if spaced and not re.search(r"[.。]\s*$", story[-1][1]):
        return None  # English clauses joined by commas do not stand alone
    end = {"zh": "", "ja": "。", "en": ".", "es": "."}.get(language[:2], ".")
    first = question + (mark.strip() or ("，" if language[:2] == "zh" else "?"))
    return f"{first} {told}{end}" if spaced else f"{first}{told}{end}"


def _clauses(text: str) -> list[tuple[str, str]]:
    """(clause, marks after it); English marks end a clause only before a space."""
    pieces = re.split(
        r"([，。？！；]+\s*|[,.?!;]+(?:\s+|$)|\s*\n+|(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff]))", text.strip()
    )
    pairs = list(zip(pieces[::2], [*pieces[1::2], ""], strict=False))
    return [(clause.strip(), mark) for clause, mark in pairs if clause.strip()]


def _topic_last(text: str) -> str | None:
    match = _TOPIC.match(text)
    if match is None or _NO_TOPIC.search(match["topic"]):
        return None
    return f"{match['asked']}，{match['topic'].strip()}{match['mark']}"


def _swapped(text: str) -> str | None:
    if match := _IF.match(text):
        asked, when = match["asked"], match["when"]
        return f"{asked[0].upper()}{asked[1:]} {when[0].lower()}{when[1:]}?"
    if match := _IF_AFTER.match(text):
        asked, when = match["asked"], match["when"]
        asked = asked if re.match(r"I\b|[A-Z]\w*[A-Z\d]", asked) else asked[0].lower() + asked[1:]
        return f"{when[0].upper()}{when[1:]}, {asked}?"
    return None
