"""The typeface of the papers, and more of them for rare characters: which they have, and where typst finds them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn as ours
import typst
from fontTools.ttLib import TTFont
from fontTools.ttLib.ttCollection import TTCollection

FAMILY = "Noto Serif SC"
SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})


@lru_cache(maxsize=4)
def fonts(more: Path | None) -> typst.Fonts:
    """Return the typefaces for typst: ours, and those in the folder ``more``, which step in for what ours lacks."""
    folders = [ours.serif_path().parent, *([more] if more is not None and more.is_dir() else [])]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@lru_cache(maxsize=4)
def families(more: Path | None) -> list[str]:
    """Return the names of the typefaces, that of the paper first: what one lacks is taken from the next."""
    others = set(fonts(more).families()) - set(fonts(None).families())
    return [FAMILY, *sorted(others)]


@lru_cache(maxsize=4)
def characters(more: Path | None) -> frozenset[int]:
    """Return every code point that can be printed."""
    files = [ours.serif_path(), *(_files(more) if more is not None and more.is_dir() else [])]
    return frozenset(point for file in files for point in _in_file(file))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def _in_file(path: Path) -> set[int]:
    if path.suffix.lower() in {".ttc", ".otc"}:
        with TTCollection(path, lazy=True) as collection:
            return {point for font in collection.fonts for point in font.getBestCmap()}
    with TTFont(path, lazy=True) as font:
        return set(font.getBestCmap())
