"""一键派单 as templates want it: what a plan says in plain words, its lines with their bars, its map. Nothing left to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from volunteer import matching
from volunteer.catalogue.models import Skill
from volunteer.kernel.words import N_
from volunteer.matching import Obstacle
from volunteer.orders.candidates import Candidate
from volunteer.orders.pages import board_views, explaining, plan_words
from volunteer.orders.pages.explaining import Bar
from volunteer.orders.plans import queries_runs
from volunteer.orders.plans.lifecycle import AT_WORK, UNDER_HAND, LineState, RunState
from volunteer.orders.plans.models_runs import DispatchLine, DispatchRun
from volunteer.orders.plans.planning import MOST
from volunteer.orders.plans.queries_runs import KINDS, PAGE, Chosen
from volunteer.teams import queries as teams
from volunteer.teams.queries import TeamCard
from volunteer.web import filters

NEAR, FAR = 2_000, 6_000  # metres: the tones of a way on the map
ALIKE = 5e-5  # gaps below a two-hundredth of a percent are none
KIND_WORDS = {
    "planned": N_("Planned"),
    "changed": N_("Otherwise than one by one"),
    "nobody": N_("Nobody found"),
    "out": N_("Left out"),
    "offered": N_("Sent"),
    "refused": N_("Not sent"),
    "up": N_("Given to the desk above"),
    "kept": N_("With a team already"),
}
STATE_WORDS = {
    RunState.WAITING: (N_("In line"), "grey"),
    RunState.PLANNING: (N_("Being worked out"), "info"),
    RunState.WRITING: (N_("Being worked out"), "info"),
    RunState.READY: (N_("Ready to look at"), "soon"),
    RunState.ACCEPTED: (N_("All sent"), "ok"),
    RunState.PART: (N_("Partly sent"), "ok"),
    RunState.DROPPED: (N_("Dropped"), "grey"),
    RunState.FAILED: (N_("Did not work"), "late"),
    RunState.STALE: (N_("Out of date"), "grey"),
}
UNSERVED_WORDS: dict[str, str] = {
    Obstacle.NOBODY: N_("There is no team here at all."),
    Obstacle.NOT_INSURED: N_("%(n)s teams have the skill, but nobody in them is insured for dangerous work."),
    Obstacle.NO_TIME: N_("%(n)s teams have the skill, but none of them serves at that time."),
    Obstacle.FULL: N_("%(n)s teams could come, but all have their hands full."),
    Obstacle.RULED_OUT: N_("%(n)s teams could come, but all were asked already or serve elsewhere."),
    Obstacle.ALL_TAKEN: N_("%(n)s teams could come, but this plan needs all their places for other orders."),
    Obstacle.NOT_WORTH: N_("%(n)s teams could come, but the way would be too much for what it brings."),
}
FAULTS = {
    "planner_died": N_("The plan was begun three times and never finished. County IT can see why."),
    "planner_gone": N_("Whoever began the plan can no longer log in."),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One kind of lines."""

    label: str
    href: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Other:
    """A team that could be asked instead."""

    team_id: int
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a plan."""

    id: int
    order_id: int
    title: str
    where: str
    urgent: bool
    href: str
    team: str
    distance: str
    rank: str
    note: str
    bars: list[Bar]
    sentences: list[str]
    others: list[Other]
    first: str  # the team that would come first for this order alone, when it is another one
    wished: bool
    refused: str
    latitude: float
    longitude: float
    tone: str
    open: bool  # may still be chosen, changed, left out


@dataclass(frozen=True, slots=True)
class Totals:
    """What a plan amounts to, in figures and in words."""

    served: int
    of: int
    nobody: int
    metres: float
    quality: str
    proof: str
    policy: str
    later: int  # orders that are too many for one plan


def totals(run: DispatchRun, counts: Mapping[LineState, int]) -> Totals:
    """Return what the plan amounts to."""
    nobody = counts.get(LineState.UNSERVED, 0)
    return Totals(
        served=run.served,
        of=run.served + nobody,
        nobody=nobody,
        metres=run.metres,
        quality=_("%(points)s of 100", points=min(100, round(100 * run.quality))),
        proof=proof_words(run),
        policy=run.policy_version.removeprefix("matching:"),
        later=run.waiting - run.size if run.size >= MOST else 0,
    )


def proof_words(run: DispatchRun) -> str:
    """Return what is proved about the plan: that there is no better one, or by how little one could be better."""
    share = run.gap / abs(run.total) if run.total else run.gap
    if share <= ALIKE:
        return _("Proved: no other plan is better.")
    return _("Proved: no other plan is better by more than %(share)s%%.", share=f"{100 * share:.2f}")


def chosen_of(args: Mapping[str, str]) -> Chosen:
    """Read from an address which lines are wanted; what makes no sense is left out."""
    kind, page = args.get("show", "planned"), args.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 5 else 1
    return Chosen(kind if kind in KINDS else "planned", args.get("q", "").strip()[: board_views.LONGEST_SEARCH], max(1, number))


def tabs(run: DispatchRun, counts: Mapping[LineState, int], chosen: Chosen) -> list[Tab]:
    """Return the kinds of lines that the plan has, and the one that is looked at."""
    numbers = {kind: sum(counts.get(state, 0) for state in states) for kind, states in KINDS.items()}
    numbers["changed"] = run.changed if run.state in UNDER_HAND else 0
    shown = [kind for kind in KIND_WORDS if numbers[kind] or kind == chosen.kind or kind == "planned"]
    return [
        Tab(_(KIND_WORDS[kind]), address(run, kind), numbers[kind], kind == chosen.kind) for kind in shown
    ]  # fmt: skip


def address(run: DispatchRun, kind: str = "planned", words: str = "", page: int = 1) -> str:
    """Return the address of a plan's lines."""
    return url_for(
        "dispatch_all.run", run_id=run.id, show=kind if kind != "planned" else None, q=words or None,
        page=page if page > 1 else None,
    )  # fmt: skip


