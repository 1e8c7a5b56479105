"""Files made from known texts: every clause where it should be, everything else listed with its reason."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from ingest import metadata
from ingest.containers import unpack
from ingest.duplicates import find
from ingest.errors import IngestError
from ingest.loaders import load
from ingest.pipeline import read
from ingest.settings import ReadingSettings
from ingest.sources import Source
from ingest.structure import cut
from ingest.types import Cut, Extract, Likeness
from kb.settings import BaseSettings
from kb.types import Content
from tests.ingest.made.archives import Archive, archives
from tests.ingest.made.build import FILES, built, lacking
from tests.ingest.made.expected import Clause, Made, bare, clauses_of, letters_recovered, matched

READ = [made for made in FILES if not made.refused]
EXACT = [made for made in READ if made.share == 1]


def names(files: list[Made]) -> list[str]:
    return [made.name for made in files]


def asking(what: str) -> list[Made]:
    return [made for made in READ if getattr(made, what)]


@cache
def _read(name: str) -> tuple[Extract, Cut]:
    made = next(made for made in FILES if made.name == name)
    if (need := lacking(made)) is not None:
        pytest.skip(f"needs {need}")
    extract = load(built(name), name, made.reading)
    return extract, cut(extract)


def test_there_are_enough_files_of_every_kind() -> None:
    kinds = {made.name.rsplit(".", 1)[1] for made in FILES}
    assert kinds >= {"txt", "md", "html", "csv", "tsv", "xlsx", "xls", "docx", "doc", "pptx", "rtf", "pdf", "eml"}
    assert len(FILES) >= 60
    assert len(set(names(list(FILES)))) == len(FILES)


@pytest.mark.parametrize("made", EXACT, ids=names(EXACT))
def test_every_clause_is_found_as_a_reader_sees_it_and_no_other(made: Made) -> None:
    got = clauses_of(*_read(made.name))
    shown = [Clause(c.label, bare(c.text), c.path) for c in got]
    found = matched(made.clauses, got)
    assert [c for c, i in zip(made.clauses, found, strict=True) if i < 0] == [], shown
    assert [c for i, c in enumerate(shown) if i not in found] == []


@pytest.mark.parametrize("made", READ, ids=names(READ))
def test_clauses_and_gaps_cover_every_character_once(made: Made) -> None:
    extract, divided = _read(made.name)
    spans = sorted((part.start, part.end) for part in (*divided.drafts, *divided.gaps))
    assert all(end <= start for (_, end), (start, _) in zip(spans, spans[1:], strict=False))
    between = zip([0, *(end for _, end in spans)], [*(start for start, _ in spans), len(extract.text)], strict=True)
    assert all(not bare(extract.text[end:start]) for end, start in between)


@pytest.mark.parametrize("made", asking("found"), ids=names(asking("found")))
def test_metadata_is_found_where_the_text_is_certain(made: Made) -> None:
    extract, divided = _read(made.name)
    said = metadata.find(extract, made.name, divided.drafts)
    found = {**said.facts, **said.fields}
    assert {key: found[key].value for key in made.found if key in found} == made.found


@pytest.mark.parametrize("made", asking("removed"), ids=names(asking("removed")))
def test_text_taken_out_is_listed_and_no_longer_in_the_text(made: Made) -> None:
    extract, _ = _read(made.name)
    listed = bare("".join(removed.text for removed in extract.removed))
    assert [text for text in made.removed if bare(text) not in listed] == []
    assert [text for text in made.removed if bare(text) in bare(extract.text)] == []
    assert all(removed.reason and removed.where for removed in extract.removed)


@pytest.mark.parametrize("made", asking("left_out"), ids=names(asking("left_out")))
def test_text_that_says_nothing_is_in_no_clause(made: Made) -> None:
    clauses = bare("\n".join(clause.text for clause in clauses_of(*_read(made.name))))
    assert [text for text in made.left_out if bare(text) in clauses] == []


@pytest.mark.parametrize("made", asking("footnotes"), ids=names(asking("footnotes")))
def test_footnotes_stand_apart_behind_the_text(made: Made) -> None:
    extract, _ = _read(made.name)
    notes = [extract.text[note.start : note.end] for note in extract.footnotes]
    assert len(notes) == len(made.footnotes)
    assert all(bare(text) in bare(note) for text, note in zip(made.footnotes, notes, strict=True))
    assert bare(extract.text).endswith(bare("".join(notes)))


@pytest.mark.parametrize("made", asking("pages"), ids=names(asking("pages")))
def test_every_clause_knows_its_page(made: Made) -> None:
    extract, divided = _read(made.name)
    starts = [draft.start for draft in divided.drafts]
    pages = [sum(start <= at for start in extract.page_starts) for at in starts]
    assert tuple(pages[: len(made.pages)]) == made.pages


@pytest.mark.parametrize("made", asking("unread") + asking("notes"), ids=names(asking("unread") + asking("notes")))
def test_what_was_not_read_is_said(made: Made) -> None:
    extract, _ = _read(made.name)
    unread = "\n".join(extract.unread)
    said = "\n".join((*extract.notes, *extract.unread, *(f"{r.reason} {r.where}" for r in extract.removed)))
    assert [word for word in made.unread if word not in unread] == []
    assert [word for word in made.notes if word.lower() not in said.lower()] == []


SCANS = [made for made in READ if made.share < 1]


@pytest.mark.parametrize("made", SCANS, ids=names(SCANS))
def test_scans_are_recognised_with_few_mistakes_and_their_confidence(made: Made) -> None:
    extract, divided = _read(made.name)
    wanted = "".join(clause.text for clause in made.clauses)
    assert letters_recovered(wanted, extract.text) >= made.share
    labels = [clause.label for clause in clauses_of(extract, divided)]
    assert [label for label in labels if label in {c.label for c in made.clauses}] == [c.label for c in made.clauses]
    assert extract.recognised and all(0.5 < confidence <= 1 for confidence in extract.recognised.values())


REFUSED = [made for made in FILES if made.refused]


@pytest.mark.parametrize("made", REFUSED, ids=names(REFUSED))
def test_a_file_without_readable_text_is_refused_with_its_reason(made: Made) -> None:
    if (need := lacking(made)) is not None:
        pytest.skip(f"needs {need}")
    with pytest.raises(IngestError, match=f"(?i){made.refused}"):
        load(built(made.name), made.name, made.reading)


def test_reading_again_gives_the_same() -> None:
    quick = [made for made in READ if not made.needs]
    for made in random.Random(3).sample(quick, 15):
        first = _read(made.name)
        extract = load(built(made.name), made.name, made.reading)
        assert (extract, cut(extract)) == first, made.name


ARCHIVES = archives()


@pytest.mark.parametrize("archive", ARCHIVES, ids=[archive.name for archive in ARCHIVES])
def test_the_members_of_an_archive_are_documents_under_their_own_names(archive: Archive, tmp_path: Path) -> None:
    unpacked = unpack(archive.build(), archive.name, ReadingSettings(), tmp_path, lambda _: None)
    assert unpacked is not None and not unpacked.failed
    assert {member.inner for member in unpacked.members} == set(archive.members)
    for member in unpacked.members:
        extract = load(member.stored.read_bytes(), PurePosixPath(member.inner).name)
        expected = archive.members[member.inner]
        assert min(matched(expected, clauses_of(extract, cut(extract)))) >= 0, member.inner


def _content(name: str, data: bytes) -> Content:
    source = Source(name, Path(name), "", {}, {})
    return read(source, data, {}, BaseSettings()).content


def test_one_text_in_several_formats_is_found_and_a_changed_one_shown() -> None:
    rules = built("rules-utf8-bom.txt")
    changed = rules.decode("utf-8-sig").replace("七日内", "十五日内").encode()
    contents = [
        _content("a/rules.txt", rules),
        _content("b/copy.txt", rules),
        _content("c/gbk.txt", built("rules-gb18030.txt")),
        _content("d/long.txt", built("long-article.txt")),
    ]
    found = {(pair.first, pair.second): pair.likeness for pair in find(contents)}
    assert found[("a/rules.txt", "b/copy.txt")] is Likeness.SAME_FILE
    assert Likeness.SAME_TEXT in {likeness for pair, likeness in found.items() if "c/gbk.txt" in pair}
    assert not any("d/long.txt" in pair for pair in found)
    (pair,) = find([contents[0], _content("e/changed.txt", changed)])
    assert pair.likeness in (Likeness.SIMILAR, Likeness.VERSIONS)
    (difference,) = pair.differences
    assert difference.first == difference.second == "第三条"
    assert {sign: words for sign, words in difference.changes if sign != "="} == {"-": "七", "+": "十五"}
