"""What people are told of a step that could not be done names what is at fault, and what to do."""

from __future__ import annotations

from bot.incidents.cards.refusals import sentence
from bot.kernel.outside import GIVEN_UP


def test_what_is_not_discords_doing_is_not_laid_at_its_door() -> None:
    ours, ended = sentence("incident.card", 0), sentence("incident.card", GIVEN_UP)
    assert "our side" in ours and "whoever runs Vigil ended the tries" in ended
    for told in (ours, ended):
        assert told.startswith("It could not post the card: ") and "Discord" not in told and "_Try again_" in told
    assert "Discord refused it (code 50109)" in sentence("incident.card", 50109)
