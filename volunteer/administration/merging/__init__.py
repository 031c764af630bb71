"""One person, one book: entries that are the same human being are found, merged by a person, and taken apart again."""
