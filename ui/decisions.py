"""`kb ruling`, `kb wording`, `kb reply`: what maintainers decide beside the documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.plain import visible

if TYPE_CHECKING:
    from kb.decision_log import DecisionLog, Entry, Outcome
    from kb.decisions import Decision
    from kb.home import Home
    from kb.snapshot import Snapshot
    from kb.types import Clause
    from ui.sheets import Row


def _group(help: str) -> typer.Typer:
    names = {"help_option_names": ["-h", "--help"]}
    return typer.Typer(help=help, no_args_is_help=True, context_settings=names, rich_markup_mode=None)


rulings = _group("Rulings: which clause a question means, which overrides which, what is no conflict.")
wordings = _group("Wordings that customers ask a clause with.")
replies = _group("Approved words for the customer, bound to a clause's text.")

Home_ = Annotated[Path | None, typer.Option("--home", help="The knowledge base's folder (default: KB_HOME, else .kb).")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who decides (default: the user's name).")]
Ids = Annotated[list[str], typer.Argument(metavar="ID…", help="As list shows them.")]
ClauseArgument = Annotated[
    str, typer.Argument(metavar="CLAUSE", help="A clause's id, or DOCUMENT#LABEL: 退货规则.docx#第三条.")
]
Approve = Annotated[bool, typer.Option("--approve", help="Approved at once, not only proposed.")]
AllOption = Annotated[bool, typer.Option("--all", help="All that are proposed.")]
Suspended = Annotated[
    bool, typer.Option("--suspended", help="Only those that wait for someone: text changed, or gone.")
]
ImportFile = Annotated[Path, typer.Argument(metavar="FILE", help="Excel (.xlsx, .xls) or CSV, with a row of headers.")]

TAKES_EFFECT = "takes effect with the next `kb publish`, or `kb ingest` where nothing is published yet"
MAX_WORDING = 500  # characters: longer is no question but a chat
MAX_REPLY = 5000


class Kind(StrEnum):
    MEANS = "means"
    OVERRIDES = "overrides"
    NO_CONFLICT = "no-conflict"


# --- rulings ---


@rulings.command("add")
def add_ruling(
    context: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="What is decided.")],
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="…",
            help="means QUESTION CLAUSE; overrides WINNER LOSER; no-conflict CLAUSE CLAUSE. A clause is an id, or "
            "DOCUMENT#LABEL.",
        ),
    ],
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why; it is kept with the ruling.")],
    by: By = None,
    home: Home_ = None,
    as_json: Json = False,
) -> None:
    """Decide which clause a question means, which of two has the last word, or that two do not contradict each other."""
    from assistant.masking import mask
    from kb.decision_log import new_ruling
    from kb.decisions import RulingKind
    from ui.errors import UsageError

    if len(what) != 2:
        expected = {Kind.MEANS: "QUESTION CLAUSE", Kind.OVERRIDES: "WINNER LOSER", Kind.NO_CONFLICT: "CLAUSE CLAUSE"}
        raise UsageError(f"Found {len(what)} arguments after {kind.value}, expected {expected[kind]}.")
    if not because.strip():
        raise UsageError("--because is empty, expected the reason: whoever reads the ruling later needs it.")
    question, names = (what[0], what[1:]) if kind is Kind.MEANS else (None, what)
    if question is not None:
        question = _checked_text(mask(question), "question", MAX_WORDING)
    with _opened(context, home) as desk:
        clauses, snapshot = desk.find(names)
        kind_ = RulingKind(kind.value.replace("-", "_"))
        ruling = new_ruling(kind_, [_subject(c) for c in clauses], mask(because).strip(), _by(by), question)
        desk.finish(desk.log.add([ruling], snapshot, approved=True), as_json)


@rulings.command("list")
def list_rulings(
    context: typer.Context, suspended: Suspended = False, home: Home_ = None, as_json: Json = False
) -> None:
    """List the rulings with where they stand against the published texts."""
    _list(context, "ruling", suspended, home, as_json)


@rulings.command("withdraw")
def withdraw_rulings(
    context: typer.Context,
    ids: Ids,
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why.")] = "",
    by: By = None,
    home: Home_ = None,
    as_json: Json = False,
) -> None:
    """Withdraw rulings; they stay in the list and in the audit log."""
    _withdraw(context, "ruling", ids, because, by, home, as_json)


@rulings.command("confirm")
def confirm_rulings(context: typer.Context, ids: Ids, by: By = None, home: Home_ = None, as_json: Json = False) -> None:
    """Confirm rulings for the text that their clauses have now."""
    _confirm(context, "ruling", ids, by, home, as_json)


# --- wordings ---


@wordings.command("add")
def add_wordings(
    context: typer.Context,
    clause: ClauseArgument,
    texts: Annotated[list[str], typer.Argument(metavar="TEXT…", help="Customers' words; personal data are masked.")],
    approve: Approve = False,
    by: By = None,
    home: Home_ = None,
    as_json: Json = False,
) -> None:
    """Attach wordings to a clause: questions near them find it."""
    from assistant.masking import mask
    from kb.decision_log import new_wording

    checked = [_checked_text(mask(text), "wording", MAX_WORDING) for text in texts]
    with _opened(context, home) as desk:
        [found], snapshot = desk.find([clause])
        new = [new_wording(_subject(found), text, _by(by)) for text in checked]
        desk.finish(desk.log.add(new, snapshot, approve), as_json)


@wordings.command("import")
def import_wordings(
    context: typer.Context,
    file: ImportFile,
    approve: Approve = False,
    by: By = None,
    home: Home_ = None,
    as_json: Json = False,
) -> None:
    """Take wordings from a spreadsheet: 条款编号 (or 文件 and 条号) and 问法 (several columns of it are read)."""
    from assistant.masking import mask
    from kb.decision_log import new_wording

    def decisions(row: _Read, clause: Clause, who: str) -> Iterator[Decision]:
        for text in row.texts:
            yield new_wording(_subject(clause), _checked_text(mask(text), "wording", MAX_WORDING), who)

    _import(context, "wording", file, decisions, approve, by, home, as_json)


# --- replies ---


@replies.command("add")
def add_reply(
    context: typer.Context,
    clause: ClauseArgument,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="The words; {订单号} is a slot for the agent.")],
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="zh-Hans, en, … (default: the text's).")
    ] = None,
    tone: Annotated[str, typer.Option("--tone", metavar="WORD", help="The shop's own word: formal, 亲切, …")] = "",
    approve: Approve = False,
    by: By = None,
    home: Home_ = None,
    as_json: Json = False,
) -> None:
    """Attach a reply to a clause. It may hold no number, date or amount that the clause does not."""
    from kb.decision_log import new_reply

    tag = _language(language, text)
    with _opened(context, home) as desk:
        [found], snapshot = desk.find([clause])
        text = _reply_text(text, found)
        reply = new_reply(_subject(found), text, tag, tone.strip()[:40], _by(by))
        desk.finish(desk.log.add([reply], snapshot, approve), as_json)


@replies.command("import")
def import_replies(
    context: typer.Context,
    file: ImportFile,
    approve: Approve = False,
    by: By = None,
    home: Home_ = None,
    as_json: Json = False,
) -> None:
    """Take replies from a spreadsheet: 条款编号 (or 文件 and 条号), 话术, and 语言 and 语气 where there are any."""
    from kb.decision_log import new_reply

    def decisions(row: _Read, clause: Clause, who: str) -> Iterator[Decision]:
        for given in row.texts:
            text = _reply_text(given, clause)
            yield new_reply(_subject(clause), text, _language(row.language, text), row.tone[:40], who)

    _import(context, "reply", file, decisions, approve, by, home, as_json)


# --- what both do ---


def _add_shared_verbs(group: typer.Typer, kind: str) -> None:
    """`list`, `approve`, `confirm` and `remove`: the same for wordings and for replies."""
    many = {"wording": "wordings", "reply": "replies"}[kind]

    @group.command("list", help=f"List the {many} with where they stand against the published texts.")
    def list_(context: typer.Context, suspended: Suspended = False, home: Home_ = None, as_json: Json = False) -> None:
        _list(context, kind, suspended, home, as_json)

    @group.command("approve", help=f"Approve proposed {many}.")
    def approve(
        context: typer.Context,
        ids: Annotated[list[str] | None, typer.Argument(metavar="[ID…]")] = None,
        everything: AllOption = False,
        by: By = None,
        home: Home_ = None,
        as_json: Json = False,
    ) -> None:
        _approve(context, kind, ids, everything, by, home, as_json)

    @group.command("confirm", help=f"Confirm {many} for the text that their clause has now.")
    def confirm(context: typer.Context, ids: Ids, by: By = None, home: Home_ = None, as_json: Json = False) -> None:
        _confirm(context, kind, ids, by, home, as_json)

    @group.command("remove", help=f"Withdraw {many}; they stay in the list and in the audit log.")
    def remove(
        context: typer.Context,
        ids: Ids,
        because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why.")] = "",
        by: By = None,
        home: Home_ = None,
        as_json: Json = False,
    ) -> None:
        _withdraw(context, kind, ids, because, by, home, as_json)


_add_shared_verbs(wordings, "wording")
_add_shared_verbs(replies, "reply")


# --- what all three do ---


class _Desk:
    """One base's decisions with the snapshots that they are about."""

    def __init__(self, home: Home) -> None:
        from kb.decision_log import DecisionLog

        self.home = home
        self.log: DecisionLog = DecisionLog(home)
        self.now = datetime.now(home.settings.zone())
        self._opened: dict[str, tuple[Snapshot, _Names]] = {}

    def __enter__(self) -> _Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.log.close()

    def snapshot(self) -> Snapshot:
        """The published snapshot, else the newest."""
        return self._open(self._order()[0])[0]

    def find(self, names: Sequence[str]) -> tuple[list[Clause], Snapshot]:
        """The clauses of these names, all in one snapshot: the published one, else the newest that has them, since
        what a check refused to publish waits for rulings too. Raises NotFound or UsageError."""
        first: Exception | None = None
        for snapshot in self._order():
            opened, index = self._open(snapshot)
            try:
                return [index.find(name, self.now) for name in names], opened
            except (_NoSuchClause, _Ambiguous) as error:
                first = first or error
        assert first is not None
        raise _told(first)

    def names(self) -> tuple[Snapshot, _Names]:
        return self._open(self._order()[0])

    def entries(self, kind: str) -> list[Entry]:
        from kb.errors import NotFound

        try:
            snapshot = self.snapshot()
        except NotFound:
            snapshot = None
        return [entry for entry in self.log.entries(snapshot) if _kind_of(entry.decision) == kind]

    def finish(self, outcomes: Sequence[Outcome], as_json: bool) -> None:
        """Prints what became of each; exit status 1 where something was refused."""
        from kb.decision_log import Change

        known = {entry.decision.id: entry for entry in self.log.entries()}
        if as_json:
            _print_json({"decisions": [_outcome(outcome, known.get(outcome.id)) for outcome in outcomes],
                         "takes_effect": "publish"})  # fmt: skip
        else:
            for outcome in outcomes:
                typer.echo(visible(_line(outcome, known.get(outcome.id))), err=outcome.change is Change.REFUSED)
            _say_when(outcomes, known)
        if any(outcome.change is Change.REFUSED for outcome in outcomes):
            raise typer.Exit(1)

    def _order(self) -> list[str]:
        current = self.home.current()
        newest_first = list(reversed(self.home.snapshots()))
        if current is not None and current.snapshot in newest_first:
            newest_first.remove(current.snapshot)
            newest_first.insert(0, current.snapshot)
        return newest_first or [self.home.require_current()]

    def _open(self, snapshot: str) -> tuple[Snapshot, _Names]:
        from kb.snapshot import Snapshot

        if snapshot not in self._opened:
            opened = Snapshot.open(self.home, snapshot)
            self._opened[snapshot] = opened, _Names(opened)
        return self._opened[snapshot]


