"""A volunteer's own page and certificates, and the page that checks one."""
