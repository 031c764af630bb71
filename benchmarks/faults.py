"""Figures of durability: F1, kill -9 under load. Run: ./run bench faults [--kills 200] [--only sqlite|postgresql] [--url …]

Four clients place orders in the browser's way, each under a key of its own, withdraw every third, and try again until they
are answered; a fifth posts to the ledger. Meanwhile web workers, the whole server, the job process and the ledger's client
are killed with SIGKILL, chosen at random, 30 times (--kills). Then everything is counted: nothing that was acknowledged may
be lost or doubled, the books must be right, and every status must have moved along the table. Only the loopback is used;
SQLite in a temporary folder, PostgreSQL as in ``pages``. About a minute and a half for each database.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks._databases import postgresql, sqlite
from benchmarks.figure import Figures
from tests.support import builders as make
from tests.support.databases import Database, migrate
from tests.support.servers import environment_of
from tests.support.services import ROOT, Missing, die_with_parent, free_port, wait_for
from tests.support.settings import scratch, settings_for
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import make_engine, write
from volunteer.kernel.tables import import_all_models
from volunteer.ledger import verify
from volunteer.ledger.models import Transfer
from volunteer.orders.lifecycle import TRANSITIONS, Action, Status
from volunteer.orders.models import OrderEvent, ServiceOrder
from volunteer.orders.placing import hash_secret

CLIENTS = 4
WORKERS = 2
STALL = 3.0  # seconds
BETWEEN = (0.3, 1.2)  # seconds between two kills
LATEST = 1200.0  # seconds: a run ends, whatever happens
BIN = Path(sys.executable).parent
KINDS = {"worker": 7, "server": 1, "jobs": 1, "ledger": 1}  # what is killed, and how often
MOVES = {(before.value, after.value) for (before, _), after in TRANSITIONS.items()}
STANDING = {action.value for action in Action}


@dataclass
class Scene:
    """The processes of one run, by name, and how each is started again."""

    starts: dict[str, Callable[[], subprocess.Popen[bytes]]]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    port: int = 0

    def begin(self) -> None:
        """Start everything, the server first."""
        for name in self.starts:
            self._start(name)

    def kill(self, kind: str, rng: random.Random) -> bool:
        """Kill one of that kind outright; what nobody starts again by itself is started again here."""
        if kind == "worker":
            workers = _children(self.running["server"].pid)
            if not workers:
                return False
            os.kill(rng.choice(workers), signal.SIGKILL)  # its master makes another one
            return True
        process = self.running[kind]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._start(kind)
        return True

    def finish(self, names: list[str], patience: float = 30) -> list[str]:
        """Let these end by themselves; return the names of those that had to be killed, or ended badly."""
        for name in names:
            self.running[name].send_signal(signal.SIGTERM)
        bad = []
        for name in names:
            try:
                code = self.running[name].wait(patience)
            except subprocess.TimeoutExpired:
                os.killpg(self.running[name].pid, signal.SIGKILL)
                code = self.running[name].wait()
            if code not in (0, -signal.SIGTERM):  # whoever had not even begun ends by the signal itself
                bad.append(name)
        return bad

    def _start(self, name: str) -> None:
        self.running[name] = self.starts[name]()
        if name == "server":
            wait_for(self.port, self.running[name])


@dataclass(frozen=True)
class Told:
    """What the clients were told is done."""

    orders: list[dict[str, Any]]
    keys: list[str]


def found_town(database: Database) -> tuple[str, int]:
    """Migrate, and found a small county; return the code of its service and the id of its station."""
    migrate(database.url)
    import_all_models()
    keyring = Keyring.open(settings_for(database.url).keys_file, create=True)
    with Session(make_engine(database.url), info={"keyring": keyring}) as session, write(session):
        centre, _, station = make.a_county(session)
        item = make.an_item(session, centre)
        make.a_team(session, station, members=8)
        return item.code, station.id


def scene_of(database: Database, folder: Path, item: str, site: int) -> Scene:
    """Return the server, the jobs and the clients over a founded database."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = environment_of(settings_for(database.url, public_url=url)) | {"PYTHONPATH": str(ROOT)}
    gunicorn: list[str | Path] = [BIN / "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--no-control-socket", "--preload"]
    gunicorn += ["--worker-class", "gthread", "--workers", str(WORKERS), "--threads", "4", "--log-level", "critical"]
    commands: dict[str, list[str | Path]] = {"server": gunicorn, "jobs": [BIN / "flask", "--app", "wsgi", "worker"]}
    client: list[str | Path] = [sys.executable, "-m", "benchmarks._clients"]
    commands["ledger"] = [*client, "moves", database.url, folder / "ledger.jsonl", "ledger"]
    for number in range(CLIENTS):
        commands[f"client{number}"] = [
            *client,
            "orders",
            url,
            folder / f"client{number}.jsonl",
            f"client{number}",
            item,
            str(site),
        ]

    def starter(name: str, command: list[str | Path]) -> Callable[[], subprocess.Popen[bytes]]:
        def start() -> subprocess.Popen[bytes]:
            with (folder / f"{name}.log").open("ab") as log:
                return subprocess.Popen(
                    command, cwd=ROOT, env=env, stdout=log, stderr=log, process_group=0, preexec_fn=die_with_parent
                )

        return start

    return Scene({name: starter(name, command) for name, command in commands.items()}, port=port)


