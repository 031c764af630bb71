"""Pictures of gifts, drawn: what a shop of an invented county may show without anybody's photo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from volunteer.media.models import Photo
from volunteer.media.storing import store

WIDTH, HEIGHT, SIZE = 800, 600, (560, 420)
GROUNDS = ("#F1E7D6", "#E2ECE6", "#F3E1DB", "#E3E9F0")
INK, TABLE = "#4A4F52", "#CDB696"
Draw = ImageDraw.ImageDraw


def eggs(draw: Draw) -> None:
    """A tray of eggs."""
    for row in range(2):
        for place in range(5):
            x, y = 130 + place * 112, 210 + row * 120
            draw.ellipse((x, y, x + 92, y + 118), fill="#E9C79B", outline="#C89F6B", width=4)
    draw.rounded_rectangle((90, 400, 710, 500), 26, fill="#B9A88E")


def sack(draw: Draw) -> None:
    """A sack of rice."""
    draw.polygon([(260, 130), (540, 130), (590, 500), (210, 500)], fill="#F7F4EC", outline=INK)
    draw.rectangle((300, 230, 500, 380), fill="#B8321C")
    draw.ellipse((350, 255, 450, 355), fill="#F7F4EC")
    draw.line((260, 130, 540, 130), fill=INK, width=14)


def bottle(draw: Draw) -> None:
    """A bottle of oil."""
    draw.rounded_rectangle((310, 200, 490, 510), 36, fill="#E7B93C", outline="#B98C1A", width=5)
    draw.rectangle((365, 120, 435, 205), fill="#E7B93C")
    draw.rectangle((355, 90, 445, 130), fill="#1C6B57")
    draw.rectangle((325, 300, 475, 420), fill="#FDF8E8")


def soap(draw: Draw) -> None:
    """Soap and a towel."""
    draw.rounded_rectangle((160, 330, 430, 470), 40, fill="#BFD9C4", outline="#8DB296", width=5)
    draw.rounded_rectangle((450, 190, 650, 490), 18, fill="#7FA7C9")
    for y in (240, 300, 360, 420):
        draw.line((450, y, 650, y), fill="#A9C6DE", width=10)


def bowl(draw: Draw) -> None:
    """A bowl of noodles."""
    draw.pieslice((170, 150, 630, 560), 0, 180, fill="#B8321C")
    draw.ellipse((170, 310, 630, 400), fill="#F6E3B4", outline="#8E2413", width=8)
    for x in range(230, 580, 50):
        draw.arc((x - 40, 320, x + 60, 390), 180, 360, fill="#D9B25C", width=9)
    for x in (300, 390, 480):
        draw.arc((x, 140, x + 50, 280), 90, 270, fill="#C9C2B4", width=7)


def scissors(draw: Draw) -> None:
    """A haircut."""
    for x, turn in ((300, 1), (500, -1)):
        draw.line((x, 420, 400 + turn * 70, 130), fill="#8F9AA0", width=22)
        draw.ellipse((x - 70, 400, x + 70, 520), outline=INK, width=20)
    draw.ellipse((384, 275, 416, 307), fill=INK)


def umbrella(draw: Draw) -> None:
    """An umbrella."""
    draw.pieslice((150, 120, 650, 560), 180, 360, fill="#1F5E8C")
    for x in (250, 400, 550):
        draw.pieslice((x - 84, 300, x + 84, 380), 180, 360, fill="#F1E7D6" if x == 400 else "#E2ECE6")
    draw.line((400, 130, 400, 490), fill=INK, width=14)
    draw.arc((400, 440, 480, 530), 0, 180, fill=INK, width=14)


def flask(draw: Draw) -> None:
    """A thermos flask."""
    draw.rounded_rectangle((300, 180, 500, 520), 40, fill="#A61B1B", outline="#7D1414", width=5)
    draw.rounded_rectangle((330, 100, 470, 190), 22, fill="#D8D4CB", outline=INK, width=5)
    draw.ellipse((350, 290, 450, 390), fill="#F3D9A4")


def greens(draw: Draw) -> None:
    """Vegetables."""
    for x, shade in ((240, "#4F8F4A"), (340, "#68A85C"), (440, "#3F7D45"), (520, "#5E9F84")):
        draw.ellipse((x - 60, 150, x + 100, 380), fill=shade)
    for x in (250, 350, 440, 520):
        draw.rectangle((x, 340, x + 46, 500), fill="#E6EBC9")
    draw.rectangle((200, 420, 600, 460), fill="#B8321C")


def notebook(draw: Draw) -> None:
    """A notebook and a pencil."""
    draw.rounded_rectangle((220, 140, 520, 500), 14, fill="#17476B")
    draw.rectangle((250, 200, 490, 280), fill="#F7F4EC")
    draw.line((560, 480, 640, 180), fill="#E7B93C", width=24)
    draw.polygon([(548, 480), (574, 488), (552, 525)], fill=INK)


def lamp(draw: Draw) -> None:
    """A lamp that saves current."""
    draw.ellipse((280, 110, 520, 370), fill="#FFF3C4", outline="#D9B25C", width=6)
    draw.rectangle((345, 360, 455, 470), fill="#B7BCBF")
    for y in (385, 415, 445):
        draw.line((345, y, 455, y), fill=INK, width=6)


def cake(draw: Draw) -> None:
    """A cake."""
    draw.rounded_rectangle((190, 300, 610, 500), 24, fill="#D9A066")
    draw.rounded_rectangle((190, 270, 610, 350), 30, fill="#FBEFE3")
    for x in (270, 400, 530):
        draw.ellipse((x - 26, 225, x + 26, 280), fill="#C4585A")


GOODS: dict[str, Callable[[Draw], None]] = {
    drawn.__name__: drawn for drawn in (eggs, sack, bottle, soap, bowl, scissors, umbrella, flask, greens, notebook, lamp, cake)
}


def picture(session: Session, what: str, number: int, *, at: datetime) -> Photo | None:
    """Return a stored picture of a gift; None where there is no folder for photos."""
    folder: Path | None = session.info.get("media_folder")
    if folder is None:
        return None
    image = Image.new("RGB", (WIDTH, HEIGHT), GROUNDS[number % len(GROUNDS)])
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 480, WIDTH, HEIGHT), fill=TABLE)
    GOODS[what](draw)
    out = BytesIO()
    image.resize(SIZE).save(out, "JPEG", quality=85)
    out.seek(0)
    return store(session, folder, out, uploader_id=None, at=at)
