"""The shortcut: whole columns of usual writings at once, only where it is proven that the careful way agrees."""
