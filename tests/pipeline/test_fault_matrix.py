"""Every fault, alone and all together, through a whole run: nothing lost, nothing doubled, no untrue line, no crash."""

from __future__ import annotations

import asyncio
import itertools
import random
import socket
import ssl
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from typing import Self

import pytest
import trustme

from ptx_bulk import pipeline
from ptx_bulk.applying import Patience
from ptx_bulk.errors import NetworkFault, RemoteError
from ptx_bulk.model import Mode
from ptx_bulk.settings import load
from tests.faults import Fault, FaultyServer, Reply, Request
from tests.faults import misbehaviour as bad
from tests.pipeline.conftest import ALLOWED, NPAI, QUICK, Desk, check_truth, effects, nth_write, numbers, report

# A share of the calls is hit by each of these; a hit call is repeated until an honest answer comes.
LOSING = [
    bad.ERROR,
    bad.BAD_GATEWAY,
    bad.UNAVAILABLE,
    bad.THROTTLED,
    bad.HTML_OK,
    bad.GARBAGE_OK,
    bad.EMPTY_OBJECT_OK,
    bad.NOT_HTTP,
    bad.BROKEN_GZIP,
    bad.HANG,
    bad.RESET_BEFORE,
    bad.CLOSE_BEFORE,
]
# After these the change is made all the same.
MAKING = [
    bad.HANG_AFTER,
    bad.RESET_AFTER,
    bad.CLOSE_AFTER,
    bad.CUT_CHUNKS,
    bad.NO_LAST_CHUNK,
    bad.LENGTH_TOO_LONG,
    bad.LENGTH_TOO_SHORT,
    bad.CUT_GZIP,
    bad.CUT_UNTIL_CLOSE,
    bad.SLOW_DRIP,
]
# Answers that say "so it was before" although it was not; they are never repeated, and only the list can refute them.
CLAIMING = {
    "POST": [
        *(bad.answering(400, f'{{"code":{code},"error":"Number blacklisted"}}') for code in (12, 13, 14)),
        bad.REFUSED_AS_LISTED,
        bad.REFUSED_AS_LISTED_500,
    ],
    "DELETE": [bad.KEPT, bad.KEPT_BY_PROXY, bad.answering(404)],
}
# Answers about the address: one of them stops the run.
ELSEWHERE = [bad.REDIRECT, bad.NO_LIST, bad.NOT_ALLOWED]
SOUND = [bad.CHUNKED, bad.GZIPPED, bad.UNTIL_CLOSE]
ALL = [*LOSING, *MAKING, *SOUND]
NAMES = {id(fault): name.lower().replace("_", "-") for name, fault in vars(bad).items() if isinstance(fault, Fault)}
# An empty object is what the API says to a DELETE, and a removal has no body that could be cut.
FAIR_TO_A_REMOVAL = {bad.EMPTY_OBJECT_OK}
KEPT, ADDED, REMOVED = numbers(30), numbers(100, 100), numbers(100, 300)
PATIENT = {
    "timeout": 0.4,
    "concurrency": 32,
    "policy": replace(QUICK.policy, attempts=12, throttles=12, outage_after=5.0),
}


