# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One name, one type, and one meaning over all modules, filters, and roles."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interface import OWN_WORDING, SEVERAL_TYPES, Interface, Passed, deviations, interface_of, walk

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def documented() -> Interface:
    """The interface as it is."""
    return interface_of(ROOT)


@pytest.fixture
def interface(documented: Interface) -> Interface:
    """A copy of its own for each test, which may change it."""
    return copy.deepcopy(documented)


def test_the_interface_follows_its_rules(interface: Interface) -> None:
    assert deviations(interface) == []


def test_every_exception_is_about_a_name_that_exists(interface: Interface) -> None:
    options = {path for module in interface.modules.values() for path, _option in walk(module.options, "suboptions")}
    fields = [*interface.filters.values(), *(module.returned for module in interface.modules.values())]
    returned = {path.rpartition(".")[2] for each in fields for path, _field in walk(each, "contains")}
    assert set(OWN_WORDING) <= options
    assert set(SEVERAL_TYPES) <= returned


def options(interface: Interface, module: str) -> dict[str, Any]:
    found: Any = interface.modules[module].options
    return found  # type: ignore[no-any-return]


def returned(interface: Interface, module: str) -> dict[str, Any]:
    found: Any = interface.modules[module].returned
    return found  # type: ignore[no-any-return]


def an_option_of_another_type(interface: Interface) -> Interface:
    options(interface, "kms_client")["kms_port"]["type"] = "str"
    return interface


def an_option_in_other_words(interface: Interface) -> Interface:
    options(interface, "mak_client")["retry_timeout"]["description"] = ["How long to keep trying."]
    return interface


def another_default(interface: Interface) -> Interface:
    options(interface, "kms_host")["retry_timeout"]["default"] = 60
    return interface


def a_result_of_another_type(interface: Interface) -> Interface:
    returned(interface, "kms_client")["activations_used"]["type"] = "bool"
    return interface


def a_result_with_the_name_of_an_option_and_another_type(interface: Interface) -> Interface:
    returned(interface, "rearm")["reboot_timeout"] = {"type": "str", "returned": "always", "description": "A sentence."}
    return interface


def a_setting_that_is_no_option(interface: Interface) -> Interface:
    contained = returned(interface, "kms_host")["before"]["contains"]
    contained["tcp_port"] = contained.pop("listening_port")
    return interface


def settings_that_vanish_after_a_failure(interface: Interface) -> Interface:
    returned(interface, "product_key")["before"]["returned"] = "success"
    return interface


def a_message_that_is_missing(interface: Interface) -> Interface:
    del returned(interface, "activation_info")["msg"]
    return interface


def an_error_with_a_key_less(interface: Interface) -> Interface:
    del returned(interface, "rearm")["error"]["contains"]["subcode"]
    return interface


def an_activation_of_another_shape(interface: Interface) -> Interface:
    returned(interface, "kms_host")["activations"]["contains"]["counted"] = {"type": "int", "description": "A number.", "sample": 1}
    return interface


def a_time_without_its_ending(interface: Interface) -> Interface:
    contained = returned(interface, "kms_event_archive")["archive"]["contains"]
    contained["created"] = contained.pop("created_time")
    return interface


def a_condition_in_prose(interface: Interface) -> Interface:
    returned(interface, "mak_client")["activation"]["returned"] = "unless the task was refused"
    return interface


def a_role_variable_of_another_name(interface: Interface) -> Interface:
    return replace(interface, passed=(*interface.passed, Passed("kms_client", "kms_client", "kms_host", "kms_client_server")))


def a_role_with_another_default(interface: Interface) -> Interface:
    return replace(interface, defaults={**interface.defaults, "mak_client": {"mak_client_retry_timeout": 600}})


def a_fact_without_a_shape(interface: Interface) -> Interface:
    return replace(interface, published=interface.published | {"kms_client_verdict"})


PLANTED: tuple[Callable[[Interface], Interface], ...] = (
    an_option_of_another_type,
    an_option_in_other_words,
    another_default,
    a_result_of_another_type,
    a_result_with_the_name_of_an_option_and_another_type,
    a_setting_that_is_no_option,
    settings_that_vanish_after_a_failure,
    a_message_that_is_missing,
    an_error_with_a_key_less,
    an_activation_of_another_shape,
    a_time_without_its_ending,
    a_condition_in_prose,
    a_role_variable_of_another_name,
    a_role_with_another_default,
    a_fact_without_a_shape,
)


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_an_inconsistency_is_found(interface: Interface, plant: Callable[[Interface], Interface]) -> None:
    before = deviations(interface)
    assert set(deviations(plant(interface))) - set(before)
