"""Two ways of using a page: with a finger, and with the keyboard alone."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Locator, Page, expect

MOST_TABS = 400
FOCUSED = "element => element === document.activeElement"


class Hands(Protocol):
    """What a person does to a page."""

    def press(self, target: Locator) -> None: ...
    def write(self, target: Locator, text: str) -> None: ...
    def tick(self, target: Locator) -> None: ...
    def choose(self, target: Locator, label: str) -> None: ...


def tick(target: Locator) -> None:
    """Tap the sentence beside a box, as people do; the tap waits until nothing moves or covers it."""
    if not target.is_checked():
        target.locator("xpath=ancestor::label[1]").click()
    expect(target).to_be_checked()


class Finger:
    """Touches and types."""

    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, text: str) -> None:
        target.fill(text)

    def tick(self, target: Locator) -> None:
        tick(target)

    def choose(self, target: Locator, label: str) -> None:
        target.select_option(label=label)


class Keys:
    """Tab, Enter, Space, arrows and letters; never a pointer. What cannot be reached that way fails the story."""

    def press(self, target: Locator) -> None:
        self._reach(target)
        target.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        self._reach(target)
        kind = target.get_attribute("type")
        if kind in {"datetime-local", "date"}:
            target.fill(text)  # its own editor is the browser's, and differs by locale
            return
        target.page.keyboard.press("Control+A")
        target.page.keyboard.type(text)

    def tick(self, target: Locator) -> None:
        page = target.page
        if target.get_attribute("type") != "radio":
            self._reach(target)
            if not target.is_checked():
                page.keyboard.press("Space")
            return
        name = target.get_attribute("name")
        group = page.locator(f'input[type=radio][name="{name}"]')
        self._reach(target, group)
        for _ in range(group.count()):
            if target.evaluate(FOCUSED):
                page.keyboard.press("Space")
                return
            page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {name}")

    def choose(self, target: Locator, label: str) -> None:
        self._reach(target)
        for _ in range(target.locator("option").count()):
            if target.evaluate("select => select.selectedOptions[0].textContent.trim()") == label:
                return
            target.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {label}")

    def _reach(self, target: Locator, group: Locator | None = None) -> None:
        page: Page = target.page
        target.wait_for(state="attached")
        members = group.all() if group is not None else [target]
        for _ in range(MOST_TABS):
            if any(member.evaluate(FOCUSED) for member in members):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {target}")