class Hits:
    """Behaviours that count how often they misbehaved."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()

    def at_random(self, faults: list[Fault], share: float, seed: int, spared: int = 0):
        """Each call after the first, spared ones is hit with this chance, by one of the faults."""
        chance = random.Random(seed)
        calls = itertools.count()

        def behave(request: Request) -> Fault | None:
            if next(calls) < spared or chance.random() >= share:
                return None
            return self._hit(request, chance.choice(faults))

        return behave

    def by_method(self, faults: dict[str, list[Fault]], share: float, seed: int):
        """Each call of these methods is hit with this chance, by one of its own faults."""
        chance = random.Random(seed)

        def behave(request: Request) -> Fault | None:
            if request.method not in faults or chance.random() >= share:
                return None
            return self._hit(request, chance.choice(faults[request.method]))

        return behave

    def always_for(self, fault: Fault, ending: str):
        """Every POST and DELETE of a number with this ending is hit."""

        def behave(request: Request) -> Fault | None:
            number = (request.target + request.body.decode()).rstrip('"}')
            return self._hit(request, fault) if request.method != "GET" and number.endswith(ending) else None

        return behave

    def _hit(self, request: Request, fault: Fault) -> Fault | None:
        if request.method == "DELETE" and fault in FAIR_TO_A_REMOVAL:
            return None
        self.count[NAMES.get(id(fault), fault.name)] += 1
        return fault


@pytest.fixture(scope="module")
def figures(request: pytest.FixtureRequest) -> Iterator[list[tuple[str, int, int, pipeline.Result]]]:
    """What was tried and what came of it; shown at the end with `pytest -v`."""
    rows: list[tuple[str, int, int, pipeline.Result]] = []
    yield rows
    if request.config.get_verbosity() > 0:
        with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            for name, calls, faults, result in rows:
                counts = ", ".join(f"{n} {status}" for status, n in result.summary.counts.items())
                print(f"\n{name:<45} {calls:>4} calls {faults:>4} faults  exit {result.exit_code}: {counts}", end="")  # noqa: T201


def synced(desk: Desk, **options):
    """A sync that adds 100, removes 100 and leaves 30 alone."""
    desk.server.preload(NPAI, [*KEPT, *REMOVED])
    return desk.write(Mode.SYNC, desk.file([*KEPT, *ADDED]), NPAI, yes=True, safeguards=ALLOWED, **options)


def all_done(desk: Desk, result: pipeline.Result) -> None:
    """The sync ended as if the server had never misbehaved."""
    check_truth(result, desk.server)
    assert (result.exit_code, result.summary.counts) == (0, {"applied": 200, "unchanged": 30})
    assert result.summary.verified == {"yes": 200, "no": 0}
    assert desk.listed(NPAI) == sorted([*KEPT, *ADDED])


@pytest.mark.slow
@pytest.mark.parametrize("fault", ALL, ids=lambda fault: NAMES[id(fault)])
def test_a_fault_on_every_fourth_call_changes_nothing(desk, figures, fault):
    """Whichever fault hits a quarter of all calls, list readings included, the run ends exact and verified."""
    hits = Hits()
    desk.server.behaviour = hits.at_random([fault], 0.25, seed=7)
    result = synced(desk, **PATIENT)
    figures.append((f"{NAMES[id(fault)]} on every fourth call", len(desk.server.calls), hits.count.total(), result))
    all_done(desk, result)
    assert hits.count.total() > 10


@pytest.mark.slow
@pytest.mark.parametrize("fault", ALL, ids=lambda fault: NAMES[id(fault)])
def test_a_fault_on_every_call_of_some_numbers_is_told_of_these(desk, figures, fault):
    """Where a fault never goes away for some numbers, they end as the list says: applied after check, or failed."""
    hits = Hits()
    desk.server.behaviour = hits.always_for(fault, "7")
    policy = replace(QUICK.policy, attempts=3, throttles=3, outage_after=30.0)
    result = synced(desk, timeout=0.4, concurrency=32, policy=policy)
    figures.append(
        (f"{NAMES[id(fault)]} on all calls of 20 numbers", len(desk.server.calls), hits.count.total(), result)
    )
    lines = check_truth(result, desk.server)
    hit = lines["e164"].str.endswith("7") & lines["action"].isin(["add", "remove"])
    assert set(lines.loc[~hit & (lines["action"] != "keep"), "status"]) == {"applied"}
    assert set(lines.loc[hit, "status"]) <= {"applied", "failed"}
    if fault in LOSING:
        spared = fault in FAIR_TO_A_REMOVAL
        assert set(lines.loc[hit & (lines["action"] == "add"), "status"]) == {"failed"}
        assert set(lines.loc[hit & (lines["action"] == "remove"), "status"]) == ({"applied"} if spared else {"failed"})
    else:
        assert set(lines.loc[hit, "status"]) == {"applied"}
    assert result.exit_code == (4 if fault in LOSING else 0)


@pytest.mark.parametrize(
    ("listed_code", "absent_status", "seed"), [(None, 404, 1), (15, 404, 2), (12, 204, 3), (None, 204, 4)]
)
def test_all_faults_mixed(tmp_path, figures, listed_code, absent_status, seed):
    """With every fault at once on a third of the calls, however the API answers what is there, all is exact."""
    (tmp_path / "files").mkdir()
    hits = Hits()
    quick = [fault for fault in ALL if fault not in (bad.HANG, bad.HANG_AFTER, bad.SLOW_DRIP)]
    with FaultyServer(listed_code=listed_code, absent_status=absent_status).running() as server:
        desk = Desk(tmp_path / "home", tmp_path / "files", server)
        server.behaviour = hits.at_random(quick, 0.33, seed)
        result = synced(desk, **PATIENT)
        all_done(desk, result)
        calls = len(server.calls)
    assert len(hits.count) > 15
    figures.append(
        (f"{len(quick)} faults mixed, {listed_code or 200} and {absent_status}", calls, hits.count.total(), result)
    )


@pytest.mark.slow
def test_all_faults_mixed_over_tls(tmp_path, monkeypatch):
    """The same over https with a certificate that the environment trusts: faults below the encryption lose nothing."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with authority.cert_pem.tempfile() as trusted, FaultyServer(tls=context).running() as server:
        monkeypatch.setenv("SSL_CERT_FILE", trusted)
        (tmp_path / "files").mkdir()
        desk = Desk(tmp_path / "home", tmp_path / "files", server)
        server.behaviour = Hits().at_random(ALL, 0.2, seed=5)
        all_done(desk, synced(desk, **PATIENT))


