"""Files in, cells out: the way through the room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from ptx_bulk.errors import ColumnNotFound, QuestionOpen, ReadingMismatch, UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.system.memory import give_back
from ptx_bulk.system.scratch import FULL, Scratch, unwritable
from ptx_bulk.workbooks.assembling import assemble
from ptx_bulk.workbooks.choosing.questions import Ask, nobody
from ptx_bulk.workbooks.choosing.vocabulary.presets import Preset, load_preset
from ptx_bulk.workbooks.dataframes import store_frame
from ptx_bulk.workbooks.file_reading import FileReader, Found
from ptx_bulk.workbooks.guard.arrival import without_lock_files
from ptx_bulk.workbooks.guard.passwords import AskPassword
from ptx_bulk.workbooks.previewing import Look, preview
from ptx_bulk.workbooks.read_options import ReadOptions
from ptx_bulk.workbooks.reading import Reading
from ptx_bulk.workbooks.settled import settled_for
from ptx_bulk.workbooks.storing import store_file

_Asking: TypeAlias = tuple[Ask, AskPassword | None]


def read(
    paths: Sequence[Path | str],
    options: ReadOptions,
    ask: Ask = nobody,
    ask_password: AskPassword | None = None,
    *,
    frames: Mapping[str, pd.DataFrame] | None = None,
    look: Look | None = None,
) -> Reading:
    """Read the phone cells of all files, in order.

    Args:
        paths: the files; `-` is standard input as text.
        options: what is known about them.
        ask: who answers what only a person can know.
        ask_password: who knows the password of the protected workbook of that path; None for nobody.
        frames: tables in memory by the paths that stand for them.
        look: shown the first rows of each file before it is known, or asked, what they mean.

    Returns:
        The cells and the original tables; close it when done.

    Raises:
        UnreadableFile: a file is missing, empty, damaged, protected, hostile or no spreadsheet, or there is no room
            for a temporary copy of it.
        ColumnNotFound: a file has no phone column, or none of the name given.
        QuestionOpen: what a file means is in doubt, and nobody answers.
        ReadingMismatch: a saved reading does not fit a file.
        ConfigurationError: there is no such encoding, delimiter or preset.
    """
    preset = load_preset(options.preset) if options.preset else None
    scratch = _scratch()
    found = Found()
    named, found.notices = without_lock_files(paths)
    try:
        for number, path in enumerate(named):
            folder = scratch.folder / str(number)
            frame = (frames or {}).get(path)
            _read_file(path, folder, options, preset, (ask, ask_password), found, frame, look)
        give_back()
        cells = assemble(found.pieces)
    except BaseException:
        found.release()
        scratch.close()
        raise
    return Reading(
        cells=cells,
        inputs=tuple(found.inputs),
        notices=tuple(found.notices),
        tables=tuple(found.tables),
        unread=tuple(found.unread),
        scratch=scratch,
    )


def _scratch() -> Scratch:
    try:
        return Scratch()
    except OSError as error:
        raise UnreadableFile(unwritable(error)) from error


def _read_file(
    path: str,
    folder: Path,
    options: ReadOptions,
    preset: Preset | None,
    asking: _Asking,
    found: Found,
    frame: pd.DataFrame | None,
    look: Look | None,
) -> None:
    ask, ask_password = asking
    try:
        folder.mkdir()
        options = _as_settled(options, path)
        if frame is None:
            intake = store_file(path, folder, options, ask_password)
        else:
            intake = store_frame(frame, folder, options.limits)
        if look is not None:
            look(preview(path, intake.sheets))
        FileReader(path, intake, options, preset, ask, found).read()
    except QuestionOpen as error:
        raise QuestionOpen(_("{file}: {problem}").format(file=path, problem=error), error.question) from error
    except ColumnNotFound as error:
        raise ColumnNotFound(_("{file}: {problem}").format(file=path, problem=error), error.candidates) from error
    except (UnreadableFile, ReadingMismatch) as error:
        raise type(error)(_("{file}: {problem}").format(file=path, problem=error)) from error
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise UnreadableFile(_("{file}: {problem}").format(file=path, problem=unwritable(error))) from error


def _as_settled(options: ReadOptions, path: str) -> ReadOptions:
    """The options with the encoding and delimiter that the file was settled with."""
    saved = settled_for(path, "", options.settled)
    if saved is None:
        return options
    return replace(
        options,
        encoding=options.encoding or saved.encoding or None,
        delimiter=options.delimiter or saved.delimiter or None,
    )
