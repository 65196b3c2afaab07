"""Who of a contact file is on the lists, and the file without them."""
