"""Files that are taken away. None with data of people or of the books leaves without a fresh proof of who asks.

Every ``Content-Disposition`` is written here, so a new file cannot forget to ask: without the proof there is no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from flask import Response, g

PIECE = 64_000  # bytes


def note_proof() -> None:
    """Remember for the rest of this request that whoever asks has shown who they are."""
    g.proof_shown = True


def handed_out(response: Response, name: str, *, proof: bool = True) -> Response:
    """Return ``response`` as a file to keep. ``proof=False``: it is public, empty, or its reader's own paper.

    Raises RuntimeError when nobody asked for the proof: that is a bug, and the file stays here.
    """
    if proof and not g.get("proof_shown"):
        raise RuntimeError(f"{name}: a file of people's data or of the books wants accounts.pages.door.after_proof")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if proof:
        response.headers["Cache-Control"] = "private, no-store"
    return response


def piled(pile: IO[bytes], mimetype: str) -> Response:
    """Return an answer that sends a temporary file piece by piece, and closes it."""
    length = pile.seek(0, 2)
    pile.seek(0)
    response = Response(_pieces(pile), mimetype=mimetype)
    response.content_length = length
    return response


def shown_as(response: Response, name: str) -> Response:
    """Return ``response`` to be shown by the browser, and called ``name`` when it is kept."""
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _pieces(pile: IO[bytes]) -> Iterator[bytes]:
    with pile:
        while piece := pile.read(PIECE):
            yield piece
