"""The report as one file: what stands in it, and what cannot get out of it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import sys
from datetime import date
from html.parser import HTMLParser
from string import Formatter

import pytest

from eval.comparing import Comparison
from eval.intervals import Difference
from eval.page import html, write
from eval.page.__main__ import main
from eval.page.charts import bar, diverging, interval, stack, ticks
from eval.page.view import Outcome, map_data, outcome_of, told, wilson, worst_cases, worst_intents
from eval.page.wording import LANGUAGES, texts
from eval.page.writing import SECTIONS
from tests.eval.made import result, run
from tests.eval.made_up_run import WHEN_BEFORE, figure, made_up, measured, whole

HOSTILE = "</script><script>window.ran=1</script><img src=x onerror='window.ran=1'>\"'&amp;\u2028\u2029]]><!--"


class Page(HTMLParser):
    """Elements with their attributes, and the words under each section that a reader of English sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: dict[str, str] = {}
        self.raw: list[str] = []
        self._open: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self._apart(tag)
        self.elements.append((tag, dict(attributes)))
        if tag not in ("meta", "input", "br", "img"):
            self._open.append((tag, dict(attributes).get("lang") if tag == "span" else None))
        if tag == "section":
            self._section = dict(attributes)["id"]
            self.said[self._section] = ""

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag
        self._apart(tag)

    def handle_data(self, data):
        if any(tag in ("script", "style") for tag, _ in self._open):
            self.raw.append(data)
        elif any(tag == "section" for tag, _ in self._open) and all(
            language != "zh-Hans" for _, language in self._open
        ):
            self.said[self._section] += data

    def _apart(self, tag):
        if tag not in ("span", "b", "mark") and self.said:
            self.said[self._section] += " "

    def section(self, name: str) -> str:
        return " ".join(self.said[name].split())


def data_of(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


# --- what stands in it ---------------------------------------------------------------------------------------------


def test_figures_stand_with_their_intervals():
    run_ = measured(made_up(), measures={"right": {"value": 0.512, "low": 0.4789, "high": 0.55, "n": 1085}})
    page = Page(html(run_))
    assert "Of 1,085 questions that a clause answers, 51.2% got the right one." in page.section("glance")
    assert "51.2% 47.9% to 55.0% · n 1,085" in page.section("glance")
    assert "Right answer 51.2% 47.9% – 55.0% 1,085" in page.section("measures")


@pytest.mark.parametrize(("low", "said"), [(0.01, "▲ +3.1 points of"), (-0.01, "▲ +3.1 points within chance of")])
def test_a_share_changes_by_points_and_says_whether_that_may_be_chance(low, said):
    before = run(when=WHEN_BEFORE, measures={"right": figure(0.5)})
    now = run(measures={"right": figure(0.531)})
    right = Difference(0.5, 0.531, 0.031, low, 0.05, p=0.01, n=200)
    found = Comparison((), {"right": right}, (), (), (), shared=200, other_confidence=0)
    assert said in Page(html(now, before, found)).section("glance")


def test_a_second_run_with_nothing_changed_says_so():
    results = made_up(4, 2)
    now, before = measured(results), measured(results, when=WHEN_BEFORE)
    page = Page(html(now, before))
    n = len(results)
    assert f"Nothing changed since the run of 2026-11-20 18:00 UTC: all {n} questions" in page.section("glance")
    assert "No question got another answer." in page.section("changes")
    assert "same version, base, model and settings" in page.section("changes")


def test_changes_are_told_case_by_case_with_the_wording():
    before = [result("x", id="a", question="退差价？", confidence=0.7), result("right", id="b", question="开发票？")]
    now = [
        result("right", id="a", question="退差价？"),
        result(answered=False, id="b", question="开发票？", reason="ambiguous"),
    ]
    page = Page(
        html(measured(now), measured(before, when=WHEN_BEFORE, settings={"line": 0.4, "weights": {"clause": 1.0}}))
    )
    assert "1 better, 1 worse, 0 answered differently" in page.section("glance")
    assert "line 0.4 0.5" in page.section("changes")
    worse, better = page.section("changes").split("Better 1")
    assert "开发票？" in worse and "held back · several clauses fit different scopes" in worse
    assert "退差价？" in better and "a.md x · 0.70" in better


def test_the_most_confident_mistakes_come_first():
    rows = run(
        result("x", id="mild", confidence=0.5),
        result("y", id="bold", confidence=0.9, question="最自信的错"),
        result("z", id="none", answerable=False, confidence=0.8),
        result("right", id="shy", answered=False, confidence=0.3),
        result("right", id="fine"),
    ).rows()
    lists = {entry["outcome"]: entry for entry in worst_cases(rows)}
    assert [case["question"] for case in lists["other"]["rows"]][0] == "最自信的错"
    assert {outcome: entry["n"] for outcome, entry in lists.items()} == {"other": 2, "false_answer": 1, "held_right": 1}


def test_what_was_asked_answered_and_right_stands_with_why_it_lost():
    one = dataclasses.replace(result("x", rank=3, question="几天能退？"), lost_because="较低的效力", why="分数最高")
    said = Page(html(measured([one]))).section("cases")
    for words in ("几天能退？", "a.md x", "Text of x.", "a.md right", "Text of right.", "较低的效力", "分数最高"):
        assert words in said
    assert "came 3. among" in told(dataclasses.replace(one, lost_because=None).row())["lost"]
    assert "not among" in told(result("x").row())["lost"]


def test_worst_questions_are_those_with_the_fewest_wordings_right():
    results = [
        *(result("right", intent="good", id=f"g{n}") for n in range(2)),
        *(result(f"x{n}", intent="scattered", id=f"s{n}") for n in range(2)),
        *(result("x", intent="steady", id=f"t{n}") for n in range(2)),
        result("right", intent="half", id="h0"),
        result("x", intent="half", id="h1"),
        result("x", intent="alone", id="a"),
    ]
    rows = run(*results).rows()
    assert [entry["name"] for entry in worst_intents(rows, [])] == ["scattered", "steady", "half"]
    assert [entry["name"] for entry in worst_intents(rows, ["half"])][0] == "half"


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        (result("right"), Outcome.RIGHT),
        (result("x"), Outcome.OTHER),
        (result("right", answered=False), Outcome.HELD_RIGHT),
        (result("x", answered=False), Outcome.HELD),
        (result("x", answerable=False), Outcome.FALSE_ANSWER),
        (result("x", answerable=False, answered=False), Outcome.SILENT),
    ],
)
def test_every_case_has_one_outcome(case, outcome):
    assert outcome_of(case.row()) is outcome


