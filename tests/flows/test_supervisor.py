"""The programs of ./run demo live and die together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tools.paths import ROOT

GROUP = """
import os, sys
import tools.supervisor
from tools.supervisor import Group
tools.supervisor.PATIENCE = 1.0
group = Group()
for name, words in {children}.items():
    group.start(name, [sys.executable, "-u", "-c", words], os.environ)
sys.exit(group.run(lambda: print("all is ready", flush=True), lambda: True))
"""
PATIENT = "import os, time; print('my number is', os.getpid()); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('I stay'); time.sleep(60)"


def start(**children: str) -> subprocess.Popen[str]:
    code = GROUP.format(children=children)
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0
    )


def lines_until(process: subprocess.Popen[str], *wanted: str) -> list[str]:
    assert process.stdout
    said: list[str] = []
    while not all(any(word in line for line in said) for word in wanted):
        line = process.stdout.readline()
        assert line, f"{wanted} never came: {said}"
        said.append(line)
    return said


def number_in(lines: list[str]) -> int:
    return next(int(line.split()[-1]) for line in lines if "my number is" in line)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")  # what nobody has waited for yet is dead all the same
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_when_one_dies_the_others_are_stopped_and_its_last_words_are_shown():
    process = start(web=PATIENT, jobs="import time; time.sleep(0.5); print('no database'); raise SystemExit(3)")
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "“jobs” ended with exit code 3" in said
    assert said.rindex("no database") > said.index("“jobs”")
    assert not is_alive(number_in(said.splitlines()))


def test_a_signal_stops_all_and_that_is_no_failure():
    for number in (signal.SIGINT, signal.SIGTERM):
        process = start(web=PATIENT, jobs="import time; time.sleep(60)")
        said = lines_until(process, "my number is", "all is ready")
        process.send_signal(number)
        rest, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "Stopped." in rest
        assert not is_alive(number_in(said))


def test_who_does_not_listen_is_ended_all_the_same():
    process = start(web=STUBBORN, jobs=PATIENT)
    said = lines_until(process, "I stay", "my number is", "all is ready")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert time.monotonic() - began < 20
    assert not is_alive(number_in(said))


def test_nothing_is_left_behind_when_the_supervisor_itself_is_killed():
    process = start(web=PATIENT)
    said = lines_until(process, "my number is", "all is ready")
    process.kill()
    process.communicate(timeout=20)
    deadline = time.monotonic() + 5
    while is_alive(number_in(said)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(number_in(said))
