"""Scope in a question's words: "京东的生鲜", "听澜 T3 的保修", "狗东"."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from assistant.kinds import DIMENSION as KINDS_OF
from assistant.kinds import is_meant
from assistant.particulars import VARIANT
from kb.sayings import Saying
from kb.text import HAN, fold, is_word

_HAN_NAME = re.compile(f"[{HAN}]{{4,}}")
_HAN_ONLY = re.compile(f"[{HAN}]{{2,}}")
_PREFIX = 2  # hanzi that customers shorten a name to: 桐里集市 -> 桐里
# What customers leave out at the end of a name. What is left of a kind of goods or a region may be an ordinary word
# (生鲜类, 广东省): it means just that. What is left of any other name must not be (普通会员 is not 普通).
_KIND = re.compile(r"(?:类目|品类|类商品|类|商品|用品|产品)$")
_REGION = re.compile(r"(?:特别行政区|自治区|地区|省|市)$")
_ENDING = re.compile(
    r"(?:官方)?(?:旗舰店|专营店|专卖店|自营店|直营店|体验店|连锁店|门店|商店|小店|店铺|店)$"
    r"|(?:商城|集市|市场|超市|平台|会员|用户|渠道|频道|有限公司|公司|集团|快递|速运|速递|物流)$"
)

# "不是会员", "non-members", "会員ではない": said to be something else. "是不是会员" and "这不是生鲜吗" deny nothing.
_DENIED_BEFORE = re.compile(
    r"(?<!是)(?:并?不是|不算|不属于)(?:在|用|从|走)?$|(?<!有)没有?(?:办|开通?|加入|注册)(?:过)?$|(?:非|除了?)$"
    r"|(?:\bnot|n't|\bno (?:es|soy|somos|son|era))\s+(?:(?:an?|the|from|on|with|una?|de|del?|in)\s+)*$|\bnon-?$"
)
_DENIED_BEHIND = re.compile(r"(?:では|じゃ)(?:ない|なく|あり)|(?:이|가)?\s*아[니닌닙]")
_HELD = re.compile(
    r"(?<!有)没有?\0[^\0]*(?:会员|卡|vip|plus)"
)  # "没有金卡" is not to hold it; "没有生鲜" is a complaint
# "拼多多店铺", "在淘宝上买的", "天猫的订单", "bought on Amazon": where something was bought, no price compared with it.
_SHOP_BEHIND = re.compile(
    r"\s*(?:官方|自营)?(?:旗舰店|专营店|专卖店|店铺?|直播间|订单|平台|渠道)|\s*(?:上面?|里|那边)?(?:买|下的?单|拍下?的|购|入手)"
    r"|\s+(?:order|store|shop|purchase)"
)
_SHOP_BEFORE = re.compile(r"\b(?:bought|ordered|purchased)\b[^.?!\n]{0,24}\b(?:on|from|at|via|through)\s+$")
_RHETORICAL = re.compile(r"(?:的|类|商品|订单|店|会员)*[吗嘛么]")

_MODEL_BEHIND = re.compile(r"[ -]?([a-z]{1,4}-?\d{1,4})(?![a-z0-9])")
_VARIANT_BEHIND = re.compile(VARIANT)
_LETTER_AND_DIGIT = re.compile(r"(?=.*[a-z])(?=.*\d)")

_PLATFORM = "platform"

NO_KINDS: Mapping[str, Iterable[str]] = {}
Meant = tuple[str, str]  # dimension, folded value


@dataclass(frozen=True, slots=True)
class Named:
    """What a text says of scope."""

    meant: Mapping[str, str]  # dimension -> value
    denied: Mapping[str, frozenset[str]]  # dimension -> folded values that it says it is not about

    def then(self, later: Named) -> Named:
        """Both, where what is said later counts."""
        meant = {d: v for d, v in self.meant.items() if fold(v) not in later.denied.get(d, ())} | dict(later.meant)
        denied = {
            d: (self.denied.get(d, frozenset()) - {fold(later.meant.get(d, ""))}) | later.denied.get(d, frozenset())
            for d in sorted({*self.denied, *later.denied})
        }
        return Named(meant, {d: values for d, values in denied.items() if values})


class ScopeWords:
    """The names by which the base's scope values are called. Built once a snapshot."""

    def __init__(
        self,
        values: Mapping[str, Iterable[str]],
        own: Sequence[Saying] = (),
        kinds: Mapping[str, Iterable[str]] = NO_KINDS,
    ) -> None:
        """`own`: the base's rows of the lexicon; one that means a value is another name for it. `kinds`: kind of goods
        -> the folded categories that are for it; one stands for its category where the text names none."""
        self._values = {(d, fold(v)): v for d, found in values.items() for v in found}
        self._own_names = _only(self._shortened())
        self._all_names = _only(self._shortened(), self._aliases(own))
        named = {(kind, (KINDS_OF, value)) for kind, of in kinds.items() for value in of if kind not in self._all_names}
        self._kinds = _only({kind: {m for k, m in named if k == kind} for kind, _ in named})
        self._patterns = {id(names): _pattern(names) for names in (self._own_names, self._all_names, self._kinds)}
        self._platforms = frozenset(folded for dimension, folded in self._values if dimension == _PLATFORM)
        elsewhere = set().union(*(row for row in _marketplaces() if not row & set(self._all_names)))
        self._elsewhere = _pattern(elsewhere) if self._platforms and elsewhere else None

    def find(self, text: str, aliases: bool = True) -> Named:
        """The values that `text` names. A dimension named with two values is left open, and so is a value that is
        both meant and denied. `aliases`: whether other names than the values' own count."""
        names = self._all_names if aliases else self._own_names
        meant: dict[str, set[str]] = {}
        denied: dict[str, set[str]] = {}
        folded = fold(text)
        for match in self._patterns[id(names)].finditer(folded) if names else ():
            if (value := names[match.group()]) is not None and not _is_another_model(folded, match, value[1]):
                found = denied if _is_denied(folded, match) else meant
                found.setdefault(value[0], set()).add(value[1])
        if aliases and KINDS_OF not in meant and KINDS_OF not in denied:
            for match in self._patterns[id(self._kinds)].finditer(folded) if self._kinds else ():
                if (value := self._kinds[match.group()]) is not None and is_meant(folded, match.span()):
                    found = denied if _is_denied(folded, match) else meant
                    found.setdefault(value[0], set()).add(value[1])
        if aliases and self._bought_elsewhere(folded) and _PLATFORM not in meant:
            denied.setdefault(_PLATFORM, set()).update(self._platforms)
        both = {d: meant.get(d, set()) & values for d, values in denied.items()}
        certain = {d: values - both.get(d, set()) for d, values in sorted(meant.items())}
        return Named(
            meant={d: self._values[d, next(iter(values))] for d, values in certain.items() if len(values) == 1},
            denied={d: frozenset(values - both[d]) for d, values in sorted(denied.items()) if values - both[d]},
        )

    def _bought_elsewhere(self, folded: str) -> bool:
        """Whether a marketplace that the base has nothing for is named as where something was bought."""
        return self._elsewhere is not None and any(
            _SHOP_BEHIND.match(folded, name.end()) or _SHOP_BEFORE.search(folded[: name.start()])
            for name in self._elsewhere.finditer(folded)
        )

    def _shortened(self) -> dict[str, set[Meant]]:
        names: dict[str, set[Meant]] = {}
        for dimension, folded in self._values:
            for name in (folded, *_short_names(folded)):
                names.setdefault(name, set()).add((dimension, folded))
        return names

    def _aliases(self, own: Sequence[Saying]) -> dict[str, set[Meant]]:
        names: dict[str, set[Meant]] = {}
        for dimension, folded in self._values:
            meant = (dimension, folded)
            for row in _known_names():
                if folded in row:
                    for name in row:
                        names.setdefault(name, set()).add(meant)
            for saying in own:
                means = fold(saying.means)
                if means == folded or any(means in row and folded in row for row in _known_names()):
                    names.setdefault(fold(saying.said), set()).add(meant)
        return names


