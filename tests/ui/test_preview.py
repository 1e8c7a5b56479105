"""`kb preview`: what it prints, its JSON, its HTML page, and that no text of a document is ever obeyed."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
import shutil
import string
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from rich.cells import cell_len
from rich.console import Console

from ingest.preview import FACTS, Member, Picture, Preview
from ingest.preview import preview as preview_of
from ingest.sources import FIELDS, Source
from ingest.types import Footnote, GapReason, Removed
from kb.settings import BaseSettings
from kb.types import Box, Clause, ClauseKind, Content, Reference, Version
from tests.support import Base
from ui import cli
from ui.listing import clause_with_history
from ui.plain import visible
from ui.preview import choose_words, members_to_json, print_members
from ui.terminal import print_clause
from ui.web.preview import MAX_LISTED, MAX_LISTED_CHARS, page, preview_html, preview_words
from ui.web.wording import LANGUAGES

RULES = """# 青禾集市换货规则

第一条 本规则自2025年4月1日起施行。

第二条 买家签收后七日内可以申请换货，依照本规则第三条办理。

第三条 换货的运费由卖家承担。
"""

# What might be taken for markup, for a command to the screen, or for the end of something.
SCRIPT = "<script>document.title='owned'</script>"
HOSTILE = (
    f'"><img src=x onerror="document.title=\'owned\'">{SCRIPT}</script></style></title>]]>-->'
    "<svg onload=document.title='owned'>{{value}}${1+1}&lt;&amp;\\u003cscript>"
    "\x00\x07\x1b[31m\x1b]0;owned\x07\x7f\x9b31m\u202eevil\u202c\u2066x\u2069\u200f\u2028\r"
)


def read(text: str, key: str = "rules.md") -> Preview:
    return preview_of(Source(key, Path(key), key, {}, {}), text.encode(), {}, BaseSettings())


def hostile(text: str = HOSTILE) -> Preview:
    """A preview whose every field holds the text, whatever readers would have done with it."""
    stored = f"{text}\n{text}\n{text}"
    n = len(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    reference = Reference(n + 2, n + 9, text, title=text)
    clause = Clause(f"c-{text}", text, "v", ClauseKind.ARTICLE, text, (text, text), n + 1, 2 * n + 1, text, digest,
                    page=1, context=text, references=(reference,))  # fmt: skip
    version = Version("v", text, text, stored, digest, text, digest, text, {text: text}, owner=text, language=text,
                      evidence={"owner": text, "issuer": text}, facts={"issuer": text, text: text}, notes=(text,),
                      doubts=(text,), recognised={1: 0.5})  # fmt: skip
    plain = read(RULES)
    row = replace(plain.metadata[0], field=text, value=text, evidence=text, span=(3, 7))
    return replace(
        plain, name=text, kind=text, content=Content(version, (clause,), (Box(n + 1, 2 * n, 1, 1, 1, 9, 9),)),
        metadata=(row,), facts=(replace(row, field=f"scope.{text}", span=(5, 20)),), gaps=(), unread=(text,),
        removed=(Removed(text, text, text),), footnotes=(Footnote(2 * n + 2, 3 * n + 2, text),), page_starts=(0, n + 5),
        rules_from=text, pictures=(Picture(1, 100, 100, "image/webp", b"x"),),
    )  # fmt: skip


class Outline(HTMLParser):
    """The elements and attributes that a browser would see, and the text it would show."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.values: list[tuple[str, str]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attributes}
        self.values += [(name, value or "") for name, value in attributes]

    def handle_data(self, data: str) -> None:
        self.text += data


def text_of(fragment: str) -> str:
    """The text on the left without the labels in the margin."""
    inner = re.search(r'<main class="pv-text"[^>]*>(.*?)</main>', fragment, re.DOTALL)
    assert inner
    unlabelled = re.sub(r'<(a class="pv-label"|span class="pv-why")[^>]*>[^<]*</(a|span)>', "", inner[1])
    return html.unescape(re.sub(r"<[^>]*>", "", unlabelled))


# --- HTML -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_the_whole_stored_text_once_and_in_order(language: str) -> None:
    found = read(RULES)
    shown = text_of(preview_html(found, preview_words(language)))
    assert shown == found.content.version.text.rstrip("\n")


