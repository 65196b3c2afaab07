"""The pictures of a terminal in the manuals."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("pty", reason="this system has no pseudo-terminals")

DOCS = Path(__file__).resolve().parents[2] / "docs"
sys.path.insert(0, str(DOCS))

import pictures  # type: ignore[import-not-found]  # noqa: E402 - a script beside the pages


@pytest.mark.slow
@pytest.mark.parametrize("language", pictures.LANGUAGES)
@pytest.mark.parametrize("name", pictures.SCENES)
def test_a_picture_shows_what_the_program_prints(name, language):
    """Each picture says word for word what a terminal shows today, and nothing in it is fetched from elsewhere."""
    kept = (DOCS / "pictures" / f"{name}.{language}.svg").read_text(encoding="utf-8")
    now = pictures.picture(pictures.SCENES[name], language)
    assert pictures.texts(kept) == pictures.texts(now), "make them anew, and look: python docs/pictures.py"
    assert "url(http" not in kept
    assert "font-face" not in kept
