"""What comes along when a message is copied out of a chat: times, nicknames, order numbers, receipts, pictures.

Forms as seen in the workbenches of Chinese platforms (千牛, 京麦), WeChat, 飞书, WhatsApp, Telegram, Slack, LINE, KakaoTalk, mail. The
message itself stays whole on its own lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from assistant.types import Turn
from eval.noise.hanzi import in_traditional
from kb.quantities import Measure, quantities

_Time = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Form:
    """How one program copies a turn."""

    languages: str
    line: Callable[[str, str, _Time, _Time], str]  # name, text, day, time
    customer: tuple[str, ...]  # names
    agent: tuple[str, ...]
    along: tuple[str, ...]  # turns that say nothing, sent before the question
    after: tuple[str, ...] = ()  # under the last turn


def _digits(random: Random, n: int) -> str:
    return str(random.randrange(1, 10)) + "".join(str(random.randrange(10)) for _ in range(n - 1))


_DAY = re.compile(
    r"\d\s?[号號日]|双十一|雙十一|618|节|春節|中秋|星期|礼拜|禮拜|周[一二三四五六日]|day\b", re.IGNORECASE
)
_GREETINGS = {
    "zh": (("在吗", "亲，您好，请问有什么可以帮您的呢？"), ("老板在不", "在的，您说"), ("你好", "您好，请说")),
    "en": (("hi", "Hello! How can we help you?"), ("Hello", "Hi, thanks for your message.")),
    "es": (("hola", "¡Hola! ¿En qué podemos ayudarle?"), ("Buenas", "Hola, gracias por escribirnos.")),
    "ja": (("こんにちは", "お問い合わせありがとうございます。"),),
    "ko": (("안녕하세요", "안녕하세요, 무엇을 도와드릴까요?"),),
}  # the customer's and the agent's, said before the question

_FORMS = (
    _Form(  # 千牛
        "zh-Hans",
        lambda name, text, day, time: (
            f"{name}  {day[0]}-{day[1]:02}-{day[2]:02} {time[0]:02}:{time[1]:02}:{time[2]:02}\n{text}"
        ),
        ("tb{seven}_88", "t{one}***{two}", "小鱼儿爱吃糖"),
        ("官方店:小美", "本店:阿文", "服务助手"),
        ("[商品链接]", "订单编号：{order}", "[图片]"),
        ("已读", "未读"),
    ),
    _Form(  # 京麦
        "zh-Hans",
        lambda name, text, day, time: f"{name} {day[1]:02}-{day[2]:02} {time[0]:02}:{time[1]:02}:{time[2]:02}\n{text}",
        ("jd_a{seven}", "jd_{four}***", "jd_x{four}kz"),
        ("客服小京", "售后-木木"),
        ("订单号：{order}", "[图片]", "[视频]"),
        ("已读",),
    ),
    _Form(  # WeChat on a computer
        "zh",
        lambda name, text, day, time: f"{name}:\n{text}\n",
        ("A小林", "平安喜乐", "大宝妈妈", "阿杰", "momo", "L.", "向日葵🌻"),
        ("小店客服", "微商城助手", "阿May"),
        ("[图片]", "[表情]", "[语音] 3''"),
    ),
    _Form(  # an older WeChat, and QQ
        "zh",
        lambda name, text, day, time: (
            f"{name} {day[0]}/{day[1]}/{day[2]} {time[0]:02}:{time[1]:02}:{time[2]:02}\n{text}"
        ),
        ("晴天", "老周", "一只猫", "ZZ"),
        ("客服小雨", "店长"),
        ("[图片]", "订单号 {order}"),
    ),
    _Form(  # a chat record that WeChat sends by mail
        "zh",
        lambda name, text, day, time: f"{name}  {time[0]:02}:{time[1]:02}\n\n{text}\n",
        ("小葵", "老陈", "Cici", "阿绿"),
        ("小店阿姐", "值班客服"),
        ("[图片：1.jpg(请在附件中查看)]", "[动画表情]"),
    ),
    _Form(  # 飞书, 钉钉
        "zh",
        lambda name, text, day, time: f"{name} {day[1]}月{day[2]}日 {time[0]:02}:{time[1]:02}\n{text}",
        ("陈小满", "买家-阿芳", "Leo"),
        ("客服-圆圆", "周值班"),
        ("[图片]", "[文件] 截图.png"),
        ("已读", "全部已读"),
    ),
    _Form(  # LINE
        "zh-Hant ja",
        lambda name, text, day, time: f"{time[0]:02}:{time[1]:02}\t{name}\t{text}",
        ("yuki", "Ken", "mei", "Hana🌸"),
        ("Support", "shop"),
        ("[Sticker]", "[Photo]"),
    ),
    _Form(  # LINE's talk room, copied by hand
        "ja",
        lambda name, text, day, time: f"{name}\n{text}\n既読\n{time[0]:02}:{time[1]:02}",
        ("みほ", "たかし", "yuki"),
        ("サポート", "ショップ担当"),
        ("[スタンプ]",),
    ),
    _Form(  # WhatsApp on one system
        "en es",
        lambda name, text, day, time: (
            f"[{day[2]:02}/{day[1]:02}/{day[0]}, {time[0]:02}:{time[1]:02}:{time[2]:02}] {name}: {text}"
        ),
        ("Ana", "~ Marc", "+44 7700 900{three}", "Priya S", "Lucía"),
        ("Store Help", "Support"),
        ("\u200eimage omitted", "#{order}"),
        ("✓✓",),
    ),
    _Form(  # and on another
        "en es",
        lambda name, text, day, time: f"{day[2]:02}/{day[1]:02}/{day[0]}, {time[0]:02}:{time[1]:02} - {name}: {text}",
        ("Tom", "Elena", "Jo", "Sam W."),
        ("Shop", "Help Desk"),
        ("<Media omitted>",),
    ),
    _Form(  # Telegram
        "en es",
        lambda name, text, day, time: f"{name}, [{day[2]:02}.{day[1]:02}.{day[0]} {time[0]:02}:{time[1]:02}]\n{text}",
        ("Mila", "Jorge R", "K."),
        ("Shop Support", "Helpdesk bot"),
        ("Photo",),
    ),
    _Form(  # Slack, Teams
        "en es ja",
        lambda name, text, day, time: (
            f"{name}  {(time[0] - 1) % 12 + 1}:{time[1]:02} {'AM' if time[0] < 12 else 'PM'}\n{text}"
        ),
        ("Dana", "Inés M.", "Sato"),
        ("Care Team", "Support"),
        ("image.png",),
    ),
    _Form(  # KakaoTalk
        "ko",
        lambda name, text, day, time: (
            f"[{name}] [{'오전' if time[0] < 12 else '오후'} {(time[0] - 1) % 12 + 1}:{time[1]:02}] {text}"
        ),
        ("지은", "민수", "하늘맘"),
        ("스토어 상담", "고객센터"),
        ("사진", "이모티콘", "주문번호: {order}"),
    ),
)


def pasted(text: str, language: str, random: Random) -> str | None:
    """The message with what stood around it; at times with the greetings that went before."""
    form = _form(language, text, random)
    if form is None:
        return None
    draw = random.random()
    if draw < 0.2 and language[:2] in ("zh", "en"):
        return _with_order(text, language, random)
    if draw < 0.3 and language in _REPLIED and not _names_a_day(text):
        return _mailed(text, language, random)
    greeting = []
    if random.random() < 0.5:
        asked, answered = random.choice(_GREETINGS[language[:2]])
        greeting = [Turn("customer", asked), Turn("agent", answered)][random.randrange(2) :]
    said = in_traditional if language == "zh-Hant" else str
    return _chat(form, [*(Turn(turn.role, said(turn.text)) for turn in greeting), Turn("customer", text)], random)


def transcript(turns: Sequence[Turn], language: str, random: Random) -> str | None:
    """A whole chat as one of the programs copies it; the last turn is the customer's."""
    form = _form(language, "\n".join(turn.text for turn in turns), random)
    return None if form is None else _chat(form, turns, random)


