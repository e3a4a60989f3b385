"""The clock tells aware UTC; refusals are sentences."""

from datetime import UTC, datetime

import pytest

from bot.kernel.clock import Clock, SystemClock
from bot.kernel.errors import BadInput, NotAllowed, NotFound, Repeated, UserFacingError, WrongState


def test_the_systems_clock_is_aware_utc():
    clock: Clock = SystemClock()
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("kind", [NotFound, NotAllowed, WrongState, BadInput])
def test_a_refusal_is_shown_as_it_is_written(kind):
    refusal = kind("Please try `/incident list`.")
    assert isinstance(refusal, UserFacingError)
    assert refusal.sentence == str(refusal) == "Please try `/incident list`."


def test_a_repeat_needs_no_words():
    assert isinstance(Repeated(), UserFacingError)
