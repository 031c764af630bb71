"""Whom to ask together, and what follows a no."""
