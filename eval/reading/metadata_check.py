"""Titles, dates and versions that the reader found, compared with an independent parse of the same files.

    python -m eval.reading.metadata_check ../shared/data

The parse here knows how each collection writes its headers and uses nothing of `ingest.metadata`: laws by the lines
between the title and the mark `INFO END` and by the last sentence with 起施行, Basecamp's policies by front matter,
"Last updated" lines and the index of their history, GitHub's by front matter and the word "effective".
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from ingest.errors import IngestError
from ingest.loaders import load
from ingest.metadata import find
from ingest.structure import cut

YEAR_DAYS = 366
_DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_ENGLISH_DAY = re.compile(rf"(?:{_MONTHS})\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}")


@dataclass(slots=True)
class Tally:
    """How often a field was right. `extra`: found where the parse has none."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    extra: int = 0
    none: int = 0
    cases: list[str] = field(default_factory=list)

    def add(self, name: str, expected: str | None, found: str | None) -> None:
        kind = (
            "none" if expected is None and found is None else "extra" if expected is None
            else "missed" if found is None else "right" if expected == found else "wrong"
        )  # fmt: skip
        setattr(self, kind, getattr(self, kind) + 1)
        if kind in ("wrong", "missed", "extra"):
            self.cases.append(f"{kind}: {name}: expected {expected}, found {found}")

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong + self.extra)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.wrong + self.missed)


# --- what the headers say, read by hand-made rules ---------------------------------------------------------------


def law(path: Path) -> dict[str, str | None]:
    text = path.read_text(encoding="utf-8-sig")
    head, _, body = text.partition("<!-- INFO END -->")
    lines = [line.strip() for line in head.split("\n") if line.strip()]
    titles = [line[2:].strip() for line in lines if line.startswith("# ")]
    named = re.search(r"\((\d{4}-\d\d-\d\d)\)", path.name)
    made: list[str] = []  # the whole text adopted or published
    changed: list[str] = []
    stated: list[str] = []
    issued: list[str] = []
    for line in lines:
        on = [_iso(match) for match in _DAY.finditer(line)]
        if not on or not line[0].isdigit():
            continue
        ending = re.sub(r"[\s　）)]+$", "", line)
        if ending.endswith("施行"):
            stated.append(on[0])
        elif "修正" in line or ("修订" in line and "决定》" in line):
            changed.append(on[0])
        elif "修订" in line:
            made = [on[0]]
            changed = []
        elif made and _days_between(made[0], on[0]) > YEAR_DAYS:
            changed.append(on[0])  # 通过 for the second time, years later
        else:
            made.append(on[0])
        if re.search(r"公布|发布|公告", ending[-6:]):
            issued.append(on[0])
    published = named[1] if named else (issued[-1] if issued and not changed else None)
    last_change = max(
        [*changed, *([named[1]] if named and made and _days_between(max(made), named[1]) > 92 else [])], default=""
    )
    return {
        "title": titles[0] if titles else None,
        "published": published,
        "effective_from": _law_begins(body, stated, made, last_change, published, issued),
    }


def _law_begins(
    body: str, stated: list[str], made: list[str], last_change: str, published: str | None, issued: list[str]
) -> str | None:
    """The day in 本法自…起施行 or in a line 施行 of the header, unless the wording was changed after it."""
    sentences = re.findall(
        r"(?:^|[。，；（ ])(?:第\S+条\s*)?((?:本\S{1,12}|现予公布，)?自[^。；，]{4,30}?起施行)", body, re.MULTILINE
    )
    for sentence in reversed(sentences):
        if (match := _DAY.search(_arabic(sentence))) is not None:
            stated = [*stated, _iso(match)]
            break
        if re.search(r"自(?:公布|发布|颁布)之日起", sentence) and sentence.startswith("本"):
            if last_change or published is None:
                return None
            return issued[-1] if issued else published
    current = [day for day in stated if day >= last_change]
    if made and any(_days_between(day, max(made)) > YEAR_DAYS for day in current if day < max(made)):
        return None
    return current[0] if current and len(set(current)) == 1 else None


