"""Digit patterns as automata, by which it is proven that two patterns accept the same numbers."""