def _is_another_model(folded: str, name: re.Match[str], value: str) -> bool:
    """Whether a product's name, or a part of it, goes on to another model's: 鸣岳U7, where the base has the 鸣岳 U5, the
    iPhone 15 Pro where it has the iPhone 15."""
    variant = _VARIANT_BEHIND.match(folded, name.end())
    if variant is not None and variant.group().strip(" -") not in value:
        return True
    if folded.startswith("版", name.end()):  # V3版售后规则
        return True
    model = _MODEL_BEHIND.match(folded, name.end())
    return name.group() != value and model is not None and not re.search(rf"(?<![a-z0-9]){model[1]}(?![0-9])", value)


def _is_denied(folded: str, name: re.Match[str]) -> bool:
    if _DENIED_BEHIND.match(folded, name.end()):
        return True
    before = folded[max(0, name.start() - 24) : name.start()]
    denied = _DENIED_BEFORE.search(before) or _HELD.search(f"{before}\0{name.group()}")
    return bool(denied) and not _RHETORICAL.match(folded, name.end())


def _only(*tables: Mapping[str, set[Meant]]) -> dict[str, Meant | None]:
    """A name that could mean two values means neither; a whole value always means itself."""
    names: dict[str, set[Meant]] = {}
    for table in tables:
        for name, meant in table.items():
            names.setdefault(name, set()).update(meant)
    return {
        name: next(iter(meant)) if len(meant) == 1 else next((m for m in sorted(meant) if m[1] == name), None)
        for name, meant in names.items()
    }


