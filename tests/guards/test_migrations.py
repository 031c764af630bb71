"""Migrations run up, match the models, run down and up again, on both databases."""

from __future__ import annotations

import re
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from tests.support.databases import Database
from volunteer.kernel.db import Base, db, engine_options

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = sorted((ROOT / "migrations/versions").glob("*.py"))


@pytest.fixture
def migrating(database: Database) -> Flask:
    app = Flask("migrating")
    app.config.update(SQLALCHEMY_DATABASE_URI=database.url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(database.url))
    db.init_app(app)
    flask_migrate.Migrate(app, db, directory=str(ROOT / "migrations"))
    return app


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": Base.metadata})
        return list(compare_metadata(context, Base.metadata))


def test_up_matches_the_models_and_down_leaves_nothing(migrating: Flask, database: Database) -> None:
    assert differences(database) == []
    with migrating.app_context():
        flask_migrate.downgrade(revision="base")
        assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
        flask_migrate.upgrade()
        db.engine.dispose()
    assert differences(database) == []


def test_migrations_are_numbered_in_one_line_and_free_of_our_code() -> None:
    for number, path in enumerate(VERSIONS, 1):
        text = path.read_text(encoding="utf-8")
        assert path.name.startswith(f"{number:04d}_")
        assert f'revision = "{number:04d}"' in text
        assert ("down_revision = None" if number == 1 else f'down_revision = "{number - 1:04d}"') in text
        assert not re.search(r"^(from|import) volunteer", text, re.MULTILINE)
