from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ptx_bulk.access import LIVE_URL
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.settings import Secret, config_path, load, state_home


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An environment whose state and configuration lie in a folder of the test's own."""
    return {"PTX_HOME": str(tmp_path / "home"), "PTX_CONFIG": str(tmp_path / "config.toml")}


def configure(env: dict[str, str], text: str) -> None:
    """Write config.toml."""
    Path(env["PTX_CONFIG"]).write_text(text, encoding="utf-8")


def test_without_anything_the_live_api_is_chosen(env):
    """The base URL is the vendor's when nothing else is said."""
    settings = load(env=env)
    assert settings.base_url == LIVE_URL == "https://api.primotexto.com"
    assert (settings.profile, settings.sandbox) == (None, False)


@pytest.mark.parametrize(
    ("option", "variable", "expected"),
    [
        ("https://a.example", "https://b.example", "https://a.example"),
        (None, "https://b.example/", "https://b.example"),
        (" ", " ", "https://c.example"),
    ],
)
def test_base_url_order(env, option, variable, expected):
    """The base URL comes from the option, then the variable, then the profile; blanks count as unset."""
    configure(env, "[shop]\nbase_url = 'https://c.example'\n")
    settings = load(base_url=option, profile="shop", env=env | {"PTX_BASE_URL": variable})
    assert settings.base_url == expected


def test_profile_from_the_environment(env):
    """`PTX_PROFILE` chooses a profile and `--profile` wins over it."""
    configure(env, "[a]\nregion = 'be'\n[b]\nregion = 're'\nconcurrency = 8\nmax-rate = 2.5\ntimeout = 3\n")
    env["PTX_PROFILE"] = "a"
    assert load(env=env).defaults.region == "BE"
    settings = load(profile="b", env=env)
    defaults = settings.defaults
    assert settings.profile == "b"
    assert (defaults.region, defaults.concurrency, defaults.max_rate, defaults.timeout) == ("RE", 8, 2.5, 3.0)


def test_config_is_not_read_without_a_profile(env):
    """A damaged config.toml disturbs nobody who chose no profile."""
    configure(env, "not toml at all")
    assert load(env=env).profile is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[shop]\nregion = 'FR'\n\nbase_ulr = 'x'\n", ["line 4", "`base_ulr`", "`base_url`"]),
        ("[shop]\nconcurrency = 0\n", ["line 2", "`concurrency`", "1 to 512"]),
        ("[shop]\nconcurrency = 200_000\n", ["line 2", "`concurrency`", "1 to 512"]),
        ("[shop]\nconcurrency = 8.0\n", ["line 2", "`concurrency`"]),
        ("[shop]\nmax_rate = nan\n", ["line 2", "`max_rate`"]),
        ("[shop]\nmax_rate = -1\n", ["line 2", "`max_rate`"]),
        ("[shop]\ntimeout = nan\n", ["line 2", "`timeout`"]),
        ("[shop]\ntimeout = 1e9\n", ["line 2", "`timeout`"]),
        ("[shop]\nregion = 'XX'\n", ["line 2", "`region`"]),
        ("[shop]\nconcurrency = true\n", ["line 2", "`concurrency`"]),
        ("[shop]\nmax_rate = 0\n", ["line 2", "`max_rate`"]),
        ("[shop]\ntimeout = inf\n", ["line 2", "`timeout`"]),
        ("[shop]\nregion = 'France'\n", ["line 2", "`region`"]),
        ("[shop]\nregion = 'France'\n", ["line 2", "'FR'"]),
        ("[shop]\napi_key_command = ''\n", ["line 2", "`api_key_command`"]),
        ("[shop]\napi_key_command = 'say \"open'\n", ["line 2", "`api_key_command`"]),
        ("[other]\n", ["`shop`", "Known are: other"]),
        ("[shops]\n", ["`shop`", "Did you mean `shops`?"]),
        ("\nbase_url = 'x'\n[shop]\n", ["line 2", "[shop]"]),
        ("[shop]\nbase_url = \n", ["line 2", "not valid TOML"]),
        ('[shop]\nbase_url = "C:\\Users"\n', ["line 2", "single quotes"]),
    ],
)
def test_mistakes_in_config_are_named(env, text, parts):
    """A mistake in config.toml is refused with its line, its key and what would be right."""
    configure(env, text)
    with pytest.raises(ConfigurationError) as caught:
        load(profile="shop", env=env)
    for part in [env["PTX_CONFIG"], *parts]:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    "text", ["[shop]\napi_key = 'abc123'\n", "token = 'abc123'\n[shop]\n", "[shop]\nApi-Key='abc123'"]
)
def test_a_key_in_config_is_refused_unseen(env, text):
    """A secret in config.toml is refused with the remedy and without showing it."""
    configure(env, text)
    with pytest.raises(ConfigurationError) as caught:
        load(profile="shop", env=env)
    assert "PTX_API_KEY" in str(caught.value)
    assert "abc123" not in str(caught.value)


