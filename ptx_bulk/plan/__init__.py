"""What a list shall become: lines from the input, diff against the remote list, safety limits, fingerprint. Pure."""

from __future__ import annotations

from ptx_bulk.plan.diffing import plan_changes, validate
from ptx_bulk.plan.lines import (
    LINE_COLUMNS,
    assemble_lines,
    code_counts,
    constant,
    describe_codes,
    join_code,
    refused,
    set_where,
    status_counts,
)
from ptx_bulk.plan.origins import (
    Origin,
    named_removals,
    origin_counts,
    origin_sentence,
    stop_removals,
    with_origins,
)
from ptx_bulk.plan.planning import ChangeRow, Plan, iter_changes, plan_fingerprint, spellings
from ptx_bulk.plan.safety import MaxRemovals, Safeguards, check_safety
from ptx_bulk.plan.undoing import invert, same_entries

__all__ = [
    "LINE_COLUMNS",
    "ChangeRow",
    "MaxRemovals",
    "Origin",
    "Plan",
    "Safeguards",
    "assemble_lines",
    "check_safety",
    "code_counts",
    "constant",
    "describe_codes",
    "invert",
    "iter_changes",
    "join_code",
    "named_removals",
    "origin_counts",
    "origin_sentence",
    "plan_changes",
    "plan_fingerprint",
    "refused",
    "same_entries",
    "set_where",
    "spellings",
    "status_counts",
    "stop_removals",
    "validate",
    "with_origins",
]
