"""What a clause says: statements, each with what it is about (words) and what it says of it (values, polarity, bearer).

Words are names of concepts where `words` has them ("退货", "返品" and "return" are one), else the words as they stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from assistant.contradictions import words as table
from assistant.contradictions.types import Span
from kb import quantity_words
from kb.quantities import Measure, Quantity, fold_letters, quantities
from kb.text import HAN, language, sentences
from kb.types import Clause, ClauseKind, Version


@dataclass(frozen=True, slots=True)
class Slot:
    """A quantity of a statement, and the words next to it: what it is the deadline, amount or number of."""

    measure: Measure
    unit: str
    ends: tuple[float, ...]  # what the text names: one number, or the two ends of a range
    spans: tuple[Span, ...]
    near: frozenset[str]


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a clause. Spans are offsets into the clause's text."""

    start: int
    end: int
    words: frozenset[str]  # what it is about, without its values
    spans: dict[str, Span]  # where each word stands first
    slots: tuple[Slot, ...]
    denials: tuple[tuple[str, Span, bool], ...]  # what is denied (the next word), where, whether of a condition
    bearers: tuple[tuple[str, Span], ...]  # who pays or answers for it
    parties: tuple[tuple[str, Span], ...]  # who else acts in it
    events: tuple[tuple[str, Span], ...]  # from when a time counts
    sides: tuple[tuple[str, int, Span], ...]  # which of two opposites it says
    modes: frozenset[str]  # "may", "must"
    sequence: tuple[
        tuple[str, str, Span], ...
    ]  # (kind, name, where) of everything above, in order; names of numbers are values

    @property
    def says(self) -> bool:
        """Whether it says something that another statement could contradict."""
        return bool(self.slots or self.denials or self.bearers or self.modes or self.sides)


@dataclass(frozen=True, slots=True)
class Reading:
    """A clause understood, with what stands above it."""

    statements: tuple[Statement, ...]
    words: frozenset[str]  # of all of its statements
    above: frozenset[str]  # of its headings, lead-in and title: they may say what its sentences leave out
    names: frozenset[str]  # words of its title that name a thing, no kind of document
    kind: str  # the last word of its title, which says what it is: 规则, fees, 手册
    spoken: frozenset[str]  # those of them that its text uses too: they are surely things, "手册" is none
    place: frozenset[str]  # words of its headings that name a thing
    topics: frozenset[str]  # what its headings name, concepts too ("生鲜"), their numbers not
    key: frozenset[str]  # words of its document's path
    series: str  # the name of the numbered series that its document's path says it is one of; "": none
    heading: str  # what stands above a row, a section or a pair, without numbers; "" for articles
    editions: frozenset[str]  # years of the editions that it says it is about
    language: str
    text: str  # the clause's own, folded, without number, spaces and punctuation
    item: bool  # whether it is part of a list: whether it is forbidden or demanded stands above it
    legal: bool  # whether it speaks as an act of law does


def read(clause: Clause, version: Version) -> Reading:
    body = _skip_label(clause)
    statements, carried = [], ""
    if clause.kind in (ClauseKind.ITEM, ClauseKind.ROW):
        carried = clause.context
    for start, end in sentences(clause.text):
        start = max(start, body)
        if start < end and not _IN_FORCE.search(clause.text, start, end):
            statements.append(_statement(clause.text[start:end], start))
    own = re.sub(r"[\W_]+", "", fold_letters(clause.text[body:])[0])
    headings = " ".join(part for part in clause.path if part != clause.label or clause.kind is not ClauseKind.ARTICLE)
    lead = _statement(carried, 0).words if carried else frozenset()
    above = _bag(headings) | _bag(version.title) | _bag(clause.context)
    if lead:  # an item is about what its lead-in says
        statements = [_with_words(s, lead) for s in statements]
    return Reading(
        statements=tuple(statements),
        words=frozenset().union(*(s.words for s in statements)),
        above=above,
        names=_names(version.title),
        kind=_last_word(version.title),
        spoken=spoken(version),
        place=_names(headings) - _names(version.title),
        topics=_names(_NUMBERING.sub(" ", headings)) - _names(version.title)
        | _bag(headings) & frozenset(table.CONCEPTS),
        key=_key_words(clause.document),
        series=_series(clause.document),
        heading="" if clause.kind in (ClauseKind.ARTICLE, ClauseKind.PARAGRAPH) else re.sub(r"[\W\d_]+", "", headings),
        editions=frozenset(_EDITION.findall(f"{clause.text} {headings}")),
        language=_language(version, clause.text),
        text=own,
        item=clause.kind is ClauseKind.ITEM,
        legal=_LEGAL.search(own) is not None,
    )


