"""The page as the server sends it; test_browser looks at it from the other side."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from ui.api import create_app


@pytest.fixture(scope="module")
def client(request) -> TestClient:
    served = request.getfixturevalue("served")
    import httpx

    return httpx.Client(base_url=served.url)  # type: ignore[return-value]


def test_the_desk_is_at_the_root(client) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "口径 · 坐席工作台" in page.text


def test_every_script_of_the_page_carries_the_nonce_of_its_policy(client) -> None:
    page = client.get("/")
    [nonce] = set(re.findall(r"'nonce-([^']+)'", page.headers["content-security-policy"]))
    scripts = re.findall(r"<script[^>]*>", page.text)
    assert scripts and all(f'nonce="{nonce}"' in script for script in scripts)
    assert nonce not in client.get("/").text


def test_the_policy_allows_neither_inline_scripts_nor_other_hosts(client) -> None:
    policy = client.get("/").headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in scripts
    assert "http" not in policy and "*" not in policy


def test_gradio_s_unused_doors_are_shut(client) -> None:
    assert client.post("/gradio_api/upload", files={"files": ("x.txt", b"x")}).status_code == 404
    assert client.get("/gradio_api/proxy=http://example.com/").status_code == 404
    assert client.get("/gradio_api/file=/etc/hostname").status_code == 404
    assert client.get("/monitoring").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nosuch", 404), ("GET", "/desk/nosuch.js", 404), ("POST", "/nosuch", 404), ("PUT", "/config", 405)],
)
def test_what_is_nowhere_is_a_problem_beside_the_page_too(client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert path in answer.json()["detail"] and "None" not in answer.json()["detail"]


def test_the_page_s_events_are_no_public_interface(client) -> None:
    assert client.get("/gradio_api/info").json() == {"named_endpoints": {}, "unnamed_endpoints": {}}


def test_the_stylesheet_and_the_script_are_served(client) -> None:
    assert client.get("/desk/desk.css").headers["content-type"].startswith("text/css")
    assert "javascript" in client.get("/desk/desk.js").headers["content-type"]


def test_a_base_without_scopes_has_a_desk_as_well(assistant, monkeypatch) -> None:
    monkeypatch.setattr(type(assistant), "scopes", lambda self: {})
    with TestClient(create_app(assistant)) as client:
        assert client.get("/").status_code == 200
