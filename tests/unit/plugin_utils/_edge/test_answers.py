# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module understands answers of a survey in a role of this collection, and is as strict as ever in a task of a user."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.action.kms_client import ActionModule as KmsClient
from ansible_collections.winops.volume_activation.plugins.action.kms_host import ActionModule as KmsHost
from ansible_collections.winops.volume_activation.plugins.action.mak_client import ActionModule as MakClient
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.arguments import SRV_RECORD
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.answers import is_task_of_role, understood
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.spec import InvalidOptionsError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._variables.answers import kinds_of

KEY = "MMMMM-KKKKK-MMMMM-HVTHP-2BCDF"
OF_ROLE = {"ansible_collection_name": "winops.volume_activation"}
OF_USER: list[dict[str, Any]] = [{}, {"ansible_collection_name": None}, {"ansible_collection_name": "site.windows"}]
SPECS = {"kms_client": KmsClient.SPEC, "kms_host": KmsHost.SPEC, "mak_client": MakClient.SPEC}


@pytest.mark.parametrize("module", SPECS)
def test_in_a_role_an_empty_text_is_the_default_of_every_option_but_a_key_and_a_limit(module: str) -> None:
    spec = SPECS[module]
    kinds = {name: option.kind() for name, option in spec.options.items()}
    given = {
        name: " \n" if name != "lookup_domain" else "" for name, kind in kinds.items() if not kind.is_secret and name != "max_activations"
    }
    expected = spec.validate({}) | ({"lookup_domain": ""} if module == "kms_client" else {})
    assert spec.validate(spec.answered(given, OF_ROLE)) == expected


@pytest.mark.parametrize(
    ("module", "arguments", "empty"),
    [
        ("kms_client", {"product_key": ""}, "product_key"),
        ("kms_client", {"fallback_key": " "}, "fallback_key"),
        ("mak_client", {"product_key": KEY, "max_activations": ""}, "max_activations"),
        ("kms_host", {"host_keys": ""}, "host_keys"),
        ("kms_host", {"host_keys": [{"product_key": ""}]}, "host_keys: item 1: product_key"),
    ],
)
def test_in_a_role_an_empty_key_or_limit_is_refused(module: str, arguments: dict[str, Any], empty: str) -> None:
    with pytest.raises(InvalidOptionsError) as refused:
        SPECS[module].answered(arguments, OF_ROLE)
    assert str(refused.value) == f"{module}: {empty} is empty: set the variable of the role, or remove it"


def test_in_a_role_a_text_of_lines_is_a_list() -> None:
    options = KmsClient.SPEC.validate(KmsClient.SPEC.answered({"probe_networks": "10.0.0.0/8\r\n\r\n192.168.0.0/16\n"}, OF_ROLE))
    assert options["probe_networks"] == KmsClient.SPEC.validate({"probe_networks": ["10.0.0.0/8", "192.168.0.0/16"]})["probe_networks"]


def test_in_a_role_texts_of_choices_are_switches_and_numbers() -> None:
    given = {"activate": "false", "kms_port": "1688", "kms_host": "kms.example.com", "activation_type": "kms"}
    options = KmsClient.SPEC.validate(KmsClient.SPEC.answered(given, OF_ROLE))
    assert (options["activate"], options["kms_port"]) == (False, 1688)


@pytest.mark.parametrize("variables", OF_USER)
@pytest.mark.parametrize("arguments", [{"kms_host": ""}, {"kms_port": ""}, {"activate": ""}, {"application": ""}, {"products": "a\nb"}])
def test_in_a_task_of_a_user_an_empty_text_is_a_wrong_value(variables: dict[str, Any], arguments: dict[str, Any]) -> None:
    assert not is_task_of_role(variables)
    with pytest.raises(InvalidOptionsError):
        KmsClient.SPEC.validate(KmsClient.SPEC.answered(arguments, variables))


def test_a_module_on_another_host_gets_only_what_was_answered() -> None:
    given = {"domains": "a.example\nb.example", "records": [{"host": "kms.example", "port": ""}], "ttl": "", "dns_server": ""}
    assert understood("kms_srv_record", given, kinds_of(SRV_RECORD)) == {
        "domains": ["a.example", "b.example"],
        "records": [{"host": "kms.example"}],
    }
    with pytest.raises(InvalidOptionsError, match=r"^kms_srv_record: key_secret is empty: "):
        understood("kms_srv_record", {**given, "key_secret": ""}, kinds_of(SRV_RECORD))
