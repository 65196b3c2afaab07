"""The default region that a user names."""

from __future__ import annotations

import phonenumbers

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _


def check_region(text: str) -> str:
    """The ISO 3166 code in capitals.

    Raises:
        ConfigurationError: no country has numbers under that code.
    """
    code = text.strip().upper()
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise ConfigurationError(
            _('--region "{text}" is no country code of two letters such as FR, BE or RE.').format(text=text)
        )
    return code


def region_or_none(text: str) -> str | None:
    """The ISO 3166 code in capitals; None for the word `none`: digits without a country code belong nowhere.

    Raises:
        ConfigurationError: it is neither.
    """
    return None if text.strip().lower() == "none" else check_region(text)
