"""Take the pictures of the docs anew: the rehearsal page in Chromium, while an outage is lived through on it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image
from playwright.sync_api import Locator, expect

from tests.rehearsal.page import SIZE, Rehearsal, browser, rehearsal

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
TRIES, PATIENCE_MS, SETTLES_MS = 5, 10_000, 1_500
COLOURS = 128
"""A palette of this many keeps a picture of flat colours small without a visible difference."""


def take(page: Rehearsal, name: str, *, from_: str | None = None) -> None:
    """The whole page as a PNG; `from_`: words of the message that is to stand at the top of the channel."""
    file = PICTURES / f"{name}.png"
    page.page.wait_for_timeout(SETTLES_MS)
    if from_ is not None:
        # The second time holds: what was drawn late has moved the first.
        for _ in range(2):
            page.message(from_).last.evaluate("message => message.scrollIntoView({block: 'start'})")
            page.page.wait_for_timeout(SETTLES_MS)
    page.page.screenshot(path=str(file), animations="disabled", caret="hide")
    with Image.open(file) as shot:
        shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1024} kB")


def until(act: Callable[[], None], shown: Locator) -> None:
    """Do it, and again where the page was just drawn anew and lost it, until this stands there."""
    for _ in range(TRIES):
        act()
        try:
            expect(shown.first).to_be_visible(timeout=PATIENCE_MS)
        except AssertionError:
            continue
        return
    raise AssertionError(f"it never came: {shown}")


@contextmanager
def opened() -> Iterator[Rehearsal]:
    """The page, just opened."""
    with browser() as shown:
        if shown is None:
            sys.exit("There is no Chromium here: scripts/ensure-browser installs one.")
        with rehearsal() as address:
            yield Rehearsal(shown.new_page(viewport=SIZE), address)


def main() -> None:
    """One outage, with a picture wherever the docs want one."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with opened() as page:

        def press(label: str, shown: Locator) -> None:
            page.press(label, shown)

        def say(words: str) -> None:
            box = page.chat.locator("#channel-composer textarea")
            box.fill(words)
            until(lambda: box.press("Enter"), page.message(words))

        page.be("Charlie")
        page.go("general")
        page.command("incident declare")
        page.fill("What is wrong?", "Terra Atlas API is unreachable")
        page.choose("How bad is it?", "SEV-1")
        page.choose("What is it about?", "outage")
        page.fill("What do you know?", "Requests time out since ten. We do not know yet why.")
        page.fill("Who or what is affected?", "API requests")
        take(page, "declare")
        page.send()
        expect(page.message("Declared: inc-0001")).to_be_visible()

        page.be("Alice")
        page.go("inc-0001")
        expect(page.message("First things first")).to_be_visible()
        take(page, "page", from_="you are paged")
        press("Acknowledge", page.message("You have it; nobody else is paged."))
        page.act("Ten minutes later")
        say("@Vigil connection pool exhausted")
        page.act("Ten minutes later")
        page.act("To the next deadline")
        expect(page.message("is due now.")).to_have_count(1)
        take(page, "reminder", from_="@Vigil connection pool exhausted")
        press("Post update", page.form)
        page.fill(
            "What do you know, and what not yet?",
            "The database has no connections left since this morning's migration. A fix is being prepared.",
        )
        take(page, "update")
        page.send()
        press("Publish", page.message("Published:"))
        page.be("Erin")
        page.go("updates")
        expect(page.message("The database has no connections left")).to_have_count(1)
        take(page, "public-update")

        page.be("Alice")
        page.go("inc-0001")
        page.act("Ten minutes later")
        press("Resolve", page.message("what is confirmed?"))
        take(page, "resolve", from_="what is confirmed?")

        page.be("Dana")
        page.go("general")
        until(lambda: page.command("setup"), page.message("Everything is there."))
        take(page, "setup")


if __name__ == "__main__":
    main()
