"""Blocks and checkpoints of the books, hours by hand, stars, points, merchants, partners, certificates, merged people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_blocks",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_link", sa.Integer(), nullable=False),
        sa.Column("last_link", sa.Integer(), nullable=False),
        sa.Column("highest_transfer", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_blocks")),
        sa.UniqueConstraint("first_link", name=op.f("uq_ledger_blocks_first_link")),
        sa.UniqueConstraint("last_link", name=op.f("uq_ledger_blocks_last_link")),
    )
    op.create_table(
        "ledger_checkpoints",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("links", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kid", sa.String(length=80), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_checkpoints")),
    )
    op.create_table(
        "partner_seen",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_partner_seen")),
    )
    with op.batch_alter_table("partner_seen", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_seen_at"), ["at"], unique=False)

    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("private_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("begins", sa.DateTime(), nullable=False),
        sa.Column("ends", sa.DateTime(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("revoked_from", sa.DateTime(), nullable=True),
        sa.Column("revoked_why", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_keys")),
    )
    with op.batch_alter_table("signing_keys", schema=None) as batch_op:
        batch_op.create_index("ix_signing_keys_purpose_begins", ["purpose", "begins"], unique=False)

    op.create_table(
        "star_reviews",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("after_id", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_star_reviews")),
    )
    op.create_table(
        "benefits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("words_en", sa.String(length=400), nullable=False),
        sa.Column("giver", sa.String(length=80), nullable=False),
        sa.Column("stars_least", sa.Integer(), nullable=False),
        sa.Column("minutes_least", sa.Integer(), nullable=False),
        sa.Column("age_least", sa.Integer(), nullable=True),
        sa.Column("age_most", sa.Integer(), nullable=True),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("limit_each", sa.Integer(), nullable=True),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("limit_all", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_benefits_used_not_negative")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_benefits_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefits")),
    )
    with op.batch_alter_table("benefits", schema=None) as batch_op:
        batch_op.create_index("uq_benefits_site_id_code", ["site_id", "code"], unique=True)

    op.create_table(
        "brought_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["from_id"], ["people.id"], name=op.f("fk_brought_keys_from_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_brought_keys_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brought_keys")),
    )
    with op.batch_alter_table("brought_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_brought_keys_from_id"), ["from_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_brought_keys_person_id"), ["person_id"], unique=False)

    op.create_table(
        "certificate_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("receiver", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("packed", sa.Integer(), nullable=False),
        sa.Column("packing_until", sa.DateTime(), nullable=True),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("ready_at", sa.DateTime(), nullable=True),
        sa.Column("released_at", sa.DateTime(), nullable=True),
        sa.Column("released_by", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_certificate_batches_asked_by_people")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_certificate_batches_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_batches")),
    )
    with op.batch_alter_table("certificate_batches", schema=None) as batch_op:
        batch_op.create_index("ix_certificate_batches_site_path_asked_at", ["site_path", "asked_at"], unique=False)
        batch_op.create_index("ix_certificate_batches_state_answer_by", ["state", "answer_by"], unique=False)

    op.create_table(
        "check_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("leaving", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("device", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_check_marks_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_marks")),
    )
    with op.batch_alter_table("check_marks", schema=None) as batch_op:
        batch_op.create_index("ix_check_marks_about", ["about"], unique=False)
        batch_op.create_index(batch_op.f("ix_check_marks_at"), ["at"], unique=False)
        batch_op.create_index("ix_check_marks_device_at", ["device", "at"], unique=False)

    op.create_table(
        "ledger_checkpoint_exports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checkpoint", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkpoint"], ["ledger_checkpoints.number"], name=op.f("fk_ledger_checkpoint_exports_checkpoint_ledger_checkpoints")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_checkpoint_exports")),
        sa.UniqueConstraint("checkpoint", "way", name=op.f("uq_ledger_checkpoint_exports_checkpoint_way")),
    )
    op.create_table(
        "ledger_key_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("kid", sa.String(length=80), nullable=True),
        sa.Column("revokes", sa.String(length=16), nullable=True),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.Column("why", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_ledger_key_requests_asked_by_people")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_ledger_key_requests_decided_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_key_requests")),
    )
    op.create_table(
        "merchants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("licence", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=160), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("closed_days", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_merchants_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchants")),
        sa.UniqueConstraint("uid", name=op.f("uq_merchants_uid")),
    )
    with op.batch_alter_table("merchants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merchants_site_id"), ["site_id"], unique=False)
        batch_op.create_index(
            "ix_merchants_status_site_path",
            ["status", "site_path"],
            unique=False,
            postgresql_ops={"site_path": "varchar_pattern_ops"},
        )

    op.create_table(
        "partners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=90), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("gives", sa.Boolean(), nullable=False),
        sa.Column("takes", sa.Boolean(), nullable=False),
        sa.Column("person_daily", sa.Integer(), nullable=False),
        sa.Column("total_daily", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("refused_at", sa.DateTime(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_partners_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners")),
        sa.UniqueConstraint("code", name=op.f("uq_partners_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_partners_uid")),
    )
    with op.batch_alter_table("partners", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partners_site_id"), ["site_id"], unique=False)

    op.create_table(
        "person_merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("before_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("undone_reason", sa.String(length=200), nullable=False),
        sa.Column("points_short", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["gone_id"], ["people.id"], name=op.f("fk_person_merges_gone_id_people")),
        sa.ForeignKeyConstraint(["kept_id"], ["people.id"], name=op.f("fk_person_merges_kept_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merges")),
        sa.UniqueConstraint("uid", name=op.f("uq_person_merges_uid")),
    )
    with op.batch_alter_table("person_merges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_merges_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_merges_gone_id"), ["gone_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_merges_kept_id"), ["kept_id"], unique=False)

    op.create_table(
        "person_pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=80), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_person_pairs_older_first")),
        sa.ForeignKeyConstraint(["one_id"], ["people.id"], name=op.f("fk_person_pairs_one_id_people")),
        sa.ForeignKeyConstraint(["other_id"], ["people.id"], name=op.f("fk_person_pairs_other_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_pairs")),
    )
    with op.batch_alter_table("person_pairs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_pairs_other_id"), ["other_id"], unique=False)
        batch_op.create_index("ix_person_pairs_state_site_path", ["state", "site_path"], unique=False)
        batch_op.create_index("uq_person_pairs_one_id_other_id", ["one_id", "other_id"], unique=True)

    op.create_table(
        "point_counts",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("counted_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_point_counts_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_point_counts")),
    )
    with op.batch_alter_table("point_counts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_point_counts_counted_on"), ["counted_on"], unique=False)

    op.create_table(
        "point_labels",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=12), nullable=False),
        sa.Column("name_en", sa.String(length=30), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_point_labels_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_point_labels")),
    )
    op.create_table(
        "point_lots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("born", sa.Date(), nullable=False),
        sa.Column("runs_out", sa.Date(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_point_lots_person_id_people")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_point_lots_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_lots")),
    )
    with op.batch_alter_table("point_lots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_point_lots_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_point_lots_runs_out", ["runs_out"], unique=False)
        batch_op.create_index("ix_point_lots_site_id", ["site_id"], unique=False)

    op.create_table(
        "point_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("published_from", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'published') = (published_from IS NOT NULL)", name=op.f("ck_point_rules_published_has_its_day")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_point_rules_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_rules")),
    )
    with op.batch_alter_table("point_rules", schema=None) as batch_op:
        batch_op.create_index("ix_point_rules_site_id_valid_from", ["site_id", "valid_from"], unique=False)
        batch_op.create_index("uq_point_rules_published", ["site_id", "published_from"], unique=True)

    op.create_table(
        "point_warnings",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("runs_out", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_point_warnings_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "runs_out", "days", name=op.f("pk_point_warnings")),
    )
    op.create_table(
        "point_worths",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("agreed_by", sa.Integer(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(), nullable=True),
        sa.Column("refused_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("points > 0 AND fen > 0", name=op.f("ck_point_worths_both_positive")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_point_worths_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_worths")),
    )
    with op.batch_alter_table("point_worths", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_point_worths_site_id"), ["site_id"], unique=False)

    op.create_table(
        "benefit_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_benefit_codes_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit_codes")),
    )
    with op.batch_alter_table("benefit_codes", schema=None) as batch_op:
        batch_op.create_index("ix_benefit_codes_code_hash_expires_at", ["code_hash", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_benefit_codes_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "benefit_counts",
        sa.Column("benefit_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_benefit_counts_used_not_negative")),
        sa.ForeignKeyConstraint(["benefit_id"], ["benefits.id"], name=op.f("fk_benefit_counts_benefit_id_benefits")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_benefit_counts_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("benefit_id", "volunteer_id", "period", name=op.f("pk_benefit_counts")),
    )
    with op.batch_alter_table("benefit_counts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_benefit_counts_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "gifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=90), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("words_en", sa.String(length=400), nullable=False),
        sa.Column("photo_id", sa.Integer(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("per_person", sa.Integer(), nullable=False),
        sa.Column("per_month", sa.Integer(), nullable=False),
        sa.Column("hold_hours", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("priced_by", sa.Integer(), nullable=True),
        sa.Column("priced_at", sa.DateTime(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("points IS NULL OR points > 0", name=op.f("ck_gifts_points_positive")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_gifts_stock_not_below_zero")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_gifts_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_gifts_photo_id_photos")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gifts")),
    )
    with op.batch_alter_table("gifts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gifts_merchant_id"), ["merchant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_gifts_photo_id"), ["photo_id"], unique=False)

    op.create_table(
        "homes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=True),
        sa.Column("head_id", sa.Integer(), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=True),
        sa.Column("link_until", sa.DateTime(), nullable=True),
        sa.Column("founded_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_homes_grid_id_grids")),
        sa.ForeignKeyConstraint(["head_id"], ["people.id"], name=op.f("fk_homes_head_id_people")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_homes_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_homes")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_homes_link_hash")),
        sa.UniqueConstraint("number", name=op.f("uq_homes_number")),
    )
    with op.batch_alter_table("homes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_homes_grid_id"), ["grid_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_homes_head_id"), ["head_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_homes_site_id"), ["site_id"], unique=False)

    op.create_table(
        "hours_contests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reply_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("said_at", sa.DateTime(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_hours_contests_decided_by_people")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_hours_contests_site_id_sites")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], name=op.f("fk_hours_contests_transfer_id_ledger_transfers")
        ),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_hours_contests_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_contests")),
        sa.UniqueConstraint("uid", name=op.f("uq_hours_contests_uid")),
    )
    with op.batch_alter_table("hours_contests", schema=None) as batch_op:
        batch_op.create_index("ix_hours_contests_status_site_path", ["status", "site_path"], unique=False)
        batch_op.create_index(batch_op.f("ix_hours_contests_transfer_id"), ["transfer_id"], unique=False)
        batch_op.create_index("ix_hours_contests_volunteer_id", ["volunteer_id"], unique=False)

    op.create_table(
        "hours_findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_hours_findings_decided_by_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_hours_findings_person_id_people")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_hours_findings_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_findings")),
    )
    with op.batch_alter_table("hours_findings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hours_findings_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_hours_findings_state_site_path", ["state", "site_path"], unique=False)
        batch_op.create_index("uq_hours_findings_key", ["key"], unique=True)

    op.create_table(
        "merchant_staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitations.id"], name=op.f("fk_merchant_staff_invitation_id_invitations")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_merchant_staff_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_merchant_staff_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant_staff")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_merchant_staff_invitation_id")),
    )
    with op.batch_alter_table("merchant_staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merchant_staff_merchant_id"), ["merchant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_merchant_staff_person_id"), ["person_id"], unique=False)

    op.create_table(
        "partner_accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("account_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("taken", sa.String(length=40), nullable=True),
        sa.Column("mask", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("agreed_at", sa.DateTime(), nullable=False),
        sa.Column("notice", sa.String(length=20), nullable=False),
        sa.Column("verified_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_partner_accounts_partner_id_partners")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_partner_accounts_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_accounts")),
        sa.UniqueConstraint("uid", name=op.f("uq_partner_accounts_uid")),
    )
    with op.batch_alter_table("partner_accounts", schema=None) as batch_op:
        batch_op.create_index("ix_partner_accounts_person_id", ["person_id", "partner_id"], unique=False)
        batch_op.create_index("uq_partner_accounts_taken", ["partner_id", "taken"], unique=True)

    op.create_table(
        "partner_answers",
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("call", sa.String(length=80), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_partner_answers_partner_id_partners")),
        sa.PrimaryKeyConstraint("partner_id", "call", name=op.f("pk_partner_answers")),
    )
    with op.batch_alter_table("partner_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_answers_at"), ["at"], unique=False)

    op.create_table(
        "partner_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("proposal", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_partner_changes_partner_id_partners")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_changes")),
    )
    with op.batch_alter_table("partner_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_changes_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "partner_differences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=10), nullable=False),
        sa.Column("wire", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("here", sa.JSON(), nullable=False),
        sa.Column("there", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_partner_differences_partner_id_partners")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_differences")),
    )
    with op.batch_alter_table("partner_differences", schema=None) as batch_op:
        batch_op.create_index("uq_partner_differences_once", ["partner_id", "sender", "wire", "kind"], unique=True)

    op.create_table(
        "partner_rates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("ours", sa.Integer(), nullable=False),
        sa.Column("theirs", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("ours > 0 AND theirs > 0", name=op.f("ck_partner_rates_both_positive")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_partner_rates_partner_id_partners")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_rates")),
    )
    with op.batch_alter_table("partner_rates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_rates_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "partner_secrets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("begins", sa.DateTime(), nullable=False),
        sa.Column("ends", sa.DateTime(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_partner_secrets_partner_id_partners")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_secrets")),
        sa.UniqueConstraint("uid", name=op.f("uq_partner_secrets_uid")),
    )
    with op.batch_alter_table("partner_secrets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_secrets_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "person_merge_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("table", sa.String(length=60), nullable=False),
        sa.Column("row", sa.JSON(), nullable=False),
        sa.Column("column", sa.String(length=60), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["person_merges.id"], name=op.f("fk_person_merge_changes_merge_id_person_merges")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge_changes")),
    )
    with op.batch_alter_table("person_merge_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_merge_changes_merge_id"), ["merge_id"], unique=False)

    op.create_table(
        "point_claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_point_claims_person_id_people")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_point_claims_site_id_sites")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], name=op.f("fk_point_claims_transfer_id_ledger_transfers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_claims")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_point_claims_transfer_id")),
    )
    with op.batch_alter_table("point_claims", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_point_claims_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_point_claims_state_site_path", ["state", "site_path"], unique=False)

    op.create_table(
        "point_trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("sums", sa.JSON(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["rule_id"], ["point_rules.id"], name=op.f("fk_point_trials_rule_id_point_rules")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_trials")),
    )
    with op.batch_alter_table("point_trials", schema=None) as batch_op:
        batch_op.create_index("ix_point_trials_done_at", ["done_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_point_trials_rule_id"), ["rule_id"], unique=False)

    op.create_table(
        "points_findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("merchant_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_points_findings_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_points_findings_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_findings")),
        sa.UniqueConstraint("mark", name=op.f("uq_points_findings_mark")),
    )
    with op.batch_alter_table("points_findings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_points_findings_merchant_id"), ["merchant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_points_findings_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_points_findings_verdict_site_path", ["verdict", "site_path"], unique=False)

    op.create_table(
        "small_wishes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("title_en", sa.String(length=90), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.Integer(), nullable=True),
        sa.Column("posted_by", sa.Integer(), nullable=True),
        sa.Column("posted_at", sa.DateTime(), nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_small_wishes_points_positive")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_small_wishes_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_small_wishes_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_small_wishes")),
    )
    with op.batch_alter_table("small_wishes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_small_wishes_merchant_id"), ["merchant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_small_wishes_site_id"), ["site_id"], unique=False)
        batch_op.create_index(
            "ix_small_wishes_site_path_state",
            ["site_path", "state"],
            unique=False,
            postgresql_ops={"site_path": "varchar_pattern_ops"},
        )

    op.create_table(
        "star_awards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(length=32), nullable=False),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("notice_from", sa.Date(), nullable=False),
        sa.Column("notice_until", sa.Date(), nullable=False),
        sa.Column("public", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("stands_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.Column("revoked_reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_star_awards_site_id_sites")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_star_awards_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_awards")),
        sa.UniqueConstraint("number", name=op.f("uq_star_awards_number")),
    )
    with op.batch_alter_table("star_awards", schema=None) as batch_op:
        batch_op.create_index("ix_star_awards_site_path_notice_until", ["site_path", "notice_until"], unique=False)
        batch_op.create_index("ix_star_awards_volunteer_id_decided_at", ["volunteer_id", "decided_at"], unique=False)
        batch_op.create_index(
            "uq_star_awards_volunteer_id_stars_held",
            ["volunteer_id", "stars"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "star_eligibilities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_star_eligibilities_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_eligibilities")),
    )
    with op.batch_alter_table("star_eligibilities", schema=None) as batch_op:
        batch_op.create_index("ix_star_eligibilities_state_found_at", ["state", "found_at"], unique=False)
        batch_op.create_index("uq_star_eligibilities_volunteer_id_stars", ["volunteer_id", "stars"], unique=True)

    op.create_table(
        "star_standings",
        sa.Column("volunteer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(), nullable=False),
        sa.Column("named_since", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_star_standings_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("volunteer_id", name=op.f("pk_star_standings")),
    )
    op.create_table(
        "statements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("stands", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.Column("worth_points", sa.Integer(), nullable=False),
        sa.Column("worth_fen", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("accepted_by", sa.Integer(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(), nullable=True),
        sa.Column("accepted_digest", sa.String(length=64), nullable=True),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("first_by", sa.Integer(), nullable=True),
        sa.Column("first_at", sa.DateTime(), nullable=True),
        sa.Column("second_by", sa.Integer(), nullable=True),
        sa.Column("second_at", sa.DateTime(), nullable=True),
        sa.Column("paid_by", sa.Integer(), nullable=True),
        sa.Column("paid_at", sa.DateTime(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_statements_merchant_id_merchants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint("stands", name=op.f("uq_statements_stands")),
    )
    with op.batch_alter_table("statements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statements_merchant_id"), ["merchant_id"], unique=False)
        batch_op.create_index("ix_statements_status_site_path", ["status", "site_path"], unique=False)

    op.create_table(
        "benefit_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("benefit_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("code_id", sa.Integer(), nullable=True),
        sa.Column("used_at", sa.DateTime(), nullable=False),
        sa.Column("used_by", sa.Integer(), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(), nullable=True),
        sa.Column("taken_back_by", sa.Integer(), nullable=True),
        sa.Column("taken_back_reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["benefit_id"], ["benefits.id"], name=op.f("fk_benefit_uses_benefit_id_benefits")),
        sa.ForeignKeyConstraint(["code_id"], ["benefit_codes.id"], name=op.f("fk_benefit_uses_code_id_benefit_codes")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_benefit_uses_site_id_sites")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_benefit_uses_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit_uses")),
        sa.UniqueConstraint("code_id", name=op.f("uq_benefit_uses_code_id")),
    )
    with op.batch_alter_table("benefit_uses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_benefit_uses_benefit_id"), ["benefit_id"], unique=False)
        batch_op.create_index("ix_benefit_uses_site_path_used_at", ["site_path", "used_at"], unique=False)
        batch_op.create_index("ix_benefit_uses_volunteer_id_used_at", ["volunteer_id", "used_at"], unique=False)

    op.create_table(
        "certificate_awards",
        sa.Column("certificate_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("award_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["star_awards.id"], name=op.f("fk_certificate_awards_award_id_star_awards")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_certificate_awards_certificate_id_certificates")
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_awards")),
    )
    with op.batch_alter_table("certificate_awards", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_awards_award_id"), ["award_id"], unique=False)

    op.create_table(
        "certificate_batch_people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=32), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("guardian_heard_by", sa.Integer(), nullable=True),
        sa.Column("notice", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=80), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["certificate_batches.id"], name=op.f("fk_certificate_batch_people_batch_id_certificate_batches")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_certificate_batch_people_certificate_id_certificates")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteers.id"], name=op.f("fk_certificate_batch_people_volunteer_id_volunteers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_batch_people")),
        sa.UniqueConstraint("batch_id", "volunteer_id", name=op.f("uq_certificate_batch_people_batch_id_volunteer_id")),
    )
    with op.batch_alter_table("certificate_batch_people", schema=None) as batch_op:
        batch_op.create_index("ix_certificate_batch_people_volunteer_id_answer", ["volunteer_id", "answer"], unique=False)

    op.create_table(
        "certificate_signatures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("kid", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_certificate_signatures_certificate_id_certificates")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_signatures")),
        sa.UniqueConstraint("certificate_id", "kid", name=op.f("uq_certificate_signatures_certificate_id_kid")),
    )
    op.create_table(
        "exchanges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=32), nullable=False),
        sa.Column("wire", sa.String(length=64), nullable=False),
        sa.Column("ours", sa.Integer(), nullable=False),
        sa.Column("theirs", sa.Integer(), nullable=False),
        sa.Column("rate_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.CheckConstraint("ours > 0 AND theirs > 0", name=op.f("ck_exchanges_both_positive")),
        sa.ForeignKeyConstraint(["link_id"], ["partner_accounts.id"], name=op.f("fk_exchanges_link_id_partner_accounts")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_exchanges_partner_id_partners")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_exchanges_person_id_people")),
        sa.ForeignKeyConstraint(["rate_id"], ["partner_rates.id"], name=op.f("fk_exchanges_rate_id_partner_rates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
        sa.UniqueConstraint("uid", name=op.f("uq_exchanges_uid")),
    )
    with op.batch_alter_table("exchanges", schema=None) as batch_op:
        batch_op.create_index("ix_exchanges_partner_id_day", ["partner_id", "day"], unique=False)
        batch_op.create_index("ix_exchanges_person_id_day", ["person_id", "day"], unique=False)
        batch_op.create_index("ix_exchanges_status_expires_at", ["status", "expires_at"], unique=False)
        batch_op.create_index("uq_exchanges_partner_id_sender_wire", ["partner_id", "sender", "wire"], unique=True)

    op.create_table(
        "home_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=True),
        sa.Column("invited_at", sa.DateTime(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["home_id"], ["homes.id"], name=op.f("fk_home_members_home_id_homes")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_home_members_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home_members")),
    )
    with op.batch_alter_table("home_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_home_members_home_id"), ["home_id"], unique=False)
        batch_op.create_index("ix_home_members_person_id_state", ["person_id", "state"], unique=False)
        batch_op.create_index(
            "uq_home_members_home_id_person_id_open",
            ["home_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('invited', 'member')"),
            postgresql_where=sa.text("state IN ('invited', 'member')"),
        )
        batch_op.create_index(
            "uq_home_members_person_id_living",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("state = 'member'"),
            postgresql_where=sa.text("state = 'member'"),
        )

    op.create_table(
        "home_months",
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("goal", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["home_id"], ["homes.id"], name=op.f("fk_home_months_home_id_homes")),
        sa.PrimaryKeyConstraint("home_id", "month", name=op.f("pk_home_months")),
    )
    with op.batch_alter_table("home_months", schema=None) as batch_op:
        batch_op.create_index("ix_home_months_month_site_path", ["month", "site_path"], unique=False)

    op.create_table(
        "hours_asks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=False),
        sa.Column("what_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("why_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("photo_id", sa.Integer(), nullable=True),
        sa.Column("contest_id", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_hours_asks_asked_by_people")),
        sa.ForeignKeyConstraint(["contest_id"], ["hours_contests.id"], name=op.f("fk_hours_asks_contest_id_hours_contests")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_hours_asks_decided_by_people")),
        sa.ForeignKeyConstraint(["item_id"], ["service_items.id"], name=op.f("fk_hours_asks_item_id_service_items")),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_hours_asks_photo_id_photos")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_hours_asks_site_id_sites")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_hours_asks_team_id_teams")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_hours_asks_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_asks")),
        sa.UniqueConstraint("uid", name=op.f("uq_hours_asks_uid")),
    )
    with op.batch_alter_table("hours_asks", schema=None) as batch_op:
        batch_op.create_index("ix_hours_asks_asked_by", ["asked_by"], unique=False)
        batch_op.create_index("ix_hours_asks_decided_by_decided_at", ["decided_by", "decided_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_hours_asks_photo_id"), ["photo_id"], unique=False)
        batch_op.create_index("ix_hours_asks_status_site_path", ["status", "site_path"], unique=False)
        batch_op.create_index("ix_hours_asks_volunteer_id_began_at", ["volunteer_id", "began_at"], unique=False)

    op.create_table(
        "point_gifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("receiver_id", sa.Integer(), nullable=True),
        sa.Column("wish_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("returned_at", sa.DateTime(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.CheckConstraint("giver_id <> receiver_id", name=op.f("ck_point_gifts_two_people")),
        sa.CheckConstraint("points > 0", name=op.f("ck_point_gifts_points_positive")),
        sa.ForeignKeyConstraint(["giver_id"], ["people.id"], name=op.f("fk_point_gifts_giver_id_people")),
        sa.ForeignKeyConstraint(["receiver_id"], ["people.id"], name=op.f("fk_point_gifts_receiver_id_people")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_point_gifts_site_id_sites")),
        sa.ForeignKeyConstraint(["wish_id"], ["small_wishes.id"], name=op.f("fk_point_gifts_wish_id_small_wishes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_gifts")),
        sa.UniqueConstraint("uid", name=op.f("uq_point_gifts_uid")),
    )
    with op.batch_alter_table("point_gifts", schema=None) as batch_op:
        batch_op.create_index("ix_point_gifts_giver_id_at", ["giver_id", "at"], unique=False)
        batch_op.create_index("ix_point_gifts_receiver_id_at", ["receiver_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_point_gifts_site_id"), ["site_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_point_gifts_wish_id"), ["wish_id"], unique=False)

    op.create_table(
        "point_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("wish_id", sa.Integer(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.CheckConstraint("decided_by <> asked_by OR alone", name=op.f("ck_point_requests_two_people")),
        sa.CheckConstraint("points <> 0", name=op.f("ck_point_requests_points_not_none")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_point_requests_person_id_people")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_point_requests_site_id_sites")),
        sa.ForeignKeyConstraint(["wish_id"], ["small_wishes.id"], name=op.f("fk_point_requests_wish_id_small_wishes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_requests")),
    )
    with op.batch_alter_table("point_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_point_requests_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_point_requests_state_site_path", ["state", "site_path"], unique=False)
        batch_op.create_index(batch_op.f("ix_point_requests_wish_id"), ["wish_id"], unique=False)

    op.create_table(
        "redemptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("gift_id", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_index", sa.String(length=40), nullable=False),
        sa.Column("nonce_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("nonce_index", sa.String(length=40), nullable=False),
        sa.Column("reserved_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("collected_at", sa.DateTime(), nullable=True),
        sa.Column("collected_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["gift_id"], ["gifts.id"], name=op.f("fk_redemptions_gift_id_gifts")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_redemptions_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_redemptions_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemptions")),
        sa.UniqueConstraint("code_index", name=op.f("uq_redemptions_code_index")),
        sa.UniqueConstraint("nonce_index", name=op.f("uq_redemptions_nonce_index")),
        sa.UniqueConstraint("token", name=op.f("uq_redemptions_token")),
        sa.UniqueConstraint("uid", name=op.f("uq_redemptions_uid")),
    )
    with op.batch_alter_table("redemptions", schema=None) as batch_op:
        batch_op.create_index("ix_redemptions_gift_id_reserved_at", ["gift_id", "reserved_at"], unique=False)
        batch_op.create_index("ix_redemptions_merchant_id_collected_at", ["merchant_id", "collected_at"], unique=False)
        batch_op.create_index("ix_redemptions_person_id_reserved_at", ["person_id", "reserved_at"], unique=False)
        batch_op.create_index("ix_redemptions_status_expires_at", ["status", "expires_at"], unique=False)

    op.create_table(
        "star_doubts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("award_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("raised_at", sa.DateTime(), nullable=False),
        sa.Column("raised_by", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["star_awards.id"], name=op.f("fk_star_doubts_award_id_star_awards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_doubts")),
        sa.UniqueConstraint("uid", name=op.f("uq_star_doubts_uid")),
    )
    with op.batch_alter_table("star_doubts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_star_doubts_award_id"), ["award_id"], unique=False)
        batch_op.create_index("ix_star_doubts_settled_at", ["settled_at"], unique=False)
        batch_op.create_index(
            "uq_star_doubts_award_id_kind_open",
            ["award_id", "kind"],
            unique=True,
            sqlite_where=sa.text("settled_at IS NULL AND kind = 'hours'"),
            postgresql_where=sa.text("settled_at IS NULL AND kind = 'hours'"),
        )

    op.create_table(
        "statement_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("what_en", sa.String(length=90), nullable=False),
        sa.Column("reservation", sa.String(length=80), nullable=False),
        sa.Column("disputed_by", sa.Integer(), nullable=True),
        sa.Column("disputed_at", sa.DateTime(), nullable=True),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_statement_lines_statement_id_statements")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], name=op.f("fk_statement_lines_transfer_id_ledger_transfers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_lines")),
        sa.UniqueConstraint("counted", name=op.f("uq_statement_lines_counted")),
    )
    with op.batch_alter_table("statement_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_lines_statement_id"), ["statement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_statement_lines_transfer_id"), ["transfer_id"], unique=False)

    op.create_table(
        "partner_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("exchange_id", sa.Integer(), nullable=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("failed_at", sa.DateTime(), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=80), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name=op.f("fk_partner_calls_exchange_id_exchanges")),
        sa.ForeignKeyConstraint(["link_id"], ["partner_accounts.id"], name=op.f("fk_partner_calls_link_id_partner_accounts")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_partner_calls_partner_id_partners")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_calls")),
        sa.UniqueConstraint("uid", name=op.f("uq_partner_calls_uid")),
    )
    with op.batch_alter_table("partner_calls", schema=None) as batch_op:
        batch_op.create_index("ix_partner_calls_due_at", ["due_at"], unique=False)
        batch_op.create_index("ix_partner_calls_exchange_id", ["exchange_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partner_calls_link_id"), ["link_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partner_calls_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "refunds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("redemption_id", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("restock", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("first_by", sa.Integer(), nullable=True),
        sa.Column("first_at", sa.DateTime(), nullable=True),
        sa.Column("second_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_refunds_merchant_id_merchants")),
        sa.ForeignKeyConstraint(["redemption_id"], ["redemptions.id"], name=op.f("fk_refunds_redemption_id_redemptions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("redemption_id", name=op.f("uq_refunds_redemption_id")),
    )
    with op.batch_alter_table("refunds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refunds_merchant_id"), ["merchant_id"], unique=False)

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_born_on"), ["born_on"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_born_on"))

    with op.batch_alter_table("refunds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refunds_merchant_id"))

    op.drop_table("refunds")
    with op.batch_alter_table("partner_calls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_calls_partner_id"))
        batch_op.drop_index(batch_op.f("ix_partner_calls_link_id"))
        batch_op.drop_index("ix_partner_calls_exchange_id")
        batch_op.drop_index("ix_partner_calls_due_at")

    op.drop_table("partner_calls")
    with op.batch_alter_table("statement_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statement_lines_transfer_id"))
        batch_op.drop_index(batch_op.f("ix_statement_lines_statement_id"))

    op.drop_table("statement_lines")
    with op.batch_alter_table("star_doubts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_star_doubts_award_id_kind_open",
            sqlite_where=sa.text("settled_at IS NULL AND kind = 'hours'"),
            postgresql_where=sa.text("settled_at IS NULL AND kind = 'hours'"),
        )
        batch_op.drop_index("ix_star_doubts_settled_at")
        batch_op.drop_index(batch_op.f("ix_star_doubts_award_id"))

    op.drop_table("star_doubts")
    with op.batch_alter_table("redemptions", schema=None) as batch_op:
        batch_op.drop_index("ix_redemptions_status_expires_at")
        batch_op.drop_index("ix_redemptions_person_id_reserved_at")
        batch_op.drop_index("ix_redemptions_merchant_id_collected_at")
        batch_op.drop_index("ix_redemptions_gift_id_reserved_at")

    op.drop_table("redemptions")
    with op.batch_alter_table("point_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_requests_wish_id"))
        batch_op.drop_index("ix_point_requests_state_site_path")
        batch_op.drop_index(batch_op.f("ix_point_requests_person_id"))

    op.drop_table("point_requests")
    with op.batch_alter_table("point_gifts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_gifts_wish_id"))
        batch_op.drop_index(batch_op.f("ix_point_gifts_site_id"))
        batch_op.drop_index("ix_point_gifts_receiver_id_at")
        batch_op.drop_index("ix_point_gifts_giver_id_at")

    op.drop_table("point_gifts")
    with op.batch_alter_table("hours_asks", schema=None) as batch_op:
        batch_op.drop_index("ix_hours_asks_volunteer_id_began_at")
        batch_op.drop_index("ix_hours_asks_status_site_path")
        batch_op.drop_index(batch_op.f("ix_hours_asks_photo_id"))
        batch_op.drop_index("ix_hours_asks_decided_by_decided_at")
        batch_op.drop_index("ix_hours_asks_asked_by")

    op.drop_table("hours_asks")
    with op.batch_alter_table("home_months", schema=None) as batch_op:
        batch_op.drop_index("ix_home_months_month_site_path")

    op.drop_table("home_months")
    with op.batch_alter_table("home_members", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_home_members_person_id_living",
            sqlite_where=sa.text("state = 'member'"),
            postgresql_where=sa.text("state = 'member'"),
        )
        batch_op.drop_index(
            "uq_home_members_home_id_person_id_open",
            sqlite_where=sa.text("state IN ('invited', 'member')"),
            postgresql_where=sa.text("state IN ('invited', 'member')"),
        )
        batch_op.drop_index("ix_home_members_person_id_state")
        batch_op.drop_index(batch_op.f("ix_home_members_home_id"))

    op.drop_table("home_members")
    with op.batch_alter_table("exchanges", schema=None) as batch_op:
        batch_op.drop_index("uq_exchanges_partner_id_sender_wire")
        batch_op.drop_index("ix_exchanges_status_expires_at")
        batch_op.drop_index("ix_exchanges_person_id_day")
        batch_op.drop_index("ix_exchanges_partner_id_day")

    op.drop_table("exchanges")
    op.drop_table("certificate_signatures")
    with op.batch_alter_table("certificate_batch_people", schema=None) as batch_op:
        batch_op.drop_index("ix_certificate_batch_people_volunteer_id_answer")

    op.drop_table("certificate_batch_people")
    with op.batch_alter_table("certificate_awards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_awards_award_id"))

    op.drop_table("certificate_awards")
    with op.batch_alter_table("benefit_uses", schema=None) as batch_op:
        batch_op.drop_index("ix_benefit_uses_volunteer_id_used_at")
        batch_op.drop_index("ix_benefit_uses_site_path_used_at")
        batch_op.drop_index(batch_op.f("ix_benefit_uses_benefit_id"))

    op.drop_table("benefit_uses")
    with op.batch_alter_table("statements", schema=None) as batch_op:
        batch_op.drop_index("ix_statements_status_site_path")
        batch_op.drop_index(batch_op.f("ix_statements_merchant_id"))

    op.drop_table("statements")
    op.drop_table("star_standings")
    with op.batch_alter_table("star_eligibilities", schema=None) as batch_op:
        batch_op.drop_index("uq_star_eligibilities_volunteer_id_stars")
        batch_op.drop_index("ix_star_eligibilities_state_found_at")

    op.drop_table("star_eligibilities")
    with op.batch_alter_table("star_awards", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_star_awards_volunteer_id_stars_held",
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )
        batch_op.drop_index("ix_star_awards_volunteer_id_decided_at")
        batch_op.drop_index("ix_star_awards_site_path_notice_until")

    op.drop_table("star_awards")
    with op.batch_alter_table("small_wishes", schema=None) as batch_op:
        batch_op.drop_index("ix_small_wishes_site_path_state", postgresql_ops={"site_path": "varchar_pattern_ops"})
        batch_op.drop_index(batch_op.f("ix_small_wishes_site_id"))
        batch_op.drop_index(batch_op.f("ix_small_wishes_merchant_id"))

    op.drop_table("small_wishes")
    with op.batch_alter_table("points_findings", schema=None) as batch_op:
        batch_op.drop_index("ix_points_findings_verdict_site_path")
        batch_op.drop_index(batch_op.f("ix_points_findings_person_id"))
        batch_op.drop_index(batch_op.f("ix_points_findings_merchant_id"))

    op.drop_table("points_findings")
    with op.batch_alter_table("point_trials", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_trials_rule_id"))
        batch_op.drop_index("ix_point_trials_done_at")

    op.drop_table("point_trials")
    with op.batch_alter_table("point_claims", schema=None) as batch_op:
        batch_op.drop_index("ix_point_claims_state_site_path")
        batch_op.drop_index(batch_op.f("ix_point_claims_person_id"))

    op.drop_table("point_claims")
    with op.batch_alter_table("person_merge_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_merge_changes_merge_id"))

    op.drop_table("person_merge_changes")
    with op.batch_alter_table("partner_secrets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_secrets_partner_id"))

    op.drop_table("partner_secrets")
    with op.batch_alter_table("partner_rates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_rates_partner_id"))

    op.drop_table("partner_rates")
    with op.batch_alter_table("partner_differences", schema=None) as batch_op:
        batch_op.drop_index("uq_partner_differences_once")

    op.drop_table("partner_differences")
    with op.batch_alter_table("partner_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_changes_partner_id"))

    op.drop_table("partner_changes")
    with op.batch_alter_table("partner_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_answers_at"))

    op.drop_table("partner_answers")
    with op.batch_alter_table("partner_accounts", schema=None) as batch_op:
        batch_op.drop_index("uq_partner_accounts_taken")
        batch_op.drop_index("ix_partner_accounts_person_id")

    op.drop_table("partner_accounts")
    with op.batch_alter_table("merchant_staff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_merchant_staff_person_id"))
        batch_op.drop_index(batch_op.f("ix_merchant_staff_merchant_id"))

    op.drop_table("merchant_staff")
    with op.batch_alter_table("hours_findings", schema=None) as batch_op:
        batch_op.drop_index("uq_hours_findings_key")
        batch_op.drop_index("ix_hours_findings_state_site_path")
        batch_op.drop_index(batch_op.f("ix_hours_findings_person_id"))

    op.drop_table("hours_findings")
    with op.batch_alter_table("hours_contests", schema=None) as batch_op:
        batch_op.drop_index("ix_hours_contests_volunteer_id")
        batch_op.drop_index(batch_op.f("ix_hours_contests_transfer_id"))
        batch_op.drop_index("ix_hours_contests_status_site_path")

    op.drop_table("hours_contests")
    with op.batch_alter_table("homes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_homes_site_id"))
        batch_op.drop_index(batch_op.f("ix_homes_head_id"))
        batch_op.drop_index(batch_op.f("ix_homes_grid_id"))

    op.drop_table("homes")
    with op.batch_alter_table("gifts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gifts_photo_id"))
        batch_op.drop_index(batch_op.f("ix_gifts_merchant_id"))

    op.drop_table("gifts")
    with op.batch_alter_table("benefit_counts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_benefit_counts_volunteer_id"))

    op.drop_table("benefit_counts")
    with op.batch_alter_table("benefit_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_benefit_codes_volunteer_id"))
        batch_op.drop_index("ix_benefit_codes_code_hash_expires_at")

    op.drop_table("benefit_codes")
    with op.batch_alter_table("point_worths", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_worths_site_id"))

    op.drop_table("point_worths")
    op.drop_table("point_warnings")
    with op.batch_alter_table("point_rules", schema=None) as batch_op:
        batch_op.drop_index("uq_point_rules_published")
        batch_op.drop_index("ix_point_rules_site_id_valid_from")

    op.drop_table("point_rules")
    with op.batch_alter_table("point_lots", schema=None) as batch_op:
        batch_op.drop_index("ix_point_lots_site_id")
        batch_op.drop_index("ix_point_lots_runs_out")
        batch_op.drop_index(batch_op.f("ix_point_lots_person_id"))

    op.drop_table("point_lots")
    op.drop_table("point_labels")
    with op.batch_alter_table("point_counts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_counts_counted_on"))

    op.drop_table("point_counts")
    with op.batch_alter_table("person_pairs", schema=None) as batch_op:
        batch_op.drop_index("uq_person_pairs_one_id_other_id")
        batch_op.drop_index("ix_person_pairs_state_site_path")
        batch_op.drop_index(batch_op.f("ix_person_pairs_other_id"))

    op.drop_table("person_pairs")
    with op.batch_alter_table("person_merges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_merges_kept_id"))
        batch_op.drop_index(batch_op.f("ix_person_merges_gone_id"))
        batch_op.drop_index(batch_op.f("ix_person_merges_at"))

    op.drop_table("person_merges")
    with op.batch_alter_table("partners", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partners_site_id"))

    op.drop_table("partners")
    with op.batch_alter_table("merchants", schema=None) as batch_op:
        batch_op.drop_index("ix_merchants_status_site_path", postgresql_ops={"site_path": "varchar_pattern_ops"})
        batch_op.drop_index(batch_op.f("ix_merchants_site_id"))

    op.drop_table("merchants")
    op.drop_table("ledger_key_requests")
    op.drop_table("ledger_checkpoint_exports")
    with op.batch_alter_table("check_marks", schema=None) as batch_op:
        batch_op.drop_index("ix_check_marks_device_at")
        batch_op.drop_index(batch_op.f("ix_check_marks_at"))
        batch_op.drop_index("ix_check_marks_about")

    op.drop_table("check_marks")
    with op.batch_alter_table("certificate_batches", schema=None) as batch_op:
        batch_op.drop_index("ix_certificate_batches_state_answer_by")
        batch_op.drop_index("ix_certificate_batches_site_path_asked_at")

    op.drop_table("certificate_batches")
    with op.batch_alter_table("brought_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_brought_keys_person_id"))
        batch_op.drop_index(batch_op.f("ix_brought_keys_from_id"))

    op.drop_table("brought_keys")
    with op.batch_alter_table("benefits", schema=None) as batch_op:
        batch_op.drop_index("uq_benefits_site_id_code")

    op.drop_table("benefits")
    op.drop_table("star_reviews")
    with op.batch_alter_table("signing_keys", schema=None) as batch_op:
        batch_op.drop_index("ix_signing_keys_purpose_begins")

    op.drop_table("signing_keys")
    with op.batch_alter_table("partner_seen", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_seen_at"))

    op.drop_table("partner_seen")
    op.drop_table("ledger_checkpoints")
    op.drop_table("ledger_blocks")
