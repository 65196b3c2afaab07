"""What a command tells while a program runs it: by `logging`, under the name `ptx_bulk`."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext

from ptx_bulk.pipeline import Quiet

logger = logging.getLogger("ptx_bulk")
logger.addHandler(logging.NullHandler())


class Logged(Quiet):
    """Notices at level INFO, stages at DEBUG; it cannot ask. Neither keys nor numbers of a list stand in them."""

    def notice(self, text: str) -> None:
        """Something the user should know."""
        logger.info("%s", text)

    def stage(self, text: str) -> AbstractContextManager[object]:
        """A part of the work begins."""
        logger.debug("%s", text)
        return nullcontext()
