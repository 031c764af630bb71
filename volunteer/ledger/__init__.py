"""时长 and 积分: accounts and transfers that nobody rewrites."""
