"""Free words and the service that they mean: what is proposed, what was settled, what is learned of it."""