class _NoSuchClause(Exception):
    pass


class _Ambiguous(Exception):
    pass


def _told(error: Exception) -> Exception:
    from kb.errors import NotFound
    from ui.errors import UsageError

    return UsageError(str(error)) if isinstance(error, _Ambiguous) else NotFound(str(error))


class _Names:
    """A snapshot's clauses by what people call them."""

    def __init__(self, snapshot: Snapshot) -> None:
        from kb.validity import family_of

        self._snapshot = snapshot
        self._ids = {clause.id for clause in snapshot.clauses}
        self._documents: dict[str, set[str]] = {}
        for version in snapshot.versions:
            # Of a document with versions the listing shows the series' name, which is no version's key.
            paths = [key.replace("\\", "/") for key in (version.document, family_of(version))]
            files = [path.rpartition("/")[2] for path in paths]
            for name in (*paths, *files, *(file.rpartition(".")[0] for file in files), version.title):
                if name:
                    self._documents.setdefault(_same(name), set()).add(version.document)
        self._by_label: dict[tuple[str, str], list[Clause]] = {}
        for clause in snapshot.clauses:
            below = clause.path[clause.path.index(clause.label) :] if clause.label in clause.path else (clause.label,)
            for label in {clause.label, "/".join(below), "".join(below), *clause.path[-1:]}:
                self._by_label.setdefault((clause.document, _same(label)), []).append(clause)

    def find(self, name: str, now: datetime) -> Clause:
        document, mark, label = name.strip().rpartition("#")
        if not mark:
            return self.by_id(name.strip(), now)
        return self.at(document, label, now)

    def by_id(self, clause_id: str, now: datetime) -> Clause:
        from kb.decision_log import standing

        found = standing(self._snapshot, clause_id, now) if clause_id in self._ids else None
        if found is None:
            raise _NoSuchClause(
                f"There is no clause {clause_id!r} in snapshot {self._snapshot.id}. Expected an id (every answer and "
                "`kb documents --clauses --json` name them), or DOCUMENT#LABEL such as 退货规则.docx#第三条."
            )
        return found

    def at(self, document: str, label: str, now: datetime) -> Clause:
        """The clause with this label in the document of this key, file name or title."""
        from kb.decision_log import place

        documents = self._documents.get(_same(document.strip()), set())
        if not documents:
            raise _NoSuchClause(
                f"There is no document {document.strip()!r} in snapshot {self._snapshot.id}. `kb documents` lists them."
            )
        found = [clause for d in sorted(documents) for clause in self._by_label.get((d, _same(label)), ())]
        whole = [clause for clause in found if clause.path[-1:] == (clause.label,)]
        ids = dict.fromkeys(clause.id for clause in (whole or found))
        if len(ids) > 1:
            first = {clause.id: place(clause) for clause in (whole or found)}
            listed = ", ".join(f"{id_} ({first[id_]})" for id_ in list(ids)[:5])
            raise _Ambiguous(
                f"{document.strip()}#{label.strip()} fits {len(ids)} clauses: name one by its id: {listed}."
            )
        if not ids:
            raise _NoSuchClause(
                f"{document.strip()} has no clause {label.strip()!r} in snapshot {self._snapshot.id}. "
                "`kb documents --clauses` lists them."
            )
        return self.by_id(next(iter(ids)), now)


