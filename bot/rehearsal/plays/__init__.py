"""Plays: incidents of the guide as data and people's acts, to be played in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.rehearsal.plays import api_outage
from bot.rehearsal.plays.script import Script

PLAYS: Mapping[str, Callable[[], Script]] = MappingProxyType({"api-outage": api_outage.script})
"""Name on the command line → the play with its usual people, times and title."""
