"""The shortcut: whole columns of usual writings at once, only where it is proven that the careful way agrees.

`docs/shortcut.md` explains it with an example. With the environment variable `PTX_FAST_NUMBERS=0` every cell goes the
careful way (`switch`).
"""
