"""Where the API is and how to get there: base URL, proxy, trusted certificates."""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import os
import re
import ssl
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import certifi
import httpx
import truststore

from ptx_bulk.access import LIVE_URL
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?")
# A name whose last part is a number is read as an address by some, `127.1` and `2130706433` as this machine.
_ODD_ADDRESS = re.compile(r"[0-9]+|0x[0-9a-f]*")


def check_base_url(url: str) -> str:
    """The base URL in its plain form: small letters, no default port, no trailing slash.

    Raises:
        ConfigurationError: it is no `https://` address, or `http://` to anything but this machine, or it
            holds a user name, a query or a fragment.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        # httpx leaves a default port in place behind a scheme in capitals.
        parsed = httpx.URL(parts.scheme + url[len(parts.scheme) :])
        plain, dialled = str(parsed).rstrip("/"), parsed.raw_host.decode()
        sound = _is_host(dialled) and parsed.host != "" and parts.port != 0
    except (ValueError, httpx.InvalidURL) as error:
        raise ConfigurationError(_malformed(url)) from error
    if parts.username is not None or parts.password is not None:
        # The address itself is not repeated: it holds a secret.
        raise ConfigurationError(_("The base URL must not hold a user name or password; set PTX_API_KEY instead."))
    if parts.scheme not in {"http", "https"} or not sound or "?" in url or "#" in url or _has_blanks(url):
        raise ConfigurationError(_malformed(url))
    # Both as it is written and as it is dialled: parsers differ, and what they differ on may lead anywhere.
    if parts.scheme == "http" and not (is_loopback(host) and is_loopback(dialled)):
        raise ConfigurationError(
            _(
                "The base URL {url} is not encrypted: the API key would be readable on the way; use https:// "
                "(http:// is only for this machine: localhost, 127.0.0.1, [::1])."
            ).format(url=url)
        )
    return plain


def _malformed(url: str) -> str:
    return _("The base URL {url!r} is not an address such as {example}; check --base-url or PTX_BASE_URL.").format(
        url=url, example=LIVE_URL
    )


def _has_blanks(url: str) -> bool:
    return any(character.isspace() or not character.isprintable() for character in url)


def _is_host(host: str) -> bool:
    """Whether this is an address in its plain form, or a name that can be looked up and is no other form of one."""
    address = _address(host)
    if address is not None:
        return not _zone(address)
    last = host.removesuffix(".").rpartition(".")[2]
    return ":" not in host and _NAME.fullmatch(host) is not None and not _ODD_ADDRESS.fullmatch(last)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _zone(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """The network interface that the address names, '' for none."""
    return (address.scope_id or "") if isinstance(address, ipaddress.IPv6Address) else ""


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, written plainly: `localhost`, 127.x.x.x or ::1; no name is looked up."""
    if host.lower() == "localhost":
        return True
    address = _address(host)
    if isinstance(address, ipaddress.IPv6Address):
        return int(address) == 1 and not _zone(address)
    return address is not None and address.is_loopback


@dataclass(frozen=True)
class NamedProxy:
    """A proxy on the way to the API, and who named it; its user name and password stand in none of its texts.

    Attributes:
        place: `http://host:port`, fit for the screen.
        variable: the environment variable that names it, '' for the system's settings.
        proxy: what the transport is given.
    """

    place: str
    variable: str
    proxy: httpx.Proxy = field(repr=False)

    @property
    def source(self) -> str:
        """Where it is named, in words."""
        return self.variable or _("the system's settings")


def named_proxy(base_url: str) -> NamedProxy | None:
    """The proxy that the environment or the system names for the base URL; never one for loopback.

    Raises:
        ConfigurationError: the proxy is not an HTTP proxy.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if is_loopback(host) or urllib.request.proxy_bypass(parts.netloc) or _excepted(host, _port(parts)):
        return None
    known = urllib.request.getproxies()
    kind = next((kind for kind in (parts.scheme, "all") if known.get(kind)), "")
    if not kind:
        return None
    variable = _variable(kind)
    try:
        address = known[kind]
        proxy = httpx.Proxy(address if "://" in address else f"http://{address}")
        sound = proxy.url.scheme in {"http", "https"} and _is_host(proxy.url.raw_host.decode())
        sound = sound and (proxy.url.port is None or 0 < proxy.url.port < 65536)
    except (ValueError, httpx.InvalidURL) as error:
        raise ConfigurationError(_bad_proxy(variable)) from error
    if not sound:
        raise ConfigurationError(_bad_proxy(variable))
    return NamedProxy(_place(proxy.url), variable, _with_header(proxy))


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _variable(kind: str) -> str:
    """The variable that `getproxies` took it from: small letters win; '' where the system's own settings named it."""
    names = (f"{kind}_proxy", f"{kind.upper()}_PROXY")
    return next((name for name in names if os.environ.get(name)), "")


