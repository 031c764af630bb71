"""What the running application must never forget."""

from __future__ import annotations

import gc
import importlib
import inspect
import pkgutil
import re
import string
import weakref
from dataclasses import fields
from pathlib import Path

import polib
import pytest
from babel.messages.extract import extract_from_dir
from flask import Flask
from jinja2 import nodes

import volunteer
from tests.support.settings import settings_for
from volunteer.access import GRANTS, Permission, Role
from volunteer.app import create_app
from volunteer.insights.wording import ACTS
from volunteer.scheduler import SCHEDULE
from volunteer.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "volunteer/translations/zh_Hans/LC_MESSAGES/messages.po"
TEMPLATES = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html"))
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "volunteer").rglob("*.py"))
LATIN = re.compile(r"[A-Za-z]{4,}")
STAYS_LATIN = {"English", "GitHub", "SMS", "worker", "flask", "upgrade"}


@pytest.fixture(scope="module")
def app() -> Flask:
    """One application for all of them: they look at it and ask no database."""
    return create_app(settings_for("sqlite://"))


def test_every_route_says_who_may_use_it(app: Flask) -> None:
    silent = [name for name, view in app.view_functions.items() if not hasattr(view, "required_permission")]
    assert silent == ["static"]


def test_an_application_that_nobody_holds_is_gone() -> None:
    app = create_app(settings_for("sqlite://"))
    held = weakref.ref(app)
    del app
    gc.collect()
    assert held() is None, "something global holds every application: a long run of tests fills the memory"


def test_every_permission_is_asked_for_somewhere_and_granted_to_a_person() -> None:
    people = {role for role in Role if role is not Role.SYSTEM}
    granted = set().union(*(GRANTS[role] for role in people))
    for permission in Permission:
        assert permission in granted, permission
        assert re.search(rf"Permission\.{permission.name}\b", SOURCE), permission


def test_every_job_is_scheduled_and_every_scheduled_job_exists() -> None:
    declared = set()
    for one in pkgutil.walk_packages(volunteer.__path__, "volunteer."):
        word = one.name.rsplit(".", 1)[-1]
        if word == "jobs" or word.startswith("jobs_"):
            name = one.name
            declared |= {
                function
                for label, function in inspect.getmembers(importlib.import_module(name), inspect.isfunction)
                if function.__module__ == name
                and list(inspect.signature(function).parameters) == ["session", "at"]
                and label[0] != "_"
            }
    assert {job.run for job in SCHEDULE} == declared


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles_and_something_renders_it(app: Flask, name: str) -> None:
    app.jinja_env.get_template(name)
    users = SOURCE + "".join((ROOT / "templates" / other).read_text(encoding="utf-8") for other in TEMPLATES if other != name)
    assert f'"{name}"' in users, f"{name} is used by nothing"


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_takes_in_only_the_macros_that_it_uses(app: Flask, name: str) -> None:
    tree = app.jinja_env.parse((ROOT / "templates" / name).read_text(encoding="utf-8"))
    taken = {one if isinstance(one, str) else one[1] for line in tree.find_all(nodes.FromImport) for one in line.names}
    assert taken - {one.name for one in tree.find_all(nodes.Name) if one.ctx == "load"} == set()


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_has_no_inline_script_style_or_unescaped_value(name: str) -> None:
    text = (ROOT / "templates" / name).read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=[\"']|\|\s*safe\b|javascript:", text)


def test_every_msgid_has_its_chinese() -> None:
    catalogue = {entry.msgid: entry for entry in polib.pofile(str(CATALOGUE))}
    methods = [("volunteer/**.py", "python"), ("templates/**.html", "jinja2")]
    keywords = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
    found = {message for _, _, message, _, _ in extract_from_dir(str(ROOT), methods, keywords=keywords)}
    ids = {message if isinstance(message, str) else message[0] for message in found}
    assert sorted(ids - {entry.msgid for entry in catalogue.values() if entry.msgstr or entry.msgstr_plural}) == []
    assert sorted(set(catalogue) - ids) == [], "translated, but said nowhere"


def test_chinese_is_chinese_and_keeps_its_placeholders() -> None:
    for entry in polib.pofile(str(CATALOGUE)):
        words = entry.msgstr or entry.msgstr_plural.get(0, "")
        placeholders = re.compile(r"%\((\w+)\)[sd]")
        assert set(placeholders.findall(entry.msgid)) == set(placeholders.findall(words)), entry.msgid
        latin = set(LATIN.findall(placeholders.sub("", words))) - STAYS_LATIN
        plain = set(LATIN.findall(placeholders.sub("", entry.msgid)))
        assert not (latin & plain) or any(ord(sign) > 0x2E80 for sign in words), entry.msgid


def test_every_setting_is_documented_and_read() -> None:
    manual = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    for field in fields(Settings):
        assert f"`{PREFIX}{field.name.upper()}`" in manual, field.name
        assert re.search(rf"\.{field.name}\b", SOURCE), f"nothing reads {field.name}"


def test_every_word_of_the_glossary_stands_in_the_code() -> None:
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    for name in re.findall(r"`([A-Za-z_][A-Za-z_.]*)`", text):
        assert re.search(rf"\b{re.escape(name.split('.')[-1])}\b", SOURCE), f"{name} is in the glossary only"


def test_every_act_that_is_logged_has_its_words() -> None:
    logged = set(re.findall(r'\b(?:record|audit)\(\s*session,\s*[\w.()]+,\s*"([a-z_]+)"', SOURCE))
    assert len(logged) > 15
    assert logged - set(ACTS) == set()


def test_every_message_has_both_languages_and_the_same_places() -> None:
    from volunteer.messaging.templates import TEMPLATES as MESSAGES

    for name, words in MESSAGES.items():
        places = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in (words.zh, words.en)]
        assert places[0] == places[1], name
        assert re.search(rf'"{name}"', SOURCE.replace(f'    "{name}": Words(', "", 1)), f"nobody says {name}"
