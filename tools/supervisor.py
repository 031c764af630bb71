"""Several programs as one: started together, stopped together, and when one dies the rest go too."""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

from tools.paths import ROOT

PATIENCE = 12.0  # seconds between the polite signal and the other one
LAST_LINES = 25
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask Linux to end this child should its parent be killed outright: nothing is left behind on the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One program of the group, and the last that it said."""

    name: str
    process: subprocess.Popen[bytes]
    said: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))


class Group:
    """Child processes in one process group of their own, so that Ctrl-C reaches this process first, then them."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.group: int | None = None
        self.events: queue.SimpleQueue[Child | None] = queue.SimpleQueue()  # a child that ended, or None: please stop

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Start a program; its output is shown line by line, its name before it."""
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=self.group or 0,
            preexec_fn=end_with_parent,
        )
        self.group = self.group or process.pid
        child = Child(name, process)
        self.children.append(child)
        assert process.stdout is not None  # noqa: S101
        threading.Thread(target=self._listen, args=(child, process.stdout), daemon=True).start()

    def _listen(self, child: Child, output: IO[bytes]) -> None:
        for raw in output:
            line = raw.decode(errors="replace").rstrip()
            child.said.append(line)
            with contextlib.suppress(BrokenPipeError):  # nobody reads any more; the child need not know
                print(f"{child.name:>6} │ {line}", flush=True)
        child.process.wait()
        self.events.put(child)

    def run(self, when_ready: Callable[[], None], is_ready: Callable[[], bool]) -> int:
        """Wait until told to stop or until a child dies. Return the exit code: 0 when it was told to."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        threading.Thread(target=self._announce, args=(when_ready, is_ready), daemon=True).start()
        try:
            dead = self.events.get()
        finally:
            self.stop()
        if dead is None:
            print("Stopped.", flush=True)
            return 0
        self._explain(dead)
        return 1

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.events.put(None)

    def _announce(self, when_ready: Callable[[], None], is_ready: Callable[[], bool]) -> None:
        while all(child.process.poll() is None for child in self.children):
            if is_ready():
                when_ready()
                return
            time.sleep(0.1)

    def stop(self) -> None:
        """End every child: politely, then not."""
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for child in self.children:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._signal(signal.SIGKILL)
                child.process.wait()
        self._signal(signal.SIGKILL)  # what a child left behind in the group

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.group or 0, number) if self.group else None
        except (ProcessLookupError, PermissionError):
            return

    def _explain(self, dead: Child) -> None:
        code = dead.process.returncode
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        last = "\n".join(f"    {line}" for line in dead.said) or "    (it said nothing)"
        print(f"\nStopped everything, because “{dead.name}” {how}. The last that it said:\n{last}", file=sys.stderr, flush=True)