# --- the map -------------------------------------------------------------------------------------------------------


def test_the_map_has_a_row_a_question_and_a_column_a_style_the_best_first():
    results = [
        result("x", intent="a", style="noisy", id="1"),
        result("right", intent="a", style="standard", id="2"),
        result("right", intent="b", style="standard", id="3"),
        result("right", id="4"),
        result("x", answerable=False, id="5"),
    ]
    data = map_data(run(*results).rows())
    assert data["styles"] == ["standard", "noisy"]
    assert data["shares"] == ["100%", "0%"]
    assert [(row["kind"], row["name"]) for row in data["rows"]] == [
        ("intent", "a"),
        ("intent", "b"),
        ("document", "a.md"),
        ("none", None),
    ]
    cells = [dict(zip(data["columns"], values, strict=True)) for values in data["cases"]]
    assert [(cell["row"], cell["column"]) for cell in cells] == [(0, 1), (0, 0), (1, 0), (2, None), (3, None)]
    assert data["clauses"][cells[0]["best"]] == ["a.md", "x", "Text of x.", False]


def test_files_of_one_suite_share_their_questions_and_other_suites_do_not():
    results = [
        result(intent="a", id="1", suite="s.one"),
        result(intent="a", id="2", suite="s.two"),
        result(intent="a", id="3", suite="t"),
    ]
    data = map_data(run(*results).rows())
    assert [(row["name"], row["suite"]) for row in data["rows"]] == [("a", "s"), ("a", "t")]


def test_a_clause_is_carried_once_however_many_questions_got_it():
    data = map_data(run(*(result("x", id=str(n)) for n in range(50))).rows())
    assert len(data["clauses"]) == 2  # what was answered, and what was right


# --- nothing gets out of it, nothing runs in it ---------------------------------------------------------------------


