"""Every class of answer becomes the outcome that the API's description says, with the server as witness."""

from __future__ import annotations

import pytest

from ptx_bulk.applying import Attempts, Stop
from ptx_bulk.errors import WrongAddress
from ptx_bulk.model import ListKind
from tests.applying.conftest import Bench, additions, removals
from tests.faults import FaultyServer, always, scripted
from tests.faults import misbehaviour as bad
from tests.faults.misbehaviour import answering

NUMBER, STOP, NPAI = "+33600000000", ListKind.STOP, ListKind.NPAI
MANY = 1000


def refused(status: int, code: int | None = None):
    return answering(status, "{}" if code is None else f'{{"code":{code},"error":"no"}}')


# The last table of the API's description: the answers to a POST, one after the other, and what must come of it.
ADDITIONS = [
    ("documented", [], {}, ("applied", "ADDED", 1)),
    ("code 12", [refused(400, 12)], {}, ("unknown", "OUTCOME_UNKNOWN", 1, "claimed")),
    ("code 13", [refused(403, 13)], {}, ("unknown", "OUTCOME_UNKNOWN", 1, "claimed")),
    ("code 14", [refused(400, 14)], {}, ("unknown", "OUTCOME_UNKNOWN", 1, "claimed")),
    ("code 15", [refused(409, 15)], {}, ("unknown", "OUTCOME_UNKNOWN", 1, "claimed")),
    ("code 15 with 500", [bad.REFUSED_AS_LISTED_500], {}, ("unknown", "OUTCOME_UNKNOWN", 1, "claimed")),
    ("code 15 with 429", [refused(429, 15)], {}, ("unknown", "OUTCOME_UNKNOWN", 1, "claimed")),
    ("429, then code 15", [refused(429), refused(400, 15)], {}, ("unknown", "OUTCOME_UNKNOWN", 2, "claimed")),
    ("code 10", [refused(400, 10)], {}, ("failed", "REJECTED_BY_API", 1)),
    ("code 11", [refused(400, 11)], {}, ("failed", "REJECTED_BY_API", 1)),
    ("code 19", [refused(400, 19)], {}, ("failed", "REJECTED_BY_API", 1)),
    ("code 90", [refused(400, 90)], {}, ("failed", "REJECTED_BY_API", 1)),
    ("code 91", [refused(400, 91)], {}, ("failed", "REJECTED_BY_API", 1)),
    ("any 4xx with a body", [refused(422)], {}, ("failed", "REJECTED_BY_API", 1)),
    ("401", [refused(401)], {}, ("not_attempted", "ACCESS_REFUSED", 1)),
    ("403", [refused(403)], {}, ("not_attempted", "ACCESS_REFUSED", 1)),
    ("code 70", [refused(400, 70)], {}, ("not_attempted", "ACCESS_REFUSED", 1)),
    ("code 72", [refused(401, 72)], {}, ("not_attempted", "ACCESS_REFUSED", 1)),
    ("code 92", [refused(400, 92)], {}, ("not_attempted", "ACCESS_REFUSED", 1)),
    ("code 93", [refused(404, 93)], {}, ("not_attempted", "ACCESS_REFUSED", 1)),
    ("429 once", [refused(429)], {}, ("applied", "ADDED", 2)),
    ("code 74 once", [refused(400, 74)], {}, ("applied", "ADDED", 2)),
    ("code 76 once", [refused(400, 76)], {}, ("applied", "ADDED", 2)),
    ("429 always", [refused(429)] * MANY, {}, ("failed", "RATE_LIMITED", 6)),
    ("500 once", [bad.ERROR], {}, ("applied", "ADDED", 2)),
    ("500 always", [bad.ERROR] * MANY, {}, ("unknown", "SERVER_ERROR", 4, "lost")),
    ("HTML", [bad.BAD_GATEWAY], {}, ("applied", "ADDED", 2)),
    ("HTML with 200", [bad.HTML_OK], {}, ("applied", "ADDED", 2)),
    ("garbage with 200", [bad.GARBAGE_OK], {}, ("applied", "ADDED", 2)),
    ("an object without id", [bad.EMPTY_OBJECT_OK], {}, ("applied", "ADDED", 2)),
    ("a redirect", [bad.REDIRECT], {}, ("not_attempted", "INTERRUPTED", 1)),
    ("a redirect after the work", [answering(303)], {}, ("unknown", "SERVER_ERROR", 1, "lost")),
    ("code 60", [bad.NO_LIST], {}, ("not_attempted", "INTERRUPTED", 1)),
    ("405", [bad.NOT_ALLOWED], {}, ("not_attempted", "INTERRUPTED", 1)),
    ("404 of a proxy", [bad.KEPT_BY_PROXY], {}, ("not_attempted", "INTERRUPTED", 1)),
    ("lost after, then a redirect", [bad.RESET_AFTER, bad.REDIRECT], {}, ("unknown", "SERVER_ERROR", 2, "lost")),
    ("not HTTP", [bad.NOT_HTTP], {}, ("applied", "ADDED", 2)),
    ("lost before, once", [bad.RESET_BEFORE], {}, ("applied", "ADDED", 2)),
    ("lost after, then the old id", [bad.RESET_AFTER], {}, ("applied", "ADDED", 2)),
    ("lost after, then code 15", [bad.RESET_AFTER], {"listed_code": 15}, ("unknown", "OUTCOME_UNKNOWN", 2, "both")),
    ("lost after, then refused", [bad.RESET_AFTER, refused(400, 11)], {}, ("unknown", "REJECTED_BY_API", 2, "lost")),
    ("lost always", [bad.RESET_BEFORE] * MANY, {}, ("unknown", "NETWORK", 4, "lost")),
    ("throttled, then lost", [*[refused(429)] * 5, bad.RESET_BEFORE], {}, ("applied", "ADDED", 7)),
    (
        "lost after, then throttled",
        [bad.RESET_AFTER, *[refused(429)] * MANY],
        {},
        ("unknown", "RATE_LIMITED", 7, "lost"),
    ),
    ("lost after, then no key", [bad.RESET_AFTER, refused(401)], {}, ("unknown", "ACCESS_REFUSED", 2, "lost")),
]


