"""What is new in the hours, gathered for the detectors: orders know places, residents and ratings."""
