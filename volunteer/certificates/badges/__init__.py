"""Open Badges 3.0: the same certificates as credentials that other programs collect and check."""
