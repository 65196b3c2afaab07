"""Pieces of work: how many are kept, for how long, and what two threads may do to one."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from ptx_bulk.errors import RunInProgress
from ptx_bulk.settings import load
from ptx_bulk.ui.works.registry import Works
from ptx_bulk.ui.works.work import Asked, Phase, Work


def new(works: Works) -> Work:
    return works.new(lambda work_id, folder: Work(work_id, folder, load(sandbox=True), "a work"))


def test_old_work_is_forgotten_but_not_its_files(home: Path):
    """Only the latest pieces of work stay in memory; one that is busy stays, however old, and reports stay on disk."""
    works, go = Works(home), threading.Event()
    first, second = new(works), new(works)
    first.begin(lambda: Phase.DONE if go.wait(30) else Phase.FAILED)
    for _n in range(20):
        new(works)
    assert works.get(first.work_id) is first
    assert works.get(second.work_id) is None
    assert second.folder.is_dir()
    go.set()
    assert first.join(10)
    assert first.phase is Phase.DONE


def test_folders_of_before_are_deleted_after_thirty_days(home: Path):
    """What nobody has touched for thirty days goes when a page is started; what this page has made stays."""
    old = Works(home)
    left = new(old).folder
    (left / "stops.csv").write_text("phone\n", encoding="utf-8")
    works = Works(home)
    mine = new(works).folder
    works.sweep(time.time() + 29 * 86_400)
    assert left.is_dir()
    works.sweep(time.time() + 31 * 86_400)
    assert not left.exists()
    assert mine.is_dir()


def test_one_step_at_a_time(home: Path):
    """A step that a second tab begins while another is at work is refused by a sentence."""
    work, go = new(Works(home)), threading.Event()
    work.begin(lambda: Phase.DONE if go.wait(30) else Phase.FAILED)
    with pytest.raises(RunInProgress):
        work.begin(lambda: Phase.DONE)
    go.set()
    assert work.join(10)


def test_a_question_is_answered_once(home: Path):
    """Of two tabs that answer the same question the first one counts, and a stop leaves it unanswered."""
    work, answers = new(Works(home)), []

    def step() -> Phase:
        answers.append(work.ask(Asked(kind="confirm", text="one")))
        answers.append(work.ask(Asked(kind="confirm", text="two")))
        return Phase.DONE

    work.begin(step)
    while work.phase is not Phase.ASKING:
        time.sleep(0.01)
    asked = work.version
    assert work.answer(asked, "first")
    while work.asked is None:
        time.sleep(0.01)
    assert not work.answer(asked, "late")
    work.stop()
    assert work.join(10)
    assert answers == ["first", None]


def test_what_nobody_foresaw_is_told_by_its_kind_alone(home: Path):
    """An error that may hold a number ends the step with a sentence that does not."""
    work = new(Works(home))

    def step() -> Phase:
        raise ValueError("+33612345678")

    work.begin(step)
    assert work.join(10)
    assert work.phase is Phase.FAILED
    assert "ValueError" in str(work.error)
    assert "33612345678" not in str(work.error)
