"""The local page: what the command line does, for people who do not use terminals.

It holds no rules: pages show what `pipeline` tells, and ask what it asks.
"""
