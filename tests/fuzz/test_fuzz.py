"""Every target for some minutes: `pytest -m endurance tests/fuzz`."""

from __future__ import annotations

import os

import pytest

from tests.fuzz.run import NAMES, fuzz

SECONDS = float(os.environ.get("FUZZ_SECONDS", "300"))


@pytest.mark.endurance
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", NAMES)
def test_whatever_comes_in_is_an_answer_or_a_sentence(name: str) -> None:
    """No traceback, no exit 1, no input that takes ten seconds of work or 1 GB of memory."""
    told = fuzz(name, SECONDS)
    assert told.inputs > 0
    assert told.finds == []
