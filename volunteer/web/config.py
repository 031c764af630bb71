"""The settings of the application that is answering."""

from __future__ import annotations

from flask import current_app

from volunteer.settings import Settings


def current_settings() -> Settings:
    """Return the settings that the running application was made with."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings
