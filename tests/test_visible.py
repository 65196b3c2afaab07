"""Foreign text as people may see it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.errors import PtxError, UnreadableFile
from ptx_bulk.visible import is_hidden, visible, visible_json

_HOSTILE = "\x00\x07\x08\x1b\x7f\x85\x9b\r\n\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\udce9"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("stops été 2026.csv", "stops été 2026.csv"),
        ("12\u00a0345\u202f678", "12\u00a0345\u202f678"),
        ("\x1b[31mred\x1b]0;title\x07", r"\x1b[31mred\x1b]0;title\x07"),
        ("a\nError: b\r", r"a\nError: b\r"),
        ("\x9b2J\x85", r"\x9b2J\x85"),
        ("gpj.\u202eexe\u2066", r"gpj.\u202eexe\u2066"),
        ("a\u2028b\u200bc\U000e0041", r"a\u2028b\u200bc\U000e0041"),
        ("caf\udce9", r"caf\xe9"),
        ("caf\udcc3\udca9", "café"),
        ("caf\udce9\ud800", r"caf\xe9\ud800"),
        ("\ud800", r"\ud800"),
        ("a\tb", "a\tb"),
        ("😀", "😀"),
    ],
)
def test_what_is_hidden_is_shown(text: str, shown: str) -> None:
    """Controls, format marks, line separators and undecodable bytes are shown as escapes, letters and blanks stay."""
    assert visible(text) == shown


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(_HOSTILE))))
def test_nothing_hidden_is_left(text: str) -> None:
    """Whatever goes in, one line without hidden characters comes out, and a second time changes nothing."""
    shown = visible(text)
    assert not [character for character in shown if is_hidden(character) and character != "\t"]
    assert len(shown.splitlines()) <= 1
    assert visible(shown) == shown


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(_HOSTILE))))
def test_json_means_the_same(text: str) -> None:
    """JSON keeps its meaning while nothing hidden is left in its bytes."""
    spelled = visible_json(json.dumps({"a": text}, ensure_ascii=False))
    assert json.loads(spelled) == {"a": text}
    assert not [character for character in spelled if is_hidden(character)]
    spelled.encode("utf-8")


def test_every_error_is_one_harmless_line() -> None:
    """An error's sentence is harmless by itself: a program that logs it needs no care of its own."""
    assert str(UnreadableFile("\x1b[2J\nError: all is well")) == r"\x1b[2J\nError: all is well"
    assert f"{PtxError(chr(0x202E))}" == r"\u202e"
