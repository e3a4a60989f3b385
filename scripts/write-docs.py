"""Write the parts of the docs that come from the code: the played example, the commands, the permissions.

`tests/test_docs.py` compares, so run this after a command, a permission or a text of the example changed.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from discord import app_commands

from bot.bootstrap import build
from bot.rehearsal import home
from bot.rehearsal.plays import PLAYS
from bot.rehearsal.plays.stagehand import perform
from bot.rehearsal.transcript import printed
from bot.settings import Settings
from bot.setup.permissions import ALL, reasons

ROOT = Path(__file__).resolve().parents[1]
NAME = "api-outage"
MARK = re.compile(r"(?<=[│·] )[0-9a-f]{8}$", re.MULTILINE)
ID = re.compile(r"(?<=/)\d{17,20}\b")
"""An id of Discord in a link: which of two rows made at once comes first is left open."""
TRANSCRIPT = f"""# A worked example, as people saw it

This is what `python -m bot rehearse --play {NAME}` prints. The marks that Vigil draws at random, and the ids in
links, stand as dots here. `›` is what a person does, `│` what is to be read, `🔔` whose device rings.

"""
EXCERPT = (
    # From the line that begins so to the line before the one that begins so, each after the one above.
    ("10:20  #general", "       │ Due first"),
    ("10:20  #inc-0001", "       │ Status:"),
    ("       │ Due next, and why:", "       │ inc-0001"),
    ("10:45  #inc-0001", "       Alice"),
)
GROUPS = ("incident", "update", "oncall", "setup")


def played() -> str:
    """What the play prints, with its random marks and the ids in links as dots."""
    script = PLAYS[NAME]()
    home.quiet()
    told = "\n".join(printed(script, asyncio.run(perform(script))))
    return ID.sub("…", MARK.sub("········", told))


def excerpt(transcript: str) -> str:
    """Its most telling parts, each whole, parted by a line with … alone."""
    lines = transcript.splitlines()
    parts: list[str] = []
    at = 0
    for first, end in EXCERPT:
        start = next(index for index in range(at, len(lines)) if lines[index].startswith(first))
        at = next(index for index in range(start + 1, len(lines)) if lines[index].startswith(end))
        parts.append("\n".join(lines[start:at]).rstrip())
    return "```text\n" + "\n…\n".join(parts) + "\n```"


def permissions() -> str:
    """What the invite link asks for, and why."""
    rows = [f"| {one.name} | {'; '.join(reasons(one))} |" for one in ALL]
    return "\n".join(["| permission | why |", "| --- | --- |", *rows])


def tree() -> list[app_commands.Command[Any, ..., Any] | app_commands.ContextMenu]:
    """Every command and menu, in the order in which they are registered."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database={"url": f"sqlite+aiosqlite:///{folder}/docs.db"})

        async def made() -> list[Any]:
            app = build(settings, safety_net=False)
            try:
                commands = [one for one in app.client.tree.walk_commands() if isinstance(one, app_commands.Command)]
                menus = [
                    one for one in app.client.tree.get_commands(type=None) if isinstance(one, app_commands.ContextMenu)
                ]
                return [*commands, *menus]
            finally:
                await app.close()

        return asyncio.run(made())


def commands(group: str) -> str:
    """The commands of one group, with their options: those in brackets may be left out."""
    rows = [
        f"| `/{' '.join([one.qualified_name, *options(one)])}` | {one.description} |"
        for one in tree()
        if isinstance(one, app_commands.Command) and one.qualified_name.split()[0] == group
    ]
    assert rows, group
    return "\n".join(["| command | what happens |", "| --- | --- |", *rows])


def options(command: app_commands.Command[Any, ..., Any]) -> Iterator[str]:
    """Its options as they are typed."""
    for one in command.parameters:
        yield f"{one.display_name}:" if one.required else f"[{one.display_name}:]"


def filled(text: str, parts: Mapping[str, str]) -> str:
    """The text with each part between its marks, `<!-- NAME: … -->` and `<!-- end -->`."""
    for name, part in parts.items():
        pattern = re.compile(rf"(<!-- {name}: [^>]*-->\n\n).*?(\n\n<!-- end -->)", re.DOTALL)
        text, count = pattern.subn(lambda found, part=part: found[1] + part + found[2], text)
        assert count == 1, f"{name} has one place"
    return text


def pages() -> dict[Path, str]:
    """Every page that has such parts, as it should be."""
    transcript = played()
    readme, commands_page = ROOT / "README.md", ROOT / "docs" / "commands.md"
    return {
        ROOT / "docs" / f"transcript-{NAME}.md": f"{TRANSCRIPT}```text\n{transcript}\n```\n",
        readme: filled(
            readme.read_text(encoding="utf-8"), {"excerpt": excerpt(transcript), "permissions": permissions()}
        ),
        commands_page: filled(commands_page.read_text(encoding="utf-8"), {group: commands(group) for group in GROUPS}),
    }


def main() -> None:
    """Write them."""
    for file, text in pages().items():
        changed = not file.exists() or file.read_text(encoding="utf-8") != text
        file.write_text(text, encoding="utf-8")
        print(f"{file.relative_to(ROOT)}: {'written' if changed else 'as it was'}")


if __name__ == "__main__":
    main()