@pytest.mark.slow
@pytest.mark.parametrize("canary", [0, 50])
def test_false_claims_are_refuted_by_the_list(desk, figures, canary):
    """On every fourth call "listed already" or "not listed", falsely: failed, verified no, exit 4; resume mends it."""
    hits = Hits()
    desk.server.behaviour = hits.by_method(CLAIMING, 0.25, seed=11)
    result = synced(desk, canary=canary, **PATIENT)
    figures.append((f"false claims, canary {canary}", len(desk.server.calls), hits.count.total(), result))
    lines = check_truth(result, desk.server)
    refuted = lines[lines["code"] == "VERIFY_MISMATCH"]
    assert result.exit_code == (5 if canary else 4)
    assert 10 < len(refuted) == hits.count.total()
    assert set(refuted["status"] + refuted["verified"] + refuted["attempts"]) == {"failedno1"}
    words = ("code 12", "code 13", "code 14", "Number already exists", "not retrievable", "Not Found", "HTTP 404")
    assert refuted["message"].map(lambda message: any(word in message for word in words)).all()
    assert not lines["status"].isin(["unknown"]).any()
    desk.server.behaviour = lambda _request: None
    all_done(desk, desk.resume())


@pytest.mark.slow
def test_true_claims_are_confirmed_by_the_list(tmp_path, figures):
    """What somebody else changed meanwhile is unchanged and proven by the list, and not taken back by undo."""
    (tmp_path / "files").mkdir()
    with FaultyServer(listed_code=15).running() as server:
        desk = Desk(tmp_path / "home", tmp_path / "files", server)
        mine, theirs = numbers(10, 500), numbers(5, 100)

        def meanwhile() -> None:
            server.preload(NPAI, theirs)
            for number in REMOVED[:7]:
                del server.lists[NPAI][number]

        server.behaviour = nth_write(1, meanwhile)
        server.preload(NPAI, [*KEPT, *REMOVED])
        path = desk.file([*KEPT, *theirs, *mine])
        result = desk.write(Mode.SYNC, path, NPAI, yes=True, safeguards=ALLOWED, concurrency=1)
        lines = check_truth(result, server).set_index("e164")
        assert (result.exit_code, result.summary.counts) == (0, {"applied": 103, "unchanged": 42})
        assert set(lines.loc[theirs, "code"] + lines.loc[theirs, "verified"]) == {"ALREADY_LISTEDyes"}
        assert set(lines.loc[REMOVED[:7], "code"] + lines.loc[REMOVED[:7], "verified"]) == {"NOT_LISTEDyes"}
        undone = desk.undo(result.summary.run_id, yes=True, safeguards=ALLOWED)
        assert undone.summary.counts == {"applied": 103}
        assert desk.listed(NPAI) == sorted([*KEPT, *theirs, *REMOVED[7:]])


