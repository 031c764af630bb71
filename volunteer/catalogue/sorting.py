"""Which service somebody means by free words: learned by least squares from sentences with their service. No I/O, no clock.

One line for each service through tf-idf features (features.py), all solved at once; the error of leaving each sentence out
comes from the same inverse, in closed form (the residual over the diagonal of the inverse: Rifkin & Lippert, 2007). From those
left-out answers one number is fitted that turns scores into chances that can be believed (temperature scaling: Guo et al., 2017).
Same examples in the same order, same model.
"""

from __future__ import annotations

import io
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volunteer.catalogue.features import WEIGHTS, Mark, read, tidy

NONE = "none"  # the answer for what this service is not for
RIDGE = 3.0
SEEN = 2  # examples that a feature must stand in: one alone teaches nothing about another sentence
TRUSTED, LIKELY, UNSURE = 0.8, 0.55, 0.35  # chances: almost certain, probable, worth a question; below nothing is said
BEST = 3  # services that are named
REASONS = 3  # words of the sentence that are shown as the reason
HEARD = 0.25  # of what the most telling word says, for another one to be shown beside it
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence and the code of its service. ``weight``: how much it counts; ``own``: our text, whose words may be kept.

    ``writer`` tells residents apart: a word of theirs enters the model only when enough of them use it.
    """

    text: str
    code: str
    weight: float = 1.0
    own: bool = True
    writer: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """What is known about a service that can be ordered: its category and skills, as codes."""

    category: str
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guess:
    """A code with the chance that it is meant."""

    code: str
    chance: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What somebody may mean: services, best first, with category and skills by themselves, and the words that say so."""

    services: tuple[Guess, ...] = ()
    category: Guess | None = None
    skills: tuple[Guess, ...] = ()
    because: tuple[str, ...] = ()

    @property
    def best(self) -> Guess | None:
        """The service to ask about; None when nothing is likely enough."""
        return self.services[0] if self.services and self.services[0].chance >= UNSURE else None


@dataclass(frozen=True, slots=True)
class Proof:
    """How good a model is on sentences that it was not shown: shares right at first and among three, and how far chances err."""

    first: float
    among_three: float
    category: float
    calibration: float
    sentences: int


