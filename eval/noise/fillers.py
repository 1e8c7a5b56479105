"""Words that ask nothing: greetings, hesitation, thanks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from eval.noise.hanzi import in_traditional
from eval.noise.keeping import free


@dataclass(frozen=True, slots=True)
class Fillers:
    before: tuple[str, ...]
    between: tuple[str, ...]  # after a comma or a pause inside the sentence
    after: tuple[str, ...]


def _of(before: str, between: str, after: str) -> Fillers:
    return Fillers(*(tuple(part.split("|")) for part in (before, between, after)))


FILLERS = {
    "zh": _of(
        "嗯，|那个，|额，|你好，|您好，|亲，|在吗，|你好呀 |请问一下，|请问 |麻烦问一下，|麻烦帮我看看，|打扰了，|想问下，|我想咨询一下，|话说，|就是说，"
        "|那个那个，|emmm |哈喽，|在吗在吗，|客服在吗，|有人吗，|帮我看下，|亲亲，|老板，|宝子，|诶，",
        "那个|就是|嗯|额|然后呢|就是那个|怎么说呢|其实",
        "，谢谢|，谢谢啦|，麻烦了|，在线等|，急|，求解答|，帮忙看下|，辛苦了|哈|，挺着急的|，麻烦快点回复",
    ),
    "en": _of(
        "Hi, |Hello, |Hey there, |Um, |So, |Sorry to bother you, |Quick question: |Hi, quick question, |Just wondering, |Excuse me, |Well, "
        "|Good morning, |Hiya, |Ok so ",
        "um,|well,|you see,|like,|I mean,|basically,",
        " Thanks!| Thanks in advance.| Please help.| Cheers| thx| Please advise.| Many thanks| Pls reply asap",
    ),
    "es": _of(
        "Hola, |Buenas, |Buenos días, |Buenas tardes, |Disculpe, |Perdone, |Una pregunta: |Oye, |Pues |Bueno, |A ver, |Hola, una consulta: ",
        "pues,|bueno,|este…,|o sea,|es que",
        " Gracias.| Muchas gracias.| Gracias de antemano| Por favor.| Un saludo| Quedo a la espera, gracias.",
    ),
    "ja": _of(
        "すみません、|あの、|えっと、|あのー、|こんにちは。|お世話になっております。|ちょっと聞きたいのですが、|教えてください。|お尋ねします。|突然すみません、",
        "あの、|えっと、|その、|まあ、",
        "よろしくお願いします。|教えてください。|お願いします！|お手数をおかけします。|急いでます。",
    ),
    "ko": _of(
        "저기요, |안녕하세요, |음... |저 |혹시 |문의드려요. |질문 있어요. |수고하세요, |저기 죄송한데요, |안녕하세요 문의드립니다. ",
        "음,|그,|저기,|뭐냐,",
        " 감사합니다.| 부탁드려요.| 빨리 답변 부탁드려요.| 알려주세요.| 급해요ㅠ| 수고하세요",
    ),
}

_PAUSE = re.compile(r"[，、]|,\s|。")


_STARTS = re.compile(
    r"(?:my|our|your|the|this|that|how|what|when|where|who|why|which|can|could|may|is|are|do|does|did|will|would|if|it|we|you|a|an"
    r"|there|should|must|they|he|she|someone|paid|got|bought|ordered|mi|el|la|los|las|si|un|una|se|me|es|no|en|cu[aá]ndo|qu[eé]|ya|creo"
    r"|quiero|tengo|puedo|compr[eé]|pagu[eé]|recib[ií]|devolv[ií]|cancel[eé])\b",
    re.IGNORECASE,
)


def fillers(text: str, language: str, random: Random) -> str | None:
    """One before, between or after, or one before and one after."""
    kind = FILLERS.get(language[:2])
    if kind is None:
        return None
    say = in_traditional if language == "zh-Hant" else str
    pauses = [m.end() for m in _PAUSE.finditer(text) if m.end() < len(text) and free(text, m.start(), m.end())]
    before, after = random.random() < 0.6, random.random() < 0.4
    if pauses and (random.random() < 0.3 or not (before or after)):
        at = random.choice(pauses)
        word = say(_between(random.choice(kind.between), language))
        text = text[:at] + word + (_small(text[at:]) if text[at - 1] == " " else text[at:])
    elif not (before or after):
        before = True
    if before:
        text = _opened(say(random.choice(kind.before)), text, language)
    if after:
        text = _closed(text, say(random.choice(kind.after)))
    return text


def _between(word: str, language: str) -> str:
    if language[:2] == "zh":
        return word + "，" if len(word) < 3 else word
    return word if language == "ja" else word + " "


def _opened(opener: str, text: str, language: str) -> str:
    opened = opener.rstrip("，, ")
    if text.startswith(opened[:2]):  # 请问一下，请问…
        return text
    return opener + (text if opener[-2:] == ". " else _small(text))


def _small(text: str) -> str:
    """Without the capital of a sentence's first word; names keep theirs."""
    at = 1 if text[:1] in "¿¡" else 0
    return text[:at] + text[at].lower() + text[at + 1 :] if _STARTS.match(text, at) else text


def _closed(text: str, closer: str) -> str:
    """，谢谢 takes the place of a full stop; after a question mark it stands without its comma."""
    if closer.startswith("，") or closer == "哈":
        if text[-1:] in "？?！!":
            return text + closer.lstrip("，") if closer != "哈" else text[:-1] + "哈" + text[-1]
        return re.sub(r"[。.]$", "", text) + closer
    if text[-1:].isalnum() and closer[:1] == " ":
        return text + "." + closer if text[-1:].isascii() else text + closer
    return text + closer
