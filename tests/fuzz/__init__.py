"""Random inputs for every door of the program, for as long as one likes: `python -m tests.fuzz.run TARGET SECONDS`.

Each input is made from its number alone, so a find is a number that anybody can repeat. What is found is kept as a test
in the room that was mended.
"""