def _opened(context: typer.Context, home: Path | None) -> _Desk:
    import os

    from kb.home import Home

    given = home or context.find_root().params.get("home")
    return _Desk(Home(given or Path(os.environ.get("KB_HOME") or ".kb")))


def _list(context: typer.Context, kind: str, suspended: bool, home: Path | None, as_json: bool) -> None:
    from kb.decision_log import Standing

    with _opened(context, home) as desk:
        entries = desk.entries(kind)
    if suspended:
        entries = [entry for entry in entries if entry.standing in (Standing.SUSPENDED, Standing.GONE)]
    if as_json:
        _print_json({f"{_PLURAL[kind]}": [_entry(entry) for entry in entries]})
        return
    for entry in entries:
        typer.echo(visible(f"{entry.decision.id}  {entry.standing.value:11}  {_said(entry)}"))
    if not entries:
        typer.echo(f"No {_PLURAL[kind]}{' wait for anyone' if suspended else ''}.", err=True)


def _approve(
    context: typer.Context,
    kind: str,
    ids: list[str] | None,
    everything: bool,
    by: str | None,
    home: Path | None,
    as_json: bool,
) -> None:
    from kb.decision_log import Standing
    from ui.errors import UsageError

    if bool(ids) is everything:
        raise UsageError("Expected ids, or --all.")
    with _opened(context, home) as desk:
        if everything:
            ids = [entry.decision.id for entry in desk.entries(kind) if entry.standing is Standing.PROPOSED]
        desk.finish(desk.log.approve(_of_kind(ids or [], kind), desk.snapshot(), _by(by)), as_json)


