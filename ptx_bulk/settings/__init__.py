"""Where each setting comes from: the command line, the environment, a profile, the platform.

`load` chooses once, without network, keyring or any command; `api_key` finds the key when it is needed.
"""

from __future__ import annotations

from ptx_bulk.settings.actors import actor_and_host
from ptx_bulk.settings.keys import api_key, delete_key, key_source, store_key
from ptx_bulk.settings.loading import Settings, load, state_folder, state_home
from ptx_bulk.settings.profiles import Profile, check_names, config_path, profile_names, read_profile
from ptx_bulk.settings.secret import Secret

__all__ = [
    "Profile",
    "Secret",
    "Settings",
    "actor_and_host",
    "api_key",
    "check_names",
    "config_path",
    "delete_key",
    "key_source",
    "load",
    "profile_names",
    "read_profile",
    "state_folder",
    "state_home",
    "store_key",
]
