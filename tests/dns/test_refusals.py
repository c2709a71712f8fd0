# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every refusal a server with TSIG keys is known for (and every way to it that is shut) becomes an error a person understands."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass

import pytest

import dns_servers
from server_process import LOOPBACK, free_port

from .conftest import need
from .harness import Ansible, Result, Task, by_tsig, error, unsigned
from .servers.between import split
from .servers.bind import Bind, granted

OTHER_SECRET = "YW5vdGhlciBzZWNyZXQsIGZvciBubyBzZXJ2ZXIgZWl0aGVy"
REFUSALS = {
    "an unknown key": "BADKEY",
    "the same key with another algorithm": "BADKEY",
    "a wrong secret": "BADSIG",
    "a wrong clock": "BADTIME",
    "a key without a grant": "REFUSED",
    "no signature": "REFUSED",
    "a zone without updates": "REFUSED",
    "a secondary": "REFUSED",
    "a zone that went elsewhere": "NOTAUTH",
    "a resolver": "not_authoritative",
    "a journal that cannot be written": "SERVFAIL",
    "a server that does not keep what it takes": "not_verified",
    "a closed port": "connection_refused",
    "a server that hangs up": "connection_lost",
    "a server that says nothing": "timeout",
    "a name without an address": "name_not_found",
}


@dataclass(frozen=True)
class Servers:
    """BIND in several roles."""

    primary: Bind
    secondary: Bind
    resolver: Bind


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A primary, a secondary of it, and a resolver that asks it."""
    need("bind")
    folder = tmp_path_factory.mktemp("refusals")
    primary = Bind(
        folder / "primary",
        {
            "good.test": granted("good.test"),
            "static.test": "allow-update { none; };",
            "stuck.test": f'{granted("stuck.test")} journal "nowhere/stuck.jnl";',
        },
    )
    secondary = Bind(
        folder / "secondary",
        {"good.test": f'type secondary; file "copy.db"; primaries {{ {LOOPBACK} port {primary.port}; }};', "else.test": ""},
    )
    forward = f"type forward; forward only; forwarders {{ {LOOPBACK} port {primary.port}; }};"
    resolver = Bind(folder / "resolver", {"else.test": "", "good.test": forward}, options="recursion yes;")
    with ExitStack() as running:
        for server in (primary, secondary, resolver):
            server.start()
            running.callback(server.stop)
        yield Servers(primary, secondary, resolver)


@pytest.fixture(scope="module")
def silent() -> Iterator[int]:
    """A port where connections are taken and nothing is ever said."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture(scope="module")
def hangs_up() -> Iterator[int]:
    """A port where connections are taken and closed."""

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                listener.accept()[0].close()

    with socket.create_server((LOOPBACK, 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def results(servers: Servers, silent: int, hangs_up: int, ansible: Ansible) -> Iterator[Mapping[str, Result]]:
    """One run for all of them."""
    clock = dns_servers.find("/usr/lib/*/faketime/libfaketime.so.1")
    with split(servers.primary, servers.resolver) as went, split(servers.secondary, servers.primary) as forgets:
        wishes = _wishes(servers, {"silent": silent, "hangs up": hangs_up, "went": went, "forgets": forgets})
        tasks = {case: Task(wish) for case, wish in wishes.items()}
        if clock:
            late = {"LD_PRELOAD": clock, "FAKETIME": "-1h", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
            tasks["a wrong clock"] = Task(by_tsig(servers.primary, "good.test", "kms1.good.test"), {"environment": late})
        yield {case.replace("_", " "): result for case, result in ansible.at_once(_named(tasks), forks=4).items()}


def _named(tasks: Mapping[str, Task]) -> dict[str, Task]:
    """Names of hosts have no blanks."""
    return {case.replace(" ", "_"): task for case, task in tasks.items()}


def _wishes(servers: Servers, ports: Mapping[str, int]) -> dict[str, dict[str, object]]:
    primary, host = servers.primary, "kms1.good.test"
    return {
        "an unknown key": by_tsig(primary, "good.test", host, key_name="unheard-of"),
        "the same key with another algorithm": by_tsig(primary, "good.test", host, key_algorithm="hmac-sha512"),
        "a wrong secret": by_tsig(primary, "good.test", host, key_secret=OTHER_SECRET),
        "a key without a grant": by_tsig(primary, "good.test", host, key_name="nobodys"),
        "no signature": unsigned(primary, "good.test", host),
        "a zone without updates": by_tsig(primary, "static.test", host),
        "a secondary": by_tsig(servers.secondary, "good.test", host),
        "a zone that went elsewhere": by_tsig(primary, "static.test", host, dns_port=ports["went"]),
        "a resolver": by_tsig(servers.resolver, "good.test", host),
        "a journal that cannot be written": by_tsig(primary, "stuck.test", host),
        "a server that does not keep what it takes": by_tsig(primary, "good.test", "kms2.good.test", dns_port=ports["forgets"]),
        "a closed port": by_tsig(primary, "good.test", host, dns_port=free_port()),
        "a server that hangs up": by_tsig(primary, "good.test", host, dns_port=ports["hangs up"]),
        "a server that says nothing": by_tsig(primary, "good.test", host, dns_port=ports["silent"], dns_timeout=1),
        "a name without an address": by_tsig(primary, "good.test", host, dns_server="no-such-server.invalid"),
    }


@pytest.mark.parametrize("case", REFUSALS)
def test_each_failure_has_a_code_its_meaning_and_a_first_step(case: str, results: Mapping[str, Result]) -> None:
    if case == "a wrong clock" and case not in results:
        pytest.skip(f"as root: {dns_servers.apt_line(dns_servers.missing('clock'))}")
    assert error(results[case])["code"] == REFUSALS[case]


def test_a_failure_changes_nothing_and_reports_no_change(results: Mapping[str, Result], servers: Servers) -> None:
    uncertain = "a server that does not keep what it takes"
    assert not [case for case, result in results.items() if result["changed"] and case != uncertain]
    assert set(servers.primary.published("good.test")) <= {"kms2.good.test"}
    assert servers.primary.published("static.test") == servers.primary.published("stuck.test") == {}
