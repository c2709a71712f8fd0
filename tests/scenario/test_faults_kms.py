# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documented failures of activating and of installing keys: the machine is named, the code, its symbol, what it means, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from key_gate import assert_no_keys

from . import winrs
from .documented import complaints, documentation
from .harness import Lab, Results, gvlk_ending

ESTATE = "faults.yml"
KMS01, DOWN, YOUNG, FRESH = (f"{name}.faults.example" for name in ("kms01", "kmsdown", "kmsyoung", "kmsfresh"))
MAK = "MMMMM-KKKKK-MMMMM-PRQ88-TTWX9"
AT_A_LOSS = {"lose_activation": True}
"""What fails here fails on the machine; without it some of these tasks would be refused beforehand."""


@dataclass(frozen=True)
class Failure:
    """A wish that fails, the code a person gets for it, its symbol, words the message has to hold, and the steps done before."""

    wish: Mapping[str, Any]
    code: str
    symbol: str
    words: tuple[str, ...] = ()
    changed: bool = False


FAILURES: Mapping[str, Failure] = {
    "HOST-DOWN": Failure({"kms_host": DOWN}, "0xC004F074", "SL_E_VL_BINDING_SERVICE_UNAVAILABLE", (f"{DOWN}:1688", "0x800706BA"), True),
    "HOST-DOWN-W7": Failure({"kms_host": DOWN}, "0xC004F074", "SL_E_VL_BINDING_SERVICE_UNAVAILABLE", ("0x800706BA",), True),
    "NO-SRV": Failure({"discovery": True}, "0x8007232B", "DNS_ERROR_RCODE_NAME_ERROR", ("_vlmcs._tcp",)),
    "NO-DNS": Failure({"discovery": True}, "0x8007267C", "DNS_ERROR_NO_DNS_SERVERS", ("DNS",)),
    "DNS-DOWN": Failure({"discovery": True}, "0x8007232A", "DNS_ERROR_RCODE_SERVER_FAILURE", ("DNS",)),
    "CLOCK": Failure({"kms_host": KMS01}, "0xC004F06C", "SL_E_VL_INVALID_TIMESTAMP", ("clock",), True),
    "NOT-ACTIVATED": Failure({"kms_host": FRESH}, "0xC004F041", "SL_E_VL_KEY_MANAGEMENT_SERVICE_NOT_ACTIVATED", (), True),
    "MARKER": Failure({"kms_host": KMS01}, "0xC004F035", "SL_E_VL_NOT_WINDOWS_SLP", ("marker", "MAK"), True),
    "MARKER-INSTALL": Failure({"discovery": True}, "0xC004F035", "SL_E_VL_NOT_WINDOWS_SLP", ("marker", "MAK")),
    "UNKNOWN-KEY": Failure({"discovery": True}, "0xC004E016", "SL_E_PKEY_INVALID_CONFIG", ("GVLK ending in T83GX",)),
    "MISMATCH": Failure({"discovery": True}, "0xC004F069", "SL_E_MISMATCHED_PRODUCT_SKU", ("edition",)),
    "BLOCKED": Failure({"discovery": True}, "0xC004F051", "SL_E_BLOCKED_PRODUCT_KEY", ("Could not install",)),
    "DENIED": Failure({"kms_host": KMS01}, "0x80041003", "WBEM_E_ACCESS_DENIED", ("Could not set the KMS host",)),
    "DENIED-W7": Failure({"kms_host": KMS01}, "0x80070005", "E_ACCESSDENIED", ("Could not set the KMS host",)),
    "RETURN-VALUE": Failure({"kms_host": KMS01}, "0xC004F012", "SL_E_VALUE_NOT_FOUND", ("Could not set the KMS host",)),
    "HALF-ENDPOINT": Failure(
        {"kms_host": KMS01, "kms_port": 1690}, "0x80070057", "E_INVALIDARG", ("Could not set the KMS port to 1690",), True
    ),
}
NOT_SENT_AGAIN = ("HOST-DOWN", "HOST-DOWN-W7", "NO-SRV", "NO-DNS", "DNS-DOWN", "CLOCK", "NOT-ACTIVATED", "MARKER")


