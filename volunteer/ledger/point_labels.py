"""What a centre calls its points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from volunteer.access import Actor, Permission
from volunteer.audit.recording import record
from volunteer.kernel.checks import NAMELESS, Checks
from volunteer.kernel.words import CHINESE
from volunteer.ledger.models_points import PointLabel
from volunteer.places.models import Site

DEFAULT, DEFAULT_EN = "积分", "points"


@dataclass(frozen=True, kw_only=True)
class LabelDraft:
    """The word in Chinese and in English."""

    name: str = DEFAULT
    name_en: str = DEFAULT_EN


def label_at(session: Session, site_path: str) -> PointLabel | None:
    """Return the label of the nearest site above a place that has one."""
    above = [int(part) for part in site_path.strip("/").split("/") if part]
    found = select(PointLabel).join(Site).where(PointLabel.site_id.in_(above)).order_by(func.length(Site.path).desc())
    return session.scalars(found.limit(1)).first()


def points_label(session: Session, site_path: str, locale: str = CHINESE) -> str:
    """Return what points are called at a place, in the reader's language."""
    found = label_at(session, site_path)
    if locale == CHINESE:
        return found.name if found else DEFAULT
    return (found.name_en if found else "") or DEFAULT_EN


def name_points(session: Session, actor: Actor, site: Site, draft: LabelDraft, *, at: datetime) -> PointLabel:
    """Give the points of a site and of all below it a name. The same again changes nothing."""
    actor.must(Permission.POINTS_MANAGE, at=site.path)
    checks = Checks()
    name = checks.text("name", draft.name, 12, missing=NAMELESS)
    name_en = checks.text("name_en", draft.name_en, 30)
    checks.done()
    row = session.get(PointLabel, site.id)
    if row is not None and (row.name, row.name_en) == (name, name_en):
        return row
    if row is None:
        row = PointLabel(site_id=site.id)
        session.add(row)
    row.name, row.name_en, row.changed_at = name, name_en, at
    record(session, actor, "points_named", f"site:{site.id}", at=at, site_path=site.path)
    return row
