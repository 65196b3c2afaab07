"""The local page, killed in the middle of a run and started anew."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator

from tests.kill.stories import AGAIN, Story, planned_changes
from tests.ui.visitor import Visitor


@contextlib.contextmanager
def _page(story: Story) -> Iterator[tuple[subprocess.Popen[str], Visitor]]:
    process = story.place.start("ui", "--no-browser")
    assert process.stdout is not None
    first = process.stdout.readline().strip()
    assert first.startswith("listening on http://127.0.0.1:"), (first, story.place.said())
    visitor = Visitor(first.removeprefix("listening on "))
    with contextlib.closing(visitor.client):
        yield process, visitor
    story.place.end(process, "ui")


def pages(story: Story) -> None:
    """A file that is dropped on the page is imported; the page is killed while it sends; the next one goes on."""
    before, asked = story.numbers(), story.numbers()
    story.api.hold("stop", before)
    beginning, planned = story.api.listed(), planned_changes("stop", before, before | asked)
    content = "Mobile\n" + "".join(f"+{number}\n" for number in asked)
    with _page(story) as (process, visitor):
        work, _seen = visitor.plan("a.csv", content)
        visitor.post(f"/works/{work}/send", version=visitor.get(f"/works/{work}").version)
        story.place.kill(process, "ui", story.moment(len(planned)))
    while not any(run.mode == "import" and run.state == "finished" for run in story.place.runs()):
        _gone_on_with(story, content, len(planned))
    (run_id,) = (run.run_id for run in story.place.runs())
    story.proven(run_id, planned, 0)
    story.taken_back(run_id, beginning, planned)


def _gone_on_with(story: Story, content: str, planned: int) -> None:
    """What the next page offers: going on with the run, or, where there is none, the file again."""
    with _page(story) as (process, visitor):
        start = visitor.get("/")
        if "can be gone on with" in start.words:
            run = start.text.rpartition("/runs/")[2].partition('"')[0]
            work = visitor.post(f"/runs/{run}/resume").work
        else:
            assert not story.api.effects(), start.words
            work, _seen = visitor.plan("a.csv", content)
            visitor.post(f"/works/{work}/send", version=visitor.get(f"/works/{work}").version)
        if story.rng.random() < AGAIN:
            story.place.kill(process, "ui", story.moment(planned // 3))
        else:
            assert visitor.settled(work).phase == "done"
