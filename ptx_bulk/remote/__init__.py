"""The Primotexto API: one call each for add, remove, fetch and account; answers become our types and errors.

    async with Client(key) as client:
        answer = await client.add(ListKind.STOP, "+33600000000")
        stops = await client.fetch(ListKind.STOP)

No call is ever repeated here, not even by the libraries below: who calls decides about repeating.
"""

from __future__ import annotations

from ptx_bulk.remote.addresses import check_base_url
from ptx_bulk.remote.answers import AccountState, Answer
from ptx_bulk.remote.client import Client

__all__ = ["AccountState", "Answer", "Client", "check_base_url"]
