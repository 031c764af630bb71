"""What is owed to merchants, month by month, and what looks odd about it."""
