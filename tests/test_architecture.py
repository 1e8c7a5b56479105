"""The house as style.md draws it, read from our imports; and every command in the README."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "kb": set(),
    "assistant": {"kb"},
    "ingest": {"kb"},
    "eval": {"assistant", "ingest", "kb", "corpus"},
    "ui": {"assistant", "ingest", "kb", "corpus"},
    "corpus": set(),
    "training": {"assistant", "eval", "ingest", "kb"},
}
# The command line is one program with a verb for everything, and `kb eval` is one of its verbs. What times a whole
# command has to run it.
EXCEPTIONS = {("ui/cli.py", "eval"), ("eval/publishing/timed.py", "ui")}
ONLY_IN = {"faiss": "kb/index.py", "tantivy": "kb/lexical.py"}


def modules(package: str) -> list[Path]:
    skipped = ("corpus/sources",)  # the script that made the sample files; no part of the program
    found = sorted((ROOT / package).rglob("*.py"))
    return [file for file in found if not file.relative_to(ROOT).as_posix().startswith(skipped)]


def imported(file: Path) -> Iterator[str]:
    """Top-level names of what a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_packages_import_only_what_the_picture_allows(package: str) -> None:
    assert package == "corpus" or modules(package)
    for file in modules(package):
        name = file.relative_to(ROOT).as_posix()
        ours = {other for other in imported(file) if other in MAY_IMPORT and other != package}
        ours -= {other for path, other in EXCEPTIONS if path == name}
        assert ours <= MAY_IMPORT[package], name


@pytest.mark.parametrize("library", ONLY_IN)
def test_an_index_library_is_imported_by_one_file(library: str) -> None:
    files = [f for package in MAY_IMPORT for f in modules(package) if library in imported(f)]
    assert [f.relative_to(ROOT).as_posix() for f in files] == [ONLY_IN[library]]


def test_every_exception_is_still_needed() -> None:
    for path, package in EXCEPTIONS:
        assert package in set(imported(ROOT / path))


def commands() -> list[str]:
    from ui.cli import app

    return sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("readme", sorted(file.name for file in ROOT.glob("README*.md")))
@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command: str, readme: str) -> None:
    assert f"kb {command}" in (ROOT / readme).read_text(encoding="utf-8")


def test_every_command_and_option_has_help() -> None:
    from ui.cli import app

    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        assert command.help, name
        assert all(getattr(option, "help", "") or option.param_type_name == "argument" for option in command.params), (
            name
        )