def test_marks_that_overlap_lose_no_character_and_repeat_none() -> None:
    found = read(RULES)
    text = found.content.version.text
    rows = tuple(
        replace(found.metadata[0], span=(start, start + length))
        for start, length in ((2, 30), (5, 9), (20, 40), (0, 3))
    )
    spans = replace(found, metadata=rows, footnotes=(Footnote(10, 50, "1"),), page_starts=(0, 13, 25, 40))
    assert text_of(preview_html(spans, preview_words("en"))) == text.rstrip("\n")


def test_a_reference_leads_to_its_clause() -> None:
    found = read(RULES)
    target = found.content.clauses[2]
    (reference,) = found.content.clauses[1].references
    assert reference.clause == target.id
    fragment = preview_html(found, preview_words("zh"))
    assert f'<a class="pv-ref" href="#pv0-{target.id}" title="第三条">第三条</a>' in fragment
    assert f'id="pv0-{target.id}"' in fragment


def test_what_is_left_out_stands_with_its_reason_and_its_count() -> None:
    found = read(RULES)
    reasons = {gap.reason.value for gap in found.gaps}
    fragment = preview_html(found, preview_words("en"))
    assert reasons and set(re.findall(r'data-reason="(\w+)"', fragment)) == reasons
    assert set(re.findall(r'data-pv-reason="(\w+)"', fragment)) == reasons


def test_no_text_becomes_markup_wherever_it_stands() -> None:
    harmless = hostile("好" * len(HOSTILE))
    expected = Outline(preview_html(harmless, preview_words("en")))
    found = Outline(preview_html(hostile(), preview_words("en")))
    assert [tag for tag in found.tags if tag != "i"] == expected.tags  # <i> is the sign for what cannot be seen
    assert found.names == expected.names
    assert not any(name.startswith("on") or name == "style" for name in found.names)
    assert all(value.startswith(("#pv0-", "data:image/")) for name, value in found.values if name in ("href", "src"))


def test_characters_that_a_screen_would_obey_are_shown_by_a_sign() -> None:
    made = page([Member("x", hostile())], preview_words("zh"), HOSTILE)
    unseen = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u202a-\u202e\u2066-\u2069]")
    assert not unseen.search(made)
    assert "U+202E" in made and "U+0000" in made
    assert len(visible(HOSTILE)) == len(HOSTILE)
    assert visible("a\ud800\x1b\u202e") == "a�␛␦"