def _confirm(
    context: typer.Context, kind: str, ids: list[str], by: str | None, home: Path | None, as_json: bool
) -> None:
    with _opened(context, home) as desk:
        desk.finish(desk.log.confirm(_of_kind(ids, kind), desk.snapshot(), _by(by), desk.now), as_json)


def _withdraw(
    context: typer.Context, kind: str, ids: list[str], because: str, by: str | None, home: Path | None, as_json: bool
) -> None:
    from assistant.masking import mask

    with _opened(context, home) as desk:
        desk.finish(desk.log.withdraw(_of_kind(ids, kind), _by(by), mask(because).strip()), as_json)


_PREFIXES = {"ruling": "r-", "wording": "w-", "reply": "p-"}
_PLURAL = {"ruling": "rulings", "wording": "wordings", "reply": "replies"}


def _of_kind(ids: Sequence[str], kind: str) -> list[str]:
    from ui.errors import UsageError

    for id_ in ids:
        if not id_.startswith(_PREFIXES[kind]):
            raise UsageError(
                f"Found {id_!r}, expected an id of a {kind} ({_PREFIXES[kind]}…): `kb {kind} list` lists them."
            )
    return list(dict.fromkeys(ids))


def _by(name: str | None) -> str:
    from kb.audit import user

    return (name or "").strip() or user()


