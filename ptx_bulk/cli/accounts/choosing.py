"""Which accounts a command is for, and what is refused before any of them is touched."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _

_NEEDS_NO_KEY = frozenset({"check"})


@dataclass(frozen=True)
class NamedAccount:
    """An account to work on.

    Attributes:
        name: its profile.
        label: the same as it stands in names of files.
        address: where its API is, '' where its profile does not let itself be read.
    """

    name: str
    label: str
    address: str


def accounts(state: dict[str, Any], command: str) -> list[NamedAccount]:
    """The accounts that the global options name; their names are noted for whatever is told of them.

    Raises:
        ConfigurationError: a profile is missing, or a key or an address could reach the wrong account.
    """
    from ptx_bulk.reports import label_of
    from ptx_bulk.settings import Settings, check_names, config_path, load, profile_names

    if state.get("all_profiles") and state.get("profiles"):
        raise ConfigurationError(_("--all-profiles and --profile both say which accounts; leave one out."))
    names = list(state.get("profiles", ()))
    path = config_path(os.environ)
    if not names:
        names = profile_names()
        if not names:
            raise ConfigurationError(
                _("--all-profiles: {file} holds no profile; write a table for each account into it.").format(file=path)
            )
    check_names(path, names)
    state["profiles"] = tuple(names)

    def settings(name: str) -> Settings | None:
        try:
            return load(base_url=state.get("base_url"), profile=name, sandbox=bool(state.get("sandbox")))
        except ConfigurationError:  # the account's own fault, which stops no other
            return None

    found = {name: settings(name) for name in names}
    known = {name: chosen for name, chosen in found.items() if chosen is not None}
    if command not in _NEEDS_NO_KEY and not state.get("sandbox"):
        _refuse_one_key(names)
        _refuse_one_address(known)
        _refuse_same_account(known)
    labels: dict[str, str] = {}
    for name in names:
        labels[name] = label_of(name, {label.casefold() for label in labels.values()})
    return [NamedAccount(name, labels[name], _address(found[name])) for name in names]


def _address(settings: Any) -> str:
    if settings is None:
        return ""
    return "sandbox" if settings.sandbox else str(settings.base_url)


def _refuse_one_key(names: Sequence[str]) -> None:
    from ptx_bulk.settings.loading import KEY_VARIABLES

    for variable in KEY_VARIABLES:
        if os.environ.get(variable, "").strip():
            raise ConfigurationError(
                _(
                    "{variable} holds one key, and the command is for the accounts {names}: unset it, and let each "
                    "profile find its own key (`api_key_command`, or ptx-bulk login --profile NAME)."
                ).format(variable=variable, names=", ".join(names))
            )


def _refuse_one_address(known: dict[str, Any]) -> None:
    """An address for all would be given the keys of accounts that have an address of their own."""
    for name, settings in known.items():
        own = (settings.defaults.base_url or settings.base_url).rstrip("/")
        if own != settings.base_url:
            raise ConfigurationError(
                _(
                    "--base-url or PTX_BASE_URL ({url}) would be sent the key of {name}, whose profile has the address "
                    "{own}; leave it out where several accounts are asked for."
                ).format(url=settings.base_url, name=name, own=own)
            )


def _refuse_same_account(known: dict[str, Any]) -> None:
    """Two profiles with the same key and address are one account, which only one run at a time may work on."""
    with ThreadPoolExecutor(8) as pool:
        marks = dict(zip(known, pool.map(_mark, known.values()), strict=True))
    seen: dict[bytes, str] = {}
    for name, mark in marks.items():
        if mark and (other := seen.setdefault(mark, name)) != name:
            raise ConfigurationError(
                _(
                    "The profiles {one} and {other} are the same account (same key, same address); name only one of "
                    "them, or correct the key of one."
                ).format(one=other, other=name)
            )


def _mark(settings: Any) -> bytes:
    """What tells accounts apart; none where the account's own process will say what is wrong."""
    from ptx_bulk.remote import check_base_url
    from ptx_bulk.settings import api_key

    try:
        address, key = check_base_url(settings.base_url), api_key(settings).reveal()
    except ConfigurationError:
        return b""
    return hashlib.sha256(f"{address}\n{key}".encode()).digest()
