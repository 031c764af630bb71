"""The newer tables that say what happened are append-only too

A later migration that rebuilds one of these tables (batch mode on SQLite) drops its triggers without a word and must
call for them again; ``flask ledger verify`` notices when they are gone (volunteer/ledger/guards.py names the same tables).
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Table, and what makes a row "already there": REPLACE is an insertion that removes such a row first.
APPEND_ONLY = {
    "ledger_blocks": "number = NEW.number OR first_link = NEW.first_link OR last_link = NEW.last_link",
    "ledger_checkpoints": "number = NEW.number",
    "certificate_signatures": "id = NEW.id OR (certificate_id = NEW.certificate_id AND kid = NEW.kid)",
}


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, there in APPEND_ONLY.items():
        if on_sqlite:
            _guard_sqlite(table, there)
        else:
            _guard_postgresql(table)


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in APPEND_ONLY:
        for act in ("update", "delete", "replace") if on_sqlite else ("change", "truncate"):
            op.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}" + ("" if on_sqlite else f" ON {table}"))


def _guard_sqlite(table: str, there: str) -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
    taken = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {there})"  # noqa: S608 - both stand above
    op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} {taken} {refuse}")


def _guard_postgresql(table: str) -> None:
    changes = {
        "change": f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW",
        "truncate": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
    }
    for act, when in changes.items():
        op.execute(f"CREATE TRIGGER {table}_no_{act} {when} EXECUTE FUNCTION refuse_change()")  # made by migration 0002
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_{act}")  # in replica mode too
