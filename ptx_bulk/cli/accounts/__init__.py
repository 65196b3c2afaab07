"""One command for several accounts: a process each, side by side, and one summary of all."""