@pytest.mark.parametrize(
    ("script", "server", "expected"), [case[1:] for case in ADDITIONS], ids=[c[0] for c in ADDITIONS]
)
def test_answers_to_an_addition(bench: Bench, script, server, expected):
    """Each answer to a POST, alone or after a lost one, ends as the table says; the list never gets a number twice."""
    witness = FaultyServer(scripted(script), **server)
    outcome = bench.send(witness, additions(1)).iloc[0]
    status, code, attempts, *doubt = expected
    assert (outcome["status"], outcome["code"], outcome["attempts"]) == (status, code, attempts)
    assert outcome["doubt"] == "".join(doubt)
    assert len(witness.calls) == outcome["attempts"]
    assert witness.effects.total() <= 1
    if expected[0] == "applied":
        assert witness.effects == {(STOP, NUMBER, "added"): 1}
        assert outcome["remote_id"] == witness.lists[STOP].get(NUMBER, "") or server
    if expected[0] in ("failed", "not_attempted"):
        assert not witness.effects


REMOVALS = [
    ("documented", [], {}, ("applied", "REMOVED", 1)),
    ("404", [bad.KEPT], {}, ("unknown", "OUTCOME_UNKNOWN", 1, "claimed")),
    ("404 without body", [answering(404)], {}, ("unknown", "OUTCOME_UNKNOWN", 1, "claimed")),
    ("404 of a proxy", [bad.KEPT_BY_PROXY], {}, ("unknown", "OUTCOME_UNKNOWN", 1, "claimed")),
    ("404, list not found", [bad.NO_LIST], {}, ("not_attempted", "INTERRUPTED", 1)),
    ("a redirect", [bad.REDIRECT], {}, ("not_attempted", "INTERRUPTED", 1)),
    ("refused", [refused(400, 11)], {}, ("failed", "REJECTED_BY_API", 1)),
    ("lost after, then 404", [bad.RESET_AFTER], {}, ("unknown", "OUTCOME_UNKNOWN", 2, "both")),
    ("lost before, then a false 404", [bad.RESET_BEFORE, bad.KEPT], {}, ("unknown", "OUTCOME_UNKNOWN", 2, "both")),
    ("lost after, then 204", [bad.RESET_AFTER], {"absent_status": 204}, ("applied", "REMOVED", 2)),
    ("lost before", [bad.CLOSE_BEFORE], {}, ("applied", "REMOVED", 2)),
]


