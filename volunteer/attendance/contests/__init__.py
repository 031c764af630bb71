"""A volunteer says that an entry of theirs is wrong; the site answers."""
