"""What is tried: right files at random, seeds of each format, and the changes that make them wrong."""
