"""What the profile says of the sending, as the command line takes it where an option is left out."""

from __future__ import annotations

from ptx_bulk.pipeline import Sending
from ptx_bulk.plan import MaxRemovals, Safeguards
from ptx_bulk.settings import Settings


def sending_by(settings: Settings, safeguards: Safeguards | None = None, *, dry_run: bool = False) -> Sending:
    """How to send for this account; the page itself confirms what it shows."""
    profile = settings.defaults
    return Sending(
        yes=True,
        dry_run=dry_run,
        safeguards=safeguards or Safeguards(max_removals=most_removals(settings)),
        concurrency=profile.concurrency,
        max_rate=profile.max_rate,
        timeout=profile.timeout,
        canary=profile.canary or 0,
    )


def most_removals(settings: Settings, said: str = "") -> MaxRemovals:
    """The limit that was typed, else the profile's, else the usual one.

    Raises:
        ConfigurationError: what was typed is no limit.
    """
    given = said.strip() or settings.defaults.max_removals
    return MaxRemovals.parse(given) if given else MaxRemovals()
