"""The French catalogues: whole, compiled, and true to the English sentences."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import string
from collections import Counter
from pathlib import Path

import click
import pytest

from ptx_bulk.cli.app import cli
from tests.i18n import catalogues

DOMAINS = ("ptx_bulk", "click")
# What a reader may type or look up stays as it is: options, variables, commands, names in backquotes.
_NAMES = re.compile(
    r"--[a-z][a-z-]*|\b(?:PTX|SSL|HTTPS|NO)_[A-Z_]+\b|`[^`]+`|\bon_finish\b"
    rf"|ptx-bulk (?:{'|'.join(cli.commands)})\b"
)


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)[:3]))


def fields(sentence: str) -> Counter[tuple[str, str, str]]:
    """Name, conversion and format of each placeholder."""
    parsed = string.Formatter().parse(sentence)
    return Counter((name, conversion or "", spec or "") for _t, name, spec, conversion in parsed if name)


@pytest.mark.slow
def test_the_template_holds_the_sentences_of_the_sources():
    """ptx_bulk.pot is what an extraction gives now; ptx_bulk/locale/README.md tells how to make it again."""
    assert catalogues.ids(catalogues.template()) == catalogues.in_sources()


def test_the_french_catalogue_holds_the_sentences_of_the_template():
    """No sentence is missing in French, and none is left from earlier."""
    french = catalogues.french()
    assert catalogues.ids(french) == catalogues.ids(catalogues.template())
    assert not french.obsolete


@pytest.mark.slow
def test_every_sentence_can_be_found_and_translated():
    """No sentence is put together before it is translated, or hidden in an f-string, where no extraction finds it."""
    known = {one if isinstance(one, str) else one[0] for one in catalogues.ids(catalogues.template())}
    for place, arguments in catalogues.calls():
        assert not isinstance(arguments[0], ast.JoinedStr | ast.BinOp), place
        if isinstance(arguments[0], ast.Constant):
            assert arguments[0].value in known, place


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_is_compiled_is_what_is_written(domain):
    """The .mo file is the .po file, compiled by whichever version of Babel."""
    written, compiled = catalogues.french(domain), catalogues.compiled(domain)
    assert catalogues.rules(compiled) == catalogues.rules(written)
    assert catalogues.translations(compiled) == catalogues.translations(written)


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_sentence_is_translated(domain):
    """No translation is empty or marked as doubtful."""
    wrong = [
        message.id
        for message in catalogues.sentences(catalogues.french(domain))
        if message.fuzzy or not all(french.strip() for _english, french in catalogues.pairs(message))
    ]
    assert wrong == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_placeholders_are_the_same_in_both_languages(domain):
    """A translation has the placeholders of its sentence, formats included."""
    for message in catalogues.sentences(catalogues.french(domain)):
        for english, french in catalogues.pairs(message):
            assert fields(french) == fields(english), french


def test_names_stay_as_they_are():
    """Options, commands, variables and names in backquotes are the same in both languages."""
    for message in catalogues.sentences(catalogues.french()):
        for english, french in catalogues.pairs(message):
            assert set(_NAMES.findall(french)) == set(_NAMES.findall(english)), french


@pytest.mark.parametrize("domain", DOMAINS)
def test_french_signs_stand_off_by_a_blank_that_does_not_break(domain):
    """A no-break blank stands before : ; ? ! and inside « », and no other blank does."""
    for message in catalogues.sentences(catalogues.french(domain)):
        for _english, french in catalogues.pairs(message):
            assert not re.search(r"(?<!\u00a0)[;?!](?=\s|$)|(?<!\u00a0):(?=\s|$)", french), french
            assert not re.search(r"«(?!\u00a0)|(?<!\u00a0)»", french), french


def test_a_sentence_ends_alike_in_both_languages():
    """Translations end with a full stop where their sentence does, and keep blanks at both ends."""
    for message in catalogues.sentences(catalogues.french()):
        for english, french in catalogues.pairs(message):
            assert french.endswith(".") == english.endswith(".") or english.endswith("..."), french
            assert french[:1].isspace() == english[:1].isspace() or english == "; ", french
            assert french[-1:].isspace() == english[-1:].isspace(), french


def test_what_click_says_is_translated():
    """Every sentence of the click that is installed is in its catalogue, unless that click is newer."""
    catalogue = catalogues.french("click")
    known, present = str(catalogue.version), importlib.metadata.version("click")
    if version(present) > version(known):
        pytest.skip(f"click {present} is newer than the catalogue, made for {known}")
    # gettext looks a plural up by its singular
    asked, had = (
        {one if isinstance(one, str) else one[0] for one in ids}
        for ids in (catalogues.in_package(Path(click.__file__).parent), catalogues.ids(catalogue))
    )
    assert asked <= had