def break_the_estate(lab: Lab) -> None:
    """Switch on the fault every machine is named after."""
    fault = lab.client.set_fault
    fault("KMSDOWN", "kms_host_down")
    fault("KMSFRESH", "kms_host_not_activated")
    fault("DNS-DOWN", "dns_down")
    fault("MARKER-INSTALL", "oem_marker_missing", at="install")
    fault("UNKNOWN-KEY", "wmi_fault", method="InstallProductKey", hresult=0xC004E016)
    fault("MISMATCH", "wmi_fault", method="InstallProductKey", hresult=0xC004F069)
    fault("BLOCKED", "key_blocked", at="install")
    fault("DENIED", "wmi_fault", method="SetKeyManagementServiceMachine", hresult=0x80041003)
    fault("DENIED-W7", "wmi_fault", method="SetKeyManagementServiceMachine", hresult=0x80070005)
    fault("RETURN-VALUE", "return_value", method="SetKeyManagementServiceMachine", value=0xC004F012)
    fault("HALF-ENDPOINT", "wmi_fault", method="SetKeyManagementServicePort", hresult=0x80070057)


@pytest.fixture(scope="module")
def failed(lab: Lab) -> Results:
    """One run of everything that fails."""
    break_the_estate(lab)
    results = lab.each("kms_client", {name: {**failure.wish, **AT_A_LOSS} for name, failure in FAILURES.items()})
    lab.client.clear_faults()
    return results


@pytest.mark.parametrize(("name", "expected"), FAILURES.items())
def test_a_failure_has_its_code_symbol_meaning_and_next_step(failed: Results, name: str, expected: Failure) -> None:
    result = failed[name]
    error = result["error"]
    assert (result["status"], error["code"], error["symbol"], result["changed"]) == (
        "failed",
        expected.code,
        expected.symbol,
        expected.changed,
    )
    assert len(error["meaning"]) > 10
    assert error["next_steps"]
    documented = documentation("kms_client")["error"]["contains"]
    assert list(complaints({key: error[key] for key in documented}, documented, "error.")) == []


@pytest.mark.parametrize(("name", "expected"), FAILURES.items())
def test_the_message_says_host_code_symbol_meaning_and_next_step(failed: Results, name: str, expected: Failure) -> None:
    message, error = failed[name]["msg"], failed[name]["error"]
    assert message.startswith(f"{name}: ")
    told = error["underlying"] or error  # a wrapper's own meaning is no news beside what it wraps
    assert f"{expected.code} {expected.symbol}: " in message
    assert told["meaning"] in message
    assert f"Next: {error['next_steps'][0]}" in message
    assert [word for word in expected.words if word not in message] == []
    assert "\n" not in message


@pytest.mark.parametrize("name", NOT_SENT_AGAIN)
def test_without_wait_there_is_one_attempt_to_activate(failed: Results, name: str) -> None:
    assert failed.calls(name, "Activate") == failed[name]["activation"]["attempts"] == 1
    assert failed[name]["activation"]["outcome"] == "failed"
    assert failed[name]["steps"][-1]["done"] is False


@pytest.mark.parametrize("name", ["HOST-DOWN", "HOST-DOWN-W7"])
def test_a_kms_host_that_is_down_is_named_with_the_reason_from_event_12288(failed: Results, lab: Lab, name: str) -> None:
    reason = failed[name]["error"]["underlying"]
    assert (reason["code"], reason["kms_host"], reason["kms_port"]) == ("0x800706BA", DOWN, 1688)
    assert "RPC_S_SERVER_UNAVAILABLE" in reason["symbol"]
    assert 12288 in [event["id"] for event in lab.client.machine(name)["events"]]
    activation = failed[name]["activation"]
    assert (activation["kms_host"], activation["kms_port"]) == (DOWN, 1688)


@pytest.mark.parametrize("name", ["MARKER", "MARKER-INSTALL"])
def test_a_missing_oem_marker_behind_the_code_of_a_wrong_key_is_recognized(failed: Results, name: str) -> None:
    error = failed[name]["error"]
    assert ("firmware" in error["cause"], "not a volume key" in error["cause"]) == (True, False)
    assert any("MAK" in step for step in error["next_steps"])


def test_the_flag_in_event_12288_of_the_client_itself_tells_the_marker(failed: Results) -> None:
    assert "Windows reported that the firmware" in failed["MARKER"]["error"]["cause"]


def test_a_wrong_key_behind_the_same_code_is_not_blamed_on_the_marker(lab: Lab) -> None:
    lab.client.set_fault("WRONG-VOLUME-KEY", "wmi_fault", method="InstallProductKey", hresult=0xC004F035)
    result = lab.all("product_key", ["WRONG-VOLUME-KEY"], product_key=MAK)["WRONG-VOLUME-KEY"]
    lab.client.clear_faults()
    assert result["error"]["code"] == "0xC004F035"
    assert "TTWX9 is not a volume key for this edition" in result["error"]["cause"]
    assert result["error"]["next_steps"] == ["Install the GVLK of this edition: run kms_client with product_key: auto."]


