"""What every package stands on: no nouns of the field, no request."""
