"""What tests stand on: services, databases, builders."""