@pytest.mark.slow
@pytest.mark.parametrize("fault", ELSEWHERE, ids=lambda fault: NAMES[id(fault)])
def test_an_answer_about_the_address_stops_the_run(desk, figures, fault):
    """One redirect, code 60 or 405 in the middle ends the run at once with the URL named; resume does the rest."""
    hits = Hits()
    desk.server.behaviour = hits.at_random([fault], 0.1, seed=7, spared=40)
    result = synced(desk, **PATIENT)
    figures.append((f"{NAMES[id(fault)]} in the middle", len(desk.server.calls), hits.count.total(), result))
    lines = check_truth(result, desk.server)
    assert result.exit_code == 5
    assert desk.server.url in str(result.error)
    assert set(lines["status"]) <= {"applied", "unchanged", "not_attempted"}
    assert (lines["status"] == "not_attempted").sum() > 50
    desk.server.behaviour = lambda _request: None
    all_done(desk, desk.resume())


@pytest.mark.slow
@pytest.mark.parametrize("canary", [0, 20])
def test_a_list_that_shows_changes_late_is_waited_for(tmp_path, figures, canary):
    """A list that shows every change seconds late ends with exit 0 and all verified, said in one notice."""
    (tmp_path / "files").mkdir()
    with FaultyServer(late=1.5).running() as server:
        desk = Desk(tmp_path / "home", tmp_path / "files", server)
        result = synced(desk, canary=canary, patience=Patience(seconds=60, first=0.1))
        all_done(desk, result)
        figures.append((f"lists 1.5 s late, canary {canary}", len(server.calls), 0, result))
        waits = [notice for notice in desk.told.notices if notice.startswith("Waiting for the list to show")]
        assert len(waits) == (2 if canary else 1)


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "fault"), [(Mode.IMPORT, bad.REFUSED_AS_LISTED), (Mode.REMOVE, bad.KEPT)])
def test_without_verification_claims_stay_open(desk, mode, fault):
    """With --no-verify a claim is unknown with the API's words, exit 4, and nothing is read; resume settles it."""
    desk.server.preload(NPAI, REMOVED)
    method = "POST" if mode is Mode.IMPORT else "DELETE"
    desk.server.behaviour = lambda request: fault if request.method == method else None
    path = desk.file(ADDED if mode is Mode.IMPORT else REMOVED)
    result = desk.write(mode, path, NPAI, yes=True, safeguards=ALLOWED, verify=False)
    lines = check_truth(result, desk.server)
    assert (result.exit_code, result.summary.counts) == (4, {"unknown": 100})
    assert set(lines["code"] + lines["verified"]) == {"OUTCOME_UNKNOWN"}
    assert lines["message"].str.contains("already exists|not retrievable").all()
    assert sum(call.request.method == "GET" for call in desk.server.calls) == 2
    refuted = desk.resume(policy=replace(QUICK.policy, outage_after=30.0))
    assert (refuted.exit_code, refuted.summary.counts) == (4, {"failed": 100})
    desk.server.behaviour = lambda _request: None
    done = desk.resume()
    assert (done.exit_code, done.summary.counts) == (0, {"applied": 100})


