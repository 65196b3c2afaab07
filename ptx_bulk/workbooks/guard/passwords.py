"""Workbooks behind a password (xlsx, xlsb, xls), decrypted by msoffcrypto; it comes from a file or from a person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ptx_bulk.errors import ConfigurationError, UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.sheets.stored import private_file

DECRYPTED, ENCRYPTED = "decrypted", "encrypted"
_LONGEST = 4096

AskPassword = Callable[[str], str | None]


def find_password(path: str, password_file: str | None, ask: AskPassword | None) -> str | None:
    """The password for the workbook `path`: of the file's first line, else what `ask` answers; None for none.

    Raises:
        ConfigurationError: the password file cannot be read or holds none.
    """
    if password_file is None:
        return ask(path) if ask is not None else None
    try:
        with Path(password_file).open("rb") as file:
            line = file.readline(_LONGEST)
        password = line.decode("utf-8-sig").rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            _("the password file {file} cannot be read as text; check its name and rights").format(file=password_file)
        ) from error
    if not password:
        raise ConfigurationError(
            _("the first line of the password file {file} is empty; write the password there").format(
                file=password_file
            )
        )
    return password


def decrypt(path: Path, folder: Path, password: str) -> None:
    """Write the workbook without its password to `folder`; for the guarded process, as the key may take long.

    Raises:
        UnreadableFile: the password is wrong, or the way of encryption is not known.
    """
    import msoffcrypto  # noqa: PLC0415 - only where a file is protected
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError  # noqa: PLC0415

    try:
        with private_file(folder / DECRYPTED) as out, path.open("rb") as file:
            office = msoffcrypto.OfficeFile(file)
            if office.format == "ooxml":
                office.load_key(password=password, verify_password=True)
            else:
                office.load_key(password=password)
            office.decrypt(out)
    except InvalidKeyError as error:
        raise UnreadableFile(
            _("the password is wrong; check it and try again (with --password-file: the first line of that file)")
        ) from error
    except (DecryptionError, FileFormatError, ParseError) as error:
        raise UnreadableFile(
            _("its protection is not one that can be opened here; save a copy without the password and use the copy")
        ) from error


def encrypt(path: Path, folder: Path, password: str) -> None:
    """Write the .xlsx workbook with this password to `folder`; for the guarded process, as the key takes long."""
    from msoffcrypto.format.ooxml import OOXMLFile  # noqa: PLC0415 - only where a file is protected

    with private_file(folder / ENCRYPTED) as out, path.open("rb") as file:
        OOXMLFile(file).encrypt(password, out)
