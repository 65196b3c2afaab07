"""Requests to the local page, as people make them at its forms, and then changed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.conftest import SAMPLES
from tests.fuzz.inputs import books, contacts
from tests.fuzz.inputs.markup import VALUES
from tests.fuzz.inputs.mutations import TOKENS, mutated, mutated_package

PORT = 4711
HOSTS = (f"127.0.0.1:{PORT}", f"localhost:{PORT}")
_FIELDS = (
    *(
        "act",
        "list",
        "mode",
        "language",
        "version",
        "offline",
        "where.column",
        "where.sign",
        "where.value",
        "to",
        "style",
    ),
    *(
        "step",
        "since_date",
        "since",
        "sheet",
        "role.0.0",
        "role.0.1",
        "role.0.99999999999",
        "region",
        "reason",
        "profile",
    ),
    *("preset", "password", "page", "numbers", "max_removals", "key", "kept_for", "hidden_rows", "header.0", "fault"),
    *("ending", "encoding", "drop_numberless", "dialect", "delimiter", "crm", "controller", "contact", "choice", "v.0"),
    *("allow_stop_removal", "account", "accept", "v.1", "v.99999999999999999999", "work", "name", "kind", "role", ""),
)
_SAID = (
    *("plan", "read", "send", "yes", "no", "none", "all", "turn", "stop", "npai", "both", "import", "remove", "sync"),
    *("0", "1", "2", "-1", "5%", "100%", "FR", "ZZ", "fr", "en", "csv", "xlsx", "json", "parquet", "utf-16", "cp037"),
    *(
        "skip",
        "not",
        "any",
        "mobile",
        "phone",
        "ON_BOTH_LISTS",
        "MALFORMED",
        "excel-fr",
        "e164",
        "2026-02-30",
        "latest",
    ),
    *("a" * 5000, "\ud800", "\x00", "\u202e", "..", "../../etc/passwd", "con.csv", ".csv", "a/b\\c.xlsx", "é" * 300),
    *VALUES,
)
_HEADERS = (
    "host",
    "origin",
    "cookie",
    "referer",
    "content-length",
    "content-type",
    "sec-fetch-site",
    "accept",
    "range",
)


@dataclass
class Step:
    """One request; `{work}`, `{version}`, `{run}` and `{file}` stand for what the page has by then."""

    path: str
    form: list[list[str]] = field(default_factory=list)
    method: str = "POST"
    query: list[list[str]] = field(default_factory=list)
    headers: list[list[str]] = field(default_factory=list)
    body: str | None = None  # a character a byte
    cut: bool = False  # the browser goes away in the middle


def _upload(name: str, content: bytes, **about: str) -> Step:
    query = [["name", name], ["account", "0"], *([key, value] for key, value in about.items())]
    return Step("/upload", query=query, body=content.decode("latin-1"))


def _form(path: str, **values: str) -> Step:
    return Step(path, [["account", "0"], ["version", "{version}"], *([key, value] for key, value in values.items())])


def _get(path: str) -> Step:
    return Step(path, method="GET")


def ways(rng: random.Random) -> Iterator[list[Step]]:
    """What people do at the page."""
    name, content = rng.choice(
        (
            *(("stops.csv", (SAMPLES / "stops.csv").read_bytes()), ("a.csv", contacts.delimited(rng))),
            *(("a.xlsx", books.workbook(rng)), ("a.ods", books.opendocument(rng)), ("a.vcf", contacts.cards(rng))),
        )
    )
    if rng.random() < 0.3:
        content = (mutated_package if content[:2] == b"PK" else mutated)(content, rng)
    read = [_upload(name, content), _form("/works/{work}/begin", mode="import", list="stop"), _get("/works/{work}")]
    planned = [*read, _form("/works/{work}/reading", act="plan"), _get("/works/{work}")]
    done = [*planned, _form("/works/{work}/send", max_removals="100%", allow_stop_removal="yes", reason="essai")]
    after = [_get("/works/{work}"), _get("/works/{work}/files/{file}"), _get("/works/{work}/mend?page=1")]
    yield [*done, *after, _form("/works/{work}/mend", **{"v.0": "0612345678"}, act="send")]
    yield [*done, _form("/works/{work}/undo"), _form("/works/{work}/send", reason="faute"), _get("/runs/{run}")]
    choices = {
        "role.0.1": "phone",
        "header.0": "1",
        "region": "FR",
        "where.column": "Nom",
        "where.sign": "not",
        "where.value": "x",
    }
    yield [*read, _form("/works/{work}/reading", **choices), _get("/works/{work}"), _form("/works/{work}/again")]
    scrub = [_upload(name, content, kind="scrub"), _form("/works/{work}/begin", list="both", drop_numberless="yes")]
    yield [*done, *scrub, _form("/works/{work}/reading", act="plan"), *after]
    audit = [
        _form("/lists/audit"),
        _get("/works/{work}"),
        _form("/works/{work}/faults", fault="MALFORMED", list="stop", step="0"),
    ]
    yield [*done, *audit]
    yield [
        *done,
        _form("/lists/export", list="both", style="e164", ending="csv"),
        _get("/works/{work}"),
        _get("/lists"),
    ]
    yield [*done, _form("/lists/changes", since="latest", ending="csv"), _get("/works/{work}")]
    find = _form("/find", numbers="0612345678\n+33698765432", region="FR")
    yield [
        find,
        _get("/works/{work}"),
        _form("/works/{work}/dossier", language="fr", controller="x"),
        _get("/works/{work}/files/{file}"),
    ]
    yield [
        _get("/accounts"),
        _form("/accounts/choose", profile="shop"),
        _get("/"),
        _form("/language", language="fr"),
        _get("/runs"),
    ]
    yield [
        *planned,
        _form("/works/{work}/stop"),
        _form("/works/{work}/drop"),
        _get("/works/{work}"),
        _form("/runs/{run}/resume"),
    ]


def change(steps: list[Step], rng: random.Random) -> None:
    if not steps:
        return
    at = rng.randrange(len(steps))
    step, what = steps[at], rng.random()
    if what < 0.4:
        values = step.query if step.query and rng.random() < 0.4 else step.form
        place = rng.randrange(len(values) + 1)
        values[place : place + rng.randrange(2)] = [[rng.choice(_FIELDS), rng.choice(_SAID)]]
    elif what < 0.55:
        steps[at : at + rng.randrange(2)] = [
            Step(rng.choice(steps).path, [list(one) for one in step.form], step.method)
        ]
    elif what < 0.65:
        name = rng.choice(_HEADERS)
        token = rng.choice((*_SAID[:60], *HOSTS, *(f"http://{host}" for host in HOSTS), "null", "cross-site", "none"))
        step.headers.append([name, token.encode("latin-1", "replace").decode("latin-1")])
    elif what < 0.75:
        step.path = rng.choice(
            (
                step.path + rng.choice(("/", "/..", "%00", "?page=x", "//")),
                re.sub(r"\{\w+\}", rng.choice(_SAID).replace("{", ""), step.path),
            )
        )
    elif what < 0.85:
        raw = step.body.encode("latin-1", "replace") if step.body is not None else encoded(step.form)
        step.body = (mutated(raw, rng) if rng.random() < 0.6 else raw + rng.choice(TOKENS)).decode("latin-1")
    elif what < 0.9:
        step.cut = True
    elif what < 0.95:
        step.method = rng.choice(("GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE", "get"))
    else:
        other = rng.randrange(len(steps))
        steps[at], steps[other] = steps[other], steps[at]


def encoded(values: list[list[str]]) -> bytes:
    return urlencode([(key, value.encode("utf-8", "surrogatepass")) for key, value in values]).encode()
