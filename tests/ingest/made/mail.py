"""Mail: a body with attachments, and a body in an old encoding."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from tests.ingest.made.expected import Clause, Made
from tests.ingest.made.word import plain_document

_BODY = """各位客服：

第一条 即日起，补发的包裹一律走快件。
第二条 补发超过三次的，转主管处理。
第三条 补发的运费由仓库承担。
"""
_CLAUSES = tuple(Clause(line[:3], line) for line in _BODY.strip().split("\n")[2:])


def message(body: str = _BODY, charset: str = "utf-8") -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "仓储部 <store@example.com>"
    mail["To"] = "kefu@example.com"
    mail["Subject"] = "关于补发包裹的通知"
    mail["Date"] = "Mon, 10 Jun 2024 09:30:00 +0800"
    mail.set_content(body, charset=charset, cte="base64")
    return mail


def with_attachment() -> bytes:
    mail = message()
    mail.add_attachment(
        plain_document(),
        maintype="application",
        subtype="vnd.openxmlformats-officedocument.wordprocessingml.document",
        filename="雨具.docx",
    )
    return mail.as_bytes()


def _alternative() -> bytes:
    mail = message()
    html = "".join(f"<p>{line}</p>" for line in _BODY.split("\n") if line)
    mail.add_alternative(f"<html><body>{html}</body></html>", subtype="html")
    return mail.as_bytes()


def made() -> list[Made]:
    return [
        Made("notice-gbk.eml", lambda: message(charset="gb2312").as_bytes(), _CLAUSES, {"title": "关于补发包裹的通知"}),
        Made("notice-both-forms.eml", _alternative, _CLAUSES, {"title": "关于补发包裹的通知"}),
    ]
