"""Everything that can break a run, one class for each thing a caller can do about it.

    PtxError                       1  unexpected
    ├── ConfigurationError         2  an option, a setting or a job file is wrong
    ├── InputError                 3  the input cannot be read
    │   ├── UnreadableFile         3  missing, empty, damaged, protected, hostile or of another format
    │   ├── ColumnNotFound         3  no phone column, or none of the name given
    │   ├── QuestionOpen           3  what the file means is in doubt, and nobody was there to ask
    │   └── ReadingMismatch        3  a saved reading does not fit the file
    ├── ReportError                1  a report cannot be written (disk full, file open in Excel)
    │   └── PlaceRefused           2  the place of a report is refused before anything is sent
    ├── JournalError               1  the journal cannot be read or written
    │   ├── DamagedJournal         2  the file as a whole cannot be what was written
    │   ├── DamagedRun             2  what the journal holds of one run cannot be; all others go on
    │   ├── NoSuchRun              2  no run, or several, begin with that name
    │   ├── NotResumable           2  the run was refused or taken back
    │   └── NothingToResume        0  no run of the account was interrupted: nothing to do is done too
    ├── RemoteError                5  the API did not do what was asked
    │   ├── AccessRefused          6  the key or the account is refused: stop the whole run
    │   ├── WrongAddress           5  the base URL or a proxy leads elsewhere: stop the whole run
    │   ├── NumberRefused          4  this number is refused: go on with the others
    │   ├── Throttled              5  refused before processing: wait, slow down, repeat
    │   ├── ServerFault            5  5xx or an answer that is not the documented one: repeat
    │   │   └── AnswerTooBig       5  an answer beyond all bounds: stop, since each repeat would cost as much
    │   └── NetworkFault           5  no answer; `sent` tells whether the request may have been processed
    ├── Outage                     5  too many failures in a row: stopped, resumable
    ├── TimeLimitReached           5  `--time-limit` is over: stopped, resumable
    ├── SafetyRefusal              7  refused before anything was sent
    │   ├── TooManyRemovals        7
    │   ├── StopRemovalRefused     7
    │   ├── NotConfirmed           7
    │   ├── SuspectList            7  the list came back much smaller than it was
    │   └── RunInProgress          7  another run holds the account's list
    ├── PlanStale                  8  the saved plan no longer fits the input or the list
    └── Interrupted              130  Ctrl-C

A bad row is a value (a `Code` on its line), never one of these.
The text of an error is one sentence for the user: what is wrong, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ptx_bulk.visible import visible


class PtxError(Exception):
    """Root of all errors of ptx-bulk; `exit_code` is what the command line ends with."""

    exit_code: ClassVar[int] = 1

    def __str__(self) -> str:
        """The sentence in one line, harmless wherever it is shown or logged: it may name files and quote a server."""
        return visible(super().__str__())


class ConfigurationError(PtxError):
    """An option, an environment variable, a profile or a job file is wrong."""

    exit_code = 2


class InputError(PtxError):
    """The input cannot be used."""

    exit_code = 3


class UnreadableFile(InputError):
    """A file is missing, empty, damaged, password protected, hostile or not a spreadsheet."""


class QuestionOpen(InputError):
    """What the file means is in doubt, and nobody was there to ask.

    Attributes:
        question: the `question` of the `--json` object: `about`, `text`, `candidates`, `options`.
    """

    def __init__(self, message: str, question: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.question = question


class ReadingMismatch(InputError):
    """A saved reading does not fit the file: its headings are others."""


class ColumnNotFound(InputError):
    """No phone column was found, or none of the name given; `candidates` names the columns there are."""

    def __init__(self, message: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.candidates = candidates


class ReportError(PtxError):
    """A report cannot be written."""


class PlaceRefused(ReportError):
    """A report could not be written where it is to go (no folder, no right, a name taken); nothing was done yet."""

    exit_code = 2


class JournalError(PtxError):
    """The journal cannot be read or written, or does not hold what is asked of it."""


class DamagedJournal(JournalError):
    """The journal as a whole is no journal, or not whole: restore it from a backup, or begin a new one."""

    exit_code = 2


class DamagedRun(JournalError):
    """What the journal holds of one run, or of one snapshot of it, cannot be right; all others go on.

    Attributes:
        run_id: the run.
    """

    exit_code = 2

    def __init__(self, message: str, run_id: str = "") -> None:
        super().__init__(message)
        self.run_id = run_id


class NoSuchRun(JournalError):
    """No run has that name, or several begin with it."""

    exit_code = 2


class NotResumable(JournalError):
    """The run was refused or taken back; its command has to be given again."""

    exit_code = 2


class NothingToResume(JournalError):
    """No run of the account was interrupted; nothing to do is done too."""

    exit_code = 0


class RemoteError(PtxError):
    """The API did not do what was asked.

    Attributes:
        http_status: status of the answer, None when there was none.
        api_code: the vendor's numeric code, None when the body held none.
        retry_after: seconds that the answer asks to wait, None when it announces none.
    """

    exit_code = 5

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        api_code: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.api_code = api_code
        self.retry_after = retry_after


class AccessRefused(RemoteError):
    """The key or the account is refused; every further call would be, too."""

    exit_code = 6


class WrongAddress(RemoteError):
    """The base URL or a proxy leads elsewhere than to the API; every further call would be answered alike."""


class NumberRefused(RemoteError):
    """The API refuses this number; repeating is useless, other numbers may pass."""

    exit_code = 4


class Throttled(RemoteError):
    """Refused before processing because of a rate or quota."""


class ServerFault(RemoteError):
    """A 5xx, an HTML page or any answer that is not the documented one; the call may have been processed."""


class AnswerTooBig(ServerFault):
    """An answer beyond all bounds, which was not read to its end; repeating would fetch as much again."""


class NetworkFault(RemoteError):
    """No answer arrived; `sent` is False only when the request surely never left (connection refused, DNS)."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class Outage(PtxError):
    """The service failed too often in a row; the run stopped and can be resumed."""

    exit_code = 5


class TimeLimitReached(PtxError):
    """The time allowed for the run is over; it can be resumed."""

    exit_code = 5


class SafetyRefusal(PtxError):
    """Refused before anything was sent; the text names counts, limit and the flag that would let it pass."""

    exit_code = 7


class TooManyRemovals(SafetyRefusal):
    """The plan removes more than `--max-removals` allows."""


class StopRemovalRefused(SafetyRefusal):
    """Removing from STOP needs `--allow-stop-removal` and `--reason`."""


class NotConfirmed(SafetyRefusal):
    """The user said no, or nobody was there to ask and `--yes` is missing."""


class SuspectList(SafetyRefusal):
    """The remote list came back much smaller than when last seen, so it is not trusted."""


class RunInProgress(SafetyRefusal):
    """Another run works on the same account and list."""


class PlanStale(PtxError):
    """A saved plan no longer fits: its file, the input or the remote list changed."""

    exit_code = 8


class Interrupted(PtxError):
    """The user stopped the run (Ctrl-C); what was done is journalled and reported."""

    exit_code = 130
