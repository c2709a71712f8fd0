# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The spec of a module is what its documentation says, and nothing else."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.doc_fragments._activation import ModuleDocFragment as Activating
from ansible_collections.winops.volume_activation.plugins.doc_fragments._kms_settings import ModuleDocFragment as Settings
from ansible_collections.winops.volume_activation.plugins.doc_fragments._office import ModuleDocFragment as Office
from ansible_collections.winops.volume_activation.plugins.doc_fragments._probe import ModuleDocFragment as Probing
from ansible_collections.winops.volume_activation.plugins.doc_fragments._selection import ModuleDocFragment as Selecting
from ansible_collections.winops.volume_activation.plugins.doc_fragments._time_range import ModuleDocFragment as TimeRange
from ansible_collections.winops.volume_activation.plugins.modules import (
    activation_check,
    activation_events_info,
    activation_info,
    kms_client,
    kms_host,
    license_file,
    mak_client,
    product_key,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.spec import InvalidOptionsError, ModuleSpec
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey

KEY = "MMMMM-KKKKK-MMMMM-HVTHP-2BCDF"

KMS_CLIENT = ModuleSpec.from_documentation(kms_client.DOCUMENTATION, Probing, Activating, Settings, Office)
PRODUCT_KEY = ModuleSpec.from_documentation(product_key.DOCUMENTATION, Selecting)
KMS_HOST = ModuleSpec.from_documentation(kms_host.DOCUMENTATION, Activating)
MAK_CLIENT = ModuleSpec.from_documentation(mak_client.DOCUMENTATION, Activating)
ACTIVATION_CHECK = ModuleSpec.from_documentation(activation_check.DOCUMENTATION, Probing)
LICENSE_FILE = ModuleSpec.from_documentation(license_file.DOCUMENTATION)
ACTIVATION_INFO = ModuleSpec.from_documentation(activation_info.DOCUMENTATION)
EVENTS_INFO = ModuleSpec.from_documentation(activation_events_info.DOCUMENTATION, TimeRange)


def complaint(spec: ModuleSpec, arguments: dict[str, Any]) -> str:
    with pytest.raises(InvalidOptionsError) as wrong:
        spec.validate(arguments)
    return str(wrong.value)


def test_defaults_come_from_the_documentation_and_what_is_not_set_is_none() -> None:
    assert ACTIVATION_INFO.validate({}) == {
        "application": "windows",
        "include_products_without_key": False,
        "application_settings": False,
        "include_token_licenses": False,
    }
    options = KMS_CLIENT.validate({})
    assert options["product_key"] == "auto"
    assert options["activate"] is True
    assert options["retry_timeout"] == 0
    assert {name for name, value in options.items() if value is None} == {
        "kms_host",
        "kms_port",
        "discovery",
        "lookup_domain",
        "host_caching",
        "activation_type",
        "fallback_key",
        "dns_server",
        "products",
    }


def test_options_of_a_fragment_are_options_of_the_module_and_checked_as_such() -> None:
    options = KMS_CLIENT.validate({"dns_port": "5353", "probe_networks": "127.0.0.0/8, fd00::/8"})
    assert (options["dns_port"], options["dns_timeout"], options["probe_timeout"]) == (5353, 10, 5)
    assert [str(network) for network in options["probe_networks"]] == ["127.0.0.0/8", "fd00::/8"]
    assert "the network is 10.0.0.0/8" in complaint(KMS_CLIENT, {"probe_networks": ["10.1.0.0/8"]})


def test_a_list_of_dictionaries_without_suboptions_takes_any_dictionary_and_nothing_else() -> None:
    results = [{"products": [], "machine": {"computer_name": "KMS01"}}, {"unreachable": True}]
    assert KMS_CLIENT.validate({"kms_host_info": results})["kms_host_info"] == results
    assert "is not a dictionary" in complaint(KMS_CLIENT, {"kms_host_info": ["KMS01"]})


def test_the_fallback_key_is_a_secret_like_the_key() -> None:
    assert KEY in KMS_CLIENT.secrets({"fallback_key": KEY})
    assert KEY not in complaint(KMS_CLIENT, {"fallback_key": f"{KEY}X"})


def test_values_are_converted_to_the_documented_type() -> None:
    options = KMS_CLIENT.validate({"kms_host": "kms01", "kms_port": "1688", "host_caching": "yes", "retry_timeout": "60"})
    assert (options["kms_port"], options["host_caching"], options["retry_timeout"]) == (1688, True, 60)


def test_null_is_the_same_as_not_set() -> None:
    assert KMS_CLIENT.validate({"kms_host": None, "kms_port": None}) == KMS_CLIENT.validate({})


@pytest.mark.parametrize(
    "broken",
    [
        {"machine": {"computer_name": "k"}, "products": [{}]},
        {"machine": {"computer_name": "k"}, "products": None},
        {"machine": {"computer_name": "k"}, "products": [1]},
        {"machine": {"computer_name": "k"}, "products": {"a": 1}},
        {
            "machine": {"computer_name": "k"},
            "products": [{"channel": "csvlk", "application": "windows", "kms_host": {"current_count": "many"}}],
        },
    ],
)
def test_a_result_of_a_kms_host_that_somebody_took_apart_is_named(broken: dict[str, Any]) -> None:
    words = "kms_client: kms_host_info: the entry of k is not a result of activation_info, activation_check, or kms_host"
    assert words in complaint(KMS_CLIENT, {"kms_host_info": [broken]})


@pytest.mark.parametrize(
    "result",
    [{}, {"machine": "k"}, {"machine": {"computer_name": "k"}}, {"unreachable": True, "machine": {"computer_name": "k"}, "products": 1}],
)
def test_a_result_that_says_nothing_of_a_kms_host_is_let_through(result: dict[str, Any]) -> None:
    assert KMS_CLIENT.validate({"kms_host_info": [result]})["kms_host_info"] == [result]


def test_the_arguments_of_the_task_are_left_as_they_are() -> None:
    arguments = {"kms_host": "[2001:db8::10]", "kms_port": "1688", "product_key": KEY}
    before = copy.deepcopy(arguments)
    KMS_CLIENT.validate(arguments)
    assert arguments == before


def test_a_key_becomes_an_object_that_does_not_show_itself() -> None:
    options = PRODUCT_KEY.validate({"product_key": KEY.lower()})
    assert options["product_key"] == ProductKey(KEY)
    assert KEY not in repr(options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kms_hosts": "a"}, "kms_client: unknown option kms_hosts; did you mean kms_host or kms_host_info?"),
        ({"port": 1}, "kms_client: unknown option port; did you mean kms_port or dns_port?"),
        ({"_raw_params": "kms01"}, "kms_client: free text is not allowed; the options are activate, "),
        ({"kms_port": 1688}, "kms_client: kms_port needs kms_host"),
        ({"kms_host": "a", "kms_port": 70000}, "kms_client: kms_port: 70000 is not a TCP port from 1 to 65535"),
        ({"kms_host": "a", "kms_port": "x"}, "kms_client: kms_port: 'x' is not a whole number"),
        ({"kms_host": "a", "discovery": True}, "kms_client: kms_host cannot be combined with discovery"),
        ({"activate": "perhaps"}, "kms_client: activate: 'perhaps' is not true or false"),
        ({"activation_type": "mak"}, "kms_client: activation_type: 'mak' is not one of all, ad, kms, token"),
        ({"retry_timeout": -1}, "kms_client: retry_timeout: -1 is negative"),
    ],
)
def test_bad_options_are_refused_in_a_sentence_that_names_the_module(arguments: dict[str, Any], message: str) -> None:
    assert complaint(KMS_CLIENT, arguments).startswith(message)


