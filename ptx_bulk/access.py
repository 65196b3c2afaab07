"""Where the API is, and what a key can be: facts that several rooms share.

Source: the vendor's page (see `docs/api.md`); the key travels in a header.
"""

from __future__ import annotations

LIVE_URL = "https://api.primotexto.com"
SANDBOX_URL = "http://localhost"  # never dialled: the simulator is called in process
SANDBOX_KEY = "sandbox"


def usable_key(text: str) -> str:
    """The key without blanks around it, '' where no HTTP header can carry it."""
    key = text.strip()
    return key if key and all("!" <= character <= "~" for character in key) else ""
