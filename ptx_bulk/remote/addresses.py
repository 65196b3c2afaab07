"""Where the API is and how to get there: base URL, proxy, trusted certificates."""

from __future__ import annotations

import base64
import ipaddress
import re
import ssl
import urllib.request
from urllib.parse import urlsplit

import httpx

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


def proxy_for(base_url: str) -> httpx.Proxy | None:
    """The proxy that the environment or the system names for the base URL; never one for loopback.

    Raises:
        ConfigurationError: the proxy is not an HTTP proxy.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if is_loopback(host) or urllib.request.proxy_bypass(parts.netloc):
        return None
    known = urllib.request.getproxies()
    address = known.get(parts.scheme) or known.get("all")
    if not address:
        return None
    try:
        proxy = httpx.Proxy(address if "://" in address else f"http://{address}")
    except (ValueError, httpx.InvalidURL) as error:
        raise ConfigurationError(_bad_proxy(parts.scheme)) from error
    if proxy.url.scheme not in {"http", "https"}:
        raise ConfigurationError(_bad_proxy(parts.scheme))
    if proxy.auth is None:
        return proxy
    # Sent as a header, since aiohttp gives up its own way of taking a proxy's user and password.
    secret = base64.b64encode(":".join(proxy.auth).encode()).decode()
    return httpx.Proxy(proxy.url, headers={"Proxy-Authorization": f"Basic {secret}"})


def _bad_proxy(scheme: str) -> str:
    # The value is not repeated: proxy addresses often hold a password.
    return _(
        "The proxy in {variable} is not an http:// or https:// address; correct it, or name the API's host in NO_PROXY."
    ).format(variable=f"{scheme.upper()}_PROXY")


def trusted_certificates() -> ssl.SSLContext:
    """The system's trust store together with Mozilla's; `SSL_CERT_FILE` and `SSL_CERT_DIR` are respected.

    Raises:
        ConfigurationError: `SSL_CERT_FILE` names a file that cannot be read.
    """
    try:
        context = httpx.create_ssl_context()
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            _("The file in SSL_CERT_FILE cannot be read as certificates ({reason}); correct or unset it.").format(
                reason=error
            )
        ) from error
    return context