def listed(session: Session, run: DispatchRun, chosen: Chosen) -> dict[str, Any]:
    """Return one page of lines, and the addresses of the pages before and after."""
    found = queries_runs.lines(session, run, chosen)
    some = found[:PAGE]
    cards = teams.directory(session).cards
    first = [line.first_team_id for line in some if line.first_team_id and line.first_team_id != line.team_id]
    uses = queries_runs.uses(session, run, first)
    skills = queries_runs.skills(session, [code for line in some for code in line.facts.get("skills", ())])
    before = address(run, chosen.kind, chosen.words, chosen.page - 1) if chosen.page > 1 else None
    after = address(run, chosen.kind, chosen.words, chosen.page + 1) if len(found) > PAGE else None
    return {"rows": [row(run, line, cards, uses, skills) for line in some], "before": before, "after": after}


def row(
    run: DispatchRun,
    line: DispatchLine,
    cards: Mapping[int, TeamCard],
    uses: Mapping[int, int],
    skills: Mapping[str, Skill],
) -> Row:
    """Return one line of a plan."""
    order, card = line.order, cards.get(line.team_id or 0)
    shown = _choice(line, card) if card is not None and line.reasons else None
    other_first = line.first_team is not None and line.first_team_id != line.team_id
    first = filters.named(line.first_team) if other_first and line.first_team else ""
    return Row(
        id=line.id,
        order_id=order.id,
        title=board_views.title(order),
        where=" · ".join(place for place in (board_views.branch_name(order), filters.named(order.site)) if place),
        urgent=order.urgent,
        href=url_for("board.order", number=order.number),
        team=filters.named(line.team) if line.team else "",
        distance=filters.km(line.metres) if line.team and line.metres else "",
        rank=_("number %(rank)s of %(able)s", rank=line.rank, able=line.candidates) if line.rank else "",
        note=shown.note if shown else "",
        bars=shown.bars if shown else [],
        sentences=_sentences(run, line, first, uses) if line.team_id else _reasons(line, cards, skills),
        others=[Other(one["team"], _other(one, cards)) for one in line.others if one["team"] in cards],
        first=first if line.team_id else "",
        wished=line.wished,
        refused=refusal(line),
        latitude=order.latitude,
        longitude=order.longitude,
        tone=tone_of(line),
        open=run.state is RunState.READY,
    )


def refusal(line: DispatchLine) -> str:
    """Return why a line could not be sent."""
    if line.state not in KINDS["refused"] or not line.note:
        return ""
    return str(_(line.note, **line.facts)) if "%(" in line.note else str(_(line.note))


def tone_of(line: DispatchLine) -> str:
    """Return the tone of a line's way: near, farther, far, or nobody."""
    if line.team_id is None:
        return "late"
    return "ok" if line.metres <= NEAR else "info" if line.metres <= FAR else "soon"


def ways(session: Session, run: DispatchRun) -> list[dict[str, Any]]:
    """Return the plan for the map: from each order a line to its team, its tone by distance."""
    drawn = []
    for line in queries_runs.ways(session, run):
        place = {"id": line.id, "latitude": line.order.latitude, "longitude": line.order.longitude, "tone": tone_of(line)}
        team = line.team
        to = {"team": filters.named(team), "to": [team.latitude, team.longitude]} if team else {}
        said = filters.named(team) + " · " + filters.km(line.metres) if team else _("nobody found")
        drawn.append(place | to | {"title": f"{board_views.title(line.order)} → {said}"})
    return drawn


