"""What a seat of each team is worth: learned every night, proved on the days before, taken off the scores."""
