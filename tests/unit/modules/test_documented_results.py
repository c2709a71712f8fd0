# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module returns what its documentation promises, field by field."""

from __future__ import annotations

import dataclasses
from types import ModuleType

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.module_utils._dns import model as dns_model
from ansible_collections.winops.volume_activation.plugins.module_utils._dns import plan as dns_plan
from ansible_collections.winops.volume_activation.plugins.module_utils._dns import reading, render, result, service
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.discover import ZoneServer
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.errors import DnsError, InvalidInputError
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.exchange import NameServer
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.query import Zone
from ansible_collections.winops.volume_activation.plugins.module_utils._kms.probe import Probe
from ansible_collections.winops.volume_activation.plugins.modules import (
    activation_info,
    kms_client,
    kms_host,
    kms_srv_record,
    kms_srv_record_info,
    mak_client,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge import kms_client as kms_client_results
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge import result as _result
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_planning
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.mak_client import plan as mak_planning
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office import plan as office_planning
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key import plan as key_change
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key.model import ProductKeyDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.server_2003 import read as wpa
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.server_2003.generation import (
    ProductActivationGeneration,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.server_2003.model import (
    ProductActivation,
    SystemFile,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak import model as mak_model
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office import report as office_report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.click_to_run import (
    Microsoft365Licensing,
    click_to_run_of,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.installed import InstalledOffice
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.volume import (
    OfficeMachine,
    VolumeProduct,
    volume_products,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan import plan
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation_report import (
    activation_report as activation_of,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state import model, report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.tokens.model import IssuanceLicense, TokenLicense
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.tokens.report import describe_token_licenses

from .documented_modules import (
    ALL_MODULES,
    CONTROLLER_MODULES,
    MODULES,
    activated_state,
    assert_documented,
    documented,
)

CHANGERS = ["kms_client", "mak_client", "product_key"]
OWN_FIELDS = {name: {"activation", "activations_used", "rolled_back"} for name in ("kms_client", "mak_client")}
OWN_FIELDS["mak_client"] |= {"esu"}
"""What the action plugin of a module adds to the result all changers have."""


def with_esu(state: model.ActivationState) -> model.ActivationState:
    """The state with a license for Extended Security Updates beside Windows."""
    addon = dataclasses.replace(
        state.products[0], activation_id="1043add5-23b1-4afb-9a0f-64343c8f3f8d", is_addon=True, partial_product_key="2222Y"
    )
    return dataclasses.replace(state, products=(*state.products, addon))


def office_product() -> tuple[model.ActivationState, VolumeProduct]:
    """A machine with one Office product for KMS, and this product."""
    state = activated_state()
    described = {"name": "Office 21, Office21ProPlus2021VL_KMS_Client_AE edition", "description": "Office 21, VOLUME_KMSCLIENT channel"}
    client = dataclasses.replace(state.products[0], application=model.Application.OFFICE, application_id=model.OFFICE_ID, **described)
    state = dataclasses.replace(state, products=(client,))
    return state, volume_products(OfficeMachine(state))[0]


def test_activation_info_documents_exactly_what_it_returns() -> None:
    state = dataclasses.replace(
        with_esu(activated_state()), applications=frozenset(model.Application), office_service=model.LicensingService("14.0.370.400")
    )
    described = office_report.describe_with_office(state, InstalledOffice(click_to_run_of("O365ProPlusRetail"), Microsoft365Licensing()))
    returned = yaml.safe_load(activation_info.RETURN)
    described["token_licenses"] = describe_token_licenses([TokenLicense("a", IssuanceLicense("b", 1), 0xC004F306, state.os.time, "d", "i")])
    assert set(described) | {"error"} == set(returned)
    for name, field in returned.items():
        if "contains" in field and name not in {"error", "windows_product_activation"}:
            assert_documented(described[name], field["contains"], name)


def test_what_it_returns_of_windows_server_2003_is_documented_as_exactly() -> None:
    found = ProductActivation("OLD", "1-2-3-4", True, True, 12, None, (SystemFile("licdll.dll", "5.2.3790.0"),))
    state = activated_state()
    old = dataclasses.replace(
        state, products=(wpa.product_of(state.os, found),), service=wpa.service_of(), generation=ProductActivationGeneration(found)
    )
    described = report.describe(old)
    assert described["service"] is None
    assert_documented(described["windows_product_activation"], documented(activation_info, "windows_product_activation"), "wpa")


@pytest.mark.parametrize("name", CHANGERS)
def test_a_changer_documents_exactly_what_it_returns(name: str) -> None:
    state = activated_state()
    if name == "kms_client":
        planned = kms_planning.plan(state, KmsClientDesired(kms_host="kms01", convert_kms_host=True))
    elif name == "mak_client":
        desired = mak_model.MakDesired(ProductKey("MMMMM-KKKKK-MMMMM-22222-33333"), convert_kms_host=True)
        planned = mak_planning.plan(state, desired)
    else:
        planned = key_change.plan(state, ProductKeyDesired(present=False, convert_kms_host=True, lose_activation=True))
    outcome = plan.predict_license(planned)
    found = kms_client_results.describe(planned, outcome) if name == "kms_client" else _result.license_of(planned, outcome)
    result = {**_result.outcome_of(outcome, "host", check_mode=True), **found}
    returned = yaml.safe_load(MODULES[name].RETURN)
    assert set(result) - {"changed", "warnings"} | {"diff", "error"} | OWN_FIELDS.get(name, set()) == set(returned)
    for part in ("before", "after") if name == "kms_client" else ():
        result[part]["office_products"] = [office_planning.product_dict(*office_product())]
    for part in ("machine", "steps", "before", "after"):
        assert_documented(result[part], returned[part]["contains"], part)


@pytest.mark.parametrize(("module", "name"), [(kms_client, "activation"), (mak_client, "activation"), (kms_host, "activations")])
def test_every_activation_has_the_same_documented_fields(module: ModuleType, name: str) -> None:
    assert set(documented(module, name)) == set(activation_of("activated", "T83GX"))


@pytest.mark.parametrize("name", MODULES | CONTROLLER_MODULES)
def test_an_error_is_documented_field_by_field(name: str) -> None:
    refused = ProductKeyDesired(present=True)
    with pytest.raises(_result.TaskRefusedError) as refusal:
        key_change.plan(activated_state(), refused)
    failed = _result.failure(refusal.value, "host")
    assert set(failed["error"]) == set(documented(ALL_MODULES[name], "error"))


def published() -> tuple[dns_model.RecordSet, ZoneServer]:
    """A record, and where it is."""
    records = dns_model.RecordSet(300, (dns_model.SrvRecord("kms1.corp.test"),))
    return records, ZoneServer(Zone("corp.test", "ns1.corp.test", authoritative=True), NameServer("192.0.2.53"))


def test_kms_srv_record_documents_exactly_what_it_returns() -> None:
    records, place = published()
    desired = dns_plan.DesiredRecords(records.records)
    outcome = service.DomainOutcome("corp.test", place, dns_model.RecordSet(), records, problem=DnsError("timeout"))
    outcome.rendered = render.render("_vlmcs._tcp.corp.test", "corp.test", None, records, dns_plan.RecordChange())
    outcome.after, outcome.before = records, dns_model.RecordSet(300, (*records.records, dns_model.SrvRecord("kms2.corp.test")))
    given = result.result_of([outcome, service.DomainOutcome("x", place, dns_model.RecordSet(), records)], desired, diff=True)
    returned = yaml.safe_load(kms_srv_record.RETURN)
    assert set(given) - {"changed", "failed"} | {"error"} == set(returned)
    for part in ("domains", "diff"):
        assert_documented(given[part], returned[part]["contains"], part)
    assert set(result.refusal_of(DnsError("invalid_key_file"))["error"]) >= set(returned["error"]["sample"])
    assert set(DnsError("timeout").as_dict()) == set(InvalidInputError("x").explain().as_dict())


def test_kms_srv_record_info_documents_exactly_what_it_returns() -> None:
    records, place = published()
    probe = Probe("kms1.corp.test:1688", "kms1.corp.test", 1688, "192.0.2.10", "available", True, 3, "It answers.", ())
    contains = documented(kms_srv_record_info, "domains")
    error = contains.pop("error")["contains"]
    described = reading.described(reading.ZoneReading("corp.test", place, records), {("kms1.corp.test", 1688): probe.as_dict()})
    assert described.pop("error") is None
    assert_documented(described, contains, "domains")
    failed = reading.described(reading.ZoneReading("corp.test", problem=DnsError("timeout")), {})
    assert set(failed["error"]) == set(error)
