"""补录: hours written in afterwards, asked for by one and approved by another."""
