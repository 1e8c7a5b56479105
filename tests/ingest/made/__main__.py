"""Reads every made file and prints how many of its clauses were found as they should be.

python -m tests.ingest.made [PART OF A NAME]... [--differences]
"""

from __future__ import annotations

import sys
import time

from ingest.errors import IngestError
from ingest.loaders import load
from ingest.structure import cut
from tests.ingest.made.build import FILES, built, lacking
from tests.ingest.made.expected import bare, clauses_of, letters_recovered, matched


def main(words: list[str]) -> None:
    show = "--differences" in words
    names = [word for word in words if not word.startswith("--")]
    total = exact = surplus = 0
    print(f"{'file':34} {'clauses':>8} {'exact':>6} {'more':>5} {'letters':>8} {'s':>6}")
    for made in FILES:
        if names and not any(name in made.name for name in names):
            continue
        if (need := lacking(made)) is not None:
            print(f"{made.name:34} needs {need}")
            continue
        data, begun = built(made.name), time.perf_counter()
        try:
            extract = load(data, made.name, made.reading)
        except IngestError as error:
            print(f"{made.name:34} {'refused, as it should be' if made.refused else 'REFUSED'}: {error}")
            total += len(made.clauses)
            continue
        got = clauses_of(extract, cut(extract))
        seconds = time.perf_counter() - begun
        if made.refused:
            print(f"{made.name:34} READ, though it should be refused: {extract.text[:60]!r}")
            continue
        found = matched(made.clauses, got)
        hits = sum(index >= 0 for index in found)
        letters = letters_recovered("".join(c.text for c in made.clauses), extract.text)
        total, exact, surplus = total + len(found), exact + hits, surplus + len(got) - hits
        print(f"{made.name:34} {len(found):8} {hits:6} {len(got) - hits:5} {letters:8.3f} {seconds:6.2f}")
        if show and (hits < len(found) or len(got) > hits):
            for clause, index in zip(made.clauses, found, strict=True):
                if index < 0:
                    print(f"    expected {clause.label} | {bare(clause.text)[:70]} | {clause.path}")
            for i, clause in enumerate(got):
                if i not in found:
                    print(f"    found    {clause.label} | {bare(clause.text)[:70]} | {clause.path}")
    print(f"{'all':34} {total:8} {exact:6} {surplus:5}   {exact / max(1, total):.1%} found exactly")


if __name__ == "__main__":
    main(sys.argv[1:])