# Acts of law say the same with small differences of every offence; what ranks among them is for lawyers to say.
_LEGAL = re.compile(
    r"本(?:法|条例|办法|规定|细则|解释|实施细则)|违反|违法|罚款|罚金|徒刑|人民法院|人民政府|主管部门|国务院|执法机构"
)
_EDITION = re.compile(r"((?:19|20)\d\d)\s?(?:年?版|edition|年版)")


@lru_cache(maxsize=4096)
def _spoken_in(title: str, text: str) -> frozenset[str]:
    body = fold_letters(text)[0].replace(fold_letters(title)[0], " ", 1)
    return frozenset(name for name in _names(title) if name in body)


def spoken(version: Version) -> frozenset[str]:
    """Names of its title that its text uses too."""
    return _spoken_in(version.title, version.text)


def _with_words(statement: Statement, more: frozenset[str]) -> Statement:
    return replace(statement, words=statement.words | more)


# When a document itself begins or ends: each document says its own.
_IN_FORCE = re.compile(
    r"(?:起|日)(?:正式)?(?:施行|实施|实行|生效|执行|試行|試行|施行する|適用)|同时废止|同時廢止|有效期至|takes?\s+effect|effective\s+(?:as\s+of|date|from)|last\s+updated"
    r"|부터\s*시행|entra(?:rá)?\s+en\s+vigor",
    re.IGNORECASE,
)


def _skip_label(clause: Clause) -> int:
    """Where the clause's text begins behind its number."""
    text = clause.text
    at = len(clause.label) if clause.label and text.startswith(clause.label) and len(clause.label) < len(text) else 0
    if match := re.match(
        r"\s*(?:第[\d零一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十]+)?|제\s?\d+조|#+|[-*•]|[（(][一二三四五六七八九十\d]{1,3}[)）]"
        r"|\d+(?:\.\d+)*[.)、．]?(?=\s)|[a-z][.)]\s)\s*",
        text[at:],
    ):
        at += match.end()
    return at if at < len(text) else 0


def _language(version: Version, text: str) -> str:
    """zh for both scripts: they are compared letter by letter."""
    found = version.language if version.language not in ("", "und") else language(text)
    return found.split("-")[0]


# --- words ---

_SKIP = re.compile(
    r"《[^《》]{1,60}》|第[\d零一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十]+)?(?:第[一二三四五六七八九十]+[款项])*"
)
_RUNS = re.compile(
    rf"(?P<latin>[a-z0-9à-ÿ]+(?:[.\-'’_][a-z0-9]+)*)|(?P<han>[{HAN}]+)|(?P<kana>[\u30a0-\u30ff]{{2,}})|(?P<hangul>[\uac00-\ud7af]+)"
)
_JOSA = re.compile(
    r"(?:으로|에서|까지|부터|이며|하고|하는|하여|해야|합니다|됩니다|입니다|이나|은|는|이|가|을|를|의|에|로|와|과|도|만)$"
)


_Entry = tuple[re.Pattern[str], str, str]  # what matches the word, its kind, its name


