"""Check-in and check-out: evidence, grade, minutes."""
