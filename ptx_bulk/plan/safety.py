"""Limits that a plan must keep before anything is sent; each refusal names counts, limit and the flag."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ptx_bulk.arguments import COUNT, PERCENT, of_type
from ptx_bulk.errors import ConfigurationError, SafetyRefusal, StopRemovalRefused, TooManyRemovals
from ptx_bulk.i18n import _
from ptx_bulk.model import Action, ListKind, Mode, Status
from ptx_bulk.plan.planning import Plan

DEFAULT_PERCENT = 30.0
SMALL_LIST = 10  # below this many entries the default percentage says nothing useful


@dataclass(frozen=True)
class MaxRemovals:
    """How many removals are allowed: a count, or a share of the list in percent; neither is the default limit."""

    count: int | None = None
    percent: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no limit.

        Raises:
            ConfigurationError: it names the argument.
        """
        if self.count is not None:
            COUNT.check("count", self.count)
        if self.percent is not None:
            PERCENT.check("percent", self.percent)

    @classmethod
    def parse(cls, text: str) -> MaxRemovals:
        """Read `N` or `N%`.

        Raises:
            ConfigurationError: the text is neither.
        """
        value = text.strip()
        try:
            if value.endswith("%"):
                percent = float(value[:-1])
                if 0 <= percent <= 100:
                    return cls(percent=percent)
            elif int(value) >= 0:
                return cls(count=int(value))
        except ValueError:
            pass
        raise ConfigurationError(
            _('--max-removals "{text}" is not a number such as 50 or a percentage such as 30%.').format(text=text)
        )

    @property
    def given(self) -> bool:
        """Whether somebody set this limit; one that was set always holds."""
        return self.count is not None or self.percent is not None

    def limit(self, size: int) -> int:
        """The number of removals allowed from a list of `size` entries."""
        if self.count is not None:
            return self.count
        if self.percent is not None:
            return math.floor(size * self.percent / 100)
        return size if size < SMALL_LIST else math.floor(size * DEFAULT_PERCENT / 100)

    def __str__(self) -> str:
        if self.count is not None:
            return str(self.count)
        return f"{DEFAULT_PERCENT if self.percent is None else self.percent:g}%"


@dataclass(frozen=True)
class Safeguards:
    """What the user allowed.

    Attributes:
        max_removals: limit for each list.
        allow_stop_removal: removing from STOP is a legal act and needs this and a reason.
        reason: kept in journal and report.
        undo_of_import: the plan takes back what an earlier run added: removals from STOP need a reason, not the flag,
            and no limit holds but one that was given.
    """

    max_removals: MaxRemovals = MaxRemovals()
    allow_stop_removal: bool = False
    reason: str = ""
    undo_of_import: bool = False

    def __post_init__(self) -> None:
        """Refuse what would be taken for a permission.

        Raises:
            ConfigurationError: it names the argument.
        """
        of_type("max_removals", self.max_removals, MaxRemovals)
        of_type("allow_stop_removal", self.allow_stop_removal, bool)
        of_type("reason", self.reason, str)
        of_type("undo_of_import", self.undo_of_import, bool)


def check_safety(plan: Plan, safeguards: Safeguards) -> None:
    """Refuse a plan that goes past what the user allowed.

    Raises:
        StopRemovalRefused: it removes from STOP without flag or reason.
        TooManyRemovals: it removes more than the limit from a list.
        SafetyRefusal: `sync` from an input without a single valid number.
    """
    _check_stop(plan, safeguards)
    _check_empty(plan)
    if safeguards.undo_of_import and not safeguards.max_removals.given:
        return
    for kind in plan.lists:
        removals = plan.count(Action.REMOVE, kind)
        size = plan.before[kind]
        limit = safeguards.max_removals.limit(size)
        if removals > limit:
            raise TooManyRemovals(
                _(
                    "The plan removes {removals} of the {size} numbers on the {list} list ({percent:.0f}%), "
                    "more than the limit of {limit} (--max-removals {given}); nothing was sent. "
                    "If this is what you want, add --max-removals {removals}."
                ).format(
                    removals=removals,
                    size=size,
                    list=kind.name,
                    percent=100 * removals / max(size, 1),
                    limit=limit,
                    given=safeguards.max_removals,
                )
            )


def _check_stop(plan: Plan, safeguards: Safeguards) -> None:
    removals = plan.count(Action.REMOVE, ListKind.STOP)
    if not removals:
        return
    allowed = safeguards.allow_stop_removal or safeguards.undo_of_import
    if allowed and safeguards.reason.strip():
        return
    flags = '--reason "..."' if allowed else '--allow-stop-removal --reason "..."'
    raise StopRemovalRefused(
        _(
            "The plan removes {removals} of the {size} numbers on the STOP list: these people could receive SMS again. "
            "Nothing was sent. If you are entitled to do this, add {flags}."
        ).format(removals=removals, size=plan.before[ListKind.STOP], flags=flags)
    )


def _check_empty(plan: Plan) -> None:
    if plan.mode is not Mode.SYNC:
        return
    usable = plan.lines["status"].isin([Status.UNCHANGED.value, Status.PLANNED.value]).to_numpy()
    asked = (plan.lines["row"] > 0).to_numpy()
    for kind in plan.lists:
        mine = (plan.lines["list"] == kind.value).to_numpy()
        if plan.count(Action.REMOVE, kind) and not (usable & asked & mine).any():
            raise SafetyRefusal(
                _(
                    "The input holds no valid number for the {list} list, and sync would remove all {size} numbers "
                    "from it; nothing was sent. Check the file, or use the remove command."
                ).format(list=kind.name, size=plan.before[kind])
            )
