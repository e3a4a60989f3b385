"""The rehearsal in Chromium, as a person uses it. Also takes the pictures (`scripts/take-pictures.py`)."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, FrameLocator, Locator, Page, Playwright, expect, sync_playwright

LIMIT_S = 60
PRESSES, LOOKS, LOOK_MS = 4, 60, 250
SIZE = {"width": 1360, "height": 820}


def chromium(playwright: Playwright) -> str | None:
    """The Chromium on the path, else Playwright's own; None: there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@contextmanager
def browser() -> Iterator[Browser | None]:
    """A browser without a window; None where there is no Chromium."""
    with sync_playwright() as playwright:
        path = chromium(playwright)
        if path is None:
            yield None
            return
        # Chromium's sandbox does not start for root, as in most containers.
        options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        shown = playwright.chromium.launch(executable_path=path, args=options)
        try:
            yield shown
        finally:
            shown.close()


@contextmanager
def rehearsal() -> Iterator[str]:
    """`python -m bot rehearse` in a process of its own; gives the page's address, ends it as Ctrl-C does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "rehearse", "--no-browser"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found is not None, f"the rehearsal says where it is, not {line!r}"
        yield found.group()
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        assert process.wait(timeout=LIMIT_S) == 0, "it ends cleanly"


class Rehearsal:
    """The page, by what stands on it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_default_timeout(LIMIT_S * 1000)
        expect.set_options(timeout=LIMIT_S * 1000)
        page.goto(address)

    @property
    def chat(self) -> FrameLocator:
        """The channel that is open."""
        return self.page.frame_locator("#frame")

    @property
    def _news(self) -> Locator:
        return self.chat.locator("#new-messages")

    def be(self, name: str) -> None:
        """Be this person."""
        shown = self.page.locator(f"#frame[title*='as {name} sees it']")
        self._until(lambda: self.page.locator("#people button", has_text=name).click(), shown)

    def _until(self, act: Callable[[], None], then: Locator) -> None:
        """Do it, and again where it fell into the moment in which the page was busy."""
        for _ in range(PRESSES):
            act()
            for _ in range(LOOKS):
                if then.count():
                    return
                self.page.wait_for_timeout(LOOK_MS)
        expect(then).to_have_count(1)

    def room(self, name: str) -> Locator:
        """An entry of the list of channels, by the beginning of its name."""
        return self.page.locator("#rooms button", has=self.page.get_by_text(re.compile(f"^{re.escape(name)}")))

    def go(self, name: str) -> None:
        """Open this channel, and wait until it stands there."""
        self._until(lambda: self.room(name).click(), self.chat.locator("#channel-name", has_text=name))

    def command(self, name: str) -> None:
        """Type a slash command without options and send it."""
        box = self.chat.locator("#channel-composer textarea")
        box.click()
        box.press_sequentially(f"/{name}")
        self.chat.locator(".command-entry", has_text=f"/{name}").first.wait_for()
        box.press("Enter")
        self.chat.locator("#channel-composer .command-chip").wait_for()
        self.chat.locator("#send-message").click()

    def say(self, words: str) -> None:
        """Write a message and send it."""
        box = self.chat.locator("#channel-composer textarea")
        box.fill(words)
        box.press("Enter")
        expect(self.message(words).first).to_be_visible()

    def message(self, words: str) -> Locator:
        """Messages of the open channel with these words."""
        return self.chat.locator(".channel-message", has_text=words)

    def button(self, label: str) -> Locator:
        """The newest button of this label in the open channel."""
        return self.chat.locator("#channel-message-list").get_by_role("button", name=label, exact=True).last

    def press(self, label: str, then: Locator) -> None:
        """Press the newest button of this label, and see `then` appear.

        As a person does: who has scrolled up is told of new messages and jumps to them, and a press that fell into the
        moment in which the chat was drawn anew is made again.
        """
        for _ in range(PRESSES):
            # By the keyboard: what lies over a message that has scrolled away takes no key.
            self.button(label).press("Enter")
            for _ in range(LOOKS):
                if then.count() and then.first.is_visible():
                    return
                if self._news.is_visible():
                    self._news.press("Enter")
                self.page.wait_for_timeout(LOOK_MS)
        expect(then.first).to_be_visible()

    @property
    def form(self) -> Locator:
        """The form that is open."""
        return self.chat.get_by_role("dialog")

    def fill(self, label: str, words: str) -> None:
        """Type into a field of the open form."""
        self.form.locator(".modal-field", has_text=label).locator("input, textarea").fill(words)

    def choose(self, label: str, option: str) -> None:
        """Choose in a menu of the open form."""
        field = self.form.locator(".modal-field", has_text=label)
        field.get_by_role("combobox").click()
        field.get_by_role("option", name=re.compile(f"^{re.escape(option)}")).click()

    def send(self) -> None:
        """Send the open form."""
        self.form.get_by_role("button", name="Submit").click()
        expect(self.form).to_have_count(0)

    def act(self, name: str) -> None:
        """Press one of the director's buttons, and wait until it is done."""
        self.page.get_by_role("button", name=name, exact=True).click()
        expect(self.page.locator("body:not([aria-busy])")).to_have_count(1)

    @property
    def clock(self) -> Locator:
        """The time on the page."""
        return self.page.locator("#now")
