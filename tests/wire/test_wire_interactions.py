"""This Discord's interactions, as discord.py uses them."""

from __future__ import annotations

import discord
import pytest
from discord import app_commands

from tests.wire.conftest import Community

pytestmark = [pytest.mark.wire, pytest.mark.xdist_group("wire-self")]
Itx = discord.Interaction[discord.Client]


async def test_login_ready_and_commands(plain: Community) -> None:
    @plain.bot.tree.command(name="hello", description="Say hello.")
    async def hello(itx: Itx) -> None:
        await itx.response.send_message("Hello.")

    synced = await plain.bot.tree.sync()
    shown = await (await plain.command(plain.ann, "hello"))

    assert [one.name for one in synced] == ["hello"] == [one["name"] for one in plain.world.commands]
    assert plain.bot.user is not None and plain.bot.user.id == plain.world.bot.id
    assert [one.name for one in plain.bot.guilds] == ["Plain"]
    assert shown.text == "Hello." and not shown.deferred
    assert [one.content for one in plain.general.posts] == ["Hello."]
    assert len(plain.server.gateway.identifies) == 1 and not plain.server.unknown_routes


async def test_defer_then_edit_then_follow_up(plain: Community) -> None:
    @plain.bot.tree.command(name="work", description="Take a while.")
    async def work(itx: Itx, what: str, whom: discord.Member) -> None:
        await itx.response.defer(ephemeral=True, thinking=True)
        await itx.edit_original_response(content=f"{what} for {whom.name}")
        await itx.followup.send("more", ephemeral=True)

    await plain.bot.tree.sync()
    shown = await plain.command(plain.ann, "work", what="cake", whom=plain.ben.user)
    await plain.until(lambda: shown.followups, "a follow-up")

    assert shown.deferred and shown.ephemeral
    assert shown.text == "cake for ben\nmore"
    assert not plain.general.posts, "a private answer is for one person only"


async def test_a_modal_and_what_was_typed_in_it(plain: Community) -> None:
    class Form(discord.ui.Modal, title="Tell"):
        words = discord.ui.Label(text="What?", component=discord.ui.TextInput(custom_id="words", default="as before"))

        async def on_submit(self, itx: Itx) -> None:
            field = self.words.component
            assert isinstance(field, discord.ui.TextInput)
            await itx.response.send_message(f"you said {field.value}")

    @plain.bot.tree.command(name="tell", description="Open a form.")
    async def tell(itx: Itx) -> None:
        await itx.response.send_modal(Form())

    await plain.bot.tree.sync()
    opened = await (await plain.command(plain.ann, "tell"))
    assert opened.modal is not None and opened.modal.prefilled == {"words": "as before"}
    untouched = await (await plain.ann.submit(opened))
    typed = await (await plain.ann.submit(await (await plain.command(plain.ann, "tell")), words="new"))

    assert (untouched.text, typed.text) == ("you said as before", "you said new")


async def test_buttons_edit_their_message(plain: Community) -> None:
    class Counter(discord.ui.View):
        @discord.ui.button(label="Count", custom_id="count")
        async def count(self, itx: Itx, button: discord.ui.Button[Counter]) -> None:
            await itx.response.edit_message(content=f"pressed by {itx.user.name}")

    message = await plain.seen_by_bot(plain.general).send("press", view=Counter(timeout=None))
    pressed = await (await plain.ben.press(plain.general.messages[message.id], "Count"))

    assert pressed.text.startswith("pressed by ben")
    with pytest.raises(AssertionError, match="no 'Missing'"):
        await plain.ben.press(plain.general.messages[message.id], "Missing")


async def test_autocompletion(plain: Community) -> None:
    @plain.bot.tree.command(name="pick", description="Pick one.")
    async def pick(itx: Itx, one: str) -> None:
        await itx.response.send_message(one)

    @pick.autocomplete("one")
    async def offer(itx: Itx, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}{n}", value=str(n)) for n in range(2)]

    await plain.bot.tree.sync()
    offered = await (await plain.ann.autocomplete(plain.general, "pick", "one", "x"))

    assert offered.names == ["x0", "x1"]


async def test_late_and_second_answers_are_refused(plain: Community) -> None:
    codes: list[int] = []

    @plain.bot.tree.command(name="twice", description="Answer twice.")
    async def twice(itx: Itx) -> None:
        for _ in range(2):
            try:
                await itx.response.send_message("answer")
            except discord.HTTPException as error:
                codes.append(error.code)
            itx.response._response_type = None

    await plain.bot.tree.sync()
    await (await plain.command(plain.ann, "twice"))
    await plain.until(lambda: codes, "a refusal")
    plain.server.answer_limit = -1.0
    await plain.command(plain.ann, "twice")
    await plain.until(lambda: len(codes) == 3, "two more refusals")

    assert codes == [40060, 10062, 10062]
