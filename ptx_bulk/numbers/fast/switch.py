"""The off switch of the shortcut, for whoever doubts it or looks for a fault in it."""

from __future__ import annotations

import os

from ptx_bulk.arguments import word


def shortcut_wanted() -> bool:
    """Whether columns may be read at once: not with `PTX_FAST_NUMBERS=0` in the environment.

    The variable is read here alone, and anew at each call, so that a running program can switch.

    Raises:
        ConfigurationError: the variable is neither 0 nor 1; a misspelt switch is not left on in silence.
    """
    said = os.environ.get("PTX_FAST_NUMBERS", "") or "1"
    word("PTX_FAST_NUMBERS", said, ("0", "1"))
    return said == "1"
