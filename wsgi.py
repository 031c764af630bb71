"""What a server imports: ``gunicorn wsgi:app``."""

from __future__ import annotations

from volunteer.app import create_app

app = create_app()
