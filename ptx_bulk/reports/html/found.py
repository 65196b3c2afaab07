"""What is known of numbers as pages: the time line for who looks after the lists, the dossier for the person."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PureWindowsPath
from typing import Any, BinaryIO, Protocol

import pandas as pd

from ptx_bulk.i18n import language, local_time
from ptx_bulk.model import Event
from ptx_bulk.reports.html import environment
from ptx_bulk.visible import visible

LANGUAGES = ("fr", "en")
_CAME = (Event.OPTED_OUT, Event.SEEN, Event.CAME, Event.ADDED)  # after which a number is on a list
_CAME_OR_LEFT = (Event.CAME, Event.LEFT)


class Sought(Protocol):
    """A number, its standing on each list, and its events as rows of `EVENT_COLUMNS`."""

    @property
    def number(self) -> str:
        """In E.164."""

    @property
    def standings(self) -> Sequence[Any]:
        """Whether it is on each list, as it was last read."""

    @property
    def events(self) -> pd.DataFrame:
        """What happened, in the order of time."""

    @property
    def known(self) -> bool:
        """Whether anything is known but that it is on no list."""


def write_timeline(stream: BinaryIO, numbers: Sequence[Sought], notices: Sequence[str] = ()) -> None:
    """The time line of each number as one page, every event with its sentence, in the language in use."""
    page = environment().get_template("timeline.html")
    written = page.stream(
        language=language(),
        numbers=[(one, [_shown(row) for row in one.events.to_dict("records")]) for one in numbers],
        notices=notices,
        local=local_time,
    )
    for piece in written:
        stream.write(piece.encode())


def write_dossier(
    stream: BinaryIO,
    numbers: Sequence[Sought],
    *,
    language: str = "fr",
    controller: str = "",
    contact: str = "",
    kept_for: str = "",
    now: float | None = None,
) -> None:
    """What a person is told who asks what is known of them (GDPR, article 15): plain words, nothing internal.

    Args:
        stream: where the page goes; it prints on A4.
        numbers: each has a section of its own.
        language: `fr` or `en`, whatever the language in use.
        controller: who answers for the data; left to be filled in where not given, as are the others.
        contact: where to write to.
        kept_for: how long the data is kept.
        now: Unix time of the answer.
    """
    sections = [_section(one) for one in numbers]
    page = environment().get_template("dossier.html")
    written = page.stream(
        language=language,
        sections=sections,
        words=f"dossier.{language}.html",
        controller=visible(controller),
        contact=visible(contact),
        kept_for=visible(kept_for),
        today=datetime.fromtimestamp(time.time() if now is None else now),  # noqa: DTZ006 - the reader's own time
    )
    for piece in written:
        stream.write(piece.encode())


def _section(one: Sought) -> dict[str, Any]:
    events = [_plain(row) for row in one.events.to_dict("records")]
    standings = [
        {"list": standing.list.value, "held": standing.held, "read_at": _moment(standing.read_at)}
        | {"because": _because(events, standing.list.value) if standing.held else None}
        for standing in one.standings
    ]
    happened = [event for event in events if event["event"] not in (Event.LISTED, Event.NOT_LISTED)]
    # A reading that only shows what a run of ours did says nothing new to the person.
    told = [event for event in happened if event["event"] not in _CAME_OR_LEFT or not event["run_id"]]
    return {"number": one.number, "standings": standings, "events": told, "known": one.known}


def _because(events: Sequence[Mapping[str, Any]], kind: str) -> Mapping[str, Any] | None:
    """The event that put the number where it is: the API's own record of a person's word before all others."""
    came = [event for event in events if event["list"] == kind and event["event"] in _CAME]
    own = [event for event in came if event["event"] == Event.OPTED_OUT]
    alone = [event for event in came if event["event"] != Event.CAME or not event["run_id"]]
    return next(reversed(own or alone), None)


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    event = _shown(row)
    # A path may tell more of our machines, or of other people, than of this person.
    event["file"] = PureWindowsPath(event["file"]).name
    return event | {"at": _moment(event["time"]), "after": _moment(event["earliest"])}


def _shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value if isinstance(value, int) else visible(value) for name, value in row.items()}


def _moment(text: str) -> datetime | None:
    """The reader's own time of an ISO text."""
    return datetime.fromisoformat(text).astimezone() if text else None
