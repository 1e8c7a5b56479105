"""The REST face for maintainers: search, listings, uploads, ingest, publish, metrics."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from kb.errors import NotFound, SettingsError
from kb.settings import section
from tests.support import RETURNS, SHIPPING, Base
from ui.api import create_app
from ui.errors import InvalidRequest
from ui.maintenance import Maintenance, Outcome, ServeSettings

LOCAL = {"base_url": "http://localhost", "client": ("127.0.0.1", 50000)}
TOKEN = "0123456789abcdef-secret"


@pytest.fixture
def base(tmp_path: Path) -> Base:
    base = Base(tmp_path)
    base.write("returns.md", RETURNS)
    base.write("shipping.md", SHIPPING)
    base.ingest()
    return base


class Recorded(Maintenance):
    """Runs no command; remembers which would have run."""

    def __init__(self, base: Base, token: str = "", outcome: Outcome | None = None) -> None:
        super().__init__(base.home, token, lambda: self.commands.append(("caught up",)))
        self.commands: list[tuple[str, ...]] = []
        self.outcome = outcome or Outcome(0, {"published": True}, "")

    def _command(self, verb: str, *arguments: str) -> Outcome:
        self.commands.append((verb, *arguments))
        return self.outcome


def client_of(assistant, maintenance: Maintenance, **options) -> TestClient:
    app = create_app(assistant, maintenance=maintenance, desk=False)
    return TestClient(app, raise_server_exceptions=False, **(LOCAL | options))


@pytest.fixture
def maintenance(base: Base) -> Recorded:
    return Recorded(base)


@pytest.fixture
def client(assistant, maintenance) -> TestClient:
    return client_of(assistant, maintenance)


def test_search_gives_ranked_clauses_with_every_stage(client, assistant) -> None:
    found = client.post("/v1/search", json={"query": "运费", "top": 2, "scope": {"category": "生鲜"}}).json()
    assert [hit["score"] for hit in found["hits"]] == [0.9, 0.8]
    assert set(found["hits"][0]["stages"]) == {"dense", "sentence", "lexical"}
    assert found["snapshot"] == assistant.snapshot and found["query"] == "运费"
    assert assistant.requests[-1].scope == {"category": "生鲜"}


@pytest.mark.parametrize(
    ("body", "said"),
    [({}, "question"), ({"query": ""}, "empty"), ({"query": "a", "top": 0}, "1 to 200"),
     ({"query": "a", "question": "b"}, "both"), ({"query": "a", "topp": 1}, "topp")],
)  # fmt: skip
def test_a_search_that_cannot_be_meant_is_refused(client, body, said: str) -> None:
    answer = client.post("/v1/search", json=body)
    assert answer.status_code == 422 and said in answer.json()["detail"]


def test_documents_are_listed_with_and_without_their_clauses(client) -> None:
    listing = client.get("/v1/documents").json()
    assert [document["document"] for document in listing["documents"]] == ["returns.md", "shipping.md"]
    assert "clauses" not in listing["documents"][0]
    with_clauses = client.get("/v1/documents?clauses=true").json()
    assert [clause["label"] for clause in with_clauses["documents"][1]["clauses"]] == ["第一条", "第二条"]


def test_a_clause_is_shown_by_its_id_and_an_unknown_one_is_not_found(client, base: Base) -> None:
    clause = base.snapshot().clauses[0]
    shown = client.get(f"/v1/clauses/{clause.id}").json()
    assert (shown["text"], shown["sha256"]) == (clause.text, clause.sha256)
    missing = client.get("/v1/clauses/c-none")
    assert missing.status_code == 404 and missing.headers["content-type"] == "application/problem+json"


def test_listings_follow_what_is_published(client, base: Base) -> None:
    before = client.get("/v1/documents").json()["snapshot"]
    (base.sources / "shipping.md").unlink()
    base.ingest()
    listing = client.get("/v1/documents").json()
    assert listing["snapshot"] != before and len(listing["documents"]) == 1
    assert [row["current"] for row in client.get("/v1/snapshots").json()["snapshots"]] == [True, False]


def test_uploads_are_stored_under_their_names_and_ingested_with_the_folders(client, maintenance, base: Base) -> None:
    files = [("file", ("rules/新规.md", "# 新规\n\n第一条 七日。".encode())), ("file", ("b.md", b"# B"))]
    answer = client.post("/v1/documents", files=files)
    assert answer.status_code == 201
    assert [row["document"] for row in answer.json()["stored"]] == ["rules/新规.md", "b.md"]
    uploads = base.path / "uploads"
    assert sorted(path.name for path in uploads.rglob("*.md")) == ["b.md", "新规.md"]
    assert client.post("/v1/ingest").json() == {"published": True}
    assert maintenance.commands == [("ingest", "--", str(base.sources), str(uploads)), ("caught up",)]


def test_an_ingest_takes_its_options(client, maintenance) -> None:
    client.post("/v1/ingest", json={"draft": True, "full": True, "force": "上线前的旧文件"})
    command, _ = maintenance.commands
    assert command[:5] == ("ingest", "--draft", "--full", "--force", "--because=上线前的旧文件")
    refused = client.post("/v1/ingest", json={"draft": "yes"})
    assert refused.status_code == 422 and "true or false" in refused.json()["detail"]


def test_what_a_check_refuses_is_a_conflict_with_the_report(assistant, base: Base) -> None:
    refused = Outcome(1, {"published": False, "refused_because": ["7天 / 15天"]}, "")
    answer = client_of(assistant, Recorded(base, outcome=refused)).post("/v1/ingest")
    assert answer.status_code == 409 and answer.json()["refused_because"] == ["7天 / 15天"]
    stopped = Outcome(1, None, "Another process (process 7) is changing the base.")
    answer = client_of(assistant, Recorded(base, outcome=stopped)).post("/v1/ingest")
    assert answer.status_code == 409 and "Another process" in answer.json()["detail"]


def test_a_snapshot_is_published_by_its_id(client, maintenance, base: Base) -> None:
    snapshot = base.snapshot().id
    assert client.post(f"/v1/snapshots/{snapshot}/publish").status_code == 200
    assert maintenance.commands == [("publish", "--", snapshot), ("caught up",)]
    assert client.post("/v1/snapshots/s-none/publish").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "../a.md",
        "/etc/a.md",
        "a/../../b.md",
        ".hidden",
        "a/.b.md",
        "a\x00b.md",
        "C:\\a.md",
        "",
        "a" * 300,
        "x/\u202eb.md",
    ],
)
def test_names_that_could_lead_elsewhere_are_refused(maintenance, base: Base, name: str) -> None:
    import io

    with pytest.raises(InvalidRequest, match="cannot be used"):
        maintenance.store(name, io.BytesIO(b"x"))
    assert not list((base.path / "uploads").rglob("*")) if (base.path / "uploads").exists() else True


@pytest.mark.parametrize(
    "headers",
    [{"x-forwarded-for": "10.0.0.7"}, {"host": "shop.example"}, {"origin": "http://evil.example"}, {"origin": "null"}],
)
def test_without_a_token_only_this_machine_may_change_the_base(client, maintenance, headers: dict[str, str]) -> None:
    for path in ("/v1/ingest", "/v1/documents", "/v1/snapshots/s-1/publish"):
        answer = client.post(path, headers=headers)
        assert answer.status_code == 403 and "serve.token" in answer.json()["detail"]
    assert maintenance.commands == []
    assert client.get("/v1/documents", headers=headers).status_code == 200


def test_from_another_machine_nothing_is_changed_without_a_token(assistant, base: Base) -> None:
    client = client_of(assistant, Recorded(base), client=("10.0.0.7", 50000))
    assert client.post("/v1/ingest").status_code == 403


def test_a_token_admits_whoever_carries_it_and_nobody_else(assistant, base: Base) -> None:
    client = client_of(assistant, Recorded(base, TOKEN), client=("10.0.0.7", 1))
    assert (
        client.post("/v1/ingest", headers={"authorization": f"Bearer {TOKEN}", "host": "localhost"}).status_code == 200
    )
    for wrong in (None, "Bearer", f"Bearer {TOKEN}x", TOKEN):
        headers = {"authorization": wrong} if wrong else {}
        assert client.post("/v1/ingest", headers=headers).status_code == 403


def test_a_short_token_is_refused_when_the_settings_are_read() -> None:
    with pytest.raises(SettingsError, match="16 characters"):
        section(ServeSettings, {"token": "1234"}, "serve")


def test_metrics_count_answers_and_name_no_question(client) -> None:
    client.post("/v1/ask", json={"question": "运费谁出，我的电话13800138000"})
    client.post("/v1/ask", json={"question": "没有的事"})
    client.post("/v1/ask", json={"question": "崩溃"})
    text = client.get("/metrics").text
    assert 'koujing_answers_total{reason="",status="answered"} 1.0' in text
    assert 'koujing_answers_total{reason="no_policy",status="abstained"} 1.0' in text
    assert 'koujing_failures_total{error="RuntimeError"} 1.0' in text
    assert 'koujing_snapshot{id="s-20261122-0007"} 1.0' in text
    # The whole number: three of its digits turn up by chance in the times of creation.
    assert "13800138000" not in text and "运费" not in text and "电话" not in text


def test_every_route_of_the_contract_is_in_the_description(client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {(path, method) for path, methods in paths.items() for method in methods} >= {
        ("/v1/ask", "post"), ("/v1/search", "post"), ("/v1/clauses/{clause_id}", "get"), ("/v1/documents", "get"),
        ("/v1/documents", "post"), ("/v1/ingest", "post"), ("/v1/snapshots", "get"),
        ("/v1/snapshots/{snapshot}/publish", "post"), ("/healthz", "get"), ("/readyz", "get"), ("/metrics", "get"),
    }  # fmt: skip


def test_a_wrong_method_names_the_right_one(client) -> None:
    answer = client.delete("/v1/documents")
    assert answer.status_code == 405 and answer.headers["allow"] == "GET, POST"


def test_a_command_of_its_own_publishes_and_says_what_it_refuses(base: Base) -> None:
    maintenance = Maintenance(base.home)
    with pytest.raises(NotFound):
        maintenance.publish("s-000000000000")
    # The base was embedded by another model than the settings name: the command says so, and nothing changes.
    outcome = maintenance.publish(base.snapshot().id)
    assert outcome.status == 1 and "tiny@1" in outcome.said
