"""Settings: unknown keys and impossible values fail when the file is read, with the key's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.errors import SettingsError
from kb.home import Home


def home_with(folder: Path, text: str | bytes) -> Home:
    (folder / "settings.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    return Home(folder)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.embedding.model == "bundled"
    assert home.settings.authorities[0] == "law" and home.settings.authorities[-1] == "script"


@pytest.mark.parametrize(
    "text, words",
    [
        ("[base]\nkeep_snapshot = 3\n", r"base\.keep_snapshot.*unknown.*keep_snapshots"),
        ('[base]\nkeep_snapshots = "3"\n', r"base\.keep_snapshots = '3'.*expected a int"),
        ("[base]\nkeep_snapshots = true\n", "expected a int"),
        ("[base]\nkeep_snapshots = 0\n", "expected 1 or more"),
        ('[base]\ntimezone = "Mars/Olympus"\n', "expected a name such as Asia/Shanghai"),
        ('[base]\ntimezone = "../../etc/passwd"\n', "expected a name such as Asia/Shanghai"),
        ("[base]\nauthorities = [1, 2]\n", r"base\.authorities"),
        ("[base]\nauthorities = []\n", "one rank or more"),
        ('[base]\nauthorities = ["law", "law"]\n', "each once"),
        ('[embedding]\nmodel = ""\n', r"embedding\.model is empty"),
        ('[embedding]\nmodell = "x"\n', r"embedding\.modell"),
        ("[base\n", "not valid TOML"),
        (b"\xff\xfe", "not valid TOML"),
        ('base = "x"\n', r"\[base\]"),
        ("[bass]\nkeep_snapshots = 3\n", r"'bass'.*\[base\], \[embedding\], \[ingest\], \[assistant\]"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        home_with(tmp_path, text)


def test_lists_and_whole_numbers_are_taken_as_they_are_meant(tmp_path: Path) -> None:
    home = home_with(tmp_path, '[base]\nauthorities = ["law", "script"]\nkeep_snapshots = 3\n')
    assert home.settings.authorities == ("law", "script") and home.settings.keep_snapshots == 3


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert home_with(tmp_path, b"\xef\xbb\xbf[base]\nkeep_snapshots = 3\n").settings.keep_snapshots == 3
