"""Programs that print figures. Never a test: a slow machine is not a wrong one."""
