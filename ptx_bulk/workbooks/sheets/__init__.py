"""A sheet as every reader leaves it: cells with their kinds, stored in an Arrow file, looked at by position."""
