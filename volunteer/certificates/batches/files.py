"""The files of a batch: outside the web root, under a name that nobody guesses, for nobody else on the machine to read."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from datetime import timedelta
from pathlib import Path

from volunteer.certificates.batches.rules import file_name
from volunteer.certificates.printing import Sheet
from volunteer.certificates.render import render_many
from volunteer.kernel.handing_out import csv_file

KEPT = timedelta(days=7)  # after it was made, and again after it was released
ARCHIVE, JOINED = "certificates.zip", "certificates.pdf"
KINDS = {"zip": (ARCHIVE, "application/zip"), "pdf": (JOINED, "application/pdf")}
OLDEST = (1980, 1, 1, 0, 0, 0)  # the same content gives the same archive


def folder_of(root: Path, token: str) -> Path:
    """Return where the files of a batch lie."""
    return root / token


def keep(folder: Path, number: str, pdf: bytes) -> None:
    """Write one certificate; whole, or not at all."""
    _write(folder / "each" / f"{number}.pdf", pdf)


def pack(folder: Path, sheets: list[Sheet], title: str, author: str) -> int:
    """Write the archive and the one file for the printer; return the size of both. The single files are then removed.

    The one file is not signed: a signature is of one certificate. The archive holds each as it is, and a list.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for sheet in sheets:
            number = sheet.facts["number"]
            single = folder / "each" / f"{number}.pdf"
            pdf = single.read_bytes() if single.is_file() else sheet.pdf()
            _add(archive, file_name(sheet.facts["holder"]["name"], number), pdf)
        _add(archive, "list.csv", _list(sheets))
    _write(folder / ARCHIVE, out.getvalue())
    joined = render_many(
        [(sheet.facts, sheet.code) for sheet in sheets], sheets[0].public_url, title, author, sheets[0].more_fonts
    )
    _write(folder / JOINED, joined)
    shutil.rmtree(folder / "each", ignore_errors=True)
    return len(out.getvalue()) + len(joined)


def remove(folder: Path) -> None:
    """Remove everything of a batch."""
    shutil.rmtree(folder, ignore_errors=True)


def _list(sheets: list[Sheet]) -> bytes:
    head = ("姓名 name", "志愿者号 volunteer number", "次数 times", "分钟 minutes", "证明编号 certificate number")
    rows = [
        (sheet.facts["holder"]["name"], sheet.facts["holder"]["number"], sheet.facts["times"], sheet.facts["minutes"],
         sheet.facts["number"])
        for sheet in sheets
    ]  # fmt: skip
    return csv_file(head, rows)


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, OLDEST), data, compress_type=zipfile.ZIP_DEFLATED)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        draft.replace(path)
    except BaseException:  # a full disk: what was begun takes no room
        draft.unlink(missing_ok=True)
        raise
