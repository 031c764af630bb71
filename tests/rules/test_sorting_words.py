"""Free words → service: what is understood, how sure it is, why, and that nobody's words can be read out of it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from benchmarks._o12_words import menu_texts, naive_bayes
from volunteer.catalogue.dangers import danger_in
from volunteer.catalogue.examples import examples, mark_of, sentences, unseen
from volunteer.catalogue.sorting import NONE, UNSURE, Example, Line, Sorter, Suggestion, calibration_error, train

TEXTS = menu_texts()
LINES = {one.code: Line(one.category, ("electric",) if one.code == "lamp" else ()) for one in TEXTS}
CATEGORIES = {one.code: one.category for one in TEXTS}
DANGERS = {
    "fire": ["厨房着火了", "插座冒烟了快来", "墙里有烧焦味", "there is smoke coming from the socket"],
    "gas": ["屋里一股煤气味", "煤气漏了怎么办", "I smell gas in the kitchen"],
    "illness": ["我爸胸口痛得厉害", "老伴叫不醒了", "老人摔倒起不来", "喘不过气来，陪我去医院", "my mother has chest pain"],
    "danger": ["隔壁动手打人了", "老公打我", "有人撬门"],
    "despair": ["活着没意思，不想活了", "I want to die"],
    "transfer": ["有人让我转账到安全账户", "公检法打电话说要冻结我的卡"],
}


@pytest.fixture(scope="module")
def sorter() -> Sorter:
    return train(examples(TEXTS), CATEGORIES)[0]


def test_there_are_enough_sentences_of_enough_services_and_none_twice() -> None:
    texts = [text for _, text in sentences()]
    assert len(texts) >= 480
    assert len({code for code, _ in sentences()}) >= 12
    assert len(set(texts)) == len(texts)
    assert not set(texts) & {text for _, text in unseen()}


def test_a_left_out_sentence_is_understood_far_more_often_than_by_naive_bayes() -> None:
    learned = examples(TEXTS)
    _, proof = train(learned, CATEGORIES)
    first, three = max(naive_bayes(learned, alpha) for alpha in (0.3, 1.0))
    assert proof.first >= first + 0.25
    assert proof.among_three >= three + 0.2
    assert proof.calibration <= 0.08


def test_the_closed_form_is_what_training_without_the_sentence_gives() -> None:
    small = [one for one in examples(TEXTS) if one.code in {"lamp", "drain", "haircut", NONE}]
    _, proof = train(small, {}, ridge=3.0)
    asked = [place for place, one in enumerate(small) if one.weight >= 1]
    hits = []
    for left_out in asked:
        rest = [Example(one.text, one.code, 1e-9 if place == left_out else one.weight) for place, one in enumerate(small)]
        chances = train(rest, {})[0].chances(small[left_out].text)
        hits.append(max(chances, key=lambda code: chances[code]) == small[left_out].code)
    assert proof.sentences == len(asked)
    assert abs(proof.first - np.mean(hits)) <= 1 / len(asked)


def test_sentences_that_nobody_trained_on_are_understood(sorter: Sorter) -> None:
    found = [(max(sorter.chances(text).items(), key=lambda pair: pair[1])[0], code) for code, text in unseen()]
    assert sum(one == code for one, code in found) / len(found) >= 0.75


def test_the_same_examples_in_the_same_order_make_the_same_model(sorter: Sorter) -> None:
    again = train(examples(list(reversed(TEXTS))), CATEGORIES)[0]
    assert again.places == sorter.places
    assert np.array_equal(again.slopes, sorter.slopes)
    assert mark_of(TEXTS) == mark_of(list(reversed(TEXTS)))


def test_it_says_what_how_sure_and_because_of_which_words(sorter: Sorter) -> None:
    found = sorter.suggest("厨房间的灯泡不亮了，老伴又不在家", LINES)
    assert found.best.code == "lamp"
    assert found.best.chance > 0.9
    assert found.category.code == "repair"
    assert [skill.code for skill in found.skills] == ["electric"]
    assert "灯泡" in found.because or "灯" in found.because
    assert all(word in "厨房间的灯泡不亮了，老伴又不在家" for word in found.because)


@pytest.mark.parametrize("said", ["", "   ", "。。。", "😀😀", "x" * 5000, "帮我弄弄", "\0\n\t"])
def test_what_says_nothing_is_answered_with_nothing(sorter: Sorter, said: str) -> None:
    assert sorter.suggest(said, LINES).best is None


def test_words_that_nobody_said_before_make_everything_less_certain(sorter: Sorter) -> None:
    plain, strange = sorter.chances("要剃头")["haircut"], sorter.chances("要剃头，鄱鳏夔魑麒鬣魍魉")["haircut"]
    assert strange < plain


def test_what_is_not_for_volunteers_is_not_pressed_into_a_service(sorter: Sorter) -> None:
    found = sorter.suggest("借我两千块钱周转一下", LINES)
    assert found.best is None
    assert all(guess.chance < UNSURE for guess in found.services)


def test_only_services_that_can_be_ordered_are_named(sorter: Sorter) -> None:
    assert sorter.suggest("灯不亮了", {}) == Suggestion()
    found = sorter.suggest("灯不亮了", {"tap": LINES["tap"]})
    assert [guess.code for guess in found.services] == ["tap"]
    assert found.best is None


def test_a_menu_of_ones_own_is_learned_from_its_texts_alone() -> None:
    from volunteer.catalogue.examples import MenuText

    own = [
        MenuText("x1", "farm", "收割稻子", "Harvest rice", "稻子熟了，帮您割。", "We cut ripe rice."),
        MenuText("x2", "farm", "喂鱼塘", "Feed fish", "鱼塘投料，看水色。", "We feed the pond."),
    ]
    sorter, _ = train(examples(own), {})
    assert sorter.suggest("田里稻子熟了割不动", {"x1": Line("farm"), "x2": Line("farm")}).services[0].code == "x1"


def test_a_model_can_be_kept_and_read_again(sorter: Sorter) -> None:
    again = Sorter.load(sorter.dump())
    for _, text in random.Random(3).sample(unseen(), 20):
        one, other = sorter.chances(text), again.chances(text)
        assert max(abs(one[code] - other[code]) for code in one) < 0.02


def test_corrections_teach_and_a_single_persons_words_do_not_enter_the_model() -> None:
    base = examples(TEXTS)
    said = "囥勒阁几浪个物事拿勿着"
    alone = [Example(said + "沈国强家", "moving", own=False, writer=7)] * 3
    sorter, _ = train(base + alone, CATEGORIES)
    assert not any("沈国" in name or "阁几" in name for name in sorter.places)
    many = [Example(said, "moving", own=False, writer=n) for n in range(6)]
    taught, _ = train(base + many, CATEGORIES)
    assert any("阁几" in name for name in taught.places)
    assert taught.suggest(said, LINES).services[0].code == "moving"


@pytest.mark.parametrize(("code", "said"), [(code, said) for code, texts in DANGERS.items() for said in texts])
def test_danger_is_heard_first(code: str, said: str) -> None:
    found = danger_in(said)
    assert found is not None
    assert found.code == code
    assert found.call in {"110", "119", "120"}


@pytest.mark.parametrize(
    "said", ["没有煤气味，就想检查一下", "怕起火，线路查查", "上次冒过火花", "想学急救，怕噎着", "不冒烟了", "灯不亮了"]
)
def test_what_is_over_feared_or_denied_is_no_alarm(said: str) -> None:
    assert danger_in(said) is None


def test_labelled_sentences_without_danger_now_hardly_ever_raise_it() -> None:
    assert sum(danger_in(text) is not None for _, text in sentences()) <= 6


def test_calibration_is_nought_when_chances_come_true() -> None:
    assert calibration_error(np.array([0.75] * 4), np.array([True, True, True, False])) == 0
    assert calibration_error(np.array([1.0] * 2), np.array([False, False])) == 1
