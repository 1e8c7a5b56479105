"""`lexicon.csv` in the base's folder: what customers say, and what its rules call it.

    said,means,language
    钱退不回来,退款,
    某宝,淘宝,zh-Hans

`said` is looked for in questions; "…" in it stands for up to six characters. `means` is what is looked for as well: a
word of the rules, or a value of a scope (then `said` is another name for that value). `language`, where given, is the
question's: a row of another language is passed over. The rows are frozen into each snapshot, like decisions, and take
effect with the next publish.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from kb.errors import SettingsError

FILE = "lexicon.csv"
GAP = "…"
COLUMNS = ("said", "means", "language")
LANGUAGES = ("zh-Hans", "zh-Hant", "ja", "ko", "es", "en")
_MOST_ROWS = 5000
_LONGEST = 60  # characters


@dataclass(frozen=True, slots=True, order=True)
class Saying:
    said: str
    means: str
    language: str = ""  # of the questions that it holds for; empty: of all


def read_sayings(home: Path) -> tuple[Saying, ...]:
    """The rows of the base's file, in order and each once; none where there is no file.

    Raises SettingsError that names every row that cannot be meant as it stands.
    """
    file = home / FILE
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{file} is not UTF-8 ({error.reason} at byte {error.start}): in Excel, save it as CSV UTF-8."
        ) from error
    except OSError as error:
        raise SettingsError(f"{file} cannot be read ({error.strerror}): mend its permissions.") from error
    reader = csv.reader(io.StringIO(text, newline=""))
    found: dict[Saying, int] = {}
    wrong: list[str] = []
    header: list[str] | None = None
    try:
        for cells in reader:
            row = [" ".join(cell.replace("...", GAP).split()) for cell in cells]
            if not any(row) or row[0].startswith("#"):
                continue
            if header is None:
                header = [name.lower() for name in row]
                if header[:2] != list(COLUMNS[:2]) or len(header) > 3 or header[2:] not in ([], [COLUMNS[2]]):
                    raise SettingsError(f"{file} begins with {','.join(row)!r}, expected {','.join(COLUMNS)!r}.")
                continue
            if problem := _problem(row):
                wrong.append(f"row {reader.line_num}: {problem}")
            else:
                found.setdefault(Saying(*row), reader.line_num)
    except csv.Error as error:
        raise SettingsError(f"{file}, row {reader.line_num}, is not CSV ({error}): mend the row.") from error
    if len(found) > _MOST_ROWS:
        raise SettingsError(f"{file} has {len(found)} rows, expected {_MOST_ROWS} at most: leave out what is rare.")
    if wrong:
        more = f"; and {len(wrong) - 5} rows more" if len(wrong) > 5 else ""
        raise SettingsError(f"{file}: {'; '.join(wrong[:5])}{more}. Mend the file; nothing was changed.")
    return tuple(sorted(found))


def _problem(row: list[str]) -> str:
    """What is wrong with a row, or nothing."""
    if len(row) not in (2, 3):
        return f"{len(row)} cells, expected said,means,language"
    said, means, language = (*row, "")[:3]
    if not said or not means:
        return f"{'said' if not said else 'means'} is empty, expected a word or a phrase"
    if max(len(said), len(means)) > _LONGEST:
        return f"a phrase of {max(len(said), len(means))} characters, expected {_LONGEST} at most"
    if said.startswith(GAP) or said.endswith(GAP):
        return f"{said!r} begins or ends with {GAP}, expected it between words"
    if len(said) < 2:
        return f"said is {said!r}, expected two characters or more: a single one is in too many questions"
    if said.casefold() == means.casefold():
        return f"{said!r} means itself"
    if language and language not in LANGUAGES:
        return f"language is {language!r}, expected one of {', '.join(LANGUAGES)}, or nothing"
    return ""
