"""What doctor looks at, in its order: this machine, the settings, the account."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from ptx_bulk.cli.doctor.checks import Check, State, failed, ok, skipped, warning
from ptx_bulk.cli.doctor.machine import console, installation, state_folder, temporary_files, time_zone
from ptx_bulk.configfile import read_toml
from ptx_bulk.errors import AccessRefused, ConfigurationError, NetworkFault, RemoteError, Throttled, WrongAddress
from ptx_bulk.i18n import Quantity, _
from ptx_bulk.pipeline import probe
from ptx_bulk.remote import check_base_url
from ptx_bulk.remote.addresses import NamedProxy, certificate_source, named_proxy, trusted_certificates
from ptx_bulk.settings import Secret, Settings, api_key, config_path, load, read_profile

_SKEW_S = 60.0
_PLACEHOLDER = Secret("doctor")  # tells whether the API answers at all where there is no key


def examine(*, base_url: str | None, profile: str | None, sandbox: bool) -> Iterator[Check]:
    """The checks in their order; the values are those of the global options."""
    yield from installation()
    yield time_zone()
    yield console()
    yield from state_folder()
    yield temporary_files()
    yield _configuration(profile)
    try:
        settings = load(base_url=base_url, profile=profile, sandbox=sandbox)
    except ConfigurationError:  # its reason stands in the checks before
        for name in ("base_url", "proxy", "certificates", "api_key", "connection", "access", "clock"):
            yield skipped(name, _("the settings cannot be read"))
        return
    address = _base_url(settings)
    yield address
    yield from _way(settings, address)
    key, found = _key(settings)
    yield found
    if address.state is State.FAILED:
        for name in ("connection", "access", "clock"):
            yield skipped(name, _("there is no usable address"))
        return
    yield from _account(settings, key)


def _configuration(profile: str | None) -> Check:
    path = config_path(os.environ)
    chosen = (profile or os.environ.get("PTX_PROFILE", "")).strip()
    if not chosen and not path.exists():
        return ok("configuration", _("there is none, and none is needed ({path})").format(path=path))
    try:
        names = list(read_toml(path).values) if path.exists() else []
        for name in dict.fromkeys([*names, *filter(None, [chosen])]):
            read_profile(path, name)
    except ConfigurationError as error:
        return failed("configuration", error)
    detail = _("{path}, profiles: {names}").format(path=path, names=", ".join(names) or "-")
    in_use = _("{detail}; in use: {name}").format(detail=detail, name=chosen)
    return ok("configuration", in_use if chosen else detail)


def _base_url(settings: Settings) -> Check:
    if settings.sandbox:
        return ok("base_url", _("the embedded simulator (--sandbox)"))
    try:
        return ok("base_url", check_base_url(settings.base_url))
    except ConfigurationError as error:
        return failed("base_url", error)


def _way(settings: Settings, address: Check) -> Iterator[Check]:
    """The proxy and the certificates, which a wrong setting of the environment makes useless."""
    if address.state is State.FAILED:
        for name in ("proxy", "certificates"):
            yield skipped(name, _("there is no usable address"))
        return
    if settings.sandbox or address.detail.startswith("http:"):
        yield ok("proxy", _("none, since this machine itself is asked"))
        yield ok("certificates", _("none, since nothing leaves this machine"))
        return
    try:
        proxy = named_proxy(address.detail)
    except ConfigurationError as error:
        yield failed("proxy", error)
    else:
        yield ok("proxy", _("none") if proxy is None else _named(proxy))
    try:
        trusted_certificates()
    except ConfigurationError as error:
        yield failed("certificates", error)
    else:
        yield ok("certificates", certificate_source())


def _named(proxy: NamedProxy) -> str:
    return _("{proxy}, named by {source}").format(proxy=proxy.place, source=proxy.source)


def _key(settings: Settings) -> tuple[Secret | None, Check]:
    try:
        key = api_key(settings)
    except ConfigurationError as error:
        return None, failed("api_key", error)
    if settings.sandbox:
        return key, ok("api_key", _("the sandbox has its own"))
    return key, ok("api_key", _("found in {source}").format(source=key.source))


def _account(settings: Settings, key: Secret | None) -> Iterator[Check]:
    """Connection, access and clock, by one call."""
    started = time.time()
    access: Check | None = None
    server_time: float | None = None
    try:
        account = probe(settings, key or _PLACEHOLDER)
    except AccessRefused as error:
        access = failed("access", error, exit_code=error.exit_code)
    except Throttled as error:
        access = warning("access", str(error), _("Wait a while, then try again."))
    except ConfigurationError as error:
        yield failed("connection", error)
    except RemoteError as error:
        said = isinstance(error, NetworkFault | WrongAddress)  # their sentences say what to check
        remedy = "" if said else _("Check --base-url and the proxy, or try again later.")
        yield failed("connection", error, remedy, exit_code=error.exit_code)
    else:
        accepted = _("the key is accepted")
        if account.credits is not None:
            accepted = _("the key is accepted; {credits:,.0f} credits").format(credits=Quantity(account.credits))
        access = ok("access", accepted)
        server_time = account.server_time
    ended = time.time()
    if access is None:
        for name in ("access", "clock"):
            yield skipped(name, _("the API was not reached"))
        return
    yield ok("connection", _road(settings, (ended - started) * 1000))
    yield access if key else skipped("access", _("there is no key"))
    yield _clock(server_time, (started + ended) / 2)


def _road(settings: Settings, ms: float) -> str:
    proxy = None if settings.sandbox else named_proxy(settings.base_url)
    if proxy is None:
        return _("the API answered in {ms:,.0f} ms, without a proxy").format(ms=Quantity(ms))
    return _("the API answered in {ms:,.0f} ms, over the proxy {proxy}").format(ms=Quantity(ms), proxy=proxy.place)


def _clock(server_time: float | None, now: float) -> Check:
    if server_time is None:
        return skipped("clock", _("the server did not tell its time"))
    skew = now - server_time
    if abs(skew) > _SKEW_S:
        detail = _("this machine's clock is {seconds:,.0f} seconds off the server's").format(seconds=Quantity(skew))
        return warning("clock", detail, _("Switch on the system's automatic time setting."))
    return ok("clock", _("agrees with the server's to within {seconds:.0f} s").format(seconds=max(1.0, abs(skew))))
