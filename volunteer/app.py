"""The composition root: the only module, with cli and scheduler, that knows every other."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, appcontext_pushed, current_app, request
from flask_migrate import Migrate
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from volunteer import cli
from volunteer.access import Role
from volunteer.accounts import queries as people
from volunteer.accounts import second_factor
from volunteer.accounts.pages import factor, links, login, messages
from volunteer.administration.backups import last_backup
from volunteer.administration.forgetting import FILE
from volunteer.administration.pages import classes as manage_classes
from volunteer.administration.pages import dispatch_rules as manage_rule_pages
from volunteer.administration.pages import duplicates, grids, holidays, menu_words, policies, prices, services, sites, venues
from volunteer.administration.pages import handing_over as handing_over_pages
from volunteer.administration.pages import manage as manage_pages
from volunteer.administration.pages import own_data as own_data_pages
from volunteer.administration.pages import people as people_pages
from volunteer.administration.pages import person as person_pages
from volunteer.administration.pages import setup as setup_pages
from volunteer.attendance.pages import approving as hours_approving
from volunteer.attendance.pages import asking as hours_asking
from volunteer.certificates.pages import badges as badge_pages
from volunteer.certificates.pages import batches as batch_pages
from volunteer.certificates.pages import contests as contest_pages
from volunteer.certificates.pages import hours as hours_pages
from volunteer.certificates.pages import hours_review, my_hours
from volunteer.certificates.pages import me as me_pages
from volunteer.certificates.pages import verify as verify_pages
from volunteer.certificates.printing import signer_in
from volunteer.exchange.pages import lists as list_pages
from volunteer.exchange.pages import sheets as sheet_pages
from volunteer.insights.pages import audit as audit_pages
from volunteer.insights.pages import books as account_pages
from volunteer.insights.pages import leading as leading_pages
from volunteer.insights.pages import manage_teams as manage_team_pages
from volunteer.insights.pages import manage_volunteers as manage_volunteer_pages
from volunteer.insights.pages import overview as overview_pages
from volunteer.insights.pages import own_books as own_book_pages
from volunteer.insights.pages import search as search_pages
from volunteer.insights.pages import system as system_pages
from volunteer.kernel import sqlite
from volunteer.kernel.crypto import Keyring
from volunteer.kernel.db import db, engine_options
from volunteer.kernel.tables import import_all_models
from volunteer.ledger.exporting import Ways
from volunteer.ledger.guards import GUARDED
from volunteer.ledger.pages import books as book_pages
from volunteer.ledger.pages import rotating as key_pages
from volunteer.messaging.senders import mailer_of, sender_called
from volunteer.orders.pages import absences as absence_pages
from volunteer.orders.pages import (
    asking,
    asks,
    away,
    board,
    cases,
    day,
    desk,
    dispatch_all,
    guessing,
    home,
    inbox,
    joining,
    leaving,
    markers,
    mine,
    my_visits,
    neighbours,
    parts,
    placing,
    pool,
    regular,
    speaking,
    tracking,
    visits,
    why,
)
from volunteer.places import pages as place_pages
from volunteer.places import queries as places
from volunteer.recognition.pages import awarding as star_pages
from volunteer.recognition.pages import benefits as benefit_pages
from volunteer.recognition.pages import handing_out as benefit_uses
from volunteer.recognition.pages import homes as home_pages
from volunteer.recognition.pages import levels as star_levels
from volunteer.recognition.pages import mine as my_stars
from volunteer.rewards.pages import anomalies as anomaly_pages
from volunteer.rewards.pages import applying as applying_pages
from volunteer.rewards.pages import exchange as exchange_pages
from volunteer.rewards.pages import manage_merchants as manage_merchant_pages
from volunteer.rewards.pages import merchant as merchant_pages
from volunteer.rewards.pages import merchant_details as merchant_details_pages
from volunteer.rewards.pages import partners as partner_pages
from volunteer.rewards.pages import settlements as settlement_pages
from volunteer.rewards.pages import shop as shop_pages
from volunteer.rewards.pages import statements as statement_pages
from volunteer.rewards.pages import till as till_pages
from volunteer.rewards.partners import api as partners_api
from volunteer.rewards.points.pages import give as points_give
from volunteer.rewards.points.pages import keeping as wish_keeping
from volunteer.rewards.points.pages import owed as points_owed
from volunteer.rewards.points.pages import own as points_own
from volunteer.rewards.points.pages import requests as point_requests
from volunteer.rewards.points.pages import versions as point_rules
from volunteer.rewards.points.pages import wishes as wish_pages
from volunteer.rewards.points.pages import words as point_words
from volunteer.scheduler import SCHEDULE
from volunteer.settings import ROOT, Settings
from volunteer.teams import queries as teams
from volunteer.teams.pages import duty as duty_pages
from volunteer.teams.pages import join as join_pages
from volunteer.teams.pages import papers as paper_pages
from volunteer.teams.pages import profile as profile_pages
from volunteer.teams.pages import teams as team_pages
from volunteer.web import context, county, csrf, errors, filters, headers, identity, locale, logs, numbers, ready
from volunteer.web import pages as web_pages

BLUEPRINTS: tuple[Blueprint, ...] = (
    web_pages.bp,
    login.bp,
    messages.bp,
    factor.bp,
    links.bp,
    home.bp,
    placing.bp,
    guessing.bp,
    away.bp,
    tracking.bp,
    speaking.bp,
    desk.bp,
    markers.bp,
    mine.bp,
    regular.bp,
    place_pages.bp,
    board.bp,
    dispatch_all.bp,
    parts.bp,
    inbox.bp,
    day.bp,
    pool.bp,
    joining.bp,
    visits.bp,
    why.bp,
    asking.bp,
    my_visits.bp,
    neighbours.bp,
    absence_pages.bp,
    cases.bp,
    asks.bp,
    me_pages.bp,
    hours_pages.bp,
    batch_pages.bp,
    hours_asking.bp,
    hours_approving.bp,
    contest_pages.bp,
    hours_review.bp,
    my_hours.bp,
    verify_pages.bp,
    badge_pages.bp,
    book_pages.bp,
    key_pages.bp,
    overview_pages.bp,
    audit_pages.bp,
    account_pages.bp,
    own_book_pages.bp,
    system_pages.bp,
    setup_pages.bp,
    manage_pages.bp,
    manage_classes.bp,
    people_pages.bp,
    handing_over_pages.bp,
    own_data_pages.bp,
    person_pages.bp,
    search_pages.bp,
    sites.bp,
    venues.bp,
    grids.bp,
    holidays.bp,
    policies.bp,
    prices.bp,
    duplicates.bp,
    manage_rule_pages.bp,
    services.bp,
    menu_words.bp,
    sheet_pages.bp,
    list_pages.bp,
    join_pages.bp,
    profile_pages.bp,
    paper_pages.bp,
    duty_pages.bp,
    leaving.bp,
    team_pages.bp,
    leading_pages.bp,
    manage_team_pages.bp,
    manage_volunteer_pages.bp,
    shop_pages.bp,
    till_pages.bp,
    merchant_pages.bp,
    merchant_details_pages.bp,
    applying_pages.bp,
    manage_merchant_pages.bp,
    partners_api.bp,
    partner_pages.bp,
    settlement_pages.bp,
    statement_pages.bp,
    anomaly_pages.bp,
    exchange_pages.bp,
    points_own.bp,
    points_give.bp,
    wish_pages.bp,
    point_rules.bp,
    points_owed.bp,
    point_requests.bp,
    wish_keeping.bp,
    star_pages.bp,
    star_levels.bp,
    my_stars.bp,
    benefit_pages.bp,
    benefit_uses.bp,
    home_pages.bp,
)
MEGABYTE = 1024 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application. Raises sqlite.Unsafe or BadSetting, with words that say what to do."""
    settings = settings or Settings.from_env()
    logs.init(settings.log_level)
    keyring = Keyring.open(settings.keys_file, create=True)
    app = Flask("volunteer", root_path=str(Path(__file__).parent), template_folder=str(ROOT / "templates"))
    app.config.from_mapping(_flask_config(settings, keyring))
    numbers.init_app(app)
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    import_all_models()
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", lambda connection, _: sqlite.take_rights(connection, GUARDED))
    Migrate(app, db, directory=str(ROOT / "migrations"), compare_type=True)
    _lend(app, keyring, settings)

    logs.init_app(app)
    county.init_app(app, read_facts=_facts)
    locale.init_app(app)
    errors.init_app(app)
    ready.init_app(app)
    csrf.init_app(app)
    headers.init_app(app)
    filters.init_app(app)
    identity.init_app(app, load_actor=_load_actor)
    context.init_app(app)
    point_words.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    system_pages.init_app(app, SCHEDULE, last_backup)
    cli.init_app(app)
    return app


