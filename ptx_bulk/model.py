"""The nouns of ptx-bulk: lists, actions, statuses, codes, changes, outcomes, column names. No I/O, no pandas.

Numbers inside the tool are E.164 digits held as int64 (`+33612345678` is `33612345678`, 0 is "no number"):
E.164 allows at most 15 digits, so every number fits, and columns of them compare and sort at machine speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ListKind(StrEnum):
    """A suppression list of the account."""

    STOP = "stop"
    NPAI = "npai"

    @property
    def segment(self) -> str:
        """The list's name in the API's paths."""
        return "unsubscribers" if self is ListKind.STOP else "bounces"


LIST_ALIASES = {
    "stop": ListKind.STOP,
    "unsubscribers": ListKind.STOP,
    "npai": ListKind.NPAI,
    "bounces": ListKind.NPAI,
}


class Mode(StrEnum):
    """What a plan is for: what the files' numbers mean to the list."""

    IMPORT = "import"
    REMOVE = "remove"
    SYNC = "sync"
    UNDO = "undo"


class Accept(StrEnum):
    """Which valid numbers count: those an SMS can reach, or any."""

    MOBILE = "mobile"
    ANY = "any"


class CellKind(StrEnum):
    """What a spreadsheet cell holds, as far as its format tells."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"  # dates, times, durations
    ERROR = "error"  # #N/A, #REF! ...
    FORMULA = "formula"  # a formula whose result was never calculated; raw is the formula itself
    EMPTY = "empty"


class Action(StrEnum):
    """What the plan wants for a line."""

    ADD = "add"
    REMOVE = "remove"
    KEEP = "keep"  # the wished state already holds
    NONE = "none"  # rejected, or a command that plans nothing (check)


class ListEvent(StrEnum):
    """What happened to a number between two readings of a list."""

    ADDED = "added"
    REMOVED = "removed"


class Status(StrEnum):
    """How a line ended; the counts of the statuses sum to the number of lines."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_ATTEMPTED = "not_attempted"
    PLANNED = "planned"
    VALID = "valid"


class Doubt(StrEnum):
    """Why it is not known what became of a change, and so what the list's word will make of it."""

    NONE = ""
    LOST = "lost"  # a call of ours may have made it: shown, it is applied; not shown, it failed
    CLAIMED = "claimed"  # the API says that it was so before: shown, it is unchanged; not shown, the API was wrong
    BOTH = "both"  # claimed after a call of ours that may have made it: shown, it is applied; else the API was wrong


class Event(StrEnum):
    """What happened to a number, or was seen of it; stable words, never translated."""

    OPTED_OUT = "opted_out"  # the API's own record of when the number came to the list
    SEEN = "seen"  # on the list already when it was first read
    CAME = "came"  # between two readings of the list
    LEFT = "left"
    ADDED = "added"  # by a run of ours
    REMOVED = "removed"
    ATTEMPTED = "attempted"  # a change that a run planned and that is not proven: status and code say why
    NAMED = "named"  # a line of an input that changed nothing: a duplicate, rejected, already so
    LISTED = "listed"  # how the list is now, or was when it was last read
    NOT_LISTED = "not_listed"


class Code(StrEnum):
    """The stable reasons of a line, never translated."""

    EMPTY = "EMPTY"
    NOT_A_NUMBER = "NOT_A_NUMBER"
    CONTAINS_LETTERS = "CONTAINS_LETTERS"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    INVALID_FOR_REGION = "INVALID_FOR_REGION"
    NOT_MOBILE = "NOT_MOBILE"
    REGION_AMBIGUOUS = "REGION_AMBIGUOUS"
    PRECISION_LOST = "PRECISION_LOST"
    DATE_OR_TIME = "DATE_OR_TIME"
    EXCEL_ERROR = "EXCEL_ERROR"
    FORMULA_NOT_CALCULATED = "FORMULA_NOT_CALCULATED"
    MULTIPLE_NUMBERS = "MULTIPLE_NUMBERS"
    HAS_EXTENSION = "HAS_EXTENSION"
    LIST_UNKNOWN = "LIST_UNKNOWN"
    COUNTRY_UNKNOWN = "COUNTRY_UNKNOWN"
    DAMAGED_ROW = "DAMAGED_ROW"

    ZERO_RESTORED = "ZERO_RESTORED"
    PLUS_RESTORED = "PLUS_RESTORED"
    TRUNK_ZERO_REMOVED = "TRUNK_ZERO_REMOVED"
    FLOAT_REPAIRED = "FLOAT_REPAIRED"
    OVERSEAS_RESOLVED = "OVERSEAS_RESOLVED"
    LABEL_REMOVED = "LABEL_REMOVED"
    SPLIT_CELL = "SPLIT_CELL"
    HIDDEN_ROW = "HIDDEN_ROW"
    ON_OTHER_LIST = "ON_OTHER_LIST"

    DUPLICATE_IN_FILE = "DUPLICATE_IN_FILE"
    ALREADY_LISTED = "ALREADY_LISTED"
    NOT_LISTED = "NOT_LISTED"
    NOT_OPTED_OUT = "NOT_OPTED_OUT"

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    APPLIED_AFTER_CHECK = "APPLIED_AFTER_CHECK"

    REJECTED_BY_API = "REJECTED_BY_API"
    RATE_LIMITED = "RATE_LIMITED"
    SERVER_ERROR = "SERVER_ERROR"
    NETWORK = "NETWORK"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    VERIFY_MISMATCH = "VERIFY_MISMATCH"

    ACCESS_REFUSED = "ACCESS_REFUSED"
    INTERRUPTED = "INTERRUPTED"
    TIME_LIMIT = "TIME_LIMIT"
    OVER_LIMIT = "OVER_LIMIT"
    PLAN_STALE = "PLAN_STALE"
    NOT_CONFIRMED = "NOT_CONFIRMED"
    PROTECTED = "PROTECTED"