def test_a_strange_option_without_a_near_one_is_answered_with_the_list() -> None:
    assert (
        complaint(ACTIVATION_INFO, {"zzz": 1}) == "activation_info: unknown option zzz; the options are application, application_settings,"
        " include_products_without_key, include_token_licenses"
    )


def test_discovery_false_does_not_contradict_a_host() -> None:
    assert KMS_CLIENT.validate({"kms_host": "kms01", "discovery": False})["kms_host"] == "kms01"


def test_the_key_is_required_only_where_one_is_to_be_present() -> None:
    assert complaint(PRODUCT_KEY, {}) == "product_key: product_key is required with state: present"
    assert PRODUCT_KEY.validate({"state": "absent"})["product_key"] is None


def test_auto_is_no_key_for_a_module_that_does_not_offer_it() -> None:
    assert "a product key does not contain" in complaint(PRODUCT_KEY, {"product_key": "auto"})


@pytest.mark.parametrize("malformed", ["MMMMM-KKKKK-MMMMM-HVTHP-2BCD", "MMMMM-KKKKK-MMMMM-HVTHP-2BCDO", "MMMMMKKKKKMMMMMHVTHP2BCDF"])
def test_a_malformed_key_is_refused_without_being_repeated(malformed: str) -> None:
    message = complaint(KMS_CLIENT, {"product_key": malformed})
    assert message.startswith("kms_client: product_key: a product key ")
    assert malformed not in message
    assert "MMMMM" not in message


def test_secrets_are_the_keys_and_never_the_word_auto() -> None:
    assert KMS_CLIENT.secrets({"product_key": f" {KEY.lower()} "}) == {KEY.lower()}
    assert KMS_CLIENT.secrets({"product_key": "auto"}) == frozenset()
    assert KMS_CLIENT.secrets({"product_key": None}) == frozenset()
    assert KMS_CLIENT.secrets({"product_key": "A"}) == frozenset()


