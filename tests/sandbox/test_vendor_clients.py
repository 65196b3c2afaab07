"""Clients that call as the vendor's libraries do; where a language is missing, that is said.

The programs are our own; what they imitate is the libraries' way of calling: the PHP library's base URL ends in a
slash and its paths begin with one, and it sends an id that is null.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.sandbox.child import rows, served, stop

PHP = r"""<?php
[, $base, $key] = $argv;
function call($method, $path, $body = null) {
    global $base, $key;
    $headers = ['X-Primotexto-ApiKey: ' . $key, 'Content-Type: application/json'];
    $options = ['method' => $method, 'header' => $headers, 'ignore_errors' => true, 'timeout' => 20];
    if ($body !== null) { $options['content'] = json_encode($body); }
    $text = file_get_contents($base . $path, false, stream_context_create(['http' => $options]));
    preg_match('/ ([0-9]{3})/', $http_response_header[0], $status);
    echo json_encode([$method, (int) $status[1], json_decode($text)]), "\n";
}
foreach (['unsubscribers', 'bounces'] as $type) {
    $contact = new stdClass; $contact->identifier = '+33600000000'; $contact->id = null;
    call('POST', "/$type/default/contacts", $contact);
    call('GET', "/$type/default/contacts");
    call('DELETE', "/$type/default/contacts?identifier=" . urlencode('+33600000000'));
}
call('GET', '/account/stats');
"""
RUBY = r"""
require 'json'
require 'net/http'
require 'uri'
base, key = ARGV
call = lambda do |method, path, body = nil|
  uri = URI(base.chomp('/') + path)
  kinds = { 'POST' => Net::HTTP::Post, 'GET' => Net::HTTP::Get, 'DELETE' => Net::HTTP::Delete }
  request = kinds[method].new(uri, { 'X-Primotexto-ApiKey' => key, 'Content-Type' => 'application/json' })
  request.body = body.to_json if body
  answer = Net::HTTP.start(uri.host, uri.port) { |http| http.request(request) }
  text = answer.body.to_s
  puts [method, answer.code.to_i, text.empty? ? nil : JSON.parse(text)].to_json
end
%w[unsubscribers bounces].each do |type|
  call.('POST', "/#{type}/default/contacts", { 'identifier' => '+33600000000' })
  call.('GET', "/#{type}/default/contacts")
  call.('DELETE', "/#{type}/default/contacts?identifier=%2B33600000000")
end
call.('GET', '/account/stats')
"""


@pytest.mark.parametrize(("program", "ending", "text"), [("php", ".php", PHP), ("ruby", ".rb", RUBY)])
def test_a_client_like_the_vendors_works(program: str, ending: str, text: str, tmp_path: Path) -> None:
    """Adding, reading and removing on both lists and asking for the counts work as the vendor's library calls them."""
    interpreter = shutil.which(program)
    if interpreter is None:
        pytest.skip(f"{program} is not installed")
    script, state = tmp_path / f"client{ending}", tmp_path / "s.db"
    script.write_text(text, "utf-8")
    with served(state) as (url, process):
        done = subprocess.run(
            [interpreter, str(script), f"{url}/v2/", "sandbox"], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        stop(process)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(method, status) for method, status, _body in told] == [
        *[("POST", 200), ("GET", 200), ("DELETE", 204)] * 2,
        ("GET", 200),
    ]
    assert [entry["identifier"] for entry in told[1][2]] == ["+33600000000"]
    assert told[6][2]["unsubscribers"] == told[6][2]["bounces"] == 0
    assert rows(state, "SELECT list, effect FROM access WHERE effect IN ('added', 'removed') ORDER BY seq") == [
        *[("stop", "added"), ("stop", "removed"), ("npai", "added"), ("npai", "removed")],
    ]
