"""Incremental equals full: a base that followed a folder through random changes is the one built from that folder now.

Documents are added, edited, moved and retired, some as dated copies of one another. What an edit must not do here is
state a later first day: the base then keeps the earlier version, and a rebuild cannot know it.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from assistant import Request
from tests.support import Base, comparable

MOST_LETTERS = 6000  # of a document: its beginning, up to the end of a line
_STATES_TIME = re.compile(
    r"\d{4}|\d月|[一二三四五六七八九〇○]{4}年|施行|生效|公布|发布|effective|valid|status|:", re.IGNORECASE
)
QUESTIONS = (
    "几天之内可以退货", "运费由谁承担", "保修多久", "违约金是多少", "谁负责赔偿",
    "How do I cancel my account?", "Who pays for shipping?", "退款要多长时间", "未成年人可以买吗",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    name: str
    text: str


class Differs(AssertionError):
    """The base that followed and the one built anew are not the same."""


def documents_below(folders: Sequence[Path]) -> list[Document]:
    """The beginnings of the text documents in folders."""
    found = []
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.suffix in (".md", ".txt")):
            text = file.read_text(encoding="utf-8", errors="replace")
            if len(text) > MOST_LETTERS:
                text = text[: text.rfind("\n", 0, MOST_LETTERS) + 1]
            if text.strip():
                found.append(Document(file.name, text))
    return found


def follow(folder: Path, documents: Sequence[Document], chance: random.Random, changes: int) -> Counter[str]:
    """One random sequence; how often each kind of change happened. Raises Differs."""
    base = Base(folder)
    done: Counter[str] = Counter()
    for number in range(changes):
        files = sorted(path for path in base.sources.rglob("*") if path.is_file())
        kinds: dict[str, Callable[[], None]] = {"add": lambda n=number: _add(base, documents, chance, n)}
        if files:
            file = chance.choice(files)
            kinds |= {
                "edit": lambda file=file: _edit(file, chance),
                "move": lambda file=file, n=number: _move(base, file, n),
                "date": lambda file=file: _copy_with_dates(file, chance),
            }
        if len(files) > 1:
            kinds["retire"] = lambda file=file: file.unlink()
        kind = "add" if number < 2 else chance.choice(sorted(kinds))
        kinds[kind]()
        done[kind] += 1
        if chance.random() < 0.7:  # several changes at once, now and then
            base.ingest()
    base.ingest()
    _compare(base, folder, chance)
    return done


def _compare(base: Base, folder: Path, chance: random.Random) -> None:
    anew = Base(folder)
    anew.path = folder / "anew"
    anew.ingest()
    old, new = base.snapshot(), anew.snapshot()
    followed, rebuilt = ({(c.document, c.id, c.version, c.text) for c in s.clauses} for s in (old, new))
    if followed != rebuilt:
        raise Differs(f"clauses: {sorted(followed ^ rebuilt)[:4]}")
    if old.id != new.id:
        unlike = [(a, b) for a, b in zip(old.versions, new.versions, strict=True) if a != b]
        raise Differs(f"snapshots {old.id} and {new.id}: {unlike[:1]}")
    own = [chance.choice(old.clauses).text[:40] for _ in range(4)] if old.clauses else []
    one, other = base.assistant(line=0.0), anew.assistant(line=0.0)
    for question in (*QUESTIONS, *own):
        then, now = (comparable(assistant.ask(Request(question))) for assistant in (one, other))
        if then != now:
            raise Differs(f"answers to {question!r}: {then} and {now}")
    shutil.rmtree(anew.path)


def _add(base: Base, documents: Sequence[Document], chance: random.Random, number: int) -> None:
    document = chance.choice(documents)
    below = chance.choice(("", "", "规则/", "help/more/"))
    name = Path(document.name)
    base.write(f"{below}{name.stem[:60]} {number}{name.suffix}", document.text)


def _edit(file: Path, chance: random.Random) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    may = [n for n, line in enumerate(lines) if len(line.strip()) > 12 and not _STATES_TIME.search(line)]
    if not may:
        lines.append("\n另有约定的，从其约定。\n")
    else:
        at = chance.choice(may)
        how = chance.choice(("longer", "gone", "twice", "other"))
        line = lines[at].rstrip("\n")
        lines[at] = {
            "longer": f"{line}但是另有约定的除外。\n",
            "gone": "",
            "twice": f"{line}\n\n{line}\n",
            "other": f"{line[: len(line) // 2]}{line[len(line) // 2 + 1 :]}\n",
        }[how]
    file.write_text("".join(lines), encoding="utf-8")


def _move(base: Base, file: Path, number: int) -> None:
    to = base.sources / f"moved {number}" / file.name
    to.parent.mkdir()
    file.rename(to)


def _copy_with_dates(file: Path, chance: random.Random) -> None:
    """A later copy beside the file, its name dated."""
    name = re.sub(r"\s*\(\d{4}-\d\d-\d\d\)$", "", file.stem)
    to = file.with_name(f"{name} ({chance.randrange(2015, 2024)}-0{chance.randrange(1, 10)}-01){file.suffix}")
    if not to.exists():
        shutil.copy(file, to)
        _edit(to, chance)


def main() -> int:
    """`python -m tests.robustness.sequences COUNT SEED FOLDER…`; without folders, of the sample corpus."""
    from tests.robustness import scenario

    count, seed, *folders = sys.argv[1:]
    scenario.ready()
    documents = documents_below([Path(folder) for folder in folders] or [Path(str(files("corpus")))])
    kinds: Counter[str] = Counter()
    for number in range(int(count)):
        chance = random.Random(f"{seed}-{number}")
        with tempfile.TemporaryDirectory(prefix="sequence-") as folder:
            try:
                kinds += follow(Path(folder), documents, chance, changes=chance.randrange(4, 13))
            except Differs as error:
                print(f"FAULT: sequence {seed}-{number}: {error}", file=sys.stderr)
                return 1
        if number % 10 == 9:
            print(f"sequences: {number + 1} of {count}", file=sys.stderr)
    line = {"part": "sequences", "documents": len(documents), "sequences": int(count), "changes": dict(kinds)}
    print(json.dumps(line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