def _form(language: str, said: str, random: Random) -> _Form | None:
    """One of those of a language; where dates are spoken of, one that prints none: they could not both be true."""
    forms = [form for form in _FORMS if any(language.startswith(code) for code in form.languages.split())]
    if _names_a_day(said):
        forms = [
            form
            for form in forms
            if form.line("", "", (2026, 1, 2), (3, 4, 5)) == form.line("", "", (2025, 6, 7), (3, 4, 5))
        ]
    return random.choice(forms) if forms else None


def _names_a_day(said: str) -> bool:
    return any(quantity.measure is Measure.DATE for quantity in quantities(said)) or bool(_DAY.search(said))


def _chat(form: _Form, turns: Sequence[Turn], random: Random) -> str:
    times = _times(random)
    day = _day(random)
    names = {"customer": _filled(form.customer, random), "agent": _filled(form.agent, random)}
    lines = []
    for n, turn in enumerate(turns):
        if n == len(turns) - 1 and random.random() < 0.35:
            lines.append(form.line(names["customer"], _filled(form.along, random), day, next(times)))
        lines.append(form.line(names[turn.role], turn.text, day, next(times)))
    if form.after and random.random() < 0.4:
        lines.append(random.choice(form.after))
    return "\n".join(lines).strip()


def _times(random: Random) -> Iterator[_Time]:
    """Hours, minutes and seconds of the turns of a chat, each a little after the one before."""
    at = random.randrange(8 * 3600, 22 * 3600)
    while True:
        at += random.randrange(5, 170)
        yield at // 3600 % 24, at // 60 % 60, at % 60


