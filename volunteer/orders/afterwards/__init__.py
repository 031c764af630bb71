"""After the rating: 回访 of low ones, and whether it is really solved."""
