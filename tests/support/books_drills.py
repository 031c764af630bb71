"""Acts of the play that lead to the edge of every limit and one step beyond: what a random walk seldom comes to."""

from __future__ import annotations

from tests.support.books_model import APPROVER_MONTH, DAY, DAYS_BACK, GIVE_DAY, GIVE_MONTH, HOLD
from tests.support.books_play import Play

MORNING, SHORT, LONG, WHOLE = 8, 1, 2, 3  # an hour, and the lengths of stays: 50, 150 and 300 minutes


def giving(play: Play) -> None:
    """As many points as a day allows, what came back again, and a month's."""
    _earn(play, 0, days=4)
    play.give(0, 1, GIVE_DAY - 2, again=False)
    play.give(0, 1, 3, again=False)
    play.send_back(0, 2)
    play.send_back(0, 1)
    play.send_back(0, 1)
    play.give(0, 2, GIVE_DAY + 1, again=False)
    play.give(0, 2, GIVE_DAY, again=True)
    play.compare()
    for _ in range(GIVE_MONTH // GIVE_DAY - 1):
        play.wait(DAY)
        play.give(0, 1, GIVE_DAY, again=False)
    play.wait(DAY)
    play.give_to_pool(0, GIVE_MONTH % GIVE_DAY + 1)
    play.give_to_pool(0, GIVE_MONTH % GIVE_DAY)


def wishes(play: Play) -> None:
    """Two wishes, each filled by two; one comes true, one is called off, and a third runs out."""
    for who in (0, 1):
        _earn(play, who, days=2)
    for number in (0, 1):
        play.post_wish(15)
        play.give_to_wish(0, number, 9)
        play.give_to_wish(1, number, 7)
        play.give_to_wish(1, number, 6)
        play.give_to_wish(1, number, 1)
        play.compare()
    for by in (0, 1, 1):
        play.end_wish(0, by, fulfil=True)
        play.compare()
    for _ in range(2):
        play.end_wish(1, 0, fulfil=False)
        play.compare()
    play.post_wish(20)
    play.give_to_wish(0, 2, 4)
    play.wait(30 * DAY)


def by_hand(play: Play) -> None:
    """As many hours as one may write in, and as one may let through in a month; neither for oneself."""
    for who in range(3):
        play.ask_by_hand(who, 0, 1, MORNING, LONG)
    for number in range(APPROVER_MONTH // 150):
        play.decide_by_hand(number, 0, True)
        play.compare()
    play.decide_by_hand(2, 0, True)
    play.decide_by_hand(2, 1, True)
    play.compare()
    play.ask_by_hand(0, 1, 2, MORNING, LONG)
    play.decide_by_hand(3, 0, True)
    play.decide_by_hand(3, 1, True)
    play.compare()
    play.ask_by_hand(0, 0, 3, MORNING, SHORT)
    play.ask_by_hand(1, 0, DAYS_BACK + 1, MORNING, SHORT)
    play.ask_by_hand(1, 0, DAYS_BACK, MORNING, SHORT)
    play.ask_by_hand(2, 0, 0, 11, SHORT)
    play.ask_by_hand(2, 0, 0, 11, LONG)
    play.withdraw_ask(4)
    play.withdraw_ask(4)


def taking_back(play: Play) -> None:
    """Minutes whose points were spent in part, taken back twice; what was earned that day begins anew."""
    _earn(play, 0, days=1)
    play.certify(0)
    play.certify(0)
    play.give(0, 1, 25, again=False)
    for _ in range(2):
        play.take_back(0, 1)
        play.compare()
    play.certify(0)
    play.serve(0, 1, MORNING + 6, LONG, "a")
    play.serve(0, 1, MORNING, LONG, "d")
    play.compare()
    _earn(play, 1, days=2)
    play.certify(1)
    play.take_back(len(play.entries) - 1, 0)
    play.certify(0)
    play.compare()
    play.revoke(0, 0)
    play.revoke(0, 1)
    for by in (0, 1):
        play.correct(2, 30 if by else -30)
        play.decide_correction(by, 0, True)
        play.decide_correction(by, 1, True)
        play.compare()
    play.decide_correction(0, 1, False)
    play.correct(2, -12)
    play.decide_correction(2, 1, True)


def shopping(play: Play) -> None:
    """The last gift, one more than may wait, another's till, a hold that runs out, and refunds, small and large."""
    for who in (0, 1):
        _earn(play, who, days=3)
    for who, shelf in ((0, 0), (0, 0), (0, 1), (1, 0)):
        play.reserve(who, shelf)
        play.compare()
    play.let_go(0, 1)
    play.let_go(0, 0)
    play.let_go(0, 0)
    play.collect(0, 0, scan=True)
    play.reserve(0, 0)
    for scan in (True, False):
        play.collect(0, 0, scan=scan)
        play.collect(1, 1, scan=scan)
    play.collect(1, 0, scan=True)
    play.collect(1, 0, scan=True)
    play.compare()
    play.reserve(1, 1)
    play.collect(len(play.redemptions) - 1, 1, scan=False)
    large = len(play.redemptions) - 1
    for place, number in enumerate((1, large)):
        play.refund(number, restock=True)
        for by in (0, 0, 1):
            play.decide_refund(place, by, yes=True)
            play.compare()
    play.reserve(1, 1)
    play.wait(HOLD - 1)
    play.compare()
    play.wait(1)
    play.compare()
    play.reserve(0, 0)


DRILLS = (giving, wishes, by_hand, taking_back, shopping)


def _earn(play: Play, who: int, *, days: int) -> None:
    """Enough for a day's points, on each of the last days."""
    for back in range(1, days + 1):
        play.serve(who, back, MORNING, WHOLE, "b")
    play.compare()
