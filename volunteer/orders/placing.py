"""点单, and the centre's answer to it: verified, or rejected with a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts import caring
from volunteer.accounts import rules as account_rules
from volunteer.accounts.models import ConsentKind, Person
from volunteer.accounts.models_caring import Care, ConsentHow, Relation
from volunteer.accounts.registering import NOT_MOBILE, record_consent, resident_of
from volunteer.audit.recording import record
from volunteer.catalogue.models import Question, QuestionKind, ServiceItem
from volunteer.catalogue.queries import item_of_code
from volunteer.kernel import serials
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.db import load, lock
from volunteer.kernel.errors import Invalid
from volunteer.kernel.geo import Point
from volunteer.kernel.words import N_
from volunteer.media.models import Photo
from volunteer.orders import telling
from volunteer.orders.lifecycle import Action, Status, next_status
from volunteer.orders.models import OrderChannel, OrderPhoto, PhotoKind, ServiceOrder, WhenKind
from volunteer.orders.words import sorting
from volunteer.places.gazetteer import Located, locate
from volunteer.places.models import Site
from volunteer.places.policies import clocks_at
from volunteer.places.queries import branch_over, keep_still

MOST_PHOTOS = 6
MOST_WORDS = 2_000
LONGEST_ADDRESS = 120
LONGEST = {"words": MOST_WORDS, "name": 30, "for_name": 30, "address": LONGEST_ADDRESS}
LONGEST_ANSWER = 120
HIGHEST_NUMBER = 10_000
FURTHEST = timedelta(days=31)  # how far ahead somebody may order
LONGEST_WINDOW = timedelta(days=7)
REASON_LENGTH = 300

PLEASE_CHECK = N_("Please check the fields that are marked.")
FILL_IN = N_("Please fill this in.")
TOO_LONG = N_("This is too long. Please keep it shorter.")


@dataclass(frozen=True, kw_only=True)
class OrderDraft:
    """What somebody asks for. ``name`` and ``phone``: whom we talk to; ``for_name``: whom it is for, when another person.

    ``item`` is the code of a line of the menu, "" for free words. ``point`` is WGS-84. ``notice`` is the version of the
    notice that was agreed to, "" when it was not. ``agreed``: the other person knows and agrees, and ``how`` they said so;
    ``care_id``: somebody whom the signed-in person looks after already. ``owner_id``: whose it is, when a job places it.
    """

    name: str
    phone: str
    notice: str
    item: str = ""
    words: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    point: Point | None = None
    site_id: int | None = None
    address: str = ""
    when: WhenKind = WhenKind.FLEXIBLE
    begins: datetime | None = None
    ends: datetime | None = None
    on_behalf: bool = False
    for_name: str = ""
    for_phone: str = ""
    relation: Relation = Relation.OTHER
    how: ConsentHow = ConsentHow.SPOKEN
    agreed: bool = False
    care_id: int | None = None
    owner_id: int | None = None
    urgent: bool = False
    channel: OrderChannel = OrderChannel.WEB
    photos: tuple[Photo, ...] = ()
    locale: str = "zh_Hans"


def place_order(session: Session, actor: Actor, draft: OrderDraft, *, at: datetime) -> ServiceOrder:
    """点单: write the order down, tell the desk, and send number and code to the phone that was named.

    Returns the order; its ``secret`` (for the link) and ``code`` can be read. Open to everybody on the web; by phone or at
    the counter a clerk of that place orders, and the resident stays the owner. Raises Invalid with every complaint at once.
    """
    wrong = complaints(draft, at)
    located, item = where_and_what(session, draft, wrong)
    if wrong or located is None:
        raise Invalid("order_invalid", PLEASE_CHECK, wrong)
    site = located.site
    if draft.channel is not OrderChannel.WEB:
        actor.must(Permission.ORDER_PLACE_FOR_OTHERS, at=site.path)

    keep_still(session, site)
    care = _care(session, actor, draft, at) if draft.on_behalf else None
    resident = care.person if care is not None else resident_for(session, actor, draft, at)
    desk = branch_over(session, site)
    secret = serials.token()
    today = local_date(at, zone_of(session))
    order = ServiceOrder(
        number=serials.order_number(today, serials.take(session, f"orders:{today:%y%m}")),
        secret_hash=hash_secret(secret),
        status=Status.PLACED,
        resident=resident,
        placed_by=actor.user_id,
        channel=draft.channel,
        on_behalf=draft.on_behalf,
        care=care,
        item=item,
        answers=_answers(item, draft.answers),
        urgent=draft.urgent and actor.can(Permission.ORDER_VERIFY, at=site.path),
        site=site,
        site_path=site.path,
        desk=desk,
        desk_path=desk.path,
        place=located.words,
        latitude=located.point.latitude,
        longitude=located.point.longitude,
        when_kind=draft.when,
        window_begins=draft.begins if draft.when is WhenKind.WINDOW else None,
        window_ends=draft.ends if draft.when is WhenKind.WINDOW else None,
        placed_at=at,
        due_at=at + _reply(session, site, item, at),
        nudges=0,
    )
    session.add(order)
    order.secret, order.code, order.start_code = secret, serials.digits(6), serials.digits(4)
    _write_private(order, draft, resident.name if care is not None else draft.name.strip())
    order.write_down("place", actor, at)
    session.flush()  # consents and messages name the order's id
    _consents(session, actor, order, draft, at)
    telling.tell_placed(session, order, at=at)
    return order


def _write_private(order: ServiceOrder, draft: OrderDraft, contact: str) -> None:
    """What only those who may read it read: a sealed column wants its order in a session."""
    order.contact = contact
    order.phone = account_rules.mobile(draft.phone)
    order.door = draft.address.strip()
    order.words = draft.words.strip()
    order.photos.extend(OrderPhoto(photo=photo, kind=PhotoKind.ASKED) for photo in draft.photos)


def with_photos(draft: OrderDraft, photos: tuple[Photo, ...]) -> OrderDraft:
    """Return the draft with photos that were stored."""
    return replace(draft, photos=photos)


def verify_order(
    session: Session, actor: Actor, order_id: int, *, item_id: int | None = None, urgent: bool | None = None, at: datetime
) -> ServiceOrder:
    """Say that the order is real and which line of the menu it is; free words cannot go on without one.

    Verifying twice changes nothing. Raises Invalid (``item``), Conflict when it has moved on.
    """
    order = lock(session, ServiceOrder, order_id)
    actor.must(Permission.ORDER_VERIFY, at=order.site_path)
    if order.status is Status.VERIFIED and (item_id is None or item_id == order.item_id) and urgent in (None, order.urgent):
        return order
    next_status(order.status, Action.VERIFY)
    item = menu_item(session, order, item_id)

    sorting.keep_choice(session, order, item, at=at)
    if item is not order.item:
        order.item = item
        order.answers = _answers(item, {answer["code"]: answer["value"] for answer in order.answers})
    order.urgent = order.urgent if urgent is None else urgent
    order.advance(Action.VERIFY, by=actor, at=at)
    order.verified_at = at
    order.reason = ""
    order.due_at = at + timedelta(minutes=clocks_at(session, order.desk_path, at).dispatch_minutes)
    telling.tell_resident(session, order, "order_verified", at=at)
    return order


def reject_order(session: Session, actor: Actor, order_id: int, reason: str, *, at: datetime) -> ServiceOrder:
    """Say no, with a reason that the resident reads and can answer by correcting the order."""
    order = lock(session, ServiceOrder, order_id)
    actor.must(Permission.ORDER_VERIFY, at=order.site_path)
    reason = said(reason)
    if order.status is Status.REJECTED and order.reason == reason:
        return order

    order.advance(Action.REJECT, by=actor, at=at, note=reason)
    order.reason = reason
    order.due_at = None
    telling.tell_resident(session, order, "order_rejected", at=at, reason=reason)
    record(session, actor, "order_rejected", f"order:{order.id}", at=at, site_path=order.site_path)
    return order


def hash_secret(token: str) -> str:
    """Return what is stored of a secret link's token, and looked up by."""
    return hashlib.sha256(token.encode()).hexdigest()


