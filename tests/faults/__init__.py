"""A test server that misbehaves as told, and keeps the record of what it really did."""

from __future__ import annotations

from tests.faults.misbehaviour import Fault, Reply, Request, always, mixed, scripted
from tests.faults.server import Call, FaultyServer

__all__ = ["Call", "Fault", "FaultyServer", "Reply", "Request", "always", "mixed", "scripted"]