def _load_actor(session: Session, person_id: int, at: datetime) -> identity.Loaded | None:
    acting = people.load_actor(session, person_id, at, led_by=teams.led_by)
    if acting is None:
        return None
    owes = not acting.two_factors and second_factor.must_have((role for role, _ in acting.actor.grants), _must_have_two())
    first = factor.PAGE if owes and not county.facts().demo else None  # a demo county is exempt by its mark
    return identity.Loaded(acting.person, acting.actor, first)


def _must_have_two() -> frozenset[Role]:
    roles: frozenset[Role] = current_app.config["SECOND_FACTOR_ROLES"]
    return roles


def _facts() -> county.Facts:
    with Session(db.engine) as session:  # not the request's own: what it does must not hang on this question
        return county.Facts(*places.layout(session))


def _lend(app: Flask, keyring: Keyring, settings: Settings) -> None:
    """Put what verbs and jobs need beside a database session into each one: keys, the cost of a password, the way out."""
    app.extensions["keyring"] = keyring
    lent = {
        "keyring": keyring,
        "argon2_cost": settings.argon2_cost,
        "media_folder": settings.media_folder,
        "public_url": settings.public_url,
        "certificate_folder": settings.certificate_folder,
        "more_fonts": Path(settings.font_folder) if settings.font_folder else None,
        "pdf_signer": signer_in(settings.pdf_key_file, settings.pdf_password_file),
        "sms": sender_called(settings.sms_sender),
        "checkpoints": Ways(
            settings.checkpoint_folder, settings.checkpoint_mail, mailer_of(settings.mail_server, settings.mail_from)
        ),
        "partners_loopback": settings.partners_loopback,
        "forgotten_file": forgotten_file(settings),
    }

    def lend(sender: Flask, **_: Any) -> None:
        db.session().info.update(lent | {"zone": county.known_zone(app)})

    app.extensions["lend"] = lend  # the signal holds it weakly: the application keeps it, and goes with it
    appcontext_pushed.connect(lend, app)

    @app.before_request
    def _in_this_zone() -> None:
        if request.endpoint not in ready.ALWAYS_OPEN:
            db.session().info["zone"] = county.zone()


def forgotten_file(settings: Settings) -> Path:
    """Return where it is written who was forgotten: beside the keys, which no backup holds."""
    return settings.keys_file.with_name(FILE)


def _flask_config(settings: Settings, keyring: Keyring) -> dict[str, Any]:
    if settings.database_url.startswith("sqlite:///"):
        Path(settings.database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    return {
        "SETTINGS": settings,
        "SECOND_FACTOR_ROLES": second_factor.roles_of(settings.second_factor_roles),
        "MIGRATIONS": str(ROOT / "migrations"),
        "SECRET_KEY": keyring.cookies,
        "FORGOTTEN_FILE": forgotten_file(settings),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url) | {"hide_parameters": True},
        "SESSION_COOKIE_NAME": "__Host-visit" if settings.https else "visit",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=180),  # of a visitor's choices; a log-in ends on the server
        "MAX_CONTENT_LENGTH": 40 * MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": MEGABYTE // 2,
        "MAX_FORM_PARTS": 500,
        "BABEL_DEFAULT_TIMEZONE": settings.time_zone,
        "BABEL_DEFAULT_LOCALE": settings.default_locale,
        "ZONE": settings.zone,
        "MAP_TILE_URL": settings.map_tile_url,
    }
