"""The library's face: what a Python program says, turned into what the pipeline is asked for."""