@cache
def _lexicon() -> tuple[re.Pattern[str], dict[str, tuple[_Entry, ...]]]:
    """Where words of the table may begin, and by their first letter which they are.

    One alternation of them all would try each of several hundred at every letter of the text.
    """
    rows: list[tuple[str, str, str]] = []
    for kind, names in (
        ("party", table.PARTIES),
        ("event", table.EVENTS),
        ("word", table.CONCEPTS),
        ("word", table.SYNONYMS),
    ):
        rows += [(kind, name, part) for name, pattern in names.items() for part in _alternatives(pattern)]
    for name, (one, other) in table.OPPOSITES.items():
        rows += [("side", f"{name}+", part) for part in _alternatives(one)]
        rows += [("side", f"{name}-", part) for part in _alternatives(other)]
    for kind, pattern in (
        ("bears", table.BEARS),
        ("by", table.BY),
        ("may", table.PERMITS),
        ("must", table.OBLIGES),
        ("deny", table.DENIES),
        ("lack", table.LACKS),
        ("frozen", table.FROZEN),
    ):
        rows += [(kind, "", part) for part in _alternatives(pattern)]
    by_letter: dict[str, list[_Entry]] = {}
    for kind, name, part in rows:
        letters = _first_letters(part)[0]
        western = not re.search(r"[\u3040-\uffff]", part)
        entry = re.compile(rf"(?<![a-zà-ÿ])(?:{part})(?![a-zà-ÿ])" if western else part), kind, name
        for letter in letters:
            by_letter.setdefault(letter, []).append(entry)
    begins = "".join(re.escape(letter) for letter in sorted(by_letter) if letter > "\u3000")
    latin = "".join(re.escape(letter) for letter in sorted(by_letter) if letter <= "\u3000")
    return re.compile(rf"[{begins}]|(?<![a-zà-ÿ])[{latin}]"), {k: tuple(v) for k, v in by_letter.items()}


def _first_letters(pattern: str) -> tuple[set[str], bool]:
    """The letters that a match of the pattern can begin with, and whether it can be empty."""
    letters: set[str] = set()
    at = 0
    while at < len(pattern):
        end = _atom_end(pattern, at)
        atom = pattern[at:end]
        optional = pattern[end : end + 1] in ("?", "*")
        at = end + (pattern[end : end + 1] in ("?", "*", "+"))
        if atom.startswith(("(?!", "(?=", "(?<")):
            continue
        if atom[0] == "(":
            parts = [_first_letters(part) for part in _alternatives(atom[1:-1].removeprefix("?:"))]
            letters |= set().union(*(found for found, _ in parts))
            optional |= any(empty for _, empty in parts)
        elif atom[0] == "[":
            letters |= set(atom[1:-1])
        elif atom[0] != "\\":
            letters.add(atom)
        if not optional:
            return letters, False
    return letters, True


def _atom_end(pattern: str, at: int) -> int:
    if pattern[at] == "\\":
        return at + 2
    if pattern[at] == "[":
        return pattern.index("]", at) + 1
    if pattern[at] != "(":
        return at + 1
    depth = 0
    for end in range(at, len(pattern)):
        depth += {"(": 1, ")": -1}.get(pattern[end], 0)
        if not depth:
            return end + 1
    raise ValueError(f"a bracket is open in {pattern!r}")


def _alternatives(pattern: str) -> list[str]:
    """The parts between the bars that stand in no bracket."""
    parts, depth, last = [], 0, 0
    for at, c in enumerate(pattern):
        if c in "([" and pattern[at - 1 : at] != "\\":
            depth += 1
        elif c in ")]" and pattern[at - 1 : at] != "\\":
            depth -= 1
        elif c == "|" and not depth:
            parts.append(pattern[last:at])
            last = at + 1
    return [part for part in [*parts, pattern[last:]] if part]


_Token = tuple[str, str, int, int]  # kind, name, start, end


