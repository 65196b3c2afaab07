"""Nothing that shows itself shows the key: signatures, representations, help."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import ROOT

KEY = "s3cr3t-k3y-0f-s0meb0dy"
# In a process of its own: defaults are evaluated when modules are imported.
WALK = """
import dataclasses, importlib, inspect, io, pkgutil, contextlib, sys
import ptx_bulk
seen = []
for found in pkgutil.walk_packages(ptx_bulk.__path__, "ptx_bulk."):
    if found.name.endswith("__main__"):
        continue
    module = importlib.import_module(found.name)
    for name, value in vars(module).items():
        if not getattr(value, "__module__", "").startswith("ptx_bulk"):
            continue
        members = list(vars(value).values()) if inspect.isclass(value) else []
        for one in [value, *members]:
            with contextlib.suppress(ValueError, TypeError):
                seen.append(f"{found.name}.{name}{inspect.signature(one)}")
        seen.append(repr(value))
out = io.StringIO()
with contextlib.redirect_stdout(out):
    for name in ptx_bulk.__all__:
        help(getattr(ptx_bulk, name))
seen.append(out.getvalue())
from ptx_bulk.jobs.texts import Resolver
from ptx_bulk.settings import load
import datetime, os
seen += [repr(load()), repr(Resolver(datetime.datetime.now(), os.environ))]
from ptx_bulk.pipeline.steps.account import opened
with opened(load(base_url="http://127.0.0.1:1")) as account:
    seen += [repr(account), repr(account.client())]
text = "\\n".join(seen)
print(len(seen), "S3CR3T" if os.environ["PTX_API_KEY"] in text else "unseen")
"""


def test_no_signature_representation_or_help_shows_the_key(environment: dict[str, str]) -> None:
    """No public object's signature, `repr` or `help()` holds the API key or any of the environment."""
    env = {**os.environ, **environment, "PTX_API_KEY": KEY}
    done = subprocess.run([sys.executable, "-c", WALK], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count, verdict = done.stdout.split()
    assert verdict == "unseen"
    assert int(count) > 500
