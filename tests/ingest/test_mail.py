"""Messages: what they say themselves, apart from what they quote and carry."""

from __future__ import annotations

from email.header import Header
from email.message import EmailMessage

import pytest

from ingest.errors import UnreadableFile
from ingest.loaders import load, mail


def message(body: str = "第一条 补发的包裹一律走快件。\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"] = "仓储部 <a@example.com>", "b@example.com"
    made["Subject"], made["Date"] = "补发通知", "Mon, 10 Jun 2024 09:30:00 +0800"
    made.set_content(body)
    return made


def test_subject_sender_and_day_are_kept_apart_from_the_text() -> None:
    extract = load(message().as_bytes(), "a.eml")
    assert extract.text == "第一条 补发的包裹一律走快件。"
    assert extract.title == "补发通知"
    assert (extract.fields["sent"], extract.fields["from"]) == ("2024-06-10", "仓储部 <a@example.com>")


def test_of_two_forms_of_a_text_one_is_read() -> None:
    made = message()
    made.add_alternative("<html><body><p>第一条 补发的包裹一律走快件。</p></body></html>", subtype="html")
    assert load(made.as_bytes(), "a.eml").text == "第一条 补发的包裹一律走快件。"
    assert mail.attachments(made.as_bytes()) == []


def test_a_charset_that_lies_does_not_spoil_the_text() -> None:
    head = b"From: a@b.c\r\nTo: d@e.f\r\nSubject: " + Header("规则", "utf-8").encode().encode() + b"\r\n"
    head += b"Content-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    extract = load(head + "买家可以在七日内申请退货。".encode(), "a.eml")
    assert (extract.title, extract.text) == ("规则", "买家可以在七日内申请退货。")


def test_quoted_messages_and_signatures_are_listed_not_kept() -> None:
    extract = load(message("退款三日内到账。\n\n-- \n小王\n").as_bytes(), "a.eml")
    assert extract.text == "退款三日内到账。"
    assert [(r.text, r.reason) for r in extract.removed] == [("-- \n小王", "signature")]
    extract = load(message("退款三日内到账。\n\nOn Monday, Li Lei wrote:\n> 什么时候到账？\n").as_bytes(), "a.eml")
    assert extract.text == "退款三日内到账。"
    assert "什么时候到账" in extract.removed[0].text


def test_attachments_are_handed_out_and_named() -> None:
    made = message()
    made.add_attachment("品类,天数\n生鲜,1\n".encode(), maintype="text", subtype="csv", filename="天数.csv")
    assert mail.attachments(made.as_bytes()) == [("天数.csv", "品类,天数\n生鲜,1\n".encode())]
    assert any("天数.csv" in note for note in load(made.as_bytes(), "a.eml").notes)


def test_a_message_without_text_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="without text"):
        load(b"From: a@b.c\r\nTo: d@e.f\r\nSubject: x\r\n\r\n", "a.eml")
