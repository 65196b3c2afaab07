"""The API key: found in the environment, by a profile's command or in the keyring; masked when shown."""

from __future__ import annotations

import subprocess

from ptx_bulk.access import SANDBOX_KEY, usable_key
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.settings.loading import Settings
from ptx_bulk.settings.secret import Secret

SERVICE = "ptx-bulk"
_COMMAND_SECONDS = 60.0


def api_key(settings: Settings) -> Secret:
    """The key for the chosen account; its `source` tells where it was found.

    First found wins: `PTX_API_KEY`, `PRIMOTEXTO_API_KEY`, the profile's `api_key_command`, the keyring.
    The sandbox has its own key, and no other is looked for.

    Raises:
        ConfigurationError: there is none, the command fails, or what was found cannot be a key.
    """
    if settings.sandbox:
        return Secret(SANDBOX_KEY, source="--sandbox")
    found = settings.environment_key or _from_command(settings) or _from_keyring(settings)
    if found is None and settings.profile:
        raise ConfigurationError(
            _(
                "There is no API key for the profile {name}: give it an `api_key_command`, or run "
                "`ptx-bulk login --profile {name}`."
            ).format(name=settings.profile)
        )
    if found is None:
        raise ConfigurationError(
            _(
                "There is no API key: set PTX_API_KEY or run `ptx-bulk login`, "
                "or add --sandbox to try without an account."
            )
        )
    return _checked(found)


def key_source(settings: Settings) -> str:
    """Where the profile's own key comes from: `api_key_command`, `keyring` or '' for nowhere; no command is run."""
    if settings.defaults.api_key_command is not None:
        return "api_key_command"
    return "keyring" if _from_keyring(settings) is not None else ""


def store_key(settings: Settings, key: Secret) -> None:
    """Keep the key in the operating system's keyring, for this base URL and profile.

    Raises:
        ConfigurationError: it cannot be a key, or no keyring of this machine keeps it.
    """
    import keyring  # noqa: PLC0415 - slow to import, and most runs have no use for it

    value, user = _checked(key).reveal(), _user(settings)
    try:
        keyring.set_password(SERVICE, user, value)
        kept = keyring.get_password(SERVICE, user) == value
    except Exception as error:  # backends raise errors of their own, beyond keyring's
        raise _no_keyring() from error
    if not kept:  # the null backend forgets in silence
        raise _no_keyring()


def delete_key(settings: Settings) -> bool:
    """Remove the stored key of this base URL and profile; False when none was stored or no keyring works."""
    import keyring  # noqa: PLC0415

    if _from_keyring(settings) is None:
        return False
    try:
        keyring.delete_password(SERVICE, _user(settings))
    except Exception as error:
        raise ConfigurationError(
            _("The keyring of this machine did not remove the key; remove the entry `{service}` by hand.").format(
                service=SERVICE
            )
        ) from error
    return True


def _checked(key: Secret) -> Secret:
    """The key without blanks around it; one that no HTTP header can carry is refused, unseen."""
    value = usable_key(key.reveal())
    if not value:
        raise ConfigurationError(
            _(
                "The API key from {source} is empty or holds a blank, a line break or a letter that no key "
                "has; copy it again from your Primotexto account."
            ).format(source=key.source or _("the input"))
        )
    return Secret(value, source=key.source)


def _from_command(settings: Settings) -> Secret | None:
    """The first line that the profile's command prints; its other output, and its errors, are never shown."""
    command = settings.defaults.api_key_command
    if command is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - the user's own command, run without a shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        problem = _("did not end within {seconds:g} seconds").format(seconds=_COMMAND_SECONDS)
        raise _command_failed(settings, problem) from None  # the exception holds the output
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise _command_failed(settings, _("could not be started ({reason})").format(reason=reason)) from None
    if done.returncode != 0:
        raise _command_failed(settings, _("ended with exit code {code}").format(code=done.returncode))
    lines = done.stdout.decode("utf-8-sig", errors="replace").splitlines()
    if not lines or not lines[0].strip():
        raise _command_failed(settings, _("printed no key in its first line"))
    return Secret(lines[0], source=_("the api_key_command of profile `{name}`").format(name=settings.profile))


def _command_failed(settings: Settings, problem: str) -> ConfigurationError:
    return ConfigurationError(
        _("The api_key_command of profile `{name}` {problem}; run it by hand to see why.").format(
            name=settings.profile, problem=problem
        )
    )


def _from_keyring(settings: Settings) -> Secret | None:
    """The stored key; a missing, locked or broken keyring holds none."""
    import keyring  # noqa: PLC0415

    try:
        value = keyring.get_password(SERVICE, _user(settings))
    except Exception:  # backends raise errors of their own, and a keyring is a convenience
        return None
    return Secret(value, source=_("the keyring")) if value else None


def _user(settings: Settings) -> str:
    return f"{settings.base_url} ({settings.profile})" if settings.profile else settings.base_url


def _no_keyring() -> ConfigurationError:
    return ConfigurationError(
        _("No keyring of this machine can keep the key; set PTX_API_KEY, or give a profile an `api_key_command`.")
    )
