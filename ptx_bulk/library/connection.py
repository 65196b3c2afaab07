"""`connect()`, and one method a command."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Self, Unpack

from ptx_bulk import pipeline
from ptx_bulk.arguments import of_type, one_of
from ptx_bulk.library.inputs import Input
from ptx_bulk.library.keywords import ApplyKeywords, DiffKeywords, PathLike, WriteKeywords, spelled_out
from ptx_bulk.library.list_methods import ListMethods
from ptx_bulk.library.requests_from_keywords import path_of, reporting_of, sending_of, source_of
from ptx_bulk.library.run_methods import RunMethods
from ptx_bulk.model import Mode
from ptx_bulk.pipeline import Interface, Result
from ptx_bulk.remote import AccountState, check_base_url
from ptx_bulk.settings import Secret, api_key, load


def connect(
    *,
    sandbox: bool = False,
    profile: str | None = None,
    base_url: str | None = None,
    key: str | None = None,
    interface: Interface | None = None,
) -> Connection:
    """The account that the key is for; no call is made yet.

    Args:
        sandbox: the embedded simulator instead of the live API: no key, no network.
        profile: a table of config.toml.
        base_url: the address of the API, if it is not the usual one.
        key: the API key; default: as on the command line (PTX_API_KEY, the profile's command, the keyring).
        interface: told of the work and asked what only a person knows; default: notices go to the logger `ptx_bulk`,
            and nobody is asked.

    Raises:
        ConfigurationError: there is no key, or the profile, the address or the state folder cannot be used.
    """
    of_type("sandbox", sandbox, bool)
    for name, value in (("profile", profile), ("base_url", base_url), ("key", key)):
        if value is not None:
            of_type(name, value, str)
    settings = load(base_url=base_url, profile=profile, sandbox=sandbox)
    if key is not None:
        settings = replace(settings, environment_key=Secret(key, source="connect(key=...)"))
    if not sandbox:
        check_base_url(settings.base_url)
        api_key(settings)
    return Connection(settings, interface)


class Connection(ListMethods, RunMethods):
    """An account as a program uses it: one method a command; made by `connect`.

    It holds nothing open between calls. Methods block until their work is done, inside a running event loop, too.
    They raise `PtxError`s only; each carries the `exit_code` of the command line.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing is held open."""

    def __repr__(self) -> str:
        where = "sandbox" if self._settings.sandbox else self._settings.base_url
        return f"<ptx_bulk connection to {where}>"

    @spelled_out(WriteKeywords)
    def import_(self, numbers: Input, **options: Unpack[WriteKeywords]) -> Result:
        """Add the numbers to a list.

        Args:
            numbers: a path, paths, a DataFrame, a Series or an iterable of numbers.
            options: see `ReadKeywords`, `SendKeywords`.

        Raises:
            ConfigurationError: an argument is wrong; the text names it.
            PtxError: the command ended before there were lines to report; nothing was sent. What ends it later is
                `error` of the result.
        """
        return self._write(Mode.IMPORT, numbers, options)

    @spelled_out(WriteKeywords)
    def remove(self, numbers: Input, **options: Unpack[WriteKeywords]) -> Result:
        """Take the numbers off a list; arguments and errors as in `import_`, and:

        Raises:
            SafetyRefusal: more would go than `max_removals` allows, or from STOP without leave and reason (in
                `error` of the result; nothing was sent).
        """  # noqa: D415 - the sentence goes on in the sections
        return self._write(Mode.REMOVE, numbers, options)

    @spelled_out(WriteKeywords)
    def sync(self, numbers: Input, **options: Unpack[WriteKeywords]) -> Result:
        """Make a list equal to the numbers: add what is missing, remove what is not there; otherwise as `remove`."""
        return self._write(Mode.SYNC, numbers, options)

    @spelled_out(DiffKeywords)
    def diff(
        self,
        numbers: Input,
        *,
        mode: Mode | Literal["import", "remove", "sync"] = Mode.IMPORT,
        save_plan: PathLike | None = None,
        **options: Unpack[DiffKeywords],
    ) -> Result:
        """What `import_`, `remove` or `sync` would do; nothing is sent.

        Args:
            numbers: as in `import_`.
            mode: what is foreseen.
            save_plan: a file to keep the plan in for `apply`; needs files as input.
            options: see `ReadKeywords`, `FetchKeywords`.
        """
        return pipeline.diff(
            one_of("mode", mode, Mode),
            source_of(numbers, options, self._profile),
            sending_of(options, self._profile),
            reporting_of(options, self._profile),
            self._settings,
            self._interface,
            plan_path=None if save_plan is None else str(save_plan),
        )

    @spelled_out(ApplyKeywords)
    def apply(self, plan: PathLike, **options: Unpack[ApplyKeywords]) -> Result:
        """Carry a saved plan out exactly.

        Args:
            plan: the file that `diff` saved.
            options: see `ApplyKeywords`.

        Raises:
            InputError: the file cannot be read or is no plan.
            PlanStale: it was altered, or its input or a list changed since.
            SafetyRefusal: it was made for another account.
        """
        sending, reporting = sending_of(options, self._profile), reporting_of(options, self._profile)
        password_file = path_of(options, "password_file")
        return pipeline.apply(
            str(plan), sending, reporting, self._settings, self._interface, password_file=password_file
        )

    def probe(self) -> AccountState:
        """Ask for the account's state: tries address, road and key, and changes nothing.

        Raises:
            AccessRefused: the key or the account is refused.
            WrongAddress: the base URL leads elsewhere than to the API.
            RemoteError: no documented answer arrived.
        """
        return pipeline.probe(self._settings, api_key(self._settings))

    def _write(self, mode: Mode, numbers: Input, options: WriteKeywords) -> Result:
        return pipeline.write(
            mode,
            source_of(numbers, options, self._profile),
            sending_of(options, self._profile),
            reporting_of(options, self._profile),
            self._settings,
            self._interface,
        )
