"""Several accounts on one page: the one that was seen is the one that is worked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptx_bulk import pipeline
from ptx_bulk.settings import load
from tests.ui.test_way import numbers
from tests.ui.visitor import Visitor


@pytest.fixture
def shops(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two profiles."""
    config = home.parent / "config.toml"
    config.write_text("[paris]\n[lyon]\nregion = 'BE'\n", encoding="utf-8")
    monkeypatch.setenv("PTX_CONFIG", str(config))
    return config


def runs(profile: str) -> int:
    """How many runs the sandbox account of this profile has."""
    return len(pipeline.runs(load(sandbox=True, profile=profile)))


@pytest.mark.slow
def test_an_account_is_chosen(shops: Path, visitor: Visitor):
    """What is begun after the choice is for the chosen account, and every page says which one that is."""
    page = visitor.get("/accounts")
    assert "Choose paris" in page.words
    visitor.choose("paris")
    assert "Account: sandbox of paris" in visitor.get("/lists").text
    work, planned = visitor.plan("a.csv", numbers(2))
    assert "Account: sandbox of paris" in planned.words
    visitor.say(work, "send")
    assert (runs("paris"), runs("lyon")) == (1, 0)


def test_a_tab_of_before_begins_nothing(shops: Path, visitor: Visitor):
    """A form that another account was seen on is refused, whatever it asks for; nothing is read or sent."""
    visitor.choose("paris")
    old = visitor.account
    visitor.choose("lyon")
    visitor.account = old
    for path in ("/lists/export", "/lists/changes", "/lists/audit", "/find"):
        refused = visitor.post(path, numbers="0612345678")
        assert refused.status == 409, path
        assert "Another account is chosen now (sandbox of lyon)" in refused.words
    answer = visitor.client.post(f"{visitor.folder}/upload", params={"name": "a.csv", "account": old}, content=b"x")
    assert answer.status_code == 409


@pytest.mark.slow
def test_work_of_before_goes_on_for_its_own_account(shops: Path, visitor: Visitor):
    """A plan for one account is sent to it and taken back there, although another was chosen meanwhile."""
    visitor.choose("paris")
    work, _planned = visitor.plan("a.csv", numbers(2))
    visitor.choose("lyon")
    assert "This is about the account sandbox of paris" in visitor.get(f"/works/{work}").words
    visitor.say(work, "send")
    assert (runs("paris"), runs("lyon")) == (1, 0)
    undo = visitor.post(f"/works/{work}/undo").work
    assert "2 numbers would be removed" in visitor.settled(undo).words


def test_no_key_of_the_environment_is_every_accounts(shops: Path, monkeypatch: pytest.MonkeyPatch):
    """A profile that is chosen on the page is not given the environment's key or address, which are one account's."""
    monkeypatch.setenv("PTX_API_KEY", "one-account")
    monkeypatch.setenv("PTX_BASE_URL", "http://127.0.0.1:1")
    chosen = pipeline.profile_settings("paris")
    assert chosen.environment_key is None
    assert "127.0.0.1" not in chosen.base_url


@pytest.mark.parametrize("name", ["nobody", "", "../x", "<b>"])
def test_an_account_that_there_is_not_is_told(shops: Path, visitor: Visitor, name: str):
    """A profile that the configuration does not hold is refused by a sentence, and the choice stays."""
    visitor.choose("paris")
    answer = visitor.post("/accounts/choose", profile=name)
    assert answer.status == 400
    assert "<b>" not in answer.words or "&lt;b&gt;" in answer.text
    assert "Account: sandbox of paris" in visitor.get("/lists").text


def test_a_wrong_configuration_is_told_on_its_page(shops: Path, visitor: Visitor):
    """A configuration that cannot be read is told where the accounts are, and the page goes on without it."""
    shops.write_text("[paris\n", encoding="utf-8")
    assert visitor.get("/").status == 200
    page = visitor.get("/accounts")
    assert page.status == 400
    assert "config.toml" in page.words