@pytest.mark.parametrize(
    ("script", "server", "expected"), [case[1:] for case in REMOVALS], ids=[c[0] for c in REMOVALS]
)
def test_answers_to_a_removal(bench: Bench, script, server, expected):
    """Each answer to a DELETE ends as the table says; no 404 counts as "not on the list" before the list was read."""
    witness = FaultyServer(scripted(script), **server)
    witness.preload(NPAI, [NUMBER])
    outcome = bench.send(witness, removals(1)).iloc[0]
    status, code, attempts, *doubt = expected
    assert (outcome["status"], outcome["code"], outcome["attempts"]) == (status, code, attempts)
    assert outcome["doubt"] == "".join(doubt)
    assert (NUMBER in witness.lists[NPAI]) == (not witness.effects)
    assert status != "applied" or witness.effects


def test_every_spelling_of_a_number_is_removed(bench: Bench):
    """A number that the list holds under two spellings takes two calls and is one outcome."""
    witness = FaultyServer()
    witness.preload(NPAI, [NUMBER, "0600000000"])
    outcome = bench.send(witness, removals(1, twice=True)).iloc[0]
    assert (outcome["status"], outcome["attempts"], witness.lists[NPAI]) == ("applied", 2, {})


@pytest.mark.parametrize(
    ("script", "doubt"),
    [([bad.KEPT, None], "both"), ([None, bad.KEPT], "both"), ([bad.KEPT, bad.KEPT], "claimed"), ([None, None], "")],
)
def test_a_claim_about_one_spelling_is_a_doubt_about_the_number(bench: Bench, script, doubt):
    """Where any spelling is only said to be gone the number is in doubt, as the run's own work if another one went."""
    witness = FaultyServer(scripted(script))
    witness.preload(NPAI, [NUMBER, "0600000000"])
    outcome = bench.send(witness, removals(1, twice=True)).iloc[0]
    assert (outcome["status"], outcome["doubt"]) == ("unknown" if doubt else "applied", doubt)
    assert ("94" in outcome["message"]) == bool(doubt)


def test_a_number_that_is_half_removed_is_in_doubt(bench: Bench):
    """When the second spelling is refused after the first one went, only the list can tell what holds."""
    witness = FaultyServer(scripted([None, refused(401)]))
    witness.preload(NPAI, [NUMBER, "0600000000"])
    outcome = bench.send(witness, removals(1, twice=True)).iloc[0]
    assert (outcome["status"], outcome["code"]) == ("unknown", "ACCESS_REFUSED")


def test_what_an_earlier_run_left_in_doubt_is_its_own_work(bench: Bench):
    """A number that an interrupted run may have sent and that is said to be listed is its own, calls added up."""
    witness = FaultyServer(listed_code=15)
    witness.preload(STOP, [NUMBER])
    outcome = bench.send(witness, additions(1), earlier={0: Attempts(made=2, in_doubt=True)}).iloc[0]
    assert (outcome["status"], outcome["doubt"], outcome["attempts"]) == ("unknown", "both", 3)


def test_no_server_at_all_is_no_doubt(bench: Bench):
    """Where no connection can be made nothing was sent: failed for the network, not in doubt."""
    outcome = bench.send(FaultyServer(), additions(1), base_url="http://127.0.0.1:1").iloc[0]
    assert (outcome["status"], outcome["code"], outcome["attempts"]) == ("failed", "NETWORK", 4)


def test_the_apis_own_words_are_kept(bench: Bench):
    """Status, code and text of the last answer stand in the outcome."""
    witness = FaultyServer(always(answering(400, '{"code":19,"error":"Phone number is a fixed line"}')))
    outcome = bench.send(witness, additions(1)).iloc[0]
    assert (outcome["http_status"], outcome["api_code"]) == (400, 19)
    assert "Phone number is a fixed line" in outcome["message"]


@pytest.mark.parametrize("fault", [bad.REDIRECT, bad.NO_LIST, bad.NOT_ALLOWED], ids=repr)
def test_a_wrong_address_stops_all_at_once(bench: Bench, fault):
    """After the first answer about the address nothing new is sent, nothing repeated, and the error names the URL."""
    witness, stop = FaultyServer(scripted([None] * 20 + [fault] * MANY)), Stop()
    outcomes = bench.send(witness, additions(500), stop=stop)
    assert len(witness.calls) <= 20 + 8
    assert outcomes["status"].value_counts().to_dict() == {"applied": 20, "not_attempted": 480}
    assert isinstance(stop.error, WrongAddress)
    assert witness.url in str(stop.error)
