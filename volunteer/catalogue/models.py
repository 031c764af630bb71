"""服务菜单: what can be ordered, what it takes, and what has to be asked."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.kernel.db import Base
from volunteer.places.models import Site

item_skills = Table(
    "item_skills",
    Base.metadata,
    Column("item_id", ForeignKey("service_items.id"), primary_key=True),
    Column("skill_id", ForeignKey("skills.id"), primary_key=True),
)


class Skill(Base):
    """Something that a volunteer can do; ``licensed`` when the law wants a licence for it."""

    __tablename__ = "skills"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    licensed: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}


class ServiceCategory(Base):
    """One tile of the home page."""

    __tablename__ = "service_categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    elder_name: Mapped[str] = mapped_column(String(40), default="")  # how an older person says it: 陪我看病
    elder_name_en: Mapped[str] = mapped_column(String(60), default="")
    icon: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}


class Risk(StrEnum):
    """How dangerous the work is; HIGH needs insurance and adults."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ServiceItem(Base):
    """One line of the 服务菜单 of a centre."""

    __tablename__ = "service_items"
    __table_args__ = (Index("uq_service_items_site_id_code", "site_id", "code", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("service_categories.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    summary: Mapped[str] = mapped_column(String(200), default="")
    summary_en: Mapped[str] = mapped_column(String(240), default="")
    bring: Mapped[str] = mapped_column(String(120), default="")
    bring_en: Mapped[str] = mapped_column(String(160), default="")
    minutes: Mapped[int]  # usual duration
    people: Mapped[int] = mapped_column(default=1)  # volunteers needed
    risk: Mapped[Risk] = mapped_column(default=Risk.LOW)
    reply_minutes: Mapped[int]  # verified or rejected within
    stopper: Mapped[str] = mapped_column(String(120), default="")  # asked before anything else: danger now?
    stopper_en: Mapped[str] = mapped_column(String(160), default="")
    stopper_call: Mapped[str] = mapped_column(String(10), default="")  # 119, 110, 120
    search: Mapped[str] = mapped_column(String(600), default="")
    position: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    site: Mapped[Site] = relationship()
    category: Mapped[ServiceCategory] = relationship()
    skills: Mapped[list[Skill]] = relationship(secondary=item_skills, order_by=Skill.id)
    questions: Mapped[list[Question]] = relationship(back_populates="item", order_by="Question.position, Question.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def asked(self) -> list[Question]:
        """The questions that are asked today; those that were closed stand beside old answers only."""
        return [question for question in self.questions if question.closed_at is None]


class QuestionKind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    YES_NO = "yes_no"
    TEXT = "text"
    NUMBER = "number"


class Question(Base):
    """A question that a service asks when it is ordered."""

    __tablename__ = "questions"
    __table_args__ = (Index("uq_questions_item_id_code", "item_id", "code", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("service_items.id"))
    code: Mapped[str] = mapped_column(String(40))
    kind: Mapped[QuestionKind]
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(160), default="")
    choices: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # [{"value", "name", "name_en", "closed"}]
    required: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]

    item: Mapped[ServiceItem] = relationship(back_populates="questions")

    @property
    def offered(self) -> list[dict[str, Any]]:
        """The answers to choose from today."""
        return [choice for choice in self.choices if not choice.get("closed")]
