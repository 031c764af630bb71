"""Setting a county up and keeping it: the first opening, the hub of those who manage, hand-overs, backups."""
