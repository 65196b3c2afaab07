"""Random writings of numbers of every region, read by both ways of the product and by `phonenumbers`."""
