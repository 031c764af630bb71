"""Who goes, who steps in, who did not come: the crew of a visit."""
