"""Who was asked how often, and who is on duty."""

from __future__ import annotations

from tests.support.visits import Visit, at

VISITS: dict[str, tuple[Visit, ...]] = {
    "/asking": (
        Visit("dispatcher", at("/asking")),
        Visit("director", at("/asking?show=full")),
        Visit("admin", at("/asking?show=forgotten")),
        Visit("dispatcher", at("/asking?q=zzzzz")),
    ),
    "/me/duty": (Visit("volunteer", at("/me/duty")),),
}
NOT_PAGES: dict[str, str] = {}