def play(scene: Scene, folder: Path, kills: int, rng: random.Random) -> Counter[str]:
    """Kill so many times while the clients are at work; return what was killed how often."""
    killed: Counter[str] = Counter()
    deadline = time.monotonic() + LATEST
    while sum(file.stat().st_size > 0 for file in folder.glob("*.jsonl")) <= CLIENTS and time.monotonic() < deadline:
        time.sleep(0.1)  # until each of them has done something
    while killed.total() < kills and time.monotonic() < deadline:
        time.sleep(rng.uniform(*BETWEEN))
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        killed[kind] += scene.kill(kind, rng)
    return killed


def told(folder: Path) -> Told:
    """Read what the clients wrote down."""
    notes = [json.loads(line) for file in sorted(folder.glob("*.jsonl")) for line in file.read_text().splitlines()]
    return Told([note for note in notes if "path" in note], [note["key"] for note in notes if "key" in note])


def count(figures: Figures, kind: str, database: Database, heard: Told, killed: Counter[str]) -> None:
    """F1: compare what was acknowledged with what is there."""
    keyring = Keyring.open(settings_for(database.url).keys_file, create=False)
    with Session(make_engine(database.url), info={"keyring": keyring}) as session:
        orders = session.scalars(select(ServiceOrder)).all()
        by_words = Counter(order.words for order in orders)
        status = {order.secret_hash: order.status for order in orders}
        keys = Counter(session.scalars(select(Transfer.key)))
        astray = list(_astray(session))
        wrong = verify.findings(session)
        acted = session.scalar(select(func.count()).select_from(OrderEvent))
    hashed = {one["words"]: hash_secret(one["path"].removeprefix("/o/")) for one in heard.orders}
    lost = sum(1 for one in heard.orders if hashed[one["words"]] not in status)
    undone = sum(1 for one in heard.orders if one["withdrawn"] and status.get(hashed[one["words"]]) is not Status.WITHDRAWN)
    doubled = sum(n - 1 for n in by_words.values())
    unposted = sum(1 for key in heard.keys if not keys[key])
    what = ", ".join(f"{number} × {name}" for name, number in sorted(killed.items()))
    say = f"F1.{kind}"
    figures.value(f"{say}.orders_lost", lost + undone, "count", f"{len(heard.orders)} acknowledged; killed {what}", at_most=0)
    figures.value(f"{say}.orders_doubled", doubled, "count", f"{len(orders)} orders there, one for each key", at_most=0)
    figures.value(f"{say}.transfers_lost", unposted, "count", f"{len(heard.keys)} acknowledged, one for each key", at_most=0)
    figures.value(f"{say}.books_wrong", len(wrong), "count", f"ledger verify over {keys.total()} transfers", at_most=0)
    figures.value(f"{say}.status_astray", len(astray), "count", f"{acted} lines of diaries against the table", at_most=0)
    longest = max((one["took"] for one in heard.orders), default=0.0)
    figures.value(f"{say}.longest_stall", round(longest, 2), "s", "from first sending to the answer", at_most=STALL)
    for finding in [*wrong, *astray]:
        print(f"  {finding}", flush=True)


def _astray(session: Session) -> Any:
    """Yield every order whose diary does not lead from placed, along the table, to where it stands."""
    stands = dict(session.execute(select(ServiceOrder.id, ServiceOrder.status)).tuples().all())
    last: dict[int, Status] = {}
    for line in session.scalars(select(OrderEvent).order_by(OrderEvent.order_id, OrderEvent.id)):
        begins = last.get(line.order_id, Status.PLACED)
        legal = (line.from_status, line.to_status) in MOVES if line.what in STANDING else line.from_status == line.to_status
        if line.from_status != begins or not legal:
            yield f"order {line.order_id}: {line.what} from {line.from_status} to {line.to_status}"
        last[line.order_id] = line.to_status
    yield from (f"order {number}: stands at {status}" for number, status in stands.items() if last.get(number) is not status)


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def measure(figures: Figures, database: Database, kills: int) -> None:
    """One run on one database."""
    folder = scratch() / f"faults-{database.kind}"
    folder.mkdir(parents=True, exist_ok=True)
    scene = scene_of(database, folder, *found_town(database))
    clients = [name for name in scene.starts if name not in ("server", "jobs")]
    try:
        scene.begin()
        killed = play(scene, folder, kills, random.Random(kills))
        bad = scene.finish(clients)
    finally:
        scene.finish([name for name in scene.running if scene.running[name].poll() is None])
    for name in bad:
        print(f"missing: {name} did not end well:\n{(folder / f'{name}.log').read_text(errors='replace')[-2000:]}", flush=True)
    if killed.total() < kills:
        print(f"missing: only {killed.total()} of {kills} kills in {LATEST:.0f} s", flush=True)
    count(figures, database.kind, database, told(folder), killed)


def main() -> None:
    """Print every figure of durability."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--url", help="a PostgreSQL server to be used")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    figures = Figures()
    if not Path("/proc/self/task").exists():
        print("F1 was not measured: it needs Linux's /proc to find the workers", flush=True)
    else:
        if chosen.only != "postgresql":
            with sqlite() as database:
                measure(figures, database, chosen.kills)
        if chosen.only != "sqlite":
            try:
                with postgresql(chosen.url) as database:
                    measure(figures, database, chosen.kills)
            except Missing as missing:
                print(f"PostgreSQL was not measured: {missing}", flush=True)
    figures.end()


if __name__ == "__main__":
    main()
