"""`/incident …`, its buttons, its forms and the message menu."""

from __future__ import annotations

from cogs.incidents.cog import IncidentsCog, IncidentServices

__all__ = ["IncidentServices", "IncidentsCog"]
