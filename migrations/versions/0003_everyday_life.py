"""Everyday life"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accidents",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "place", name=op.f("pk_accidents")),
    )
    op.create_table(
        "backups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("file", sa.String(length=300), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backups")),
    )
    with op.batch_alter_table("backups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_backups_made_at"), ["made_at"], unique=False)

    op.create_table(
        "marker_kinds",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_marker_kinds")),
    )
    op.create_table(
        "cares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("helper_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(length=32), nullable=False),
        sa.Column("how", sa.String(length=32), nullable=False),
        sa.Column("notice", sa.String(length=20), nullable=False),
        sa.Column("agreed_at", sa.DateTime(), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["helper_id"], ["people.id"], name=op.f("fk_cares_helper_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_cares_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cares")),
        sa.UniqueConstraint("uid", name=op.f("uq_cares_uid")),
    )
    with op.batch_alter_table("cares", schema=None) as batch_op:
        batch_op.create_index("ix_cares_helper_id_ended_at", ["helper_id", "ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_cares_person_id"), ["person_id"], unique=False)

    op.create_table(
        "grids",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("keeper", sa.String(length=120), nullable=False),
        sa.Column("area", sa.JSON(), nullable=False),
        sa.Column("square_metres", sa.Float(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("search", sa.String(length=500), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_grids_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grids")),
        sa.UniqueConstraint("code", name=op.f("uq_grids_code")),
    )
    with op.batch_alter_table("grids", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grids_site_id"), ["site_id"], unique=False)

    op.create_table(
        "guardians",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("notice", sa.String(length=20), nullable=False),
        sa.Column("consented_at", sa.DateTime(), nullable=False),
        sa.Column("via", sa.Integer(), nullable=True),
        sa.Column("heard_at", sa.DateTime(), nullable=True),
        sa.Column("heard_by", sa.Integer(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["people.id"], name=op.f("fk_guardians_volunteer_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardians")),
        sa.UniqueConstraint("uid", name=op.f("uq_guardians_uid")),
        sa.UniqueConstraint("volunteer_id", name=op.f("uq_guardians_volunteer_id")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_invitations_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
        sa.UniqueConstraint("uid", name=op.f("uq_invitations_uid")),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitations_made_by"), ["made_by"], unique=False)
        batch_op.create_index("ix_invitations_site_id_expires_at", ["site_id", "expires_at"], unique=False)

    op.create_table(
        "markers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("kind_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("consent_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("check_on", sa.Date(), nullable=False),
        sa.Column("kept_by", sa.Integer(), nullable=True),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_markers_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_markers")),
        sa.UniqueConstraint("uid", name=op.f("uq_markers_uid")),
    )
    with op.batch_alter_table("markers", schema=None) as batch_op:
        batch_op.create_index("ix_markers_person_id_site_path", ["person_id", "site_path"], unique=False)

    op.create_table(
        "pending_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_pending_entries_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_entries")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_pending_entries_token_hash")),
    )
    with op.batch_alter_table("pending_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pending_entries_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_codes_person_id"), ["person_id"], unique=False)

    op.create_table(
        "reset_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reset_links_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_reset_links_token_hash")),
    )
    with op.batch_alter_table("reset_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reset_links_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_reset_links_person_id"), ["person_id"], unique=False)

    op.create_table(
        "saved_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("label_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("door_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_saved_places_person_id_people")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_saved_places_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_places")),
        sa.UniqueConstraint("uid", name=op.f("uq_saved_places_uid")),
    )
    with op.batch_alter_table("saved_places", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_places_person_id"), ["person_id"], unique=False)

    op.create_table(
        "second_factors",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("begun_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_second_factors_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_second_factors")),
        sa.UniqueConstraint("uid", name=op.f("uq_second_factors_uid")),
    )
    op.create_table(
        "sheet_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("news", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("sames", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("file_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("report_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name=op.f("fk_sheet_imports_made_by_people")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_sheet_imports_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_imports")),
        sa.UniqueConstraint("uid", name=op.f("uq_sheet_imports_uid")),
    )
    with op.batch_alter_table("sheet_imports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_imports_made_by"), ["made_by"], unique=False)
        batch_op.create_index("ix_sheet_imports_state_uploaded_at", ["state", "uploaded_at"], unique=False)

    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("written_by", sa.Integer(), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reply_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("wants_answer", sa.Boolean(), nullable=False),
        sa.Column("quotable", sa.Boolean(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("desk_path", sa.String(length=120), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("content", sa.Boolean(), nullable=True),
        sa.Column("passed_on_at", sa.DateTime(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["desk_id"], ["sites.id"], name=op.f("fk_cases_desk_id_sites")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_cases_person_id_people")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_cases_site_id_sites")),
        sa.ForeignKeyConstraint(["taken_by"], ["people.id"], name=op.f("fk_cases_taken_by_people")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_cases_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_cases_secret_hash")),
        sa.UniqueConstraint("uid", name=op.f("uq_cases_uid")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_about", ["about"], unique=False)
        batch_op.create_index(
            "ix_cases_desk_path_status",
            ["desk_path", "status"],
            unique=False,
            postgresql_ops={"desk_path": "varchar_pattern_ops"},
        )
        batch_op.create_index(batch_op.f("ix_cases_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "ix_cases_site_path_opened_at",
            ["site_path", "opened_at"],
            unique=False,
            postgresql_ops={"site_path": "varchar_pattern_ops"},
        )
        batch_op.create_index("ix_cases_status_due_at", ["status", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_taken_by"), ["taken_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_team_id"), ["team_id"], unique=False)

    op.create_table(
        "sheet_import_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("thing", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["sheet_imports.id"], name=op.f("fk_sheet_import_rows_import_id_sheet_imports")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_import_rows")),
    )
    with op.batch_alter_table("sheet_import_rows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_import_rows_import_id"), ["import_id"], unique=False)

    op.create_table(
        "standing_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("care_id", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("notice", sa.String(length=20), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("door_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("to_minute", sa.Integer(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("look_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["care_id"], ["cares.id"], name=op.f("fk_standing_orders_care_id_cares")),
        sa.ForeignKeyConstraint(["item_id"], ["service_items.id"], name=op.f("fk_standing_orders_item_id_service_items")),
        sa.ForeignKeyConstraint(["resident_id"], ["people.id"], name=op.f("fk_standing_orders_resident_id_people")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_standing_orders_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_orders")),
        sa.UniqueConstraint("uid", name=op.f("uq_standing_orders_uid")),
    )
    with op.batch_alter_table("standing_orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_standing_orders_care_id"), ["care_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_standing_orders_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_standing_orders_site_path"), ["site_path"], unique=False)
        batch_op.create_index("ix_standing_orders_state_look_at", ["state", "look_at"], unique=False)

    op.create_table(
        "team_applications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("applicant_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("about", sa.String(length=600), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("reach_km", sa.Float(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("applied_at", sa.DateTime(), nullable=False),
        sa.Column("answer", sa.String(length=32), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["applicant_id"], ["volunteers.id"], name=op.f("fk_team_applications_applicant_id_volunteers")),
        sa.ForeignKeyConstraint(["class_id"], ["team_classes.id"], name=op.f("fk_team_applications_class_id_team_classes")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_team_applications_site_id_sites")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_applications_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_applications")),
    )
    with op.batch_alter_table("team_applications", schema=None) as batch_op:
        batch_op.create_index("ix_team_applications_answer_site_path", ["answer", "site_path"], unique=False)
        batch_op.create_index(batch_op.f("ix_team_applications_applicant_id"), ["applicant_id"], unique=False)

    op.create_table(
        "team_areas",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_team_areas_site_id_sites")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_areas_team_id_teams")),
        sa.PrimaryKeyConstraint("team_id", "site_id", name=op.f("pk_team_areas")),
    )
    op.create_table(
        "team_asks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("leaves", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("answer", sa.String(length=32), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_asks_team_id_teams")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_team_asks_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_asks")),
    )
    with op.batch_alter_table("team_asks", schema=None) as batch_op:
        batch_op.create_index("ix_team_asks_team_id_answer", ["team_id", "answer"], unique=False)
        batch_op.create_index("ix_team_asks_volunteer_id_answer", ["volunteer_id", "answer"], unique=False)

    op.create_table(
        "volunteer_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("free", sa.Boolean(), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=True),
        sa.Column("ends", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_volunteer_days_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_days")),
    )
    with op.batch_alter_table("volunteer_days", schema=None) as batch_op:
        batch_op.create_index("ix_volunteer_days_volunteer_id_last", ["volunteer_id", "last"], unique=False)

    op.create_table(
        "volunteer_papers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("photo_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=True),
        sa.Column("checked_by", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("warned_days", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_volunteer_papers_photo_id_photos")),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_volunteer_papers_skill_id_skills")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_volunteer_papers_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_papers")),
    )
    with op.batch_alter_table("volunteer_papers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_volunteer_papers_photo_id"), ["photo_id"], unique=False)
        batch_op.create_index("ix_volunteer_papers_state_until", ["state", "until"], unique=False)
        batch_op.create_index(batch_op.f("ix_volunteer_papers_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "volunteer_wishes",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("likes", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["service_categories.id"], name=op.f("fk_volunteer_wishes_category_id_service_categories")
        ),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_volunteer_wishes_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("volunteer_id", "category_id", name=op.f("pk_volunteer_wishes")),
    )
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("planned_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column("answer_by", sa.DateTime(), nullable=True),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("said_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_absences_order_id_service_orders")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_absences_team_id_teams")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_absences_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
        sa.UniqueConstraint("uid", name=op.f("uq_absences_uid")),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index("ix_absences_state_site_path", ["state", "site_path"], unique=False)
        batch_op.create_index("ix_absences_volunteer_id_state", ["volunteer_id", "state"], unique=False)
        batch_op.create_index("uq_absences_order_id_volunteer_id_about", ["order_id", "volunteer_id", "about"], unique=True)

    op.create_table(
        "case_asks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("shown_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_asks_case_id_cases")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_case_asks_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_asks")),
        sa.UniqueConstraint("uid", name=op.f("uq_case_asks_uid")),
    )
    with op.batch_alter_table("case_asks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_asks_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_case_asks_team_id_answered_at", ["team_id", "answered_at"], unique=False)

    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
        sa.UniqueConstraint("uid", name=op.f("uq_case_events_uid")),
    )
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_events_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_photos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("photo_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_photos_case_id_cases")),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_case_photos_photo_id_photos")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_photos")),
        sa.UniqueConstraint("photo_id", name=op.f("uq_case_photos_photo_id")),
    )
    with op.batch_alter_table("case_photos", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_photos_case_id"), ["case_id"], unique=False)

    op.create_table(
        "order_moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("begins", sa.DateTime(), nullable=False),
        sa.Column("ends", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_order_moves_order_id_service_orders")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_order_moves_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_moves")),
    )
    with op.batch_alter_table("order_moves", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_moves_order_id"), ["order_id"], unique=False)

    op.create_table(
        "rating_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("released_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_rating_holds_case_id_cases")),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_rating_holds_order_id_service_orders")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_rating_holds_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_holds")),
        sa.UniqueConstraint("case_id", name=op.f("uq_rating_holds_case_id")),
    )
    with op.batch_alter_table("rating_holds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rating_holds_order_id"), ["order_id"], unique=False)
        batch_op.create_index("ix_rating_holds_released_at_until", ["released_at", "until"], unique=False)

    op.create_table(
        "really_solved",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("finished_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("by", sa.String(length=32), nullable=True),
        sa.Column("clerk_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["finished_by"], ["people.id"], name=op.f("fk_really_solved_finished_by_people")),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_really_solved_order_id_service_orders")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_really_solved_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_really_solved")),
        sa.UniqueConstraint("order_id", "turn", name=op.f("uq_really_solved_order_id_turn")),
    )
    with op.batch_alter_table("really_solved", schema=None) as batch_op:
        batch_op.create_index("ix_really_solved_site_path_answered_at", ["site_path", "answered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_really_solved_team_id"), ["team_id"], unique=False)

    op.create_table(
        "standing_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("standing_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_standing_days_order_id_service_orders")),
        sa.ForeignKeyConstraint(
            ["standing_id"], ["standing_orders.id"], name=op.f("fk_standing_days_standing_id_standing_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_days")),
        sa.UniqueConstraint("order_id", name=op.f("uq_standing_days_order_id")),
        sa.UniqueConstraint("standing_id", "day", name=op.f("uq_standing_days_standing_id_day")),
    )
    with op.batch_alter_table("order_visitors", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=32), server_default="going", nullable=False))
        batch_op.add_column(sa.Column("team_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("since", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("until", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("history", sa.JSON(), server_default="[]", nullable=False))
        batch_op.create_index(batch_op.f("ix_order_visitors_until"), ["until"], unique=False)

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("search", sa.String(length=400), nullable=True))
        batch_op.add_column(sa.Column("phone_tail_index", sa.String(length=40), nullable=True))
        batch_op.create_index(batch_op.f("ix_people_phone_tail_index"), ["phone_tail_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_people_search"), ["search"], unique=False)

    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", sa.DateTime(), nullable=True))

    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hold_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("words_state", sa.String(length=32), server_default="unread", nullable=False))
        batch_op.add_column(sa.Column("masked_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("words_reason", sa.String(length=300), server_default="", nullable=False))
        batch_op.add_column(sa.Column("words_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("words_at", sa.DateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_ratings_words_state"), ["words_state"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_ratings_hold_id_rating_holds"), "rating_holds", ["hold_id"], ["id"])

    with op.batch_alter_table("service_categories", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("service_items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("service_orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("care_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("solved_ask_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("handed_back_at", sa.DateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_service_orders_care_id"), ["care_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_orders_solved_ask_at"), ["solved_ask_at"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_service_orders_care_id_cares"), "cares", ["care_id"], ["id"])

    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("skills", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.String(length=600), server_default="", nullable=False))
        batch_op.add_column(sa.Column("about_en", sa.String(length=800), server_default="", nullable=False))

    with op.batch_alter_table("venues", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("volunteers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("standing", sa.String(length=32), server_default="active", nullable=False))
        batch_op.add_column(sa.Column("standing_words", sa.String(length=200), server_default="", nullable=False))
        batch_op.add_column(sa.Column("standing_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("insurance", sa.String(length=60), server_default="", nullable=False))
        batch_op.add_column(sa.Column("speaks", sa.String(length=80), server_default="", nullable=False))
        batch_op.add_column(sa.Column("reach_km", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("by_day", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("volunteers", schema=None) as batch_op:
        batch_op.drop_column("by_day")
        batch_op.drop_column("reach_km")
        batch_op.drop_column("speaks")
        batch_op.drop_column("insurance")
        batch_op.drop_column("standing_at")
        batch_op.drop_column("standing_words")
        batch_op.drop_column("standing")

    with op.batch_alter_table("venues", schema=None) as batch_op:
        batch_op.drop_column("version")

    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.drop_column("about_en")
        batch_op.drop_column("about")

    with op.batch_alter_table("skills", schema=None) as batch_op:
        batch_op.drop_column("version")
        batch_op.drop_column("closed_at")

    with op.batch_alter_table("sites", schema=None) as batch_op:
        batch_op.drop_column("version")

    with op.batch_alter_table("service_orders", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_service_orders_care_id_cares"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_service_orders_solved_ask_at"))
        batch_op.drop_index(batch_op.f("ix_service_orders_care_id"))
        batch_op.drop_column("handed_back_at")
        batch_op.drop_column("solved_ask_at")
        batch_op.drop_column("care_id")

    with op.batch_alter_table("service_items", schema=None) as batch_op:
        batch_op.drop_column("version")

    with op.batch_alter_table("service_categories", schema=None) as batch_op:
        batch_op.drop_column("version")
        batch_op.drop_column("closed_at")

    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_ratings_hold_id_rating_holds"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_ratings_words_state"))
        batch_op.drop_column("words_at")
        batch_op.drop_column("words_by")
        batch_op.drop_column("words_reason")
        batch_op.drop_column("masked_sealed")
        batch_op.drop_column("words_state")
        batch_op.drop_column("hold_id")

    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.drop_column("closed_at")

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_search"))
        batch_op.drop_index(batch_op.f("ix_people_phone_tail_index"))
        batch_op.drop_column("phone_tail_index")
        batch_op.drop_column("search")

    with op.batch_alter_table("order_visitors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_visitors_until"))
        batch_op.drop_column("history")
        batch_op.drop_column("until")
        batch_op.drop_column("since")
        batch_op.drop_column("team_id")
        batch_op.drop_column("state")

    op.drop_table("standing_days")
    with op.batch_alter_table("really_solved", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_really_solved_team_id"))
        batch_op.drop_index("ix_really_solved_site_path_answered_at")

    op.drop_table("really_solved")
    with op.batch_alter_table("rating_holds", schema=None) as batch_op:
        batch_op.drop_index("ix_rating_holds_released_at_until")
        batch_op.drop_index(batch_op.f("ix_rating_holds_order_id"))

    op.drop_table("rating_holds")
    with op.batch_alter_table("order_moves", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_moves_order_id"))

    op.drop_table("order_moves")
    with op.batch_alter_table("case_photos", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_photos_case_id"))

    op.drop_table("case_photos")
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_events_case_id"))

    op.drop_table("case_events")
    with op.batch_alter_table("case_asks", schema=None) as batch_op:
        batch_op.drop_index("ix_case_asks_team_id_answered_at")
        batch_op.drop_index(batch_op.f("ix_case_asks_case_id"))

    op.drop_table("case_asks")
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.drop_index("uq_absences_order_id_volunteer_id_about")
        batch_op.drop_index("ix_absences_volunteer_id_state")
        batch_op.drop_index("ix_absences_state_site_path")

    op.drop_table("absences")
    op.drop_table("volunteer_wishes")
    with op.batch_alter_table("volunteer_papers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_volunteer_papers_volunteer_id"))
        batch_op.drop_index("ix_volunteer_papers_state_until")
        batch_op.drop_index(batch_op.f("ix_volunteer_papers_photo_id"))

    op.drop_table("volunteer_papers")
    with op.batch_alter_table("volunteer_days", schema=None) as batch_op:
        batch_op.drop_index("ix_volunteer_days_volunteer_id_last")

    op.drop_table("volunteer_days")
    with op.batch_alter_table("team_asks", schema=None) as batch_op:
        batch_op.drop_index("ix_team_asks_volunteer_id_answer")
        batch_op.drop_index("ix_team_asks_team_id_answer")

    op.drop_table("team_asks")
    op.drop_table("team_areas")
    with op.batch_alter_table("team_applications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_applications_applicant_id"))
        batch_op.drop_index("ix_team_applications_answer_site_path")

    op.drop_table("team_applications")
    with op.batch_alter_table("standing_orders", schema=None) as batch_op:
        batch_op.drop_index("ix_standing_orders_state_look_at")
        batch_op.drop_index(batch_op.f("ix_standing_orders_site_path"))
        batch_op.drop_index(batch_op.f("ix_standing_orders_resident_id"))
        batch_op.drop_index(batch_op.f("ix_standing_orders_care_id"))

    op.drop_table("standing_orders")
    with op.batch_alter_table("sheet_import_rows", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sheet_import_rows_import_id"))

    op.drop_table("sheet_import_rows")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cases_team_id"))
        batch_op.drop_index(batch_op.f("ix_cases_taken_by"))
        batch_op.drop_index("ix_cases_status_due_at")
        batch_op.drop_index("ix_cases_site_path_opened_at", postgresql_ops={"site_path": "varchar_pattern_ops"})
        batch_op.drop_index(batch_op.f("ix_cases_person_id"))
        batch_op.drop_index("ix_cases_desk_path_status", postgresql_ops={"desk_path": "varchar_pattern_ops"})
        batch_op.drop_index("ix_cases_about")

    op.drop_table("cases")
    with op.batch_alter_table("sheet_imports", schema=None) as batch_op:
        batch_op.drop_index("ix_sheet_imports_state_uploaded_at")
        batch_op.drop_index(batch_op.f("ix_sheet_imports_made_by"))

    op.drop_table("sheet_imports")
    op.drop_table("second_factors")
    with op.batch_alter_table("saved_places", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_places_person_id"))

    op.drop_table("saved_places")
    with op.batch_alter_table("reset_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reset_links_person_id"))
        batch_op.drop_index(batch_op.f("ix_reset_links_expires_at"))

    op.drop_table("reset_links")
    with op.batch_alter_table("recovery_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_codes_person_id"))

    op.drop_table("recovery_codes")
    with op.batch_alter_table("pending_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pending_entries_expires_at"))

    op.drop_table("pending_entries")
    with op.batch_alter_table("markers", schema=None) as batch_op:
        batch_op.drop_index("ix_markers_person_id_site_path")

    op.drop_table("markers")
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index("ix_invitations_site_id_expires_at")
        batch_op.drop_index(batch_op.f("ix_invitations_made_by"))

    op.drop_table("invitations")
    op.drop_table("guardians")
    with op.batch_alter_table("grids", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grids_site_id"))

    op.drop_table("grids")
    with op.batch_alter_table("cares", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cares_person_id"))
        batch_op.drop_index("ix_cares_helper_id_ended_at")

    op.drop_table("cares")
    op.drop_table("marker_kinds")
    with op.batch_alter_table("backups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_backups_made_at"))

    op.drop_table("backups")
    op.drop_table("accidents")
