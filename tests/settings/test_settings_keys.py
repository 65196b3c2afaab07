from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.backends.null
import pytest

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.settings import Secret, Settings, api_key, delete_key, load, store_key


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that lives as long as a test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """The stored password."""
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a password."""
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""
        del self.entries[service, username]


class BrokenKeyring(MemoryKeyring):
    """A keyring whose service is away."""

    def get_password(self, service: str, username: str) -> str | None:
        """Fail as backends do, with an error of their own."""
        raise OSError("no session bus")

    set_password = delete_password = get_password  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def memory() -> Iterator[MemoryKeyring]:
    """An empty keyring in the place of the machine's."""
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An environment whose state and configuration lie in a folder of the test's own."""
    return {"PTX_HOME": str(tmp_path / "home"), "PTX_CONFIG": str(tmp_path / "config.toml")}


def with_command(env: dict[str, str], code: str, **more: str) -> Settings:
    """Settings of a profile whose command is this Python program."""
    command = json.dumps([sys.executable, "-c", code])
    Path(env["PTX_CONFIG"]).write_text(f"[shop]\napi_key_command = {command}\n", encoding="utf-8")
    return load(profile="shop", env=env | more)


def test_order_of_the_sources(env, memory):
    """PTX_API_KEY wins over PRIMOTEXTO_API_KEY, that over the command, that over the keyring."""
    both = {"PTX_API_KEY": "first", "PRIMOTEXTO_API_KEY": "second"}
    only_second = {"PTX_API_KEY": "  ", "PRIMOTEXTO_API_KEY": "second"}
    settings = with_command(env, "print('third')")
    store_key(settings, Secret("fourth"))
    found = [
        api_key(with_command(env, "print('third')", **both)),
        api_key(with_command(env, "print('third')", **only_second)),
        api_key(settings),
    ]
    Path(env["PTX_CONFIG"]).write_text("[shop]\n")
    found.append(api_key(load(profile="shop", env=env)))
    assert [key.reveal() for key in found] == ["first", "second", "third", "fourth"]
    assert [key.source for key in found[:2]] == ["PTX_API_KEY", "PRIMOTEXTO_API_KEY"]
    assert "shop" in found[2].source
    assert "keyring" in found[3].source


def test_no_key_names_the_remedies(env):
    """Without any key the one sentence names PTX_API_KEY, login and --sandbox."""
    with pytest.raises(ConfigurationError) as caught:
        api_key(load(env=env))
    for part in ("PTX_API_KEY", "ptx-bulk login", "--sandbox"):
        assert part in str(caught.value)


def test_the_sandbox_needs_no_key(env):
    """In the sandbox the real key is not even looked at."""
    assert api_key(load(sandbox=True, env=env | {"PTX_API_KEY": "real"})).reveal() == "sandbox"


def test_blanks_around_a_key_are_left_out(env):
    """A key read from a secret file with its line end is taken without it."""
    assert api_key(load(env=env | {"PTX_API_KEY": " abc123\r\n"})).reveal() == "abc123"


@pytest.mark.parametrize("key", ["abc 123", "abc\n123", "abc\x00123", "abc\u00a0123", "clé123", "abc\x7f123"])
def test_what_cannot_be_a_key_is_refused_unseen(env, key):
    """A key with a blank, a control character or a letter outside ASCII is refused without showing it."""
    with pytest.raises(ConfigurationError) as caught:
        api_key(load(env=env | {"PTX_API_KEY": key}))
    assert "PTX_API_KEY" in str(caught.value)
    assert "123" not in str(caught.value)


def test_the_command_gives_its_first_line(env):
    """The command's first line is the key; what follows is not."""
    assert api_key(with_command(env, "print('abc123'); print('login: me')")).reveal() == "abc123"


def test_the_command_as_one_text(env):
    """A command written as one text runs without a shell, quotes holding words together."""
    program = sys.executable
    Path(env["PTX_CONFIG"]).write_text(
        f"""[shop]\napi_key_command = '''"{program}" -c "print('$HOME;')"'''\n""", encoding="utf-8"
    )
    assert api_key(load(profile="shop", env=env)).reveal() == "$HOME;"


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("print('abc123'); raise SystemExit(3)", "exit code 3"),
        ("pass", "printed no key"),
        ("print(); print('abc123')", "printed no key"),
        ("print('abc 123')", "blank"),
        (r"import sys; sys.stdout.buffer.write(b'abc\xff123')", "letter"),
    ],
)
def test_a_failing_command_is_named_without_its_output(env, capfd, code, part):
    """A failing command is refused by its profile and exit code; its output is never shown."""
    with pytest.raises(ConfigurationError) as caught:
        api_key(with_command(env, f"import sys; sys.stderr.write('abc123\\n'); {code}"))
    assert "`shop`" in str(caught.value)
    assert part in str(caught.value)
    assert "abc" not in str(caught.value) + "".join(capfd.readouterr())


def test_a_command_that_does_not_exist(env):
    """A command that cannot be started is refused by its profile."""
    Path(env["PTX_CONFIG"]).write_text("[shop]\napi_key_command = ['no-such-program-here']\n")
    with pytest.raises(ConfigurationError, match="`shop` could not be started"):
        api_key(load(profile="shop", env=env))


def test_the_command_does_not_eat_standard_input(env):
    """The command reads nothing from the standard input, which may be the file to import."""
    assert api_key(with_command(env, "import sys; print('k' + sys.stdin.read() + 'k')")).reveal() == "kk"


def test_keyring_entries_are_apart(env, memory):
    """A stored key belongs to its base URL and profile alone, and can be removed."""
    Path(env["PTX_CONFIG"]).write_text("[shop]\n")
    live = load(env=env)
    store_key(live, Secret("abc123"))
    for other in (load(profile="shop", env=env), load(base_url="https://other.example", env=env)):
        with pytest.raises(ConfigurationError):
            api_key(other)
    assert {service for service, _user in memory.entries} == {"ptx-bulk"}
    assert delete_key(live)
    assert not delete_key(live)
    assert memory.entries == {}


@pytest.mark.parametrize("backend", [BrokenKeyring, keyring.backends.fail.Keyring, keyring.backends.null.Keyring])
def test_a_keyring_that_does_not_work(env, backend):
    """A missing, silent or broken keyring means no key, and storing says what to do instead."""
    keyring.set_keyring(backend())
    settings = load(env=env)
    with pytest.raises(ConfigurationError, match="--sandbox"):
        api_key(settings)
    with pytest.raises(ConfigurationError, match="PTX_API_KEY"):
        store_key(settings, Secret("abc123"))
    assert not delete_key(settings)


def test_a_wrong_key_is_not_stored(env, memory):
    """What cannot be a key is refused before it reaches the keyring."""
    with pytest.raises(ConfigurationError):
        store_key(load(env=env), Secret("abc 123"))
    assert memory.entries == {}


def test_a_secret_is_not_pickled():
    """A Secret refuses to be serialised."""
    with pytest.raises(TypeError):
        pickle.dumps(Secret("abc123"))
