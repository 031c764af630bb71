"""Pages of sheets: bringing people and places in, and lists that fill a form."""
