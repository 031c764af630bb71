"""Photos: decoded, re-encoded, without metadata, outside the web root."""
