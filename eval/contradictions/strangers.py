"""`python -m eval.contradictions.strangers HOME`: writes what sentences of a small base are measured against.

HOME holds the sample corpus alone, read with the encoder that is shipped. To be run anew after that encoder is taught
(then raise `assistant.contradictions.REVISION`): the vectors of another one are not used.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from assistant.contradictions import closeness
from kb.errors import KbError
from kb.home import Home
from kb.snapshot import Snapshot

_ENOUGH = 512  # sentences of a language; 200 kB. With half as many a deviation is off by 4 %


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.contradictions.strangers", description=__doc__)
    parser.add_argument("home", type=Path, help="the base whose sentences are taken")
    parser.add_argument("--out", type=Path, default=Path(closeness.__file__).with_name(closeness.STRANGERS))
    args = parser.parse_args(arguments)
    try:
        snapshot = Snapshot.open(Home(args.home))
    except KbError as error:
        print(error, file=sys.stderr)
        return 1
    tensors = strangers(snapshot)
    save_file(tensors, args.out)
    for name, rows in tensors.items():
        print(f"{name}: {len(rows)} sentences")
    return 0


def strangers(snapshot: Snapshot) -> dict[str, np.ndarray]:
    """Of every language that a crowd can be told by, under the names that `closeness` reads them by."""
    asked = closeness.Closeness(snapshot, range(len(snapshot.clauses)))
    of_each = {
        language: asked.sentences(language, _ENOUGH)
        for language in sorted({version.language.split("-")[0] for version in snapshot.versions})
    }
    return {
        f"{snapshot.embedder} {language}": np.rint(127 * vectors / np.abs(vectors).max(axis=1, keepdims=True)).astype(
            np.int8
        )
        for language, vectors in of_each.items()
        if len(vectors) >= closeness.FEW
    }


if __name__ == "__main__":
    sys.exit(main())
