"""A team's day: its visits in order, free times, and other times that are asked for."""
