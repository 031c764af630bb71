"""QR codes (ISO/IEC 18004) for thousands of certificates at a time: what segno makes, module for module, many times faster.

Where the modules of a version lie, and how its error correction works, is segno's knowledge and is asked of segno once. After
that a code is a few lookups in arrays. One mask serves all: with signed text the eight differ by next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import segno.consts
import segno.encoder
from numpy.typing import NDArray

consts: Any = segno.consts  # tables and steps of the standard; neither is annotated
encoder: Any = segno.encoder
Bits = NDArray[np.uint8]
MASK = 3
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
CAPITALS, BYTES = 2, 4  # the mode indicators
LEVELS = {"q": consts.ERROR_LEVEL_Q, "m": consts.ERROR_LEVEL_M}
LARGEST = 40
FREE = 2  # segno's mark of a module that takes data
VALUES = np.full(128, 255, np.uint8)
VALUES[[ord(character) for character in ALPHABET]] = np.arange(45)
PADDING = np.unpackbits(np.array([0b11101100, 0b00010001] * 1500, np.uint8))


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the text, packed in one way: capitals take 5.5 bits each, anything else 8."""

    text: str

    @property
    def mode(self) -> int:
        """The cheapest way that holds all of it."""
        values = np.frombuffer(self.text.encode(), np.uint8)
        return CAPITALS if (values < 128).all() and (VALUES[values & 127] < 255).all() else BYTES

    def bits(self, version: int) -> Bits:
        """Return mode, length and content."""
        mode, data = self.mode, np.frombuffer(self.text.encode(), np.uint8)
        width = (9 if version < 10 else 11 if version < 27 else 13) if mode == CAPITALS else (8 if version < 10 else 16)
        head = np.concatenate((_bits(np.array([mode]), 4), _bits(np.array([len(data)]), width)))
        if mode == BYTES:
            return np.concatenate((head, np.unpackbits(data)))
        values = VALUES[data].astype(np.int64)
        even = len(values) // 2 * 2
        pairs = _bits(values[:even:2] * 45 + values[1:even:2], 11)
        return np.concatenate((head, pairs, _bits(values[even:], 6)))


@dataclass(frozen=True)
class _Plan:
    """One version at one level: the modules that never change, where each bit goes, and the arithmetic of its blocks."""

    template: Bits
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    mask: Bits
    blocks: tuple[tuple[int, int, Bits], ...]  # how many blocks, of how many data words, and what each word adds to the rest
    capacity: int  # bits of data


@dataclass(frozen=True, slots=True)
class Code:
    """A code: its modules as an array of 0 and 1, its version (how fine it is), its level of error correction."""

    matrix: Bits
    version: int
    error: str


def code_of(parts: list[Part], level: str, *, finest: int = LARGEST) -> Code | None:
    """Return the code of ``parts`` in the smallest version; None when that is above ``finest``."""
    bits = np.zeros(0, np.uint8)
    for version in range(1, finest + 1):
        if version in (1, 10, 27):  # from here on lengths are written in more bits
            bits = np.concatenate([part.bits(version) for part in parts])
        if len(bits) <= consts.SYMBOL_CAPACITY[version][LEVELS[level]]:
            return Code(_filled(_plan(version, level), bits), version, level.upper())
    return None


def svg(code: Code, colour: str) -> str:
    """Return the code as a picture: one line for each run of dark modules in a row."""
    size = len(code.matrix)
    edges = np.diff(np.pad(code.matrix.astype(np.int8), ((0, 0), (1, 1))))
    rows, starts = np.nonzero(edges == 1)
    lengths = np.nonzero(edges == -1)[1] - starts
    heads = _runs()
    runs = zip(rows.tolist(), starts.tolist(), lengths.tolist(), strict=True)
    path = "".join(f"{heads[row][start]}{length}" for row, start, length in runs)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 {size} {size}">'
    return f'{head}<path stroke="{colour}" d="{path}"/></svg>'


@lru_cache(maxsize=1)
def _runs() -> list[list[str]]:
    """Return how a run begins, by row and column."""
    most = 17 + 4 * LARGEST
    return [[f"M{column} {row}.5h" for column in range(most)] for row in range(most)]


