"""Pages of the shop, the till, merchants and partners."""
