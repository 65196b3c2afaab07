"""What each status and each code says to a person, in one plain sentence."""

from __future__ import annotations

from ptx_bulk.i18n import N_
from ptx_bulk.model import Code, Status

STATUS_SENTENCES: dict[Status, str] = {
    Status.APPLIED: N_("changed on the list"),
    Status.UNCHANGED: N_("nothing to change"),
    Status.REJECTED: N_("not usable, never sent"),
    Status.FAILED: N_("refused by the API"),
    Status.UNKNOWN: N_("sent, outcome not known"),
    Status.NOT_ATTEMPTED: N_("not sent"),
    Status.PLANNED: N_("would change on the list"),
    Status.VALID: N_("valid number"),
}

# One plain sentence for each code, for the `message` column and docs/reference.md.
CODE_SENTENCES: dict[Code, str] = {
    Code.EMPTY: N_("The cell holds no number."),
    Code.NOT_A_NUMBER: N_("This is not a phone number."),
    Code.CONTAINS_LETTERS: N_("Letters stand among the digits; write the number with digits only."),
    Code.TOO_SHORT: N_("The number has too few digits."),
    Code.TOO_LONG: N_("The number has too many digits."),
    Code.INVALID_FOR_REGION: N_("No operator has this number: its range is not allocated in its country."),
    Code.NOT_MOBILE: N_("A valid number that cannot receive SMS (fixed line or special number)."),
    Code.REGION_AMBIGUOUS: N_("The number can be read in two countries; write it with + and its country code."),
    Code.PRECISION_LOST: N_("Excel cut digits off this number; they cannot be recovered from this file."),
    Code.DATE_OR_TIME: N_("Excel turned this cell into a date or time; the number cannot be recovered."),
    Code.EXCEL_ERROR: N_("The cell shows a spreadsheet error instead of a number."),
    Code.FORMULA_NOT_CALCULATED: N_("The formula was never calculated; open the file in Excel and save it."),
    Code.MULTIPLE_NUMBERS: N_("The cell holds several numbers, one of them incomplete; give each its own row."),
    Code.HAS_EXTENSION: N_("The number has an extension; an SMS cannot reach it."),
    Code.LIST_UNKNOWN: N_("The list column says neither STOP nor NPAI."),
    Code.COUNTRY_UNKNOWN: N_("The row names an unknown country; write the number with + and its country code."),
    Code.DAMAGED_ROW: N_("The row does not split into cells like the others; mend it in the file."),
    Code.ZERO_RESTORED: N_("The leading zero that Excel had removed was restored."),
    Code.PLUS_RESTORED: N_("The + before the country code was restored."),
    Code.TRUNK_ZERO_REMOVED: N_("The 0 after the country code was removed."),
    Code.FLOAT_REPAIRED: N_("A number written with decimals or as a power of ten was repaired; no digit was lost."),
    Code.OVERSEAS_RESOLVED: N_("The number belongs to another part of France than the default one."),
    Code.LABEL_REMOVED: N_("A label beside the number was left out."),
    Code.SPLIT_CELL: N_("The cell holds several numbers; each has a line of its own."),
    Code.HIDDEN_ROW: N_("The row is hidden in the spreadsheet."),
    Code.ON_OTHER_LIST: N_("The number is also on the other list."),
    Code.DUPLICATE_IN_FILE: N_("The number stands earlier in the input; it counts once."),
    Code.ALREADY_LISTED: N_("The number is already on the list."),
    Code.NOT_LISTED: N_("The number is not on the list."),
    Code.NOT_OPTED_OUT: N_("The row says that this person may be written to; nothing is done."),
    Code.ADDED: N_("Added to the list."),
    Code.REMOVED: N_("Removed from the list."),
    Code.APPLIED_AFTER_CHECK: N_("No clear answer came; reading the list showed that the change was made."),
    Code.REJECTED_BY_API: N_("The API refused this number."),
    Code.RATE_LIMITED: N_("The API kept asking to slow down; run `ptx-bulk resume`."),
    Code.SERVER_ERROR: N_("The API kept failing; run `ptx-bulk resume`."),
    Code.NETWORK: N_("The API could not be reached; run `ptx-bulk resume`."),
    Code.OUTCOME_UNKNOWN: N_("No clear answer came, and the list was not read to settle it; run `ptx-bulk resume`."),
    Code.VERIFY_MISMATCH: N_("The API said yes, but the list read afterwards says otherwise; run `ptx-bulk resume`."),
    Code.ACCESS_REFUSED: N_("Not sent: the API refused the key or the account."),
    Code.INTERRUPTED: N_("Not sent: the run was interrupted; run `ptx-bulk resume`."),
    Code.TIME_LIMIT: N_("Not sent: the time limit was reached; run `ptx-bulk resume`."),
    Code.OVER_LIMIT: N_(
        "Not sent: a limit stopped the plan; it removes more than --max-removals allows, or its input holds no number."
    ),
    Code.PLAN_STALE: N_("Not sent: the saved plan no longer fits the input or the list."),
    Code.NOT_CONFIRMED: N_("Not sent: the plan was not confirmed."),
    Code.PROTECTED: N_("Not sent: removing from STOP needs --allow-stop-removal and --reason."),
}
