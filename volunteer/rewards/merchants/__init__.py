"""Merchants: their gifts, reservations, what is handed over at the till, and what is taken back."""