def _subject(clause: Clause) -> Any:
    from kb.decisions import Subject

    return Subject(clause.id, clause.sha256)


_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def _checked_text(text: str, what: str, most: int) -> str:
    """Without characters that nobody sees. Raises UsageError where nothing or too much is left."""
    from ui.errors import UsageError

    clean = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not clean:
        raise UsageError(f"the {what} is empty")
    if len(clean) > most:
        raise UsageError(f"the {what} has {len(clean)} characters, expected at most {most}")
    return clean


def _reply_text(text: str, clause: Clause) -> str:
    """Raises UsageError for personal data, unless the clause itself names such: a shop's own address or number."""
    from assistant.masking import mask
    from ui.errors import UsageError

    clean = _checked_text(text, "reply", MAX_REPLY)
    if (masked := mask(clean)) != clean and mask(clause.text) == clause.text:
        raise UsageError(
            f"the reply holds what looks like personal data (masked: {masked}): put a slot such as {{电话}} there"
        )
    return clean


_LANGUAGES = {
    "zh-Hans": "中文 汉语 普通话 简体 简体中文 简中 简 zh zh-cn zh-sg zh-hans chinese simplified",
    "zh-Hant": "繁体 繁体中文 繁中 繁 zh-tw zh-hk zh-mo zh-hant traditional",
    "en": "英文 英语 英 english en-us en-gb",
    "ja": "日文 日语 日本语 japanese jp",
    "ko": "韩文 韩语 韩国语 korean kr",
    "es": "西班牙文 西班牙语 西语 spanish espanol español",
}
_TAGS = {name: tag for tag, names in _LANGUAGES.items() for name in names.split()}


