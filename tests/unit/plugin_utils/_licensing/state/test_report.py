# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person reads in a result: the KMS host in use and how it was found, times, reasons, what is null and what is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.model import KmsClient
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state import report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OFFICE_ID,
    ActivationState,
    ActivationType,
    AdActivation,
    Application,
    Channel,
    KmsHost,
    LicensedProduct,
    LicenseStatus,
    RequestCounts,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.tokens.model import TokenActivation

Products = Callable[..., LicensedProduct]
States = Callable[..., ActivationState]
DISCOVERED = {"discovered_host": "kms7.corp.example", "discovered_port": 1688, "discovered_address": "10.0.0.7"}


@pytest.mark.parametrize(
    ("own", "service", "expected"),
    [
        ({"host": "a"}, {"host": "a"}, ("configured", "service", "a", 1688)),
        ({"host": "A.", "port": 1688}, {"host": "a"}, ("configured", "service", "A.", 1688)),
        ({"host": "b", "port": 1700}, {"host": "a"}, ("configured", "product", "b", 1700)),
        ({"host": "a", "port": 1700}, {"host": "a"}, ("configured", "product", "a", 1700)),
        ({"host": "b"}, {}, ("configured", "product", "b", 1688)),
        ({}, {"host": "a", "port": 1689}, ("configured", "service", "a", 1689)),
        ({"host": "a", **DISCOVERED}, {"host": "a", "lookup_domain": "x.example"}, ("configured", "service", "a", 1688)),
        ({"lookup_domain": "x.example", **DISCOVERED}, {}, ("lookup_domain", None, "kms7.corp.example", 1688)),
        (DISCOVERED, {}, ("discovered", None, "kms7.corp.example", 1688)),
        ({}, DISCOVERED, ("discovered", None, "kms7.corp.example", 1688)),
        ({}, {}, (None, None, None, None)),
    ],
)
def test_configured_host_beats_lookup_domain_beats_discovery(
    make_client: Products, make_state: States, own: dict[str, Any], service: dict[str, Any], expected: tuple[object, ...]
) -> None:
    client = make_client(kms=KmsClient(**own))
    found = report.describe_kms(make_state(client, service={"kms": KmsClient(**service)}), client)
    assert (found["source"], found["scope"], found["kms_host"], found["kms_port"]) == expected


def test_a_product_activated_by_active_directory_uses_no_kms_host(make_client: Products, make_state: States) -> None:
    ad = AdActivation("CorpAO", "CN=CorpAO", "pid", "id")
    client = make_client(used_type=ActivationType.AD, kms=KmsClient(host="a"), ad=ad)
    found = report.describe_product(make_state(client), client)
    assert found["kms"]["source"] == "ad"
    assert found["kms"]["kms_host"] is None
    assert found["activated_by"] == "ad"
    assert found["ad"]["object_dn"] == "CN=CorpAO"
    assert report.describe(make_state(client))["msg"].endswith("is licensed (gvlk, activation object CorpAO).")


@pytest.mark.parametrize(
    ("used_type", "way"), [(ActivationType.TOKEN, "token"), (None, "token"), (ActivationType.KMS, "kms"), (ActivationType.AD, "ad")]
)
def test_the_issuance_license_shows_a_token_where_windows_does_not_report_the_used_type(
    make_client: Products, make_state: States, used_type: ActivationType | None, way: str
) -> None:
    token = TokenActivation("2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42", 3)
    client = make_client(used_type=used_type, kms=KmsClient(host_extended_pid="03612-00206"), token=token)
    found = report.describe_product(make_state(client), client)
    assert found["activated_by"] == way
    assert found["token"]["issuance_license_version"] == 3
    assert report.describe_product(make_state(client), make_client())["token"] is None


def test_a_mak_is_permanent_and_uses_no_kms_host(make_mak: Products, make_state: States) -> None:
    mak = make_mak(kms=KmsClient(host="a"))
    found = report.describe_product(make_state(mak), mak)
    assert found["permanent"] is True
    assert found["expires"] is None
    assert found["kms"]["kms_host"] is None
    assert found["activated_by"] == "mak"


def test_expiry_is_the_machines_own_clock_plus_the_grace(make_client: Products, make_state: States) -> None:
    client = make_client(grace_minutes=60)
    found = report.describe_product(make_state(client, time=datetime(2030, 1, 1, tzinfo=timezone.utc)), client)
    assert found["expires"] == "2030-01-01T01:00:00Z"
    assert found["permanent"] is False


def test_the_reason_is_explained_with_symbol_and_meaning(make_client: Products, make_state: States) -> None:
    client = make_client(status=LicenseStatus.NOTIFICATION, reason=0xC004F009)
    found = report.describe_product(make_state(client), client)
    assert (found["status"], found["status_code"]) == ("notification", 5)
    assert found["reason"]["code"] == "0xC004F009"
    assert found["reason"]["symbol"].startswith("SL_E_")
    assert found["reason"]["meaning"]


