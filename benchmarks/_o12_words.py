"""O12: free words → service, each sentence left out in turn, against character n-gram naive Bayes on the very same texts."""

from __future__ import annotations

import time
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.figure import Figures
from volunteer.catalogue.dangers import danger_in
from volunteer.catalogue.examples import MenuText, examples, sentences, unseen
from volunteer.catalogue.sorting import Example, Line, Sorter, train
from volunteer.kernel.text import normalise
from volunteer.simulation.menu import menu

SMOOTHINGS = (1.0, 0.3, 0.1, 0.03, 0.01)  # naive Bayes gets the best of them
CALLS = 300


def words(figures: Figures) -> None:
    """Print shares right of ours and of naive Bayes, how far chances err, and how long one suggestion takes."""
    texts = menu_texts()
    learned = examples(texts)
    categories = {one.code: one.category for one in texts}
    sorter, proof = train(learned, categories)
    classes = len({code for code, _ in sentences()})
    print(f"# {proof.sentences} sentences of {classes} classes; {len(learned)} texts; {len(sorter.places)} features")
    first, three = max(naive_bayes(learned, alpha) for alpha in SMOOTHINGS)
    plain, _ = max(naive_bayes([one for one in learned if one.weight >= 1], alpha) for alpha in SMOOTHINGS)
    told = f"{first:.3f} character 1-3-gram naive Bayes, same texts ({plain:.3f} without the menu's)"
    figures.share("O12.first_left_out", proof.first, told, at_least=first + 0.1)
    figures.share("O12.three_left_out", proof.among_three, f"{three:.3f} the same", at_least=three + 0.1)
    figures.share("O12.category_left_out", proof.category, "1 all right", at_least=0.85)
    figures.value("O12.calibration", round(proof.calibration, 4), "of", "0 chances that come true", at_most=0.08)
    fresh = [(sorter.chances(text), code) for code, text in unseen()]
    right = np.mean([max(chances, key=lambda code: chances[code]) == code for chances, code in fresh])
    figures.share("O12.first_unseen", float(right), f"1 all right of {len(fresh)} written afterwards", at_least=0.75)
    false = sum(danger_in(text) is not None for _, text in sentences())
    figures.value("O12.false_alarms", false, "count", f"{len(sentences())} sentences without danger now", at_most=6)
    figures.value("O12.suggestion_ms", round(_milliseconds(sorter, texts), 3), "ms", "5 ms wanted", at_most=5.0)


def menu_texts() -> list[MenuText]:
    """Return the demo menu's texts."""
    return [
        MenuText(
            item.code,
            item.category,
            item.name,
            item.name_en,
            item.summary,
            item.summary_en,
            " ".join([item.bring, *(ask.name + " " + " ".join(choice[1] for choice in ask.choices) for ask in item.questions)]),
        )
        for item in menu().items
    ]


def naive_bayes(texts: list[Example], alpha: float) -> tuple[float, float]:
    """Return the shares of labelled sentences right at first and among three, by multinomial naive Bayes left-one-out.

    Exact: the left-out sentence's counts are taken off its class, which is what training without it gives.
    """
    counted = [_ngrams(one.text) for one in texts]
    codes = sorted({one.code for one in texts})
    places = {gram: place for place, gram in enumerate(sorted({gram for grams in counted for gram in grams}))}
    seen: NDArray[np.float64] = np.zeros((len(codes), len(places)))
    sizes = np.zeros(len(codes))
    for one, grams in zip(texts, counted, strict=True):
        row = codes.index(one.code)
        sizes[row] += 1
        for gram, count in grams.items():
            seen[row, places[gram]] += count
    totals = seen.sum(axis=1)
    hits, among = [], []
    for one, grams in zip(texts, counted, strict=True):
        if one.weight < 1:
            continue
        row = codes.index(one.code)
        columns = [places[gram] for gram in grams]
        counts = np.array([float(count) for count in grams.values()])
        here, total, size = seen[:, columns].copy(), totals.copy(), sizes.copy()
        here[row] -= counts
        total[row] -= counts.sum()
        size[row] -= 1
        chance = np.log((here + alpha) / (total[:, None] + alpha * len(places))) @ counts
        order = np.argsort(-(chance + np.log(np.maximum(size, 0.5) / size.sum())), kind="stable")
        hits.append(order[0] == row)
        among.append(row in order[:3])
    return float(np.mean(hits)), float(np.mean(among))


def _ngrams(text: str) -> Counter[str]:
    tidy = normalise(text)
    return Counter(tidy[at : at + n] for n in (1, 2, 3) for at in range(len(tidy) - n + 1))


def _milliseconds(sorter: Sorter, texts: list[MenuText]) -> float:
    lines = {one.code: Line(one.category) for one in texts}
    said = [text for _, text in sentences()][:CALLS]
    start = time.perf_counter()
    for text in said:
        sorter.suggest(text, lines)
    return (time.perf_counter() - start) / len(said) * 1000


if __name__ == "__main__":
    shown = Figures()
    words(shown)
    shown.end()
