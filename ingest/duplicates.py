"""Documents that are the same, nearly the same, or versions of one another: found, compared, and left to a person.

Nearness is the share of runs of letters (shingles) that two texts have in common, so it sees text that was moved,
renumbered or cut differently. Of a family (thirty versions of one policy) every document is named with its nearest
only: a tree, not all pairs.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise
from pathlib import PurePosixPath

import numpy as np

from ingest.types import Difference, Duplicate, Likeness
from kb.types import Clause, Content, Version
from kb.validity import family_of

RUN, RUN_ALPHABETIC = 8, 30
"""Letters in a run, white space and punctuation left out: some five words in either kind of writing. Shorter runs are
common to all texts of a trade."""

ALIKE = 0.3
"""Share from which two documents are named. Articles of the tau bank in which a comparison word by word finds 70 % or
more in common have 0.44 or more; of laws, a new one on the matter of an older one has 0.3, mere neighbours have 0.2."""

ALIKE_NAMED = 0.1
"""The same for two documents whose names agree but for dates: of a law that was rewritten a quarter is left."""

LEAST_LETTERS = 40
"""A shorter text is compared as a whole only."""

MOST_HOLDERS = 40
"""A run that more documents share is compared between neighbours in the list only: all pairs would be quadratic."""

MOST_WORDS_MARKED = 3000
"""Two clauses longer than this together differ as wholes: marking words takes the square of their number."""

_LEAST_NAME = 4  # letters: "faq" and "退款" name many things

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]+"
)
_PIECE = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]+|\s+|."
)


def find(contents: Sequence[Content], fresh: Collection[str] | None = None) -> tuple[Duplicate, ...]:
    """Every pair that a maintainer should see, the most alike first. Linear in the text, but for families.

    `fresh`: only pairs with at least one of these documents; None: all.
    """
    present = {content.version.document: content for content in contents}  # the last of each is its file's
    documents = [_Document.of(content, fresh is None or document in fresh) for document, content in present.items()]
    pairs: list[tuple[float, int, int, Likeness]] = []
    for i, j in _equal([d.content.version.source_sha256 for d in documents]):
        pairs.append((3.0, i, j, Likeness.SAME_FILE))
    for i, j in _equal([d.letters for d in documents]):
        pairs.append((2.0, i, j, Likeness.SAME_TEXT))
    for (i, j), common in _common(documents).items():
        share = 2 * common / (len(documents[i].runs) + len(documents[j].runs))
        if share >= (ALIKE_NAMED if _named_alike(documents[i], documents[j]) else ALIKE):
            pairs.append((share, i, j, Likeness.SIMILAR))
    pairs = [p for p in pairs if _are_two(documents[p[1]], documents[p[2]])]
    # Of two equally near neighbours the key decides, so that it is always the same one.
    pairs.sort(key=lambda p: (-p[0], documents[p[1]].key, documents[p[2]].key))
    return tuple(
        _duplicate(documents[i], documents[j], likeness, min(share, 1.0))
        for share, i, j, likeness in _nearest(pairs, len(documents))
        if not _linked(documents[i], documents[j])
    )


@dataclass(frozen=True, slots=True)
class _Document:
    content: Content
    fresh: bool
    letters: bytes  # hash of its letters and digits
    runs: np.ndarray  # (n,) uint64, sorted, each once: hashes of its runs of letters
    name: str  # its title without dates, numbers of versions and signs of copies
    dates: Mapping[str, str]  # what tells its version from others, the surest first

    @property
    def key(self) -> str:
        return self.content.version.document

    @classmethod
    def of(cls, content: Content, fresh: bool) -> _Document:
        letters = letter_codes(content.version.text)
        digest = hashlib.sha256(letters.tobytes()).digest()
        return cls(content, fresh, digest, runs(letters), bare_name(content.version), _dates(content))


def _are_two(first: _Document, second: _Document) -> bool:
    return first.key != second.key and (first.fresh or second.fresh)


def _linked(first: _Document, second: _Document) -> bool:
    """Whether one is already known to replace the other: that they are alike is no news then."""
    one, other = first.content.version, second.content.version
    return family_of(one) == family_of(other) or bool(
        {one.document, one.title} & set(other.supersedes) or {other.document, other.title} & set(one.supersedes)
    )


def _named_alike(first: _Document, second: _Document) -> bool:
    return first.name == second.name and len(first.name) >= _LEAST_NAME


def letter_codes(text: str) -> np.ndarray:
    """Letters and digits as code points (uint64), full-width ones made narrow, large ones small."""
    codes = np.frombuffer(text.casefold().encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    wide = (codes >= 0xFF01) & (codes <= 0xFF5E)
    codes = np.where(wide, codes - np.uint64(0xFEE0), codes)
    return codes[_is_letter()[np.minimum(codes, 0xFFFF)] | (codes > 0xFFFF)]


@cache
def _is_letter() -> np.ndarray:
    return np.array([chr(code).isalnum() for code in range(0x10000)])


def runs(letters: np.ndarray) -> np.ndarray:
    if len(letters) < LEAST_LETTERS:
        return np.empty(0, np.uint64)
    alphabetic = np.count_nonzero(letters < 0x2E80) > 0.7 * len(letters)
    length = RUN_ALPHABETIC if alphabetic else RUN
    count = len(letters) - length + 1
    hashes = np.zeros(count, np.uint64)
    for offset in range(length):  # a polynomial in an odd number, modulo 2^64
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + letters[offset : offset + count]
    return _distinct(hashes)


def _distinct(values: np.ndarray) -> np.ndarray:
    """Sorted, each once. `np.unique` hashes integers first, which takes ten times as long."""
    values = np.sort(values)
    return values[np.r_[True, values[1:] != values[:-1]]]


def _equal(marks: Sequence[object]) -> Iterator[tuple[int, int]]:
    groups: dict[object, list[int]] = defaultdict(list)
    for number, mark in enumerate(marks):
        groups[mark].append(number)
    for group in groups.values():
        yield from pairwise(group)


def _common(documents: Sequence[_Document]) -> Mapping[tuple[int, int], int]:
    """Pairs of documents -> how many runs both have."""
    if not any(len(d.runs) for d in documents if d.fresh):
        return {}
    held = [d.runs for d in documents]
    if not all(d.fresh for d in documents):
        of_fresh = _distinct(np.concatenate([d.runs for d in documents if d.fresh]))
        held = [_both(found, of_fresh) for found in held]
    runs = np.concatenate(held)
    holders = np.repeat(np.arange(len(documents)), [len(found) for found in held])
    order = np.argsort(runs, kind="stable")
    runs, holders = runs[order], holders[order]
    starts = np.flatnonzero(np.r_[True, runs[1:] != runs[:-1]])
    ends = np.r_[starts[1:], len(runs)]
    shared = ends - starts > 1
    # Runs are shared by the same documents over and over: those are counted once each.
    sets = Counter(
        holders[start:end].tobytes() for start, end in zip(starts[shared].tolist(), ends[shared].tolist(), strict=True)
    )
    common: Counter[tuple[int, int]] = Counter()
    for raw, count in sets.items():
        group = np.frombuffer(raw, holders.dtype).tolist()
        for pair in combinations(group, 2) if len(group) <= MOST_HOLDERS else pairwise(group):
            common[pair] += count
    return common


def _both(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Values that are in both; each is sorted and has every value once."""
    if not len(one):
        return one
    return other[one[np.minimum(np.searchsorted(one, other), len(one) - 1)] == other]


