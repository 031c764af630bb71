"""The pages of orders: ordering, following, the board, the inbox, the visit."""
