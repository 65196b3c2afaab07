"""The automata of the metadata's patterns agree with `re`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers.phonemetadata import PhoneMetadata

from ptx_bulk.numbers.patterns.automaton import UnknownSyntax, automaton
from ptx_bulk.numbers.regions.families import family_codes, overseas_heads
from tests.conftest import tried


def patterns() -> list[str]:
    """Every pattern for whole national numbers that the metadata holds."""
    found = set()
    for region in phonenumbers.SUPPORTED_REGIONS:
        plan = PhoneMetadata.metadata_for_region(region)
        for kind in ("general_desc", "fixed_line", "mobile", "toll_free", "voip"):
            desc = getattr(plan, kind)
            if desc is not None and desc.national_number_pattern:
                found.add(desc.national_number_pattern)
    return sorted(found)


PATTERNS = patterns()
ROOT = Path(__file__).resolve().parents[2]


@tried(40)
@given(st.sampled_from(PATTERNS), st.data())
def test_matches_what_re_matches(pattern: str, data: st.DataObject) -> None:
    """A pattern of the metadata matches the same digits as an automaton and as a regular expression."""
    digits = data.draw(
        st.from_regex(pattern, fullmatch=True, alphabet="0123456789") | st.text("0123456789", max_size=12)
    )
    assert automaton(pattern).could_reach(digits, len(digits)) == bool(re.fullmatch(pattern, digits))


def test_all_patterns_are_understood() -> None:
    """The metadata in use holds no pattern that the fast path has to give up on."""
    for pattern in PATTERNS:
        automaton(pattern)


@pytest.mark.parametrize("pattern", ["a", "(?=1)1", "[1", "(1", "1)", "1{x}", r"\w", "[^1]"])
def test_unknown_syntax_is_refused(pattern: str) -> None:
    """What is beyond the known syntax is refused, never misread."""
    with pytest.raises(UnknownSyntax):
        automaton(pattern)


@pytest.mark.parametrize(
    ("pattern", "head", "rest", "settled"),
    [
        (r"6\d{3}", "6", 3, True),
        (r"6\d{3}", "6", 2, True),
        (r"6\d{3}", "5", 3, True),
        (r"6[0-4]\d{2}", "6", 3, False),
        (r"6[0-4]\d{2}", "64", 2, True),
        (r"6\d?1", "6", 2, False),
    ],
)
def test_settles_when_the_rest_is_free(pattern: str, head: str, rest: int, settled: bool) -> None:
    """Leading digits settle a pattern when all, or none, of their completions match."""
    assert automaton(pattern).settles(head, rest) is settled


@pytest.mark.parametrize(
    ("pattern", "head", "rest", "within"),
    [
        ("0", "06", 8, True),
        ("0", "6", 8, True),
        ("0(1)?", "0", 8, False),
        ("([2-4]\\d)$|1", "2", 5, True),
        ("(2\\d)$", "2", 1, False),
    ],
)
def test_a_prefix_ends_within_the_head(pattern: str, head: str, rest: int, within: bool) -> None:
    """Leading digits settle a prefix when no longer match can follow."""
    assert automaton(pattern).ends_within(head, rest) is within


def test_the_french_family_is_what_the_metadata_says() -> None:
    """The family's country codes and overseas landline heads come from the metadata."""
    assert family_codes() == (33, 262, 590, 594, 596, 508)
    assert overseas_heads() == ("262", "263", "268", "269", "590", "594", "596", "598")


@pytest.mark.slow
def test_many_threads_may_read_patterns_at_once() -> None:
    """Threads that read and walk patterns at the same time get the answers that one alone gets."""
    script = (
        "import sys\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from tests.numbers.test_automaton import PATTERNS\n"
        "from ptx_bulk.numbers.patterns.automaton import Automaton\n"
        "sys.setswitchinterval(1e-6)\n"
        "def ask(_):\n"
        "    return [Automaton(one).settles(head, 4) for one in PATTERNS[::8] for head in ('6', '71', '809')]\n"
        "with ThreadPoolExecutor(4) as threads:\n"
        "    found = list(threads.map(ask, range(4)))\n"
        "assert all(one == ask(0) for one in found)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
