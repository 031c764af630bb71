"""Finds every table of the programme, so that migrations and checks see all of them."""

from __future__ import annotations

import importlib
import pkgutil

import volunteer


def import_all_models() -> None:
    """Import the ``models`` of every package, and the kernel's own tables."""
    importlib.import_module("volunteer.kernel.serials")
    for package in pkgutil.iter_modules(volunteer.__path__):
        name = f"volunteer.{package.name}"
        if package.ispkg and any(m.name == "models" for m in pkgutil.iter_modules(importlib.import_module(name).__path__)):
            importlib.import_module(f"{name}.models")
