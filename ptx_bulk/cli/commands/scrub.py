"""The command for whoever sends the next campaign: scrub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptx_bulk.cli.commands.list_files import lists_of
from ptx_bulk.cli.help_sections import Command, option
from ptx_bulk.cli.options import PathName, examples, global_options, remote_options, whole_row_options
from ptx_bulk.cli.requests_from_options import note_run, sending, settings, source
from ptx_bulk.cli.showing.channel import channel
from ptx_bulk.cli.showing.console import Console
from ptx_bulk.cli.showing.output import echo
from ptx_bulk.i18n import Quantity, _, ngettext
from ptx_bulk.model import LIST_ALIASES

if TYPE_CHECKING:
    from ptx_bulk.pipeline import Scrubbed

_LISTS = "--lists"


class _ListsCommand(Command):
    """A command whose `--lists` takes one file or several."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, one_list_each(args))


def one_list_each(args: Sequence[str]) -> list[str]:
    """`--lists a b` as `--lists a --lists b`; where no file to scrub would be left, only the first belongs to it."""
    greedy, files = _spread(args, most=None)
    return greedy if files else _spread(args, most=1)[0]


def _spread(args: Sequence[str], most: int | None) -> tuple[list[str], bool]:
    """The arguments with `--lists` before each of its values, and whether words are left that may be files."""
    made: list[str] = []
    taken: int | None = None  # values that the last --lists has taken, None where it is not open
    after_option = files = False
    for word in args:
        if word == _LISTS:
            taken = 0
        elif taken is not None and (not word.startswith("-") or word == "-") and taken != most:
            made += [_LISTS, word]
            taken += 1
        else:
            taken = None
            made.append(word)
            is_option = word.startswith("-") and word != "-"
            files |= not is_option and not after_option
            after_option = is_option and "=" not in word and word not in _FLAGS
    return made, files


_FLAGS = frozenset(
    {"--sandbox", "--json", "-q", "--quiet", "-v", "-vv", "--verbose", "--no-header", "--trust-smaller-list"}
)


@click.command(
    "scrub",
    cls=_ListsCommand,
    help=_(
        "Write the files without the people who are on the lists, for the next campaign. Whoever is on a list goes "
        "to a file of its own, and so does whoever cannot be read; nothing is sent to the API but reads."
    ),
    epilog=examples(
        "ptx-bulk scrub contacts.xlsx\n"
        "ptx-bulk scrub contacts.csv --list stop -o campaign\n"
        "ptx-bulk scrub contacts.csv --lists lists.csv"
    ),
)
@whole_row_options
@option(
    "--list",
    "kind",
    type=click.Choice([*LIST_ALIASES, "both"]),
    default="both",
    show_default=True,
    help=_("Whom to take out: people on this list."),
)
@option(
    _LISTS,
    "exports",
    multiple=True,
    metavar="EXPORT...",
    type=PathName(),
    help=_("Take the lists from files that export wrote: no key, no network."),
)
@option(
    "-o",
    "--output",
    metavar="NAME",
    type=PathName(),
    help=_("Name of the new files, such as campaign for campaign.kept.csv; default: the file's own, and the run."),
)
@option(
    "--no-number",
    type=click.Choice(["keep", "drop"]),
    default="keep",
    show_default=True,
    help=_("What to do with rows without any number."),
)
@remote_options
@global_options
def scrub_command(**options: Any) -> int:
    state = click.get_current_context().find_root().obj
    state.update(command="scrub", files=options["files"])
    from ptx_bulk import pipeline

    console, chosen = Console.current(), settings()
    run_id = note_run()
    link = channel()
    scrubbed = pipeline.scrub(
        source({**options, "kind": None}, chosen),
        pipeline.Scrubbing(
            lists=lists_of(options["kind"]),
            exports=tuple(options["exports"]),
            output=None if options["output"] is None else Path(options["output"]),
            drop_numberless=options["no_number"] == "drop",
            label=link.label if link else "",
        ),
        chosen,
        sending(options, chosen),
        console,
        run_id,
    )
    for notice in scrubbed.notices:
        console.notice(notice)
    if not console.show_json(scrubbed.as_json()) and not state.get("quiet"):
        for line in _lines(scrubbed):
            echo(line)
    return scrubbed.exit_code


def _lines(scrubbed: Scrubbed) -> list[str]:
    """The summary for people."""
    counts = scrubbed.counts
    lines = [
        ngettext(
            "Run {run_id} (scrub): {rows:,} row, {blank:,} blank.",
            "Run {run_id} (scrub): {rows:,} rows, {blank:,} blank.",
            counts.rows,
        ).format(run_id=scrubbed.summary.run_id, rows=Quantity(counts.rows), blank=Quantity(scrubbed.summary.blank))
    ]
    told = (
        (counts.kept, _("kept: on none of the lists")),
        (counts.removed, _("removed: on a list")),
        (counts.unsure, _("unsure: a number that cannot be read; look at these rows before you write to them")),
        (counts.dropped, _("dropped: no number in the row (--no-number drop)")),
        (counts.left_out, _("left out by --where or --hidden-rows; in none of the files")),
    )
    lines += [f"  {Quantity(count):>9,}  {text}" for count, text in told if count or text is told[0][1]]
    if counts.without_number > counts.dropped:
        without = Quantity(counts.without_number - counts.dropped)
        lines.append(
            ngettext(
                "{count:,} of the rows that are kept holds no number at all.",
                "{count:,} of the rows that are kept hold no number at all.",
                int(without),
            ).format(count=without)
        )
    for paths in scrubbed.files.values():
        lines += [_("{part}: {path}").format(part=part, path=path) for part, path in paths.items()]
    return lines


COMMANDS = (scrub_command,)
