"""An account with another platform belongs to whom that platform confirms: whoever merely asked first blocks nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support import builders as make
from tests.support.exchanging import agreed
from volunteer.access import Role
from volunteer.kernel.clock import now
from volunteer.kernel.errors import Conflict, Invalid
from volunteer.rewards.partners import exchanging, linking
from volunteer.rewards.partners.lifecycle import LinkState
from volunteer.rewards.partners.models import CallKind, PartnerCall

THEIRS, OTHER = "6222020000001234", "6222020000009999"


@pytest.fixture
def partner(session):
    return agreed(session)[0]


@pytest.fixture
def owner(session, partner):
    return make.an_actor(make.a_person(session, "主人"), (Role.RESIDENT, partner.site))


@pytest.fixture
def stranger(session, partner):
    return make.an_actor(make.a_person(session, "外人"), (Role.RESIDENT, partner.site))


def ask(session, who, partner, account=THEIRS, later=timedelta()):
    return linking.ask_link(session, who, partner.id, account, True, at=now() + later)


def test_a_stranger_who_asks_first_does_not_keep_the_owner_from_linking(session, partner, owner, stranger):
    first, second = ask(session, stranger, partner), ask(session, owner, partner)
    linking.verified(session, first, False, at=now())
    linking.verified(session, second, True, at=now())
    session.flush()
    assert (first.state, second.state) == (LinkState.REFUSED, LinkState.VERIFIED)
    assert exchanging.linked(session, partner.id, THEIRS) is second


def test_a_confirmed_account_is_nobody_elses(session, partner, owner, stranger):
    waiting = ask(session, stranger, partner)
    linking.verified(session, ask(session, owner, partner), True, at=now())
    session.flush()
    linking.verified(session, waiting, True, at=now())  # the other platform errs: not for two
    assert waiting.state is LinkState.REFUSED
    with pytest.raises(Invalid):
        ask(session, stranger, partner)


def test_a_second_tap_asks_once_and_another_account_waits_for_the_first_to_end(session, partner, owner):
    link = ask(session, owner, partner)
    assert ask(session, owner, partner) is link
    with pytest.raises(Conflict):
        ask(session, owner, partner, OTHER)
    verify = select(PartnerCall).where(PartnerCall.kind == CallKind.VERIFY)
    assert len(session.scalars(verify).all()) == 1


def test_what_nobody_confirmed_in_a_week_is_replaced(session, partner, owner):
    link = ask(session, owner, partner)
    again = ask(session, owner, partner, later=linking.PENDING)
    assert (link.state, again.state) == (LinkState.ENDED, LinkState.ASKED)
    linking.verified(session, link, True, at=now())  # an answer to what is over
    assert link.state is LinkState.ENDED
    linking.verified(session, again, True, at=now())
    session.flush()
    assert exchanging.linked(session, partner.id, THEIRS) is again
    with pytest.raises(Conflict):
        ask(session, owner, partner, OTHER, later=2 * linking.PENDING)
