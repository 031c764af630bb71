"""One platform for a county's volunteer service: ordering, dispatching, accepting, rating."""
