"""What each figure of a policy means in one line, what it is counted in, and which values make sense. Pure."""

from __future__ import annotations

from typing import NamedTuple

from volunteer.kernel.words import N_
from volunteer.places.models import PolicyKind

MINUTES, DAYS, WORKING_DAYS = N_("minutes"), N_("days"), N_("working days")
KILOMETRES, METRES, SHARE, TIMES = N_("kilometres"), N_("metres"), N_("weight"), N_("times")
WAVES, TEAMS, STARS, FROM_0_TO_1, RATINGS = N_("waves"), N_("teams"), N_("stars"), N_("0 to 1"), N_("ratings")
KMH, OCLOCK = N_("km an hour"), N_("o'clock")
WHOLE_HOURS, GIFTS, POINTS = N_("hours"), N_("gifts"), N_("points")
ORDERS, RECORDS, PEOPLE = N_("orders"), N_("records"), N_("people")
DAY, MONTH = 24 * 60, 30 * 24 * 60


class Figure(NamedTuple):
    """A figure's name and one line about it, its unit, and the least and most that a centre may choose."""

    label: str
    words: str
    unit: str
    least: float = 0
    most: float = 0


KINDS: dict[PolicyKind, tuple[str, str]] = {
    PolicyKind.CLOCKS: (N_("Clocks"), N_("Within which time everybody answers, and what silence means.")),
    PolicyKind.MATCHING: (N_("Matching"), N_("How teams are ranked when an order looks for one.")),
    PolicyKind.HOURS: (N_("Hours of service"), N_("How the time of a visit becomes minutes that count.")),
    PolicyKind.CASES: (N_("Complaints and follow-up"), N_("When a low rating is followed up and a complaint is answered.")),
    PolicyKind.VISITS: (N_("Who goes"), N_("The way between two visits, and what happens when somebody cannot come.")),
    PolicyKind.BRAKE: (N_("Brake"), N_("From how much open work on a team gets nothing new until it has caught up.")),
    PolicyKind.ASKING: (N_("Asking teams"), N_("How many are asked at once, how often each, and at which hours.")),
    PolicyKind.JOINING: (N_("Becoming a volunteer"), N_("What is asked of somebody who registers, and who says yes.")),
    PolicyKind.BY_HAND: (N_("Hours written in"), N_("How much may be written in afterwards, and by whom.")),
    PolicyKind.STARS: (N_("Stars"), N_("From how many minutes of service on somebody may be awarded each star.")),
    PolicyKind.HOMES: (N_("Homes"), N_("An hour a month for each household: what it aims at.")),
    PolicyKind.EVIDENCE: (N_("What counts"), N_("How well an hour must be shown to earn points, stars and certificates.")),
    PolicyKind.REWARDS: (N_("Gifts for points"), N_("How long a gift is kept, how many at once, and who takes one back.")),
}

