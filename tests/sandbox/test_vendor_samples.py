"""The vendor's own samples work against the simulator: only host, key and the two known misprints are replaced.

The page that they come from has lost their line breaks, so those are put back. Where a sample's library is not
installed, a few lines over the language's own HTTP client stand for it; where the language is missing, it is said.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.child import rows, served, stop

PAGE = Path(__file__).parents[2].parent / "shared" / "reference" / "primotexto-listes-noires.txt"
NUMBER = "+33600000000"
EXPECTED = [
    (method, name, effect)
    for name in ("stop", "npai")
    for method, effect in (("POST", "added"), ("GET", "listed"), ("DELETE", "removed"))
]

pytestmark = pytest.mark.corpus

REQUESTS = """
import urllib.request
class Response:
    def __init__(self, answer): self.content = answer.read()
def call(method, url, data, headers):
    body = data.encode() if data else None
    return Response(urllib.request.urlopen(urllib.request.Request(url, body, headers or {}, method=method)))
def get(url, headers=None): return call("GET", url, None, headers)
def post(url, data, headers=None): return call("POST", url, data, headers)
def delete(url, headers=None): return call("DELETE", url, None, headers)
"""
NODE_REST_CLIENT = """
const http = require('http');
function call(method, url, options, done) {
  const request = http.request(url, { method, headers: options.headers }, response => {
    let text = '';
    response.on('data', part => { text += part; });
    response.on('end', () => done(text, response));
  });
  request.end(options.data ? JSON.stringify(options.data) : undefined);
}
exports.Client = class {
  get(url, options, done) { call('GET', url, options, done); }
  post(url, options, done) { call('POST', url, options, done); }
  delete(url, options, done) { call('DELETE', url, options, done); }
};
"""
REST_CLIENT_PM = """
package REST::Client;
use HTTP::Tiny;
sub new { return bless {}, shift }
sub call {
    my ($self, $method, $url, $content, $headers) = @_;
    $self->{answer} = HTTP::Tiny->new->request($method, $url, { content => $content, headers => $headers });
}
sub GET { my ($self, $url, $headers) = @_; $self->call('GET', $url, '', $headers) }
sub DELETE { my ($self, $url, $headers) = @_; $self->call('DELETE', $url, '', $headers) }
sub POST { my ($self, $url, $content, $headers) = @_; $self->call('POST', $url, $content, $headers) }
sub responseContent { my $self = shift; return $self->{answer}{content} }
1;
"""


def samples(start: str, url: str) -> list[str]:
    """The page's six samples whose line begins so, mended for this server."""
    if not PAGE.exists():
        pytest.skip(f"the vendor's page is not there: {PAGE.name}")
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if re.match(start, line)]
    assert len(lines) == 6
    for wrong, right in (
        ("https://api.primotexto.com", url),
        ("YOUR_API_KEY", "sandbox"),
        ("/defaults/", "/default/"),
        ("unsubcribers", "unsubscribers"),
    ):
        lines = [line.replace(wrong, right) for line in lines]
    return lines


def interpreter(*names: str) -> str:
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"{names[0]} is not installed")
    return found


def has_library(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def curl(sample: str, _folder: Path) -> list[str]:
    return [interpreter("curl"), "-sS", *shlex.split(sample.replace(" \\ ", " "))[1:]]


def python(sample: str, folder: Path) -> list[str]:
    if not has_library([sys.executable, "-c", "import requests"]):
        (folder / "requests.py").write_text(REQUESTS, "utf-8")
    words = sample.removeprefix("#!/usr/bin/env python ")
    lines = re.sub(r" (?=(?:apiKey|url|contact|response) = |print )", "\n", words)
    script = folder / "sample.py"
    script.write_text(re.sub(r"print (.*)", r"print(\1)", lines), "utf-8")  # Python 3's print
    return [sys.executable, str(script)]


def node(sample: str, folder: Path) -> list[str]:
    program = interpreter("node", "nodejs")
    if not has_library([program, "-e", "require('node-rest-client')"]):
        library = folder / "node_modules" / "node-rest-client.js"
        library.parent.mkdir(exist_ok=True)
        library.write_text(NODE_REST_CLIENT, "utf-8")
    script = folder / "sample.js"
    script.write_text(sample.removeprefix("// Installation -> npm install node-rest-client "), "utf-8")
    return [program, str(script)]


def perl(sample: str, folder: Path) -> list[str]:
    program = interpreter("perl")
    if not has_library([program, "-MREST::Client", "-e", "1"]):
        if not has_library([program, "-MHTTP::Tiny", "-e", "1"]):
            pytest.skip("perl has neither REST::Client nor HTTP::Tiny")
        (folder / "REST").mkdir(exist_ok=True)
        (folder / "REST" / "Client.pm").write_text(REST_CLIENT_PM, "utf-8")
    script = folder / "sample.pl"
    script.write_text(sample.removeprefix("#!/usr/bin/perl "), "utf-8")
    return [program, f"-I{folder}", str(script)]


def ruby(sample: str, folder: Path) -> list[str]:
    program = interpreter("ruby")
    if not has_library([program, "-rrest-client", "-e", "1"]):
        pytest.skip("ruby's rest-client is not installed")
    words = sample.removeprefix("#!/usr/bin/env ruby ").replace("<<-JSON_SMS ", "<<-JSON_SMS\n")
    lines = re.sub(r" (?=require |(?:apiKey|number|url) = |data= |request= |puts |JSON_SMS )", "\n", words)
    script = folder / "sample.rb"
    script.write_text(lines.replace("\nJSON_SMS ", "\nJSON_SMS\n"), "utf-8")
    return [program, str(script)]


@pytest.mark.parametrize(
    ("start", "command"),
    [
        (r"curl -X", curl),
        (r"#!/usr/bin/env python", python),
        (r"(// Installation -> npm .*)?var apiKey", node),
        (r"#!/usr/bin/perl", perl),
        (r"#!/usr/bin/env ruby", ruby),
    ],
    ids=["curl", "python", "node", "perl", "ruby"],
)
def test_the_vendors_samples_work(start: str, command: Callable[[str, Path], list[str]], tmp_path: Path) -> None:
    """Each of the six samples of a language does to the lists what its heading says."""
    state = tmp_path / "s.db"
    with served(state) as (url, process):
        for sample, (method, _list, _effect) in zip(samples(start, url), EXPECTED, strict=True):
            done = subprocess.run(
                command(sample, tmp_path), capture_output=True, text=True, timeout=30, check=False, cwd=tmp_path
            )
            assert done.returncode == 0, done.stderr
            shown = {"POST": r'"?id"?', "GET": re.escape(NUMBER), "DELETE": ""}[method]
            assert re.search(shown, done.stdout), done.stdout
        stop(process)
    assert rows(state, "SELECT method, list, effect FROM access ORDER BY seq") == EXPECTED
