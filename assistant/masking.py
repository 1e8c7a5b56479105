"""Personal data out of text, before anything is stored, logged or shown again."""

from __future__ import annotations

import re

_LABELS = {
    "email": "[邮箱]",
    "id": "[身份证号]",
    "phone": "[手机号]",
    "landline": "[电话]",
    "card": "[卡号]",
    "number": "[单号]",
    "name": "[姓名]",
    "address": "[地址]",
}

# The order matters: an identity card's eighteen digits would pass for a bank card's, and so on down.
_DIGIT_EDGE_L, _DIGIT_EDGE_R = r"(?<![0-9A-Za-z.])", r"(?![0-9A-Za-z])"
_HANZI, _ENDS = r"[\u4e00-\u9fff]", r"(?=[，,。.！!、；;\s]|$)"
_FAMILY = "(?:[王李张刘陈杨赵黄周吴徐孙胡朱高林郭马罗梁宋郑谢韩唐冯董程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎潘杜戴夏钟汪田姜范石姚谭廖邹熊陆郝孔崔康毛邱秦江顾侯邵孟雷钱汤尹黎乔贺赖龚]|欧阳|司马|上官|诸葛)"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}")),
    ("id", re.compile(_DIGIT_EDGE_L + r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx]" + _DIGIT_EDGE_R)),
    ("phone", re.compile(_DIGIT_EDGE_L + r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}" + _DIGIT_EDGE_R)),
    ("phone", re.compile(r"(?<!\w)\+\d{1,3}[- ]?\(?\d{1,4}\)?(?:[- ]?\d{2,4}){2,4}" + _DIGIT_EDGE_R)),
    ("landline", re.compile(_DIGIT_EDGE_L + r"0\d{2,3}[- ]\d{7,8}" + _DIGIT_EDGE_R)),
    ("card", re.compile(_DIGIT_EDGE_L + r"(?:\d{4}[- ]){3}\d{1,7}(?:[- ]\d{1,4})?" + _DIGIT_EDGE_R)),
    # Orders, parcels, accounts: eight or more digits, perhaps after letters. Dates written 20241111 stay.
    ("number", re.compile(_DIGIT_EDGE_L + r"(?!(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d))[A-Za-z]{0,6}\d{8,}" + _DIGIT_EDGE_R)),
    ("name", re.compile(rf"(?:(?<=我叫)|(?<=名叫))(?![回来你他她它个了不什啥人]){_HANZI}{{2,4}}{_ENDS}")),
    ("name", re.compile(rf"(?:(?<=姓名)|(?<=收件人)|(?<=收货人)|(?<=寄件人)|(?<=联系人)|(?<=开户名)|(?<=持卡人)|(?<=名字)|(?<=称呼))[:：\s]+{_HANZI}{{2,4}}{_ENDS}")),
    # Without a colon only what begins with a usual family name: "收件人写谁" asks.
    ("name", re.compile(
        rf"(?:(?<=姓名)|(?<=收件人)|(?<=收货人)|(?<=寄件人)|(?<=联系人)|(?<=持卡人)|(?<=本人)){_FAMILY}{_HANZI}{{1,2}}{_ENDS}"
    )),
    # 张先生, 欧阳娜女士: at the beginning, or behind what a name stands behind; 夏季女士T恤 is none
    ("name", re.compile(
        rf"(?:(?<![\u4e00-\u9fffA-Za-z])|(?<=[是姓叫给找让替帮跟和请下位])){_FAMILY}(?![季天日装款码端级档])(?:{_HANZI}{{0,2}}?)(?=先生|女士|小姐|太太)"
    )),
    ("name", re.compile(r"(?i:\b(?:my name is|my name's|the name is|me llamo|mi nombre es|name|recipient|nombre|destinatari[oa])\b)"
                        r"[ :：]+(?P<name>[A-ZÁÉÍÓÚÑ][\w'’-]+(?: (?:(?:de|del|la|los|y) )*[A-ZÁÉÍÓÚÑ][\w'’.-]*){0,3})")),
    ("name", re.compile(r"(?:氏名|お名前|名前|受取人|宛名)[:：はが\s]+(?P<name>[\u4e00-\u9fff\u3040-\u30ff々]{2,8}?)(?=です|と申|[、。,.\s]|$)")),
    ("name", re.compile(r"(?P<name>[\u4e00-\u9fff々]{2,5}|[\u30a0-\u30ff]{2,8})(?=と申し?ます|といいます)")),
    ("name", re.compile(r"(?:이름|성함|성명|수령인|예금주)(?:\s*[:：]\s*|[은는]\s+)(?P<name>[\uac00-\ud7a3]{2,4}?)(?=입니다|이에요|예요|이고|인데|[,.\n]|$)")),
    ("address", re.compile(
        r"[\u4e00-\u9fff]{2,8}(?:省|市|自治区)[\u4e00-\u9fff]{1,12}?(?:区|县|市|镇)"
        r"[\u4e00-\u9fffA-Za-z0-9\-—、]{1,30}?\d+(?:号楼|号院|号|栋|幢|单元|室|弄)(?:[\u4e00-\u9fffA-Za-z0-9\-]{0,20}?(?:室|单元|楼|层|户))*"
    )),
)  # fmt: skip

PLACEHOLDER = re.compile("|".join(re.escape(label) for label in _LABELS.values()))


def mask(text: str) -> str:
    """`text` with every piece of personal data replaced by what it was: [手机号], [单号] …

    Full-width digits and letters count. Masking twice gives the same.
    """
    folded = text.translate(_HALF_WIDTH)  # one character for one character: spans stay true
    spans: list[tuple[int, int, str]] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(folded):
            if all(match.end() <= a or match.start() >= b for a, b, _ in spans):
                spans.append((*match.span("name" if "name" in pattern.groupindex else 0), kind))
    for start, end, kind in sorted(spans, reverse=True):
        text = text[:start] + _LABELS[kind] + text[end:]
    return text


def without_placeholders(text: str) -> str:
    return PLACEHOLDER.sub(" ", text)


_HALF_WIDTH = {ord("０") + i: ord("0") + i for i in range(10)}
_HALF_WIDTH |= {ord("Ａ") + i: ord("A") + i for i in range(26)} | {ord("ａ") + i: ord("a") + i for i in range(26)}
_HALF_WIDTH |= {ord("＠"): ord("@"), ord("．"): ord("."), ord("－"): ord("-"), ord("＋"): ord("+")}
