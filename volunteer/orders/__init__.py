"""订单, from 点单 to 评单. Start with lifecycle.py, then one file per verb; folders hold what may be read later."""
