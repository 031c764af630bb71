"""The commands of ./run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from tools import serving
from tools.checks import check
from tools.locking import lock
from tools.paths import ROOT, VAR, program
from tools.setup import set_up
from tools.steps import StepFailed

HELP = """\
./run setup [test|check]  make .venv, install the locked packages, build the bundle
./run demo [--size …]     the demo county (demo, nanxi, shouguang) at http://127.0.0.1:8000 (HOST, PORT, VOLUNTEER_DATABASE_URL)
./run test [pytest …]     every test, on SQLite, PostgreSQL and Chromium; or those that you name
./run check               types, imports, lint, templates, security
./run serve               the web server for VOLUNTEER_DATABASE_URL
./run worker              the job process for VOLUNTEER_DATABASE_URL
./run flask …             the application's own commands: ./run flask --help
./run bench NAME …        one of benchmarks/
./run lock [uv …]         resolve setup.cfg and package.json again: ./run lock --upgrade
./run bill [FILE]         the bill of materials (CycloneDX) of what the lock files name: var/bill.cdx.json
./run help                this"""


def show_help() -> int:
    print(HELP)
    return 0


def setup(profile: str = "app") -> int:
    set_up(profile)
    print("Ready.")
    return 0


def flask(*words: str) -> int:
    """Run one of the application's commands: on the configured database, else on the demo's if that is all there is."""
    set_up("app")
    if "VOLUNTEER_DATABASE_URL" not in os.environ and serving.DEMO_FILE.exists() and not (VAR / "volunteer.sqlite3").exists():
        os.environ["VOLUNTEER_DATABASE_URL"] = serving.DEMO_DATABASE
    return serving.become(serving.flask(*words))


def bench(name: str = "", *words: str) -> int:
    scripts = sorted(path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py"))
    if name not in scripts:
        raise StepFailed(f"Which bench? There are: {', '.join(scripts) or 'none yet'}")
    set_up("test")
    return serving.become([program("python"), "-m", f"benchmarks.{name}", *words])


def bill(*words: str) -> int:
    set_up("test", bundle=False)
    return serving.become([program("python"), "-m", "tools.bill", *words])


def test(*words: str) -> int:
    """Run what is named, or everything: in parallel then."""
    set_up("test")
    everything = [] if any(not word.startswith("-") for word in words) else ["-n", "2", "--dist", "worksteal"]
    return serving.become([program("python"), "-m", "pytest", *everything, *words])


def checked() -> int:
    set_up("check", bundle=False)
    return check()


COMMANDS: dict[str, Callable[..., int]] = {
    "setup": setup,
    "demo": serving.demo,
    "serve": serving.serve,
    "worker": serving.worker,
    "test": test,
    "check": checked,
    "flask": flask,
    "bench": bench,
    "lock": lock,
    "bill": bill,
    "help": show_help,
}
ALIASES = {"-h": "help", "--help": "help"}


def main(words: list[str]) -> int:
    """Run the command that the first word names. Return its exit code."""
    name, *rest = words or ["help"]
    command = COMMANDS.get(ALIASES.get(name, name))
    if command is None:
        print(f"“{name}” is none of the commands.\n\n{HELP}", file=sys.stderr)
        return 2
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled once, the application starts in half the time
    try:
        return command(*rest)
    except StepFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except TypeError as error:
        if "positional argument" not in str(error):
            raise
        print(f"./run {name}: too many words\n\n{HELP}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
