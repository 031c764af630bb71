"""Pages of hours written in afterwards."""
