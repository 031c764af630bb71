"""One walk of the play in a process of its own: as the programme is, or with one bug planted; or whole years in trouble.

Run: python -m benchmarks._f6_walk STEPS SEED [NUMBER OF A BUG], or YEARS SEED year. Prints how many acts were done; exits 1
when programme and model differ.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from benchmarks._planted import BUGS, plant

A_PLAY = 80  # acts of one play; then another county begins


def main() -> None:
    """Walk."""
    steps, seed = int(sys.argv[1]), int(sys.argv[2])
    years = sys.argv[3:] == ["year"]
    if len(sys.argv) > 3 and not years:
        plant(BUGS[int(sys.argv[3])])
    from sqlalchemy.orm import Session  # after planting: what is read now may have the bug in it

    from tests.support.books_acts import live_a_year, walk
    from tests.support.books_drills import DRILLS
    from tests.support.books_play import Play
    from tests.support.databases import SqliteFactory, borrowed
    from volunteer.kernel.crypto import Keyring

    keyring, done, acts = Keyring.generate(), 0, 0
    drills = [] if years else list(DRILLS)  # first what leads to every limit, then whatever comes
    with tempfile.TemporaryDirectory() as folder, borrowed(SqliteFactory(Path(folder))) as database:
        while drills or done < steps:
            with database.engine.connect() as connection:
                outer = connection.begin()
                with Session(connection, join_transaction_mode="create_savepoint") as session:
                    session.info["keyring"] = keyring
                    rng = random.Random(seed + done)
                    try:
                        if years:
                            acts += live_a_year(Play(session, rng), rng)
                            done += 1
                        elif drills:
                            play = Play(session)
                            drills.pop()(play)
                            play.compare()
                            play.audit()
                        else:
                            done += walk(Play(session), rng, min(A_PLAY, steps - done))
                    except Exception as error:
                        print(f"{type(error).__name__}: {error}")
                        sys.exit(1)
                outer.rollback()
    print(acts if years else done)


if __name__ == "__main__":
    main()
