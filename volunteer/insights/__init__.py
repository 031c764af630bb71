"""Pages for those who look after others: reads everything, writes nothing."""
