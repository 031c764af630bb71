"""When an order may be split, when its parts may be put together again, and when all of it is done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from volunteer.orders.lifecycle import Action, Status
from volunteer.orders.parts.parting_rules import MOST, PartDraft, complaints, may_merge, outcome, tally

NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
S = Status


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), None),
        ((S.SERVED, S.VERIFIED), None),
        ((S.CLOSED, S.IN_SERVICE), None),
        ((S.SERVED, S.SERVED), Action.GATHER),
        ((S.CLOSED, S.SERVED), Action.GATHER),  # reopened once, and served again
        ((S.SERVED, S.UNMET), Action.GATHER),
        ((S.SERVED, S.WITHDRAWN), Action.GATHER),
        ((S.UNMET, S.WITHDRAWN), Action.GIVE_UP),
        ((S.UNMET, S.UNMET), Action.GIVE_UP),
        ((S.WITHDRAWN, S.WITHDRAWN), Action.WITHDRAW),
    ],
)
def test_the_whole_ends_with_its_last_part(parts, expected):
    assert outcome(parts) is expected
    assert outcome(tuple(reversed(parts))) is expected


@pytest.mark.parametrize("status", Status)
def test_parts_are_put_together_only_while_no_team_has_promised_anything(status):
    free = status in {S.VERIFIED, S.OFFERED, S.UNMET, S.WITHDRAWN}
    assert may_merge([S.VERIFIED, status]) is free


def test_a_part_that_nobody_wants_any_more_is_not_counted():
    assert tally([S.SERVED, S.VERIFIED, S.WITHDRAWN]) == (1, 2)
    assert tally([S.CLOSED, S.SERVED]) == (2, 2)
    assert tally([]) == (0, 0)


def test_every_mistake_is_said_beside_its_part():
    drafts = [PartDraft(1), PartDraft(None, "长" * 501, NOW, None), PartDraft(2, "", NOW - 2 * HOUR, NOW - HOUR)]
    assert set(complaints(drafts, NOW)) == {"item-2", "words-2", "when-2", "when-3"}
    assert complaints([PartDraft(1), PartDraft(1, "另一间", NOW, NOW + HOUR)], NOW) == {}
    assert "parts" in complaints([PartDraft(1)], NOW)
    assert "parts" in complaints([PartDraft(1)] * (MOST + 1), NOW)
