"""Commands: ``./run flask …``. A package's own commands stand in its ``commands.py``; these are the house's."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil

import click
from flask import Flask

import volunteer


def init_app(app: Flask) -> None:
    """Register the house's commands and those of every package that has some."""
    for command in (*package_commands(), jobs, worker):
        app.cli.add_command(command)


def package_commands() -> list[click.Command]:
    """Return the ``command`` of each package's ``commands.py``."""
    found = []
    for package in pkgutil.iter_modules(volunteer.__path__):
        name = f"volunteer.{package.name}.commands"
        if package.ispkg and importlib.util.find_spec(name):
            found.append(importlib.import_module(name).command)
    return found


@click.group()
def jobs() -> None:
    """Run or list scheduled jobs by hand."""


@jobs.command("list")
def list_jobs() -> None:
    """Name every job and when it runs."""
    from volunteer.scheduler import SCHEDULE

    for job in SCHEDULE:
        click.echo(f"{job.name:32} {job.when}")


@jobs.command("run")
@click.argument("name")
def run_job(name: str) -> None:
    """Run one job now, in batches, as the job process would."""
    from volunteer.scheduler import SCHEDULE, run_once

    job = next((job for job in SCHEDULE if job.name == name), None)
    if job is None:
        raise click.ClickException(f"There is no job called {name}. ./run flask jobs list names them all.")
    click.echo(f"{name}: {run_once(job)} done")


@click.command()
def worker() -> None:
    """Be the job process: fires jobs on time for as long as it holds the lease; stops cleanly on Ctrl-C or SIGTERM."""
    from volunteer.scheduler import work

    work()
