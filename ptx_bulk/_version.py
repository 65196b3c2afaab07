"""The version, for all rooms; `pyproject.toml` reads it here."""

__version__ = "0.1.0"
