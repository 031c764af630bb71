"""Who may do what, on one screen. A scope is a path prefix, so asking needs no database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from volunteer.kernel.errors import Forbidden, NotFound


class Role(StrEnum):
    """What somebody is to the platform; each grant holds for a subtree of sites."""

    RESIDENT = "resident"
    VOLUNTEER = "volunteer"
    TEAM_LEADER = "team_leader"
    CLERK = "clerk"
    DISPATCHER = "dispatcher"
    SITE_ADMIN = "site_admin"
    DIRECTOR = "director"
    AUDITOR = "auditor"
    COUNTY_IT = "county_it"
    MERCHANT = "merchant"  # serves at a merchant's till; held at the site that the merchant is paired with
    LINK = "link"  # the holder of an order's secret link, who has no account
    SYSTEM = "system"  # jobs


class Permission(StrEnum):
    """An act that a route or a verb asks for."""

    ORDER_PLACE = "order_place"
    ORDER_FOLLOW = "order_follow"  # one's own: withdraw, nudge, correct, confirm, rate
    ORDER_PLACE_FOR_OTHERS = "order_place_for_others"
    ORDER_VERIFY = "order_verify"
    ORDER_SEE = "order_see"
    ORDER_SEE_PRIVATE = "order_see_private"
    ORDER_DISPATCH = "order_dispatch"
    ASKING_SEE = "asking_see"  # how often teams were asked, and who is forgotten
    ORDER_RATE_FOR_OTHERS = "order_rate_for_others"
    OFFER_ANSWER = "offer_answer"
    VISIT_LEAD = "visit_lead"
    HOURS_SEE_OWN = "hours_see_own"
    CERTIFICATE_ISSUE_OWN = "certificate_issue_own"
    CERTIFICATE_REVOKE = "certificate_revoke"
    HOURS_CORRECT = "hours_correct"
    HOURS_ADD = "hours_add"  # asks for hours to be written in afterwards (补录)
    HOURS_APPROVE = "hours_approve"  # the second person for those
    HOURS_REVIEW = "hours_review"  # what looks odd in the books of hours
    BOOKS_SEE = "books_see"  # statements and the closing report
    KEYS_ROTATE = "keys_rotate"  # asks for a new signing key
    KEYS_APPROVE = "keys_approve"  # the second person for one
    STARS_AWARD = "stars_award"
    BENEFITS_MANAGE = "benefits_manage"
    BENEFITS_HAND_OUT = "benefits_hand_out"
    POINTS_OWN = "points_own"  # one's own points: see, give, spend
    POINTS_MANAGE = "points_manage"  # rules of points
    POINTS_SEE = "points_see"  # what is owed in points
    POINTS_APPROVE = "points_approve"  # the second person for rules of points and for points moved by hand
    WISHES_KEEP = "wishes_keep"  # small wishes of people in need: posts them, says how they came true
    MERCHANTS_MANAGE = "merchants_manage"
    MERCHANT_OWN = "merchant_own"  # one's own merchant: gifts, stock, statements
    TILL_USE = "till_use"
    SETTLEMENTS_HANDLE = "settlements_handle"
    PARTNERS_MANAGE = "partners_manage"  # outside platforms that points are exchanged with
    CERTIFICATES_FOR_OTHERS = "certificates_for_others"
    PEOPLE_MERGE = "people_merge"
    MANAGE_SEE = "manage_see"  # the page that lists what one may look after
    PLACES_MANAGE = "places_manage"  # sites, venues, grids, holidays
    MENU_MANAGE = "menu_manage"  # services, their questions, skills
    POLICIES_MANAGE = "policies_manage"
    SHEETS_USE = "sheets_use"
    STAFF_SEARCH = "staff_search"
    CASES_HANDLE = "cases_handle"  # complaints, praise, follow-up of low ratings
    CASES_ANSWER = "cases_answer"
    MARKERS_SEE = "markers_see"  # of vulnerable households
    MARKERS_KEEP = "markers_keep"
    TEAM_LEAD = "team_lead"  # members, roles, area, capacity of the teams one leads
    VOLUNTEER_OWN = "volunteer_own"  # one's own profile, times and papers
    PEOPLE_MANAGE = "people_manage"
    TEAMS_MANAGE = "teams_manage"
    OVERVIEW_SEE = "overview_see"
    AUDIT_SEE = "audit_see"
    SYSTEM_SEE = "system_see"
    ACCOUNT_OWN = "account_own"  # one's own sessions and settings


P = Permission

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.RESIDENT: frozenset({P.ORDER_PLACE, P.ORDER_FOLLOW, P.POINTS_OWN, P.ACCOUNT_OWN}),
    Role.LINK: frozenset({P.ORDER_FOLLOW}),
    Role.VOLUNTEER: frozenset(
        {
            P.ORDER_PLACE, P.ORDER_FOLLOW, P.HOURS_SEE_OWN, P.CERTIFICATE_ISSUE_OWN, P.VOLUNTEER_OWN, P.POINTS_OWN,
            P.ACCOUNT_OWN,
        }
    ),
    Role.TEAM_LEADER: frozenset(
        {P.OFFER_ANSWER, P.VISIT_LEAD, P.TEAM_LEAD, P.HOURS_ADD, P.CASES_ANSWER, P.ACCOUNT_OWN}
    ),
    Role.CLERK: frozenset(
        {
            P.ORDER_PLACE, P.ORDER_PLACE_FOR_OTHERS, P.ORDER_VERIFY, P.ORDER_SEE, P.ORDER_SEE_PRIVATE,
            P.ORDER_RATE_FOR_OTHERS, P.CASES_HANDLE, P.MARKERS_SEE, P.MARKERS_KEEP, P.STAFF_SEARCH, P.HOURS_ADD,
            P.BENEFITS_HAND_OUT, P.WISHES_KEEP, P.MANAGE_SEE, P.ACCOUNT_OWN,
        }
    ),
    Role.DISPATCHER: frozenset(
        {
            P.ORDER_PLACE, P.ORDER_PLACE_FOR_OTHERS, P.ORDER_VERIFY, P.ORDER_SEE, P.ORDER_SEE_PRIVATE,
            P.ORDER_DISPATCH, P.ASKING_SEE, P.ORDER_RATE_FOR_OTHERS, P.CASES_HANDLE, P.MARKERS_SEE, P.MARKERS_KEEP,
            P.STAFF_SEARCH, P.ACCOUNT_OWN,
        }
    ),
    Role.SITE_ADMIN: frozenset(
        {
            P.ORDER_SEE, P.ASKING_SEE, P.PEOPLE_MANAGE, P.TEAMS_MANAGE, P.OVERVIEW_SEE, P.CERTIFICATE_REVOKE, P.HOURS_CORRECT,
            P.PLACES_MANAGE, P.MENU_MANAGE, P.POLICIES_MANAGE, P.SHEETS_USE, P.CASES_HANDLE, P.STAFF_SEARCH,
            P.HOURS_ADD, P.HOURS_APPROVE, P.HOURS_REVIEW, P.BOOKS_SEE, P.STARS_AWARD, P.BENEFITS_MANAGE, P.BENEFITS_HAND_OUT,
            P.POINTS_MANAGE, P.POINTS_SEE, P.POINTS_APPROVE, P.WISHES_KEEP, P.MERCHANTS_MANAGE, P.SETTLEMENTS_HANDLE,
            P.PARTNERS_MANAGE, P.CERTIFICATES_FOR_OTHERS, P.PEOPLE_MERGE, P.MANAGE_SEE, P.ACCOUNT_OWN,
        }
    ),
    Role.DIRECTOR: frozenset(
        {
            P.ORDER_SEE, P.ASKING_SEE, P.OVERVIEW_SEE, P.CERTIFICATE_REVOKE, P.CASES_HANDLE, P.STAFF_SEARCH, P.HOURS_APPROVE,
            P.HOURS_REVIEW, P.BOOKS_SEE, P.STARS_AWARD, P.POINTS_SEE, P.POINTS_APPROVE, P.SETTLEMENTS_HANDLE,
            P.CERTIFICATES_FOR_OTHERS, P.MANAGE_SEE, P.ACCOUNT_OWN,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            P.AUDIT_SEE, P.OVERVIEW_SEE, P.HOURS_REVIEW, P.BOOKS_SEE, P.POINTS_SEE, P.KEYS_APPROVE, P.MANAGE_SEE,
            P.ACCOUNT_OWN,
        }
    ),
    Role.COUNTY_IT: frozenset(
        {
            P.SYSTEM_SEE, P.PLACES_MANAGE, P.MENU_MANAGE, P.POLICIES_MANAGE, P.PEOPLE_MANAGE, P.KEYS_ROTATE, P.KEYS_APPROVE,
            P.PARTNERS_MANAGE, P.MANAGE_SEE, P.ACCOUNT_OWN,
        }
    ),
    Role.MERCHANT: frozenset({P.MERCHANT_OWN, P.TILL_USE, P.ACCOUNT_OWN}),
    Role.SYSTEM: frozenset(Permission),
}  # fmt: skip

R = Role
STAFF = frozenset({R.CLERK, R.DISPATCHER, R.SITE_ADMIN, R.DIRECTOR, R.AUDITOR, R.COUNTY_IT})
GOVERNORS = frozenset({R.SITE_ADMIN, R.COUNTY_IT})  # held over a county, they can set everybody else up again
GIVEN_BY: dict[Role, frozenset[Role]] = {  # nobody hands out, takes back or resets what stands above them
    Role.SITE_ADMIN: frozenset({R.RESIDENT, R.VOLUNTEER, R.CLERK, R.DISPATCHER, R.DIRECTOR, R.SITE_ADMIN, R.MERCHANT}),
    Role.COUNTY_IT: frozenset({R.RESIDENT, R.VOLUNTEER, R.MERCHANT}) | STAFF,
    Role.SYSTEM: frozenset({R.RESIDENT, R.VOLUNTEER, R.MERCHANT}) | STAFF,
}


def is_county(path: str) -> bool:
    """Return whether a site path ("/1/") is a whole county's."""
    return path.count("/") == 2


