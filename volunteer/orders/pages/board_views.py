"""The board's list, map and panel as templates want them: words and tones, nothing left to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from volunteer.access import Actor, Permission
from volunteer.catalogue.models import Question, QuestionKind
from volunteer.kernel.words import ENGLISH, N_
from volunteer.orders import candidates, reach, reasons
from volunteer.orders.afterwards import queries_cases
from volunteer.orders.lifecycle import Action, OfferState, Status, allows
from volunteer.orders.models import ServiceOrder, WhenKind
from volunteer.orders.pages import asking_words, duty_words, explaining
from volunteer.orders.pages.explaining import Choice, Verdict
from volunteer.orders.queries_board import COUNTED, FIRST_TAB, ON_BOARD, PAGE, SOON, TABS, Filter, Tally
from volunteer.places.models import SiteLevel
from volunteer.web import filters, wording
from volunteer.web.asked import whole
from volunteer.web.locale import chosen as chosen_language

LONGEST_SEARCH = 60
TAB_WORDS = {
    "placed": N_("Verify"),
    "verified": N_("Dispatch"),
    "offered": N_("Offered"),
    "working": N_("At work"),
    "late": N_("Late"),
    "done": N_("Finished"),
}
PIN_TONES = {
    Status.PLACED: "grey",
    Status.VERIFIED: "soon",
    Status.OFFERED: "info",
    Status.ACCEPTED: "ok",
    Status.UNDER_WAY: "ok",
    Status.IN_SERVICE: "ok",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab over the list."""

    label: str
    href: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    id: int
    number: str
    title: str
    branch: str
    where: str
    due: str
    tone: str | None  # late, soon, or none
    chip: str
    href: str
    current: bool
    urgent: bool
    nudges: int
    holder: str | None
    mine: bool
    reason: str
    reason_is_ours: bool
    team: str
    part: str  # "Part 1 of 2"
    away: bool  # one county's order at another's desk


@dataclass(frozen=True, slots=True)
class Asked:
    """An offer of this order, for the history."""

    id: int
    team: str
    state: OfferState
    words: str
    rank: str
    distance: str
    left: int  # seconds
    given: int
    ends_at: datetime


@dataclass(frozen=True)
class Panel:
    """An order opened on the board, and what this dispatcher may do with it now."""

    order: ServiceOrder
    where: list[str]
    spot: str  # what the resident called the place, where that says more
    tone: str | None
    due: str
    holder: str | None  # another dispatcher who has it open
    until: datetime | None  # the end of this dispatcher's own hold
    acts: bool  # everything may be done: the order is this desk's, and nobody else holds it
    may_verify: bool
    may_offer: bool
    may_recall: bool
    may_give_up: bool
    may_escalate: bool
    has_cases: bool  # something was said about it
    up: str
    reason: str
    reason_is_ours: bool
    asked: list[Asked]
    choices: list[Choice]
    able: int
    total: int
    wave: bool
    minutes: int
    verdicts: list[Verdict]
    why: str
    words: str  # the resident's own: for whoever has the order open, and after a look that was written down
    private: list[tuple[str, str]]  # name, phone and door, only after such a look
    may_reveal: bool
    answers: list[tuple[str, str]]
    when: str
    several: asking_words.Several | None  # who is proposed when several are asked at once
    on_duty: duty_words.OnDuty | None


def filter_of(args: MultiDict[str, str]) -> Filter:
    """Read the filter from an address; what makes no sense is left out."""
    tab = args.get("tab", FIRST_TAB)
    page = args.get("page", "1")
    site = args.get("site", "")
    return Filter(
        tab=tab if tab in TABS else FIRST_TAB,
        branch=whole(site) or 0,
        category=args.get("category", "")[:40],
        urgent=args.get("urgent") == "1",
        words=args.get("q", "").strip()[:LONGEST_SEARCH],
        page=min(int(page), 1000) if page.isascii() and page.isdigit() and len(page) < 5 and int(page) else 1,
    )


def tabs(tally: Tally, chosen: Filter) -> list[Tab]:
    """Return the tabs with their counts."""
    return [
        Tab(_(words), url_for("board.show", **chosen.address(tab=name)), tally.counts[name], name == chosen.tab)
        for name, words in TAB_WORDS.items()
        if name in COUNTED
    ]


