"""Archives and messages: members become documents, within bounds; nothing leaves the folder, nothing is lost unnamed."""

from __future__ import annotations

import gzip
import hashlib
import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest.containers import Unpacked, _Unpacking, is_container, member_paths, name_encoding, unpack
from ingest.errors import UnreadableFile
from ingest.settings import ReadingSettings

TEXT = "第一条 七日内可以退货。"


def zipped(members: Mapping[str, str | bytes], **info: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def raw_names(names: list[bytes]) -> bytes:
    """A ZIP whose names are these bytes, and which does not say in what encoding."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, name in enumerate(names):
            info = zipfile.ZipInfo("x" * len(name))
            archive.writestr(info, TEXT + str(number))
    data = out.getvalue()
    for name in names:
        data = data.replace(b"x" * len(name), name, 2) if len({len(n) for n in names}) == len(names) else data
    return data


def opened(data: bytes, folder: Path, name: str = "a.zip", **settings: object) -> Unpacked:
    found = unpack(data, name, ReadingSettings(**settings), folder / "out", lambda sign: None)  # type: ignore[arg-type]
    assert found is not None
    return found


def names(found: Unpacked) -> list[str]:
    return sorted(member.inner for member in found.members)


def failures(found: Unpacked) -> dict[str, str]:
    return {failure.path: failure.reason for failure in found.failed}


def test_members_are_unpacked_byte_for_byte_under_their_own_paths(tmp_path: Path) -> None:
    found = opened(zipped({"rules/退货.md": TEXT, "b.txt": "B"}), tmp_path)
    assert {m.inner: m.stored.read_bytes() for m in found.members} == {"rules/退货.md": TEXT.encode(), "b.txt": b"B"}
    assert all(m.stored.parent == tmp_path / "out" and m.stored.name.isdigit() for m in found.members)


def test_archives_in_archives_are_opened_up_to_the_depth_allowed(tmp_path: Path) -> None:
    data = zipped({"c.md": TEXT})
    for name in ("3.zip", "2.zip", "1.zip"):
        data = zipped({name: data, f"beside {name}.md": TEXT})
    found = opened(data, tmp_path, archive_depth=2)
    assert names(found) == ["1.zip/2.zip/beside 3.zip.md", "1.zip/beside 2.zip.md", "beside 1.zip.md"]
    assert "more than 2 archives deep" in failures(found)["1.zip/2.zip/3.zip"]


def test_an_archive_that_contains_itself_is_stopped(tmp_path: Path) -> None:
    data = zipped({"a.md": TEXT})
    within = (hashlib.sha256(data).hexdigest(),)  # nobody can write one by hand: an archive found in itself
    with pytest.raises(UnreadableFile, match="contains itself"):
        _Unpacking(ReadingSettings(), tmp_path, lambda sign: None).open(data, "a.zip", "a.zip", within)


def test_an_office_file_is_a_document_whatever_its_name(tmp_path: Path) -> None:
    word = zipped({"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"})
    assert unpack(word, "a.zip", ReadingSettings(), tmp_path, lambda sign: None) is None
    assert not is_container(word[:4], "a.docx")
    assert names(opened(zipped({"inner/a.docx": word}), tmp_path)) == ["inner/a.docx"]


# --- bombs ------------------------------------------------------------------------------------------------------


def test_what_unpacks_to_far_more_than_it_is_is_stopped(tmp_path: Path) -> None:
    found = opened(zipped({"bomb.txt": b"0" * (40 << 20), "a.md": TEXT}), tmp_path)
    assert names(found) == ["a.md"]
    assert "more than 200 times its size" in failures(found)["bomb.txt"]


def test_all_members_together_stay_within_the_bound(tmp_path: Path) -> None:
    noise = [bytes((n * i * 7919 >> 3) & 0xFF for i in range(400_000)) for n in range(1, 6)]
    data = zipped({f"{n}.txt": content for n, content in enumerate(noise)})
    found = opened(data, tmp_path, unpacked_mb=1)
    assert names(found) == ["0.txt", "1.txt"]
    assert all("more than 1 MiB" in reason for reason in failures(found).values())
    assert sorted(failures(found)) == ["2.txt", "3.txt", "4.txt"]


def test_a_member_whose_header_lies_about_its_size_is_bounded_by_what_comes_out(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"ab" * (1 << 20)}))
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = (100).to_bytes(4, "little")
    found = opened(bytes(data), tmp_path, unpacked_mb=1)
    assert not found.members or all(m.stored.stat().st_size <= 100 for m in found.members)


def test_more_files_than_allowed_are_named_and_those_before_are_kept(tmp_path: Path) -> None:
    found = opened(zipped({f"{n:02}.md": TEXT for n in range(30)}), tmp_path, archive_files=10)
    assert len(found.members) == 10 and "more than 10 files" in failures(found)[""]


def test_a_broken_member_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    data = zipped({"a.md": TEXT * 50, "b.md": TEXT})
    at = data.index(b"a.md") + 10
    found = opened(data[:at] + b"\xff\xff\xff" + data[at + 3 :], tmp_path)
    assert names(found) == ["b.md"] and "broken in the archive" in failures(found)["a.md"]


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_an_archive_cut_off_is_refused(tmp_path: Path, cut: float) -> None:
    data = zipped({"a.md": TEXT * 50})
    with pytest.raises(UnreadableFile, match="broken or cut off"):
        opened(data[: int(len(data) * cut)], tmp_path)


# --- names and kinds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["../secret.md", "a/../../secret.md", "/etc/passwd", "C:/x.md", "..\\secret.md"])
def test_a_path_out_of_the_archive_is_refused_by_name(tmp_path: Path, path: str) -> None:
    found = opened(zipped({path: TEXT, "a.md": TEXT}), tmp_path)
    assert names(found) == ["a.md"]
    ((shown, reason),) = failures(found).items()
    assert shown == path.replace("\\", "/") and "its path leads" in reason
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["000000", "out"]


def test_a_name_that_only_winds_is_made_straight(tmp_path: Path) -> None:
    assert names(opened(zipped({"./a//b/./c.md": TEXT}), tmp_path)) == ["a/b/c.md"]


def test_system_files_are_counted_and_links_named(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("__MACOSX/._a.md", ".DS_Store", "sub/Thumbs.db", "a.md"):
            archive.writestr(name, TEXT)
        link = zipfile.ZipInfo("link.md")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    found = opened(out.getvalue(), tmp_path)
    assert (names(found), found.hidden) == (["a.md"], 3)
    assert [(s.path, "not followed" in s.reason) for s in found.skipped] == [("link.md", True)]


def test_two_members_of_one_name_are_one_if_equal_and_named_if_not(tmp_path: Path) -> None:
    out = io.BytesIO()
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(out, "w") as archive:
        for name, content in (("a.md", "A"), ("a.md", "A"), ("b.md", "B"), ("b.md", "C")):
            archive.writestr(name, content)
    found = opened(out.getvalue(), tmp_path)
    assert {m.inner: m.stored.read_text() for m in found.members} == {"a.md": "A", "b.md": "B"}
    assert list(failures(found)) == ["b.md"]


NAMES = {
    "gb18030": ["退货规则/七天无理由退货.docx", "运费险说明.pdf"],
    "cp932": ["返品規則/返品について.docx", "ポイント規約.pdf"],
    "big5": ["退貨規則/七天鑑賞期.docx", "運費說明.pdf"],
    "cp949": ["반품규정/교환및반품안내.docx", "배송비.pdf"],
    "utf-8": ["退货规则/七天无理由退货.docx", "반품규정.pdf"],
    "ascii": ["returns/seven days.docx"],
}


@pytest.mark.parametrize("encoding", NAMES)
def test_names_are_read_in_the_encoding_that_they_were_written_in(encoding: str) -> None:
    assert name_encoding([name.encode(encoding) for name in NAMES[encoding]]) == encoding


@pytest.mark.parametrize("name", ["Rückgabe.txt", "Größe.txt", "Devolución y garantía.txt"])
def test_names_of_old_western_archives_stay_what_the_format_says(name: str) -> None:
    assert name_encoding([name.encode("cp437")]) == "cp437"


@pytest.mark.parametrize("name", ["规则.pdf", "运费险说明", "附件1（试行）.doc"])
def test_a_short_chinese_name_is_enough(name: str) -> None:
    assert name_encoding([name.encode("gb18030")]) == "gb18030"


def test_member_paths_mend_what_the_archive_does_not_say(tmp_path: Path) -> None:
    data = raw_names([name.encode("gb18030") for name in NAMES["gb18030"]])
    assert names(opened(data, tmp_path)) == sorted(NAMES["gb18030"])


def test_a_name_given_twice_in_its_extra_field_is_taken_from_there() -> None:
    info = zipfile.ZipInfo("x.md")
    info.orig_filename = "??.md"
    body = b"\x01" + zlib.crc32(b"??.md").to_bytes(4, "little") + "退货.md".encode()
    info.extra = (0x7075).to_bytes(2, "little") + len(body).to_bytes(2, "little") + body
    assert member_paths([info]) == ["退货.md"]


# --- locked -----------------------------------------------------------------------------------------------------

LOCKED_TEXT = "第一条 买家可以在七日内退货。"


def locked(password: bytes, content: bytes) -> bytes:
    """A ZIP with one member locked in the traditional way (APPNOTE 6.1), written here since zipfile only reads it."""
    crc = zlib.crc32(content)
    table = [_crc_step(byte) for byte in range(256)]
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = (keys[0] >> 8) ^ table[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ table[(keys[2] ^ (keys[1] >> 24)) & 0xFF]

    for byte in password:
        update(byte)
    body = bytearray()
    for byte in bytes(11) + bytes([crc >> 24]) + content:
        mixed = (keys[2] | 2) & 0xFFFF
        body.append(byte ^ ((mixed * (mixed ^ 1)) >> 8 & 0xFF))
        update(byte)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.md", bytes(body))
    data = bytearray(out.getvalue())
    for at, flags, checksum in ((0, 6, 14), (data.index(b"PK\x01\x02"), 8, 16)):
        data[at + flags] |= 1
        data[at + checksum : at + checksum + 4] = crc.to_bytes(4, "little")
        data[at + checksum + 8 : at + checksum + 12] = len(content).to_bytes(4, "little")
    return bytes(data)


def _crc_step(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (0xEDB88320 if byte & 1 else 0)
    return byte


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_locked_member_opens_with_a_password_from_the_settings(tmp_path: Path, encoding: str) -> None:
    data = locked("密码7".encode(encoding), LOCKED_TEXT.encode())
    found = opened(data, tmp_path, passwords=("wrong", "密码7"))
    assert [m.stored.read_text() for m in found.members] == [LOCKED_TEXT]


@pytest.mark.parametrize("passwords, words", [((), "Give it in ingest.passwords"), (("wrong", "no"), "no password in")])
def test_a_locked_member_that_stays_locked_is_named(tmp_path: Path, passwords: tuple[str, ...], words: str) -> None:
    found = opened(locked(b"right", LOCKED_TEXT.encode()), tmp_path, passwords=passwords)
    assert found.members == () and words in failures(found)["a.md"]


# --- gzip and messages ------------------------------------------------------------------------------------------


def test_a_gzipped_document_is_its_only_member(tmp_path: Path) -> None:
    found = opened(gzip.compress(TEXT.encode()), tmp_path, name="rules.md.gz")
    assert [(m.inner, m.stored.read_text()) for m in found.members] == [("rules.md", TEXT)]


@pytest.mark.parametrize(
    "spoil, words",
    [(lambda data: data[:-10], "cut off"), (lambda data: data[:12] + b"\xff" * 9 + data[21:], "broken")],
)
def test_a_damaged_gzip_is_refused(tmp_path: Path, spoil, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        opened(spoil(gzip.compress(TEXT.encode() * 50)), tmp_path, name="rules.md.gz")


def message(*attached: tuple[str, bytes]) -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "新规则", "a@example.com", "b@example.com"
    mail.set_content("附件是新的退货规则。")
    for name, content in attached:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def test_a_message_is_a_document_and_its_attachments_are_its_members(tmp_path: Path) -> None:
    data = message(("退货.md", TEXT.encode()), ("../退货.md", b"other"), ("more.zip", zipped({"b.md": "B"})))
    found = opened(data, tmp_path, name="mail.eml")
    assert found.is_document
    assert {m.inner: m.stored.read_bytes() for m in found.members} == {
        "退货.md": TEXT.encode(), "退货 (2).md": b"other", "more.zip/b.md": b"B"
    }  # fmt: skip


def test_a_message_in_an_archive_is_a_document_beside_its_attachments(tmp_path: Path) -> None:
    data = zipped({"mails/a.eml": message(("b.md", b"B"))})
    assert names(opened(data, tmp_path)) == ["mails/a.eml", "mails/a.eml/b.md"]
