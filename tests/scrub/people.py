"""People and lists that scrub tests share; nobody of them exists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import ptx_bulk
from ptx_bulk.pipeline import Scrubbed

LISTED = (33612345678, 33698765432, 262692123456, 33142345678, 41791234567)
FREE = (33611111111, 33622222222, 33633333333, 33644444444, 33655555555)


def writings(number: int) -> list[str]:
    """The ways in which people write a French mobile or landline."""
    national = f"0{number - 33_000_000_000}"
    pairs = [national[at : at + 2] for at in range(0, 10, 2)]
    return [
        national,
        " ".join(pairs),
        ".".join(pairs),
        "-".join(pairs),
        "\u00a0".join(pairs),
        f"+33{national[1:]}",
        f"0033{national[1:]}",
        f"+33 (0){national[1]} " + " ".join(pairs[1:]),
        f"33{national[1:]}",
        national[1:],
        f"Tél : {national}",
        f"tel:+33{national[1:]}",
        f"+33 {national[1]} " + " ".join(pairs[1:]),
    ]


def lists_file(folder: Path, stop: Iterable[int] = LISTED, npai: Iterable[int] = ()) -> Path:
    """A list as `export` writes it."""
    path = folder / "lists.csv"
    rows = [(number, "stop") for number in stop] + [(number, "npai") for number in npai]
    lines = ["phone,list,remote_id,added_approx,country,line_type"]
    lines += [f"+{number},{kind},,2026-01-31T10:20:30Z,FR,mobile" for number, kind in rows]
    path.write_bytes("\r\n".join([*lines, ""]).encode())
    return path


def scrubbed(path: Path, lists: Path | Sequence[Path], **options: object) -> tuple[Scrubbed, dict[str, Path]]:
    """Scrub a file offline; the result, and its files by `kept`, `removed` and `unsure`."""
    found = ptx_bulk.scrub(path, lists=lists, output=path.parent / "out", **options)
    [paths] = found.files.values()
    return found, {part: Path(name) for part, name in paths.items()}
