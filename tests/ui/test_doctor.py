"""`kb doctor`: finds what is wrong, says what to do, changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import WARRANTY, Base, TinyEmbedder, flip_byte, front_matter
from ui.doctor import Finding, examine
from ui.publishing import Checks, decisions_of, publish_anew

pytestmark = pytest.mark.usefixtures("tiny_by_default")


def found(base: Base, check: str) -> list[Finding]:
    return [finding for finding in examine(base.path) if finding.check == check]


def test_a_sound_base_has_no_error_and_no_warning_but_for_the_disk(shop: Base) -> None:
    assert [f for f in examine(shop.path) if f.severity in ("error", "warning") and f.check != "disk"] == []
    assert "2 documents, 5 clauses" in found(shop, "base")[0].found


def test_an_empty_base_is_a_note_that_says_how_to_begin_and_is_not_made(base: Base) -> None:
    (finding,) = found(base, "base")
    assert finding.severity == "note" and "kb ingest PATH" in finding.remedy
    assert not base.path.exists()


def test_looking_changes_nothing(shop: Base) -> None:
    def state() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in shop.path.rglob("*")}

    before = state()
    examine(shop.path)
    assert state() == before


def test_a_damaged_base_is_an_error(shop: Base) -> None:
    flip_byte(shop.snapshot().folder / "texts.bin")
    (finding,) = found(shop, "base")
    assert finding.severity == "error" and "kb rollback" in finding.found


def test_settings_that_cannot_be_read_are_an_error(shop: Base) -> None:
    (shop.path / "settings.toml").write_text("[base")
    (finding,) = found(shop, "settings")
    assert finding.severity == "error" and "not valid TOML" in finding.found


def test_another_embedder_than_the_snapshots_is_an_error(shop: Base, tiny_by_default: TinyEmbedder) -> None:
    tiny_by_default.id = "other@7"
    assert any(f.severity == "error" and "other@7" in f.found for f in found(shop, "base"))
    assert found(shop, "calibration")[0].severity == "warning"


def test_dates_and_names_that_do_not_fit_are_told(shop: Base) -> None:
    shop.write("a.md", front_matter(WARRANTY, supersedes="nowhere.md"))
    shop.write("b.md", front_matter(WARRANTY, effective_from="2100-01-01"))
    shop.write("c.md", front_matter(WARRANTY, effective_from="2025-01-01"))
    shop.write("d.md", front_matter(WARRANTY, effective_from="2024-01-01", supersedes="c.md"))
    shop.ingest()
    (supersedes,) = found(shop, "supersedes")
    assert "a.md replaces nowhere.md" in supersedes.found
    told = " / ".join(finding.found for finding in found(shop, "dates"))
    assert "b.md takes effect on 2100-01-01" in told
    assert "c.md is in force on no day at all" in told
    assert "no effective date known: a.md, returns.md, shipping.md" in told


def test_what_a_document_repeals_and_goes_on_is_told(shop: Base) -> None:
    shop.write("old.md", "# 旧规则\n\n第一条 三日内可以退货。\n")
    shop.write("new.md", "# 新规则\n\n第一条 本规则自2025年1月1日起施行。《旧规则》同时废止。\n")
    shop.ingest()
    (finding,) = found(shop, "repeals")
    assert finding.found == "new.md says that it repeals old.md, which goes on answering"


def test_a_missing_package_is_an_error(shop: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.doctor._NEEDED", ("numpy", "no-such-package"))
    (finding,) = found(shop, "packages")
    assert finding.severity == "error" and finding.found == "missing: no-such-package"


def test_rows_of_the_lexicon_are_told_that_are_not_in_force_yet(shop: Base) -> None:
    assert found(shop, "lexicon") == []
    (shop.path / "lexicon.csv").write_text("said,means,language\n砍单,取消订单,\n某宝,淘宝,\n", encoding="utf-8")
    (finding,) = found(shop, "lexicon")
    assert "0 rows" in finding.found and "2 were written" in finding.found and "kb publish" in finding.remedy
    publish_anew(shop.home, shop.embedder, decisions_of(shop.home), Checks(shop.home, shop.embedder))
    (finding,) = found(shop, "lexicon")
    assert finding.severity == "ok" and "2 rows" in finding.found


def test_a_bad_row_of_the_lexicon_is_an_error(shop: Base) -> None:
    (shop.path / "lexicon.csv").write_text("said,means\n退,退款\n", encoding="utf-8")
    (finding,) = found(shop, "lexicon")
    assert finding.severity == "error" and "row 2: " in finding.found


def test_where_questions_go_is_told(shop: Base) -> None:
    assert found(shop, "rewriting") == []
    (shop.path / "settings.toml").write_text('[rewriting]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "small"\n')
    (finding,) = found(shop, "rewriting")
    assert "small at http://127.0.0.1:9/v1" in finding.found and "KOUJING_REWRITING_KEY is unset" in finding.found