def county_of(path: str) -> str:
    """Return the path of the county ("/1/") that a site path ("/1/12/140/") lies in; of nowhere ("/"), nowhere."""
    parts = path.split("/")
    return f"/{parts[1]}/" if len(parts) > 2 else "/"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: every role they hold, the subtree of sites each holds in, the teams they lead."""

    user_id: int | None  # None for SYSTEM and for the holder of a secret link
    grants: frozenset[tuple[Role, str]]  # (role, "/1/12/"): a centre's path is a prefix of its stations' paths
    leads: frozenset[int] = frozenset()
    order_id: int | None = None  # the one order that a secret link opens
    case_id: int | None = None  # the one complaint, or praise, that its own secret link opens
    name: str = ""

    def can(self, permission: Permission, *, at: str) -> bool:
        """Return whether any role held over the site path ``at`` allows ``permission``."""
        return any(permission in GRANTS[role] and at.startswith(path) for role, path in self.grants)

    def may(self, permission: Permission) -> bool:
        """Return whether any role held anywhere allows ``permission``: for menus and the door of a route."""
        return any(permission in GRANTS[role] for role, _ in self.grants)

    def must(self, permission: Permission, *, at: str) -> None:
        """Raise NotFound where nothing of that place is this actor's, Forbidden where it may be seen but not done."""
        if self.can(permission, at=at):
            return
        if any(at.startswith(path) for role, path in self.grants if role is not Role.LINK):
            raise Forbidden(permission.value)
        raise NotFound("page")

    def may_give(self, role: Role, *, at: str) -> bool:
        """Return whether this actor may give, end or reset ``role`` at ``at``. A county's own administrator gives every role."""
        every = role in STAFF
        return any(
            at.startswith(path) and (role in GIVEN_BY.get(own, ()) or (every and own is Role.SITE_ADMIN and is_county(path)))
            for own, path in self.grants
        )

    def scopes(self, permission: Permission) -> tuple[str, ...]:
        """Return the site paths under which ``permission`` is held, widest only."""
        paths = sorted({path for role, path in self.grants if permission in GRANTS[role]}, key=len)
        return tuple(path for i, path in enumerate(paths) if not any(path.startswith(wider) for wider in paths[:i]))


SYSTEM = Actor(None, frozenset({(Role.SYSTEM, "/")}), name="system")
NOBODY = Actor(None, frozenset())


def link_holder(order_id: int, site_path: str) -> Actor:
    """Return the actor that the secret link of one order makes of whoever holds it."""
    return Actor(None, frozenset({(Role.LINK, site_path)}), order_id=order_id)


def case_holder(case_id: int, site_path: str) -> Actor:
    """Return the actor that the secret link of one complaint or praise makes of whoever holds it."""
    return Actor(None, frozenset({(Role.LINK, site_path)}), case_id=case_id)