def hostile_runs():
    results = [
        result(HOSTILE, id=HOSTILE, suite=HOSTILE, intent=HOSTILE, style=HOSTILE, question=HOSTILE, reason=HOSTILE,
               language=HOSTILE, family=HOSTILE),
        dataclasses.replace(
            result("x", id="2", suite=HOSTILE, intent=HOSTILE, style="noisy", question=HOSTILE), why=HOSTILE, lost_because=HOSTILE
        ),
        result("y", id="3", answerable=False, question=HOSTILE),
        result("right", id="4", answered=False, question=HOSTILE, reason=HOSTILE),
    ]  # fmt: skip
    parts = {
        "snapshot": HOSTILE,
        "version": HOSTILE,
        "settings": {HOSTILE: HOSTILE},
        "worst_intents": [HOSTILE],
        "baselines": {HOSTILE: {"measures": {"first": figure(0.3)}}},
        "latency": {HOSTILE: {"p50": 1.0, "p95": 2.0}},
        "determinism": {"same": False, "ways": {HOSTILE: {"different": 1, "of": 2}}, "different": [HOSTILE]},
        "noise": {HOSTILE: {"same_first": figure(0.3)}},
        "gate": [{"name": HOSTILE, "value": None, "limit": HOSTILE, "ok": False}],
        "ingredients": {HOSTILE: {"full": {"first": 0.5}, "without": {HOSTILE: {"first": 0.4}}}},
    }
    now = measured(results, **parts)
    changed = [
        dataclasses.replace(one, best=None, clause=None, answered=False, right=False, rank=None) for one in results
    ]
    return now, measured(changed, **{**parts, "when": HOSTILE})


