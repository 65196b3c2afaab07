"""Limits that a plan must keep before anything is sent; each refusal names counts, limit and the flag."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ptx_bulk.arguments import COUNT, PERCENT, of_type
from ptx_bulk.errors import ConfigurationError, SafetyRefusal, StopRemovalRefused, TooManyRemovals
from ptx_bulk.i18n import _, ngettext
from ptx_bulk.model import Action, ListKind, Mode, Status
from ptx_bulk.plan.planning import Plan

DEFAULT_PERCENT = 30.0
_LIMIT = "--max-removals "
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


@dataclass(frozen=True)
class _Refusal:
    """One reason to refuse a plan: the error, the sentence, and the flags that would let it pass."""

    error: type[SafetyRefusal]
    sentence: str
    flags: tuple[str, ...]


def check_safety(plan: Plan, safeguards: Safeguards, *, confirmed: bool = True) -> None:
    """Refuse a plan that goes past what the user allowed; the sentence names every flag that is missing.

    Args:
        plan: the plan.
        safeguards: what the user allowed.
        confirmed: whether removals are confirmed or can be asked about; else `--yes` is missing, too.

    Raises:
        StopRemovalRefused: it removes from STOP without flag or reason.
        TooManyRemovals: it removes more than the limit from a list.
        SafetyRefusal: `sync` from an input without a single valid number.
    """
    # First, since no flag lets it pass: who is told of flags would give them for nothing.
    _check_empty(plan)
    refusals = _stop_refusals(plan, safeguards) + _limit_refusals(plan, safeguards)
    if not refusals:
        return
    flags = [flag for refusal in refusals for flag in refusal.flags]
    largest = max(
        (refusal.flags for refusal in refusals if refusal.error is TooManyRemovals), default=(), key=_removals
    )
    flags = [flag for flag in flags if not flag.startswith(_LIMIT) or flag in largest]
    if not confirmed:
        flags.append("--yes")
    raise refusals[0].error(
        _("{problems} Nothing was sent. If you are entitled to do this, add {flags}.").format(
            problems=" ".join(refusal.sentence for refusal in refusals), flags=" ".join(dict.fromkeys(flags))
        )
    )


def _removals(flags: tuple[str, ...]) -> int:
    return int(flags[0].removeprefix(_LIMIT))


def _limit_refusals(plan: Plan, safeguards: Safeguards) -> list[_Refusal]:
    if safeguards.undo_of_import and not safeguards.max_removals.given:
        return []
    found: list[_Refusal] = []
    for kind in plan.lists:
        removals, size = plan.count(Action.REMOVE, kind), plan.before[kind]
        limit = safeguards.max_removals.limit(size)
        if removals > limit:
            sentence = _(
                "The plan removes {removals} of the {size} numbers on the {list} list ({percent:.0f}%), "
                "more than the limit of {limit} (--max-removals {given})."
            ).format(
                removals=removals,
                size=size,
                list=kind.name,
                percent=100 * removals / max(size, 1),
                limit=limit,
                given=safeguards.max_removals,
            )
            found.append(_Refusal(TooManyRemovals, sentence, (f"{_LIMIT}{removals}",)))
    return found


def _stop_refusals(plan: Plan, safeguards: Safeguards) -> list[_Refusal]:
    removals = plan.count(Action.REMOVE, ListKind.STOP)
    if not removals:
        return []
    flags: tuple[str, ...] = (
        () if safeguards.allow_stop_removal or safeguards.undo_of_import else ("--allow-stop-removal",)
    )
    flags += () if safeguards.reason.strip() else ('--reason "..."',)
    if not flags:
        return []
    sentence = ngettext(
        "The plan removes {removals} number from the STOP list, which holds {size}: this person could receive "
        "SMS again.",
        "The plan removes {removals} of the {size} numbers on the STOP list: these people could receive SMS again.",
        removals,
    ).format(removals=removals, size=plan.before[ListKind.STOP])
    return [_Refusal(StopRemovalRefused, sentence, flags)]


def _check_empty(plan: Plan) -> None:
    if plan.mode is not Mode.SYNC:
        return
    usable = plan.lines["status"].isin([Status.UNCHANGED.value, Status.PLANNED.value]).to_numpy()
    asked = (plan.lines["row"] > 0).to_numpy()
    for kind in plan.lists:
        mine = (plan.lines["list"] == kind.value).to_numpy()
        if plan.count(Action.REMOVE, kind) and not (usable & asked & mine).any():
            raise SafetyRefusal(
                ngettext(
                    "The input holds no valid number for the {list} list, and sync would remove the {size} number "
                    "from it; nothing was sent. Check the file, or use the remove command.",
                    "The input holds no valid number for the {list} list, and sync would remove all {size} numbers "
                    "from it; nothing was sent. Check the file, or use the remove command.",
                    plan.before[kind],
                ).format(list=kind.name, size=plan.before[kind])
            )