def _language(given: str | None, text: str) -> str:
    """The tag of a reply's language. Raises UsageError for one that is none, or that the text is plainly not in."""
    from kb.replies import SLOT
    from kb.text import fold, language
    from ui.errors import UsageError

    words = SLOT.sub(" ", text)
    found = language(words)
    if not given or not given.strip():
        return found if found != "und" else "zh-Hans"
    name = given.strip()
    tag = _TAGS.get(fold(name).replace("_", "-"))
    if tag is None:
        if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", name):
            raise UsageError(f"the language is {name!r}, expected one such as zh-Hans, 中文, en or 英文")
        tag = name.replace("_", "-")
    if (tag.startswith("zh") and found in ("en", "es", "ko")) or (
        tag[:2] in ("en", "es") and found in ("zh-Hans", "zh-Hant", "ja", "ko")
    ):
        raise UsageError(f"the language is said to be {name}, but the text is {found}")
    return tag


# --- spreadsheets ---

_COLUMNS = {
    "clause": "条款编号 条款id 条款标识 条款 clause clauseid id",
    "document": "文件 文件名 文件路径 文档 文档名 规则 规则文件 规则名称 来源 来源文件 标题 document file filename doc title",
    "label": "条号 条款号 条 条目 条次 第几条 章节 小节 编号 label article section number",
    "language": "语言 语种 language lang",
    "tone": "语气 口吻 风格 语调 tone style",
}
_TEXT_COLUMNS = {
    "wording": "问法 问句 问题 客户问法 用户问法 客户问题 用户问题 相似问 相似问法 标准问 标准问法 常见问法 扩展问 wording "
    "wordings question questions askedas text utterance",
    "reply": "话术 回复 回复话术 标准话术 答复 应答 答案 回答 回复内容 话术内容 reply replies response answer text template",
}
_HEADER_WITHIN = 10  # rows above the header: a title, a note


@dataclass(frozen=True, slots=True)
class _Read:
    """One row by the columns' meaning."""

    clause: str
    document: str
    label: str
    texts: tuple[str, ...]
    language: str
    tone: str