def row(order: ServiceOrder, chosen: Filter, actor: Actor, at: datetime, opened: str | None) -> Row:
    """Return one line of the list."""
    hold = order.hold if order.hold is not None and order.hold.until > at else None
    tone = tone_of(order, at)
    return Row(
        id=order.id,
        number=order.number,
        title=title(order),
        branch=branch_name(order),
        where=filters.named(order.site),
        due=due_words(order, at),
        tone=tone,
        chip=tone or "grey",
        href=url_for("board.order", number=order.number, **chosen.address(page=chosen.page)),
        current=order.number == opened,
        urgent=order.urgent,
        nudges=order.nudges,
        holder=hold.person.name if hold else None,
        mine=hold is not None and hold.person_id == actor.user_id,
        reason=reason_words(order) if order.status is Status.VERIFIED or order.reason == reasons.NOBODY_CAME else "",
        reason_is_ours=order.reason in reasons.OURS,
        team=filters.named(order.team) if order.team else "",
        part=part_words(order),
        away=order.is_away,
    )


def part_words(order: ServiceOrder) -> str:
    """Return which part of a whole an order is; nothing for one that is none."""
    if order.part_of is None or order.part_number is None:
        return ""
    return _("Part %(n)s of %(total)s", n=order.part_number, total=order.part_of.in_parts)


def listed(
    found: Sequence[ServiceOrder], chosen: Filter, actor: Actor, at: datetime, opened: str | None = None
) -> dict[str, Any]:
    """Return what the list's template needs: rows and the addresses of the pages before and after."""
    more = len(found) > PAGE
    before = url_for("board.show", **chosen.address(page=chosen.page - 1)) if chosen.page > 1 else None
    after = url_for("board.show", **chosen.address(page=chosen.page + 1)) if more else None
    return {"rows": [row(order, chosen, actor, at, opened) for order in found[:PAGE]], "before": before, "after": after}


def pin(order: ServiceOrder, chosen: Filter, at: datetime) -> dict[str, Any]:
    """Return one pin of the map."""
    late = tone_of(order, at) == "late"
    return {
        "id": order.id,
        "latitude": order.latitude,
        "longitude": order.longitude,
        "tone": "late" if late else PIN_TONES.get(order.status, "grey"),
        "title": f"{title(order)} · {filters.named(order.site)}",
        "href": url_for("board.order", number=order.number, **chosen.address(page=chosen.page)),
    }


def panel(
    session: Session, order: ServiceOrder, actor: Actor, at: datetime, *, wave: bool, why: str, minutes: int, revealed: bool
) -> Panel:
    """Return an opened order with its candidates when it waits to be dispatched."""
    at_desk = actor.can(Permission.ORDER_DISPATCH, at=order.desk_path)
    hold = order.hold if order.hold is not None and order.hold.until > at else None
    holder = hold.person.name if hold is not None and hold.person_id != actor.user_id else None
    acts = at_desk and holder is None
    verifies = holder is None and actor.can(Permission.ORDER_VERIFY, at=order.site_path)
    above = order.desk.parent
    look = candidates.look(session, actor, order, at=at) if allows(order.status, Action.OFFER) and order.item else None
    found = candidates.choose(look) if look else None
    asked_about = look.directory.named(why, scope=_centre(order.site_path)) if look and why else []
    return Panel(
        order=order,
        where=[place for place in (branch_name(order), filters.named(order.site)) if place],
        spot=order.place if order.place not in (order.site.name, "") else "",
        tone=tone_of(order, at),
        due=due_words(order, at),
        holder=holder,
        until=hold.until if hold is not None and holder is None else None,
        acts=acts,
        may_verify=verifies and allows(order.status, Action.VERIFY),
        may_offer=acts and look is not None,
        may_recall=acts and allows(order.status, Action.RECALL),
        may_give_up=acts and not order.in_parts and allows(order.status, Action.GIVE_UP),
        may_escalate=acts and allows(order.status, Action.HAND_OVER) and above is not None,
        has_cases=order.status in {Status.SERVED, Status.CLOSED} and queries_cases.has_cases(session, actor, order),
        up=filters.named(above) if above else "",
        reason=reason_words(order),
        reason_is_ours=order.reason in reasons.OURS,
        asked=_asked(order, at),
        choices=[explaining.choice(candidate) for candidate in found.shown] if found else [],
        able=found.able if found else 0,
        total=found.total if found else 0,
        wave=wave,
        minutes=minutes,
        verdicts=[_verdict(session, look, card, order) for card in asked_about] if look else [],
        why=why,
        words=(order.words or "") if revealed or (hold is not None and holder is None) else "",
        private=_private(order) if revealed else [],
        may_reveal=not revealed and not order.resident.is_forgotten and reach.can(actor, Permission.ORDER_SEE_PRIVATE, order),
        answers=_answers(order),
        when=when_words(order),
        several=asking_words.several(session, look, at=at) if wave and look and acts else None,
        on_duty=duty_words.on_duty(session, order, at=at) if look and acts else None,
    )


