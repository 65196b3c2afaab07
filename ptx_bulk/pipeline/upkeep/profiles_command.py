"""`profiles`: the accounts of `config.toml`, and whether each can be reached."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace

import pandas as pd

from ptx_bulk.arguments import of_type, texts
from ptx_bulk.errors import PtxError
from ptx_bulk.i18n import ngettext
from ptx_bulk.pipeline.result import counts_html
from ptx_bulk.pipeline.steps.account import give_sandbox
from ptx_bulk.pipeline.upkeep.probe_command import probe
from ptx_bulk.settings import Settings, api_key, check_names, config_path, key_source, load, profile_names

_AT_ONCE = 8
_OVER_ALL = ("PTX_API_KEY", "PRIMOTEXTO_API_KEY", "PTX_BASE_URL")  # would be one account's for every one


@dataclass(frozen=True, kw_only=True)
class ProfileState:
    """One profile, without its key.

    Attributes:
        name: the table's name.
        address: where its API is, '' where the table does not let itself be read.
        list: the list that it names, '' for none.
        key: where its key comes from: `api_key_command`, `keyring` or '' for nowhere.
        tested: `reachable`, `refused` (the key), `down` (no documented answer), `wrong` (unusable); '' untested.
        credits: what the account has left, None where that is not known.
        problem: what is wrong, in words, '' where nothing is known to be.
        exit_code: what a command for this account would end with, as far as was tested.
    """

    name: str
    address: str = ""
    list: str = ""
    key: str = ""
    tested: str = ""
    credits: float | None = None
    problem: str = ""
    exit_code: int = 0


@dataclass(frozen=True, kw_only=True)
class Profiles:
    """The profiles, in the order of the file."""

    profiles: tuple[ProfileState, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """A row a profile, a column an attribute of `ProfileState`."""
        return pd.DataFrame([asdict(one) for one in self.profiles], columns=list(ProfileState.__dataclass_fields__))

    def _repr_html_(self) -> str:
        found = self.frame["tested"].value_counts()
        return counts_html(
            ngettext("{count} profile", "{count} profiles", len(self.profiles)).format(count=len(self.profiles)),
            {str(k): int(n) for k, n in found.items()},
        )


def profiles(names: Sequence[str] = (), *, test: bool = False) -> Profiles:
    """The profiles of the configuration file; with `test` each account is called with its own key, side by side.

    Neither a key nor an address of the environment is used: they would be one account's for every one.

    Args:
        names: those to look at, all by default.
        test: whether the accounts are called.

    Raises:
        ConfigurationError: the file cannot be read, or has no profile of such a name.
    """
    chosen = texts("names", tuple(names))
    of_type("test", test, bool)
    if chosen:
        check_names(config_path(os.environ), chosen)
    wanted = chosen or tuple(profile_names())
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return Profiles(profiles=tuple(pool.map(lambda name: _state(name, test=test), wanted)))


def _state(name: str, *, test: bool) -> ProfileState:
    try:
        settings = profile_settings(name)
    except PtxError as error:
        return ProfileState(name=name, tested="wrong" if test else "", problem=str(error), exit_code=error.exit_code)
    state = ProfileState(
        name=name, address=settings.base_url, list=settings.defaults.list or "", key=key_source(settings)
    )
    return _tested(state, settings) if test else state


def profile_settings(name: str, *, sandbox: bool = False) -> Settings:
    """The settings of a profile that was chosen of several: without the key and the address of the environment.

    Args:
        name: the profile.
        sandbox: whether its sandbox is meant, which is its own.

    Raises:
        ConfigurationError: there is no such profile, or it cannot be used.
    """
    check_names(config_path(os.environ), (name,))
    own = {variable: value for variable, value in os.environ.items() if variable not in _OVER_ALL}
    settings = load(profile=name, sandbox=sandbox, env=own)
    if sandbox:
        give_sandbox(settings)
    return settings


def _tested(state: ProfileState, settings: Settings) -> ProfileState:
    try:
        account = probe(settings, api_key(settings))
    except PtxError as error:
        word = {6: "refused", 5: "down"}.get(error.exit_code, "wrong")
        return replace(state, tested=word, problem=str(error), exit_code=error.exit_code)
    return replace(state, tested="reachable", credits=account.credits)
