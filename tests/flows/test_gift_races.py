"""Many phones at once, over real HTTP, on both databases: the last gift, one key many times, one code at two tills."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support import builders as make
from tests.support.gifts import a_gift, a_merchant, at_the_till, with_points
from tests.support.servers import Server
from tests.support.tills import Phone, all_at_once, phones
from volunteer.accounts.models import RoleGrant
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.ledger.models import Account, Transfer, Unit
from volunteer.rewards.merchants.lifecycle import RedemptionStatus
from volunteer.rewards.merchants.models import Gift, Redemption

CROWD = 60


@pytest.fixture
def crowd(server: Server, keyring: Keyring) -> tuple[dict[str, int], list[Phone], list[Phone]]:
    """A shop with one last gift, sixty people with points, and three tills of the shop."""
    with Session(server.database.engine, info={"keyring": keyring}) as session, write(session):
        _centre, branch, station = make.a_county(session)
        merchant = a_merchant(session, branch)
        last, plenty = a_gift(session, merchant, stock=1), a_gift(session, merchant, stock=500, points=1, asked=1)
        people = [with_points(session, station, 100, f"居民{n}").user_id for n in range(CROWD)]
        tills = [at_the_till(session, merchant, f"店员{n}").user_id for n in range(3)]
        assert session.scalar(select(func.count()).select_from(RoleGrant)) == CROWD + 3
        made = {"last": last.id, "plenty": plenty.id, "merchant": merchant.id}
    return made, phones(server.url, server.database, keyring, people), phones(server.url, server.database, keyring, tills)


def points(server: Server, owner: str) -> int:
    with Session(server.database.engine) as session:
        return session.scalar(select(Account.balance).where(Account.owner == owner, Account.unit == Unit.POINTS)) or 0


def in_all(server: Server) -> int:
    with Session(server.database.engine) as session:
        return int(session.scalar(select(func.sum(Account.balance)).where(Account.unit == Unit.POINTS)) or 0)


def test_of_sixty_who_want_the_last_gift_one_has_it(server: Server, crowd) -> None:
    made, people, _tills = crowd
    path = f"/shop/gifts/{made['last']}"
    for phone in people:
        assert phone.get(path)[0] == 200
    answers = all_at_once(
        [
            lambda one=one, n=n: one.post(f"{path}/reserve", {"once": f"the-last-{n}", "points": "40"})[0]
            for n, one in enumerate(people)
        ]
    )
    assert answers == {303: 1, 409: CROWD - 1}
    with Session(server.database.engine) as session:
        assert session.scalar(select(Gift.stock).where(Gift.id == made["last"])) == 0
        assert session.scalar(select(func.count()).select_from(Redemption)) == 1
        assert session.scalar(select(func.count()).where(Transfer.reason == "reserve")) == 1
    assert in_all(server) == 0


def test_one_key_fifty_times_is_one_reservation_and_another_body_is_refused(server: Server, crowd) -> None:
    made, people, _tills = crowd
    me, path = people[0], f"/shop/gifts/{made['plenty']}"
    me.get(path)
    where: list[str] = []

    def send(points: str = "1") -> int:
        status, there, _body = me.post(f"{path}/reserve", {"once": "one-and-the-same", "points": points})
        where.append(there)
        return status

    assert all_at_once([send] * 50) == {303: 50}
    assert len(set(where)) == 1
    assert send("2") == 422
    with Session(server.database.engine) as session:
        assert session.scalar(select(func.count()).select_from(Redemption)) == 1


def test_one_code_at_three_tills_at_once_is_handed_over_once(server: Server, crowd, keyring: Keyring) -> None:
    made, people, tills = crowd
    me, path = people[0], f"/shop/gifts/{made['plenty']}"
    me.get(path)
    assert me.post(f"{path}/reserve", {"once": "for-the-tills", "points": "1"})[0] == 303
    with Session(server.database.engine, info={"keyring": keyring}) as session:
        code = session.scalars(select(Redemption)).one().code
    for till in tills:
        assert till.get("/till")[0] == 200
    answers = all_at_once(
        [lambda n=n: tills[n % 3].post("/till/collect", {"once": f"till-{n}", "code": code})[0] for n in range(24)]
    )
    assert answers == {303: 1, 409: 23}
    assert points(server, f"merchant:{made['merchant']}") == 1
    with Session(server.database.engine) as session:
        assert session.scalars(select(Redemption.status)).one() is RedemptionStatus.COLLECTED
        assert session.scalar(select(func.count()).where(Transfer.reason == "collect")) == 1


def test_let_go_and_handed_over_at_once_end_one_way(server: Server, crowd, keyring: Keyring) -> None:
    made, people, tills = crowd
    path = f"/shop/gifts/{made['plenty']}"
    acts = []
    for n, me in enumerate(people[:8]):
        me.get(path)
        _status, there, _body = me.post(f"{path}/reserve", {"once": f"either-{n}", "points": "1"})
        with Session(server.database.engine, info={"keyring": keyring}) as session:
            one = session.scalars(select(Redemption).where(Redemption.token == there.rsplit("/", 1)[1])).one()
            code = one.code
        acts.append(lambda me=me, there=there: me.post(f"{there}/let-go", {})[0])
        acts.append(lambda n=n, code=code: tills[n % 3].post("/till/collect", {"once": f"or-{n}", "code": code})[0])
    for till in tills:
        till.get("/till")
    answers = all_at_once(acts)
    assert set(answers) <= {303, 409}
    with Session(server.database.engine) as session:
        ended = dict(session.execute(select(Redemption.status, func.count()).group_by(Redemption.status)).tuples().all())
    assert sum(ended.values()) == 8
    assert set(ended) <= {RedemptionStatus.COLLECTED, RedemptionStatus.LET_GO}
    assert points(server, f"merchant:{made['merchant']}") == ended.get(RedemptionStatus.COLLECTED, 0)
    assert in_all(server) == 0
