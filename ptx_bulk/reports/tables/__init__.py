"""One writer a format of the results file."""
