"""Pages of those who set up and look after a county."""
