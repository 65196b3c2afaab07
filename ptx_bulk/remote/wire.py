"""The aiohttp transport of httpx, set up so that a call leaves once, and its failures told apart."""

from __future__ import annotations

import socket
import ssl
from contextvars import ContextVar

import aiohttp
import aiohttp.abc
import httpx
from httpx_aiohttp import AiohttpTransport

from ptx_bulk.errors import NetworkFault, RemoteError, ServerFault, WrongAddress
from ptx_bulk.i18n import N_, _
from ptx_bulk.remote.addresses import NamedProxy, trusted_certificates

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
# Of the call that the task at work makes.
_CONNECTING: ContextVar[bool] = ContextVar("connecting", default=False)
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
)


_UNREACHED = N_(
    "The proxy {proxy}, named by {source}, cannot be reached or does not answer ({reason}); correct its address, "
    "or name the API's host in NO_PROXY."
)
_REFUSED = N_(
    "The proxy {proxy}, named by {source}, does not let the call through (HTTP {status}); ask who looks after it, "
    "or name the API's host in NO_PROXY."
)
_REFUSALS = {
    407: N_(
        "The proxy {proxy}, named by {source}, wants a user name and password, or refuses those it got "
        "(HTTP {status}); write them into its address (http://user:password@host:port)."
    ),
}


class _ConnectionLost(aiohttp.ClientPayloadError):
    """The connection broke after the call may have left."""


def live_transport(base_url: str, connections: int, proxy: NamedProxy | None) -> httpx.AsyncBaseTransport:
    """A transport to the base URL over the proxy, with verified TLS and no retries of its own.

    Raises:
        ConfigurationError: the certificates that the environment names are unusable.
    """
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
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(_leave_once,),
            trace_configs=[_connecting()],
        )

    return AiohttpTransport(verify=context, proxy=proxy.proxy if proxy else None, client=session)


def _connecting() -> aiohttp.TraceConfig:
    """Notes whether a call is still making its connection: whatever fails then, nothing of the call has left."""

    async def begun(*_told: object) -> None:
        _CONNECTING.set(True)

    async def made(*_told: object) -> None:
        _CONNECTING.set(False)

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_start.append(begun)
    trace.on_connection_create_end.append(made)
    return trace


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
    _CONNECTING.set(False)
    try:
        answer = await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _ConnectionLost from error
    # The words behind the status mean nothing; httpx-aiohttp fails on those that are not UTF-8, as old servers send.
    answer.reason = ""
    return answer


def fault(error: Exception, timeout: float, proxy: NamedProxy | None = None) -> RemoteError:
    """What a failure on the way means: whether the call may have left, and what to check.

    It is to be asked by the task that made the call.

    The answer does not refer to `error`, whose attributes hold the key and the number.
    """
    causes = _chain(error)
    # httpx-aiohttp calls every broken connection a ConnectTimeout, so aiohttp's own word counts if there is one.
    origin = next((cause for cause in causes if isinstance(cause, aiohttp.ClientError)), None)
    if isinstance(error, httpx.DecodingError) or _is_no_http(origin):
        return ServerFault(_("The answer is damaged or is not HTTP; check the base URL and the proxy."))
    early = isinstance(origin or error, (*_BEFORE_SENDING, *_BEFORE_SENDING_HTTPX))
    sent = not (early or _CONNECTING.get())
    _CONNECTING.set(False)
    if proxy is not None and not sent and (refusal := _of_proxy(proxy, origin, causes)):
        return refusal
    return NetworkFault(_sentence(causes, sent=sent, timeout=timeout), sent=sent)


def _of_proxy(proxy: NamedProxy, origin: BaseException | None, causes: list[BaseException]) -> RemoteError | None:
    """What the proxy itself has to do with a call that never left; None where it is not to blame."""
    told = {"proxy": proxy.place, "source": proxy.source}
    if isinstance(origin, aiohttp.ClientHttpProxyError):
        text = _(_REFUSALS.get(origin.status, _REFUSED)).format(status=origin.status, **told)
        if 400 <= origin.status < 500:  # it wants a login, or forbids the address
            return WrongAddress(text, http_status=origin.status)
        return NetworkFault(text, sent=False)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):  # of the API, as far as can be seen
        return None
    named = isinstance(origin, aiohttp.ClientConnectorDNSError) and origin.host == proxy.proxy.url.host
    its_own = named or isinstance(origin, aiohttp.ClientProxyConnectionError)
    if isinstance(origin, aiohttp.ClientConnectorError) and not its_own:
        return None
    return NetworkFault(_(_UNREACHED).format(reason=_reason(causes), **told), sent=False)


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
        return _("No connection to the API could be made ({reason}); check the network and the base URL.").format(
            reason=_reason(causes)
        )
    if any(isinstance(cause, TimeoutError | httpx.TimeoutException) for cause in causes):
        return _("No complete answer came within {seconds:g} seconds; see --timeout.").format(seconds=timeout)
    return _("The connection to the API was lost before the answer was complete.")


def _reason(causes: list[BaseException]) -> str:
    return next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), "-")