def said(reason: str) -> str:
    """Return a reason, tidied. Raises Invalid when there is none."""
    tidy = " ".join(reason.split())
    if not tidy:
        raise Invalid.field("reason", N_("Please say why, in a few words."))
    return tidy[:REASON_LENGTH]


def complaints(draft: OrderDraft, at: datetime) -> dict[str, list[str]]:
    """Return what is wrong with a draft that can be seen without looking anything up, by field."""
    known = not draft.on_behalf or draft.care_id is not None
    checks = (
        ("words", bool(draft.item or draft.words.strip()), N_("Please choose a service or tell us in your own words.")),
        ("name", bool(draft.name.strip()), N_("Please tell us your name.")),
        ("phone", account_rules.mobile(draft.phone) is not None, NOT_MOBILE),
        ("photos", len(draft.photos) <= MOST_PHOTOS, N_("At most six photos, please.")),
        ("consent", bool(draft.notice), N_("We need your consent to keep this. Please tick the box.")),
        *((name, len(getattr(draft, name)) <= most, TOO_LONG) for name, most in LONGEST.items()),
    )
    wrong = {name: [words] for name, right, words in checks if not right}
    wrong |= {} if known else caring.complaints(_care_draft(draft))
    if words := window_complaint(draft.when, draft.begins, draft.ends, at):
        wrong["when"] = [words]
    return wrong