def test_missing_config_is_named(env):
    """A profile without a config.toml is refused with the name of the missing file."""
    with pytest.raises(ConfigurationError, match=r"config\.toml"):
        load(profile="shop", env=env)


@pytest.mark.parametrize(("content", "part"), [(b"[shop]\r\nregion='\xe9'\r\n", "line 2"), (b"\xff\xfe[", "UTF-8")])
def test_config_that_is_not_utf8(env, content, part):
    """A config.toml in another encoding is refused with the line of the first foreign byte."""
    Path(env["PTX_CONFIG"]).write_bytes(content)
    with pytest.raises(ConfigurationError, match=part):
        load(profile="shop", env=env)


def test_config_with_byte_order_mark_and_crlf(env):
    """A config.toml saved by a Windows editor is read."""
    Path(env["PTX_CONFIG"]).write_bytes(b"\xef\xbb\xbf[shop]\r\nregion = 'RE'\r\n")
    assert load(profile="shop", env=env).defaults.region == "RE"


def test_config_path_is_the_platforms():
    """Without `PTX_CONFIG`, config.toml lies in a folder of the platform's user configuration."""
    path = config_path({"PTX_CONFIG": " "})
    assert path.name == "config.toml"
    assert path.parent.name == "ptx-bulk"


def test_state_home_is_private(tmp_path):
    """The state folder is made with its parents and belongs to its user alone."""
    home = state_home({"PTX_HOME": str(tmp_path / "a" / "b")})
    assert home.is_dir()
    if os.name == "posix":
        assert home.stat().st_mode & 0o777 == 0o700


def test_state_home_that_cannot_be_made(tmp_path):
    """A state folder that cannot be made is refused with the variable to set."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="PTX_HOME"):
        state_home({"PTX_HOME": str(tmp_path / "file" / "home")})


def test_relative_state_home_is_absolute(tmp_path, monkeypatch):
    """A relative `PTX_HOME` starts from the current folder."""
    monkeypatch.chdir(tmp_path)
    assert state_home({"PTX_HOME": "state"}) == tmp_path / "state"


def test_a_secret_is_masked_everywhere():
    """A Secret shows as `***` in str, repr, format and inside other objects, and is equal by its value."""
    secret = Secret("abc123", source="PTX_API_KEY")
    shown = f"{secret} {secret!r} {secret:>8} %s {[secret]}" % secret
    assert "abc123" not in shown
    assert shown.count("***") == 5
    assert secret.reveal() == "abc123"
    assert secret == Secret("abc123")
    assert hash(secret) == hash(Secret("abc123"))
    assert secret != "abc123"


def test_settings_do_not_show_the_key(env):
    """The settings' repr shows neither the key nor the command that prints it."""
    configure(env, "[shop]\napi_key_command = 'echo abc123'\n")
    shown = repr(load(profile="shop", env=env | {"PTX_API_KEY": "def456"}))
    assert "abc123" not in shown
    assert "def456" not in shown


def test_settings_import_is_light():
    """Importing and loading settings pulls in neither pandas, httpx nor keyring."""
    code = (
        "import sys; from ptx_bulk.settings import load; import ptx_bulk.jobs; load();"
        "print([m for m in ('pandas', 'httpx', 'keyring', 'pyarrow', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
