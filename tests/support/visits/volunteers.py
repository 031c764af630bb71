"""Pages of volunteers, teams, and those who look after them."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

VISITS: dict[str, tuple[Visit, ...]] = {
    "/join": (Visit(None, at("/join")), Visit("resident", at("/join"))),
    "/me/profile": (Visit("volunteer", at("/me/profile")),),
    "/me/profile/times": (Visit("volunteer", at("/me/profile/times")),),
    "/me/profile/papers": (Visit("volunteer", at("/me/profile/papers")),),
    "/me/profile/wishes": (Visit("volunteer", at("/me/profile/wishes")),),
    "/me/profile/leave": (Visit("volunteer", at("/me/profile/leave")), Visit("leader", at("/me/profile/leave"))),
    "/teams": (Visit("volunteer", at("/teams")), Visit("volunteer", at("/teams?q=zzz"))),
    "/teams/apply": (Visit("volunteer", at("/teams/apply")),),
    "/teams/<code>": (Visit(None, at("/teams/T0001")), Visit("volunteer", link("/teams", r"^/teams/T\d+$"))),
    "/teams/<code>/lead": (Visit("leader", link("/teams", r"/lead$")),),
    "/manage/teams": (Visit("admin", at("/manage/teams")), Visit("admin", at("/manage/teams?sort=silent&tab=closed"))),
    "/manage/teams/<code>": (Visit("admin", link("/manage/teams", r"^/manage/teams/T\d+$")),),
    "/manage/volunteers": (
        Visit("admin", at("/manage/volunteers")),
        Visit("admin", at("/manage/volunteers?tab=papers")),
        Visit("admin", at("/manage/volunteers?tab=waiting")),
    ),
    "/manage/volunteers/new": (Visit("admin", at("/manage/volunteers/new")),),
    "/manage/volunteers/<int:volunteer_id>": (
        Visit("admin", link("/manage/volunteers?tab=waiting", r"^/manage/volunteers/\d+$")),
        Visit("admin", link("/manage/volunteers?q=周小雨", r"^/manage/volunteers/\d+$")),
    ),
}
NOT_PAGES = {
    "/me/profile/papers/<int:paper_id>/photo": "a picture",
    "/manage/volunteers/papers/<int:paper_id>/photo": "a picture",
}