@dataclass(frozen=True)
class Sorter:
    """A trained model: plain arrays, answered with numpy alone."""

    codes: tuple[str, ...]
    places: Mapping[str, int]  # feature → column
    rarity: NDArray[np.float32]
    slopes: NDArray[np.float32]  # feature by code
    sharpness: float
    strangeness: float  # how rare what nobody said before is: it speaks for nothing, and makes everything else less certain

    def chances(self, words: str) -> dict[str, float]:
        """Return the chance of each code."""
        scores = self._scores(_counted(read(tidy(words))))
        return {} if scores is None else dict(zip(self.codes, _softmax(self.sharpness * scores).tolist(), strict=True))

    def suggest(self, words: str, menu: Mapping[str, Line]) -> Suggestion:
        """Return what somebody may mean among the services of ``menu``; nothing when no word of it is known."""
        text = tidy(words)
        marks = read(text)
        scores = self._scores(_counted(marks))
        if scores is None or not menu:
            return Suggestion()
        chances = _softmax(self.sharpness * scores)
        open_ones = [(float(chance), code) for code, chance in zip(self.codes, chances, strict=True) if code in menu]
        ranked = sorted(open_ones, key=lambda pair: (-pair[0], pair[1]))
        if not ranked:
            return Suggestion()
        categories: dict[str, float] = defaultdict(float)
        skills: dict[str, float] = defaultdict(float)
        for chance, code in ranked:
            categories[menu[code].category] += chance
            for skill in menu[code].skills:
                skills[skill] += chance
        likely = tuple(Guess(code, round(chance, 4)) for code, chance in _sorted(skills) if chance >= UNSURE)
        best = next(iter(_sorted(categories)), None)
        return Suggestion(
            tuple(Guess(code, round(chance, 4)) for chance, code in ranked[:BEST]),
            Guess(best[0], round(best[1], 4)) if best and best[1] >= UNSURE else None,
            likely,
            self._because(text, marks, self.codes.index(ranked[0][1])),
        )

    def _scores(self, counted: Mapping[str, int]) -> Array | None:
        known = [(self.places[name], count, name) for name, count in counted.items() if name in self.places]
        if not known:
            return None
        columns = np.fromiter((column for column, _, _ in known), dtype=np.intp)
        values = np.fromiter((_value(name, count) for _, count, name in known), dtype=np.float32) * self.rarity[columns]
        strange = sum(_value(name, count) ** 2 for name, count in counted.items() if name not in self.places)
        length = math.sqrt(float(values @ values) + strange * self.strangeness**2)
        scores: Array = (values @ self.slopes[columns] / length).astype(np.float64)
        return scores

    def _because(self, text: str, marks: Sequence[Mark], column: int) -> tuple[str, ...]:
        """The words of the sentence that speak most for a service, without overlaps, in their order."""
        spans: dict[tuple[int, int], float] = defaultdict(float)
        for name, begin, end in marks:
            telling = name[0] == "m" or end - begin > (1 if name[0] in "cp" else 2)  # not 的, 了, is
            if telling and name in self.places:
                place = self.places[name]
                slope = self.slopes[place, column] - self.slopes[place].mean()
                spans[begin, end] += float(WEIGHTS[name[0]] * self.rarity[place] * slope)
        chosen: list[tuple[int, int]] = []
        least = max(spans.values(), default=0.0) * HEARD
        for (begin, end), speaks in sorted(spans.items(), key=lambda pair: (-pair[1], pair[0])):
            if (
                speaks > 0
                and speaks >= least
                and len(chosen) < REASONS
                and all(end <= first or begin >= last for first, last in chosen)
            ):
                chosen.append((begin, end))
        return tuple(text[begin:end] for begin, end in sorted(chosen))

    def dump(self) -> bytes:
        """Return the model as bytes for ``load``."""
        file = io.BytesIO()
        names = sorted(self.places, key=self.places.__getitem__)
        np.savez_compressed(
            file,
            codes=np.array("\n".join(self.codes)),
            features=np.array("\n".join(names)),
            rarity=self.rarity,
            slopes=self.slopes.astype(np.float16),
            sharpness=np.array([self.sharpness, self.strangeness]),
        )
        return file.getvalue()

    @classmethod
    def load(cls, data: bytes) -> Sorter:
        """Return a model that was dumped."""
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            names = str(kept["features"]).split("\n")
            return cls(
                tuple(str(kept["codes"]).split("\n")),
                {name: place for place, name in enumerate(names)},
                kept["rarity"].astype(np.float32),
                kept["slopes"].astype(np.float32),
                *map(float, kept["sharpness"]),
            )


def train(
    examples: Iterable[Example], categories: Mapping[str, str], *, writers: int = 5, ridge: float = RIDGE
) -> tuple[Sorter, Proof]:
    """Return a model and its proof on the labelled sentences among ``examples`` (weight 1 and more), each left out in turn.

    categories: of each code, for the proof. writers: so many different residents must use a word before it is kept. Raises
    ValueError without examples of two codes.
    """
    given = [(example, _counted(read(tidy(example.text)))) for example in examples]
    given = [(example, counted) for example, counted in given if counted]
    codes = tuple(sorted({example.code for example, _ in given}))
    if len(codes) < 2:
        raise ValueError("a model needs examples of two services")
    places, rarity = _vocabulary(given, writers)
    strangeness = math.log(len(given) + 1) + 1
    rows = _matrix([counted for _, counted in given], places, rarity, strangeness)
    right = np.array([codes.index(example.code) for example, _ in given])
    weights = np.array([example.weight for example, _ in given])
    answers = np.zeros((len(given), len(codes)))
    answers[np.arange(len(given)), right] = 1.0

    inverse = np.linalg.inv((rows @ rows.T).toarray() + np.diag(ridge / weights))
    solved = inverse @ answers
    left_out = answers - solved / np.diag(inverse)[:, None]
    asked = weights >= 1.0
    sharpness = _sharpness(left_out[asked], right[asked]) if asked.any() else 1.0
    slopes = np.asarray(rows.T @ solved, dtype=np.float32)
    proof = _proof(left_out[asked], right[asked], sharpness, np.array([categories.get(code, code) for code in codes]))
    return Sorter(codes, places, rarity.astype(np.float32), slopes, sharpness, strangeness), proof


