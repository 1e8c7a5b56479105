"""Measures the readers on a folder of files.

    python -m eval.reading compare FOLDER... [--encoding PATTERN=CODEC]... [--password WORD]... [--files] [--keep DIR]
    python -m eval.reading throughput FOLDER... [--embed N]

`compare`: per kind and per file, the share of letters that another program (poppler, LibreOffice, a plain decode)
finds and we have too. `throughput`: megabytes, pages and clauses a second, beside clauses embedded a second.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from eval.reading import compare, independent, throughput
from eval.reading.measure import READ, Got, Job
from ingest.settings import ReadingSettings
from ingest.workers import Lost, Pool, Task

_OURS = ("manifest.jsonl", "README.md")  # what a folder of test files says about itself
_BATCH = 64


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m eval.reading", description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("compare", help="with independent extractors")
    one.add_argument("folders", type=Path, nargs="+")
    one.add_argument("--encoding", action="append", default=[], metavar="PATTERN=CODEC", help="of text files")
    one.add_argument("--password", action="append", default=[], help="tried on locked files")
    one.add_argument("--files", action="store_true", help="print a line for every file as well")
    one.add_argument("--keep", type=Path, help="folder in which the other programs' texts are kept between runs")
    one.add_argument("--no-ocr", action="store_true", help="leave pages without text unread")
    two = verbs.add_parser("throughput", help="beside the embedding model")
    two.add_argument("folders", type=Path, nargs="+")
    two.add_argument("--embed", type=int, default=400, help="so many clauses are embedded, drawn from all")
    two.add_argument("--password", action="append", default=[], help="tried on locked files")
    options = parser.parse_args(arguments)
    files = [file for folder in options.folders for file in files_of(folder)]
    if not files:
        sys.exit(f"There is no file in {', '.join(map(str, options.folders))}.")
    if options.verb == "compare":
        encodings = dict(pair.split("=", 1) for pair in options.encoding)
        others = _theirs(files, encodings, tuple(options.password), options.keep)
        _compare(files, others, tuple(options.password), options.files, not options.no_ocr)
    else:
        _throughput(files, options.embed, tuple(options.password))


def files_of(folder: Path) -> list[tuple[str, Path]]:
    """Every file with its kind: the folder that it stands in, or how its name ends."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in _OURS)
    return [(kind_of(path.relative_to(folder)), path) for path in found]


def kind_of(path: Path) -> str:
    return path.parts[0] if len(path.parts) > 1 else path.suffix.lower().lstrip(".") or "no suffix"


def _read(files: Sequence[tuple[str, Path]], settings: ReadingSettings) -> dict[Path, Got | Lost]:
    """One after the other, so that times and memory are those of one file."""
    got: dict[Path, Got | Lost] = {}
    tasks = (Task(str(file), READ, Job(file, settings)) for _, file in files)
    with Pool(settings) as pool:
        for task, outcome in pool.run(tasks):
            got[Path(task.name)] = outcome
            print(f"\r{len(got)} of {len(files)} read", end="", file=sys.stderr)
    print(file=sys.stderr)
    return got


def _theirs(
    files: Sequence[tuple[str, Path]], encodings: dict[str, str], passwords: tuple[str, ...], keep: Path | None
) -> dict[Path, tuple[str | None, str]]:
    """The other programs' texts, with the programs' names."""
    texts = {}
    for done, (_, file) in enumerate(files, 1):
        kept = keep / f"{hashlib.sha256(file.read_bytes()).hexdigest()}{file.suffix}.json" if keep else None
        if kept and kept.exists():
            text, program = json.loads(kept.read_text("utf-8"))
        else:
            text, program = independent.text_of(file, encodings, passwords)
            if kept:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_text(json.dumps([text, program]), "utf-8")
        texts[file] = (text, program)
        print(f"\r{done} of {len(files)} read by others", end="", file=sys.stderr)
    print(file=sys.stderr)
    return texts


def _compare(
    files: Sequence[tuple[str, Path]],
    others: dict[Path, tuple[str | None, str]],
    passwords: tuple[str, ...],
    each: bool,
    ocr: bool,
) -> None:
    got = _read(files, ReadingSettings(passwords=passwords, ocr=ocr, workers=1))
    results = [_held(kind, file, got[file], *others[file]) for kind, file in files]
    if each:
        head = ("file", "outcome", "by", "letters", "found", "listed", "more", "unread", "recognised", "s", "MB")
        print(compare.table(head, [_row(result) for result in results]) + "\n")
    print(compare.table(compare.HEAD, compare.by_kind(results)))


def _held(kind: str, file: Path, got: Got | Lost, text: str | None, program: str) -> compare.Compared:
    name = f"{file.parent.name}/{file.name}"
    wanted = compare.letters(text or "")
    theirs = sum(wanted.values()) if text is not None else None
    if isinstance(got, Lost):
        reason = got.reason.removeprefix(f"{file.name}: ") or got.cause.value
        return compare.Compared(name, kind, reason, program, theirs, None, None, None)
    ours, all_ours = compare.letters(got.text), compare.letters(f"{got.text}\n{got.elsewhere}")
    return compare.Compared(
        name,
        kind,
        "",
        program,
        theirs,
        compare.share(wanted, ours),
        compare.share(wanted, all_ours),
        compare.surplus(wanted, ours),
        got.seconds,
        got.peak_mb,
        len(got.unread),
        got.recognised,
    )


def _row(result: compare.Compared) -> tuple[str, ...]:
    outcome = f"refused: {result.reason}" if result.reason else "read"
    if result.only_they:
        outcome = f"ONLY THEY READ IT; {outcome}"
    numbers = (compare.percent(value) for value in (result.found, result.listed, result.more))
    theirs = "–" if result.theirs is None else str(result.theirs)
    counts = (str(result.unread), str(result.recognised), f"{result.seconds:.2f}", f"{result.peak_mb:.0f}")
    return (result.name, outcome, result.program, theirs, *numbers, *counts)


def _throughput(files: Sequence[tuple[str, Path]], embed: int, passwords: tuple[str, ...]) -> None:
    got = _read(files, ReadingSettings(passwords=passwords, ocr=False, workers=1))
    speeds: list[throughput.Speed] = []
    clauses: list[str] = []
    for _kind, file in files:
        if isinstance(one := got[file], Got):
            kind = file.suffix.lower().lstrip(".") or "no suffix"
            speeds.append(throughput.Speed(kind, 1, file.stat().st_size, one.pages, len(one.clauses), one.seconds))
            clauses.extend(one.clauses)
    sample = random.Random(1).sample(clauses, min(embed, len(clauses)))
    per_s = _embedded_per_s(sample)
    print(compare.table(throughput.HEAD, throughput.rows(throughput.summed(speeds), per_s)))
    print(f"\nembedding: {per_s:.1f} clauses/s ({len(sample)} clauses of these files, bundled model)")


def _embedded_per_s(texts: Sequence[str]) -> float:
    from kb import open_embedder
    from kb.settings import EmbeddingSettings

    embedder = open_embedder(EmbeddingSettings())
    embedder.embed_passages(texts[:_BATCH])  # loads the model
    begun = time.perf_counter()
    embedder.embed_passages(texts)
    return len(texts) / (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
