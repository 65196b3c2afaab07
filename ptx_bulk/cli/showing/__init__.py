"""What a person or a program sees of a command: streams, notices, progress, summaries."""
