"""The choice of every setting but the key's value, in the order that the command line promises."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from ptx_bulk.access import LIVE_URL
from ptx_bulk.arguments import of_type, paths, set_checked, text_or_none
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.settings.profiles import APP, Profile, config_path, read_profile
from ptx_bulk.settings.secret import Secret

KEY_VARIABLES = ("PTX_API_KEY", "PRIMOTEXTO_API_KEY")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one process, chosen once.

    Attributes:
        base_url: the API's address, without a slash at its end; not validated here.
        home: the state folder; it exists.
        profile: the chosen profile's name.
        sandbox: the embedded simulator instead of the live API.
        defaults: the profile's own values, for options that the command line leaves out.
        environment_key: the key from the environment, with the variable's name as its source.
        actor: who gives the commands, as `PTX_ACTOR` says; '' for the login name (see `actors`).
    """

    base_url: str
    home: Path
    profile: str | None
    sandbox: bool
    defaults: Profile = field(default_factory=Profile)
    environment_key: Secret | None = None
    actor: str = ""

    def __post_init__(self) -> None:
        """Refuse what are no settings.

        Raises:
            ConfigurationError: it names the argument.
        """
        of_type("base_url", self.base_url, str)
        text_or_none("profile", self.profile)
        of_type("sandbox", self.sandbox, bool)
        of_type("defaults", self.defaults, Profile)
        of_type("actor", self.actor, str)
        set_checked(self, home=paths("home", (self.home,))[0])


def load(
    *,
    base_url: str | None = None,
    profile: str | None = None,
    sandbox: bool = False,
    env: Mapping[str, str] | None = None,
) -> Settings:
    """Choose the settings; a blank value counts as none. `config.toml` is read only when a profile is chosen.

    Args:
        base_url: what `--base-url` says.
        profile: what `--profile` says.
        sandbox: what `--sandbox` says.
        env: the environment variables; those of this process when None.

    Raises:
        ConfigurationError: the profile or the state folder cannot be used.
    """
    env = os.environ if env is None else env  # a default in the signature would show it to whoever asks for help
    name = _first(profile, env.get("PTX_PROFILE"))
    chosen = read_profile(config_path(env), name) if name else Profile()
    address = _first(base_url, env.get("PTX_BASE_URL"), chosen.base_url) or LIVE_URL
    return Settings(
        base_url=address.rstrip("/"),
        home=state_home(env),
        profile=name,
        sandbox=sandbox,
        defaults=chosen,
        environment_key=_environment_key(env),
        actor=env.get("PTX_ACTOR", "").strip(),
    )


def state_home(env: Mapping[str, str] | None = None) -> Path:
    """The state folder, made for this user alone when it does not exist yet.

    Args:
        env: the environment variables; those of this process when None.

    Raises:
        ConfigurationError: it cannot be made.
    """
    try:
        folder = state_folder(env)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:
        chosen = (os.environ if env is None else env).get("PTX_HOME", "").strip()
        raise ConfigurationError(
            _("The state folder {folder} cannot be made ({reason}); set PTX_HOME to a folder you may write to.").format(
                folder=chosen or APP, reason=error
            )
        ) from error
    return folder


def state_folder(env: Mapping[str, str] | None = None) -> Path:
    """Where the state folder is, or would be.

    Args:
        env: the environment variables; those of this process when None.

    Raises:
        ConfigurationError: this user has no home folder.
        RuntimeError: `PTX_HOME` begins with the home folder of nobody.
    """
    chosen = (os.environ if env is None else env).get("PTX_HOME", "").strip()
    if chosen:
        return Path(chosen).expanduser().absolute()
    folder = platformdirs.user_state_path(APP, appauthor=False)
    if not folder.is_absolute():  # a user without a home folder, as in some containers
        raise ConfigurationError(_("This user has no home folder; set PTX_HOME to a folder for ptx-bulk's state."))
    return folder


def _environment_key(env: Mapping[str, str]) -> Secret | None:
    for variable in KEY_VARIABLES:
        if value := env.get(variable, "").strip():
            return Secret(value, source=variable)
    return None


def _first(*values: str | None) -> str | None:
    return next((value.strip() for value in values if value and value.strip()), None)