def when_words(order: ServiceOrder) -> str:
    """Return when the resident would like it."""
    if order.when_kind is WhenKind.WINDOW and order.window_begins and order.window_ends:
        return filters.window(order.window_begins, order.window_ends)
    return _("As soon as possible") if order.when_kind is WhenKind.SOON else _("Any time")


def title(order: ServiceOrder) -> str:
    """Return what is wanted, in the menu's words."""
    return filters.named(order.item) if order.item else _("In own words")


def reason_words(order: ServiceOrder) -> str:
    """Return why the order was passed up, given up or sent back: a job's reason translated, a person's as it was typed."""
    return _(order.reason) if order.reason in reasons.OURS else order.reason


def branch_name(order: ServiceOrder) -> str:
    """Return the name of the 所 over the order's place; nothing when the place is one itself."""
    parent = order.site.parent if order.site.level is SiteLevel.STATION else None
    return filters.named(parent) if parent else ""


def tone_of(order: ServiceOrder, at: datetime) -> str | None:
    """Return late, soon or None: how near the next promise is."""
    if order.due_at is None or order.status not in ON_BOARD:
        return None
    return "late" if order.due_at < at else "soon" if order.due_at - at <= SOON else None


def due_words(order: ServiceOrder, at: datetime) -> str:
    """Return the promise as people say it: time left when it is near, else the moment."""
    if order.status not in ON_BOARD:
        return filters.day(order.placed_at)
    if order.due_at is None:
        return filters.ago(order.placed_at)
    return filters.left(order.due_at) if order.due_at - at <= SOON else filters.moment(order.due_at)


def tab_of(status: Status) -> str:
    """Return the tab on which an order of this status stands."""
    return next((name for name, statuses in TABS.items() if status in statuses), "working")


def _private(order: ServiceOrder) -> list[tuple[str, str]]:
    return [
        (_("Name"), order.contact or ""),
        (_("Phone"), wording.phone_spaced(order.phone or "")),
        (_("Door"), order.door or ""),
    ]


def _answers(order: ServiceOrder) -> list[tuple[str, str]]:
    """The answers to the service's own questions, in the menu's words; what was typed stays as it was typed."""
    asked = {question.code: question for question in order.item.questions} if order.item and order.answers else {}
    said = []
    for answer in order.answers:
        question = asked.get(answer["code"])
        if question is not None:
            said.append((filters.named(question), _answer(question, str(answer["value"]))))
    return said


def _answer(question: Question, value: str) -> str:
    if question.kind is QuestionKind.YES_NO:
        return _("Yes") if value == "yes" else _("No")
    for choice in question.choices:
        if choice["value"] == value:
            return str(choice.get("name_en") or choice["name"]) if chosen_language() == ENGLISH else str(choice["name"])
    return value


def _asked(order: ServiceOrder, at: datetime) -> list[Asked]:
    """Every offer of the order, the latest first: the whole history in view."""
    return [
        Asked(
            id=offer.id,
            team=filters.named(offer.team),
            state=offer.state,
            words=explaining.asked_words(offer),
            rank=_("number %(rank)s of %(able)s", rank=offer.rank, able=offer.candidates) if offer.rank else _("chosen by hand"),
            distance=filters.km(offer.metres),
            left=max(0, round((offer.expires_at - at).total_seconds())),
            given=round((offer.expires_at - offer.made_at).total_seconds()),
            ends_at=offer.expires_at,
        )
        for offer in reversed(order.offers)
    ]


def _verdict(session: Session, look: candidates.Look, card: Any, order: ServiceOrder) -> Verdict:
    skills = order.item.skills if order.item else []
    found = explaining.verdict(candidates.answer(session, look, card), skills)
    return found if card.site_path.startswith(look.scope) else explaining.out_of_reach(found)


def _centre(path: str) -> str:
    return f"/{path.strip('/').split('/')[0]}/"
