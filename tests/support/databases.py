"""Databases for tests: migrated once for each worker, then copied; the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import flask_migrate
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from tests.support.services import ROOT
from volunteer.kernel.db import db, engine_options, make_engine

KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Database:
    """An empty database with all tables: its kind, its URL, an engine set up as the application's own."""

    kind: str
    url: str

    @cached_property
    def engine(self) -> Engine:
        return make_engine(self.url)


class Factory(Protocol):
    """Makes databases of one kind."""

    def new(self) -> Database: ...
    def drop(self, database: Database) -> None: ...


@dataclass(frozen=True)
class SqliteFactory:
    """Copies of one migrated file."""

    folder: Path

    @cached_property
    def template(self) -> Path:
        path = self.folder / "template.sqlite3"
        migrate(f"sqlite:///{path}")
        return path

    def new(self) -> Database:
        path = self.folder / f"{uuid.uuid4().hex}.sqlite3"
        shutil.copyfile(self.template, path)
        return Database("sqlite", f"sqlite:///{path}")

    def drop(self, database: Database) -> None:
        database.engine.dispose()
        path = Path(make_url(database.url).database or "")
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()


@dataclass(frozen=True)
class PostgresFactory:
    """Clones of one migrated database on a server; ``worker`` keeps parallel test processes apart."""

    server: str
    worker: str

    @cached_property
    def template(self) -> str:
        name = f"volunteer_{self.worker}_{uuid.uuid4().hex[:8]}"
        self._admin(f'CREATE DATABASE "{name}" TEMPLATE template0')
        migrate(self._url(name))
        return name

    def new(self) -> Database:
        name = f"{self.template}_{uuid.uuid4().hex[:8]}"
        self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"')
        return Database("postgresql", self._url(name))

    def drop(self, database: Database) -> None:
        database.engine.dispose()
        self._admin(f'DROP DATABASE "{make_url(database.url).database}" WITH (FORCE)')

    def close(self) -> None:
        if "template" in self.__dict__:
            self._admin(f'DROP DATABASE "{self.template}" WITH (FORCE)')

    def _url(self, name: str) -> str:
        return make_url(self.server).set(database=name).render_as_string(hide_password=False)

    def _admin(self, statement: str) -> None:
        engine = create_engine(self.server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def migrate(url: str) -> None:
    """Bring an empty database to the newest migration. It needs no page to be in order, so neither does a rule's test."""
    app = Flask("migrating")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    db.init_app(app)
    flask_migrate.Migrate(app, db, directory=str(ROOT / "migrations"))
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()


@contextmanager
def borrowed(factory: Factory) -> Iterator[Database]:
    """Yield a database of its own; drop it afterwards."""
    database = factory.new()
    try:
        yield database
    finally:
        factory.drop(database)