def _tokens(folded: str) -> list[_Token]:
    """What a folded text consists of, in order. Numbers must have been blanked out of it."""
    begins, by_letter = _lexicon()
    found: list[_Token] = [("word", m.group(), m.start(), m.end()) for m in _SKIP.finditer(folded)]
    rest = _SKIP.sub(lambda m: "\x00" * len(m.group()), folded)
    letters = list(rest)
    at = 0
    while start := begins.search(rest, at):
        at = start.start()
        best: tuple[int, str, str] | None = None
        for pattern, kind, name in by_letter[rest[at]]:
            match = pattern.match(rest, at)
            if match and match.end() > at and (best is None or match.end() > best[0]):
                best = match.end(), kind, name
        if best is None:
            at += 1
            continue
        end, kind, name = best
        found.append((kind, name or rest[at:end], at, end))
        letters[at:end] = "\x00" * (end - at)
        at = end
    rest = "".join(letters)
    for match in _RUNS.finditer(rest):
        run, at = match.group(), match.start()
        if match.lastgroup == "han":
            for word in _cut(run):
                if word not in table.STOP and not _NUMERALS.fullmatch(word):
                    found.append(("word", word, at, at + len(word)))
                at += len(word)
        elif match.lastgroup == "hangul":
            stem = _JOSA.sub("", run) or run
            if stem not in table.STOP and len(stem) > 1:
                found.append(("word", stem[:3], at, match.end()))
        elif run not in table.STOP and not (match.lastgroup == "latin" and run.isdigit()):
            found.append(("word", _stem(run) if match.lastgroup == "latin" else run, at, match.end()))
    found += [("break", "", m.start(), m.end()) for m in re.finditer(r"[,;:\n。|]", folded)]
    return sorted(found, key=lambda t: (t[2], t[3]))


_NUMERALS = re.compile(r"[零一二三四五六七八九十百千万两亿]+")


