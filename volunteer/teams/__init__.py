"""Volunteers, teams, skills, availability."""