REJECTED_CODES: tuple[Code, ...] = (
    Code.EMPTY,
    Code.NOT_A_NUMBER,
    Code.CONTAINS_LETTERS,
    Code.TOO_SHORT,
    Code.TOO_LONG,
    Code.INVALID_FOR_REGION,
    Code.NOT_MOBILE,
    Code.REGION_AMBIGUOUS,
    Code.PRECISION_LOST,
    Code.DATE_OR_TIME,
    Code.EXCEL_ERROR,
    Code.FORMULA_NOT_CALCULATED,
    Code.MULTIPLE_NUMBERS,
    Code.HAS_EXTENSION,
    Code.LIST_UNKNOWN,
    Code.COUNTRY_UNKNOWN,
    Code.DAMAGED_ROW,
)

# In the order in which they stand in a joined code: `ZERO_RESTORED+OVERSEAS_RESOLVED`.
WARNING_CODES: tuple[Code, ...] = (
    Code.ZERO_RESTORED,
    Code.PLUS_RESTORED,
    Code.TRUNK_ZERO_REMOVED,
    Code.FLOAT_REPAIRED,
    Code.OVERSEAS_RESOLVED,
    Code.LABEL_REMOVED,
    Code.SPLIT_CELL,
    Code.HIDDEN_ROW,
    Code.ON_OTHER_LIST,
)


# The columns of a results report, in order: one line per phone value found.
RESULT_COLUMNS: tuple[str, ...] = (
    "run_id",
    "file",
    "sheet",
    "row",
    "column",
    "raw",
    "e164",
    "list",
    "action",
    "status",
    "code",
    "message",
    "suggestion",
    "attempts",
    "http_status",
    "api_code",
    "remote_id",
    "verified",
    "duplicate_of_row",
    "finished_at",
)

# The columns of an export, in order: one row per number on a list.
EXPORT_COLUMNS: tuple[str, ...] = (
    "phone",
    "list",
    "remote_id",
    "added_approx",
    "country",
    "line_type",
    "stopped_at",
    "campaign_id",
)

# One row for each event in the life of a number, as `find` tells them; all are texts but `row`.
EVENT_COLUMNS = (
    "number", "time", "earliest", "event", "list", "action", "status", "code", "message", "run_id", "command", "file",
    "sheet", "row", "column", "raw", "reason", "actor", "host", "comment", "input_sha256", "version", "parent",
    "undone_by", "stopped_at", "campaign_id", "added_approx", "remote_id", "account",
)  # fmt: skip

# The columns of a feed (`changes`), in order: one row per number that came to a list or left it.
FEED_COLUMNS: tuple[str, ...] = (
    "phone",
    "list",
    "event",
    "seen_after",
    "seen_by",
    "run_id",
    "remote_id",
    "replaces",
    "country",
    "line_type",
    "stopped_at",
    "campaign_id",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One wished change of a remote list.

    Attributes:
        seq: position in the plan, from 0; identifies the change within its run.
        action: `Action.ADD` or `Action.REMOVE`.
        kind: the list.
        number: E.164 digits as an integer.
        identifiers: the spellings to send. One `+...` for an addition; for a removal every spelling
            under which the list holds the number, since the server knows its entries by them.
    """

    seq: int
    action: Action
    kind: ListKind
    number: int
    identifiers: tuple[str, ...]

    @property
    def e164(self) -> str:
        """The number as `+` and digits."""
        return f"+{self.number}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change.

    Attributes:
        seq: the change's position in its plan.
        status: `APPLIED`, `UNCHANGED`, `FAILED`, `UNKNOWN` or `NOT_ATTEMPTED`.
        code: the reason, one of the codes for that status.
        attempts: calls made for this change, 0 when none was.
        http_status: status of the last answer, None when there was none.
        api_code: the vendor's code in the last answer, None when it held none.
        message: the API's own text, empty when it gave none.
        remote_id: id of the entry, as the API gave it.
        finished_at: Unix time in seconds.
        doubt: why the list must be read to know, where the status is `UNKNOWN`.
    """

    seq: int
    status: Status
    code: Code
    attempts: int = 0
    http_status: int | None = None
    api_code: int | None = None
    message: str = ""
    remote_id: str = ""
    finished_at: float = 0.0
    doubt: Doubt = Doubt.NONE
