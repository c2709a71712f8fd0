# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Updates signed by Kerberos (GSS-TSIG): MIT's realm and BIND; three ways to log in, and every way it can fail."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import dns_servers
from kdc import REALM, Kdc, write_krb5_conf
from server_process import free_port

from .harness import Ansible, Result, Task, by_kerberos, error, only
from .servers.between import cut_off, overtaken
from .servers.bind import Bind, granted

ADMIN, PASSWORD = "kmsadmin", "a-password-of-the-tests"
NOBODY = "nobody"
ZONES = ("corp.test", "ticket.corp.test", "keytab.corp.test", "password.corp.test", "again.corp.test", "secret.corp.test", "lost.corp.test")
REFUSALS = {
    "no ticket": "no_ticket",
    "a keytab without the principal": "no_ticket",
    "a wrong password": "wrong_password",
    "an unknown user": "wrong_password",
    "an unknown server name": "unknown_server_principal",
    "a stale keytab of the server": "server_keytab_mismatch",
    "a server without Kerberos": "no_gss",
    "a user without a grant": "REFUSED",
    "no realm to ask": "kerberos_failed",
    "a wrong clock": "BADTIME",
}


@dataclass(frozen=True)
class Realm:
    """A KDC, and name servers that know it in different ways."""

    kdc: Kdc
    bind: Bind
    stale: Bind
    without: Bind

    def wish(self, domain: str, at: Bind | None = None, **more: Any) -> dict[str, Any]:
        """Options for one record; a password if nothing else is said."""
        options = {"service": f"DNS/ns1.corp.test@{REALM}", "principal": f"{ADMIN}@{REALM}", **more}
        if not {"password", "keytab", "ccache"} & set(options):
            options["password"] = PASSWORD
        options = {name: value for name, value in options.items() if value is not None}
        return by_kerberos(at or self.bind, domain, f"kms1.{domain}", **options)

    def keywords(self, **more: str) -> dict[str, Any]:
        """Where the task finds the realm, and no ticket of anybody else."""
        return {"environment": {"KRB5_CONFIG": str(self.kdc.krb5_conf), "KRB5CCNAME": f"{self.kdc.folder}/none", **more}}


