# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records are told apart by their target, and only names that can stand in an SRV record are taken."""

from __future__ import annotations

import re

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._dns.model import (
    RecordSet,
    SrvRecord,
    in_order,
    parse_domain,
    parse_target,
    srv_owner_name,
)


@pytest.mark.parametrize(
    "text", ["10.0.0.1", "2001:db8::1", "[2001:db8::1]", "kms1", "kms1.corp example", "kms1.corp.example.com:1688", "-a.b", "", "."]
)
def test_what_cannot_be_the_target_of_a_record_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        parse_target(text)


@pytest.mark.parametrize("text", ["_vlmcs._tcp.corp.example.com", "_tcp.corp.example.com", "10.0.0.1", "a." * 125 + "example"])
def test_what_cannot_be_the_domain_of_clients_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        parse_domain(text)


def test_the_final_dot_is_left_out_and_put_back_on_the_way_to_the_server() -> None:
    assert parse_target("kms1.corp.example.com.") == parse_target("kms1.corp.example.com")
    assert parse_domain("corp.example.com.") == "corp.example.com"
    assert srv_owner_name("corp.example.com") == "_vlmcs._tcp.corp.example.com"
    assert SrvRecord("kms1.corp.example.com", 1688, 1, 2).data == "1 2 1688 kms1.corp.example.com."


def test_case_makes_no_other_host() -> None:
    assert SrvRecord("KMS1.corp.example.com").value == SrvRecord("kms1.Corp.example.com").value


def test_records_are_in_the_order_clients_try_them() -> None:
    last, heavy, light = SrvRecord("a.b.c", priority=10), SrvRecord("x.b.c", weight=9), SrvRecord("b.b.c", weight=1)
    assert in_order((last, light, heavy)) == (heavy, light, last)


def test_plain_data_does_not_depend_on_the_order_of_the_server() -> None:
    one, other = SrvRecord("a.b.c"), SrvRecord("b.b.c")
    assert RecordSet(5, (one, other)).as_dict() == RecordSet(5, (other, one)).as_dict()
