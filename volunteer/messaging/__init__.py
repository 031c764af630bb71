"""What people are told: written in the transaction, sent after it."""
