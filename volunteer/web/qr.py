"""A QR as the answer to a request."""

from __future__ import annotations

from io import BytesIO

import segno
from flask import Response


def svg(text: str) -> Response:
    """Answer with a QR of ``text`` as a picture that nobody keeps."""
    picture = BytesIO()
    segno.make(text, error="m").save(picture, kind="svg", scale=4, border=2, omitsize=True, svgclass=None, lineclass=None)
    response = Response(picture.getvalue(), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def data_uri(text: str) -> str:
    """Return a QR of ``text`` as an address that holds the picture itself: it is there without a network, too."""
    return str(segno.make(text, error="m").svg_data_uri(scale=4, border=2, omitsize=True, svgclass=None, lineclass=None))
