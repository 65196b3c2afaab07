"""A simulator of the Primotexto lists: an ASGI application over SQLite, over HTTP or called in process.

    app = create_app(Path("sandbox.db"))
    serve(app, port=0, announce=print)                       # over HTTP, until stopped
    Client("sandbox", transport=transport(app), base_url=SANDBOX_URL)   # without a server

It is for trying out and for tests: it can be slow, limit the rate and misbehave, but it never sends an SMS.
"""

from __future__ import annotations

from ptx_bulk.sandbox.app import create_app
from ptx_bulk.sandbox.asgi import transport
from ptx_bulk.sandbox.faults import FaultKind
from ptx_bulk.sandbox.sample_files import sample_files
from ptx_bulk.sandbox.serving import serve

__all__ = ["FaultKind", "create_app", "sample_files", "serve", "transport"]
