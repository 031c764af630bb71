"""What the matcher remembers, and the ways in which an order finds a team."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "word_models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("sentences", sa.Integer(), nullable=False),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("first", sa.Float(), nullable=False),
        sa.Column("among_three", sa.Float(), nullable=False),
        sa.Column("calibration", sa.Float(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_models")),
        sa.UniqueConstraint("digest", name=op.f("uq_word_models_digest")),
    )
    op.create_table(
        "dispatch_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("days", sa.String(length=7), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("km", sa.Float(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(), nullable=False),
        sa.Column("valid_until", sa.DateTime(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_dispatch_rules_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_rules")),
    )
    with op.batch_alter_table("dispatch_rules", schema=None) as batch_op:
        batch_op.create_index("ix_dispatch_rules_line_valid_from", ["line", "valid_from"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispatch_rules_site_id"), ["site_id"], unique=False)

    op.create_table(
        "dispatch_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("scope", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("planned_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=80), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("served", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("metres", sa.Float(), nullable=False),
        sa.Column("quality", sa.Float(), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
        sa.Column("bound", sa.Float(), nullable=False),
        sa.Column("gap", sa.Float(), nullable=False),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("learned", sa.Boolean(), nullable=False),
        sa.Column("prices", sa.JSON(), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_dispatch_runs_person_id_people")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_dispatch_runs_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_runs")),
    )
    with op.batch_alter_table("dispatch_runs", schema=None) as batch_op:
        batch_op.create_index("ix_dispatch_runs_site_path_started_at", ["site_path", "started_at"], unique=False)
        batch_op.create_index("ix_dispatch_runs_state_until", ["state", "until"], unique=False)

    op.create_table(
        "neighbours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("neighbour_id", sa.Integer(), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("agreement", sa.String(length=500), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["neighbour_id"], ["sites.id"], name=op.f("fk_neighbours_neighbour_id_sites")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_neighbours_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_neighbours")),
    )
    with op.batch_alter_table("neighbours", schema=None) as batch_op:
        batch_op.create_index("ix_neighbours_site_id_neighbour_id", ["site_id", "neighbour_id"], unique=False)

    op.create_table(
        "price_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("prices", sa.JSON(), nullable=False),
        sa.Column("played", sa.Integer(), nullable=False),
        sa.Column("plain", sa.Float(), nullable=False),
        sa.Column("priced", sa.Float(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_price_sets_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_sets")),
        sa.UniqueConstraint("site_id", "day", name=op.f("uq_price_sets_site_id_day")),
    )
    op.create_table(
        "dispatch_claims",
        sa.Column("desk_path", sa.String(length=120), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["dispatch_runs.id"], name=op.f("fk_dispatch_claims_run_id_dispatch_runs")),
        sa.PrimaryKeyConstraint("desk_path", name=op.f("pk_dispatch_claims")),
    )
    with op.batch_alter_table("dispatch_claims", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispatch_claims_run_id"), ["run_id"], unique=False)

    op.create_table(
        "duties",
        sa.Column("volunteer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("site_path", sa.String(length=120), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("place_from", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_duties_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("volunteer_id", name=op.f("pk_duties")),
    )
    with op.batch_alter_table("duties", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duties_until"), ["until"], unique=False)

    op.create_table(
        "duty_spots",
        sa.Column("skill_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stripe", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_duty_spots_volunteer_id_volunteers")),
        sa.PrimaryKeyConstraint("skill_id", "stripe", "latitude", "longitude", "volunteer_id", name=op.f("pk_duty_spots")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("duty_spots", schema=None) as batch_op:
        batch_op.create_index("ix_duty_spots_volunteer_id", ["volunteer_id"], unique=False)

    op.create_table(
        "ask_later",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_ask_later_order_id_service_orders")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_ask_later")),
    )
    with op.batch_alter_table("ask_later", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ask_later_at"), ["at"], unique=False)

    op.create_table(
        "hand_overs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column("heard_by", sa.Integer(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["sites.id"], name=op.f("fk_hand_overs_from_id_sites")),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_hand_overs_order_id_service_orders")),
        sa.ForeignKeyConstraint(["to_id"], ["sites.id"], name=op.f("fk_hand_overs_to_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
    )
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hand_overs_order_id"), ["order_id"], unique=False)
        batch_op.create_index("ix_hand_overs_to_id_state", ["to_id", "state"], unique=False)

    op.create_table(
        "order_joined",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("how", sa.String(length=32), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("left_at", sa.DateTime(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_order_joined_order_id_service_orders")),
        sa.ForeignKeyConstraint(["resident_id"], ["people.id"], name=op.f("fk_order_joined_resident_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_joined")),
        sa.UniqueConstraint("order_id", "resident_id", name=op.f("uq_order_joined_order_id_resident_id")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_order_joined_secret_hash")),
        sa.UniqueConstraint("uid", name=op.f("uq_order_joined_uid")),
    )
    with op.batch_alter_table("order_joined", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_joined_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_joined_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "order_sortings",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=3), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["service_items.id"], name=op.f("fk_order_sortings_item_id_service_items")),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_order_sortings_order_id_service_orders")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_sortings")),
    )
    op.create_table(
        "rule_handlings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("misses", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_rule_handlings_order_id_service_orders")),
        sa.ForeignKeyConstraint(["rule_id"], ["dispatch_rules.id"], name=op.f("fk_rule_handlings_rule_id_dispatch_rules")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_handlings")),
    )
    with op.batch_alter_table("rule_handlings", schema=None) as batch_op:
        batch_op.create_index("ix_rule_handlings_closed_at_kind_scope", ["closed_at", "kind", "scope"], unique=False)
        batch_op.create_index("ix_rule_handlings_order_id_at", ["order_id", "at"], unique=False)
        batch_op.create_index("ix_rule_handlings_rule_id_at", ["rule_id", "at"], unique=False)

    op.create_table(
        "dispatch_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("order_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("first_team_id", sa.Integer(), nullable=True),
        sa.Column("wished", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("price", sa.Float(), nullable=False),
        sa.Column("metres", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("others", sa.JSON(), nullable=False),
        sa.Column("obstacle", sa.String(length=32), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("chosen_by", sa.Integer(), nullable=True),
        sa.Column("offer_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["first_team_id"], ["teams.id"], name=op.f("fk_dispatch_lines_first_team_id_teams")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_dispatch_lines_offer_id_offers")),
        sa.ForeignKeyConstraint(["order_id"], ["service_orders.id"], name=op.f("fk_dispatch_lines_order_id_service_orders")),
        sa.ForeignKeyConstraint(["run_id"], ["dispatch_runs.id"], name=op.f("fk_dispatch_lines_run_id_dispatch_runs")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_dispatch_lines_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_lines")),
        sa.UniqueConstraint("run_id", "order_id", name=op.f("uq_dispatch_lines_run_id_order_id")),
    )
    with op.batch_alter_table("dispatch_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispatch_lines_order_id"), ["order_id"], unique=False)
        batch_op.create_index("ix_dispatch_lines_state_run_id", ["state", "run_id"], unique=False)

    op.create_table(
        "pool_applications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handling_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("words", sa.String(length=120), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handling_id"], ["rule_handlings.id"], name=op.f("fk_pool_applications_handling_id_rule_handlings")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_pool_applications_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_applications")),
    )
    with op.batch_alter_table("pool_applications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pool_applications_team_id"), ["team_id"], unique=False)
        batch_op.create_index("uq_pool_applications_handling_id_team_id", ["handling_id", "team_id"], unique=True)

    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("how", sa.String(length=32), server_default="by_hand", nullable=False))
        batch_op.add_column(sa.Column("price", sa.Float(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("run_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_offers_made_at_state", ["made_at", "state", "how", "team_id"], unique=False)
        batch_op.create_index("ix_offers_team_id_made_at", ["team_id", "made_at"], unique=False)

    with op.batch_alter_table("order_moves", schema=None) as batch_op:
        batch_op.add_column(sa.Column("by_team", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("service_orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stuck_until", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("part_of_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("part_number", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("in_parts", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(batch_op.f("ix_service_orders_part_of_id"), ["part_of_id"], unique=False)
        batch_op.create_index(
            "ix_service_orders_unwritten",
            ["served_at", "team_id"],
            unique=False,
            sqlite_where=sa.text("recorded_at IS NULL AND served_at IS NOT NULL"),
            postgresql_where=sa.text("recorded_at IS NULL AND served_at IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_service_orders_part_of_id_service_orders"), "service_orders", ["part_of_id"], ["id"]
        )

    with op.batch_alter_table("team_skills", schema=None) as batch_op:
        batch_op.add_column(sa.Column("insured_until", sa.Date(), nullable=True))

    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.add_column(sa.Column("insured_until", sa.Date(), nullable=True))

    who_is_insured()


def who_is_insured() -> None:
    """Write down for every team and each of its skills until when an adult member is insured, as refreshing a team does."""
    today = datetime.now(UTC).date()
    adult = today.replace(year=today.year - 18, day=min(today.day, 28))
    for statement in (TEAMS_INSURED, SKILLS_INSURED):
        op.execute(sa.text(statement).bindparams(sa.bindparam("adult", adult, type_=sa.Date())))


TEAMS_INSURED = """
UPDATE teams SET insured_until = (
    SELECT max(volunteers.insured_until) FROM memberships
    JOIN volunteers ON volunteers.id = memberships.volunteer_id JOIN people ON people.id = volunteers.id
    WHERE memberships.team_id = teams.id AND memberships.until IS NULL AND people.born_on <= :adult)
