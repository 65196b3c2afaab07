"""What a file means by its headings; their words are data, in `words/`."""
