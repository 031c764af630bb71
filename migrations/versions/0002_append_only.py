"""The database itself refuses to rewrite the ledger, the audit log, and what a certificate says

A later migration that rebuilds one of these tables (batch mode on SQLite) drops its triggers without a word and must
call for them again; ``flask ledger verify`` notices when they are gone.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Table, and what makes a row "already there": REPLACE is an insertion that removes such a row first.
APPEND_ONLY = {
    "ledger_transfers": "id = NEW.id OR (NEW.reverses_id IS NOT NULL AND reverses_id = NEW.reverses_id)",
    "ledger_links": "number = NEW.number OR transfer_id = NEW.transfer_id",
    "audit_entries": "id = NEW.id",
    "ledger_keys": "",  # taking a key twice is asked for in the course of business (ON CONFLICT DO NOTHING)
}
FROZEN = (
    "number", "volunteer_id", "site_id", "locale", "period_begins", "period_ends", "facts", "digest", "issued_at", "issued_by",
)  # fmt: skip


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for act in ("update", "delete", "replace"):
                op.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}")
        op.execute("DROP TRIGGER IF EXISTS certificates_no_update")
        return
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER IF EXISTS {table}_no_change ON {table}")
        op.execute(f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}")
    op.execute("DROP TRIGGER IF EXISTS certificates_no_update ON certificates")
    op.execute("DROP FUNCTION IF EXISTS refuse_change()")


def _guard_sqlite() -> None:
    for table, there in APPEND_ONLY.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        if there:  # refuses REPLACE even to a client that did not turn recursive_triggers on
            taken = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {there})"  # noqa: S608 - both stand above
            op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} {taken} {refuse}")
    op.execute(
        f"CREATE TRIGGER certificates_no_update BEFORE UPDATE OF {', '.join(FROZEN)} ON certificates"
        " BEGIN SELECT RAISE(ABORT, 'a certificate is replaced, never edited'); END"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in APPEND_ONLY:
        _trigger(f"{table}_no_change", f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW", table)
        _trigger(f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT", table)
    _trigger("certificates_no_update", f"BEFORE UPDATE OF {', '.join(FROZEN)} ON certificates FOR EACH ROW", "certificates")


def _trigger(name: str, when: str, table: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION refuse_change()")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")  # in replica mode too
