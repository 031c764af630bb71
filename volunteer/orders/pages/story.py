"""Where an order stands, in plain words: five steps, what happens now, what comes next and by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from pypinyin import lazy_pinyin

from volunteer.kernel.clock import local_date
from volunteer.kernel.words import ENGLISH
from volunteer.orders.lifecycle import Action, Status
from volunteer.orders.models import ServiceOrder, WhenKind
from volunteer.orders.parts import parting_rules
from volunteer.orders.queries import Guest
from volunteer.web import county, filters, locale

S = Status
DONE, NOW, NEXT = "done", "now", "next"
REACHED = {
    S.PLACED: 1,
    S.REJECTED: 1,
    S.VERIFIED: 2,
    S.OFFERED: 2,
    S.UNMET: 2,
    S.ACCEPTED: 2,
    S.UNDER_WAY: 3,
    S.IN_SERVICE: 3,
    S.SERVED: 4,
    S.IN_PARTS: 3,
}
DOUBLE_SURNAMES = frozenset({"欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯", "司徒"})
CODE_SHOWN = frozenset({S.ACCEPTED, S.UNDER_WAY, S.IN_SERVICE})
WAITING = frozenset({S.PLACED, S.VERIFIED, S.OFFERED})
PATIENCE = timedelta(minutes=30)  # after the time that was promised, before we say that somebody is late


@dataclass(frozen=True)
class Step:
    """One of the five. ``reason``: words that somebody typed, shown as they are."""

    title: str
    state: str
    at: str = ""
    note: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Story:
    """An order told to the one who waits for it."""

    steps: list[Step]
    coming: str  # what happens next and by when; "" when nothing does
    late: bool  # the promise has passed


def tell_story(order: ServiceOrder, guests: Sequence[Guest], at: datetime) -> Story:
    """Return the five steps in the reader's language; the present one says who does what."""
    titles = _titles(order, guests, at)
    if order.status is S.WITHDRAWN:
        ending = Step(_("You withdrew this request"), NOW, _moment(order.closed_at), "", order.reason)
        return Story([Step(*titles[0][:1], DONE, titles[0][1]), ending], "", False)
    reached = len(titles) if order.status is S.CLOSED else REACHED[order.status]
    steps = []
    for number, (title, when, note, reason) in enumerate(titles):
        state = DONE if number < reached else NOW if number == reached else NEXT
        steps.append(
            Step(title, state, when if state != NEXT else "", note if state != NEXT else "", reason if state == NOW else "")
        )
    late = order.status in WAITING and order.due_at is not None and order.due_at < at
    return Story(steps, _coming(order, late), late)


def one_line(order: ServiceOrder) -> str:
    """Return the present in one line, for lists."""
    team = filters.named(order.team) if order.team else ""
    if order.status is S.ACCEPTED and order.visit_begins:
        return _("%(team)s · %(when)s", team=team, when=_moment(order.visit_begins))
    lines = {
        S.PLACED: _("The centre is checking it"),
        S.REJECTED: _("Not accepted. Please look at the reason"),
        S.VERIFIED: _("We are looking for a team"),
        S.OFFERED: _("We are asking a team"),
        S.UNMET: _("No team was found this time"),
        S.ACCEPTED: _("%(team)s is arranging a time", team=team),
        S.UNDER_WAY: _("%(team)s is on the way", team=team),
        S.IN_SERVICE: _("%(team)s is at work", team=team),
        S.SERVED: _("Done. How was it?"),
        S.CLOSED: _("Finished"),
        S.WITHDRAWN: _("Withdrawn"),
        S.IN_PARTS: _parts_line(order) if order.status is S.IN_PARTS else "",
    }
    return str(lines[order.status])


def wanted(order: ServiceOrder) -> str:
    """Return when the resident would like it."""
    if order.when_kind is WhenKind.WINDOW and order.window_begins and order.window_ends:
        return filters.window(order.window_begins, order.window_ends)
    return str(_("As soon as possible") if order.when_kind is WhenKind.SOON else _("Any time"))


def code_is_shown(order: ServiceOrder, at: datetime) -> bool:
    """Return whether the start code is shown: after acceptance, on the day of the visit, until the service is done."""
    if order.status not in CODE_SHOWN or not order.start_code:
        return False
    begins = order.visit_begins
    return order.status is not S.ACCEPTED or (
        begins is not None and local_date(begins, county.zone()) <= local_date(at, county.zone())
    )


