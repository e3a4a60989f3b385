"""What a process may be asked to count about itself. Whoever counts overrides this; left as it is, nobody counts."""

from __future__ import annotations


class Observer:
    """Told of each thing as it happens. No method may raise, wait, or be told what people typed.

    Spans are seconds. A subject is told so that what belongs to something private can be left out before it is shown.
    """

    def interaction(self, interaction_id: int, kind: str) -> None:
        """One came from Discord: "command", "component", "form" or "autocomplete"."""

    def acknowledged(self, interaction_id: int) -> None:
        """Discord took its first answer."""

    def effect(self, kind: str, subject: str, outcome: str, after_s: float) -> None:
        """An attempt ended as "done", "dropped", "failed" or "again", this long after the effect was recorded."""

    def deadline(self, late_s: float) -> None:
        """One fired."""

    def discord(self, status: int | None, scope: str | None) -> None:
        """Discord answered a call, or (None) did not; `scope`: of a 429, whose limit it was."""

    def gateway_event(self) -> None:
        """Something came over the gateway."""


NOBODY = Observer()