def test_the_page_asks_nobody_for_anything() -> None:
    made = page([Member("x", hostile())], preview_words("en"), "x")
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', made)[1])  # type: ignore[index]
    assert "default-src 'none'" in policy and "unsafe-inline" not in policy
    for tag in ("script", "style"):
        (body,) = re.findall(f"<{tag}>(.*?)</{tag}>", made, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not re.search(r"(?:src|href)=\"(?!#|data:)", made) and "url(" not in made and "@import" not in made


def test_a_page_is_no_larger_than_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 10_000
    monkeypatch.setattr("ui.web.preview.MAX_CHARS", most)
    text = "".join(f"第{number}条 {'换' * 190}。\n" for number in range(1, 101))
    plain = read(RULES)
    clauses = tuple(
        replace(plain.content.clauses[0], id=f"c-{n}", start=m.start(), end=m.end(), text=m[0], references=())
        for n, m in enumerate(re.finditer(".+", text))
    )
    version = replace(plain.content.version, text=text, notes=("n",) * 1000)
    removed = (Removed("x" * 100_000, "running header", "page 1"),) * 1000
    long = replace(plain, content=Content(version, clauses), gaps=(), removed=removed, metadata=(), facts=())
    made = page([Member("a", long), Member("b", long)], preview_words("en"), "a")
    left = sum(clause.end > most for clause in clauses)
    assert f"{left:,} clauses are not shown" in made
    assert f"{len(clauses) - 1:,} clauses are not shown" in made  # of the second; the first clause always is
    assert made.count("换") < most + 2 * 200
    assert made.count("x" * MAX_LISTED_CHARS) == 2 * MAX_LISTED and f"{1000 - MAX_LISTED:,} more" in made


def test_boxes_are_given_for_pages_with_a_picture_only() -> None:
    found = read(RULES)
    first, second = found.content.clauses[:2]
    boxes = (Box(first.start, first.end, 1, 10.4, 20, 110, 32), Box(second.start, second.end, 2, 10, 20, 110, 32))
    shown = replace(
        found, content=replace(found.content, boxes=boxes), page_starts=(0, second.start),
        pictures=(Picture(1, 595, 842, "image/webp", b"x"),),
    )  # fmt: skip
    assert re.findall(r'data-boxes="([^"]*)"', preview_html(shown, preview_words("en"))) == ["1 10 20 100 12"]
    assert "Pictures of pages 1 to 1 only" in preview_html(shown, preview_words("en"))


def test_members_of_an_archive_stand_in_a_list_with_those_that_failed() -> None:
    members = [Member("a.md", read(RULES), inside=True), Member(SCRIPT, None, f"Why: {SCRIPT}", inside=True)]
    outline = Outline(page(members, preview_words("zh"), "rules.zip"))
    states = [value for name, value in outline.values if name == "data-state"]
    assert states == ["read", "failed"] and outline.tags.count("article") == 2
    assert f"Why: {SCRIPT}" in outline.text and outline.tags.count("script") == 1


# --- words ------------------------------------------------------------------------------------------------------


def leaves(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        found |= leaves(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


def test_both_languages_have_the_same_texts_with_the_same_names() -> None:
    chinese, english = (leaves(dict(preview_words(language).table)) for language in ("zh", "en"))
    assert chinese.keys() == english.keys()
    names = [
        {key: {name for _, name, _, _ in string.Formatter().parse(text) if name} for key, text in table.items()}
        for table in (chinese, english)
    ]
    assert names[0] == names[1]
    assert not [key for key, text in english.items() if re.search(r"[\u4e00-\u9fff]", text)]


def test_every_reason_kind_and_field_has_its_words() -> None:
    for language in LANGUAGES:
        table = preview_words(language).table
        assert set(GapReason) == set(table["gap"]) == set(table["gap_why"])
        assert set(ClauseKind) == set(table["kind"])
        assert {*FIELDS, *FACTS} == set(table["field"])


def test_every_text_is_used() -> None:
    web = files("ui.web")
    source = web.joinpath("preview.py").read_text() + Path(cli.__file__).with_name("preview.py").read_text()
    table = tomllib.loads(web.joinpath("wording", "preview.en.toml").read_text())
    top = [key for key, value in table.items() if isinstance(value, str) and not key.startswith("column_")]
    assert [key for key in top if f'"{key}"' not in source and f"'{key}'" not in source] == []


# --- terminal and JSON ------------------------------------------------------------------------------------------


def test_the_terminal_view_has_every_character_and_is_never_commanded(capsys) -> None:
    print_members([Member("x", hostile())], preview_words("en"))
    shown = capsys.readouterr().out
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    assert visible(HOSTILE) in shown


def test_the_terminal_view_is_no_wider_than_eighty_columns() -> None:
    long = RULES.replace("第二条 ", "第二条 " + "在" * 10 + "\n").replace("# 青禾", "# " + "长" * 30 + "青禾")
    for only_clauses in (False, True):
        console = Console(file=io.StringIO(), width=80, force_terminal=True, no_color=True)
        print_members([Member("x", read(long))], preview_words("zh"), clauses_only=only_clauses, console=console)
        lines = re.sub("\x1b\\[[0-9;]*m", "", console.file.getvalue()).splitlines()
        assert max(cell_len(line) for line in lines) <= 80
        assert "第三条" in "".join(lines)


def test_the_json_object_repeats_the_text_by_its_spans() -> None:
    found = read(RULES)
    record = members_to_json(Path("rules.md"), [Member("rules.md", found)])
    json.dumps(record)
    assert [record["text"][c["start"] : c["end"]] for c in record["clauses"]] == [c.text for c in found.content.clauses]
    assert record["counts"]["characters"] == record["counts"]["in_clauses"] + sum(record["counts"]["in_gaps"].values())
    assert record["clauses"][1]["references"][0]["clause"] == record["clauses"][2]["id"]
    assert {row["field"] for row in record["metadata"]} >= {"title", "effective_from", "language"}


# --- the command ------------------------------------------------------------------------------------------------


@pytest.fixture
def kb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary):
    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kb", "--home", str(tmp_path / "home"), "preview", *map(str, arguments)])
        capfdbinary.readouterr()
        status = 0
        try:
            cli.main()
        except SystemExit as exited:
            status = exited.code if isinstance(exited.code, int) else 0
        out, err = (stream.decode() for stream in capfdbinary.readouterr())
        assert "Traceback" not in out + err
        return status, out, err

    return run


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "rules.md"
    file.write_text(RULES)
    return file


def test_the_command_prints_writes_and_gives_json(kb, rules: Path, tmp_path: Path) -> None:
    status, out, _ = kb(rules, "--language", "zh")
    assert status == 0 and "── 第二条" in out and "第三条 换货的运费由卖家承担。" in out
    status, out, _ = kb(rules, "--json")
    assert status == 0 and out.count("\n") == 1 and json.loads(out)["title"] == "青禾集市换货规则"
    written = tmp_path / "out.html"
    status, out, _ = kb(rules, "--html", written, "--language", "en")
    assert status == 0 and out.strip() == str(written)
    assert written.read_text().startswith("<!doctype html>") and '<html lang="en">' in written.read_text()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out.html", "rules.md"]


def test_members_of_an_archive_are_one_json_object(kb, tmp_path: Path) -> None:
    file = tmp_path / "rules.zip"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("rules.md", RULES)
        packed.writestr("empty.md", "")
    _, out, _ = kb(file, "--json")
    members = json.loads(out)["members"]
    assert [(m["name"], "failed" in m) for m in members] == [("rules.md", False), ("empty.md", True)]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["missing.md"], 1, "no such file"),
        (["."], 1, "Name one file"),
        (["{rules}", "--page", "1"], 2, "no pages"),
        (["{rules}", "--language", "tlh"], 2, "zh, en"),
        (["{rules}", "--set", "colour=red"], 2, "colour"),
        (["{rules}", "--html", "{rules}/out.html"], 1, "could not be used"),
    ],
)
def test_trouble_is_one_line_that_says_what_to_do(kb, rules: Path, arguments, status: int, words: str) -> None:
    ran, out, err = kb(*(argument.format(rules=rules) for argument in arguments))
    assert (ran, out) == (status, "") and words in err and err.count("\n") == 1


