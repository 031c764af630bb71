"""Where things are, and the programs of the virtual environment."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
VAR = ROOT / "var"
LOCKS = ROOT / "requirements"
NODE_MODULES = ROOT / "node_modules"
BUNDLE = ROOT / "volunteer" / "static" / "dist"
TRANSLATIONS = ROOT / "volunteer" / "translations"


def program(name: str) -> str:
    """The path of a program that was installed into the virtual environment."""
    return str(BIN / name)
