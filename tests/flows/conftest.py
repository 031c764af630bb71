"""What flows on a real database share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.support.databases import Database
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import write
from volunteer.kernel.errors import Conflict


@pytest.fixture
def at_once(database: Database, keyring: Keyring) -> Callable[..., Counter[str]]:
    """Run acts in twelve threads, each in a transaction of its own; count how they ended."""

    def one(act: Callable[[Session], object]) -> str:
        with Session(database.engine, info={"keyring": keyring}) as session:
            try:
                with write(session):
                    act(session)
            except (Conflict, StaleDataError):
                return "refused"
            return "done"

    def run(acts: list[Callable[[Session], object]]) -> Counter[str]:
        with ThreadPoolExecutor(12) as pool:
            return Counter(pool.map(one, acts))

    return run
