"""What points are good for: gifts of merchants, and partners outside."""
