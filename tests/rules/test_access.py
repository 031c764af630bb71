"""The permission matrix, spelled out: a change here is a decision."""

from __future__ import annotations

import pytest

from volunteer.access import GRANTS, NOBODY, SYSTEM, Actor, Permission, Role, link_holder
from volunteer.kernel.errors import Forbidden, NotFound

MATRIX = {
    Role.RESIDENT: "order_place order_follow points_own account_own",
    Role.VOLUNTEER: "order_place order_follow hours_see_own certificate_issue_own points_own volunteer_own account_own",
    Role.TEAM_LEADER: "offer_answer visit_lead hours_add cases_answer team_lead account_own",
    Role.CLERK: "order_place order_place_for_others order_verify order_see order_see_private order_rate_for_others"
    " hours_add benefits_hand_out wishes_keep manage_see staff_search cases_handle markers_see markers_keep"
    " account_own",
    Role.DISPATCHER: "order_place order_place_for_others order_verify order_see order_see_private order_dispatch asking_see"
    " order_rate_for_others staff_search cases_handle markers_see markers_keep account_own",
    Role.SITE_ADMIN: "order_see asking_see certificate_revoke hours_correct hours_add hours_approve hours_review books_see"
    " stars_award benefits_manage benefits_hand_out points_manage points_see points_approve wishes_keep"
    " merchants_manage settlements_handle partners_manage certificates_for_others people_merge manage_see"
    " places_manage menu_manage policies_manage sheets_use staff_search cases_handle people_manage"
    " teams_manage overview_see account_own",
    Role.DIRECTOR: "order_see asking_see certificate_revoke hours_approve hours_review books_see stars_award points_see"
    " points_approve settlements_handle certificates_for_others manage_see staff_search cases_handle"
    " overview_see account_own",
    Role.AUDITOR: "hours_review books_see keys_approve points_see manage_see overview_see audit_see account_own",
    Role.COUNTY_IT: "keys_rotate keys_approve partners_manage manage_see places_manage menu_manage policies_manage"
    " people_manage system_see account_own",
    Role.MERCHANT: "merchant_own till_use account_own",
    Role.LINK: "order_follow",
}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
@pytest.mark.parametrize("permission", Permission)
def test_a_role_has_exactly_what_the_matrix_says(role: Role, permission: Permission) -> None:
    actor = Actor(1, frozenset({(role, "/1/")}))
    assert actor.can(permission, at="/1/2/") is (permission.value in MATRIX[role].split())


def test_every_permission_is_granted_to_a_person_or_to_the_system() -> None:
    assert set().union(*GRANTS.values()) == set(Permission)


def test_a_role_reaches_down_its_own_subtree_and_nowhere_else() -> None:
    actor = Actor(1, frozenset({(Role.DISPATCHER, "/1/12/")}))
    assert actor.can(Permission.ORDER_DISPATCH, at="/1/12/140/")
    assert not actor.can(Permission.ORDER_DISPATCH, at="/1/")
    assert not actor.can(Permission.ORDER_DISPATCH, at="/1/120/")
    assert not actor.can(Permission.ORDER_DISPATCH, at="/1/13/")


def test_what_is_not_yours_does_not_exist_and_what_you_may_only_see_is_forbidden() -> None:
    actor = Actor(1, frozenset({(Role.CLERK, "/1/12/")}))
    with pytest.raises(Forbidden):
        actor.must(Permission.ORDER_DISPATCH, at="/1/12/140/")
    with pytest.raises(NotFound):
        actor.must(Permission.ORDER_SEE, at="/1/13/")
    actor.must(Permission.ORDER_SEE, at="/1/12/140/")


def test_the_holder_of_a_link_learns_nothing_about_other_things() -> None:
    holder = link_holder(88, "/1/12/140/")
    with pytest.raises(NotFound):
        holder.must(Permission.ORDER_SEE, at="/1/12/140/")
    assert holder.order_id == 88


def test_scopes_are_the_widest_only() -> None:
    actor = Actor(1, frozenset({(Role.CLERK, "/1/12/140/"), (Role.DISPATCHER, "/1/12/"), (Role.DIRECTOR, "/2/")}))
    assert actor.scopes(Permission.ORDER_VERIFY) == ("/1/12/",)
    assert NOBODY.scopes(Permission.ORDER_SEE) == ()
    assert SYSTEM.scopes(Permission.ORDER_DISPATCH) == ("/",)


@pytest.mark.parametrize(
    ("own", "path", "role", "at", "may"),
    [
        (Role.SITE_ADMIN, "/1/12/", Role.CLERK, "/1/12/140/", True),
        (Role.SITE_ADMIN, "/1/12/", Role.SITE_ADMIN, "/1/12/", True),
        (Role.SITE_ADMIN, "/1/12/", Role.CLERK, "/1/", False),
        (Role.SITE_ADMIN, "/1/12/", Role.CLERK, "/1/13/", False),
        (Role.SITE_ADMIN, "/1/12/", Role.COUNTY_IT, "/1/12/", False),
        (Role.SITE_ADMIN, "/1/12/", Role.AUDITOR, "/1/12/", False),
        (Role.SITE_ADMIN, "/1/", Role.COUNTY_IT, "/1/", True),
        (Role.COUNTY_IT, "/1/", Role.AUDITOR, "/1/", True),
        (Role.COUNTY_IT, "/1/", Role.AUDITOR, "/2/", False),
        (Role.COUNTY_IT, "/1/", Role.TEAM_LEADER, "/1/", False),
        (Role.DIRECTOR, "/1/", Role.CLERK, "/1/", False),
        (Role.DISPATCHER, "/1/", Role.DISPATCHER, "/1/", False),
    ],
)
def test_nobody_gives_what_stands_above_them_or_lies_elsewhere(own: Role, path: str, role: Role, at: str, may: bool) -> None:
    assert Actor(1, frozenset({(own, path)})).may_give(role, at=at) is may
