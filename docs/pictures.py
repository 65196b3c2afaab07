"""Makes docs/pictures/*.svg, what a terminal shows, from the program itself: `python docs/pictures.py`.

Each picture is of a command that is run on a terminal (so not on Windows) in a folder with the samples.
"""

from __future__ import annotations

import html
import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURES = Path(__file__).with_name("pictures")
_SAMPLES = Path(__file__).parent.parent / "samples"
_WIDTH = 100
_RUN = re.compile(r"\d{8}-\d{6}-[0-9a-z]{4}")
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)  # they would be fetched from elsewhere
_SAME_RUN = "20261128-145406-469n"  # names of runs change from time to time, and pictures should not


@dataclass(frozen=True)
class Scene:
    """What is typed: the command, and what is answered when it asks."""

    arguments: tuple[str, ...]
    answer: str = ""


_TWO_PHONES = """\
Nom;Mobile perso;Mobile pro
Martin;06 12 34 56 78;06 55 55 11 11
Petit;06 98 76 54 32;07 40 00 00 02
"""
SCENES = {
    "reading": Scene(("check", "both-lists.xlsx")),
    "question": Scene(("check", "contacts.csv"), "1"),
}
LANGUAGES = ("en", "fr")


def shown(scene: Scene, language: str) -> str:
    """What the terminal shows, command line included."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "samples"
        folder.mkdir()
        for sample in _SAMPLES.iterdir():
            if sample.suffix in {".csv", ".xlsx"}:
                (folder / sample.name).write_bytes(sample.read_bytes())
        (folder / "contacts.csv").write_text(_TWO_PHONES, encoding="utf-8")
        printed = _on_a_terminal([*scene.arguments], scene.answer, folder, Path(home), language)
    return f"$ {' '.join(['ptx-bulk', *scene.arguments])}\n" + _RUN.sub(_SAME_RUN, printed.replace("\r\n", "\n"))


def _on_a_terminal(arguments: list[str], answer: str, folder: Path, home: Path, language: str) -> str:
    """All that the program writes on a terminal of this width, after it was answered what it asks."""
    ours, theirs = pty.openpty()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PTX_", "PRIMOTEXTO_", "NO_COLOR"))
    }
    size = {"COLUMNS": str(_WIDTH), "LINES": "60", "TERM": "dumb", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    with os.fdopen(theirs, "wb", 0) as terminal:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "ptx_bulk", *arguments],
            cwd=folder,
            env={**kept, **size, "PTX_HOME": str(home / "state"), "PTX_LANG": language},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        )
    written = b""
    while piece := _read(ours):
        written += piece
        if answer and written.endswith(b": "):  # it asks
            os.write(ours, f"{answer}\n".encode())
            answer = ""
    process.wait()
    os.close(ours)
    return written.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux says so where others give nothing: the program has ended
        return b""


def picture(scene: Scene, language: str) -> str:
    """The SVG of what the terminal shows."""
    console = Console(record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(shown(scene, language)), soft_wrap=False)
    return _FONTS.sub("", console.export_svg(title="ptx-bulk", unique_id="ptx"))


def texts(svg: str) -> list[str]:
    """What a picture says, a text after the other."""
    return [html.unescape(found).replace("\u00a0", " ") for found in re.findall(r"<text [^>]*>([^<]*)</text>", svg)]


def main() -> None:
    """Write all of them."""
    PICTURES.mkdir(exist_ok=True)
    for name, scene in SCENES.items():
        for language in LANGUAGES:
            (PICTURES / f"{name}.{language}.svg").write_text(picture(scene, language), encoding="utf-8")


if __name__ == "__main__":
    main()
