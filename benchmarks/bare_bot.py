"""The least that discord.py can do: one command that defers. A process of its own for `benchmarks.acknowledging`."""

from __future__ import annotations

import os

import discord
from discord import app_commands
from discord.http import Route


class BareBot(discord.AutoShardedClient):
    """Registers `/bare` and defers when it is called. Sharded, since only then the gateway's address is asked for."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), chunk_guilds_at_startup=False, max_messages=None)
        self.tree = app_commands.CommandTree(self)

        @self.tree.command(name="bare", description="Defers.")
        async def bare(itx: discord.Interaction[BareBot]) -> None:
            await itx.response.defer(ephemeral=True, thinking=True)

    async def setup_hook(self) -> None:
        await self.tree.sync()


def main() -> None:
    """Connect where the environment says, until ended."""
    Route.BASE = os.environ["VIGIL_DISCORD__API_BASE"]
    BareBot().run(os.environ["VIGIL_DISCORD__TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
