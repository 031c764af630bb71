"""What looks odd in the hours, for a person to look at. Nothing follows by itself."""
