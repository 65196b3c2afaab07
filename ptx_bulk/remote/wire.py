"""The aiohttp transport of httpx, set up so that a call leaves once, and its failures told apart."""

from __future__ import annotations

import socket
import ssl

import aiohttp
import aiohttp.abc
import httpx
from httpx_aiohttp import AiohttpTransport

from ptx_bulk.errors import NetworkFault, RemoteError, ServerFault, WrongAddress
from ptx_bulk.i18n import N_, _
from ptx_bulk.remote.addresses import proxy_for, trusted_certificates

# Shorter than the 5 s after which common servers close an idle connection: a call sent on a closing one
# would be in doubt.
_KEEPALIVE_SECONDS = 4.0
# Failures that happen while the connection is still being made: nothing of the call has left.
_BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)
# What a transport raises when a call fails on the way.
FAILURES = (httpx.HTTPError, aiohttp.ClientError, OSError)
_BEFORE_SENDING_HTTPX = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
# The first kind that occurs among a failure and its causes tells the user what to check.
_SENTENCES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (aiohttp.ClientConnectorDNSError,),
        N_("The API's host name cannot be resolved; check the network and the base URL."),
    ),
    (
        (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError),
        N_(
            "The server's certificate is not trusted; where a company proxy inspects traffic, "
            "name its certificate file in SSL_CERT_FILE."
        ),
    ),
    (
        (ssl.SSLError,),
        N_("No encrypted connection could be made to the API; check the base URL and the proxy."),
    ),
    (
        (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError, httpx.ProxyError),
        N_("The proxy does not let the call through; check HTTPS_PROXY and NO_PROXY."),
    ),
)


class _ConnectionLost(aiohttp.ClientPayloadError):
    """The connection broke after the call may have left."""


def live_transport(base_url: str, connections: int) -> httpx.AsyncBaseTransport:
    """A transport to the base URL over the environment's proxy, with verified TLS and no retries of its own.

    Raises:
        ConfigurationError: the proxy or the certificates that the environment names are unusable.
    """
    proxy = proxy_for(base_url)
    # Loading the trust store takes a while and is of no use without TLS; the bare context trusts nobody.
    bare = base_url.startswith("http:")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if bare else trusted_certificates()

    # Otherwise `localhost` would be whatever the name service of this machine says.
    local = httpx.URL(base_url).host == "localhost"

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=connections,
            keepalive_timeout=_KEEPALIVE_SECONDS,
            ssl=context,
            resolver=_Loopback() if local else None,
        )
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), middlewares=(_leave_once,)
        )

    return AiohttpTransport(verify=context, proxy=proxy, client=session)


class _Loopback(aiohttp.abc.AbstractResolver):
    """Every name is this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[aiohttp.abc.ResolveResult]:
        """The loopback addresses of the family."""
        return [
            aiohttp.abc.ResolveResult(
                hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST
            )
            for kind, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
            if family in {socket.AF_UNSPEC, kind}
        ]

    async def close(self) -> None:
        """Nothing is held."""


async def _leave_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    # aiohttp sends GET and DELETE a second time when the connection breaks, and tells nobody: a removal that
    # was made would come back as "was not listed". It does so on the named exceptions only.
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _ConnectionLost(str(error)) from error


def fault(error: Exception, timeout: float) -> RemoteError:
    """What a failure on the way means: whether the call may have left, and what to check.

    The answer does not refer to `error`, whose attributes hold the key and the number.
    """
    causes = _chain(error)
    # httpx-aiohttp calls every broken connection a ConnectTimeout, so aiohttp's own word counts if there is one.
    origin = next((cause for cause in causes if isinstance(cause, aiohttp.ClientError)), None)
    if isinstance(error, httpx.DecodingError) or _is_no_http(origin):
        return ServerFault(_("The answer is damaged or is not HTTP; check the base URL and the proxy."))
    sent = not isinstance(origin or error, (*_BEFORE_SENDING, *_BEFORE_SENDING_HTTPX))
    sentence = _sentence(causes, sent=sent, timeout=timeout)
    if isinstance(origin, aiohttp.ClientHttpProxyError) and 400 <= origin.status < 500:
        return WrongAddress(sentence, http_status=origin.status)  # the proxy wants a login, or forbids the address
    return NetworkFault(sentence, sent=sent)


def _is_no_http(origin: BaseException | None) -> bool:
    return isinstance(origin, aiohttp.ClientResponseError) and not isinstance(origin, aiohttp.ClientHttpProxyError)


def _chain(error: BaseException | None) -> list[BaseException]:
    causes: list[BaseException] = []
    while error is not None and error not in causes:
        causes.append(error)
        error = error.__cause__
    return causes


def _sentence(causes: list[BaseException], *, sent: bool, timeout: float) -> str:
    # The libraries' own messages may hold the whole URL and so a phone number: only their kind is told.
    for kinds, sentence in _SENTENCES:
        if any(isinstance(cause, kinds) for cause in causes):
            return _(sentence)
    if not sent:
        reason = next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), "-")
        return _("No connection to the API could be made ({reason}); check the network and the base URL.").format(
            reason=reason
        )
    if any(isinstance(cause, TimeoutError | httpx.TimeoutException) for cause in causes):
        return _("No complete answer came within {seconds:g} seconds; see --timeout.").format(seconds=timeout)
    return _("The connection to the API was lost before the answer was complete.")
