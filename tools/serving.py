"""./run demo, serve and worker: which programs serve the product, and how they are started."""

from __future__ import annotations

import ipaddress
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

from tools.paths import ROOT, VAR, program
from tools.setup import set_up
from tools.steps import StepFailed, digest, is_done, mark_done, step
from tools.supervisor import Group

APPLICATION = "wsgi:app"
DEMO_FILE = VAR / "demo.sqlite3"
DEMO_DATABASE = f"sqlite:///{DEMO_FILE}"


def address() -> tuple[str, int]:
    """HOST and PORT, else 127.0.0.1:8000. Raises StepFailed when the port is no port or not free."""
    host, text = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise StepFailed(f"PORT must be a number from 1 to 65535, not {text!r}")
    try:
        family, kind, protocol, _name, where = socket.getaddrinfo(host, int(text), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        raise StepFailed(f"Cannot serve at {host}:{text}: {error.strerror}. Another port: PORT=8001 ./run …") from None
    return host, int(text)


def url_of(host: str, port: int) -> str:
    """How a browser on this machine reaches the server."""
    if ipaddress.ip_address(socket.gethostbyname(host) if ":" not in host else host).is_unspecified:
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def gunicorn(host: str, port: int) -> list[str]:
    """The command of the web server: threads, because requests wait for the database more than they compute."""
    bound = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [
        *(program("gunicorn"), APPLICATION, "--bind", bound),
        *("--worker-class", "gthread", "--workers", os.environ.get("WEB_CONCURRENCY") or "2", "--threads", "8"),
        *("--timeout", "60", "--graceful-timeout", "8", "--keep-alive", "5"),
        *("--max-requests", "20000", "--max-requests-jitter", "2000"),
        *("--preload", "--no-control-socket", "--log-level", "warning"),  # imported once, then forked: no connection is open yet
    ]


def flask(*words: str) -> list[str]:
    """The command that runs one of the application's own commands."""
    return [program("flask"), "--app", "wsgi", *words]


def demo(*words: str) -> int:
    """Set up, fill the demo county if it is not there, serve it with its jobs until Ctrl-C. ``words``: --size, --seed."""
    host, port = address()
    set_up("app")
    url = url_of(host, port)
    env = {
        "VOLUNTEER_DATABASE_URL": DEMO_DATABASE,
        "VOLUNTEER_PUBLIC_URL": url,
        "VOLUNTEER_LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
    } | os.environ
    logins = fill(env, *words)
    group = Group()
    group.start("web", gunicorn(host, port), env)
    group.start("jobs", flask("worker"), env)

    def is_ready() -> bool:
        return answers(f"{url}/healthz")

    def say_where() -> None:
        print(f"\n{logins}\n\n  Serving at {url}  (Ctrl-C stops it)\n", flush=True)

    return group.run(say_where, is_ready)


def fill(env: dict[str, str], *words: str) -> str:
    """Migrate the database, fill it, return the log-ins: from memory when it is the very file that an earlier start left."""
    VAR.mkdir(exist_ok=True)
    stamp, logins = VAR / ".demo-filled", VAR / "demo-logins.txt"
    if not is_done(stamp, state_of(env)) or not logins.exists():
        with step("Database"):
            run_quietly(flask("db", "upgrade"), env)
        run_shown(flask("demo", "fill", *words), env)
        logins.write_text(run_quietly(flask("demo", "logins"), env), encoding="utf-8")
        mark_done(stamp, state_of(env))
    return logins.read_text(encoding="utf-8").rstrip()


def state_of(env: dict[str, str]) -> str:
    """A fingerprint of the demo's own file and of the code that fills it; never the same for any other database."""
    if env["VOLUNTEER_DATABASE_URL"] != DEMO_DATABASE or not DEMO_FILE.exists():
        return f"unknown at {time.monotonic_ns()}"
    code = [*(ROOT / "migrations" / "versions").glob("*.py"), *(ROOT / "volunteer" / "simulation").rglob("*.py")]
    return digest(code, str(DEMO_FILE.stat().st_ino))


def serve() -> int:
    """Become the web server of the configured database; a brand-new one gets its tables and a token for the set-up page."""
    host, port = address()
    set_up("app")
    run_shown(flask("county", "prepare"), {"VOLUNTEER_PUBLIC_URL": url_of(host, port)} | os.environ)
    return become(gunicorn(host, port))


def worker() -> int:
    """Become the job process of the configured database."""
    set_up("app")
    return become(flask("worker"))


def become(command: list[str]) -> int:
    """Replace this process, so that signals and the exit code are the program's own."""
    os.chdir(ROOT)
    os.execv(command[0], command)


def run_quietly(command: list[str], env: dict[str, str]) -> str:
    """Run to the end and return what it printed. Raises StepFailed with all that it said when it fails."""
    done = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StepFailed(f"{' '.join(command[1:])} failed:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def run_shown(command: list[str], env: dict[str, str] | None = None) -> None:
    """Run to the end, its output shown."""
    if code := subprocess.run(command, cwd=ROOT, env=env, check=False).returncode:
        raise StepFailed(f"{' '.join(command[1:])} failed (exit {code})")


def answers(url: str) -> bool:
    """True when the server at that address of ours says that it is well."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
