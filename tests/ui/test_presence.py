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


def over_after(seconds: int, clock: Clock, presence: Presence) -> bool:
    """Whether it is over so much later, looked at every second."""
    for _second in range(seconds):
        clock.now += 1
        if presence.over:
            return True
    return False


def test_nothing_ends_before_there_was_a_page():
    """A browser that is slow to start, or that runs no scripts, ends nothing."""
    clock, presence = pages()
    assert not over_after(2000, clock, presence)


def test_the_way_from_page_to_page_ends_nothing():
    """A page that is left for the next one, or loaded anew, is not the last."""
    clock, presence = pages()
    for number in range(5):
        presence.here(str(number))
        assert not over_after(30, clock, presence)
        presence.gone(str(number))
        assert not over_after(10, clock, presence)


def test_the_last_page_ends_it_after_a_while():
    """Once the last of all pages was left and none came, it is over."""
    clock, presence = pages()
    presence.here("a")
    presence.here("b")
    presence.gone("a")
    assert not over_after(60, clock, presence)
    presence.gone("b")
    assert not over_after(19, clock, presence)
    assert over_after(2, clock, presence)


def test_a_page_that_fell_silent_is_gone():
    """A browser that crashed says no good-bye; a page in the background, which speaks once a minute, is no such one."""
    clock, presence = pages()
    presence.here("a")
    for _minute in range(10):
        assert not over_after(61, clock, presence)
        presence.here("a")
    assert over_after(400, clock, presence)


def test_a_night_with_the_lid_closed_ends_nothing():
    """A machine that slept finds its pages open, although none could say so meanwhile."""
    clock, presence = pages()
    presence.here("a")
    assert not over_after(10, clock, presence)
    clock.now += 30_000
    assert not over_after(60, clock, presence)
    presence.gone("a")
    assert over_after(30, clock, presence)
