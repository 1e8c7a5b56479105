"""Which files are meant, under which keys, with which metadata from outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.errors import InvalidMetadata, SourceError
from ingest.sources import collect, parse_given


def write(file: Path, text: str = "第一条 七日内可以退货。") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def keys(*paths: Path, prefix: str = "") -> list[str]:
    return [source.key for source in collect(paths, prefix)[0]]


def test_the_key_is_the_path_below_the_folder_or_the_file_name(tmp_path: Path) -> None:
    file = write(tmp_path / "docs" / "rules" / "a.md")
    assert keys(tmp_path / "docs") == ["rules/a.md"]
    assert keys(file) == ["a.md"]
    assert keys(tmp_path / "docs", prefix="/shop/") == ["shop/rules/a.md"]


def test_hidden_files_lock_files_and_the_rules_are_no_documents(tmp_path: Path) -> None:
    for name in (".hidden.md", ".git/a.md", "~$open.docx", "koujing.toml", "a.md"):
        write(tmp_path / name, "")
    assert keys(tmp_path) == ["a.md"]


def test_links_that_lead_out_of_the_folder_are_left_alone(tmp_path: Path) -> None:
    outside, inside = write(tmp_path / "secret.md"), write(tmp_path / "docs" / "a.md")
    os.symlink(outside, tmp_path / "docs" / "out.md")
    os.symlink(inside, tmp_path / "docs" / "in.md")
    assert keys(tmp_path / "docs") == ["a.md", "in.md"]


def test_a_path_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere does not exist; expected a file or a folder"):
        collect([tmp_path / "nowhere"])


def test_two_sources_with_one_key_are_refused_naming_both(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one" / "a.md"), write(tmp_path / "two" / "a.md")
    with pytest.raises(SourceError, match=f"{one} and {two} would both be the document 'a.md'.*--as PREFIX"):
        collect([tmp_path / "one", tmp_path / "two"])


def test_the_same_file_named_twice_is_one_source(tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    assert keys(tmp_path, tmp_path) == keys(tmp_path, tmp_path / "a.md") == ["a.md"]


def test_one_folder_is_one_root_however_it_is_spelt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "docs" / "a.md")
    monkeypatch.chdir(tmp_path)
    roots = {collect([Path(p)])[1][0] for p in ("docs", "./docs/", "docs/../docs", str(tmp_path / "docs"))}
    assert roots == {str(tmp_path / "docs")}


def test_a_folder_that_cannot_be_listed_is_refused_and_not_taken_for_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "docs" / "closed" / "a.md")
    listing = os.scandir

    def closed(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(SourceError, match="closed cannot be listed"):
        collect([tmp_path / "docs"])


# --- metadata from outside -------------------------------------------------------------------------------------


def test_given_metadata_is_split_at_the_first_equals_sign() -> None:
    assert parse_given(["title=a=b", " owner = 王 ", "scope.platform=桐里"]) == {
        "title": "a=b", "owner": "王", "scope.platform": "桐里",
    }  # fmt: skip


@pytest.mark.parametrize(
    "setting", ["authority", "=law", "authorty=law", "scope=x", "scope.=x", "published=2025-01-01"]
)
def test_given_metadata_that_cannot_be_meant_is_refused(setting: str) -> None:
    with pytest.raises(InvalidMetadata, match=r"--set"):
        parse_given([setting])


def test_defaults_and_matching_blocks_are_read_from_the_folder(tmp_path: Path) -> None:
    write(tmp_path / "laws" / "a.md")
    write(
        tmp_path / "koujing.toml",
        '[defaults]\nauthority = "script"\n[[files]]\nmatch = "laws/*"\nauthority = "law"\nowner = "甲"\n'
        '[[files]]\nmatch = "*/a.md"\nowner = "乙"\nsupersedes = ["b.md", "c.md"]\nscope = { region = "CN" }\n',
    )
    (source,) = collect([tmp_path])[0]
    assert source.defaults == {"authority": "script"}
    assert source.rules == {"authority": "law", "owner": "乙", "supersedes": "b.md; c.md", "scope.region": "CN"}


@pytest.mark.parametrize(
    "text, words",
    [
        ("[defaults", "valid TOML"),
        ('[default]\nauthority = "law"\n', r"found '\[default\]', expected \[defaults\] and \[\[files\]\] only"),
        ('[[files]]\nauthority = "law"\n', "without match"),
        ('[[files]]\nmatch = "*"\nauthorty = "law"\n', "found 'authorty'"),
        ('[defaults]\nscope = "x"\n', "scope.DIMENSION"),
        ('defaults = "law"\n', r"\[defaults\]"),
        ('files = ["a"]\n', r"\[\[files\]\]"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused_with_their_file(tmp_path: Path, text: str, words: str) -> None:
    write(tmp_path / "koujing.toml", text)
    write(tmp_path / "a.md")
    with pytest.raises(InvalidMetadata, match=words) as refused:
        collect([tmp_path])
    assert "koujing.toml" in str(refused.value)
