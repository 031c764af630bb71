"""Finds every table of the programme, so that migrations and checks see all of them."""

from __future__ import annotations

import importlib
import pkgutil

import volunteer


def import_all_models() -> None:
    """Import ``models`` and ``models_*`` of every package and of its parts, and the kernel's own tables."""
    importlib.import_module("volunteer.kernel.serials")
    for package in pkgutil.iter_modules(volunteer.__path__):
        if package.ispkg:
            _import_from(f"volunteer.{package.name}")


def _import_from(name: str) -> None:
    for module in pkgutil.iter_modules(importlib.import_module(name).__path__):
        inside = f"{name}.{module.name}"
        if module.name == "models" or module.name.startswith("models_"):
            importlib.import_module(inside)
        elif module.ispkg and module.name != "pages":
            _import_from(inside)
