"""Trying the set-up: one call to the API that changes nothing."""

from __future__ import annotations

import asyncio

from ptx_bulk.applying import RetryPolicy
from ptx_bulk.arguments import of_type
from ptx_bulk.errors import AccessRefused, RemoteError
from ptx_bulk.i18n import _
from ptx_bulk.pipeline.steps.account import sandbox_client
from ptx_bulk.pipeline.steps.awaiting import awaited
from ptx_bulk.remote import AccountState, Client, check_base_url
from ptx_bulk.settings import Secret, Settings

_TIMEOUT_S = 15.0
# Somebody waits for the answer: one repeat is for a hiccup, more would only keep them waiting.
_POLICY = RetryPolicy(attempts=2, throttles=2, longest_pause=5.0)


def probe(settings: Settings, key: Secret) -> AccountState:
    """Ask for the account's state with this key; the cheapest way to try address, road and key. Needs no state folder.

    Raises:
        ConfigurationError: the key, the base URL, the proxy or the certificates are unusable.
        AccessRefused: the key or the account is refused.
        WrongAddress: the base URL leads elsewhere than to the API.
        RemoteError: no documented answer arrived.
    """
    of_type("settings", settings, Settings)
    of_type("key", key, Secret)

    async def ask() -> AccountState:
        async with _client(settings, key) as client:
            return await _POLICY.repeat(client.account, asyncio.sleep, lambda: False)

    return awaited(ask())


def _client(settings: Settings, key: Secret) -> Client:
    if settings.sandbox:
        return sandbox_client(None, timeout=_TIMEOUT_S)
    return Client(key.reveal(), base_url=check_base_url(settings.base_url), timeout=_TIMEOUT_S)


def check_key(settings: Settings, key: Secret) -> None:
    """Try a key that is about to be stored.

    Raises:
        AccessRefused: the API refuses it.
        RemoteError: it could not be tried.
    """
    try:
        probe(settings, key)
    except AccessRefused as error:
        raise AccessRefused(
            _(
                "The API refuses this key, so it was not stored ({said}); copy it again from your Primotexto account."
            ).format(said=_status(error))
        ) from error
    except RemoteError as error:
        raise RemoteError(
            _("The key could not be tried, so it was not stored: {error} To store it untried, add --no-check.").format(
                error=error
            )
        ) from error


def _status(error: RemoteError) -> str:
    code = "" if error.api_code is None else f", code {error.api_code}"
    return f"HTTP {error.http_status}{code}"
