"""Bodies and answers in ASGI's terms."""

from __future__ import annotations

from starlette.types import Message, Receive, Send

JSON = (b"content-type", b"application/json;charset=UTF-8")
HTML = (b"content-type", b"text/html; charset=utf-8")


async def receive_body(receive: Receive) -> bytes:
    """The whole body of a call."""
    parts = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def send_answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Send a whole answer."""
    length = [] if status == 204 else [(b"content-length", b"%d" % len(body))]
    await send_start(send, status, *headers, *length)
    await send_part(send, body, more=False)


async def send_start(send: Send, status: int, *headers: tuple[bytes, bytes]) -> None:
    """Send an answer's status and headers."""
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def send_part(send: Send, body: bytes, *, more: bool) -> None:
    """Send a part of an answer's body; `more` is False with the last one."""
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def ignore(_message: Message) -> None:
    """Take an answer that the caller shall never see."""