def _nearest(
    pairs: Iterable[tuple[float, int, int, Likeness]], count: int
) -> Iterator[tuple[float, int, int, Likeness]]:
    """The pairs, nearest first, that join two documents not joined yet (Kruskal's spanning forest)."""
    head = list(range(count))

    def root(i: int) -> int:
        while head[i] != i:
            head[i] = head[head[i]]
            i = head[i]
        return i

    for pair in pairs:
        i, j = root(pair[1]), root(pair[2])
        if i != j:
            head[i] = j
            yield pair


# --- what the pair is ---------------------------------------------------------------------------------------------


def _duplicate(first: _Document, second: _Document, likeness: Likeness, share: float) -> Duplicate:
    dated = next((k for k in first.dates if k in second.dates and first.dates[k] != second.dates[k]), None)
    if ((dated and second.dates[dated]) or "", second.key) < ((dated and first.dates[dated]) or "", first.key):
        first, second = second, first
    if likeness in (Likeness.SAME_FILE, Likeness.SAME_TEXT):
        what = "byte for byte" if likeness is Likeness.SAME_FILE else "but for spaces and punctuation"
        return Duplicate(first.key, second.key, likeness, 1.0, f"The same document twice, {what}: keep one of the two.")
    differences = tuple(compare(first.content, second.content))
    if _named_alike(first, second) and dated:
        likeness = Likeness.VERSIONS
        proposal = (
            f"Versions of one document (dates differ: {first.dates[dated]} / {second.dates[dated]}): if the later one "
            f'replaces the earlier, say so with supersedes = "{first.key}".'
        )
    else:
        where = f"in {len(differences)} {'place' if len(differences) == 1 else 'places'}"
        proposal = (
            f"They look alike and differ {where if differences else 'only outside of their clauses'}: versions of one "
            "document, or two that must be told apart by their scope."
        )
    return Duplicate(first.key, second.key, likeness, round(share, 3), proposal, differences)