def _vocabulary(given: Sequence[tuple[Example, Counter[str]]], writers: int) -> tuple[dict[str, int], Array]:
    """The features that are kept, in order of their names, and how rare each is.

    Our own texts bring features that stand in two of them. Residents bring one only when enough of them wrote it: what a
    single person wrote, a name or an address, cannot be read out of a model.
    """
    ours: Counter[str] = Counter()
    theirs: dict[str, set[int]] = {}
    for example, counted in given:
        if example.own:
            ours.update(counted.keys())
        else:
            for name in counted:
                theirs.setdefault(name, set()).add(example.writer)
    kept = {name for name, count in ours.items() if count >= SEEN} | {n for n, who in theirs.items() if len(who) >= writers}
    places = {name: place for place, name in enumerate(sorted(kept))}
    stands = Counter(name for _, counted in given for name in counted if name in places)
    rarity = np.array([math.log((len(given) + 1) / (stands[name] + 1)) + 1 for name in places])
    return places, rarity


def _matrix(counted: Sequence[Mapping[str, int]], places: Mapping[str, int], rarity: Array, strangeness: float) -> Any:
    from scipy.sparse import csr_matrix

    values: list[float] = []
    columns: list[int] = []
    ends = [0]
    for features in counted:
        row = [(places[name], _value(name, count) * rarity[places[name]]) for name, count in features.items() if name in places]
        strange = sum(_value(name, count) ** 2 for name, count in features.items() if name not in places)
        length = math.sqrt(sum(value * value for _, value in row) + strange * strangeness**2) or 1.0
        columns += (column for column, _ in row)
        values += (value / length for _, value in row)
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(counted), len(places)))


def _counted(marks: Iterable[Mark]) -> Counter[str]:
    return Counter(mark.name for mark in marks)


def _value(name: str, count: int) -> float:
    return WEIGHTS[name[0]] * (1.0 + math.log(count))


def _softmax(scores: Array) -> Array:
    raised: Array = np.exp(scores - scores.max(axis=-1, keepdims=True))
    chances: Array = raised / raised.sum(axis=-1, keepdims=True)
    return chances


def _sorted(chances: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(chances.items(), key=lambda pair: (-pair[1], pair[0]))


def _sharpness(scores: Array, right: NDArray[np.intp]) -> float:
    """The factor under which the left-out answers are most believable: golden section over the log-likelihood, convex."""
    low, high = 0.5, 80.0
    ratio = (math.sqrt(5) - 1) / 2

    def surprise(factor: float) -> float:
        chances = _softmax(factor * scores)[np.arange(len(right)), right]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    while high - low > 0.01:
        one, two = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, two) if surprise(one) < surprise(two) else (one, high)
    return round((low + high) / 2, 2)


def _proof(scores: Array, right: NDArray[np.intp], sharpness: float, categories: NDArray[np.str_]) -> Proof:
    if not len(right):
        return Proof(0.0, 0.0, 0.0, 0.0, 0)
    order = np.argsort(-scores, axis=1, kind="stable")
    hit = order[:, 0] == right
    chance = _softmax(sharpness * scores).max(axis=1)
    return Proof(
        float(hit.mean()),
        float((order[:, :3] == right[:, None]).any(axis=1).mean()),
        float((categories[order[:, 0]] == categories[right]).mean()),
        calibration_error(chance, hit),
        len(right),
    )


def calibration_error(chance: Array, hit: NDArray[np.bool_], bins: int = 10) -> float:
    """Return how far chances are from what came true: the mean gap in ten bands, weighted by how many fell into each."""
    band = np.minimum((chance * bins).astype(int), bins - 1)
    gaps = (abs(chance[band == one].mean() - hit[band == one].mean()) * (band == one).sum() for one in set(band.tolist()))
    return float(sum(gaps) / len(chance))