@pytest.mark.parametrize(
    ("status", "licensed"),
    [
        (LicenseStatus.LICENSED, True),
        (LicenseStatus.EXTENDED_GRACE, True),
        (LicenseStatus.INITIAL_GRACE, False),
        (LicenseStatus.UNLICENSED, False),
    ],
)
def test_licensed_means_licensed_or_in_extended_grace(
    make_client: Products, make_state: States, status: LicenseStatus, licensed: bool
) -> None:
    assert report.describe(make_state(make_client(status=status)))["licensed"] is licensed


def test_a_machine_without_a_key_is_described_and_not_licensed(make_state: States, make_mak: Products) -> None:
    include_products_without_key = make_mak(partial_product_key=None, status=LicenseStatus.UNLICENSED)
    found = report.describe(make_state(include_products_without_key))
    assert found["licensed"] is False
    assert found["products"][0]["primary"] is False


def test_the_primary_product_is_keyed_no_add_on_and_rather_the_activated_one(
    make_client: Products, make_mak: Products, make_state: States
) -> None:
    addon = make_mak(activation_id="1", is_addon=True)
    leftover = make_mak(activation_id="2", status=LicenseStatus.NOTIFICATION)
    client = make_client(activation_id="3")
    state = make_state(addon, leftover, client)
    assert state.primary is client
    assert [item["primary"] for item in report.describe(state)["products"]] == [False, False, True]


def test_office_alone_is_licensed_when_every_product_is(make_mak: Products, make_state: States) -> None:
    office = make_mak(application=Application.OFFICE, application_id=OFFICE_ID)

    def only_office(*products: LicensedProduct) -> ActivationState:
        return replace(make_state(*products), applications=frozenset({Application.OFFICE}))

    assert report.is_licensed(only_office(office))
    assert not report.is_licensed(only_office(office, replace(office, activation_id="x", status=LicenseStatus.NOTIFICATION)))
    assert not report.is_licensed(only_office())


def test_a_licensed_office_does_not_license_a_windows_without_a_key(make_mak: Products, make_state: States) -> None:
    office = make_mak(application=Application.OFFICE, application_id=OFFICE_ID)
    both = replace(make_state(office), applications=frozenset(Application))
    assert report.is_licensed(both) is False


def test_a_kms_host_shows_its_count_and_eight_counters(make_mak: Products, make_state: States) -> None:
    counts = RequestCounts(826, 0, 0, 826, 0, 0, 0, 0)
    host = make_mak(channel=Channel.CSVLK, kms_host=KmsHost(True, 2, counts))
    found = report.describe(make_state(host, service={"kms_host": KmsHost(True, 2, counts), "listening_port": None}))
    assert found["products"][0]["host_role"] == {
        "current_count": 2,
        "request_counters": {
            "total": 826, "failed": 0, "unlicensed": 0, "licensed": 826, "initial_grace": 0,
            "expired_or_hardware_out_of_tolerance": 0, "non_genuine_grace": 0, "notification": 0,
        },
    }  # fmt: skip
    assert found["service"]["is_kms_host"] is True
    assert found["service"]["listening_port"] == 1688


def test_windows_6_0_counts_on_the_service_and_the_host_key_shows_it(make_mak: Products, make_state: States) -> None:
    host = make_mak(channel=Channel.CSVLK)
    state = make_state(host, service={"kms_host": KmsHost(True, 7)})
    assert report.describe_product(state, host)["host_role"]["current_count"] == 7
    assert report.describe_product(make_state(host), host)["host_role"] is None


def test_a_description_is_plain_json(make_client: Products, make_state: States) -> None:
    state = make_state(make_client(ad=AdActivation("a", "b", None, None)))
    assert json.loads(json.dumps(report.describe(state))) == report.describe(state)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"status": LicenseStatus.LICENSED}, "is licensed (gvlk)"),
        ({"status": LicenseStatus.INITIAL_GRACE}, "is in initial_grace (gvlk)"),
        ({"status": LicenseStatus.INITIAL_GRACE, "channel": Channel.UNKNOWN}, "is in initial_grace."),
        ({"status": LicenseStatus.UNLICENSED}, "is unlicensed (gvlk)"),
    ],
)
def test_the_message_has_the_status_and_the_channel_if_it_is_known(
    make_client: Products, make_state: States, changes: dict[str, Any], text: str
) -> None:
    assert text in report.describe(make_state(make_client(**changes)))["msg"]


@pytest.mark.parametrize(
    ("applications", "text"),
    [
        ({Application.OFFICE}, ": no Office product has a key."),
        ({Application.WINDOWS}, ": no Windows product has a key."),
        (set(Application), ": no product has a key."),
    ],
)
def test_the_message_without_a_key_names_the_application_that_was_read(
    make_state: States, applications: set[Application], text: str
) -> None:
    assert report.describe(replace(make_state(), applications=frozenset(applications)))["msg"].endswith(text)