@pytest.fixture(scope="module")
def realm(kdc: Kdc, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    """The realm with its users, and three BINDs."""
    folder = tmp_path_factory.mktemp("gss")
    kdc.add_principals({"DNS/ns1.corp.test": None, "DNS/stale.corp.test": None, ADMIN: PASSWORD, NOBODY: PASSWORD})
    keytab, old = kdc.keytab("dns.keytab", "DNS/ns1.corp.test"), kdc.keytab("stale.keytab", "DNS/stale.corp.test")
    kdc.new_keys("DNS/stale.corp.test")
    zones = {zone: granted(zone, f"{ADMIN}@{REALM}") for zone in ZONES}

    def bind(name: str, keys: Path | None) -> Bind:
        options = f'recursion no; tkey-gssapi-keytab "{keys}";' if keys else ""
        return Bind(folder / name, zones, options=options, environment=kdc.environment)

    servers = bind("good", keytab), bind("stale", old), bind("without", None)
    with ExitStack() as running:
        for server in servers:
            server.start()
            running.callback(server.stop)
        yield Realm(kdc, *servers)


def _ticket(kdc: Kdc) -> dict[str, Any]:
    return {"ccache": f"FILE:{kdc.ticket(ADMIN, PASSWORD)}", "principal": None}


def test_records_are_published_with_a_ticket_a_keytab_or_a_password_and_then_left_in_peace(realm: Realm, ansible: Ansible) -> None:
    logins: dict[str, dict[str, Any]] = {
        "ticket.corp.test": _ticket(realm.kdc),
        "keytab.corp.test": {"keytab": str(realm.kdc.keytab("admin.keytab", ADMIN))},
        "password.corp.test": {"password": PASSWORD},
    }
    wishes = [Task(realm.wish(domain, **login), realm.keywords()) for domain, login in logins.items()]
    with realm.bind.watched() as received:
        results = ansible.tasks(*wishes, *wishes)
    assert [(result["status"], result["changed"]) for result in results] == [("ok", True)] * 3 + [("ok", False)] * 3
    assert received.updates == 3
    assert [list(realm.bind.published(domain)) for domain in logins] == [[f"kms1.{domain}"] for domain in logins]


def test_a_server_that_forgets_the_session_in_the_middle_of_a_task_is_asked_for_a_new_one(realm: Realm, ansible: Ansible) -> None:
    domain = "again.corp.test"

    def restart() -> None:
        realm.bind.stop()
        # named keeps its sessions over a restart in this file; a crash leaves none.
        (realm.bind.folder / "_default.tsigkeys").unlink(missing_ok=True)
        realm.bind.start()

    with overtaken(realm.bind, restart) as port:
        result = ansible.task(realm.wish(domain, **_ticket(realm.kdc), dns_port=port), **realm.keywords())
    assert (result["status"], result["changed"], only(result)["updates_sent"]) == ("ok", True, 2)
    assert list(realm.bind.published(domain)) == [f"kms1.{domain}"]


def test_an_update_whose_answer_was_lost_counts_by_records_in_an_answer_that_the_session_signs(realm: Realm, ansible: Ansible) -> None:
    domain = "lost.corp.test"
    with cut_off(realm.bind) as port:
        wish = Task(realm.wish(domain, **_ticket(realm.kdc), dns_port=port), realm.keywords())
        done, again = ansible.tasks(wish, wish, warnings=True)
    assert [(result["status"], result["changed"]) for result in (done, again)] == [("ok", True), ("ok", False)]
    assert only(done)["confirmed_by"] == "signed_records"


def test_a_password_is_told_nowhere_however_much_a_run_is_asked_to_say(realm: Realm, ansible: Ansible) -> None:
    domain = "secret.corp.test"
    good, wrong = (realm.wish(domain, password=f"{{{{ {name} }}}}") for name in ("password", "another"))
    tasks = (Task(wrong, realm.keywords()), Task(good, realm.keywords()))
    results = ansible.tasks(*tasks, verbosity=4, warnings=True, variables={"password": PASSWORD, "another": "another-password"})
    assert [result["status"] for result in results] == ["failed", "ok"]
    told = ansible.output + json.dumps(results)
    assert PASSWORD not in told
    assert "another-password" not in told


@pytest.fixture(scope="module")
def results(realm: Realm, ansible: Ansible) -> Mapping[str, Result]:
    """One run for all failures."""
    nobody = realm.kdc.keytab("nobody.keytab", NOBODY)
    lost = write_krb5_conf(realm.kdc.folder / "lost.conf", REALM, free_port())
    wish, usual = realm.wish, realm.keywords()
    tasks = {
        "no ticket": Task(wish("corp.test", principal=None, password=None), usual),
        "a keytab without the principal": Task(wish("corp.test", keytab=str(nobody)), usual),
        "a wrong password": Task(wish("corp.test", password="another"), usual),
        "an unknown user": Task(wish("corp.test", principal=f"unheard-of@{REALM}"), usual),
        "an unknown server name": Task(wish("corp.test", service=f"DNS/alias.corp.test@{REALM}"), usual),
        "a stale keytab of the server": Task(wish("corp.test", realm.stale, service=f"DNS/stale.corp.test@{REALM}"), usual),
        "a server without Kerberos": Task(wish("corp.test", realm.without), usual),
        "a user without a grant": Task(wish("corp.test", principal=f"{NOBODY}@{REALM}"), usual),
        "no realm to ask": Task(wish("corp.test"), realm.keywords(KRB5_CONFIG=str(lost))),
    }
    clock = dns_servers.find("/usr/lib/*/faketime/libfaketime.so.1")
    if clock:
        tasks["a wrong clock"] = Task(wish("corp.test"), realm.keywords(LD_PRELOAD=clock, FAKETIME="-1h"))
    found = ansible.at_once({case.replace(" ", "_"): task for case, task in tasks.items()}, forks=4)
    return {case.replace("_", " "): result for case, result in found.items()}


@pytest.mark.parametrize("case", REFUSALS)
def test_each_failure_has_a_code_its_meaning_and_a_first_step(case: str, results: Mapping[str, Result]) -> None:
    if case == "a wrong clock" and case not in results:
        pytest.skip(f"as root: {dns_servers.apt_line(dns_servers.missing('clock'))}")
    assert error(results[case])["code"] == REFUSALS[case]


def test_a_failure_changes_nothing_and_reports_no_change(results: Mapping[str, Result], realm: Realm) -> None:
    assert not [case for case, result in results.items() if result["changed"]]
    assert realm.bind.published("corp.test") == {}
