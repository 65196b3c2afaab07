"""What pip of this machine is told about the network, as NAME=VALUE lines for another pip or for uv.

The environment comes before the files. What lies on this machine's disk has no part in it: a stranger has none of that.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys

FOR_PIP = {
    key: f"PIP_{key.upper().replace('-', '_')}"
    for key in ("index-url", "extra-index-url", "trusted-host", "proxy", "cert", "client-cert", "timeout", "retries")
}
FOR_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "proxy": "ALL_PROXY",
    "cert": "SSL_CERT_FILE",
    "timeout": "UV_HTTP_TIMEOUT",
}
PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE")


def configured() -> dict[str, str]:
    """Pip's options about the network by their names."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    found: dict[str, str] = {}
    for line in listed.splitlines():  # sorted, the environment (`:env:`) first
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2].removeprefix("default-")
        words = [word for word in str(ast.literal_eval(value)).split() if not word.startswith("file:")]
        if key in FOR_PIP and words:
            found.setdefault(key, " ".join(words))
    return found


def main() -> None:
    """Write the lines for `pip` or `uv`."""
    names = FOR_UV if sys.argv[1] == "uv" else FOR_PIP
    settings = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    settings |= {names[key]: value for key, value in configured().items() if key in names}
    sys.stdout.writelines(f"{name}={value}\n" for name, value in settings.items())


main()
