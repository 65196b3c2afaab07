"""From files to lines: what is read, what it means, and the rows that are rejected whatever they say."""