def _import(
    context: typer.Context,
    kind: str,
    file: Path,
    decisions: Callable[[_Read, Clause, str], Iterator[Decision]],
    approve: bool,
    by: str | None,
    home: Path | None,
    as_json: bool,
) -> None:
    from collections import Counter

    from kb.decision_log import Change
    from ui.errors import UsageError
    from ui.sheets import read

    rows, unread = read(file)
    who = _by(by)
    refused: list[dict[str, Any]] = []
    new: list[tuple[Row, Decision]] = []
    with _opened(context, home) as desk:
        snapshot, names = desk.names()
        body, skipped = _body(rows, kind, file)
        skipped = [*unread, *skipped]
        for row, meant in body:
            try:
                if row.error is not None:
                    raise UsageError(f"a formula left {row.error}")
                clause = _clause_of(meant, names, desk.now)
                if not meant.texts:
                    raise UsageError(f"the {kind} is empty")
                made = list(decisions(meant, clause, who))  # a row is taken whole or not at all
            except (UsageError, _NoSuchClause, _Ambiguous) as error:
                refused.append({"sheet": row.sheet, "row": row.number, "reason": str(error)})
            else:
                new.extend((row, decision) for decision in made)
        outcomes = desk.log.add([decision for _, decision in new], snapshot, approve)
        refused += [
            {"sheet": row.sheet, "row": row.number, "reason": outcome.reason}
            for (row, _), outcome in zip(new, outcomes, strict=True)
            if outcome.change is Change.REFUSED
        ]
    refused.sort(key=lambda r: (r["sheet"], r["row"]))
    counts = Counter(outcome.change for outcome in outcomes)
    waiting = [o for o in outcomes if o.change is Change.UNCHANGED and "confirm" in o.reason]
    if as_json:
        _print_json({
            "file": str(file),
            **{change.value: counts[change] for change in (Change.ADDED, Change.APPROVED, Change.UNCHANGED)},
            "ids": list(dict.fromkeys(o.id for o in outcomes if o.change in (Change.ADDED, Change.APPROVED))),
            "suspended": [outcome.id for outcome in waiting],
            "refused": refused,
            "notes": skipped,
            "takes_effect": "publish",
        })  # fmt: skip
    else:
        for note in skipped:
            typer.echo(visible(f"note      {note}"), err=True)
        for one in refused:
            where = f"{one['sheet']}, row {one['row']}" if one["sheet"] else f"row {one['row']}"
            typer.echo(visible(f"refused   {where}: {one['reason']}"), err=True)
        for outcome in waiting:
            typer.echo(visible(f"unchanged {outcome.id}: {outcome.reason}"), err=True)
        state = "approved" if approve else "proposed"
        typer.echo(
            f"{file.name}: {counts[Change.ADDED]} {state}, {counts[Change.APPROVED]} approved that were there, "
            f"{counts[Change.UNCHANGED]} there already, {len(refused)} refused."
        )
        if counts[Change.ADDED] + counts[Change.APPROVED]:
            typer.echo(f"What is approved {TAKES_EFFECT}." if approve else f"To approve them: kb {kind} approve --all")
    if refused:
        raise typer.Exit(1)


def _body(rows: Sequence[Row], kind: str, file: Path) -> tuple[list[tuple[Row, _Read]], list[str]]:
    """The rows below each sheet's header, and the sheets that have none. Raises UsageError where no sheet has one."""
    from itertools import groupby

    from ui.errors import UsageError

    found: list[tuple[Row, _Read]] = []
    skipped: list[str] = []
    headers = 0
    for sheet, of_sheet in groupby(rows, key=lambda row: row.sheet):
        table = list(of_sheet)
        heads = ((n, _columns(row, kind)) for n, row in enumerate(table[:_HEADER_WITHIN], 1))
        below, columns = next(((n, columns) for n, columns in heads if columns), (0, None))
        if columns is None:
            skipped.append(f"sheet {sheet}: no row of headers, {len(table)} rows left out" if sheet else "no headers")
            continue
        headers += 1
        found.extend((row, _meant(row, columns)) for row in table[below:])
    if not headers:
        seen = " | ".join(cell for cell in rows[0].cells if cell)[:80] if rows else "nothing"
        text = _TEXT_COLUMNS[kind].split()[0]
        raise UsageError(
            f"{file} has no row of headers among its first {_HEADER_WITHIN} rows (found: {seen}); expected {text} with "
            "条款编号, or with 文件 and 条号, in any order. English names are known too: clause, document, label, "
            f"{'question' if kind == 'wording' else 'reply'}."
        )
    return found, skipped


def _columns(row: Row, kind: str) -> dict[str, list[int]] | None:
    """Meaning -> columns, if this row is a header."""
    known = {name: meaning for meaning, names in _COLUMNS.items() for name in names.split()}
    known |= dict.fromkeys(_TEXT_COLUMNS[kind].split(), "text")
    found: dict[str, list[int]] = {}
    for n, cell in enumerate(row.cells):
        name = _same(cell)
        if meaning := known.get(name) or known.get(name.rstrip("0123456789")):
            found.setdefault(meaning, []).append(n)
    told = "clause" in found or {"document", "label"} <= set(found)
    return found if told and "text" in found else None


