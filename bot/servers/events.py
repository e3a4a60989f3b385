"""What this slice tells the slices above it, in the transaction in which it happened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RosterChanged:
    """Somebody joined or left a group of the roster."""

    guild_id: int
