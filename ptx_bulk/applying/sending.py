"""One change → one Outcome: calls, repeats, and what a last error means."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

from ptx_bulk.applying.pace import Pace
from ptx_bulk.applying.policy import RetryPolicy
from ptx_bulk.applying.stopping import Stop
from ptx_bulk.errors import (
    AccessRefused,
    AnswerTooBig,
    NetworkFault,
    NumberRefused,
    Outage,
    RemoteError,
    ServerFault,
    Throttled,
    WrongAddress,
)
from ptx_bulk.i18n import _
from ptx_bulk.model import Action, Change, Code, Doubt, Outcome, Status
from ptx_bulk.remote import Answer, Client


@dataclass(slots=True)
class Attempts:
    """What is known of the calls that were made for a change.

    Attributes:
        made: how many.
        in_doubt: whether one of them may have been processed although no answer says so.
        in_air: whether one is waiting for its answer.
    """

    made: int = 0
    in_doubt: bool = False
    in_air: bool = False


class Sender:
    """Sends changes through a client at a shared pace."""

    def __init__(self, client: Client, pace: Pace, policy: RetryPolicy, stop: Stop) -> None:
        self._client = client
        self._pace = pace
        self._policy = policy
        self._stop = stop

    async def send(self, change: Change, earlier: Attempts | None = None) -> Outcome:
        """Carry one change out; every end of it is an Outcome.

        A change whose fate is not known ends `UNKNOWN`: the caller settles it by reading the list.

        Args:
            change: what to send.
            earlier: what an interrupted run has already tried.
        """
        attempts = replace(earlier) if earlier else Attempts()
        answers: list[Answer] = []
        try:
            for spelling in change.identifiers:
                answers.append(await self._repeated(change, spelling, attempts))  # noqa: PERF401 - kept when one fails
        except RemoteError as error:
            attempts.in_doubt |= _any_changed(answers)  # one spelling is gone, another may be left
            self._note(error)
            return self._failed(change, attempts, error)
        except asyncio.CancelledError:
            if not self._stop.hard:
                raise
            attempts.in_doubt |= _any_changed(answers) or attempts.in_air
            return self._failed(change, attempts, NetworkFault("", sent=attempts.in_air))
        return _done(change, attempts, answers)

    async def _repeated(self, change: Change, identifier: str, attempts: Attempts) -> Answer:
        return await self._policy.repeat(
            lambda: self._call(change, identifier, attempts), self._stop.sleep, lambda: self._stop.requested
        )

    async def _call(self, change: Change, identifier: str, attempts: Attempts) -> Answer:
        """One call at the shared pace, which learns from its answer."""
        began = await self._pace.enter()
        try:
            answer = await self._answer(change, identifier, attempts)
        except Throttled as error:
            self._pace.throttled(began, error.retry_after)
            self._check_circuit(error)
            raise
        except (ServerFault, NetworkFault) as error:
            attempts.in_doubt |= not isinstance(error, NetworkFault) or error.sent
            self._pace.faulted(began, error.retry_after)
            self._check_circuit(error)
            raise
        except WrongAddress as error:
            # Who redirects, or does not know the path, has done nothing; a 303 answers what was done.
            attempts.in_doubt |= error.http_status == _SEE_OTHER
            raise
        except NumberRefused:
            self._pace.succeeded()
            raise
        else:
            self._pace.succeeded()
            return answer
        finally:
            self._pace.leave()

    async def _answer(self, change: Change, identifier: str, attempts: Attempts) -> Answer:
        if self._stop.requested:
            raise NetworkFault("", sent=False)  # not sent at all, and nothing to say about it
        attempts.made += 1
        attempts.in_air = True
        call = self._client.add if change.action is Action.ADD else self._client.remove
        try:
            answer = await call(change.kind, identifier)
        except RemoteError:
            attempts.in_air = False
            raise
        attempts.in_air = False
        return answer

    def _check_circuit(self, error: RemoteError) -> None:
        if self._pace.tripped and not self._stop.requested:
            self._stop.request(
                Code.INTERRUPTED,
                Outage(
                    _(
                        "The API has not answered properly for a while (last: {error}); "
                        "the run was stopped. Run ptx-bulk resume later."
                    ).format(error=error)
                ),
            )

    def _note(self, error: RemoteError) -> None:
        if isinstance(error, AccessRefused):
            self._stop.request(Code.ACCESS_REFUSED, error)
        elif isinstance(error, AnswerTooBig | WrongAddress):
            self._stop.request(Code.INTERRUPTED, error)
        elif (error.retry_after or 0) > self._policy.longest_pause:
            self._stop.request(
                Code.INTERRUPTED,
                Outage(
                    _(
                        "The API asks to wait {seconds:.0f} seconds; the run was stopped. Run ptx-bulk resume then."
                    ).format(seconds=error.retry_after)
                ),
            )

    def _failed(self, change: Change, attempts: Attempts, error: RemoteError) -> Outcome:
        status, code, doubt = Status.FAILED, _code(error), Doubt.NONE
        if attempts.in_doubt:
            status, doubt = Status.UNKNOWN, Doubt.LOST
        elif isinstance(error, AccessRefused):
            status = Status.NOT_ATTEMPTED
        elif self._stop.requested and not isinstance(error, NumberRefused):
            # Refused before processing, and nothing sent before it is in doubt: as good as never sent.
            status, code = Status.NOT_ATTEMPTED, self._stop.code or Code.INTERRUPTED
        return Outcome(
            change.seq,
            status,
            code,
            attempts.made,
            error.http_status,
            error.api_code,
            str(error),
            "",
            time.time(),
            doubt,
        )


_SEE_OTHER = 303
_DONE = {Action.ADD: Code.ADDED, Action.REMOVE: Code.REMOVED}


def _any_changed(answers: list[Answer]) -> bool:
    return any(not answer.claimed for answer in answers)


def _done(change: Change, attempts: Attempts, answers: list[Answer]) -> Outcome:
    """The outcome of a change whose calls were all answered; what the API only claims is left to the list."""
    said = next((answer for answer in answers if answer.claimed), answers[-1])
    ours = attempts.in_doubt or _any_changed(answers)
    doubt = (Doubt.BOTH if ours else Doubt.CLAIMED) if said.claimed else Doubt.NONE
    return Outcome(
        change.seq,
        Status.UNKNOWN if doubt else Status.APPLIED,
        Code.OUTCOME_UNKNOWN if doubt else _DONE[change.action],
        attempts.made,
        said.http_status,
        said.api_code,
        said.message,
        said.remote_id,
        time.time(),
        doubt,
    )


def _code(error: RemoteError) -> Code:
    for kind, code in (
        (AccessRefused, Code.ACCESS_REFUSED),
        (NumberRefused, Code.REJECTED_BY_API),
        (Throttled, Code.RATE_LIMITED),
        (ServerFault, Code.SERVER_ERROR),
        (WrongAddress, Code.SERVER_ERROR),
    ):
        if isinstance(error, kind):
            return code
    return Code.NETWORK