def _filled(choices: Sequence[str], random: Random) -> str:
    numbers = {
        name: _digits(random, n) for name, n in (("one", 1), ("two", 2), ("three", 3), ("four", 4), ("seven", 7))
    }
    return random.choice(choices).format(order=_digits(random, random.choice([12, 16, 19])), **numbers)


# Above what was said before in a mail: date and time are filled in.
_REPLIED = {
    "zh-Hans": "\n\n------------------ 原始邮件 ------------------\n发件人: 客户服务\n发送时间: {0}年{1}月{2}日 {3:02}:{4:02}\n主题: 回复: 咨询\n\n",
    "en": "\n\nOn {2}/{1}/{0} at {3:02}:{4:02}, Customer Care wrote:\n> ",
    "es": "\n\nEl {2}/{1}/{0} a las {3:02}:{4:02}, Atención al Cliente escribió:\n> ",
    "ja": "\n\n{0}年{1}月{2}日 {3:02}:{4:02} カスタマーサポート:\n> ",
}


def _mailed(text: str, language: str, random: Random) -> str:
    """A reply above the mail that it replies to."""
    moment = (*_day(random), *next(_times(random))[:2])
    return text + _REPLIED[language].format(*moment) + random.choice(_GREETINGS[language[:2]])[1]


def _day(random: Random) -> _Time:
    return 2026, random.randrange(1, 13), random.randrange(1, 29)


def _with_order(text: str, language: str, random: Random) -> str:
    """An order's number sent along, without a name or a time."""
    number = _digits(random, random.choice([12, 15, 19]))
    if language[:2] == "zh":
        before = random.choice(
            [f"订单号：{number}", f"订单编号 {number}", f"单号{number}", number, f"快递单号 SF{number}"]
        )
        before = in_traditional(before) if language == "zh-Hant" else before
    else:
        before = random.choice([f"Order {number}", f"order no. {number}", f"#{number}", f"Ref: {number}"])
    return random.choice([f"{before}\n{text}", f"{text}\n{before}"])