def who_comes(guests: Sequence[Guest]) -> str:
    """Return "王队长和陈师傅", "Team leader Wang and Chen": how one calls people who come to help, at the head of a sentence."""
    english = locale.chosen() == ENGLISH
    names = [_called(guest, english) for guest in guests]
    if len(names) > 3:
        return str(_("%(name)s and %(count)s others", name=names[0], count=len(names) - 1))
    joint = " and " if english else "和"
    return joint.join([(", " if english else "、").join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _titles(order: ServiceOrder, guests: Sequence[Guest], at: datetime) -> list[tuple[str, str, str, str]]:
    """Title, time, note and typed reason of the five steps, as they read when they are done or under way."""
    return [
        (_("Ordered"), _moment(order.placed_at), "", ""),
        _checking(order),
        _team(order, guests, order.visit_begins is not None and order.visit_begins + PATIENCE < at),
        _serving(order, guests),
        _ending(order),
    ]


def _checking(order: ServiceOrder) -> tuple[str, str, str, str]:
    desk = filters.named(order.desk)
    if order.status is S.REJECTED:
        return _("We could not take this on"), "", _("You can correct it and send it again."), order.reason
    if order.status is S.PLACED:
        return _("Being checked"), "", _("%(desk)s is looking at it.", desk=desk), ""
    return _("Checked"), _moment(order.verified_at), "", ""


def _team(order: ServiceOrder, guests: Sequence[Guest], overdue: bool) -> tuple[str, str, str, str]:
    if order.status is S.UNMET:
        return _("No team was found this time"), "", _("We are sorry. You can ask again, or call us."), ""
    if order.status is S.OFFERED:
        return _("Asking a team"), "", _("A team has your request and will answer soon."), ""
    if order.in_parts:
        return _("Several teams"), "", "", ""
    if order.team is None:
        return _("Finding a team"), "", _("We are looking for volunteers near you who can do this."), ""
    title = _("%(team)s will come", team=filters.named(order.team))
    if order.status is not S.ACCEPTED:
        return _("%(team)s said yes", team=filters.named(order.team)), _moment(order.accepted_at), "", ""
    if order.visit_begins is None:
        return title, "", _("They are arranging who comes, and will tell you when."), ""
    when = _moment(order.visit_begins)
    if overdue:
        return title, "", _("They wanted to be with you %(when)s. If nobody comes, please call us.", when=when), ""
    if not guests:
        return title, "", _("They will be with you %(when)s.", when=when), ""
    return title, "", _("%(names)s will be with you %(when)s.", names=who_comes(guests), when=when), ""


def _serving(order: ServiceOrder, guests: Sequence[Guest]) -> tuple[str, str, str, str]:
    if order.in_parts and order.status is S.IN_PARTS:
        return _("In %(total)s parts", total=order.in_parts), "", _parts_line(order), ""
    names = who_comes(guests) or (filters.named(order.team) if order.team else "")
    if order.status is S.UNDER_WAY:
        return _("On the way to you"), _since(order, Action.SET_OUT), _("%(names)s set out.", names=names), ""
    if order.status is S.IN_SERVICE:
        return _("At work"), _since(order, Action.CHECK_IN), _("%(names)s started.", names=names), ""
    return _("The service"), _since(order, Action.CHECK_IN), "", ""


def _parts_line(order: ServiceOrder) -> str:
    done, total = parting_rules.tally([part.status for part in order.parts])
    return str(_("%(done)s of %(total)s parts are done", done=done, total=total))


def _ending(order: ServiceOrder) -> tuple[str, str, str, str]:
    if order.status is S.SERVED:
        return _("Done. How was it?"), _moment(order.served_at), _("Your word helps the next neighbour."), ""
    if order.status is S.CLOSED:
        words = _("You gave %(stars)s stars. Thank you.", stars=order.rating.stars) if order.rating else ""
        return _("Finished"), _moment(order.closed_at), words, ""
    return _("Your rating"), "", "", ""


def _coming(order: ServiceOrder, late: bool) -> str:
    by = _moment(order.due_at)
    if late:
        return str(_("We promised an answer by %(by)s and are late. We are sorry, and are on it.", by=by))
    sentences = {
        S.PLACED: _("Next: we check it and answer you by %(by)s.", by=by),
        S.VERIFIED: _("Next: we ask a team by %(by)s.", by=by),
        S.OFFERED: _("Next: the team answers by %(by)s. If they cannot, we ask the next one.", by=by),
        S.ACCEPTED: _("Next: the team comes to you. They will ask for the start code on this page."),
        S.UNDER_WAY: _("Next: they ring at your door. Have the start code ready."),
        S.IN_PARTS: _("Next: each team tells you when it comes. Every part has its own start code, shown below."),
        S.IN_SERVICE: _("Next: when they are done, please say here how it was."),
        S.SERVED: _("Next: you rate it. Without a word from you it closes by itself on %(by)s.", by=filters.day(order.due_at))
        if order.due_at
        else "",
    }
    return str(sentences.get(order.status, ""))


def _since(order: ServiceOrder, action: Action) -> str:
    """When it happened last."""
    times = [event.at for event in order.events if event.what == action]
    return _moment(times[-1] if times else None)


def _moment(at: datetime | None) -> str:
    return filters.moment(at) if at is not None else ""


def _called(guest: Guest, english: bool) -> str:
    surname = guest.name[:2] if guest.name[:2] in DOUBLE_SURNAMES else guest.name[:1]
    if english:
        spelled = "".join(lazy_pinyin(surname)).capitalize()
        return f"Team leader {spelled}" if guest.leads else spelled
    return f"{surname}队长" if guest.leads else f"{surname}师傅"
