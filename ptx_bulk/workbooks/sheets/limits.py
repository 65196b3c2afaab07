"""How much reading one file may cost."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What reading one file may cost; beyond it the file is refused with `UnreadableFile`.

    Attributes:
        memory: bytes of memory the process that parses a workbook may use.
        seconds: time it may take.
        streamed: bytes that standard input or a pipe may bring.
        unpacked: bytes a compressed file may unpack to, all parts together.
        ratio: how many times its packed size a large part may unpack to.
        cells: rows times columns of a sheet.
        columns: columns of a sheet (Excel's own limit).
    """

    memory: int = 2048 * MIB
    seconds: float = 300.0
    streamed: int = 2048 * MIB
    unpacked: int = 4096 * MIB
    ratio: int = 200
    cells: int = 150_000_000
    columns: int = 16_384
