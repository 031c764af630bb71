"""One order for several teams, and several requests that are one: 拆单, joining, duplicates."""