def basecamp(path: Path, dates: dict[str, str]) -> dict[str, str | None]:
    text = path.read_text(encoding="utf-8-sig")
    title = None
    if text.startswith("---") and (match := re.search(r"^title:[ \t]*(.+)$", text.split("\n---", 1)[0], re.MULTILINE)):
        title = match[1].strip().strip("'\"")
    else:
        title = next((line[2:].strip() for line in text.split("\n") if line.startswith("# ")), None)
    updated = re.search(rf"Last updated: \[?({_ENGLISH_DAY.pattern})", text)
    return {
        "title": title,
        "published": dates.get(path.name),
        "revised": _english(updated[1]) if updated else None,
        "effective_from": None,
    }


def github(path: Path) -> dict[str, str | None]:
    text = path.read_text(encoding="utf-8-sig")
    title = re.search(r"^title:[ \t]*(.+)$", text, re.MULTILINE)
    stated = re.search(
        rf"^\W*(?:Version )?Effective Date:\W*({_ENGLISH_DAY.pattern})", text, re.MULTILINE | re.IGNORECASE
    )
    return {
        "title": title[1].strip().strip("'\"") if title else None,
        "effective_from": _english(stated[1]) if stated else None,
    }


# --- the comparison ----------------------------------------------------------------------------------------------


def check(data: Path) -> dict[str, dict[str, Tally]]:
    index = data / "basecamp_policies" / "history_index.jsonl"
    history = {row["path"].rsplit("/", 1)[-1]: row["date"] for row in map(json.loads, index.read_text().splitlines())}
    collections = {
        "consumer_laws": ("consumer_laws/*.md", law),
        "statutes": ("statutes/docs/*.md", law),
        "basecamp_policies": ("basecamp_policies/*/*.md", lambda path: basecamp(path, history)),
        "github_site_policy": ("github_site_policy/*.md", github),
    }
    tallies: dict[str, dict[str, Tally]] = {}
    for name, (pattern, expect) in collections.items():
        tallies[name] = {}
        for path in sorted(data.glob(pattern)):
            found = dict(_found(path))
            for key, expected in expect(path).items():
                tally = tallies[name].setdefault(key, Tally())
                tally.add(path.name, expected, _plain(key, found.get(key)) if found else None)
    return tallies


def _found(path: Path) -> Iterator[tuple[str, str]]:
    try:
        extract = load(path.read_bytes(), path.name)
    except IngestError:
        return
    metadata = find(extract, path.name, cut(extract).drafts)
    for key, one in (*metadata.facts.items(), *metadata.fields.items()):
        yield key, one.value


def _plain(key: str, value: str | None) -> str | None:
    return re.sub(r"\s+", " ", value).strip() if value and key == "title" else value


def _iso(match: re.Match[str]) -> str:
    return f"{int(match[1]):04d}-{int(match[2]):02d}-{int(match[3]):02d}"


def _english(day: str) -> str:
    words = re.sub(r"(?<=\d)(?:st|nd|rd|th)|,", "", day)
    return datetime.strptime(words, "%B %d %Y").date().isoformat()


def _days_between(a: str, b: str) -> int:
    return (date.fromisoformat(b) - date.fromisoformat(a)).days if a <= b else -_days_between(b, a)


def _arabic(text: str) -> str:
    """一九九三年一月一日 with Arabic digits."""

    def one(match: re.Match[str]) -> str:
        digits = {c: i for i, c in enumerate("〇一二三四五六七八九")}
        tens, found, units = match[0].partition("十")
        if not found:
            return "".join(str(digits[c]) for c in match[0])
        return str((digits[tens] if tens else 1) * 10 + (digits[units] if units else 0))

    return re.sub("[〇一二三四五六七八九十]+(?=[年月日])", one, text)


def main() -> None:
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    print(f"{'collection':20} {'field':16} right wrong missed extra none precision recall")
    cases: Counter[str] = Counter()
    for name, fields in check(data).items():
        for key, t in fields.items():
            rates = (
                f"{t.precision:9.3f} {t.recall:6.3f}" if t.right + t.wrong + t.missed + t.extra else "        –      –"
            )
            print(f"{name:20} {key:16} {t.right:5} {t.wrong:5} {t.missed:6} {t.extra:5} {t.none:4} {rates}")
            cases.update(f"{name} {key} {case}" for case in t.cases)
    print("\n".join(sorted(cases)))


if __name__ == "__main__":
    main()