CLOCKS = {
    "reply_minutes": Figure(
        N_("Check a request"),
        N_("A request is checked within this time, where its service says nothing else."),
        MINUTES,
        5,
        MONTH,
    ),
    "dispatch_minutes": Figure(
        N_("Look for a team"), N_("A checked order is offered to a team within this time."), MINUTES, 5, MONTH
    ),
    "offer_minutes": Figure(
        N_("Answer of a team"), N_("A team that was asked says yes or no within this time."), MINUTES, 5, 7 * DAY
    ),
    "urgent_offer_minutes": Figure(N_("Answer when urgent"), N_("The same for an urgent order."), MINUTES, 2, DAY),
    "waves": Figure(N_("Waves"), N_("After so many rounds without a yes the order goes up to the next site."), WAVES, 1, 20),
    "hold_minutes": Figure(
        N_("Grip of a dispatcher"), N_("An order that a dispatcher has open is kept from others for so long."), MINUTES, 1, 120
    ),
    "nudge_minutes": Figure(N_("Between two nudges"), N_("A resident may ask again only after this time."), MINUTES, 5, DAY),
    "nudges_a_day": Figure(N_("Nudges a day"), N_("So often a resident may ask again in one day."), TIMES, 1, 20),
    "remind_minutes": Figure(N_("Reminder"), N_("Everybody is reminded so long before a visit begins."), MINUTES, 10, 2 * DAY),
    "silent_days": Figure(
        N_("Silence after the service"), N_("An order without a rating closes by itself after these days."), DAYS, 1, 60
    ),
    "reopen_days": Figure(
        N_("Not solved after all"), N_("So long after closing a resident may say that it is not solved."), DAYS, 1, 365
    ),
    "record_days": Figure(
        N_("Record of the service"), N_("A team writes its record within these days (Order 67: ten)."), WORKING_DAYS, 1, 10
    ),
    "standing_days": Figure(N_("Help that comes again"), N_("It becomes an order so many days before its day."), DAYS, 1, 28),
    "moves_most": Figure(N_("Other times"), N_("So often a resident may ask for another time."), TIMES, 1, 20),
    "move_minutes": Figure(
        N_("Another time, how late"), N_("Until so long before a visit a resident may ask for another time."), MINUTES, 5, 2 * DAY
    ),
    "alike_metres": Figure(
        N_("Asked already, how near"),
        N_("Two requests of one kind within this distance may be the same. 0: never."),
        METRES,
        0,
        2000,
    ),
    "alike_days": Figure(N_("Asked already, how long ago"), N_("Within these days of one another."), DAYS, 0, 30),
}
MATCHING = {
    "skill": Figure(N_("Weight of skill"), N_("How much it counts that a team is good at this."), SHARE, 0, 10),
    "near": Figure(N_("Weight of nearness"), N_("How much it counts that a team is close by."), SHARE, 0, 10),
    "rated": Figure(N_("Weight of ratings"), N_("How much it counts what residents said about a team."), SHARE, 0, 10),
    "continuity": Figure(
        N_("Weight of acquaintance"), N_("How much it counts that a team has been at this home before."), SHARE, 0, 10
    ),
    "scale_km": Figure(
        N_("Scale of nearness"), N_("At this distance nearness has fallen to a little more than a third."), KILOMETRES, 0.1, 50
    ),
    "reach_km": Figure(N_("Farthest team"), N_("Nobody is asked from farther away than this."), KILOMETRES, 0.5, 200),
    "prior": Figure(
        N_("Rating of a new team"),
        N_("A team without ratings counts as if it had this one; 0: the mean of all ratings of the centre."),
        FROM_0_TO_1,
        0,
        1,
    ),
    "prior_ratings": Figure(
        N_("Trust in few ratings"), N_("So many ratings of its own weigh as much as that of a new team."), RATINGS, 0, 100
    ),
    "load_price": Figure(N_("Price of load"), N_("How much a team loses that is full already; spreads the work."), SHARE, 0, 5),
    "urgent_pull": Figure(N_("Nearness when urgent"), N_("How much more nearness counts for an urgent order."), SHARE, 0, 10),
    "learned": Figure(
        N_("Learned prices"),
        N_("How much it counts that a team will be sought after today, learned from the past weeks; 0 switches it off."),
        SHARE,
        0,
        1,
    ),
}
HOURS = {
    "round_to": Figure(N_("Round to"), N_("Minutes are rounded to multiples of this."), MINUTES, 1, 60),
    "rounding": Figure(N_("Rounding"), N_("Down, to the nearest, or up."), ""),
    "max_per_activity": Figure(
        N_("Most for one service"), N_("More than this never counts for one visit; 0 is no limit."), MINUTES, 0, DAY
    ),
    "max_per_day": Figure(N_("Most in one day"), N_("More than this never counts in one day; 0 is no limit."), MINUTES, 0, DAY),
    "break_minutes": Figure(N_("Break"), N_("Taken off a stay of more than four hours."), MINUTES, 0, 120),
    "fence_metres": Figure(N_("Near the door"), N_("A phone within this distance counts as being there."), METRES, 20, 2000),
}
CASES = {
    "low_stars": Figure(N_("A low rating"), N_("So many stars or fewer open a follow-up before the rating shows."), STARS, 0, 4),
    "hold_days": Figure(
        N_("Shown at the latest"), N_("A low rating shows after these days although the follow-up is open."), DAYS, 0, 90
    ),
    "follow_up_days": Figure(
        N_("Call back"), N_("The centre calls back about a low rating within these days."), WORKING_DAYS, 1, 30
    ),
    "answer_days": Figure(
        N_("Answer a complaint"), N_("Complaints, suggestions and praise are answered within these days."), WORKING_DAYS, 1, 60
    ),
    "team_days": Figure(N_("The team's side"), N_("A team that was asked may say its side within these days."), DAYS, 1, 30),
    "content_days": Figure(N_("Silence about an answer"), N_("A case closes by itself so long after its answer."), DAYS, 1, 90),
    "solved_days": Figure(
        N_("Really solved?"), N_("So long after closing we ask whether it is really solved; 0 never asks."), DAYS, 0, 180
    ),
}
VISITS = {
    "travel_kmh": Figure(N_("Speed between visits"), N_("How fast people get about, in a straight line."), KMH, 3, 80),
    "travel_minutes": Figure(N_("Leave and arrive"), N_("Added to every way between two visits."), MINUTES, 0, 60),
    "ask_minutes": Figure(
        N_("Answer of a stand-in"), N_("Somebody who is asked to step in says yes or no within this time."), MINUTES, 5, DAY
    ),
    "late_minutes": Figure(
        N_("Nobody came"), N_("So long after the promised time it may be said that somebody did not come."), MINUTES, 5, DAY
    ),
    "hearing_days": Figure(
        N_("Hearing of the other side"), N_("Somebody who did not come may say what happened within these days."), DAYS, 1, 60
    ),
}
JOINING = {
    "approval": Figure(
        N_("The site says yes first"), N_("1: nobody is put on anything before the site has approved them."), N_("0 or 1"), 0, 1
    ),
    "document": Figure(N_("Identity number"), N_("1: nobody registers without an identity number."), N_("0 or 1"), 0, 1),
    "youngest": Figure(
        N_("Youngest age"), N_("From this age on somebody may register; under 18 with a guardian."), N_("years"), 6, 18
    ),
}
BRAKE = {
    "open_orders": Figure(
        N_("Orders in hand"),
        N_("A team with so many gets nothing new, whatever it says it can carry; 0 is no limit."),
        ORDERS,
        0,
        100,
    ),
    "late_records": Figure(N_("Missing records"), N_("So many unwritten records stop a team; 0 is no limit."), RECORDS, 0, 50),
    "record_days": Figure(N_("When a record is missing"), N_("It counts as missing so long after the visit."), DAYS, 1, 60),
    "unanswered": Figure(
        N_("Offers without an answer"), N_("After so many in a row the machine does not ask a team; 0 is no limit."), TIMES, 0, 50
    ),
    "unanswered_days": Figure(N_("How far back"), N_("Offers without an answer are counted over these days."), DAYS, 1, 90),
}
ASKING = {
    "wanted": Figure(
        N_("Wanted chance"),
        N_("So many teams are asked at once that together they say yes with this chance."),
        FROM_0_TO_1,
        0,
        0.99,
    ),
    "wanted_urgent": Figure(N_("Wanted chance when urgent"), N_("The same for an urgent order."), FROM_0_TO_1, 0, 0.99),
    "most": Figure(N_("Most at once"), N_("More teams than this never have an open question about one order."), TEAMS, 1, 10),
    "ask_price": Figure(
        N_("Price of one more ask"), N_("One more team is asked rather than a team that fits so much worse."), SHARE, 0, 5
    ),
    "per_day": Figure(N_("Asks a day"), N_("A team that was asked so often today is passed over."), TIMES, 1, 50),
    "per_week": Figure(N_("Asks in seven days"), N_("The same for the last seven days."), TIMES, 1, 200),
    "quiet_from": Figure(N_("Quiet from"), N_("From this hour on nobody is asked, unless it is urgent."), OCLOCK, 0, 23),
    "quiet_to": Figure(N_("Quiet until"), N_("At this hour asking goes on; the same hour twice is never quiet."), OCLOCK, 0, 23),
    "forgotten_days": Figure(
        N_("Nobody is forgotten"), N_("A team unasked for longer comes first when it is hardly worse; 0 is never."), DAYS, 0, 60
    ),
    "tolerance": Figure(N_("Hardly worse"), N_("So much less may the score of a forgotten team be than the best."), SHARE, 0, 1),
    "half_life": Figure(N_("Old answers fade"), N_("After these days a yes or a no counts half."), DAYS, 1, 365),
    "prior_answers": Figure(
        N_("Trust in few answers"), N_("So many answers of its own weigh as much as the centre's mean."), TIMES, 0.5, 100
    ),
}
REWARDS = {
    "hold_hours": Figure(
        N_("Kept for"), N_("So many hours a reserved gift waits, where the gift says nothing else."), WHOLE_HOURS, 1, 720
    ),
    "open_most": Figure(
        N_("Waiting at once"), N_("Gifts that wait for one person at the same time; 0 is no limit."), GIFTS, 0, 50
    ),
    "per_day": Figure(N_("Reserved in a day"), N_("By one person; 0 is no limit."), GIFTS, 0, 100),
    "second_from": Figure(
        N_("Two people take back from"), N_("A gift of so many points or more; 0: one person is enough."), POINTS, 0, 100_000
    ),
    "refund_days": Figure(N_("Taken back within"), N_("After handing over."), DAYS, 0, 365),
}
EVIDENCE = {
    "points": Figure(N_("Points"), N_("Hours that are shown less well earn no points."), ""),
    "stars": Figure(N_("Stars"), N_("Hours that are shown less well lead to no star."), ""),
    "certificates": Figure(N_("Certificates"), N_("Hours that are shown less well stand on no certificate."), ""),
}
BY_HAND = {
    "days_back": Figure(N_("How far back"), N_("Hours older than this are not written in any more."), DAYS, 1, 365),
    "person_month": Figure(
        N_("For one person in one month"),
        N_("More than this is not written in for one volunteer; 0 is no limit."),
        MINUTES,
        0,
        MONTH,
    ),
    "approver_month": Figure(
        N_("By one approver in one month"), N_("More than this nobody lets through alone; 0 is no limit."), MINUTES, 0, 10 * MONTH
    ),
}
STAR_LEVELS = {
    "one": Figure(N_("One star"), N_("From so many minutes of service on (usual: 100 hours)."), MINUTES, 60, 600_000),
    "two": Figure(N_("Two stars"), N_("Usual: 300 hours."), MINUTES, 60, 600_000),
    "three": Figure(N_("Three stars"), N_("Usual: 600 hours."), MINUTES, 60, 600_000),
    "four": Figure(N_("Four stars"), N_("Usual: 1,000 hours."), MINUTES, 60, 600_000),
    "five": Figure(N_("Five stars"), N_("Usual: 1,500 hours."), MINUTES, 60, 600_000),
    "notice_days": Figure(
        N_("Public notice"), N_("An award hangs in public so long before it stands; 0: it stands at once."), DAYS, 0, 60
    ),
}
HOMES = {
    "goal_minutes": Figure(N_("Goal of a month"), N_("What a household aims at in one month."), MINUTES, 10, 6_000),
    "most_members": Figure(N_("People in one household"), N_("More than these do not join."), PEOPLE, 2, 30),
}
FIGURES: dict[PolicyKind, dict[str, Figure]] = {
    PolicyKind.CLOCKS: CLOCKS,
    PolicyKind.MATCHING: MATCHING,
    PolicyKind.HOURS: HOURS,
    PolicyKind.CASES: CASES,
    PolicyKind.VISITS: VISITS,
    PolicyKind.JOINING: JOINING,
    PolicyKind.BRAKE: BRAKE,
    PolicyKind.ASKING: ASKING,
    PolicyKind.EVIDENCE: EVIDENCE,
    PolicyKind.REWARDS: REWARDS,
    PolicyKind.BY_HAND: BY_HAND,
    PolicyKind.STARS: STAR_LEVELS,
    PolicyKind.HOMES: HOMES,
}
ROUNDING = {"down": N_("down"), "nearest": N_("to the nearest"), "up": N_("up")}
WEAKEST = {
    "a": N_("only A: the resident's code and the position"),
    "b": N_("A and B: also position alone or QR"),
    "c": N_("A, B and C: also the leader's roll-call"),
    "d": N_("all, also what was written in afterwards"),
}
CHOICES = {"rounding": ROUNDING, "points": WEAKEST, "stars": WEAKEST, "certificates": WEAKEST}  # figures that are words
