"""Which files are meant, under which keys, with which metadata from outside."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

import pytest

from ingest.errors import InvalidMetadata, SourceError, UnreadableFile
from ingest.sources import collect, listing, member, parse_given, place_of, read_bytes


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


# --- what is in a folder beside files ---------------------------------------------------------------------------


def test_what_is_no_document_is_named_with_its_reason_and_hidden_files_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    write(folder / "a.md")
    write(tmp_path / "secret.md")
    write(tmp_path / "elsewhere" / "b.md")
    os.symlink(tmp_path / "secret.md", folder / "out.md")
    os.symlink(tmp_path / "nothing", folder / "dangling.md")
    os.symlink(tmp_path / "elsewhere", folder / "linked")
    os.symlink(folder / "loop", folder / "loop")
    os.mkfifo(folder / "pipe.md")
    listener = socket.socket(socket.AF_UNIX)
    with contextlib.closing(listener), contextlib.chdir(folder):  # a socket's path may be 107 bytes long
        listener.bind("socket.md")
    for name in (".DS_Store", "Thumbs.db", "~$a.docx", "__MACOSX/x.md", ".git/config"):
        write(folder / name)
    found = collect([folder])
    assert [source.key for source in found.sources] == ["a.md"]
    assert {s.path: s.reason for s in found.skipped} == {
        "out.md": "a link that leads out of the folder is not followed",
        "dangling.md": "a link that leads nowhere",
        "loop": "a link that leads nowhere",
        "linked": "a link to a folder is not followed; name the folder itself",
        "pipe.md": "a pipe, no document",
        "socket.md": "a socket, no document",
    }
    assert found.hidden == 5


def test_the_bases_own_folder_is_left_out_wherever_it_stands(tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    write(tmp_path / "base" / "settings.toml", "")
    found = collect([tmp_path], leave_out=tmp_path / "base")
    assert [source.key for source in found.sources] == ["a.md"]
    assert [(s.path, s.reason) for s in found.skipped] == [("base", "the base's own folder")]


def test_something_that_is_no_file_cannot_be_named_itself(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="is a pipe; expected a file or a folder"):
        collect([tmp_path / "pipe"])


# --- reading ----------------------------------------------------------------------------------------------------


def test_a_file_is_read_whole_and_one_too_large_is_not_read_at_all(tmp_path: Path) -> None:
    file = write(tmp_path / "a.md", "七日" * 1000)
    assert read_bytes(file, "a.md", 1) == ("七日" * 1000).encode()
    with open(file, "wb") as handle:
        handle.truncate(3 * 2**20)
    with pytest.raises(UnreadableFile, match=r"3 MiB, more than the 2 allowed.*ingest\.file_mb"):
        read_bytes(file, "a.md", 2)


def test_a_file_that_grows_while_it_is_read_is_read_again_and_given_up_if_it_never_rests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "a.md", "一")
    state, times = os.fstat, []

    def growing(most: int):
        def fstat(descriptor: int) -> os.stat_result:
            if len(times) < most:
                times.append(0)
                with open(file, "a") as handle:
                    handle.write("二")
            return state(descriptor)

        return fstat

    monkeypatch.setattr("ingest.sources.os.fstat", growing(2))
    assert read_bytes(file, "a.md", 1).decode() == "一二二"
    monkeypatch.setattr("ingest.sources.os.fstat", growing(10**6))
    with pytest.raises(UnreadableFile, match="changed while it was being read"):
        read_bytes(file, "a.md", 1)


def test_a_pipe_put_in_a_files_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")
    with pytest.raises(UnreadableFile, match="found a pipe; expected a file"):
        read_bytes(tmp_path / "a.md", "a.md", 1)


# --- members of archives ----------------------------------------------------------------------------------------


def test_a_member_is_known_by_its_archives_path_and_has_its_rules(tmp_path: Path) -> None:
    write(tmp_path / "sub" / "a.zip")
    write(tmp_path / "koujing.toml", '[[files]]\nmatch = "sub/a.zip/laws/*"\nauthority = "law"\n')
    found = collect([tmp_path], prefix="shop")
    (archive,) = found.sources
    inside = member(archive, "laws/b.md", tmp_path / "stored", found.rules)
    assert (inside.key, inside.rules) == ("shop/sub/a.zip/laws/b.md", {"authority": "law"})
    assert str(inside.file) == f"{tmp_path}/sub/a.zip!/laws/b.md"
    assert (inside.place, inside.bytes_at) == (tmp_path / "sub" / "a.zip", tmp_path / "stored")


def test_the_place_of_a_member_is_its_archive_as_long_as_that_is_there(tmp_path: Path) -> None:
    archive = write(tmp_path / "wow!" / "a.zip")
    file = write(tmp_path / "wow!" / "b.md")
    assert place_of(f"{archive}!/inner/b.md") == archive
    assert place_of(str(file)) == file
    archive.unlink()
    assert not place_of(f"{archive}!/inner/b.md").exists()
    assert not place_of(str(tmp_path / "wow!" / "gone.md")).exists()


def test_a_listing_changes_with_every_file_that_an_ingest_would_look_at(tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    before = listing([tmp_path])
    write(tmp_path / ".hidden.md")
    assert listing([tmp_path]) == before
    for name in ("sub/b.md", "koujing.toml"):
        write(tmp_path / name, "")
        assert listing([tmp_path]) != before
        before = listing([tmp_path])
    os.utime(tmp_path / "a.md", ns=(1, 1))
    assert listing([tmp_path]) != before
