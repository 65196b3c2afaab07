"""A CONNECT proxy on loopback: it knows names that no name service knows, may want a login, and may be broken."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping


class ConnectProxy:
    """Leads tunnels to ports of this machine.

    Args:
        names: the port that each host name leads to.
        login: `user:password` that is wanted, '' for none.
        status: what every CONNECT is answered with instead of a tunnel, 0 for a tunnel.
        mute: accept connections and never answer; `"close"`: close them at once.

    Attributes:
        heads: the head of each request that came.
        seen: every byte that came from the client, inside the tunnels, too.
    """

    def __init__(
        self, names: Mapping[str, int] | None = None, *, login: str = "", status: int = 0, mute: str = ""
    ) -> None:
        self.heads: list[str] = []
        self.seen = bytearray()
        self._names = dict(names or {})
        self._login = login
        self._status = status
        self._mute = mute
        self._open: list[socket.socket] = []

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """Its `host:port` while it runs."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=self._accept, args=(listener,), daemon=True)
            thread.start()
            try:
                yield f"127.0.0.1:{listener.getsockname()[1]}"
            finally:
                with contextlib.suppress(OSError):
                    listener.shutdown(socket.SHUT_RDWR)
                for one in self._open:
                    with contextlib.suppress(OSError):
                        one.shutdown(socket.SHUT_RDWR)
                thread.join(10)

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = listener.accept()
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            if self._mute == "close":
                return
            head = b""
            while b"\r\n\r\n" not in head:
                part = client.recv(65536)
                if not part:
                    return
                head += part
            self.heads.append(head.decode())
            self.seen += head
            if self._mute:
                client.recv(1)
                return
            host = head.split()[1].decode().rpartition(":")[0]
            status = self._status or (407 if not self._may(head) else 502 if host not in self._names else 200)
            client.sendall(f"HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n".encode() if status != 200 else _MADE)
            if status == 200:
                with socket.create_connection(("127.0.0.1", self._names[host])) as server:
                    self._open.append(server)
                    back = threading.Thread(target=_pump, args=(server, client, bytearray()), daemon=True)
                    back.start()
                    _pump(client, server, self.seen)
                    back.join(10)

    def _may(self, head: bytes) -> bool:
        wanted = base64.b64encode(self._login.encode())
        return not self._login or b"proxy-authorization: basic " + wanted.lower() in head.lower()


_MADE = b"HTTP/1.1 200 Connection established\r\n\r\n"


def _pump(source: socket.socket, sink: socket.socket, seen: bytearray) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            seen += data
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
