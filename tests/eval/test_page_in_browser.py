"""The report in Chromium: nothing in it runs but its own script, nothing leaves it, and keys are enough."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from eval.page import write
from eval.types import Run
from tests.eval.made import result
from tests.eval.made_up_run import measured, whole
from tests.eval.test_page import hostile_runs

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium; install it as root with: sh tests/install-tools.sh"
)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]


@dataclass
class Opened:
    """A report with everything it asked for and complained about."""

    page: Any
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def opened(browser: Any, file: Path, run: Run, previous: Run | None = None, **options: Any) -> Opened:
    write(run, previous, file)
    page = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 900}, **options}).new_page()
    found = Opened(page)
    page.on("request", lambda request: found.asked.append(request.url))
    page.on("console", lambda message: found.complaints.append(message.text))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.goto(file.as_uri())
    return found


def questions() -> list[Any]:
    return [
        result("right", intent="good", style="standard", id="1", question="怎么退货？"),
        result("right", intent="good", style="noisy", id="2", question="咋退"),
        result("x", intent="bad", style="standard", id="3", question="运费谁出？"),
        result("y", intent="bad", style="noisy", id="4", question="邮费谁掏"),
        result("z", answerable=False, id="5", question="门店几点开门？"),
    ]


def test_hostile_text_does_not_run_and_nothing_is_fetched(browser, tmp_path):
    found = opened(browser, tmp_path / "report.html", *hostile_runs())
    page = found.page
    for square in page.query_selector_all(".grids .o, .grids .row"):
        square.click()
        assert "window.ran=1" in page.inner_text("#inspector")
        page.keyboard.press("Escape")
    page.click("#language")
    assert page.evaluate("window.ran") is None
    assert page.query_selector("img") is None
    assert found.asked == [(tmp_path / "report.html").as_uri()]
    assert found.complaints == []


def test_the_language_is_the_browsers_and_can_be_switched(browser, tmp_path):
    page = opened(browser, tmp_path / "report.html", measured(questions()), locale="zh-CN").page
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    assert page.inner_text("#h-baselines") == "与基线对比"
    assert page.title() == "口径 · 评测报告"
    page.click("#language")
    assert page.inner_text("#h-baselines") == "Beside the baselines"
    assert page.get_attribute("#map-filter", "placeholder") == "question, wording, clause"


def test_the_worst_question_stands_first_and_filters_leave_what_fits(browser, tmp_path):
    page = opened(browser, tmp_path / "report.html", measured(questions())).page
    rows = ".grids table:first-child tbody tr:not([hidden]) th"
    assert page.locator(rows).all_inner_texts() == ["bad", "good"]
    page.select_option("#map-sort", "given")
    assert page.locator(rows).all_inner_texts() == ["good", "bad"]
    page.fill("#map-filter", "邮费")
    assert page.locator(rows).all_inner_texts() == ["bad"]
    page.fill("#map-filter", "nobody asked this")
    assert page.is_visible(".grids .none")
    page.fill("#map-filter", "")
    page.click("[data-outcome=false_answer]")
    assert page.locator(".grids tbody tr:not([hidden])").count() == 1


def test_keys_reach_every_square_and_show_what_was_answered(browser, tmp_path):
    page = opened(browser, tmp_path / "report.html", measured(questions())).page
    page.focus(".grids .row[tabindex='0']")
    assert page.locator(".grids [tabindex='0']").count() == 1
    page.keyboard.press("ArrowRight")
    shown = page.inner_text("#inspector")
    assert "邮费谁掏" in shown and "Text of y." in shown and "Text of right." in shown
    page.keyboard.press("ArrowDown")
    assert "咋退" in page.inner_text("#inspector")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    assert "咋退" in page.inner_text("#inspector")  # kept
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    assert "咋退" in page.inner_text("#inspector") and "怎么退货？" in page.inner_text("#inspector")


@pytest.mark.parametrize("width", [360, 800, 1920])
def test_nothing_hangs_over_the_edge(browser, tmp_path, width):
    run = whole(questions())
    page = opened(browser, tmp_path / "report.html", run, run, viewport={"width": width, "height": 800}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_tables_sort_by_number(browser, tmp_path):
    page = opened(browser, tmp_path / "report.html", measured(questions())).page
    table = page.locator("#groups table.sortable").first
    table.locator("thead button").nth(2).click()
    first = table.locator("tbody tr td:nth-child(3)").all_inner_texts()
    table.locator("thead button").nth(2).click()
    second = table.locator("tbody tr td:nth-child(3)").all_inner_texts()
    assert first == sorted(first, key=lambda share: -float(share.rstrip("%")))
    assert second == sorted(second, key=lambda share: float(share.rstrip("%")))
