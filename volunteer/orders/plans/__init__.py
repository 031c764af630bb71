"""一键派单: one plan for everything that waits at a desk, looked at, changed, and sent out line by line."""
