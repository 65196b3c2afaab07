"""Leaves out tests that run the program as a process of its own: mutmut cannot follow what it calls."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Drop the tests that take a child's environment."""
    left_out = [item for item in items if "environment" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
