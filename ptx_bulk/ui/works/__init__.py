"""Pieces of work: each in a thread of its own, its state kept here, so that a reload or a second tab sees the same."""
