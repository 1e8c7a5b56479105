"""The main job with the bundled model: real files of every kind in, the right clause out, in every face."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

KB = str(Path(sys.executable).with_name("kb"))


def _pdf() -> bytes:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = BytesIO()
    canvas = Canvas(out)
    for page in (
        ["雪鸮物流赔付规则", "第一条 包裹在运输途中丢失的，按实际价值赔偿，最高三千元。"],
        ["第二条 包裹破损的，收件人应当在签收后二十四小时内提交照片。"],
    ):
        canvas.setFont("STSong-Light", 12)
        for n, line in enumerate(page):
            canvas.drawString(60, 780 - 24 * n, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _docx() -> bytes:
    from docx import Document

    document = Document()
    document.add_heading("雪鸮会员服务条款", 0)
    document.add_paragraph("第一条 会员年费为一百九十八元，开通后七日内未使用权益的可以全额退费。")
    document.add_paragraph("第二条 会员每月可领取五张免运费券，当月有效，不结转。")
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _xlsx() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "保修期"
    for row in (("商品", "保修期", "维修地点"), ("电热毯", "24个月", "寄回上海"), ("加湿器", "12个月", "就近网点")):
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


FILES: dict[str, bytes] = {
    "退货规则.md": "---\nauthority: platform_rule\nscope:\n  platform: 雪鸮商城\neffective_from: 2025-01-01\n---\n"
    "# 雪鸮商城退货规则\n\n第一条 买家签收后十日内可以申请无理由退货。\n\n第二条 退货的运费由买家承担，商品有质量问题的由卖家承担。\n".encode(),
    "发票.html": "<html><head><title>发票帮助</title></head><body><nav>首页 登录</nav><main><h1>发票帮助</h1>"
    "<h2>电子发票什么时候开具？</h2><p>订单签收后四十八小时内自动开具，发送到下单时填写的邮箱。</p></main></body></html>".encode(),
    "支付.csv": "支付方式,单笔限额,退款到账\n银行卡,五万元,三至七个工作日\n余额,一万元,即时到账\n".encode("gb18030"),
    "privacy.txt": b"Privacy Notice\n\n1. Data we keep\n\nWe keep order records for three years after the purchase.\n\n"
    b"2. Your rights\n\nYou may ask us to delete your account at any time.\n",
    "物流.pdf": _pdf(),
    "会员.docx": _docx(),
    "保修.xlsx": _xlsx(),
    "坏文件.pdf": b"\x89PNG\r\n\x1a\n" + bytes(64),
}

QUESTIONS = {
    "签收几天内可以无理由退货？": ("退货规则.md", "十日内"),
    "电子发票多久能开出来？": ("发票.html", "四十八小时"),
    "用余额付的钱退款多久到账？": ("支付.csv", "即时到账"),
    "How long do you keep order records?": ("privacy.txt", "three years"),
    "快递弄丢了最多赔多少？": ("物流.pdf", "三千元"),
    "会员每个月送几张免运费券？": ("会员.docx", "五张"),
    "电热毯保修多长时间？": ("保修.xlsx", "24个月"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("e2e")
    (folder / "docs").mkdir()
    for name, data in FILES.items():
        (folder / "docs" / name).write_bytes(data)
    done = _kb(folder / "kb", "ingest", folder / "docs", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 1, "one file is a picture with a PDF's name"
    assert [f["path"] for f in report["failed"]] == ["坏文件.pdf"]
    assert len(report["added"]) == len(FILES) - 1 and report["published"] and report["embedded"]
    return folder / "kb"


def test_every_kind_of_file_answers_with_its_clause_and_the_same_bytes_in_every_process(
    home: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps({"id": q, "question": q}) for q in QUESTIONS), "utf-8")
    runs = []
    for n in range(2):
        out = tmp_path / f"out{n}.jsonl"
        done = _kb(home, "ask", "--batch", tmp_path / "in.jsonl", "--out", out, env={"PYTHONHASHSEED": str(n)})
        assert done.returncode == 0, done.stderr
        rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
        for row in rows:
            row.pop("timings_ms")
        runs.append(rows)
    assert json.dumps(runs[0]) == json.dumps(runs[1])
    for row in runs[0]:
        document, words = QUESTIONS[row["id"]]
        clause = row["clause"] or row["alternatives"][0]["clause"]
        assert (clause["document"], words in clause["text"]) == (document, True), row["id"]
        assert row["status"] == "abstained" or row["quote"] in clause["text"]


def test_a_second_ingest_embeds_nothing_and_one_changed_file_only_its_clauses(home: Path) -> None:
    docs = home.parent / "docs"
    again = json.loads(_kb(home, "ingest", docs, "--json").stdout)
    assert (again["embedded"], again["added"], again["updated"]) == (0, [], [])
    text = FILES["退货规则.md"].decode()
    (docs / "退货规则.md").write_text(text.replace("十日内", "十五日内"), "utf-8")
    changed = json.loads(_kb(home, "ingest", docs, "--json").stdout)
    assert changed["updated"] == ["退货规则.md"] and changed["clauses"]["added"] == 1
    assert changed["embedded"] == 2, "the clause under its title, and its one sentence"
    back = json.loads(_kb(home, "rollback", "--json").stdout)
    assert back["snapshot"] == again["snapshot"]


def test_the_page_number_of_a_pdf_is_part_of_the_citation(home: Path) -> None:
    answer = json.loads(_kb(home, "ask", "包裹破损要在多久之内提交照片？", "--json").stdout)
    assert (answer["clause"]["document"], answer["clause"]["page"]) == ("物流.pdf", 2)


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[str]:
    process = subprocess.Popen([KB, "--home", str(home), "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "http://" in line, line
    yield line.split()[-1].rstrip("/")
    process.terminate()
    process.wait(30)


def test_the_server_answers_as_the_command_does(server: str, home: Path) -> None:
    question = "签收几天内可以无理由退货？"
    request = urllib.request.Request(
        f"{server}/v1/ask", json.dumps({"question": question}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as response:
        served = json.load(response)
    asked = json.loads(_kb(home, "ask", question, "--json").stdout)
    served.pop("timings_ms"), asked.pop("timings_ms")
    assert served == asked
    with urllib.request.urlopen(f"{server}/readyz") as response:
        assert response.status == 200


def test_the_real_desk_shows_the_clause_in_a_browser(server: str) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs Chromium; install it as root with: sh tests/install-tools.sh")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(locale="zh-CN")
        page.goto(server)
        page.locator("textarea").first.fill("签收几天内可以无理由退货？")
        page.keyboard.press("Enter")
        page.get_by_text("雪鸮商城退货规则").first.wait_for()
        assert "十日内" in page.locator("mark").first.inner_text()
        browser.close()


def _kb(home: Path, *arguments: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [KB, "--home", str(home), *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        timeout=300,
    )
