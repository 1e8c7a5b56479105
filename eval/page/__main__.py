"""`python -m eval.page RUN_FOLDER`: writes the page of a kept run again, as today's layout has it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from eval.page import write
from eval.types import EvalError, Run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.page", description=__doc__)
    parser.add_argument("folder", type=Path, help="what `kb eval --out` wrote")
    parser.add_argument("--previous", type=Path, help="another such folder, to say what changed since")
    parser.add_argument("--out", type=Path, help="the page; default report.html in the folder")
    given = parser.parse_args()
    file = given.out or given.folder / "report.html"
    try:
        write(Run.load(given.folder), Run.load(given.previous) if given.previous else None, file)
    except (EvalError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