@pytest.mark.parametrize(
    "given",
    [
        {"productkey": KEY[:-1]},
        {"bogus": [{"any": KEY[:-1]}]},
        {"_raw_params": KEY[:-1]},
        {"kms_host": KEY[:-1]},
        {"kms_host": ["x", KEY[:-1]]},
        {KEY[:-1]: 1},
        {"kms_host": {KEY[:-1]: 1}},
    ],
)
def test_what_looks_like_a_key_is_a_secret_under_any_option_and_so_is_the_value_of_a_misspelled_one(given: dict[str, Any]) -> None:
    assert KMS_CLIENT.secrets(given) == {KEY[:-1]}


def test_the_values_of_other_options_are_no_secrets() -> None:
    given = {"kms_host": "kms-win-data-prod-kms1.corp.example", "lookup_domain": "corp.lab.example", "retry_timeout": 30}
    assert KMS_CLIENT.secrets(given) == frozenset()


def test_suboptions_are_converted_checked_and_filled_in_like_options() -> None:
    entry = {"product_key": KEY.lower(), "product_name": "windows server 2022", "confirmation_id": "123456-123456 1"}
    options = KMS_HOST.validate({"host_keys": [entry], "publish_domains": [{"domain": "a.example", "priority": "10"}]})
    assert options["host_keys"] == [
        {
            "product_key": ProductKey(KEY),
            "activation_id": None,
            "product_name": "Windows Server 2022",
            "confirmation_id": "1234561234561",
            "installation_id": None,
        }
    ]
    assert options["publish_domains"] == [{"domain": "a.example", "priority": 10, "weight": 0}]
    assert KMS_HOST.validate({"publish_domains": []})["publish_domains"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"host_keys": "x"}, "kms_host: host_keys: it is not a list"),
        ({"host_keys": {}}, "kms_host: host_keys: it is not a list"),
        (
            {"host_keys": [1]},
            f"kms_host: host_keys: item 1 is not a dictionary with {', '.join(KMS_HOST.options['host_keys'].suboptions)}",
        ),
        ({"host_keys": [{}]}, "kms_host: host_keys: item 1: product_key is missing"),
        ({"host_keys": [{"product_key": None}]}, "kms_host: host_keys: item 1: product_key is missing"),
        (
            {"host_keys": [{"product_key": KEY}, {"produkt_key": 1}]},
            "kms_host: host_keys: item 2: unknown option produkt_key; did you mean product_key",
        ),
        ({"publish_domains": [{"domain": ""}]}, "kms_host: publish_domains: item 1: domain: it is empty"),
        ({"publish_domains": [{"domain": "a", "weight": 70000}]}, "kms_host: publish_domains: item 1: weight: 70000 is not a number"),
        ({"publish_domains": [{"domain": "a", "weight": "x"}]}, "kms_host: publish_domains: item 1: weight: 'x' is not a whole number"),
        ({"publish_domains": [{"domain": KEY}]}, "kms_host: publish_domains: item 1: domain: it is a product key"),
    ],
)
def test_a_wrong_suboption_is_named_with_its_place_and_never_shows_a_key(arguments: dict[str, Any], message: str) -> None:
    words = complaint(KMS_HOST, arguments)
    assert words.startswith(message)
    assert KEY not in words


@pytest.mark.parametrize(
    "given",
    [
        [{"product_key": KEY}],
        [{"product_key": f" {KEY} ", "product_name": "x"}, {"product_name": "no key"}],
        [KEY],
        KEY,
        [{"product_key": KEY}, None, 5],
    ],
)
def test_a_secret_is_known_at_any_depth_and_in_the_wrong_place(given: Any) -> None:
    assert KMS_HOST.secrets({"host_keys": given}) == {KEY}


@pytest.mark.parametrize(
    "given",
    [
        {"product_key": KEY[:-1]},
        [[{"product_key": KEY[:-1]}]],
        [{"product_key": [KEY[:-1]]}],
        [{"product_key": {"key": KEY[:-1]}}],
    ],
)
def test_a_mistyped_key_in_the_wrong_kind_of_list_is_a_secret_too(given: Any) -> None:
    assert KMS_HOST.secrets({"host_keys": given}) >= {KEY[:-1]}


