"""A film of a picture, for the fake camera of Chromium: what a phone sees that is held over a paper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser

from tests.support.services import CHROMIUM_FLAGS, chromium

SIZE = (1280, 720)
FRAMES = 4  # Chromium plays them again and again


def film_of(picture: Image.Image, path: Path) -> Path:
    """Write ``picture`` in the middle of a grey table as an uncompressed film (YUV4MPEG2) and return its path."""
    scene = Image.new("L", SIZE, 150)
    shown = picture.convert("L")
    shown.thumbnail((SIZE[0] - 80, SIZE[1] - 40), Image.Resampling.LANCZOS)
    scene.paste(shown, ((SIZE[0] - shown.width) // 2, (SIZE[1] - shown.height) // 2))
    light = np.asarray(scene, dtype=np.uint8).tobytes()
    colour = bytes([128]) * (SIZE[0] * SIZE[1] // 2)
    frame = b"FRAME\n" + light + colour
    path.write_bytes(f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * FRAMES)
    return path


@contextmanager
def filmed(browser: Browser, film: Path) -> Iterator[Browser]:
    """Another Chromium of the same kind whose camera sees ``film`` and asks nobody."""
    found = chromium()
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    other = browser.browser_type.launch(executable_path=found.path, args=[*CHROMIUM_FLAGS, *flags], env={**found.env})
    try:
        yield other
    finally:
        other.close()
