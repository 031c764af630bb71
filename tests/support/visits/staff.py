"""Pages of one's own account, and of those who look after staff."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

PERSON = r"^/manage/people/\d+$"
VISITS: dict[str, tuple[Visit, ...]] = {
    "/login/forgot": (Visit(None, at("/login/forgot")),),
    "/me/data": (Visit("volunteer", at("/me/data")),),
    "/me/logins": (Visit("volunteer", at("/me/logins")),),
    "/me/second-factor": (Visit("clerk", at("/me/second-factor")),),
    "/manage/people": (
        Visit("admin", at("/manage/people")),
        Visit("it", at("/manage/people?q=gu")),
        Visit("it", at("/manage/people?show=invited")),
        Visit("admin", at("/manage/people?show=gone")),
    ),
    "/manage/people/invite": (Visit("admin", at("/manage/people/invite")),),
    "/manage/people/invitations/<int:invitation_id>": (
        Visit("it", link("/manage/people?show=invited", r"^/manage/people/invitations/\d+$")),
    ),
    "/manage/people/<int:person_id>": (
        Visit("admin", link("/manage/people", PERSON)),
        Visit("it", link("/manage/people", PERSON)),
    ),
    "/manage/people/<int:person_id>/hand-over": (
        Visit("admin", link("/manage/people?q=wu", PERSON, then=r"/hand-over$")),
        Visit("it", link("/manage/people?q=wugui", PERSON, then=r"/hand-over$")),
    ),
}
NOT_PAGES = {
    "/invited/<token>": "its link is shown once: the story of a new colleague looks at it",
    "/login/second": "the second half of a log-in: the story of a new colleague looks at it",
    "/me/second-factor/qr.svg": "a picture",
    "/reset/<token>": "its link is shown once: the story of a new colleague looks at it",
}
