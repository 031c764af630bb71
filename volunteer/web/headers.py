"""What every answer tells the browser: no foreign scripts, no frames, no guessing, no copies of personal pages."""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()",
}
A_YEAR = 31_536_000


def init_app(app: Flask) -> None:
    """Add the headers to every answer, the error pages included."""
    tiles = _origin(app.config.get("MAP_TILE_URL") or "")
    policy = POLICY.replace("img-src 'self'", f"img-src 'self' {tiles}") if tiles else POLICY

    @app.after_request
    def _add(response: Response) -> Response:
        own = response.headers.get("Content-Security-Policy")  # a page that brings its own is stricter, or needs its hashes
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers["Content-Security-Policy"] = own or policy
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}; includeSubDomains"
        if request.endpoint == "static":
            lasting = "public, max-age=31536000, immutable" if "v" in request.args else "no-cache"
            response.headers["Cache-Control"] = lasting
        else:  # any page may carry a name, a code or a form's token
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers.pop("Server", None)
        return response


def _origin(url: str) -> str:
    """``https://tiles.example/{z}/{x}/{y}.png`` → ``https://tiles.example``; a pattern for sub-domains becomes ``*``."""
    if not url.startswith("https://"):
        return ""
    return "https://" + url.removeprefix("https://").split("/", 1)[0].replace("{s}", "*")
