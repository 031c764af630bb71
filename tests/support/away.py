"""A resident without a network: the form on the phone, a photo, and what arrived."""

from __future__ import annotations

from pathlib import Path

from PIL import ExifTags, Image
from playwright.sync_api import Page, expect

from tests.support.hands import tick
from tests.support.story import Somebody


def a_photo(folder: Path, at: tuple[float, float] | None = None) -> Path:
    exif = Image.Exif()
    if at:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (at[0], 0.0, 0.0), 3: "E", 4: (at[1], 0.0, 0.0)})
    path = folder / "lamp.jpg"
    Image.new("RGB", (640, 480), "grey").save(path, "JPEG", exif=exif)
    return path


def controlled(person: Somebody) -> Page:
    """Wait until the service worker looks after the page: from the second visit on every phone has it."""
    page = person.go("/order/new?own=1")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    return person.go("/order/new?own=1")


def write_in(page: Page, photo: Path) -> None:
    page.locator("textarea[name=words]").fill("楼道的灯不亮")
    page.locator("input[name=photos]").set_input_files(photo)
    expect(page.locator(".photo-previews img")).to_have_count(1)
    page.get_by_role("button", name="下一步").click()
    page.locator("select[name=site]").select_option(label="鲈乡二村")
    page.locator("input[name=address]").fill("3幢")
    page.get_by_role("button", name="下一步").click()
    tick(page.locator("input[name=when][value=flexible]"))
    page.get_by_role("button", name="下一步").click()
    page.locator("input[name=name]").fill("李奶奶")
    page.locator("input[name=phone]").fill("13800001111")
    tick(page.locator("input[name=consent]"))