def test_a_file_s_name_gives_the_screen_no_command_either(kb, tmp_path: Path) -> None:
    name = "c\x1b[31m\u202ed.md"
    _, _, err = kb(tmp_path / name)
    assert visible(name) in err and not re.search("[\x1b\u202e]", err)
    (tmp_path / name).write_text(RULES)
    status, out, _ = kb(tmp_path / name, "--clauses")
    assert status == 0 and visible(name) in out and not re.search("[\x1b\u202e]", out)


def test_the_language_is_the_one_asked_for_else_the_terminals_else_the_documents(monkeypatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    chinese, english = Member("x", read(RULES)), Member("x", read("# Exchanges\n\n1.1 Exchange it within a week.\n"))
    assert choose_words(None, [chinese]).language == "zh"
    assert choose_words(None, [english]).language == "en"
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert choose_words(None, [chinese]).language == "en"
    assert choose_words("zh-CN", [english]).language == "zh"


def test_kb_show_names_what_a_clause_refers_to_and_how_sure_its_recognition_is(base: Base, capsys) -> None:
    base.write("rules.md", RULES)
    base.ingest()
    second, third = base.snapshot().clauses[1:3]
    record = clause_with_history(base.snapshot(), base.home.settings, second.id)
    assert [(r["label"], r["clause"]) for r in record["references"]] == [("第三条", third.id)]
    assert record["recognised"] is None
    print_clause({**record, "recognised": 0.914})
    shown = capsys.readouterr().out
    assert f"第三条  {third.id}" in shown and "confidence 91%" in shown


# --- in a browser -----------------------------------------------------------------------------------------------

CHROMIUM = shutil.which("chromium")
in_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium; install it as root with: sh tests/install-tools.sh"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        yield launched
        launched.close()


class Opened:
    def __init__(self, browser: Any, file: Path, made: str) -> None:
        file.write_text(made, encoding="utf-8")
        self.page = browser.new_page(viewport={"width": 1280, "height": 800})
        self.page.set_default_timeout(30_000)
        self.errors: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", lambda dialog: (self.errors.append(dialog.message), dialog.dismiss()))
        self.page.goto(file.as_uri())


@in_browser
def test_nothing_in_a_document_is_executed_even_without_the_policy(browser, tmp_path: Path) -> None:
    made = page([Member(HOSTILE, hostile()), Member(HOSTILE, None, HOSTILE)], preview_words("zh"), HOSTILE)
    open_doors = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", made)
    assert open_doors != made
    opened = Opened(browser, tmp_path / "hostile.html", open_doors)
    view = opened.page
    for key in ("j", "k", "ArrowRight", "Escape"):
        view.keyboard.press(key)
    view.evaluate("for (const button of document.querySelectorAll('button')) button.click()")
    view.click('[data-pv-member="0"]')
    view.click(".pv-ref")
    view.keyboard.press("/")
    view.keyboard.type("script")
    view.keyboard.press("Enter")
    assert view.title() == visible(preview_words("zh")("preview_of", name=HOSTILE)).strip()
    assert view.evaluate("document.scripts.length") == 1
    assert [url for url in opened.asked if not url.startswith(("file:", "data:"))] == []
    assert [error for error in opened.errors if "owned" in error or "Uncaught" in error] == []
    view.close()


@in_browser
def test_keys_choose_clauses_and_find_words(browser, tmp_path: Path) -> None:
    found = read(RULES)
    opened = Opened(browser, tmp_path / "rules.html", page([Member("x", found)], preview_words("zh"), "rules.md"))
    view = opened.page
    view.keyboard.press("j")
    view.keyboard.press("j")
    assert view.get_attribute(".pv-clause[aria-current=true]", "data-id") == found.content.clauses[1].id
    assert view.inner_text(".pv-card h3") == "第二条"
    assert "第三条" in view.inner_text('[data-pv-row="references"] dd')
    view.click('[data-pv-row="references"] a')
    assert view.inner_text(".pv-card h3") == "第三条"
    view.keyboard.press("k")
    assert view.inner_text(".pv-card h3") == "第二条"
    view.keyboard.press("/")
    view.keyboard.type("换货")
    view.keyboard.press("Enter")
    times = RULES.count("换货")
    assert view.inner_text(".pv-find output") == f"第 1 处，共 {times} 处"
    view.keyboard.press("Shift+Enter")
    assert view.inner_text(".pv-find output") == f"第 {times} 处，共 {times} 处"
    assert opened.errors == []
    view.close()


@in_browser
def test_evidence_lights_up_in_the_text_and_gaps_fold_away(browser, tmp_path: Path) -> None:
    found = read(RULES)
    opened = Opened(browser, tmp_path / "rules.html", page([Member("x", found)], preview_words("zh"), "rules.md"))
    view = opened.page
    row = next(at for at, stated in enumerate(found.metadata) if stated.field == "effective_from")
    view.click(f'.pv-where[data-pv-evidence="{row}"]')
    span = found.metadata[row].span
    assert span and view.inner_text(".pv-evidence.pv-lit") == found.content.version.text[slice(*span)]
    reason = found.gaps[0].reason.value
    view.click(f'[data-pv-reason="{reason}"]')
    assert view.locator(f'.pv-gap[data-reason="{reason}"]:visible').count() == 0
    assert opened.errors == []
    view.close()


@in_browser
def test_the_chosen_clause_is_marked_on_its_pages_picture(browser, tmp_path: Path) -> None:
    found = read(RULES)
    first, last = found.content.clauses[0], found.content.clauses[-1]
    boxes = (Box(first.start, first.end, 1, 100, 200, 300, 212), Box(last.start, last.end, 2, 50, 60, 90, 72))
    drawn = io.BytesIO()
    Image.new("L", (595, 842), 255).save(drawn, "WEBP")
    shown = replace(
        found, content=replace(found.content, boxes=boxes), page_starts=(0, last.start),
        pictures=tuple(Picture(number, 595, 842, "image/webp", drawn.getvalue()) for number in (1, 2)),
    )  # fmt: skip
    opened = Opened(browser, tmp_path / "pages.html", page([Member("x", shown)], preview_words("en"), "x.pdf"))
    view = opened.page
    view.keyboard.press("j")
    figure, mark = (view.locator(selector).bounding_box() for selector in ("figure:visible", "figure:visible rect"))
    scale = figure["width"] / 595
    assert mark["x"] - figure["x"] == pytest.approx(100 * scale, abs=4)
    assert mark["y"] - figure["y"] == pytest.approx(200 * scale, abs=4)
    assert mark["width"] == pytest.approx(200 * scale, abs=5)
    view.click('[data-pv-do="later"]')
    assert view.get_attribute("figure:visible", "data-page") == "2"
    assert opened.errors == []
    view.close()
