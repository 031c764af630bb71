"""Photos of the demo county: drawn, so that they show nobody's home. A scene is broken on asking and whole afterwards."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from volunteer.media.models import Photo
from volunteer.media.storing import store

WIDTH, HEIGHT = 960, 720  # of the drawing
SIZE = (640, 480)  # of the photo
WALLS = ("#E9E2D3", "#DDE3E0", "#E6DCD4", "#E3E4DA")
INK, METAL, SCORCH, WATER, GLOW = "#4A4F52", "#9AA3A7", "#3B2B22", "#7FB2C9", "#FFE9A8"
Draw = ImageDraw.ImageDraw


def lamp(draw: Draw, rng: random.Random, broken: bool) -> None:
    """A tube under the ceiling, dark or bright."""
    draw.rectangle((0, 0, WIDTH, 150), fill="#F4F1EA")
    if not broken:
        for size in range(9, 0, -1):
            draw.ellipse(
                (120 - size * 30, 130 - size * 26, 840 + size * 30, 330 + size * 40), fill=_mix("#E9E2D3", GLOW, 1 - size / 10)
            )
    draw.rectangle((150, 150, 810, 176), fill=METAL)
    draw.rounded_rectangle((170, 176, 790, 214), 18, fill="#B9B6AC" if broken else "#FFFDF4", outline=INK, width=3)
    if broken:
        draw.rectangle((176, 182, 236 + rng.randint(0, 30), 208), fill=SCORCH)
    draw.rectangle((60, 520, 420, HEIGHT), fill="#B98B5F")
    draw.rectangle((470, 560, 900, HEIGHT), fill="#A57A51")


def socket(draw: Draw, rng: random.Random, broken: bool) -> None:
    """A socket on the wall, scorched or new."""
    draw.rectangle((0, 600, WIDTH, HEIGHT), fill="#B69C7D")
    if broken:
        for size in range(14, 0, -1):
            shade = _mix("#E9E2D3", SCORCH, 0.6 - size / 26)
            draw.ellipse((480 - size * 14, 210 - size * 12, 480 + size * 14, 300 + size * 6), fill=shade)
    draw.rounded_rectangle((330, 220, 630, 520), 26, fill="#F7F6F2", outline=METAL, width=5)
    for x, y, turn in ((410, 400, 35), (550, 400, -35), (480, 300, 0)):
        _slot(draw, x, y, turn)
    if broken:
        draw.polygon([(430, 250), (470, 300), (455, 310), (500, 360), (440, 320), (455, 308)], fill=SCORCH)
        draw.line((630, 300, 690 + rng.randint(0, 40), 350, 720, 460), fill=INK, width=8)


def tap(draw: Draw, rng: random.Random, broken: bool) -> None:
    """A tap over a basin, dripping or dry."""
    draw.rectangle((0, 560, WIDTH, HEIGHT), fill="#C9CFCE")
    draw.rounded_rectangle((220, 540, 760, 690), 60, fill="#F2F4F3", outline=METAL, width=6)
    draw.rectangle((450, 150, 510, 300), fill=METAL)
    draw.rectangle((450, 260, 640, 320), fill=METAL)
    draw.rectangle((590, 300, 640, 390), fill=METAL)
    draw.ellipse((410, 100, 550, 170), fill="#C4585A" if broken else "#7D8A90")
    if broken:
        for y in range(410, 560, 46):
            drop = rng.randint(10, 15)
            draw.ellipse((615 - drop, y, 615 + drop, y + drop * 2.6), fill=WATER)
        draw.ellipse((500, 590, 720, 640), fill=WATER)


def machine(draw: Draw, rng: random.Random, broken: bool) -> None:
    """A washing machine, with a puddle or without."""
    draw.rectangle((0, 590, WIDTH, HEIGHT), fill="#BFB6A6")
    draw.rounded_rectangle((280, 120, 680, 620), 22, fill="#F5F5F3", outline=METAL, width=6)
    draw.rectangle((280, 200, 680, 206), fill=METAL)
    draw.ellipse((340, 260, 620, 540), fill="#D5DBDD", outline=INK, width=12)
    draw.chord((365, 285, 595, 515), 10, 170, fill=WATER if broken else "#E8ECED")
    draw.ellipse((600, 145, 640, 185), fill="#C4585A" if broken else "#5E9F84")
    if broken:
        draw.ellipse((180 + rng.randint(0, 40), 610, 620, 700), fill=WATER)


SCENES: dict[str, Callable[[Draw, random.Random, bool], None]] = {
    "lamp": lamp,
    "socket": socket,
    "tripping": socket,
    "tap": tap,
    "pipe": tap,
    "appliance": machine,
}


def photograph(
    session: Session, item: str, rng: random.Random, *, broken: bool, uploader_id: int | None, at: datetime
) -> Photo | None:
    """Return a stored picture of what the service is about; None where there is no scene, or no folder for photos."""
    folder: Path | None = session.info.get("media_folder")
    if item not in SCENES or folder is None:
        return None
    image = Image.new("RGB", (WIDTH, HEIGHT), rng.choice(WALLS))
    SCENES[item](ImageDraw.Draw(image), rng, broken)
    out = BytesIO()
    image.resize(SIZE).save(out, "JPEG", quality=85)
    out.seek(0)
    return store(session, folder, out, uploader_id=uploader_id, at=at)


def _slot(draw: Draw, x: float, y: float, turn: float) -> None:
    angle = math.radians(turn + 90)
    dx, dy = 34 * math.cos(angle), 34 * math.sin(angle)
    draw.line((x - dx, y - dy, x + dx, y + dy), fill=INK, width=16)


def _mix(one: str, other: str, share: float) -> str:
    share = min(1.0, max(0.0, share))
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)
