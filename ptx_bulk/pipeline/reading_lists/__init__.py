"""Commands that read the lists and change nothing on them."""
