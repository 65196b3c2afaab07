"""A file into up to three of its own format: who is kept, who is taken out, who is in doubt; rows as they were."""
