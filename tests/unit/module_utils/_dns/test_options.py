# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the options is said before anything is sent, and never with the secret in it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._dns import gss
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.arguments import SRV_RECORD
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.errors import InvalidInputError
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.options import (
    desired_of,
    domains_of,
    probe_timeout_of,
    server_settings,
    signer_of,
)

DEFAULTS: dict[str, Any] = {name: option.get("default") for name, option in SRV_RECORD.items()}
SECRET = "VGhpcyBpcyBhIHNlY3JldA=="


def record(host: str = "kms1.corp.test", **more: int) -> dict[str, Any]:
    return {"host": host, "port": 1688, "priority": 0, "weight": 0, **more}


def options(**given: Any) -> dict[str, Any]:
    return {**DEFAULTS, "domains": ["corp.test"], "records": [record()], **given}


def check(**given: Any) -> Any:
    """All checks, in the order of the module."""
    chosen = options(**given)
    domains_of(chosen)
    desired_of(chosen)
    settings = server_settings(chosen)
    return signer_of(chosen, settings.server, settings.timeout)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"domains": []}, "domains is empty"),
    ({"domains": ["10.0.0.1"]}, "domains: .* address"),
    ({"domains": ["_vlmcs._tcp.corp.test"]}, "names the records themselves"),
    ({"records": []}, "records is empty"),
    ({"records": [record("10.0.0.1")]}, r"records\[0\].host: .* address"),
    ({"records": [record(), record("kms2")]}, r"records\[1\].host: .* short name"),
    ({"records": [record(port=0)]}, r"records\[0\].port: invalid value 0: must be between 1 and 65535"),
    ({"records": [record(priority=65536)]}, r"records\[0\].priority"),
    ({"records": [record(weight=-1)]}, r"records\[0\].weight"),
    ({"records": [record(), record("KMS1.corp.test.", port=1689)]}, "twice with different values"),
    ({"ttl": -1}, "ttl: invalid value -1"),
    ({"ttl": 2**31}, "ttl"),
    ({"ttl": 60, "state": "absent"}, "ttl requires state=present"),
    ({"exclusive": True, "state": "absent"}, "exclusive requires state=present"),
    ({"refresh": True, "state": "absent"}, "refresh requires state=present"),
    ({"dns_server": "two words"}, "dns_server: "),
    ({"dns_server": "ns1:53"}, "dns_server: "),
    ({"domains": ["b\xfccher.test"]}, "domains: .* xn--"),
    ({"state": "absent", "records": [record("kms2")]}, r"records\[0\].host: .* short name.* kms2\. with a final dot"),
    ({"state": "absent", "records": [record("10.0.0.1")]}, r"address.* 10\.0\.0\.1\. with a final dot"),
    ({"state": "absent", "records": [record("two words.")]}, "contains a space"),
    ({"dns_port": 0}, "dns_port"),
    ({"dns_timeout": 0}, "dns_timeout"),
    ({"key_name": "k", "key_secret": SECRET}, "key_name, key_secret: requires authentication=tsig"),
    ({"authentication": "gss_tsig", "key_file": "/k"}, "key_file: requires authentication=tsig, but authentication is gss_tsig"),
    ({"authentication": "tsig", "principal": "p"}, "principal: requires authentication=gss_tsig"),
    ({"authentication": "tsig"}, "requires key_name and key_secret, or key_file"),
    ({"authentication": "tsig", "key_secret": SECRET}, "requires key_name and key_secret"),
    ({"authentication": "tsig", "key_name": f"hmac-sha256:k:{SECRET}", "key_secret": SECRET}, "key_name is no name"),
    ({"authentication": "tsig", "key_name": "k", "key_secret": "!"}, "no base64"),
    ({"authentication": "tsig", "key_name": "k", "key_secret": " "}, "key_secret is empty"),
    ({"authentication": "tsig", "key_name": "k", "key_secret": SECRET, "key_file": "/k"}, "mutually exclusive"),
]
BAD_LOGINS: list[tuple[dict[str, Any], str]] = [
    ({"password": "word"}, "password requires principal"),
    ({"principal": "p", "password": "word", "keytab": "/k"}, "password and keytab are mutually exclusive"),
    ({"dns_server": "192.0.2.1"}, "Kerberos identifies servers by name"),
]


@pytest.mark.parametrize(("given", "complaint"), BAD, ids=[complaint for _given, complaint in BAD])
def test_a_wrong_option_is_named_before_anything_is_sent(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint) as caught:
        check(**given)
    assert SECRET not in str(caught.value)


@pytest.mark.skipif(gss.MISSING is not None, reason="gssapi is missing")
@pytest.mark.parametrize(("given", "complaint"), BAD_LOGINS, ids=[complaint for _given, complaint in BAD_LOGINS])
def test_a_wrong_login_is_named_before_anything_is_sent(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint) as caught:
        check(authentication="gss_tsig", **given)
    assert "word" not in str(caught.value).replace("password", "")


def test_the_same_record_twice_is_one_and_so_is_the_same_domain() -> None:
    assert len(desired_of(options(records=[record(), record("KMS1.corp.test.")])).records) == 1
    assert domains_of(options(domains=["corp.test", "Corp.test.", "lab.test"])) == ["corp.test", "lab.test"]


def test_of_a_host_that_is_to_go_only_the_name_counts() -> None:
    desired = desired_of(options(state="absent", records=[record(), record("KMS1.corp.test.", port=1689), record("kms2."), record(".")]))
    assert [one.host for one in desired.records] == ["kms1.corp.test", "kms2", "."]


@pytest.mark.parametrize(("given", "taken"), [("[2001:db8::53]", "2001:db8::53"), ("192.0.2.53", "192.0.2.53"), ("ns1.", "ns1")])
def test_a_server_may_be_an_address_in_any_form(given: str, taken: str) -> None:
    assert server_settings(options(dns_server=given)).server == taken


def test_no_records_are_taken_with_exclusive_alone() -> None:
    assert desired_of(options(records=[], exclusive=True)).exclusive


def test_a_probe_waits_a_second_at_least() -> None:
    with pytest.raises(InvalidInputError, match="probe_timeout"):
        probe_timeout_of({"probe_timeout": 0})