def window_complaint(when: WhenKind, begins: datetime | None, ends: datetime | None, at: datetime) -> str | None:
    """Return what is wrong with the time that was asked for, or None."""
    if when is not WhenKind.WINDOW:
        return None
    if begins is None or ends is None:
        return N_("Please choose a time.")
    if ends <= begins or ends - begins > LONGEST_WINDOW:
        return N_("The end must come after the beginning, within a week.")
    if ends <= at:
        return N_("That time has passed. Please choose a later one.")
    if begins > at + FURTHEST:
        return N_("That is too far ahead. Please choose a time within a month.")
    return None


def where_and_what(session: Session, draft: OrderDraft, wrong: dict[str, list[str]]) -> tuple[Located | None, ServiceItem | None]:
    """Look up place and service; what does not fit is added to ``wrong``."""
    located: Located | None = None
    try:
        located = locate(session, point=draft.point, site_id=draft.site_id, address=draft.address)
    except Invalid as error:
        wrong.update(error.fields)
    if not draft.item:
        return located, None
    item = item_of_code(session, draft.item, located.site.path if located else "/")
    if item is None:
        wrong["item"] = [N_("This service is not on the menu any more. Please choose again.")]
        return located, None
    for question in item.asked:
        if words := _answer_complaint(question, draft.answers.get(question.code, "").strip()):
            wrong[f"answers.{question.code}"] = [words]
    return located, item


def _answer_complaint(question: Question, answer: str) -> str | None:
    if not answer:
        return FILL_IN if question.required else None
    if question.kind is QuestionKind.CHOICE and answer not in {choice["value"] for choice in question.offered}:
        return N_("Please choose one of these.")
    if question.kind is QuestionKind.YES_NO and answer not in {"yes", "no"}:
        return N_("Please choose yes or no.")
    if question.kind is QuestionKind.NUMBER and not (answer.isascii() and answer.isdigit() and int(answer[:9]) <= HIGHEST_NUMBER):
        return N_("Please write a number.")
    return TOO_LONG if len(answer) > LONGEST_ANSWER else None


def _answers(item: ServiceItem | None, given: Mapping[str, str]) -> list[dict[str, Any]]:
    if item is None:
        return []
    kept = ((question.code, given.get(question.code, "").strip()) for question in item.asked)
    return [{"code": code, "value": value} for code, value in kept if value]


def resident_for(session: Session, actor: Actor, draft: OrderDraft, at: datetime) -> Person:
    """Whose order it is: the signed-in person's own, else whoever has that name and phone."""
    own = actor.user_id is not None and draft.channel is OrderChannel.WEB and actor.may(Permission.ORDER_PLACE)
    if draft.owner_id is not None or own:
        return load(session, Person, actor.user_id if draft.owner_id is None else draft.owner_id)
    person = resident_of(session, actor, draft.name, draft.phone, at=at)
    if person.registered_at == at:
        person.locale = draft.locale
    return person


def _care(session: Session, actor: Actor, draft: OrderDraft, at: datetime) -> Care:
    """By which right somebody asks for another: one that they have, else one that they say they were given now."""
    if draft.care_id is not None:
        care = session.get(Care, draft.care_id)
        if care is None or care.ended_at is not None or (draft.owner_id is None and care.helper_id != actor.user_id):
            raise Invalid.field("care", N_("They no longer want you to ask for them. Please talk with them first."))
        return care
    helper = resident_for(session, actor, draft, at)
    return caring.begin(session, actor, helper, _care_draft(draft), at=at)


def _care_draft(draft: OrderDraft) -> caring.CareDraft:
    return caring.CareDraft(
        name=draft.for_name,
        phone=draft.for_phone,
        relation=draft.relation,
        how=draft.how,
        notice=draft.notice,
        agreed=draft.agreed,
    )


def _reply(session: Session, site: Site, item: ServiceItem | None, at: datetime) -> timedelta:
    """The reply clock: the menu line's own, else the centre's."""
    return timedelta(minutes=item.reply_minutes if item else clocks_at(session, site.path, at).reply_minutes)


def _consents(session: Session, actor: Actor, order: ServiceOrder, draft: OrderDraft, at: datetime) -> None:
    about = f"order:{order.id}"
    record_consent(session, actor, order.resident, ConsentKind.ORDER_NOTICE, notice=draft.notice, at=at, about=about)


def menu_item(session: Session, order: ServiceOrder, item_id: int | None) -> ServiceItem:
    """Return the line of the menu that was chosen for an order; its own without a choice. Raises Invalid (``item``)."""
    item = order.item if item_id is None else session.get(ServiceItem, item_id)
    if item is None:
        raise Invalid.field("item", N_("Please choose the service that this is."))
    if item is not order.item and (item.closed_at is not None or not order.site_path.startswith(item.site.path)):
        raise Invalid.field("item", N_("Please choose one of these."))
    return item
