"""The HTML report: one file that needs no network, no server and, for its summary, no JavaScript."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import jinja2
import pandas as pd
from markupsafe import Markup

from ptx_bulk.i18n import _, grouped, language, ngettext
from ptx_bulk.reports import wording
from ptx_bulk.reports.html import problems, shown_lines
from ptx_bulk.reports.summary import Summary
from ptx_bulk.sentences import STATUS_SENTENCES

_HERE = Path(__file__).parent
_MOST_BARS = 12
_SOURCES = (("style", "page.css"), ("script", "page.js"), ("sober", "timeline.css"), ("letter", "dossier.css"))

Bar = tuple[str, str, str, float]  # name, meaning, count, share of the largest in percent


def write_results(stream: BinaryIO, lines: pd.DataFrame, summary: Summary) -> None:
    """The report as one page: headline, counts as charts, problems, and a table of the lines to search in."""
    shown = shown_lines.shown(lines)
    page = (
        environment()
        .get_template("page.html")
        .stream(
            language=language(),
            headline=wording.headline(summary, lines),
            facts=wording.facts(summary),
            notices=summary.notices,
            charts=charts(summary),
            problems=problems.groups(lines),
            total=grouped(len(lines)),
            left_out=grouped(len(lines) - len(shown)) if len(shown) < len(lines) else "",
            data=Markup(shown_lines.payload(shown)),  # noqa: S704 - JSON that holds no "<", ">" or "&"
        )
    )
    for piece in page:
        stream.write(piece.encode())


def environment() -> jinja2.Environment:
    """What pages are made with: templates of this folder, our style and script with their hashes, our language."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Put there by the i18n extension, which the type of Environment does not know.
    made.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]
    for name, file in _SOURCES:
        source = (_HERE / file).read_text(encoding="utf-8")
        made.globals[name] = Markup(source)  # noqa: S704 - our own file
        made.globals[f"{name}_hash"] = _hash(source)
    made.globals["language"] = language
    return made


def _hash(source: str) -> str:
    """The source's name in a Content-Security-Policy: only these very bytes may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def charts(summary: Summary) -> list[tuple[str, list[Bar]]]:
    """The counts of a run as bars: titles with their rows."""
    counted = [
        (_("Lines by status"), summary.counts, {str(k): _(v) for k, v in STATUS_SENTENCES.items()}),
        (_("Lines by code"), summary.codes, {code: wording.sentence(code) for code in summary.codes}),
        (_("Numbers by country"), summary.by_country, {}),
        (_("Numbers by line type"), summary.by_line_type, {}),
    ]
    return [(title, _bars(counts, meanings)) for title, counts, meanings in counted if counts]


def _bars(counts: Mapping[str, int], meanings: Mapping[str, str]) -> list[Bar]:
    ranked = wording.ranked(counts)
    shown, rest = ranked[:_MOST_BARS], sum(n for _name, n in ranked[_MOST_BARS:])
    if rest:
        shown.append((_("others"), rest))
    most = max(n for _name, n in shown) or 1
    return [(name, meanings.get(name, ""), grouped(n), round(100 * n / most, 2)) for name, n in shown]