def _place(url: httpx.URL) -> str:
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{url.scheme}://{host}:{url.port or (443 if url.scheme == 'https' else 80)}"


def _with_header(proxy: httpx.Proxy) -> httpx.Proxy:
    if proxy.auth is None:
        return proxy
    # Sent as a header, since aiohttp gives up its own way of taking a proxy's user and password.
    secret = base64.b64encode(":".join(proxy.auth).encode()).decode()
    return httpx.Proxy(proxy.url, headers={"Proxy-Authorization": f"Basic {secret}"})


def _excepted(host: str, port: int) -> bool:
    """Whether NO_PROXY names the host in a way that urllib does not know.

    That is `*` in a list, an address by its network, a name with the usual port, `*.name`, and one with a dot behind.
    """
    address = _address(host)
    for item in urllib.request.getproxies_environment().get("no", "").split(","):
        named = item.strip().lower()
        if named == "*":
            return True
        with contextlib.suppress(ValueError):
            if address is not None and address in ipaddress.ip_network(named, strict=False):
                return True
        name = named.removesuffix(f":{port}").removeprefix("*").strip(".")
        if address is None and name and f".{host}".rstrip(".").endswith(f".{name}"):
            return True
    return False


def _bad_proxy(variable: str) -> str:
    # The value is not repeated: proxy addresses often hold a password.
    return _(
        "The proxy in {variable} is not an http:// or https:// address; correct it, or name the API's host in NO_PROXY."
    ).format(variable=variable or _("the system's settings"))


def trusted_certificates() -> ssl.SSLContext:
    """The system's own trust store, and beside it what `SSL_CERT_FILE` and `SSL_CERT_DIR` name, else Mozilla's list.

    The store is that of Windows, the keychain of macOS, and elsewhere what the distribution keeps for OpenSSL.

    Raises:
        ConfigurationError: `SSL_CERT_FILE` names a file that cannot be read, or `SSL_CERT_DIR` what is no folder.
    """
    file, folders = os.environ.get("SSL_CERT_FILE"), _named_folders()
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for folder in folders:
        # OpenSSL would pass over it in silence, and then trust nobody.
        if not Path(folder).is_dir():
            raise ConfigurationError(
                _("SSL_CERT_DIR names {folder}, which is no folder; correct or unset it.").format(folder=folder)
            )
        context.load_verify_locations(capath=folder)
    if not (file or folders):
        context.load_verify_locations(cafile=certifi.where())
        return context
    try:
        if file:
            context.load_verify_locations(cafile=file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            _("The file in SSL_CERT_FILE cannot be read as certificates ({reason}); correct or unset it.").format(
                reason=error
            )
        ) from error
    for name, place in _openssl_store().items():  # which OpenSSL passes over where the environment names another
        with contextlib.suppress(OSError, ssl.SSLError):
            context.load_verify_locations(**{name: place})
    return context


def _named_folders() -> list[str]:
    return [folder for folder in os.environ.get("SSL_CERT_DIR", "").split(os.pathsep) if folder]


def _openssl_store() -> dict[str, str]:
    """Where OpenSSL looks for authorities if nobody names a place: `cafile`, `capath`, as far as they are there."""
    built_in = ssl.get_default_verify_paths()
    places = {"cafile": built_in.openssl_cafile, "capath": built_in.openssl_capath}
    return {name: place for name, place in places.items() if Path(place).exists()}


def certificate_source() -> str:
    """Whose certificates are trusted, in words."""
    system = _system_store()
    if file := os.environ.get("SSL_CERT_FILE"):
        return _("those of SSL_CERT_FILE={path}, and the system's ({store})").format(path=file, store=system)
    if folder := os.environ.get("SSL_CERT_DIR"):
        return _("those of SSL_CERT_DIR={path}, and the system's ({store})").format(path=folder, store=system)
    return _("the system's ({store}), and Mozilla's").format(store=system)


def _system_store() -> str:
    if sys.platform == "win32":
        return _("the certificate store of Windows")
    if sys.platform == "darwin":
        return _("the keychain of macOS")
    return ", ".join(_openssl_store().values()) or _("the distribution's")
