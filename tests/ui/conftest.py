"""A small deterministic assistant with the kind of rules a marketplace has, and a server around it."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pytest

from assistant import timewords
from assistant.types import (
    Alternative,
    Answer,
    AnswerStatus,
    Choices,
    Citation,
    Edition,
    Escalation,
    Reason,
    Reply,
    Request,
)
from kb import moments
from kb.types import Clause, ClauseKind, Hit, Scope, Version
from tests.support import ZONE, at
from ui.types import Feedback

TODAY = date(2026, 11, 22)

RETURNS = (
    "第十二条　消费者自签收商品之次日起七日内，可以申请无理由退货，但商品应当完好。\n"
    "商品能够保持原有品质、功能，商品本身、配件、商标标识齐全的，视为商品完好。"
    "消费者为检查商品而打开包装、合理试用的，不影响商品完好。\n"
    "羽绒服、贴身衣物等商品经洗涤或者明显穿着的，不视为商品完好，不适用无理由退货。"
)
POSTAGE = (
    "第十五条　无理由退货的运费由消费者承担；商品存在质量问题、错发、漏发的，往返运费由商家承担。\n"
    "商家承诺包邮的，发货运费由商家承担，消费者只承担退回的运费。"
)
LAW = (
    "第二十五条　经营者采用网络、电视、电话、邮购等方式销售商品，消费者有权自收到商品之日起七日内退货，"
    "且无需说明理由，但下列商品除外：\n（一）消费者定作的；\n（二）鲜活易腐的；\n"
    "（三）在线下载或者消费者拆封的音像制品、计算机软件等数字化商品；\n（四）交付的报纸、期刊。"
)
FRESH = "第六条　生鲜商品不适用七日无理由退货。商品变质、破损的，消费者应当在签收后二十四小时内提交照片。"
ENGLISH = (
    "4.2 Refunds for faulty goods\nWhere an item arrives faulty, the seller refunds the full price and the return "
    "postage within 5 working days of receiving the item back. The customer need not return packaging."
)
HOSTILE = "第一条　本规则自公布之日起施行。<img src=x onerror=\"document.title='owned'\"><script>alert(1)</script> ${1+1} {{value}}"
LONG = "第九条　" + "".join(
    f"（{number}）第{number}类商品的保修期自签收之日起计算，维修期间不计入保修期，逾期未修复的应当予以更换。\n"
    for number in range(1, 41)
)


def citation(
    text: str,
    *,
    title: str,
    label: str,
    document: str,
    path: tuple[str, ...] = (),
    authority: str = "platform_rule",
    scope: Scope | None = None,
    since: date | None = date(2024, 7, 1),
    until: date | None = None,
    page: int | None = None,
    language: str = "zh-Hans",
) -> Citation:
    digest = hashlib.sha256(text.encode()).hexdigest()
    version = Version(
        id=f"v-{digest[:8]}",
        document=document,
        title=title,
        text=text,
        text_sha256=digest,
        source=document,
        source_sha256=digest,
        authority=authority,
        scope=scope or {},
        effective_from=at(since) if since else None,
        effective_until=moments.end(until, ZONE) if until else None,
        language=language,
    )
    clause = Clause(
        id=f"c-{digest[:12]}",
        document=document,
        version=version.id,
        kind=ClauseKind.ARTICLE,
        label=label,
        path=(*path, label),
        start=0,
        end=len(text),
        text=text,
        sha256=digest,
        page=page,
    )
    return Citation(clause, version, version.effective_from, version.effective_until)


RULES = {
    "returns": citation(
        RETURNS,
        title="云栖集市七天无理由退货规则",
        label="第十二条",
        path=("第三章　退货条件",),
        document="rules/returns-2026.pdf",
        since=date(2026, 3, 1),
        page=7,
        scope={"platform": "云栖集市"},
    ),
    "postage": citation(
        POSTAGE,
        title="云栖集市七天无理由退货规则",
        label="第十五条",
        path=("第四章　运费",),
        document="rules/returns-2026.pdf",
        since=date(2026, 3, 1),
        page=9,
        scope={"platform": "云栖集市"},
    ),
    "law": citation(
        LAW,
        title="中华人民共和国消费者权益保护法",
        label="第二十五条",
        path=("第三章　经营者的义务",),
        document="laws/消费者权益保护法.txt",
        authority="law",
        since=date(2014, 3, 15),
    ),
    "fresh": citation(
        FRESH,
        title="云栖集市生鲜类目管理规范",
        label="第六条",
        document="rules/fresh.docx",
        authority="category_rule",
        scope={"category": "生鲜", "platform": "云栖集市"},
    ),
    "english": citation(
        ENGLISH,
        title="Seller terms for cross-border shops",
        label="4.2 Refunds for faulty goods",
        path=("4 Refunds",),
        document="terms/cross-border.html",
        authority="product_terms",
        language="en",
        since=date(2025, 1, 1),
        until=date(2027, 12, 31),
        scope={"channel": "cross-border"},
    ),
    "hostile": citation(HOSTILE, title="<b>坏文件</b>", label="第一条", document='bad/"x"<y>.md', authority="script"),
    "long": citation(LONG, title="三包规定细则", label="第九条", document="rules/warranty.xlsx", page=3),
}


def quoted(name: str, sentence: str) -> tuple[tuple[int, int], ...]:
    start = RULES[name].clause.text.index(sentence)
    return ((start, start + len(sentence)),)


@dataclass(slots=True)
class FakeAssistant:
    """Answers by a word in the question; everything about it is fixed."""

    snapshot: str = "s-20261122-0007"
    delay_s: float = 0.0
    requests: list[Request] = field(default_factory=list)

    def ask(self, request: Request, now: datetime | None = None) -> Answer:
        self.requests.append(request)
        time.sleep(self.delay_s)
        question = request.question
        if "崩溃" in question:
            raise RuntimeError(f"cannot handle {question}")
        if "拒绝" in question:
            from assistant.errors import BadRequest

            raise BadRequest('scope.platform is "火星"; known are 云栖集市.')
        if "坏文件" in question:
            return self._found(request, "hostile", ((0, 18),), 0.71, "<i>因为</i> & 所以")
        if "保修" in question:
            return self._found(
                request, "long", quoted("long", RULES["long"].clause.text.splitlines()[29]), 0.83, "只有这一条。"
            )
        if "运费" in question:
            return self._found(request, "postage", quoted("postage", POSTAGE[5:40]), 0.93, WHY_POSTAGE, reply=REPLY)
        if "faulty" in question:
            return self._found(request, "english", quoted("english", FAULTY), 0.88, WHY_FAULTY)
        if "退" in question or "return" in question:
            sentence = RETURNS.splitlines()[-1]
            return self._found(request, "returns", quoted("returns", sentence), 0.96, WHY_RETURNS)
        if "投诉到媒体" in question:
            return self._none(
                request, Reason.NEEDS_HUMAN, "客户提到媒体曝光，按服务规范要由值班主管处理。", escalate=True
            )
        if "生鲜还是" in question and request.scope.get("category") == "生鲜":
            return self._found(request, "fresh", quoted("fresh", FRESH.split("。")[0]), 0.9, "只适用于生鲜类目。")
        if "生鲜还是" in question and not request.scope.get("category"):
            return replace(
                self._none(request, Reason.AMBIGUOUS, "有几条适用于不同的类目：服饰、生鲜。请先问清楚客户是哪一种。"),
                choices=Choices("category", ("服饰", "生鲜")),
            )
        return self._none(request, Reason.NO_POLICY, "最接近的条款说的是退货和运费，都没有提到客户问的这件事。")

    def search(self, request: Request, top: int) -> list[Hit]:
        self.requests.append(request)
        found = [RULES[name] for name in ("postage", "law", "fresh")][:top]
        stages = {"dense": 0.5, "sentence": 0.5, "lexical": 1.0}
        return [Hit(c.clause, c.version, 0.9 - 0.1 * place, stages) for place, c in enumerate(found)]

    def scopes(self) -> Mapping[str, tuple[str, ...]]:
        return {
            "platform": ("云栖集市", "云栖国际"),
            "category": ("生鲜", "服饰", "数码"),
            "membership": ("普通", "金卡"),
        }

    def summary(self) -> Mapping[str, int]:
        return {"documents": 25, "clauses": 1640}

    def now(self) -> datetime:
        return datetime.now(ZONE)

    def _found(
        self,
        request: Request,
        name: str,
        highlights: tuple[tuple[int, int], ...],
        confidence: float,
        why: str,
        reply: Reply | None = None,
    ) -> Answer:
        found = RULES[name]
        others = [RULES[other] for other in ("law", "fresh", "postage") if other != name]
        reasons = ("层级更高，但云栖集市的规定更具体。", "只适用于生鲜类目。", "说的是运费由谁承担，不是能不能退。")
        return replace(
            self._none(request, Reason.NO_POLICY, why),
            status=AnswerStatus.ANSWERED,
            reason=None,
            citation=found,
            quote="".join(found.clause.text[start:end] for start, end in highlights),
            highlights=highlights,
            confidence=confidence,
            alternatives=tuple(
                Alternative(other, 0.81 - 0.07 * place, reason)
                for place, (other, reason) in enumerate(zip(others, reasons, strict=False))
            )[: request.top],
            reply=reply,
            replies=(reply, WARM) if reply else (),
            earlier=Edition(at("2026-09-01"), found.version, replace(found.clause, text=BEFORE)) if reply else None,
            later=Edition(at("2027-01-01"), found.version, replace(found.clause, text=AFTER)) if reply else None,
        )

    def _none(self, request: Request, reason: Reason, why: str, *, escalate: bool = False) -> Answer:
        return Answer(
            id="a-" + hashlib.sha256(repr(request).encode()).hexdigest()[:12],
            question=request.question,
            status=AnswerStatus.ABSTAINED,
            reason=reason,
            citation=None,
            quote="",
            highlights=(),
            confidence=0.18,
            why=why,
            alternatives=(
                Alternative(RULES["postage"], 0.52, "说的是退货运费，没有提到这件事。"),
                Alternative(RULES["fresh"], 0.41, "只适用于生鲜类目。"),
            )[: request.top],
            reply=None,
            escalate=Escalation("客户提到媒体曝光。", "值班主管") if escalate else None,
            snapshot=self.snapshot,
            timings_ms={"total": 38.4, "retrieve": 21.0},
            as_of=request.as_of or TODAY,
            scope=request.scope,
            stated=request.as_of,
            time=None if request.as_of else timewords.find(request.question, TODAY),
        )


FAULTY = "the seller refunds the full price and the return postage within 5 working days of receiving the item back"
WHY_FAULTY = (
    "The question is about an item that arrived faulty; this section is the only one in force for cross-border shops."
)
WHY_RETURNS = (
    "客户说衣服洗过；本条直接规定洗涤过的羽绒服不适用无理由退货。平台规则比法律的一般规定更具体，因此采用本条。"
)
WHY_POSTAGE = "接着上文的退货来问运费；本条规定无理由退货的运费由谁承担。"
REPLY = Reply(
    "您好，无理由退货的话，退回的运费需要您这边承担；如果是质量问题，往返运费都由商家承担。请问商品有质量问题吗？（订单{订单号}）",
    "zh-Hans",
    "returns/postage",
    slots=("订单号",),
)


WARM = Reply("亲，订单{订单号}的退回运费要您承担哦。", "zh-Hans", "returns/postage-warm", "warm", ("订单号",))
BEFORE, AFTER = "第十五条　运费由商家承担。", "第十五条　运费由平台承担。"


EXAMPLES = ("运费谁出？", "羽绒服能退吗？")


class Recorder(list[Feedback]):
    def __call__(self, feedback: Feedback) -> None:
        self.append(feedback)


@pytest.fixture
def assistant() -> FakeAssistant:
    return FakeAssistant()


@pytest.fixture
def rules() -> dict[str, Citation]:
    return RULES


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@dataclass(slots=True)
class Served:
    url: str
    assistant: FakeAssistant
    recorder: Recorder


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """The whole web face on a port of its own, as `kb serve` runs it."""
    import uvicorn

    from ui.api import create_app

    assistant, recorder = FakeAssistant(), Recorder()
    app = create_app(assistant, record_feedback=recorder, examples=lambda: EXAMPLES)
    config = uvicorn.Config(app, port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline and thread.is_alive():
        time.sleep(0.02)
    assert server.started, "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(f"http://127.0.0.1:{port}/", assistant, recorder)
    server.should_exit = True
    thread.join(timeout=20)
