"""Whatever is killed at whatever moment, with faults on the wire: the lists are exact, and nothing is left."""

from __future__ import annotations

import sys

import pytest

from tests.kill.everything import STORIES, run, trial

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and sessions as POSIX has them")
KILLS = 200


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [4])
def test_a_killed_scrub_leaves_whole_files_or_none(seed, tmp_path):
    """What was killed is given again, and is whole; no process, temporary file or draft is left."""
    assert trial(tmp_path / "trial", seed).total() >= 1


@pytest.mark.endurance
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(len(STORIES)))
def test_each_story_of_kills(seed, tmp_path):
    """Exact to the last number: the server's record, the journal, the reports, and the beginning after `undo`."""
    assert trial(tmp_path / "trial", seed).total() >= 1


@pytest.mark.endurance
@pytest.mark.timeout(6 * 3600)
def test_two_hundred_kills(tmp_path, capsys):
    """The same over all commands; a trial that goes wrong is told with its seed."""
    with capsys.disabled():
        tally = run(KILLS, 2, 1000, tmp_path)
        print(f"\n{tally.trials} trials: {dict(tally.killed)}")  # noqa: T201 - what was tried is worth knowing
    assert tally.failed == {}
