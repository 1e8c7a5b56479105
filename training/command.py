"""What the commands of this room have in common: their options, and how they say what they are doing."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path


def command(name: str, doc: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=name, description=doc.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with desk_train, statutes, banking77, clinc150 and squad")
    parser.add_argument(
        "--out", type=Path, required=True, help="where the run is kept; the same folder goes on with it"
    )
    parser.add_argument("--left-out", default="", help="parts to validate on, such as fresh,services")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="of the recipe, such as steps=100"
    )
    parser.add_argument("--begin", type=Path, metavar="FOLDER", help="go on from what another run exported there")
    parser.add_argument("--threads", type=int, default=0, help="0: as many as there are cores")
    parser.add_argument(
        "--cache", type=Path, default=Path("~/.cache/koujing"), help="where the plain model is unpacked"
    )
    parser.add_argument("--export", type=Path, metavar="FOLDER", help="write what was taught and its manifest there")
    parser.add_argument(
        "--validated", action="append", type=Path, default=[], metavar="RUN", help="whose figures the manifest states"
    )
    return parser


def recipe_of(recipe, pairs: list[str]):
    for pair in pairs:
        key, _, value = pair.partition("=")
        if not hasattr(recipe, key):
            sys.exit(f"The recipe has no {key!r}; it has {', '.join(asdict(recipe))}.")
        recipe = replace(recipe, **{key: type(getattr(recipe, key))(value)})
    return recipe


def counter(what: str) -> Callable[[int, int], None]:
    began = said = time.monotonic()

    def tick(done: int, total: int) -> None:
        nonlocal said
        now = time.monotonic()
        if done == total or now - said > 10:
            said = now
            say(f"{what}: {done} of {total}, {now - began:.0f} s")

    return tick


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
