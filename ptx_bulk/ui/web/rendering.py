"""Pages from templates; whatever comes from a file or a server is shown as text."""

from __future__ import annotations

import functools
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ptx_bulk import i18n
from ptx_bulk.i18n import _, grouped, ngettext
from ptx_bulk.visible import visible

_DATE = len("2026-01-31")
_PAGES = Path(__file__).parent.parent / "pages"


def render(template: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template shows
    """A page in the language in use."""
    return _environment().get_template(template).render(language=i18n.language(), **values)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_PAGES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    # Put there by the i18n extension, which the type of Environment does not know. Its new style would format sentences
    # itself, past what makes foreign text visible.
    environment.install_gettext_callables(_, ngettext, newstyle=False)  # type: ignore[attr-defined]
    environment.filters.update(grouped=grouped, moment=moment, told=told)
    return environment


def _shown(value: object) -> object:
    """Hidden characters of foreign text as escapes, its lines kept; our own markup as it is."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return value if value.isprintable() else "\n".join(visible(one) for one in value.split("\n"))


def told(text: str) -> str:
    """A time of the journal, ISO 8601 in UTC, as people here write it; a text that is none as it is."""
    try:
        seen = datetime.fromisoformat(text)
        return seen.strftime(_day()) if len(text) == _DATE else moment(seen.timestamp())
    except ValueError:
        return text


def moment(seconds: float) -> str:
    """A Unix time as people here write it."""
    return time.strftime(f"{_day()} %H:%M", time.localtime(seconds))


def _day() -> str:
    return "%d/%m/%Y" if i18n.language() == "fr" else "%Y-%m-%d"
