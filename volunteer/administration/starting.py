"""What every county begins with: the eight standing classes of teams (8 + N) and eight groups of services. All can be changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from volunteer.access import SYSTEM
from volunteer.catalogue.editing import add_category
from volunteer.teams.enrolling import add_team_class

# code, name, English
CLASSES: tuple[tuple[str, str, str], ...] = (
    ("theory", "理论政策宣讲", "Talks on policy"),
    ("culture", "文化文艺服务", "Arts and culture"),
    ("education", "助学支教", "Education"),
    ("health", "医疗健身", "Health and fitness"),
    ("science", "科学普及", "Popular science"),
    ("law", "法律服务", "Law"),
    ("environment", "卫生环保", "Environment"),
    ("relief", "扶贫帮困", "Help for those in need"),
)
# code, name, English, how an older person says it, the same in English, icon
CATEGORIES: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("repair", "水电维修", "Repairs", "修水电", "Fix something", "lightbulb"),
    ("company", "陪伴探访", "Company", "陪我说说话", "Keep me company", "heart"),
    ("home", "家政保洁", "Around the house", "收拾屋子", "Help at home", "house"),
    ("health", "陪诊就医", "Health", "陪我看病", "See a doctor", "square-plus"),
    ("digital", "手机教学", "Phone lessons", "教我用手机", "Teach me my phone", "smartphone"),
    ("daily", "便民理发", "Haircuts and mending", "上门理发", "Cut my hair", "scissors"),
    ("learning", "助学辅导", "Learning", "辅导孩子", "Help with school", "graduation-cap"),
    ("community", "法律邻里", "Law and neighbours", "问法律、邻里事", "Advice and neighbours", "users"),
)


def begin_lists(session: Session, *, at: datetime) -> None:
    """Write the lists that a county begins with; twice changes nothing."""
    for code, name, name_en in CLASSES:
        add_team_class(session, SYSTEM, code, name, name_en, at=at)
    for code, name, name_en, elder, elder_en, icon in CATEGORIES:
        add_category(session, SYSTEM, code, name, name_en, icon, elder=elder, elder_en=elder_en, at=at)
