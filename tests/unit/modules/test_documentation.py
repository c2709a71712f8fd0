# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation promises is what the code takes and returns."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

import documented_options
from ansible_collections.winops.volume_activation.plugins.doc_fragments._activation import ModuleDocFragment as Activating
from ansible_collections.winops.volume_activation.plugins.module_utils._batch import options as batch_options
from ansible_collections.winops.volume_activation.plugins.module_utils._dns import arguments, reading, render, result, service
from ansible_collections.winops.volume_activation.plugins.module_utils._dns import model as dns_model
from ansible_collections.winops.volume_activation.plugins.module_utils._dns import plan as dns_plan
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.discover import ZoneServer
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.errors import DnsError, InvalidInputError
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.exchange import NameServer
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.query import Zone
from ansible_collections.winops.volume_activation.plugins.module_utils._kms.probe import Probe
from ansible_collections.winops.volume_activation.plugins.modules import (
    activation_check,
    activation_events_info,
    activation_fleet_info,
    activation_info,
    activation_merge,
    activation_policy,
    activation_report,
    genuine_info,
    kms_client,
    kms_endpoint_info,
    kms_event_archive,
    kms_host,
    kms_srv_record,
    kms_srv_record_info,
    license_file,
    machine_outcome,
    mak_activations_info,
    mak_client,
    mak_confirmation_id,
    product_key,
    rearm,
    windows_conformance,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge import kms_client as kms_client_results
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge import result as _result
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge import spec as _spec
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.rules import RULES
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.validators import CHECKS
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_planning
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.mak_client import plan as mak_planning
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office import plan as office_planning
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office.model import OfficeDesired
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
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation import ActivationMethod
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation_report import (
    activation_report as activation_of,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state import model, report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey

ROOT = Path(__file__).parents[3]
MODULES = {
    "activation_check": activation_check,
    "activation_events_info": activation_events_info,
    "activation_info": activation_info,
    "activation_policy": activation_policy,
    "genuine_info": genuine_info,
    "windows_conformance": windows_conformance,
    "kms_client": kms_client,
    "kms_event_archive": kms_event_archive,
    "kms_host": kms_host,
    "license_file": license_file,
    "mak_client": mak_client,
    "product_key": product_key,
    "rearm": rearm,
}
"""Those whose work is done by an action plugin; its options come from the documentation."""

PYTHON_MODULES = {
    "kms_endpoint_info": kms_endpoint_info,
    "kms_srv_record": kms_srv_record,
    "kms_srv_record_info": kms_srv_record_info,
    "mak_activations_info": mak_activations_info,
    "mak_confirmation_id": mak_confirmation_id,
}
"""Those that are sent to where the task runs, with an argument spec of their own."""

CONTROLLER_MODULES = {
    "activation_fleet_info": activation_fleet_info,
    "activation_merge": activation_merge,
    "activation_report": activation_report,
    "machine_outcome": machine_outcome,
}
"""Those whose action plugin is not about the machine of the task; the options come from the documentation."""
ONCE_FOR_A_PLAY = {"activation_fleet_info", "activation_merge", "activation_report"}

ALL_MODULES = MODULES | PYTHON_MODULES | CONTROLLER_MODULES

SPECS = {
    "kms_endpoint_info": kms_endpoint_info.ARGUMENT_SPEC,
    "kms_srv_record": arguments.SRV_RECORD,
    "kms_srv_record_info": arguments.SRV_RECORD_INFO,
    "mak_activations_info": batch_options.ACTIVATIONS_INFO,
    "mak_confirmation_id": batch_options.CONFIRMATION_ID,
}
SECRETS = {"key_secret", "password", "http_proxy_password"}
TYPES = ("str", "int", "bool", "list", "dict", "path")
CHANGERS = ["kms_client", "mak_client", "product_key"]
OWN_FIELDS = {name: {"activation", "activations_used", "rolled_back"} for name in ("kms_client", "mak_client")}
OWN_FIELDS["mak_client"] |= {"esu"}
"""What the action plugin of a module adds to the result all changers have."""

RULE_WORDS = re.compile(r"\b(Needs|Cannot be combined|Required with|Mutually exclusive|Requires)\b")


def options_of(module: ModuleType) -> dict[str, dict[str, Any]]:
    """The options of a module with those of its fragments. How to probe is left out: it is the same for every module, and no wish."""
    return documented_options.options_of(module.DOCUMENTATION, leave_out={"_probe"})


def as_list(description: str | list[str]) -> list[str]:
    """A description has one sentence or several."""
    return [description] if isinstance(description, str) else description


def leaves(fields: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, field in fields.items():
        yield f"{path}{name}", field
        yield from leaves(field.get("contains", {}), f"{path}{name}.")


def activated_state() -> model.ActivationState:
    """A state in which no part of a report is left out."""
    counts = model.RequestCounts(1, 1, 1, 1, 1, 1, 1, 1)
    host = model.KmsHost(enabled=True, current_count=31, requests=counts)
    product = model.LicensedProduct(
        activation_id="2de67392-b7a7-462a-b1ca-108dd189f588",
        application=model.Application.WINDOWS,
        application_id=model.WINDOWS_ID,
        name="Windows(R), Professional edition",
        description="Windows(R) Operating System, VOLUME_KMSCLIENT channel",
        channel=model.Channel.GVLK,
        channel_name="Volume:GVLK",
        family="Professional",
        status=model.LicenseStatus.LICENSED,
        partial_product_key="T83GX",
        reason=0x4004F040,
        grace_minutes=259200,
        kms_host=host,
        ad=model.AdActivation("a", "b", "c", "d"),
        urls=tuple((name, "https://example.com/") for name in documented(activation_info, "products")["urls"]["contains"]),
    )
    os = model.OperatingSystem(
        "W10", "Windows 10 Pro", "10.0.19045", 19045, model.ProductType.CLIENT, 1033, datetime(2026, 11, 20, tzinfo=timezone.utc)
    )
    service = model.LicensingService("10.0.19041.1", kms_host=host, subscription=model.Subscription(0, 0, "Enterprise", os.time))
    return model.ActivationState(os, service, (product,))


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


def documented(module: ModuleType, name: str) -> dict[str, Any]:
    contains: dict[str, Any] = yaml.safe_load(module.RETURN)[name]["contains"]
    return contains


def assert_documented(value: Any, contains: Mapping[str, Any], path: str) -> None:
    """Every key that is returned is documented, every documented key is returned, all the way down."""
    if isinstance(value, list):
        value = value[0]
    assert set(value) == set(contains), path
    for name, field in contains.items():
        if "contains" in field:
            assert_documented(value[name], field["contains"], f"{path}.{name}")


@pytest.mark.parametrize("name", ALL_MODULES)
def test_every_option_and_every_returned_field_is_described_and_typed(name: str) -> None:
    module = ALL_MODULES[name]
    for option, described in options_of(module).items():
        assert all(sentence.endswith(".") for sentence in as_list(described["description"])), option
        assert described["type"] in TYPES, option
    returned = yaml.safe_load(module.RETURN)
    assert all("returned" in field for field in returned.values())
    for path, field in leaves(returned):
        assert {"description", "type"} <= set(field), path
        assert "contains" in field or "sample" in field or field["type"] == "dict", path


@pytest.mark.parametrize("path", sorted((ROOT / "plugins" / "filter").glob("*.yml")), ids=lambda path: path.stem)
def test_every_filter_says_since_when_it_exists(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["DOCUMENTATION"]["version_added"]


@pytest.mark.parametrize("name", ALL_MODULES)
def test_every_module_says_since_when_it_exists(name: str) -> None:
    assert yaml.safe_load(ALL_MODULES[name].DOCUMENTATION)["version_added"]


@pytest.mark.parametrize("name", MODULES)
def test_the_descriptions_say_every_rule_and_no_other(name: str) -> None:
    options = options_of(MODULES[name])
    below = {f"{outer}[].{name}": inner for outer, option in options.items() for name, inner in option.get("suboptions", {}).items()}
    described = {path: " ".join(as_list(details["description"])) for path, details in (options | below).items()}
    rules = _spec.ModuleSpec.from_documentation(MODULES[name].DOCUMENTATION).rules
    assert [rule for rule in rules if rule.sentence not in described[rule.paths[0]]] == []
    assert len(RULE_WORDS.findall(" ".join(described.values()))) == len(rules)
    assert {rule.paths[1] for rule in rules} <= set(described)


@pytest.mark.parametrize("name", MODULES | CONTROLLER_MODULES)
def test_an_action_takes_all_options_that_are_documented(name: str) -> None:
    """An action that does not pass a fragment on would refuse the options of the fragment as unknown."""
    action = import_module(f"ansible_collections.winops.volume_activation.plugins.action.{name}").ActionModule
    assert set(action.SPEC.options) == set(documented_options.options_of(ALL_MODULES[name].DOCUMENTATION))


def test_every_check_of_a_value_is_about_an_option_there_is() -> None:
    """A renamed option would lose its check without a word."""
    options = [documented_options.options_of(module.DOCUMENTATION) for module in ALL_MODULES.values()]
    below = [option["suboptions"] for given in options for option in given.values() if "suboptions" in option]
    assert set(CHECKS) - {name for given in (*options, *below) for name in given} == set()


def test_every_rule_is_about_a_module_there_is() -> None:
    assert set(RULES) <= set(MODULES)


def test_options_of_kms_client_are_the_wishes_its_planning_knows() -> None:
    proof, choice = {"probe", "kms_host_info"}, {"application"}
    fields = {field.name for wish in (KmsClientDesired, OfficeDesired) for field in dataclasses.fields(wish)}
    assert set(options_of(kms_client)) - proof - choice == fields - {"with_windows"}


def test_options_of_product_key_are_the_wishes_its_planning_knows() -> None:
    wishes = {field.name for field in dataclasses.fields(ProductKeyDesired)}
    assert {"present" if name == "state" else name for name in options_of(product_key)} == wishes


def test_options_of_mak_client_are_the_wishes_its_planning_knows() -> None:
    wishes = {field.name for field in dataclasses.fields(mak_model.MakDesired)} - {"budget", "is_retried"}
    assert set(options_of(mak_client)) == wishes | {"confirmation_id_file", "max_activations", "planned_activations"}
    assert options_of(mak_client)["activation_method"]["choices"] == [method.value for method in ActivationMethod]


def test_the_two_sets_of_activation_methods_are_described_in_the_same_words() -> None:
    few, many = (yaml.safe_load(part)["options"]["activation_method"] for part in (Activating.TELEPHONE, Activating.PROXY))
    assert many["description"][: len(few["description"])] == few["description"]
    assert [choice for choice in many["choices"] if choice in few["choices"]] == few["choices"]


def test_choices_are_those_of_the_licensing_model() -> None:
    assert options_of(kms_client)["activation_type"]["choices"] == [kind.name.lower() for kind in model.ActivationType]
    assert options_of(product_key)["application"]["choices"] == [application.value for application in model.Application]
    text = activation_info.RETURN
    for values in (model.Channel, model.LicenseStatus, model.ProductType):
        assert all(f"V({value.name.lower()})" in text for value in values)


def test_activation_info_documents_exactly_what_it_returns() -> None:
    state = dataclasses.replace(
        with_esu(activated_state()), applications=frozenset(model.Application), office_service=model.LicensingService("14.0.370.400")
    )
    described = office_report.describe_with_office(state, InstalledOffice(click_to_run_of("O365ProPlusRetail"), Microsoft365Licensing()))
    returned = yaml.safe_load(activation_info.RETURN)
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


def test_every_module_has_an_action_plugin() -> None:
    assert {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")} == set(ALL_MODULES)


@pytest.fixture(scope="module")
def printed() -> dict[str, Any]:
    """What ansible-doc prints of every module, fragments included."""
    names = [f"winops.volume_activation.{name}" for name in ALL_MODULES]
    command = [sys.executable, "-m", "ansible", "doc", "-j", *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == ""
    pages: dict[str, Any] = json.loads(done.stdout)
    assert set(pages) == set(names)
    return {name.rpartition(".")[2]: page for name, page in pages.items()}


def test_ansible_doc_prints_every_module_without_a_warning(printed: Mapping[str, Any]) -> None:
    assert all(page["examples"] and page["return"] for page in printed.values())
    for name in MODULES:
        assert "become" in " ".join(printed[name]["doc"]["notes"])
        assert printed[name]["doc"]["attributes"]["async"]["support"] == "none"
    for name in CONTROLLER_MODULES:
        assert printed[name]["doc"]["attributes"]["bypass_host_loop"]["support"] == ("full" if name in ONCE_FOR_A_PLAY else "none")
    for name in PYTHON_MODULES | CONTROLLER_MODULES:
        assert printed[name]["doc"]["attributes"]["platform"]["platforms"] == "posix"
        assert {"check_mode", "diff_mode", "idempotent"} <= set(printed[name]["doc"]["attributes"])


def spec_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The argument spec that documented options come to."""
    spec = {}
    for name, option in options.items():
        kept = {key: option[key] for key in ("type", "elements", "default", "choices", "required") if option.get(key) is not None}
        kept = {key: value for key, value in kept.items() if (key, value) != ("required", False)}
        spec[name] = kept | ({"options": spec_of(option["suboptions"])} if "suboptions" in option else {})
    return spec


@pytest.mark.parametrize("name", PYTHON_MODULES)
def test_a_python_module_takes_exactly_the_options_it_documents(name: str, printed: Mapping[str, Any]) -> None:
    open_spec = {option: {key: value for key, value in spec.items() if key != "no_log"} for option, spec in SPECS[name].items()}
    assert spec_of(printed[name]["doc"]["options"]) == open_spec


def test_options_that_are_secrets_are_never_logged() -> None:
    for name, spec in SPECS.items():
        assert {option for option, given in spec.items() if given.get("no_log")} == SECRETS & set(spec), name


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
