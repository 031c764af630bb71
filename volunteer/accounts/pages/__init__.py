"""The pages of accounts: logging in, the second factor, links that open once."""
