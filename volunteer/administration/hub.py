"""Every page of those who manage, in one list: which right opens it, and where it stands on /manage."""

from __future__ import annotations

from typing import NamedTuple

from volunteer.access import Actor, Permission
from volunteer.kernel.words import N_


class Entry(NamedTuple):
    """One card of the hub."""

    group: str
    path: str
    label: str
    hint: str
    icon: str
    permission: Permission


PLACES, PEOPLE, RULES, CARE = N_("Places and services"), N_("People and teams"), N_("Rules and sheets"), N_("Looking after it")
HOURS, POINTS = N_("Hours, stars, certificates"), N_("Points and shops")
P = Permission

# One line for a page; a page that is not there yet is not shown.
ENTRIES: tuple[Entry, ...] = (
    Entry(PLACES, "/manage/sites", N_("Sites"), N_("centre, branches and stations"), "building-2", P.PLACES_MANAGE),
    Entry(PLACES, "/manage/venues", N_("Venues"), N_("where things happen"), "map-pin", P.PLACES_MANAGE),
    Entry(PLACES, "/manage/grids", N_("Grids"), N_("areas on the map and who keeps them"), "grid-3x3", P.PLACES_MANAGE),
    Entry(PLACES, "/manage/neighbours", N_("Neighbour counties"), N_("who helps us out"), "handshake", P.PLACES_MANAGE),
    Entry(PLACES, "/manage/services", N_("Service menu"), N_("what can be asked for"), "list-checks", P.MENU_MANAGE),
    Entry(PLACES, "/manage/skills", N_("Skills"), N_("what people can do, and what takes a licence"), "wrench", P.MENU_MANAGE),
    Entry(PEOPLE, "/manage/people", N_("Staff"), N_("invitations, roles, hand-overs"), "users-round", P.PEOPLE_MANAGE),
    Entry(PEOPLE, "/manage/volunteers", N_("Volunteers"), N_("papers, insurance, pauses"), "user-round", P.TEAMS_MANAGE),
    Entry(PEOPLE, "/manage/duplicates", N_("Two entries, one person?"), N_("compare and merge"), "merge", P.PEOPLE_MERGE),
    Entry(PEOPLE, "/manage/teams", N_("Teams"), N_("applications, leaders, health"), "hand-heart", P.TEAMS_MANAGE),
    Entry(PEOPLE, "/manage/team-classes", N_("Classes of teams"), N_("the eight, and your own"), "shapes", P.TEAMS_MANAGE),
    Entry(HOURS, "/hours/waiting", N_("Hours to let through"), N_("asked for by others"), "calendar-check", P.HOURS_APPROVE),
    Entry(HOURS, "/hours/asked", N_("Ask for hours"), N_("what nobody wrote down in time"), "calendar-plus", P.HOURS_ADD),
    Entry(HOURS, "/hours/contests", N_("Objections to hours"), N_("what is said to be wrong"), "circle-help", P.HOURS_CORRECT),
    Entry(HOURS, "/hours/review", N_("Odd hours"), N_("what looks unusual, for you to look at"), "search-check", P.HOURS_REVIEW),
    Entry(HOURS, "/hours", N_("Correct hours"), N_("take back minutes that were wrong"), "calendar-clock", P.HOURS_CORRECT),
    Entry(HOURS, "/manage/stars", N_("Stars"), N_("who may be awarded, and what hangs in public"), "award", P.STARS_AWARD),
    Entry(HOURS, "/manage/benefits", N_("Benefits"), N_("what volunteers are given, by star"), "gift", P.BENEFITS_MANAGE),
    Entry(HOURS, "/benefits", N_("Hand out a benefit"), N_("scan or type a code"), "scan-qr-code", P.BENEFITS_HAND_OUT),
    Entry(HOURS, "/homes", N_("Households"), N_("an hour a month, by station"), "house", P.OVERVIEW_SEE),
    Entry(
        HOURS, "/manage/certificates", N_("Certificates for many"), N_("for a school or a unit, with everybody's yes"), "stamp",
        P.CERTIFICATES_FOR_OTHERS,
    ),
    Entry(HOURS, "/books/closing", N_("Closing the books"), N_("what is open, how long"), "book-open-check", P.BOOKS_SEE),
    Entry(POINTS, "/manage/points", N_("Rules of points"), N_("tried before they hold"), "coins", P.POINTS_SEE),
    Entry(POINTS, "/manage/points/owed", N_("What is owed in points"), N_("by site and by age"), "scale", P.POINTS_SEE),
    Entry(POINTS, "/manage/points/requests", N_("Points by hand"), N_("two people correct them"), "users-round", P.POINTS_SEE),
    Entry(POINTS, "/manage/wishes", N_("Small wishes"), N_("what points are gathered for"), "sparkles", P.WISHES_KEEP),
    Entry(POINTS, "/manage/merchants", N_("Merchants"), N_("shops that give something for points"), "store", P.MERCHANTS_MANAGE),
    Entry(POINTS, "/manage/settlements", N_("Settlements"), N_("what shops are owed"), "receipt-text", P.SETTLEMENTS_HANDLE),
    Entry(POINTS, "/manage/anomalies", N_("What looks odd"), N_("points and shops"), "scan-search", P.SETTLEMENTS_HANDLE),
    Entry(POINTS, "/manage/partners", N_("Other platforms"), N_("points to and fro"), "arrow-left-right", P.PARTNERS_MANAGE),
    Entry(RULES, "/manage/holidays", N_("Holidays"), N_("days off and working weekends"), "calendar-days", P.PLACES_MANAGE),
    Entry(RULES, "/manage/policies", N_("Rules"), N_("clocks, matching, hours"), "sliders-horizontal", P.POLICIES_MANAGE),
    Entry(RULES, "/manage/stars/levels", N_("Hours for stars"), N_("from how many on"), "star", P.POLICIES_MANAGE),
    Entry(RULES, "/manage/rules", N_("Automatic dispatch"), N_("what the machine offers by rules"), "bot", P.POLICIES_MANAGE),
    Entry(RULES, "/manage/prices", N_("Sought-after teams"), N_("learned each night"), "flame", P.POLICIES_MANAGE),
    Entry(RULES, "/manage/sheets", N_("Sheets"), N_("many rows at once, in and out"), "sheet", P.SHEETS_USE),
    Entry(CARE, "/overview", N_("Overview"), N_("what was asked and what was met"), "chart-column", P.OVERVIEW_SEE),
    Entry(CARE, "/asking", N_("Who was asked"), N_("often enough, or never"), "megaphone", P.ASKING_SEE),
    Entry(CARE, "/cases", N_("Complaints and praise"), N_("what people say, and our answers"), "message-circle", P.CASES_HANDLE),
    Entry(CARE, "/manage/absences", N_("Absences"), N_("who did not come, and their side of it"), "user-x", P.TEAMS_MANAGE),
    Entry(CARE, "/manage/keys", N_("Signing keys"), N_("a new one takes two people"), "key-round", P.KEYS_APPROVE),
    Entry(CARE, "/system", N_("System"), N_("jobs, messages, storage, backups"), "server", P.SYSTEM_SEE),
)  # fmt: skip


def entries_for(actor: Actor) -> list[tuple[str, list[Entry]]]:
    """Return the groups with what ``actor`` may open, in the order of the list; a group without any is left out."""
    groups: dict[str, list[Entry]] = {}
    for entry in ENTRIES:
        if actor.may(entry.permission):
            groups.setdefault(entry.group, []).append(entry)
    return list(groups.items())
