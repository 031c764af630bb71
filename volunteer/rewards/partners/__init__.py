"""Exchange with outside point platforms: two phases both ways, signed, and reconciled every night."""