def test_an_untrusted_certificate_sends_nothing(tmp_path):
    """A server whose certificate nobody vouches for gets no key and no number: exit 5, and the sentence says why."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    (tmp_path / "files").mkdir()
    with FaultyServer(tls=context).running() as server:
        desk = Desk(tmp_path / "home", tmp_path / "files", server)
        with pytest.raises(NetworkFault, match="certificate") as caught:
            synced(desk)
        assert caught.value.exit_code == 5
        assert not server.calls


def test_a_host_that_does_not_exist_is_exit_5(desk):
    """A base URL whose name cannot be resolved ends with exit 5 before anything is planned; the journal stays empty."""
    settings = load(base_url="https://nowhere.invalid", env={"PTX_HOME": str(desk.home), "PTX_API_KEY": "sandbox"})
    source = pipeline.Source(files=(str(desk.file(numbers(3))),))
    with pytest.raises(RemoteError, match=r"resolved|connection") as caught:
        pipeline.write(Mode.IMPORT, source, QUICK, pipeline.Reporting(folder=desk.folder), settings)
    assert caught.value.exit_code == 5
    assert pipeline.runs(settings) == []


def test_a_server_that_goes_away_is_an_outage(tmp_path):
    """When the server dies in the middle the run stops with exit 5; once it is back, resume does exactly the rest."""
    (tmp_path / "files").mkdir()
    server = FaultyServer()
    with server.running():
        desk = Desk(tmp_path / "home", tmp_path / "files", server)
        path = desk.file(numbers(300))

        def die() -> None:
            server._server.close()
            server.behaviour = lambda _request: bad.RESET_BEFORE

        server.behaviour = nth_write(50, die)
        stopped = desk.write(Mode.IMPORT, path, NPAI)
        assert stopped.exit_code == 5
        check_truth(stopped, server)
    done = effects(server)
    assert 0 < len(done) < 300
    revived = Revived(server)
    with revived.running():
        desk.server = revived
        result = desk.resume()
        assert (result.exit_code, result.summary.counts) == (0, {"applied": 300})
        check_truth(result, revived)


class Revived(FaultyServer):
    """The same lists and record, back on the same port."""

    def __init__(self, old: FaultyServer) -> None:
        super().__init__()
        self.lists, self.effects, self.calls, self.port = old.lists, old.effects, old.calls, old.port

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self


@pytest.mark.parametrize("years", [-20, 20])
def test_a_clock_that_is_years_off_does_not_matter(desk, years):
    """A Retry-After as a date counts from the server's own clock, however far that one is from ours."""
    now = 1_700_000_000 + years * 365 * 86_400

    def wire(_reply: Reply) -> bytes:
        head = f"Date: {formatdate(now, usegmt=True)}\r\nRetry-After: {formatdate(now + 1, usegmt=True)}"
        return f"HTTP/1.1 429 Too Many\r\n{head}\r\nContent-Length: 2\r\n\r\n{{}}".encode()

    throttled = Fault("clock", wire)
    seen = 0

    def behave(request: Request) -> Fault | None:
        nonlocal seen
        seen += request.method != "GET"
        return throttled if seen == 20 and request.method != "GET" else None

    desk.server.behaviour = behave
    all_done(desk, synced(desk))
    at = [call.at for call in desk.server.calls]
    assert 0.9 <= max(later - earlier for earlier, later in itertools.pairwise(at)) < 30


def test_over_ipv6(tmp_path):
    """A base URL with an IPv6 address works from reading to report."""
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    (tmp_path / "files").mkdir()
    with FaultyServer(host="::1").running() as server:
        desk = Desk(tmp_path / "home", tmp_path / "files", server)
        all_done(desk, synced(desk))


def test_a_refused_number_keeps_the_apis_words(desk):
    """A refused number is failed with status, code and text of the answer, and stands in the rejects file."""
    desk.server.behaviour = Hits().always_for(
        bad.answering(400, '{"code":19,"error":"Phone number is a fixed line"}'), "7"
    )
    result = synced(desk)
    lines = report(result)
    failed = lines[lines["status"] == "failed"]
    assert (result.exit_code, len(failed)) == (4, 20)
    assert set(failed["http_status"] + failed["api_code"]) == {"40019"}
    assert failed["message"].str.contains("Phone number is a fixed line").all()
    assert len(result.summary.reports) == 2
    check_truth(result, desk.server)
