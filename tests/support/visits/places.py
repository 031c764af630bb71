"""Pages of whoever looks after places and the menu."""

from __future__ import annotations

from tests.support.visits import Visit, at, link

SITE = r"^/manage/sites/\d+$"
VISITS: dict[str, tuple[Visit, ...]] = {
    "/manage/sites": (
        Visit("admin", at("/manage/sites")),
        Visit("admin", at("/manage/sites?q=zzz")),
        Visit("admin", at("/manage/sites?closed=1")),
    ),
    "/manage/sites/<int:site_id>": (Visit("admin", link("/manage/sites", SITE)),),
    "/manage/sites/new": (
        Visit("it", at("/manage/sites/new")),
        Visit("admin", link("/manage/sites", r"^/manage/sites/new\?under=\d+$")),
    ),
    "/manage/sites/<int:site_id>/edit": (Visit("admin", link("/manage/sites", SITE, suffix="/edit")),),
    "/manage/sites/<int:site_id>/move": (Visit("it", link("/manage/sites", SITE, then=r"/move$")),),
    "/manage/sites/<int:site_id>/close": (Visit("it", link("/manage/sites", SITE, then=r"/close$")),),
    "/manage/venues": (Visit("admin", at("/manage/venues")), Visit("admin", at("/manage/venues?q=zzz"))),
    "/manage/venues/new": (Visit("admin", at("/manage/venues/new")),),
    "/manage/venues/<int:venue_id>": (Visit("admin", link("/manage/venues", r"^/manage/venues/\d+$")),),
    "/manage/grids": (Visit("it", at("/manage/grids")), Visit("it", at("/manage/grids?q=zzz"))),
    "/manage/grids/new": (Visit("admin", at("/manage/grids/new")),),
    "/manage/grids/upload": (Visit("admin", at("/manage/grids/upload")),),
    "/manage/grids/<int:grid_id>": (Visit("it", link("/manage/grids", r"^/manage/grids/\d+$")),),
    "/manage/holidays": (Visit("admin", at("/manage/holidays")), Visit("it", at("/manage/holidays?year=2026"))),
    "/manage/policies": (Visit("admin", at("/manage/policies")),),
    "/manage/policies/<kind>": (Visit("it", at("/manage/policies/clocks")), Visit("admin", at("/manage/policies/matching"))),
    "/manage/services": (
        Visit("it", at("/manage/services")),
        Visit("it", link("/manage/services", r"^/manage/services\?category=\d+$")),
        Visit("admin", at("/manage/services")),
    ),
    "/manage/services/new": (Visit("it", at("/manage/services/new")),),
    "/manage/services/<int:item_id>": (Visit("it", link("/manage/services", r"^/manage/services/\d+$")),),
    "/manage/services/<int:item_id>/questions/new": (
        Visit("it", link("/manage/services", r"^/manage/services/\d+$", suffix="/questions/new")),
    ),
    "/manage/services/questions/<int:question_id>": (
        Visit("it", link("/manage/services", r"^/manage/services/\d+$", then=r"^/manage/services/questions/\d+$")),
    ),
    "/manage/categories": (Visit("it", at("/manage/categories")), Visit("admin", at("/manage/categories"))),
    "/manage/categories/new": (Visit("it", at("/manage/categories/new")),),
    "/manage/categories/<int:category_id>": (Visit("it", link("/manage/categories", r"^/manage/categories/\d+$")),),
    "/manage/skills": (Visit("it", at("/manage/skills")),),
    "/manage/skills/new": (Visit("it", at("/manage/skills/new")),),
    "/manage/skills/<int:skill_id>": (Visit("it", link("/manage/skills", r"^/manage/skills/\d+$")),),
}
NOT_PAGES = {"/manage/grids/areas.geojson": "areas for the map"}
