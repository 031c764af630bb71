"""Finds every table of the programme, so that migrations and checks see all of them."""

from __future__ import annotations

import importlib
import pkgutil

import volunteer


def import_all_models() -> None:
    """Import ``models`` and ``models_*`` of every package, and the kernel's own tables."""
    importlib.import_module("volunteer.kernel.serials")
    for package in pkgutil.iter_modules(volunteer.__path__):
        if not package.ispkg:
            continue
        name = f"volunteer.{package.name}"
        for module in pkgutil.iter_modules(importlib.import_module(name).__path__):
            if module.name == "models" or module.name.startswith("models_"):
                importlib.import_module(f"{name}.{module.name}")
