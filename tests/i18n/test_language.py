"""French as a user sees it: which language is used, what is French, what stays as it is."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ptx_bulk import i18n
from tests.conftest import ROOT, SAMPLES
from tests.i18n import catalogues

_HELP = """
import json, sys
from ptx_bulk.cli.ending import speak
speak(sys.argv[1])
import click
from ptx_bulk.cli.app import cli
whole = click.Context(cli, info_name="ptx-bulk", **cli.context_settings)
told = {}
for name, command in [("", cli), *cli.commands.items()]:
    context = whole if command is cli else click.Context(command, whole, name)
    said = [getattr(param, "help", None) for param in command.get_params(context)]
    told[name] = [command.get_help(context), [text for text in [command.help, *said] if text]]
json.dump(told, sys.stdout)
"""


@pytest.fixture(scope="module")
def helps() -> dict[str, dict[str, tuple[str, list[str]]]]:
    """By language and command: the help as shown, and the texts of the command and its options."""
    told = {}
    for language in ("en", "fr"):
        done = subprocess.run(
            [sys.executable, "-c", _HELP, language], cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True
        )
        told[language] = json.loads(done.stdout)
    return told


@pytest.fixture
def english_again():
    """Whatever language a test chose, the tests after it speak English."""
    yield
    i18n.use("en")


@pytest.mark.parametrize(
    ("name", "language"),
    [("fr", "fr"), ("fr_FR.UTF-8", "fr"), ("fr-CA", "fr"), ("French_France.1252", "fr"), ("en_US", "en"), ("C", "en")],
)
def test_a_locale_names_its_language(name, language, english_again):
    """French under any name that a system gives it is French; all else is English."""
    assert i18n.use(name) == language


@pytest.mark.parametrize(
    ("options", "variables", "language"),
    [
        ([], {}, "en"),
        (["--lang", "fr"], {"PTX_LANG": "en", "LANG": "en_US.UTF-8"}, "fr"),
        (["--lang=en"], {"PTX_LANG": "fr", "LANG": "fr_FR.UTF-8", "LANGUAGE": "fr"}, "en"),
        ([], {"PTX_LANG": "fr", "LANG": "en_US.UTF-8"}, "fr"),
        ([], {"LANG": "fr_BE.UTF-8"}, "fr"),
        ([], {"LC_ALL": "en_GB.UTF-8", "LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_the_language_is_chosen_by_option_then_variable_then_locale(run, environment, options, variables, language):
    """`--lang` wins over PTX_LANG, which wins over the locale; our words and click's are of the same language."""
    for name in ("PTX_LANG", "LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        environment.pop(name, None)
    ran = run("imprt", *options, **variables)
    words = {"en": ("Usage:", "Error: No such command"), "fr": ("Utilisation\u00a0:", "n'existe pas")}
    assert ran.code == 2
    assert all(word in ran.err for word in words[language]), ran.err
    assert not any(word in ran.err for other, said in words.items() if other != language for word in said), ran.err


def test_no_english_sentence_is_left_in_the_help(helps):
    """Every text of every command and option is another one in French, and click's own words are French."""
    for name, (shown, texts) in helps["fr"].items():
        _shown, english = helps["en"][name]
        assert len(texts) == len(english)
        assert [text for text in texts if text in english] == [], name
        assert [*catalogues.english_in(shown), *catalogues.english_in(shown, "click")] == [], name
        for word in ("Usage:", "Examples:", "Exit codes:", "[default:", "[required]"):
            assert word not in shown, name


def test_the_first_words_of_every_command_fit(helps):
    """The list of commands in French shows whole sentences."""
    shown, _texts = helps["fr"][""]
    assert [line for line in shown.splitlines() if line.endswith("...") and line.startswith("  ")] == []


@pytest.mark.slow
def test_codes_columns_and_json_are_the_same_in_both_languages(run):
    """`check` in French differs from `check` in English by its messages alone."""
    said = {}
    for language in i18n.LANGUAGES:
        report = f"{language}.csv"
        ran = run("check", SAMPLES / "stops.xlsx", "--json", "--report", report, "--lang", language)
        summary = {**ran.json, "run_id": "", "reports": "", "elapsed_s": 0}
        lines = rows(run.folder / report)
        said[language] = [line.pop("message") for line in lines]
        said[f"{language} else"] = [ran.code, summary, [{**line, "run_id": ""} for line in lines]]
    assert said["en else"] == said["fr else"]
    assert all(french != english for french, english in zip(said["fr"], said["en"], strict=True) if english)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_errors_are_french(run):
    """A missing file, a missing key and a wrong option are told in French."""
    for arguments, words in (
        (("check", "nowhere.xlsx"), "ce fichier n'existe pas"),
        (("runs",), "Il n'y a pas de clé API"),
        (("check",), "Il manque l'argument"),
        (("check", "x.csv", "--accept", "fixe"), "Valeur incorrecte pour '--accept'"),
    ):
        ran = run(*arguments, "--lang", "fr")
        assert ran.code in (2, 3)
        assert words in ran.err
        assert "Erreur\u00a0:" in ran.err
