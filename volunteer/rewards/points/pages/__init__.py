"""Pages of points: of whoever has them, and of whoever answers for them."""
