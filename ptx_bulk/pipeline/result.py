"""What comes back from a command that judges or changes numbers."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ptx_bulk.errors import PtxError
from ptx_bulk.pipeline.notebook import summary_html
from ptx_bulk.plan import refused
from ptx_bulk.reports import Summary


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a command came to.

    Attributes:
        summary: the run in numbers; `summary.as_json()` is what `--json` prints.
        frame: one row for each phone value, with the columns of `model.RESULT_COLUMNS`.
        notices: what the user should know.
        error: what ended the run early, None when it came to its end.
        rejects: the files with the rows that were not taken, to be mended and given again.
    """

    summary: Summary
    frame: pd.DataFrame
    notices: tuple[str, ...] = ()
    error: PtxError | None = None
    rejects: tuple[str, ...] = ()

    @property
    def mendable(self) -> bool:
        """Whether a person can mend a row; what failed is for `resume`."""
        return bool(refused(self.frame).any())

    @property
    def exit_code(self) -> int:
        """What the command line ends with."""
        return self.summary.exit_code

    def _repr_html_(self) -> str:
        return summary_html(self.summary)
