"""The rehearsal page tried in Chromium: an outage from its declaration to its end, by several people."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.rehearsal.page import SIZE, Rehearsal, browser, rehearsal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def page() -> Iterator[Rehearsal]:
    """The page, just opened."""
    with browser() as shown:
        if shown is None:
            if os.environ.get("CI") == "true":
                pytest.fail("CI skips nothing, and there is no Chromium")
            pytest.skip("there is no Chromium here")
        with rehearsal() as address:
            yield Rehearsal(shown.new_page(viewport=SIZE), address)


def declare(page: Rehearsal, title: str) -> None:
    """Declare an outage by the form, as `/incident declare` opens it."""
    page.command("incident declare")
    page.fill("What is wrong?", title)
    page.choose("How bad is it?", "SEV-1")
    page.choose("What is it about?", "outage")
    page.fill("What do you know?", "Requests time out since ten. We do not know yet why.")
    page.send()


def test_an_outage_is_lived_through_on_the_page(page: Rehearsal):
    # Declare.
    page.be("Charlie")
    page.go("general")
    declare(page, "The API is down")
    expect(page.message("Declared: inc-0001 · The API is down, SEV-1.")).to_be_visible()
    expect(page.page.locator("#due li").first).to_contain_text("10:")
    expect(page.page.locator("#people button", has_text="Alice").locator(".mark")).to_have_text("1")

    # A second person acknowledges; an outsider sees nothing of it.
    page.be("Alice")
    page.go("inc-0001")
    expect(page.message("you are paged: inc-0001 · The API is down")).to_be_visible()
    page.press("Acknowledge", page.message("You have it; nobody else is paged."))
    page.be("Erin")
    expect(page.room("general")).to_be_visible()
    expect(page.room("inc-")).to_have_count(0)
    expect(page.room("operations")).to_have_count(0)
    page.go("general")
    expect(page.chat.locator("#channel-empty")).to_be_visible()

    # Time moves; the reminder comes. A restart in between loses nothing and says nothing twice.
    page.be("Charlie")
    page.go("inc-0001")
    page.act("Ten minutes later")
    expect(page.clock).to_have_text("10:10")
    page.act("Restart Vigil")
    page.act("Ten minutes later")
    page.act("To the next deadline")
    expect(page.clock).to_have_text("10:30")
    reminder = page.message("The public update for inc-0001 · The API is down is due now.")
    expect(reminder).to_have_count(1)

    # Update, from the reminder's own button.
    page.press("Post update", page.form)
    page.fill("What do you know, and what not yet?", "The database ran out of connections. A fix is on its way.")
    page.send()
    page.act("Restart Vigil")
    page.press("Publish", page.message("Published:"))
    expect(reminder).to_have_count(0)
    page.be("Erin")
    page.go("updates")
    expect(page.message("The database ran out of connections.")).to_have_count(1)

    # Resolve.
    page.be("Charlie")
    page.go("inc-0001")
    page.act("Ten minutes later")
    page.press("Resolve", page.button("Go on without all checks"))
    page.press("Go on without all checks", page.form)
    page.fill("What was it?", "A migration left connections open.")
    page.send()
    page.press("Publish and resolve", page.message("is resolved after 40 minutes"))
    page.be("Erin")
    page.go("updates")
    expect(page.message("It works again. It lasted 40 minutes")).to_have_count(1)
    assert page.errors == []


def test_nothing_due_and_a_stopped_clock_are_said_calmly(page: Rehearsal):
    page.act("To the next deadline")
    expect(page.page.locator("#notice")).to_contain_text("Nothing is due.")
    expect(page.clock).to_have_text("10:00")
    page.act("One hour later")
    expect(page.clock).to_have_text("11:00")
    page.go("Vigil")
    expect(page.chat.locator("#channel-empty")).to_be_visible()
    assert page.errors == []
