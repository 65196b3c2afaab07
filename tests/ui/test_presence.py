"""When the page is closed for good: told by the pages themselves, on a clock of the test's."""

from __future__ import annotations

from ptx_bulk.ui.web.presence import Presence


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def pages() -> tuple[Clock, Presence]:
    clock = Clock()
    return clock, Presence(clock, grace=20)


def test_nothing_ends_before_there_was_a_page():
    """A browser that is slow to start, or that runs no scripts, ends nothing."""
    clock, presence = pages()
    clock.now += 10_000
    assert not presence.over


def test_the_way_from_page_to_page_ends_nothing():
    """A page that is left for the next one, or loaded anew, is not the last."""
    clock, presence = pages()
    for number in range(5):
        presence.here(str(number))
        clock.now += 30
        presence.gone(str(number))
        clock.now += 10
        assert not presence.over


def test_the_last_page_ends_it_after_a_while():
    """Once the last of all pages was left and none came, it is over."""
    clock, presence = pages()
    presence.here("a")
    presence.here("b")
    presence.gone("a")
    clock.now += 60
    assert not presence.over
    presence.gone("b")
    assert not presence.over
    clock.now += 21
    assert presence.over


def test_a_page_that_fell_silent_is_gone():
    """A browser that crashed says no good-bye; a page in the background, which speaks once a minute, is no such one."""
    clock, presence = pages()
    presence.here("a")
    for _minute in range(10):
        clock.now += 61
        assert not presence.over
        presence.here("a")
    clock.now += 400
    assert presence.over
