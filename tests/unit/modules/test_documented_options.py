# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the documentation are those that the code takes, and their rules are told."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pytest
import yaml

import documented_options
from ansible_collections.winops.volume_activation.plugins.doc_fragments._activation import ModuleDocFragment as Activating
from ansible_collections.winops.volume_activation.plugins.module_utils._batch import options as batch_options
from ansible_collections.winops.volume_activation.plugins.module_utils._dns import arguments
from ansible_collections.winops.volume_activation.plugins.modules import (
    activation_info,
    kms_client,
    kms_endpoint_info,
    mak_client,
    product_key,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge import spec as _spec
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.rules import RULES
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.validators import CHECKS
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office.model import OfficeDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key.model import ProductKeyDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak import model as mak_model
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation import ActivationMethod
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state import model

from .documented_modules import (
    ALL_MODULES,
    CONTROLLER_MODULES,
    MODULES,
    PYTHON_MODULES,
    as_list,
    options_of,
)

SPECS = {
    "kms_endpoint_info": kms_endpoint_info.ARGUMENT_SPEC,
    "kms_srv_record": arguments.SRV_RECORD,
    "kms_srv_record_info": arguments.SRV_RECORD_INFO,
    "mak_activations_info": batch_options.ACTIVATIONS_INFO,
    "mak_confirmation_id": batch_options.CONFIRMATION_ID,
}
SECRETS = {"key_secret", "password", "http_proxy_password"}

RULE_WORDS = re.compile(r"\b(Needs|Cannot be combined|Required with|Mutually exclusive|Requires)\b")


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
    assert set(RULES) <= set(MODULES | CONTROLLER_MODULES)


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