def _bits(values: NDArray[np.int64], width: int) -> Bits:
    """Return each value as so many bits, the highest first."""
    return ((values[:, None] >> np.arange(width - 1, -1, -1)) & 1).astype(np.uint8).ravel()


def _filled(plan: _Plan, bits: Bits) -> Bits:
    data = np.zeros(plan.capacity, np.uint8)
    data[: len(bits)] = bits
    end = min(-(-min(len(bits) + 4, plan.capacity) // 8) * 8, plan.capacity)  # four zeros, then up to a whole word
    data[end:] = PADDING[: plan.capacity - end]
    words = np.packbits(data)
    heads, tails, begins = [], [], 0
    for count, size, adds in plan.blocks:
        block = words[begins : begins + count * size].reshape(count, size)
        begins += count * size
        heads.append(block)
        tails.append(np.bitwise_xor.reduce(_products()[block[:, :, None], adds[None]], axis=1))
    stream = np.unpackbits(np.concatenate((_interleaved(heads), _interleaved(tails))))
    code = plan.template.copy()
    code[plan.rows[: len(stream)], plan.columns[: len(stream)]] = stream
    code[plan.rows, plan.columns] ^= plan.mask
    return code


def _interleaved(groups: list[Bits]) -> Bits:
    """Return the first word of every block, then the second of every block, and so on; later blocks may be one longer."""
    shortest = min(group.shape[1] for group in groups)
    even = np.concatenate([group[:, :shortest] for group in groups]).T.ravel()
    return np.concatenate((even, *(group[:, shortest:].T.ravel() for group in groups)))


@lru_cache(maxsize=1)
def _products() -> Bits:
    """Return the multiplication table of GF(256)."""
    exp = np.array(consts.GALIOS_EXP, np.int64)
    log = np.array([0, *list(consts.GALIOS_LOG)[1:]], np.int64)
    table: Bits = exp[(log[:, None] + log[None, :]) % 255].astype(np.uint8)
    table[0, :] = table[:, 0] = 0
    return table


@lru_cache(maxsize=16)
def _plan(version: int, level: str) -> _Plan:
    error = LEVELS[level]
    size = encoder.calc_matrix_size(version)
    matrix: list[Any] = encoder.make_matrix(size, size)
    encoder.add_finder_patterns(matrix, size, size)
    encoder.add_alignment_patterns(matrix, size, size)
    free = np.array([list(row) for row in matrix]) == FREE
    marked: list[Any] = [[FREE if is_free else 0 for is_free in row] for row in free.tolist()]
    number = int(free.sum())
    encoder.add_codewords(marked, list(range(FREE + 1, FREE + 1 + number)), version)  # where the first bit goes, the second, …
    order = np.array(marked) - FREE - 1
    rows, columns = np.nonzero(order >= 0)
    turn = np.argsort(order[rows, columns])
    rows, columns = rows[turn], columns[turn]
    is_masked = encoder.get_data_mask_functions(is_micro=False)[MASK]
    mask = np.array([is_masked(row, column) for row, column in zip(rows.tolist(), columns.tolist(), strict=True)], np.uint8)
    encoder.add_format_info(matrix, version, error, MASK)
    encoder.add_version_info(matrix, version)
    template = np.array([list(row) for row in matrix], np.uint8)
    template[free] = 0
    infos = consts.ECC[version][error]
    blocks = tuple((info.num_blocks, info.num_data, _adds(info.num_data, info.num_total - info.num_data)) for info in infos)
    return _Plan(template, rows, columns, mask, blocks, consts.SYMBOL_CAPACITY[version][error])


def _adds(words: int, rest: int) -> Bits:
    """Return, for each data word that is 1, the words of error correction: (words, rest)."""
    generator = np.array([consts.GALIOS_EXP[power] for power in consts.GEN_POLY[rest]], np.uint8)
    rows = np.zeros((words, rest), np.uint8)
    remainder = generator.copy()
    for word in range(words - 1, -1, -1):
        rows[word] = remainder
        carried = remainder[0]
        remainder = np.append(remainder[1:], np.uint8(0)) ^ _products()[carried, generator]
    return rows