def test_what_holds_no_secret_is_none() -> None:
    assert (
        KMS_HOST.secrets({"host_keys": [{"product_name": "Windows Server 2022"}], "publish_domains": [{"domain": "a-long-name.example"}]})
        == frozenset()
    )
    assert KMS_HOST.secrets({"host_keys": None, "publish_domains": "a-long-name.example"}) == frozenset()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"activation_method": "online"}, "activation_method: online"),
        ({}, "activation_method: online"),
        ({"activation_method": "telephone", "activate": False}, "activate: false"),
    ],
)
def test_an_option_may_be_at_odds_with_one_value_of_another_and_its_default_counts(given: dict[str, Any], named: str) -> None:
    assert f"confirmation_id cannot be combined with {named}" in complaint(MAK_CLIENT, {"confirmation_id": "123456", **given})


@pytest.mark.parametrize("method", ["telephone", "proxy"])
def test_the_other_values_are_no_contradiction(method: str) -> None:
    assert MAK_CLIENT.validate({"confirmation_id": "12-34 56", "activation_method": method})["confirmation_id"] == "123456"


def test_a_rule_between_suboptions_holds_for_each_item_of_the_list() -> None:
    alone = {"product_key": KEY, "installation_id": "1" * 54}
    wrong = complaint(KMS_HOST, {"host_keys": [{"product_key": KEY}, alone]})
    assert wrong == "kms_host: host_keys: item 2: installation_id needs confirmation_id"
    assert KMS_HOST.validate({"host_keys": [{**alone, "confirmation_id": "1" * 48}]})["host_keys"][0]["installation_id"] == "1" * 54


@pytest.mark.parametrize("given", [["error", "clock_skew"], "error, clock_skew", ("error", "clock_skew")])
def test_a_list_of_words_may_be_written_as_ansible_allows(given: Any) -> None:
    assert ACTIVATION_CHECK.validate({"fail_on": given})["fail_on"] == ["error", "clock_skew"]


def test_items_of_a_list_are_checked_one_by_one() -> None:
    assert "'gvl' is not one of gvlk, mak" in complaint(ACTIVATION_CHECK, {"expected_channels": ["mak", "gvl"]})
    wrong = complaint(ACTIVATION_CHECK, {"fail_on": ["error", "kms_host_responding"]})
    assert (
        "'kms_host_responding' is neither a severity (error, warning, info) nor the name of a finding; did you mean kms_host_not_responding"
        in wrong
    )
    assert "it is not a list" in complaint(ACTIVATION_CHECK, {"fail_on": {"error": True}})
    assert ACTIVATION_CHECK.validate({"fail_on": []})["fail_on"] == []


DICTIONARY = """
module: sample
options:
  wishes:
    description: What is wished.
    type: dict
    suboptions:
      kms_port: {description: A port., type: int}
      kind: {description: A kind., type: str, choices: [a, b], default: a}
"""


def test_a_dictionary_has_suboptions_that_are_checked_like_options() -> None:
    spec = ModuleSpec.from_documentation(DICTIONARY)
    assert spec.validate({"wishes": {"kms_port": "1688"}})["wishes"] == {"kms_port": 1688, "kind": "a"}
    assert spec.validate({})["wishes"] is None
    assert complaint(spec, {"wishes": {"kms_port": 0}}).startswith("sample: wishes: kms_port: 0 is not a TCP port")
    assert "unknown option kid; did you mean kind?" in complaint(spec, {"wishes": {"kid": 1}})
    assert "it is not a dictionary with kms_port, kind" in complaint(spec, {"wishes": "kms_port=1"})


@pytest.mark.parametrize("given", [[12288, "12289"], "12288, 12289", ("12288", 12289)])
def test_a_list_takes_each_element_as_an_option_of_its_type(given: Any) -> None:
    assert EVENTS_INFO.validate({"event_ids": given})["event_ids"] == [12288, 12289]
    assert EVENTS_INFO.validate({"event_ids": 12288})["event_ids"] == [12288]
    assert EVENTS_INFO.validate({})["logs"] == ["application", "key_management_service"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"event_ids": {"id": 1}}, "it is not a list"),
        ({"event_ids": ["x"]}, "'x' is not a whole number"),
        ({"event_ids": [1]}, "1 is not a known event"),
        ({"logs": "system"}, "'system' is not one of application, key_management_service"),
    ],
)
def test_a_wrong_element_of_a_list_is_named(given: dict[str, Any], message: str) -> None:
    assert message in complaint(EVENTS_INFO, given)


def test_an_option_that_is_required_is_asked_for() -> None:
    assert complaint(LICENSE_FILE, {}).startswith("license_file: src is required")
    assert complaint(LICENSE_FILE, {"src": None}).startswith("license_file: src is required")


def test_a_path_is_of_the_controller_and_begins_at_the_home_folder_where_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ops")
    assert LICENSE_FILE.validate({"src": "~/a.xrm-ms,b.xrm-ms"})["src"] == ["/home/ops/a.xrm-ms", "b.xrm-ms"]