def test_hostile_text_is_text_and_nothing_else():
    now, before = hostile_runs()
    written = html(now, before)
    page = Page(written)
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert not {tag for tag, _ in page.elements} & {"img", "iframe", "object", "embed", "link", "base", "form"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    block = re.search(r'id="data">(.*?)</script>', written, re.S)[1]
    assert not set("<>&\u2028\u2029") & set(block)
    cells = [dict(zip(data_of(written)["columns"], row, strict=True)) for row in data_of(written)["cases"]]
    assert cells[0]["question"] == HOSTILE
    for section in ("glance", "changes", "intents", "cases", "baselines", "determinism", "about"):
        assert "window.ran=1" in page.said[section], section


def test_the_page_asks_nobody_for_anything():
    now, before = hostile_runs()
    for tag, attributes in Page(html(now, before)).elements:
        assert "src" not in attributes, tag
        assert (attributes.get("href") or "#").startswith("#")
        assert "style" not in attributes  # which the page's own policy forbids


def test_the_policy_allows_its_own_script_and_style_alone():
    written = html(measured(made_up(2, 1)))
    policy = next(a["content"] for tag, a in Page(written).elements if a.get("http-equiv") == "Content-Security-Policy")
    for name in ("script", "style"):
        content = re.search(rf"<{name}>(.*?)</{name}>", written, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


# --- parts that a run does not have --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "run_",
    [
        pytest.param(whole(made_up()), id="everything"),
        pytest.param(measured(made_up()), id="no baselines, noise, latency"),
        pytest.param(measured(made_up(unanswerable=0)), id="all answerable"),
        pytest.param(measured(made_up(intents=0)), id="all unanswerable"),
        pytest.param(measured([result()]), id="one case"),
        pytest.param(measured([result(None)]), id="one case, nothing found"),
        pytest.param(measured([result(answerable=False, answered=False)]), id="one case, rightly held back"),
        pytest.param(run(), id="no case and no measure"),
    ],
)
def test_every_section_is_there_whatever_the_run_lacks(run_):
    page = Page(html(run_))
    assert tuple(page.said) == SECTIONS
    for section in SECTIONS:
        assert len(page.section(section)) > len(texts("en")["nav"][section]), section
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert links == ["#main", *(f"#{section}" for section in SECTIONS)]


def test_what_a_run_lacks_is_said():
    page = Page(html(measured([result()])))
    for section in ("changes", "baselines", "ingredients", "noise", "latency", "determinism"):
        assert "Nothing to show:" in page.section(section), section


def test_every_part_of_a_whole_run_is_shown():
    page = Page(html(whole(made_up())))
    assert "llamaindex 36.0% +4.0" in page.section("baselines")
    assert "sentence −6.0 −6.0" in page.section("ingredients")
    assert "wrong keys 200 80.0% 77.0% 55.0% 50.0% −5.0" in page.section("noise")
    assert "embedding the question 31.0 52.7" in page.section("latency")
    assert "takes 5.6 ms, the embedding 31.0 ms; the first is 18% of the second" in page.section("latency")
    assert "All the same" in page.section("determinism")
    assert "fails sample · wrong_answers 0.6 at most 0.4" in page.section("glance")
    assert "line 0.5 in force" in page.section("abstention")


# --- wording -------------------------------------------------------------------------------------------------------


def test_both_languages_say_the_same_things():
    def fields(value):
        return sorted(name for _, name, _, _ in Formatter().parse(value) if name)

    def flat(table, above=""):
        for key, value in table.items():
            if isinstance(value, dict):
                yield from flat(value, f"{above}{key}.")
            else:
                yield above + key, fields(value)

    english, chinese = (dict(flat(texts(language))) for language in LANGUAGES)
    assert english == chinese


def test_every_language_is_in_the_page_and_neither_is_fetched():
    written = html(whole(made_up()), measured(made_up(seed=2)))
    for language in LANGUAGES:
        assert f'<span class="w" lang="{language}">{texts(language)["nav"]["baselines"]}</span>' in written


# --- drawings ------------------------------------------------------------------------------------------------------


def test_places_in_a_drawing_are_the_figures():
    drawn = interval(0.25, (0.2, 0.3), before=0.5)
    assert '<circle class="dot" cx="25.00%"' in drawn
    assert 'x1="20.00%" x2="30.00%"' in drawn
    assert '<circle class="before" cx="50.00%"' in drawn
    assert '<circle class="dot" cx="50.00%"' in interval(0.25, None, span=(0.0, 0.5))
    assert 'width="40.00%"' in bar(0.4, None)
    assert '<rect class="helps" x="25.00%" y="22%" width="25.00%"' in diverging(-0.05, None, 0.1)
    assert '<rect class="costs" x="50.00%" y="22%" width="50.00%"' in diverging(0.1, None, 0.1)
    stacked = stack({"a": 1.0, "b": 3.0}, ["a", "b"], 8.0)
    assert 'x="0.00%" y="0" width="12.50%"' in stacked and 'x="12.50%" y="0" width="37.50%"' in stacked


@pytest.mark.parametrize(
    ("span", "expected"),
    [((0.0, 1.0), [0, 0.2, 0.4, 0.6, 0.8, 1.0]), ((0.0, 0.06), [0, 0.02, 0.04, 0.06])],
)
def test_scales_have_round_numbers(span, expected):
    assert ticks(*span) == pytest.approx(expected)


def test_the_interval_of_a_share_is_the_one_of_the_books():
    # Wilson 1927, 10 of 20: (0.5 + z²/40 ± z √(0.25/20 + z²/1600)) / (1 + z²/20) with z = 1.96
    assert wilson(0.5, 20) == pytest.approx((0.2993, 0.7007), abs=1e-4)
    assert wilson(0.0, 5)[0] == pytest.approx(0.0) and wilson(1.0, 5)[1] == pytest.approx(1.0)


# --- the file ------------------------------------------------------------------------------------------------------


def test_the_file_is_replaced_whole(tmp_path):
    file = tmp_path / "report.html"
    write(measured([result()]), None, file)
    first = file.read_text("utf-8")
    write(measured([result("x")]), None, file)
    assert first.startswith("<!doctype html>") and first != file.read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_the_page_of_a_kept_run_is_written_again(tmp_path, monkeypatch, capsys):
    kept = tmp_path / "kept"
    measured([result("x", id="a")]).write(kept)
    measured([result("right", id="a")]).write(tmp_path / "earlier")
    monkeypatch.setattr(sys, "argv", ["page", str(kept), "--previous", str(tmp_path / "earlier")])
    assert main() == 0
    assert capsys.readouterr().out.strip() == str(kept / "report.html")
    assert "0 better, 1 worse" in Page((kept / "report.html").read_text("utf-8")).section("glance")
    monkeypatch.setattr(sys, "argv", ["page", str(tmp_path)])
    assert main() == 1
    assert "holds no run that can be read" in capsys.readouterr().err


def test_a_request_is_told_with_its_scope_and_date():
    asked = result("x", scope={"platform": "桐里集市"}, as_of=date(2024, 7, 1))
    assert told(asked.row())["given"] == "platform=桐里集市 2024-07-01"
    assert "platform=桐里集市 2024-07-01" in Page(html(measured([asked]))).section("cases")
