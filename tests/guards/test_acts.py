"""Whoever reads the audit log reads words: every act that is recorded anywhere has some, and so has what it is about."""

from __future__ import annotations

import re
from pathlib import Path

from volunteer.insights.wording import ACTS, SUBJECTS

ROOT = Path(__file__).parents[2] / "volunteer"
RECORDED = re.compile(r"(?:record|audit)\(\s*session, [\w.]+, \"([a-z_]+)\"")
ABOUT = re.compile(r"(?:record|audit)\(\s*session,\s+[\w.]+,\s+[\w.\"]+,\s+f\"([a-z_-]+):|\bsubject = f\"([a-z_-]+):")


def test_every_recorded_act_has_words():
    acts = {act for path in ROOT.rglob("*.py") for act in RECORDED.findall(path.read_text(encoding="utf-8"))}
    assert len(acts) > 20
    assert acts - ACTS.keys() == set()


def test_every_subject_of_an_act_has_words():
    found = {"".join(pair) for path in ROOT.rglob("*.py") for pair in ABOUT.findall(path.read_text(encoding="utf-8"))}
    assert len(found) > 20
    assert found - SUBJECTS.keys() == set()