def progress(run: DispatchRun) -> dict[str, Any]:
    """Return how far a plan is that is still worked out."""
    share = run.done / run.size if run.state is RunState.WRITING and run.size else 0.0
    words = {
        RunState.WAITING: _("Your plan is in line. It begins in a few seconds."),
        RunState.PLANNING: _("Looking for the best plan for %(n)s orders…", n=run.size),
        RunState.WRITING: _("Writing down the reasons: %(done)s of %(n)s orders.", done=run.done, n=run.size),
    }
    return {"at_work": run.state in AT_WORK, "share": share, "words": words.get(run.state, "")}


def state_words(run: DispatchRun) -> tuple[str, str]:
    """Return where a plan stands, and the tone of it."""
    words, tone = STATE_WORDS[run.state]
    return _(words), tone


def fault_words(run: DispatchRun) -> str:
    """Return why a plan did not work."""
    said = FAULTS.get(run.fault)
    return _(said) if said else _("The plan could not be worked out (%(fault)s). Please try again.", fault=run.fault)


def mark(run: DispatchRun, moved: object, at: datetime) -> str:
    """Return what the page's own small news depend on."""
    return repr((run.state, run.done, run.size, moved, at.replace(second=0, microsecond=0)))


def _choice(line: DispatchLine, card: TeamCard) -> explaining.Choice:
    """The reasons as they were kept, in the words of the board."""
    kept = {field.name: line.reasons[field.name] for field in fields(matching.Reasons) if field.name in line.reasons}
    reasons = matching.Reasons(**(kept | {"parts": matching.Parts(**kept["parts"])}))
    match = matching.Match(card.id, line.rank, line.score, line.price, line.metres, reasons)
    return explaining.choice(Candidate(card, match, line.metres, None))


def _sentences(run: DispatchRun, line: DispatchLine, first: str, uses: Mapping[int, int]) -> list[str]:
    """Why this team and not the first, and what a place there is worth to the others."""
    said = []
    if first:
        said.append(plan_words.not_the_first(first, uses.get(line.first_team_id or 0, 0), wished=line.wished))
    said.append(plan_words.sought_after(run.prices.get(str(line.team_id), 0.0)))
    return [words for words in said if words]


def _reasons(line: DispatchLine, cards: Mapping[int, TeamCard], skills: Mapping[str, Skill]) -> list[str]:
    return [unserved_words(line, cards, skills)] if line.obstacle else []


def unserved_words(line: DispatchLine, cards: Mapping[int, TeamCard], skills: Mapping[str, Skill]) -> str:
    """Return why a plan has nobody for an order: the first condition after which nobody was left."""
    facts: dict[str, Any] = dict(line.facts)
    if (card := cards.get(facts.get("wished", 0))) is not None:
        reason = matching.Reason(Obstacle(line.obstacle), facts)
        words = explaining.obstacle_words(reason, skills.values(), facts.get("metres", 0.0))
        return _("%(team)s, which you chose, %(why)s.", team=filters.named(card), why=words)
    if line.obstacle == Obstacle.MISSING_SKILL:
        names = [filters.named(skills[code]) for code in facts["skills"] if code in skills]
        return _("No team here has the skill: %(skills)s.", skills=_(", ").join(names))
    if line.obstacle == Obstacle.TOO_FAR:
        far, reach = filters.km(facts["metres"]), filters.km(facts["reach_metres"])
        return _("The nearest team that can do it is %(far)s away and goes at most %(reach)s.", far=far, reach=reach)
    if line.obstacle in UNSERVED_WORDS:
        return _(UNSERVED_WORDS[line.obstacle], n=facts.get("teams", 0))
    return _("Where or when this is makes no sense to us. Please open the order.")


def _other(one: Mapping[str, Any], cards: Mapping[int, TeamCard]) -> str:
    card = cards[one["team"]]
    return _("%(team)s · %(far)s · number %(rank)s", team=filters.named(card), far=filters.km(one["metres"]), rank=one["rank"])


def recent(found: Sequence[DispatchRun]) -> list[dict[str, Any]]:
    """Return plans that are over, for the list."""
    return [
        {
            "href": address(run, "offered" if run.state in {RunState.ACCEPTED, RunState.PART} else "planned"),
            "title": _("%(place)s, %(when)s", place=filters.named(run.site), when=filters.moment(run.started_at)),
            "by": run.person.name,
            "size": run.waiting,
            "chip": state_words(run),
        }
        for run in found
    ]
