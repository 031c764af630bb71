"""Who did and who looked, written where it happens."""