def _meant(row: Row, columns: dict[str, list[int]]) -> _Read:
    def first(meaning: str) -> str:
        cells = (row.cells[n].strip() for n in columns.get(meaning, ()) if n < len(row.cells))
        return next(filter(None, cells), "")

    texts = [row.cells[n] for n in columns["text"] if n < len(row.cells) and row.cells[n].strip()]
    return _Read(first("clause"), first("document"), first("label"), tuple(texts), first("language"), first("tone"))


def _clause_of(row: _Read, names: _Names, now: datetime) -> Clause:
    from ui.errors import UsageError

    if row.clause and (not row.document or row.clause.startswith("c-")):
        return names.find(row.clause, now)
    label = row.label or row.clause  # 条款编号 is what some call 第三条
    if not row.document or not label:
        raise UsageError("no clause is named: expected 条款编号, or 文件 and 条号")
    return names.at(row.document, label, now)


def _same(name: str) -> str:
    """What two names have in common when they are the same but for width, case, script, numerals and signs."""
    from kb.text import fold

    return re.sub(r"[\s_\-（）()《》:：*]+", "", fold(name))


# --- what is shown ---


def _kind_of(decision: Decision) -> str:
    return next(kind for kind, prefix in _PREFIXES.items() if decision.id.startswith(prefix))


def _entry(entry: Entry) -> dict[str, Any]:
    from kb.decisions import ApprovedReply, Ruling, subjects
    from kb.replies import slots

    decision = entry.decision
    shown: dict[str, Any] = {"id": decision.id, "state": entry.standing.value}
    if isinstance(decision, Ruling):
        shown |= {"kind": decision.kind.value, "question": decision.question, "because": decision.because}
    else:
        shown["text"] = decision.text
    if isinstance(decision, ApprovedReply):
        shown |= {"language": decision.language, "tone": decision.tone, "slots": list(slots(decision.text))}
    about = zip(subjects(decision), entry.places, strict=True)
    shown["clauses"] = [{"id": subject.clause, "sha256": subject.sha256, "place": place} for subject, place in about]
    return shown | {"by": decision.by, "at": decision.at}


def _outcome(outcome: Outcome, entry: Entry | None) -> dict[str, Any]:
    told = {"id": outcome.id, "change": outcome.change.value, "reason": outcome.reason or None}
    return told | ({"decision": _entry(entry)} if entry else {})


def _line(outcome: Outcome, entry: Entry | None) -> str:
    if outcome.reason:
        return f"{outcome.id} {outcome.change.value}: {outcome.reason}."
    assert entry is not None
    return f"{outcome.id} {outcome.change.value} ({entry.standing.value}): {_said(entry)}"


def _said(entry: Entry) -> str:
    from kb.decisions import ApprovedReply, AskedAs, RulingKind

    decision, places = entry.decision, entry.places
    signed = f"({decision.by}, {decision.at[:10]})"
    match decision:
        case AskedAs():
            return f"{places[0]} ← {decision.text} {signed}"
        case ApprovedReply():
            tone = f", {decision.tone}" if decision.tone else ""
            return f"{places[0]} → {decision.text} [{decision.language}{tone}] {signed}"
        case _ if decision.kind is RulingKind.MEANS:
            said = f"{decision.question} → {places[0]}"
        case _ if decision.kind is RulingKind.OVERRIDES:
            said = f"{places[0]} over {places[1]}"
        case _:
            said = f"{places[0]} and {places[1]} do not contradict each other"
    return f"{said}: {decision.because} {signed}"


def _say_when(outcomes: Iterable[Outcome], known: dict[str, Entry]) -> None:
    from kb.decision_log import Change, Standing

    changed = [known[o.id] for o in outcomes if o.change not in (Change.UNCHANGED, Change.REFUSED) and o.id in known]
    if any(entry.standing is not Standing.PROPOSED for entry in changed):
        typer.echo(f"This {TAKES_EFFECT}.")
    elif changed:
        typer.echo(f"To approve: kb {_kind_of(changed[0].decision)} approve ID… (or --all)")


def _print_json(value: Any) -> None:
    import sys

    import orjson

    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()
