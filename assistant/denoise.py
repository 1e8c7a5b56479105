"""What chat windows and typing leave around a question, taken out of what is looked for; never out of what is kept.

What is asked stays: where nothing else would be left, the text stays as it is.
"""

from __future__ import annotations

import re

_DAY = r"(?:\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?|\d{1,2}月\d{1,2}日|昨天|今天|前天|周[一二三四五六日天]|星期[一二三四五六日天]|yesterday|today)"
CLOCK = r"(?:(?:上午|下午|晚上|凌晨|오전|오후|午前|午後)\s*)?\d{1,2}:\d{2}(?::\d{2})?(?:\s*[AaPp]\.?[Mm]\.?)?"

# Whole lines of a chat window that nobody wrote.
_LINE = re.compile(
    rf"(?im)^[\W_]*(?:{_DAY}[\sT,]*)?(?:{CLOCK}|{_DAY})[\W_]*$"  # a date or a time alone
    r"|^[\W_]*(?:已读|未读|已送达|对方正在输入.*|以上是?(?:历史|打招呼).*|以下(?:是|为)新消息.*|查看更多(?:历史)?消息|.{0,12}撤回了一条消息"
    r"|既読|未読|읽음|read|seen|delivered|sent|visto|leído|entregado|sent from my .{0,20}|发自我的.{0,20}|來自我的.{0,20}"
    r"|(?:订单|訂單|运单|快递|物流)(?:编?号|號|单号)?\s*[:：]\s*(?:\[单号\]|[A-Za-z0-9\-]*))[\W_]*$"
)
# What stands in brackets for what was sent: [图片], [流泪]. What masking has put there is taken out elsewhere.
_SENT = re.compile(
    r"[\[【(（<](?:图片|照片|视频|语音|表情|文件|链接|位置|红包|动画表情|动态表情|截图|圖片|貼圖|语音通话|商品链接|订单卡片|picture|photo|image|video|sticker|voice|gif"
    r"|media omitted|スタンプ|写真|画像|사진|이모티콘|imagen|foto)[\]】)）>]",
    re.IGNORECASE,
)
# Smileys as chat windows write them. Brackets around other words stand: [生鲜] says what is asked about.
_SMILEY = re.compile(
    r"\[(?:微笑|撇嘴|色|发呆|得意|流泪|害羞|闭嘴|睡|大哭|尴尬|发怒|调皮|呲牙|惊讶|难过|囧|抓狂|吐|偷笑|愉快|白眼|翻白眼|傲慢|困|惊恐|憨笑|悠闲|咒骂|疑问|嘘|晕|衰|敲打|再见"
    r"|擦汗|抠鼻|鼓掌|坏笑|鄙视|委屈|快哭了|阴险|亲亲|可怜|笑脸|生病|脸红|破涕为笑|恐惧|失望|无语|嘿哈|捂脸|奸笑|机智|皱眉|耶|吃瓜|加油|汗|天啊|裂开|苦涩|叹气|爱心|心碎|拥抱"
    r"|强|弱|握手|胜利|抱拳|拳头|合十|玫瑰|太阳|庆祝|哭|笑|怒|ok)\]",
    re.IGNORECASE,
)
_LINK = re.compile(r"(?:https?://|www\.)[^\s，。！？、]+", re.IGNORECASE)
_MENTION = re.compile(r"@[^\s@，。,.:：]{1,16}(?=\s|$)")
_PICTURE = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2190-\u21ff\ufe0e\ufe0f\u200d\u20e3\U000e0020-\U000e007f]+"
)
_MARKS = re.compile(r"([^\w\s])\1{1,}|([~～。.…!！?？、,，;；])[~～。.…!！?？、,，;；]+")
_LETTERS = re.compile(r"([^\W\d_])\1{2,}")
_BLANKS = re.compile(r"[^\S\n]+")

_GAP = r"[\s，,。.!！?？~～、:：;；]"
# Greetings that begin no word of a question, and those that do (亲属, 宝贝, 客服态度) and count before a gap only.
_HELLO = (
    r"你好呀?|您好|哈喽|哈囉|在吗|在么|在不在|有人吗|有人在吗|有人么|请问一下|请问|想请问|想问一下|想问下|想问|问一下|问下|咨询一下|咨询下|麻烦问一下|麻烦问下|打扰一下|打扰了|不好意思"
    r"|(?:hello|hi|hey|good (?:morning|afternoon|evening)|excuse me|hola|buen[oa]s (?:días|tardes|noches))(?![a-zà-ÿ])|こんにちは|すみません(?:が)?|안녕하세요"
)
_CALL = r"亲爱的|亲亲|亲|宝宝|宝子|宝|嗨|人呢|客服|老板|掌柜的?|店家|小二|那个|就是说|就是|话说|诶|哎|唉|嗯|额|呃|あの|저기요?|dear|buenas"
_OPENING = re.compile(rf"^(?:{_GAP}*(?:{_HELLO}|(?:{_CALL})(?={_GAP})))+{_GAP}*", re.IGNORECASE)
_CLOSING = re.compile(
    rf"(?:{_GAP}*(?:谢谢(?:你|您|啦|了)?|多谢|麻烦(?:你|您)了|辛苦了|ありがとうございます|よろしくお願いします|감사합니다)"
    r"|(?:^|[\s，,。.!！~～、;；])+(?:急|在线等.{0,4}|拜托了?|求解答?|求回复|thanks(?: in advance| a lot)?|thank you(?: so much)?|thx|pls|please|gracias))"
    r"[\s，,。.!！~～、;；]*$",
    re.IGNORECASE,
)


def denoise(text: str) -> str:
    """`text` without greetings, the remains of chat windows, pictures and repetitions; line by line."""
    cleaned = _LINE.sub("", text)
    for pattern in (_SENT, _SMILEY, _LINK, _MENTION, _PICTURE):
        cleaned = pattern.sub(" ", cleaned)
    cleaned = _MARKS.sub(lambda match: match.group(1) or match.group(2), cleaned)
    cleaned = _LETTERS.sub(r"\1", cleaned)
    lines = (_bare(_BLANKS.sub(" ", line)).strip() for line in cleaned.splitlines())
    return "\n".join(line for line in lines if re.search(r"\w", line)) or text


def _bare(line: str) -> str:
    """A line without what it opens and closes with, unless it is nothing else."""
    shorter = _OPENING.sub("", line)
    while shorter != (bare := _CLOSING.sub("", shorter)):
        shorter = bare
    return shorter if re.search(r"\w", shorter) else line