"""
SKILLS_INSURED = """
UPDATE team_skills SET insured_until = (
    SELECT max(CASE WHEN volunteer_skills.licence_until < volunteers.insured_until
               THEN volunteer_skills.licence_until ELSE volunteers.insured_until END) FROM memberships
    JOIN volunteers ON volunteers.id = memberships.volunteer_id JOIN people ON people.id = volunteers.id
    JOIN volunteer_skills ON volunteer_skills.volunteer_id = volunteers.id
    WHERE memberships.team_id = team_skills.team_id AND volunteer_skills.skill_id = team_skills.skill_id
    AND memberships.until IS NULL AND people.born_on <= :adult)
"""


def downgrade() -> None:
    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.drop_column("insured_until")

    with op.batch_alter_table("team_skills", schema=None) as batch_op:
        batch_op.drop_column("insured_until")

    with op.batch_alter_table("service_orders", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_service_orders_part_of_id_service_orders"), type_="foreignkey")
        batch_op.drop_index(
            "ix_service_orders_unwritten",
            sqlite_where=sa.text("recorded_at IS NULL AND served_at IS NOT NULL"),
            postgresql_where=sa.text("recorded_at IS NULL AND served_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_service_orders_part_of_id"))
        batch_op.drop_column("in_parts")
        batch_op.drop_column("part_number")
        batch_op.drop_column("part_of_id")
        batch_op.drop_column("stuck_until")

    with op.batch_alter_table("order_moves", schema=None) as batch_op:
        batch_op.drop_column("by_team")

    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.drop_index("ix_offers_team_id_made_at")
        batch_op.drop_index("ix_offers_made_at_state")
        batch_op.drop_column("run_id")
        batch_op.drop_column("price")
        batch_op.drop_column("how")

    with op.batch_alter_table("pool_applications", schema=None) as batch_op:
        batch_op.drop_index("uq_pool_applications_handling_id_team_id")
        batch_op.drop_index(batch_op.f("ix_pool_applications_team_id"))

    op.drop_table("pool_applications")
    with op.batch_alter_table("dispatch_lines", schema=None) as batch_op:
        batch_op.drop_index("ix_dispatch_lines_state_run_id")
        batch_op.drop_index(batch_op.f("ix_dispatch_lines_order_id"))

    op.drop_table("dispatch_lines")
    with op.batch_alter_table("rule_handlings", schema=None) as batch_op:
        batch_op.drop_index("ix_rule_handlings_rule_id_at")
        batch_op.drop_index("ix_rule_handlings_order_id_at")
        batch_op.drop_index("ix_rule_handlings_closed_at_kind_scope")

    op.drop_table("rule_handlings")
    op.drop_table("order_sortings")
    with op.batch_alter_table("order_joined", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_joined_resident_id"))
        batch_op.drop_index(batch_op.f("ix_order_joined_order_id"))

    op.drop_table("order_joined")
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.drop_index("ix_hand_overs_to_id_state")
        batch_op.drop_index(batch_op.f("ix_hand_overs_order_id"))

    op.drop_table("hand_overs")
    with op.batch_alter_table("ask_later", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ask_later_at"))

    op.drop_table("ask_later")
    with op.batch_alter_table("duty_spots", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_spots_volunteer_id")

    op.drop_table("duty_spots")
    with op.batch_alter_table("duties", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duties_until"))

    op.drop_table("duties")
    with op.batch_alter_table("dispatch_claims", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dispatch_claims_run_id"))

    op.drop_table("dispatch_claims")
    op.drop_table("price_sets")
    with op.batch_alter_table("neighbours", schema=None) as batch_op:
        batch_op.drop_index("ix_neighbours_site_id_neighbour_id")

    op.drop_table("neighbours")
    with op.batch_alter_table("dispatch_runs", schema=None) as batch_op:
        batch_op.drop_index("ix_dispatch_runs_state_until")
        batch_op.drop_index("ix_dispatch_runs_site_path_started_at")

    op.drop_table("dispatch_runs")
    with op.batch_alter_table("dispatch_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dispatch_rules_site_id"))
        batch_op.drop_index("ix_dispatch_rules_line_valid_from")

    op.drop_table("dispatch_rules")
    op.drop_table("word_models")
