"""What every answer has in common: who may ask, how pages are made, whether a page is still open."""
