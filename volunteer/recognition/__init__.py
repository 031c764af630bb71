"""星级: what hours make somebody eligible for."""