@lru_cache(maxsize=65536)
def _cut(run: str) -> tuple[str, ...]:
    import rjieba

    return tuple(rjieba.cut(run))


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    """Without the endings that English and Spanish words change in; what is left need not be a word."""
    for ending in ("ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "s", "ly", "os", "as", "o", "a", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=16384)
def _bag(text: str) -> frozenset[str]:
    if not text:
        return frozenset()
    folded = fold_letters(text)[0]
    return frozenset(n for kind, n, _, _ in _tokens(folded) if kind in ("word", "event", "party"))


@cache
def _generic() -> frozenset[str]:
    """The table's words as titles show them: folded, without their endings."""
    folded = {fold_letters(word)[0] for word in table.GENERIC}
    return frozenset(folded | {_stem(word) for word in folded} | {word[:3] for word in folded if word >= "\uac00"})


# "第三章" names no thing.
_NUMBERING = re.compile(r"第\s*[\d零〇一二两三四五六七八九十百]+\s*[编編篇章节節部条條]")


@lru_cache(maxsize=16384)
def _names(text: str) -> frozenset[str]:
    """Words of a title that name a thing: no kind of document, no concept of the trade, no party."""
    folded = re.sub(r"[\d.]+", " ", fold_letters(text)[0])
    generic = _generic()
    known = set(table.CONCEPTS) | set(table.PARTIES) | set(table.EVENTS) | set(table.SYNONYMS)
    return frozenset(
        n for kind, n, _, _ in _tokens(folded) if kind == "word" and n not in known and n not in generic and len(n) > 1
    )


@lru_cache(maxsize=4096)
def _last_word(title: str) -> str:
    """Without what stands in brackets behind it."""
    folded = re.sub(r"[\d.]+", " ", fold_letters(re.sub(r"\s*[(（\[【][^)）\]】]*[)）\]】]\s*$", "", title))[0])
    words = [name for kind, name, _, _ in _tokens(folded) if name.strip()]
    return words[-1] if words else ""


@lru_cache(maxsize=4096)
def _key_words(key: str) -> frozenset[str]:
    """Words of a path, without its ending, numbers, kinds of documents and departments."""
    folded = re.sub(r"[\d_.\-]+", " ", fold_letters(re.sub(r"\.\w{1,5}$", "", key))[0])
    return frozenset(
        n for kind, n, _, _ in _tokens(folded) if kind in ("word", "event") and n not in _generic() and len(n) > 1
    )


def _series(key: str) -> str:
    """gold_savings_account_007.md: a long name before a padded number is that of a thing with articles of its own."""
    match = re.search(r"([^/]+?)[_\-. ]0\d+(?:\.\w{1,5})?$", key)
    return match[1].lower() if match and len(re.findall(r"[^\W_]+", match[1])) >= 3 else ""


# --- statements ---


_UNDONE = {"unopened": "@opened", "unsealed": "@opened", "unused": "@used", "unworn": "@used"}


def _statement(text: str, offset: int) -> Statement:
    folded, places = fold_letters(text)

    def span(start: int, end: int) -> Span:
        if places is None:
            return offset + start, offset + end
        return offset + places[start], offset + places[end - 1] + 1

    found = quantities(folded)
    tokens = _with_bearers(_tokens(_blanked(folded, found)))
    words: dict[str, Span] = {}
    denials: list[tuple[str, Span, bool]] = []
    bearers: list[tuple[str, Span]] = []
    parties: list[tuple[str, Span]] = []
    events: list[tuple[str, Span]] = []
    sides: list[tuple[str, int, Span]] = []
    modes = set()
    bears = [t for t in tokens if t[0] == "bears"]
    bearer = _bearer(tokens, bears)
    for n, (kind, name, start, end) in enumerate(tokens):
        if kind == "deny" or kind == "lack":
            denials.append((_anchor(tokens, n), span(start, end), kind == "lack"))
            if event := _UNDONE.get(name):
                words.setdefault(event, span(start, end))
        elif kind == "party":
            (bearers if tokens[n] == bearer else parties).append((name, span(start, end)))
        elif kind == "event":
            events.append((name, span(start, end)))
            words.setdefault(name, span(start, end))
        elif kind == "side":
            sides.append((name[:-1], 1 if name[-1] == "+" else -1, span(start, end)))
        elif kind in ("may", "must"):
            modes.add(kind)
        elif kind == "word" or kind == "frozen":
            words.setdefault(name, span(start, end))
        elif kind == "bears":
            words.setdefault("=bears", span(start, end))
    return Statement(
        start=offset,
        end=offset + len(text),
        words=frozenset(words),
        spans=words,
        slots=tuple(_slots(folded, found, tokens, span)),
        denials=tuple(denials),
        bearers=tuple(bearers),
        parties=tuple(parties),
        events=tuple(events),
        sides=tuple(sides),
        modes=frozenset(modes),
        sequence=_sequence(tokens, found, span),
    )


def _sequence(tokens: list[_Token], found: tuple[Quantity, ...], span) -> tuple[tuple[str, str, Span], ...]:
    kinds = {"frozen": "word", "lack": "deny"}
    parts = [(kinds.get(t[0], t[0]), t[1], t[2], t[3]) for t in tokens if t[0] not in ("break", "by")]
    for q in found:
        measure = "time" if q.measure is Measure.WORKING_TIME else q.measure.value
        ends = (q.measure.value, q.unit, *(v for v in (q.low, q.high) if v is not None))
        parts.append((f"={measure}", repr(ends), q.start, q.end))
    parts.sort(key=lambda part: part[2])
    return tuple((kind, name, span(start, end)) for kind, name, start, end in parts)


def _with_bearers(tokens: list[_Token]) -> list[_Token]:
    """Whoever stands between 由 and a bearing verb is a party, also one that the table does not know."""
    found = list(tokens)
    for n in range(len(tokens) - 2):
        by, who, verb = tokens[n : n + 3]
        if by[0] == "by" and by[1] in ("由", "应由") and who[0] == "word" and verb[0] == "bears" and who[2] == by[3]:
            found[n + 1] = ("party", *who[1:])
    return found


def _bearer(tokens: list[_Token], bears: list[_Token]) -> _Token | None:
    """The party that a bearing verb speaks of: the one after 由 or "by", else the nearest before the verb, else after."""
    if not bears:
        return None
    verb = bears[0]
    parties = [t for t in tokens if t[0] == "party"]
    behind_by = [b for a, b in zip(tokens, tokens[1:], strict=False) if a[0] == "by" and b[0] == "party"]
    if behind_by:
        return min(behind_by, key=lambda t: abs(t[2] - verb[2]))
    before = [t for t in parties if t[3] <= verb[2]]
    after = [t for t in parties if t[2] >= verb[3]]
    return before[-1] if before else after[0] if after else None


def _anchor(tokens: list[_Token], at: int) -> str:
    """The word that a negation denies: the next one before a comma, else the one before it."""
    for kind, name, _, _ in tokens[at + 1 :]:
        if kind == "break":
            break
        if kind in ("word", "event"):
            return name
    for kind, name, _, _ in reversed(tokens[:at]):
        if kind in ("word", "event"):
            return name
    return ""


@cache
def _comparators() -> tuple[re.Pattern[str], re.Pattern[str]]:
    before = rf"(?:{quantity_words.LOW_BEFORE}|{quantity_words.HIGH_BEFORE}|{quantity_words.WORKING_DAYS_BEFORE[:-1]})\s*(?:\(含\))?\s*$"
    return re.compile(before), re.compile(rf"\s*(?:{quantity_words.LOW_AFTER}|{quantity_words.HIGH_AFTER})")


def _blanked(folded: str, found: tuple[Quantity, ...]) -> str:
    """The text without its quantities and what bounds them: "不超过" denies nothing."""
    before, after = _comparators()
    for quantity in found:
        start, end = quantity.start, quantity.end
        head = folded[max(0, start - 24) : start]
        if match := before.search(head):
            start -= len(head) - match.start()
        if match := after.match(folded, end):
            end = match.end()
        folded = folded[:start] + "\x00" * (end - start) + folded[end:]
    return folded


NAMED_UNIT = "无理由"
_NAMED = re.compile(r"无(?:需|须)?(?:说明)?理由")  # "七天无理由退货" is the name of a right, "七天" its length


def _slots(folded: str, found: tuple[Quantity, ...], tokens: list[_Token], span) -> list[Slot]:
    """Quantities with the words around them; two ends of one range ("五千元以上五万元以下") are one."""
    slots: list[Slot] = []
    last: Quantity | None = None
    for quantity in found:
        ends = tuple(dict.fromkeys(v for v in (quantity.low, quantity.high) if v is not None))
        if last is not None and (
            last.measure is quantity.measure
            and last.unit == quantity.unit
            and last.high is None
            and quantity.low is None
            and quantity.start - last.end <= 6
        ):
            joined = slots.pop()
            slots.append(
                Slot(
                    joined.measure,
                    joined.unit,
                    joined.ends + ends,
                    (*joined.spans, span(quantity.start, quantity.end)),
                    joined.near,
                )
            )
            last = None
            continue
        near = [t for t in tokens if t[0] in ("word", "event", "party", "bears")]
        before = [t[1] for t in near if t[3] <= quantity.start][-3:]
        behind = [t[1] for t in near if t[2] >= quantity.end][:3]
        unit = NAMED_UNIT if _NAMED.match(folded, quantity.end) else quantity.unit
        where = (span(quantity.start, quantity.end),)
        slots.append(Slot(quantity.measure, unit, ends, where, frozenset(before + behind)))
        last = quantity
    return slots
