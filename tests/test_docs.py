"""The docs are true of the code: links, paths, commands, buttons, permissions, and the played example."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

from bot.cli import parser
from bot.storage.base import Base

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
HOW = "run `make docs`"


def prose(page: Path) -> str:
    """The page without what stands in fences."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@cache
def anchors(page: Path) -> set[str]:
    """What a link may point to in a page, as forges make it from headings."""
    found = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path):
    for target in LINK.findall(prose(page)):
        if re.match(r"https?://", target):
            continue
        place, _, anchor = unquote(target).partition("#")
        file = (page.parent / place).resolve() if place else page
        assert file.is_relative_to(ROOT) and file.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors(file), f"{target}: {place or 'this page'} has no such heading"


def test_every_page_of_the_docs_is_reached_from_the_readme():
    reached, left = set(), [ROOT / "README.md"]
    while left:
        page = left.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        for target in LINK.findall(prose(page)):
            if not re.match(r"https?://", target):
                left.append((page.parent / unquote(target).partition("#")[0]).resolve())
    assert not [name(page) for page in PAGES if page not in reached]


def test_every_picture_is_shown_and_small():
    shown = {
        (page.parent / target).resolve() for page in PAGES for target in LINK.findall(page.read_text(encoding="utf-8"))
    }
    for picture in (ROOT / "docs" / "pictures").iterdir():
        assert picture in shown, f"{picture.name} stands on no page"
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 200_000, picture.name


PLACES = re.compile(
    r"`((?:bot|cogs|tests|scripts|docs|deploy|benchmarks|migrations|\.ci)/[\w./-]+|[\w.-]+\.(?:toml|yaml|lock))`"
)
NOT_THERE = {"config.toml"}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_path_that_is_named_exists(page: Path):
    for path in PLACES.findall(prose(page)):
        if path not in NOT_THERE:
            assert (ROOT / path).exists(), f"{path} is named and not there"


# What the code says ------------------------------------------------------------------------------------------------


@cache
def script() -> ModuleType:
    """`scripts/write-docs.py`."""
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / "scripts" / "write-docs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def written() -> dict[Path, str]:
    """The pages as `make docs` would write them."""
    pages: dict[Path, str] = script().pages()
    return pages


@pytest.mark.parametrize("page", ["README.md", "docs/commands.md", "docs/transcript-api-outage.md"])
def test_what_comes_from_the_code_is_as_the_code_has_it(page: str):
    assert (ROOT / page).read_text(encoding="utf-8") == written()[ROOT / page], HOW


def test_the_commands_page_has_every_command_and_menu():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    tree = script().tree()
    assert len(tree) > 20
    for command in tree:
        if hasattr(command, "description"):
            assert re.search(
                rf"^\| `/{command.qualified_name}[` ].*\| {re.escape(command.description)} \|$", page, re.M
            )
        else:
            assert f"_{command.name}_" in page


def test_the_readme_shows_whole_pieces_of_the_transcript():
    transcript = (ROOT / "docs" / "transcript-api-outage.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```text\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S | re.M)
    pieces = shown.split("\n…\n")
    assert len(pieces) > 2
    assert all(piece.strip("\n") in transcript for piece in pieces)


def labels() -> Iterator[str]:
    """Labels of buttons as they stand in the code; of one with a blank in it the part before."""
    for file in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "cogs").rglob("*.py")]:
        if "rehearsal" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Button" and node.args:
                yield from texts(node.args[0])


def texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(label)):
            yield label
        case ast.JoinedStr(values=[ast.Constant(value=str(label)), *_]):
            yield label.strip()
        case ast.IfExp(body=body, orelse=orelse):
            yield from texts(body)
            yield from texts(orelse)


def test_the_commands_page_has_every_button():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    found = set(labels())
    assert len(found) > 30
    assert not sorted(label for label in found if f"_{label}" not in page)


def test_operations_has_every_command_of_the_command_line():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (choices,) = [action.choices for action in parser()._actions if action.choices]
    for command in choices or ():
        assert f"`python -m bot {command}" in page


def test_the_makefile_helps_with_every_target_that_the_docs_name():
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"\bmake ([a-z]+)\b", "".join(re.findall(r"`[^`]+`|^    .*$", prose(page), re.M))):
            assert target in targets, f"{name(page)}: make {target}"


def test_every_table_names_how_long_it_is_kept():
    import bot.tables  # noqa: F401 - registers them

    for mapper in Base.registry.mappers:
        assert "__retention__" in vars(mapper.class_), mapper.class_.__name__


def test_nothing_here_is_left_to_be_done():
    for page in PAGES:
        assert not re.search(r"\b(TODO|FIXME|TBD|XXX)\b", page.read_text(encoding="utf-8")), name(page)