@pytest.mark.parametrize("name", ["DENIED", "DENIED-W7", "RETURN-VALUE", "UNKNOWN-KEY", "MISMATCH", "BLOCKED", "MARKER-INSTALL"])
def test_nothing_is_activated_after_a_step_that_failed(failed: Results, name: str) -> None:
    assert failed.calls(name, "Activate") == 0
    assert not any(step["done"] for step in failed[name]["steps"])


def test_a_host_whose_port_cannot_be_written_gives_way_to_the_one_before(failed: Results, lab: Lab) -> None:
    actions = [(step["action"], step["done"]) for step in failed["HALF-ENDPOINT"]["steps"]]
    assert actions == [("set_kms_host", True), ("set_kms_port", False), ("restore_kms_host", True), ("activate", False)]
    assert winrs.registry(lab.host_variables("HALF-ENDPOINT"))["KeyManagementServiceName"] == "old.faults.example"


def test_no_failure_shows_a_full_key(failed: Results) -> None:
    assert_no_keys(failed.output)
    assert_no_keys(str(dict(failed)))


@pytest.fixture(scope="module")
def waiting(lab: Lab) -> Results:
    """Two clients of a host that has seen two others."""
    wishes = {name: {"kms_host": YOUNG, **AT_A_LOSS} for name in ("COUNT-LOW", "COUNT-LOW-W7")}
    return lab.each("kms_client", wishes, expected_warnings=("The KMS host does not activate the machine yet",))


@pytest.mark.parametrize("name", ["COUNT-LOW", "COUNT-LOW-W7"])
def test_a_count_that_is_too_low_is_no_failure_but_a_result_with_the_count(waiting: Results, name: str) -> None:
    activation = waiting[name]["activation"]
    assert (waiting[name]["status"], waiting[name]["changed"], activation["outcome"]) == ("ok", True, "waiting_for_count")
    assert (activation["current_count"] in (3, 4), activation["required_count"]) == (True, 25)
    assert (activation["error"]["code"], activation["error"]["transient"]) == ("0xC004F038", True)
    assert (activation["kms_host"], activation["kms_port"]) == (YOUNG, 1688)
    assert f"{name}: The KMS host does not activate the machine yet" in str(waiting[name]["warnings"])


def test_a_client_is_counted_and_activated_once_enough_have_asked(lab: Lab, waiting: Results) -> None:
    assert waiting["COUNT-LOW"]["after"]["channel"] == "gvlk"
    lab.client.set_fault("KMSYOUNG", "kms_count", value=25)
    done = lab.all("kms_client", ["COUNT-LOW", "COUNT-LOW-W7"], kms_host=YOUNG)
    lab.client.clear_faults()
    for name in ("COUNT-LOW", "COUNT-LOW-W7"):
        assert (done[name]["activation"]["outcome"], done.calls(name, "InstallProductKey")) == ("activated", 0)
        assert [step["action"] for step in done[name]["steps"]] == ["activate"]


def test_with_wait_a_transient_failure_is_tried_again_until_it_passes(lab: Lab) -> None:
    lab.client.set_fault("HOST-BACK", "wmi_fault", method="Activate", hresult=0xC004F074, times=1)
    done = lab.all("kms_client", ["HOST-BACK"], kms_host=KMS01, retry_timeout=30, **AT_A_LOSS)
    assert (done["HOST-BACK"]["activation"]["outcome"], done["HOST-BACK"]["activation"]["attempts"]) == ("activated", 2)
    assert done.calls("HOST-BACK", "Activate") == 2


def test_an_unknown_and_a_misplaced_key_are_told_apart_by_product_key(lab: Lab) -> None:
    wishes = {name: {"product_key": MAK, **AT_A_LOSS} for name in ("UNKNOWN-KEY", "MISMATCH")}
    done = lab.each("product_key", wishes)
    assert [done[name]["error"]["code"] for name in wishes] == ["0xC004E016", "0xC004F069"]
    assert not any(done[name]["changed"] for name in wishes)
    assert_no_keys(done.output)
    forced = lab.each("product_key", {"MISMATCH": {"product_key": gvlk_ending("T83GX"), "allow_edition_mismatch": True, **AT_A_LOSS}})
    assert forced["MISMATCH"]["error"]["code"] in ("0xC004E016", "0xC004F069")