def _short_names(folded: str) -> set[str]:
    parts = re.findall(rf"[{HAN}]+|[^\s{HAN}]+", folded)
    # A model stands for the product (听澜 T3: T3); letters alone may be any word (Blue Chair), and a number alone (小米14)
    # any number.
    names = {p for p in parts if _LETTER_AND_DIGIT.match(p) or _unheard_of(p)} if len(parts) > 1 else set()
    if len(parts) > 1 and re.search(r"\d", folded):
        names.add("".join(parts))
    for part in parts:
        if _HAN_NAME.fullmatch(part) and _unheard_of(part[:_PREFIX]):
            names.add(part[:_PREFIX])
        if _HAN_ONLY.fullmatch(part):
            for ending, may_be_a_word in ((_KIND, True), (_REGION, True), (_ENDING, False)):
                rest = ending.sub("", part)
                if rest != part and len(rest) >= _PREFIX and (may_be_a_word or _unheard_of(rest)):
                    names.add(rest)
    return names - {folded}


def _unheard_of(name: str) -> bool:
    """Whether some hanzi are no ordinary word: nobody says them without meaning the name."""
    return bool(_HAN_ONLY.fullmatch(name)) and not is_word(name)


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(_bounded(name) for name in sorted(names, key=lambda name: (-len(name), name))))


def _bounded(name: str) -> str:
    """Latin names stand alone: "t3" is not part of "pt300"."""
    left = r"(?<![a-z0-9])" if name[0].isascii() else ""
    right = r"(?![a-z0-9])" if name[-1].isascii() else ""
    return left + re.escape(name) + right


@cache
def _known_names() -> tuple[frozenset[str], ...]:
    return (*_marketplaces(), *_rows("names"))


@cache
def _marketplaces() -> tuple[frozenset[str], ...]:
    return _rows("marketplaces")


def _rows(table: str) -> tuple[frozenset[str], ...]:
    text = resources.files("assistant").joinpath("lexicon/names.toml").read_text("utf-8")
    return tuple(frozenset(map(fold, row)) for row in tomllib.loads(text)[table])