_COPY = re.compile(
    r"\b(copy|final|draft|old|new|v|ver|version|rev|revision)\b[ ._-]*\d*|副本|复件|複本|最终版|終版|定稿|修订稿|征求意见稿|试行|\bコピー\b"
    r"|修正(案|版|本)?|修订(版|本)?|修訂(版|本)?|第[一二三四五六七八九十\d]+(次|版)"
)
_DATE = re.compile(
    r"(?<!\d)(19|20)\d\d(?:[-./年_ ]?(1[0-2]|0?[1-9])(?:[-./月_ ]?([12]\d|3[01]|0?[1-9])(?!\d)日?)?)?年?"
)


def bare_name(version: Version) -> str:
    """A title without dates, numbers of versions and signs of copies."""
    name = unicodedata.normalize("NFKC", version.title or PurePosixPath(version.document).stem).casefold()
    name = _COPY.sub(" ", _DATE.sub(" ", name))
    return "".join(_WORD.findall(re.sub(r"\(\s*\d*\s*\)", " ", name)))


def _dates(content: Content) -> dict[str, str]:
    version = content.version
    found = {"in force": version.effective_from.date().isoformat()} if version.effective_from else {}
    found |= {kind: value for kind in ("published", "adopted") if (value := version.facts.get(kind))}
    if named := _DATE.search(unicodedata.normalize("NFKC", PurePosixPath(version.document).name)):
        found["name"] = "-".join(part.zfill(2) for part in re.findall(r"\d+", named[0]))
    return found


# --- how they differ ----------------------------------------------------------------------------------------------


def compare(first: Content, second: Content) -> Iterator[Difference]:
    """Clause by clause, in the order of the texts. Clauses that are equal but for their number, spaces and width are
    left out."""
    a, b = [_said(c) for c in first.clauses], [_said(c) for c in second.clauses]
    for kind, i, i_end, j, j_end in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for left, right in _aligned(first, second, range(i, i_end), range(j, j_end)):
            x = first.clauses[left] if left is not None else None
            y = second.clauses[right] if right is not None else None
            changes = _marked(x.text if x else "", y.text if y else "")
            if any(sign != "=" for sign, _ in changes):
                yield Difference(_place(x), _place(y), changes)


def _aligned(first: Content, second: Content, left: range, right: range) -> Iterator[tuple[int | None, int | None]]:
    """Which changed clause became which: by label where both have it, else in order."""
    labels: dict[str, int] = {}
    for j in right:
        labels.setdefault(second.clauses[j].label, j)
    at = right.start
    waiting: list[int] = []
    for i in left:
        label = first.clauses[i].label
        j = labels.get(label, -1) if label else -1
        if j < at:
            waiting.append(i)
            continue
        yield from _in_order(waiting, range(at, j))
        yield i, j
        waiting, at = [], j + 1
    yield from _in_order(waiting, range(at, right.stop))


def _in_order(left: Sequence[int], right: Sequence[int]) -> Iterator[tuple[int | None, int | None]]:
    for n in range(max(len(left), len(right))):
        yield (left[n] if n < len(left) else None), (right[n] if n < len(right) else None)


def _marked(first: str, second: str) -> tuple[tuple[str, str], ...]:
    """Both texts as one run of words: ("=", in both), ("-", in the first only), ("+", in the second only)."""
    a, b = _PIECE.findall(first), _PIECE.findall(second)
    if not a or not b or len(a) + len(b) > MOST_WORDS_MARKED:
        return tuple((sign, text) for sign, text in (("-", first), ("+", second)) if text)
    changes: list[tuple[str, str]] = []
    for kind, i, i_end, j, j_end in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            changes.append(("=", "".join(a[i:i_end])))
            continue
        changes += [(s, t) for s, t in (("-", "".join(a[i:i_end])), ("+", "".join(b[j:j_end]))) if t]
    return tuple(changes)


def _place(clause: Clause | None) -> str:
    if clause is None:
        return ""
    return clause.label or " › ".join(clause.path) or f"characters {clause.start}-{clause.end}"


def _said(clause: Clause) -> str:
    return "".join(_WORD.findall(unicodedata.normalize("NFKC", clause.text.removeprefix(clause.label)).casefold()))
