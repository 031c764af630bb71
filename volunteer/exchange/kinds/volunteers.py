"""志愿者 as a sheet: each row registers somebody, with a key of their own that seals what is private.

Somebody is known again by phone and name: a family may share a phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.accounts import documents
from volunteer.exchange import known
from volunteer.exchange.columns import Choice, Column, Draft, Sheet, Type, Values, same
from volunteer.exchange.kinds.base import Context, Existing, Key, Kind, OfKind, Places, site_column
from volunteer.exchange.kinds.services import skill_codes, skills_of
from volunteer.kernel import serials
from volunteer.kernel.clock import local_date, zone_of
from volunteer.kernel.words import N_
from volunteer.places.policies import joining_at
from volunteer.teams import ages, enrolling
from volunteer.teams.joining import USUAL_LEVEL
from volunteer.teams.membership import remove_member
from volunteer.teams.models import MemberRole, Volunteer
from volunteer.teams.profiling import move_to_site
from volunteer.teams.refreshing import refresh_teams

ROLES = (
    Choice(MemberRole.MEMBER, "队员", "member"),
    Choice(MemberRole.DEPUTY, "副队长", "deputy"),
    Choice(MemberRole.LEADER, "队长", "leader"),
)
COUNTER = "volunteer"
SHEET = Sheet(
    name="volunteers",
    title=N_("Volunteers"),
    columns=(
        Column(key="name", name="姓名", name_en="Name", required=True, longest=60, example="张试", private=True, also=("名字",)),
        Column(key="phone", name="手机号", name_en="Mobile", type=Type.MOBILE, required=True, example="13800000001", private=True,
               also=("手机", "电话", "联系电话", "手机号码"),
               note=N_("11 digits, as text. Phone and name together say who it is.")),
        Column(key="document", name="身份证号", name_en="Identity number", type=Type.DOCUMENT, private=True, kept=True,
               also=("身份证", "身份证号码", "证件号"),
               note=N_("18 signs, as text: Excel cuts numbers down after 15 digits. It may stay empty.")),
        Column(key="born_on", name="出生日期", name_en="Born on", type=Type.DATE, private=True, kept=True, example="1990-05-01",
               also=("生日",), note=N_("Only without an identity number. Under 18 somebody registers with a guardian, by page.")),
        site_column(),
        Column(key="skills", name="技能", name_en="Skills", type=Type.CODES, longest=400, default=(), example="电工、理发",
               note=N_("Codes or names of skills, separated by 、 or ;")),
        Column(key="hours", name="每周可服务时间", name_en="Weekly hours", type=Type.HOURS, longest=400, default=(),
               example="周一 9:00-11:30; 周末 14:00-18:00", also=("可服务时间", "服务时间", "时间"),
               note=N_("Like: Mon 9:00-11:30; weekend 14:00-18:00")),
        Column(key="teams", name="团队", name_en="Teams", type=Type.CODES, longest=400, default=(), example="T001",
               also=("队伍", "所属团队"), note=N_("Codes or names of teams, separated by 、 or ;")),
        Column(key="role", name="队内角色", name_en="Role in the team", type=Type.CHOICE, choices=ROLES, example="队员",
               default=MemberRole.MEMBER.value, also=("角色",), note=N_("Empty means member.")),
        Column(key="insured_until", name="保险到期", name_en="Insured until", type=Type.DATE, example="2027-12-31",
               also=("保险有效期",)),
        Column(key="number", name="志愿者号", name_en="Volunteer number", type=Type.CODE, longest=20, kept=True, also=("编号",),
               note=N_("Stays empty for a new volunteer without one: a number is given.")),
    ),
    key=("phone", "name"),
    most=50_000,
)  # fmt: skip


class Volunteers(Kind):
    """Volunteers of sites."""

    sheet = SHEET
    permission = Permission.TEAMS_MANAGE
    model = Volunteer
    at_once = 50_000

    def context(self, session: Session, actor: Actor, drafts: Sequence[Draft] | None, at: datetime) -> Context:
        """Who is known already among those of the sheet; all of the actor's for None, their phones unsealed."""
        context = Context(session, actor, at, places=Places.of(session, actor, self.permission))
        teams = known.teams(session, actor, self.permission)
        context.more = {
            "skills": skills_of(session),
            "teams": teams,
            "people": {},
            "documents": {},
            "numbers": {},
            "joined": set(),
        }
        if drafts is not None:
            phones = {draft.values["phone"] for draft in drafts if draft.values.get("phone")}
            documents = {draft.values["document"] for draft in drafts if draft.values.get("document")}
            context.more["people"] = known.people_by_phone(session, phones)
            context.more["documents"] = known.people_by_document(session, documents)
            numbers = {draft.values["number"] for draft in drafts if draft.values.get("number")}
            context.more["numbers"] = known.volunteers_by_number(session, numbers)
            ids = [person for found in context.more["people"].values() for person in found.values()]
        else:
            ids = known.volunteers_under(session, context.places.mine, context.places.by_code)
        context.current = self._current(context, ids, private=drafts is None)
        return context

    def settle(self, values: Values, context: Context) -> Values:
        """Place, skills and teams become codes."""
        values = values | {"site": context.places.code_of(values.get("site"))}
        if "skills" in values:
            values["skills"] = skill_codes(values["skills"] or (), context.more["skills"])
        if "teams" in values:
            values["teams"] = tuple(sorted({self._team(word, context) for word in values["teams"] or ()}))
        if document := values.get("document"):
            born = documents.born_on(document)
            if values.get("born_on") not in (None, born):
                raise OfKind("born_on", N_("This is another birthday than in the identity number."))
            values["born_on"] = born
        if existing := context.current.get((values["phone"], values["name"])):  # nobody leaves a team by a sheet
            values["teams"] = tuple(sorted({*existing.values["teams"], *values.get("teams", ())}))
            values |= {"role": existing.values["role"], "document": None}
            values["born_on"] = values.get("born_on") if existing.values["born_on"] else None
        return values

    def judge(self, values: Values, existing: Existing | None, context: Context) -> None:
        """What registering would refuse."""
        if existing is not None:
            for column in ("skills", "hours", "insured_until", "number", "born_on"):
                if not same(values.get(column), existing.values.get(column)):
                    raise OfKind(column, N_("They are registered already: this is changed on their own page, not by a sheet."))
            return
        today = local_date(context.at, zone_of(context.session))
        if document := values.get("document"):
            if documents.identity_number(document, today) is None:
                raise OfKind("document", N_("This identity number is not right. Please check its 18 characters."))
        elif self._wants_document(values["site"], context):
            raise OfKind("document", N_("Please write the identity number: your county asks for it."))
        if ages.needs_guardian(values.get("born_on"), today):
            raise OfKind("born_on", N_("Under 18 somebody registers with a guardian's consent, by page."))
        person = self._person(values, context)
        for column, words in (
            ("document", N_("Somebody else with this identity number is known already.")),
            ("number", N_("Somebody else has this volunteer number.")),
        ):
            value, there = values.get(column), context.more[f"{column}s"]
            if value and there.setdefault(value, person or -1) != (person or -1):
                raise OfKind(column, words)
            if value and person is None:
                there[value] = 0  # the next row with it is somebody else
        if values.get("role") == MemberRole.LEADER:
            self._lead(values, context)

    def make(self, context: Context, rows: Sequence[tuple[int, Values]]) -> list[str]:
        """Register all of them at once."""
        without = sum(1 for _, values in rows if not values.get("number"))
        last = serials.take(context.session, COUNTER, without) if without else 0
        numbers = iter(range(last - without + 1, last + 1))
        drafts, persons = [], []
        for _, values in rows:
            person = self._person(values, context)
            values["number"] = values.get("number") or _number(next(numbers))
            persons.append(person)
            drafts.append(self._draft(values, person, context))
        ids = enrolling.enrol_volunteers(context.session, context.actor, drafts, at=context.at)
        joins = [
            (context.more["teams"].by_code[code], person_id, MemberRole(values.get("role") or MemberRole.MEMBER))
            for (_, values), person_id in zip(rows, ids, strict=True)
            for code in values.get("teams") or ()
        ]
        if joins:
            enrolling.join_teams(context.session, context.actor, joins, at=context.at)
        return [f"{'volunteer' if person else 'person'}:{made}" for person, made in zip(persons, ids, strict=True)]

    def change(self, context: Context, existing: Existing, values: Values, columns: frozenset[str]) -> None:
        """Another home site, more teams; undone, fewer again."""
        session, actor, at = context.session, context.actor, context.at
        if "site" in columns:
            move_to_site(session, actor, existing.id, context.places.named(values["site"]), at=at)
        teams, before = context.more["teams"].by_code, set(existing.values["teams"])
        if more := sorted(set(values["teams"]) - before):
            joins = [(teams[code], existing.id, MemberRole.MEMBER) for code in more]
            enrolling.join_teams(session, actor, joins, at=at)
        for code in sorted(before - set(values["teams"])):
            remove_member(session, actor, teams[code].id, existing.id, at=at)

    def found(self, session: Session, actor: Actor, things: Sequence[str], at: datetime) -> tuple[Context, dict[str, Existing]]:
        """The volunteers of an import, and what each has done since, asked once for all."""
        context = Context(session, actor, at, places=Places.of(session, actor, self.permission))
        ids = {int(thing.split(":")[1]): thing for thing in things}
        context.more = {"users": known.deeds(session, ids), "gone": [], "teams": known.teams(session, actor, self.permission)}
        rows = self._current(context, list(ids), private=False)
        found = {}
        for one in rows.values():
            thing = ids[one.id]
            found[thing] = Existing(thing, one.values, one.closed, one.mine)
        return context, found

    def in_the_way(self, context: Context, thing: str) -> list[tuple[str, int]]:
        """What a volunteer did since."""
        return list(context.more["users"].get(int(thing.split(":")[1]), ()))

    def unmake(self, context: Context, thing: str) -> None:
        """Remember who is to go; all go at once, afterwards."""
        context.more["gone"].append(thing)

    def after(self, context: Context) -> None:
        """Let go whoever was undone; their teams are worked out anew."""
        if gone := context.more.get("gone"):
            refresh_teams(context.session, known.let_go(context.session, gone), at=context.at)

    def rows(self, session: Session, actor: Actor, at: datetime) -> Iterable[Values]:
        """Volunteers with name and phone; identity numbers are never handed out."""
        return [one.values for one in self.context(session, actor, None, at).current.values() if one.mine]

    def lists(self, session: Session, actor: Actor, at: datetime) -> Mapping[str, Sequence[str]]:
        """Offer the teams."""
        return {"teams": sorted(known.teams(session, actor, self.permission).by_code)}

    def _current(self, context: Context, ids: Sequence[int], *, private: bool) -> dict[Key, Existing]:
        found: dict[Key, Existing] = {}
        for one in known.volunteers(context.session, ids, private=private):
            values: Values = {
                "name": one.name, "phone": one.phone, "document": None, "born_on": one.born_on, "site": one.site,
                "skills": one.skills, "hours": one.hours, "teams": one.teams, "role": one.role.value,
                "insured_until": one.insured_until, "number": one.number,
            }  # fmt: skip
            phone = one.phone or one.phone_index
            if values["phone"] == "":
                values["phone"] = self._phone(phone, context)
            mine = one.site in context.places.mine
            found[(self._phone(phone, context), one.name)] = Existing(f"person:{one.id}", values, one.closed, mine)
        return found

    def _phone(self, index: str, context: Context) -> str:
        """The phone of the sheet behind a blind index; the index itself where the sheet has none."""
        by_index: dict[str, str] = context.more.get("people_phones") or {}
        if not by_index and context.more.get("people"):
            blind = context.session.info["keyring"].blind
            by_index = {blind("phone", phone): phone for phone in context.more["people"]}
            context.more["people_phones"] = by_index
        return by_index.get(index, index)

    def _person(self, values: Values, context: Context) -> int | None:
        found: Mapping[str, int] = context.more["people"].get(values["phone"], {})
        return found.get(values["name"])

    def _team(self, word: str, context: Context) -> str:
        teams: known.Teams = context.more["teams"]
        if word in teams.by_code:
            return word
        codes = teams.by_name.get(word, [])
        if len(codes) > 1:
            raise OfKind("teams", N_("Several teams are called %(word)s. Please write the code."), word=word[:40])
        if not codes:
            raise OfKind("teams", N_("There is no open team of yours called %(word)s."), word=word[:40])
        return codes[0]

    def _wants_document(self, site: str, context: Context) -> bool:
        asked: dict[str, bool] = context.more.setdefault("asked", {})
        if site not in asked:
            asked[site] = bool(joining_at(context.session, context.places.named(site).path, context.at).document)
        return asked[site]

    def _lead(self, values: Values, context: Context) -> None:
        teams: known.Teams = context.more["teams"]
        for code in values.get("teams") or ():
            if code in teams.led or code in context.more["joined"]:
                raise OfKind("role", N_("The team %(code)s has a leader already."), code=code)
            context.more["joined"].add(code)

    def _draft(self, values: Values, person: int | None, context: Context) -> enrolling.VolunteerDraft:
        return enrolling.VolunteerDraft(
            site=context.places.named(values["site"]), number=values["number"], name=values["name"], phone=values["phone"],
            document=values.get("document") or "", born_on=values.get("born_on"), insured_until=values.get("insured_until"),
            skills=[(code, USUAL_LEVEL, None) for code in values.get("skills") or ()],
            hours=values.get("hours") or (), person_id=person,
        )  # fmt: skip


def _number(serial: int) -> str:
    """A volunteer number as registering by page gives it."""
    digits = f"{serial:07d}"
    return f"V{digits[:-4]}-{digits[-4:]}-{serials.check_digit(digits)}"
