"""Delimited text: its encoding, its dialect, a fast reader for what is whole and a careful one for all else."""
