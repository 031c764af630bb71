"""Why somebody cannot have a benefit yet, in words that say what is missing."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from volunteer.recognition.benefit_rules import Holder, Why
from volunteer.recognition.handing_out import REFUSED
from volunteer.recognition.models_benefits import Benefit
from volunteer.recognition.pages.fields import day_words
from volunteer.web import wording
from volunteer.web.locale import chosen


def why_words(why: Why, line: Benefit, holder: Holder) -> str:
    """Return one reason with its figures."""
    if why is Why.STARS:
        return ngettext("needs %(num)s star that stands", "needs %(num)s stars that stand", line.stars_least)
    if why is Why.MINUTES:
        left = wording.hours(line.minutes_least - holder.minutes, chosen())
        return _("%(time)s more within twelve months", time=left)
    if why is Why.TO_COME:
        return _("begins on %(day)s", day=day_words(line.begins))
    if why is Why.YOUNG:
        return _("from %(n)s years on", n=line.age_least)
    if why is Why.OLD:
        return _("up to %(n)s years", n=line.age_most)
    if why is Why.OFTEN:
        return _("had as often as it is given")
    return _(REFUSED[why])
