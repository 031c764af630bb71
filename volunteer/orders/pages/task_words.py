"""What an order is, in the words of whoever reads: for the team's pages."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from markupsafe import Markup

from volunteer.catalogue.models import Question, QuestionKind, ServiceItem
from volunteer.orders.models import Offer, OfferHow, ServiceOrder
from volunteer.web.locale import chosen

CLOSE = 0.6  # of nearness
WELL_RATED = 0.8
FEW = 3  # ratings that say something


def content(text: str) -> Markup:
    """Return words that people wrote, marked as such: they are never translated."""
    return Markup('<span lang="zh-Hans">{}</span>').format(text)


def bring(item: ServiceItem | None) -> Markup | str:
    """Return what to bring, or nothing."""
    return _either(item.bring, item.bring_en) if item else ""


def summary(item: ServiceItem | None) -> Markup | str:
    """Return what the menu says about the service."""
    return _either(item.summary, item.summary_en) if item else ""


def why(offer: Offer) -> str:
    """Return why this team was asked, from what was stored with the offer (PIPL art. 24)."""
    kept = offer.reasons
    parts = kept.get("parts", {})
    said = []
    if offer.how is OfferHow.POOL:
        said.append(_("your team took it from the open pool"))
    elif offer.rank == 0:
        said.append(_("the dispatcher chose you"))
    elif offer.rank == 1 and offer.candidates > 1:
        said.append(_("the best match of %(count)s teams", count=offer.candidates))
    if kept.get("skills"):
        said.append(_("you have the skill"))
    if parts.get("near", 0) >= CLOSE:
        said.append(_("you are close by"))
    if parts.get("continuity", 0) > 0:
        said.append(_("you have helped this home before"))
    if kept.get("hours_asked") and kept.get("hours_free") == kept["hours_asked"]:
        said.append(_("you are free at that time"))
    if kept.get("ratings", 0) >= FEW and kept.get("rating", 0) >= WELL_RATED:
        said.append(_("residents praise you"))
    if kept and kept.get("load") == 0:
        said.append(_("your hands are free"))
    return joined(said or [_("you are one of the teams nearby")])


def answers_of(order: ServiceOrder) -> list[tuple[str | Markup, str | Markup]]:
    """Return the resident's answers beside the questions of the service; free text is marked as theirs."""
    if order.item is None:
        return []
    questions = {question.code: question for question in order.item.questions}
    pairs = ((questions.get(str(answer.get("code"))), answer.get("value")) for answer in order.answers)
    return [(_either(q.name, q.name_en), _answer(q, value)) for q, value in pairs if q is not None and value not in (None, "")]


def _answer(question: Question, value: object) -> str | Markup:
    if question.kind is QuestionKind.YES_NO:
        return _("yes") if value in (True, "yes", "true", "1") else _("no")
    if question.kind is QuestionKind.CHOICE:
        for choice in question.choices:
            if str(choice.get("value")) == str(value):
                return _either(str(choice.get("name", "")), str(choice.get("name_en", "")))
    return str(value) if question.kind is QuestionKind.NUMBER else content(str(value))


def _either(chinese: str, english: str) -> str | Markup:
    if chosen() == "en" and not english:
        return content(chinese) if chinese else ""
    return english if chosen() == "en" else chinese


def joined(words: Iterable[str]) -> str:
    """Return several short remarks as one."""
    return (", " if chosen() == "en" else "，").join(words)
