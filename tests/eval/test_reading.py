"""The comparison with independent extractors: shares, tables, what is held against what."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from eval.reading import compare, independent, throughput
from eval.reading.__main__ import kind_of
from eval.reading.__main__ import main as reading


def compared(name: str, **values: object) -> compare.Compared:
    plain = {"kind": "pdf", "reason": "", "program": "p", "theirs": 100, "found": 1.0, "listed": 1.0, "more": 0.0}
    return compare.Compared(name, **{**plain, **values})  # type: ignore[arg-type]


def test_letters_are_counted_as_one_would_type_them() -> None:
    assert compare.letters("⽇　Ａ1 日\n，") == Counter({"日": 2, "A": 1, "1": 1})


def test_the_share_counts_every_letter_as_often_as_it_stands_there() -> None:
    wanted = Counter({"甲": 15, "乙": 5})
    assert compare.share(wanted, Counter({"甲": 12, "乙": 9, "丙": 3})) == (12 + 5) / 20
    assert compare.surplus(wanted, Counter({"甲": 12, "乙": 9, "丙": 3})) == (4 + 3) / 20
    assert compare.share(Counter({"甲": compare.FEW - 1}), Counter()) is None


def test_a_kind_shows_its_median_its_worst_and_what_only_others_read() -> None:
    files = [
        compared("a", found=0.5, listed=0.9, seconds=2.0, peak_mb=90),
        compared("b", found=0.9),
        compared("c", found=0.8),
        compared("d", reason="locked", found=None, listed=None, theirs=40),
        compared("e", reason="empty", found=None, listed=None, theirs=None),
    ]
    assert compare.by_kind(files)[0] == ("pdf", "5", "3", "2", "1", "80.0%", "50.0%", "90.0%", "2.0", "90")
    assert compare.by_kind(files)[-1][0] == "all"


def test_a_table_keeps_its_columns_whatever_stands_in_its_cells() -> None:
    assert compare.table(("a", "b"), [("1|2", "x\ny")]) == "| a | b |\n| --- | --- |\n| 1/2 | x y |"


def test_text_is_decoded_only_by_what_is_known() -> None:
    assert independent.decode("退货".encode("gbk"), None) is None
    assert independent.decode("退货".encode("gbk"), independent.known("a_gbk.txt", {"*_gbk*": "gbk"})) == "退货"
    assert independent.decode("退货".encode("utf-16"), None) == "退货"
    assert independent.decode("退货".encode(), independent.known("a.txt", {"*_gbk*": "gbk"})) == "退货"


def test_pages_and_mails_are_read_by_the_standard_library(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<p>退货</p><script>x()</script><style>p{}</style><p>运费</p>", encoding="utf-8")
    mail = tmp_path / "a.eml"
    mail.write_bytes("Subject: x\nContent-Type: text/plain; charset=gbk\n\n退货\n".encode("gbk"))
    assert independent.text_of(page, {}) == ("退货\n运费", "html.parser")
    text, program = independent.text_of(mail, {})
    assert ((text or "").strip(), program) == ("退货", "email")
    assert independent.text_of(tmp_path / "missing.exe", {})[0] is None


@pytest.mark.parametrize(("path", "kind"), [("pdf_cjk/a.pdf", "pdf_cjk"), ("a.PDF", "pdf"), ("notes", "no suffix")])
def test_a_files_kind_is_its_folder_or_the_end_of_its_name(path: str, kind: str) -> None:
    assert kind_of(Path(path)) == kind


def test_speed_is_held_against_the_embedding() -> None:
    files = [throughput.Speed("pdf", 1, 2_000_000, 10, 50, 4.0), throughput.Speed("pdf", 1, 1_000_000, 5, 30, 1.0)]
    (pdf, everything) = throughput.summed(files)
    assert pdf == throughput.Speed("pdf", 2, 3_000_000, 15, 80, 5.0)
    assert everything.kind == "all"
    assert pdf.times_embedding(2.0) == (80 / 5) / 2
    assert throughput.Speed("pdf", 1, 10, 0, 0, 1.0).times_embedding(2.0) is None
    assert throughput.rows([pdf], 2.0) == [("pdf", "2", "3.00", "5.00", "0.60", "3.0", "16", "8.0")]


def test_a_folder_is_compared_file_by_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "第一条 买家可以在七日内退货。\n第二条 运费由买家承担，质量问题除外。\n"
    (tmp_path / "a_gbk.txt").write_bytes(text.encode("gbk"))
    (tmp_path / "b.txt").write_bytes(b"")
    reading(["compare", str(tmp_path), "--encoding", "*_gbk*=gbk", "--files"])
    printed = capsys.readouterr().out
    assert "a_gbk.txt | read | decoded | 29 | 100.0% | 100.0% | 0.0%" in printed
    assert "refused: the file is empty" in printed
    assert "| txt | 2 | 1 | 1 | 0 | 100.0% | 100.0% | 100.0% |" in printed


def test_a_folder_without_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no file"):
        reading(["compare", str(tmp_path)])
