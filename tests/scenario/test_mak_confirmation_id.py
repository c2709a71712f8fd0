# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mak_confirmation_id and mak_activations_info against Microsoft's service of the lab, whose book shows what was counted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from key_gate import assert_no_keys

from .documented import task_complaints
from .harness import FQCN, Lab, Results
from .interrupt import cut

ESTATE = "batch_activation.yml"
MAK, SPENT, BLOCKED, FEW = "33333", "44444", "66666", "88888"
SRV = [f"SRV-{number}" for number in range(1, 21)]


@pytest.fixture(scope="module")
def records(lab: Lab) -> dict[str, dict[str, Any]]:
    """The record of each machine with a MAK, from what activation_info shows."""
    found = lab.all("activation_info", [name for tag in ("srv", "spent", "blocked", "few") for name in lab.names(tag)])
    products = {name: next(product for product in result["products"] if product["channel"] == "mak") for name, result in found.items()}
    fields = ("installation_id", "extended_pid", "partial_product_key")
    return {name: {"machine": name, **{field: product[field] for field in fields}} for name, product in products.items()}


def way(lab: Lab, **options: Any) -> dict[str, Any]:
    """How to reach the service of the lab."""
    batch = lab.client.batch()
    return {"service_url": batch["url"], "ca_path": batch["ca"], "use_proxy": False, **options}


def book(lab: Lab, ending: str) -> Mapping[str, Any]:
    """What Microsoft has counted for a key."""
    (found,) = (key for key in lab.client.batch()["keys"] if str(key["partial_key"]).endswith(ending))
    return dict(found)


def play(module: str, options: Mapping[str, Any], **keywords: Any) -> list[dict[str, Any]]:
    task = {"name": "Ask Microsoft", f"{FQCN}.{module}": dict(options)}
    return [{"name": "Ask", "hosts": "localhost", "connection": "local", "gather_facts": False, **keywords, "tasks": [task]}]


def ask(lab: Lab, module: str, *, check: bool = False, **options: Any) -> Mapping[str, Any]:
    results: Results = lab.playbook(play(module, options, check_mode=check))
    return results["localhost"]


def request(lab: Lab, wanted: list[dict[str, Any]], journal: Path, *, check: bool = False, **options: Any) -> Mapping[str, Any]:
    return ask(lab, "mak_confirmation_id", check=check, records=wanted, journal_path=str(journal), **{**way(lab), **options})


def statuses(result: Mapping[str, Any]) -> dict[str, str]:
    return {record["machine"]: record["status"] for record in result["records"]}


def of_type(lab: Lab, kind: int) -> list[dict[str, Any]]:
    """The questions of one type that reached the service in the last run."""
    return [found for found in lab.client.batch_requests() if found["request_type"] == kind]


@pytest.mark.quick
@pytest.mark.smoke
def test_twenty_machines_get_their_ids_once(lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    """Check mode sends and writes nothing, the run counts twenty, and the second run asks nothing."""
    wanted, journal, before = [records[name] for name in SRV], tmp_path / "plant.journal", book(lab, MAK)["used"]
    forecast = request(lab, wanted, journal, check=True)
    assert (set(statuses(forecast).values()), forecast["changed"], forecast["requests_sent"]) == ({"planned"}, True, 0)
    assert forecast["msg"] == "Confirmation IDs: 20 to request."
    assert not journal.exists()
    assert lab.client.batch_requests() == []

    first = request(lab, wanted, journal)
    assert (first["status"], first["changed"], set(statuses(first).values())) == ("ok", True, {"answered"})
    assert (first["requests_sent"], first["activations_used"], book(lab, MAK)["used"] - before) == (20, 20, 20)
    assert (len(of_type(lab, 1)), len(of_type(lab, 2))) == (20, 1)
    assert lab.client.batch()["most_at_once"] <= 4
    assert [mak["remaining_activations"] for mak in first["maks"]] == [500 - before]
    own = [{name: value for name, value in record.items() if name not in wanted[0]} for record in first["records"]]
    assert task_complaints("mak_confirmation_id", {**first, "records": own}) == []
    assert {record["confirmation_id"] for record in first["records"]} == {lab.client.phone(one["installation_id"]) for one in wanted}

    used = book(lab, MAK)["used"]
    second = request(lab, wanted, journal)
    assert (second["changed"], set(statuses(second).values()), second["requests_sent"]) == (False, {"kept"}, 0)
    assert lab.client.batch_requests() == []
    assert book(lab, MAK)["used"] == used
    assert_no_keys(json.dumps([dict(first), dict(second)]) + journal.read_text(encoding="utf-8"))
    assert not any(found["has_key"] for found in lab.client.batch_requests())


def test_what_microsoft_refuses_stops_no_other_machine(lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    wrong = {**records["SRV-2"], "machine": "WRONG", "extended_pid": records["FEW-1"]["extended_pid"]}
    cut_off = {**records["SRV-3"], "machine": "CUT", "installation_id": records["SRV-3"]["installation_id"][:-1]}
    names = ["SRV-1", "SPENT-1", "SPENT-2", "BLOCKED-1", "BLOCKED-2"]
    result = request(lab, [*(records[name] for name in names), wrong, cut_off], tmp_path / "x.journal", check_remaining=False)
    assert statuses(result) == {
        "SRV-1": "answered",
        "SPENT-1": "refused",
        "SPENT-2": "refused",
        "BLOCKED-1": "refused",
        "BLOCKED-2": "refused",
        "WRONG": "refused",
        "CUT": "invalid",
    }
    codes = {record["machine"]: record["error"]["code"] for record in result["records"] if record["error"]}
    assert (codes["SPENT-1"], codes["BLOCKED-2"], codes["WRONG"], codes["CUT"]) == ("0x7F", "0x67", "0x90", "invalid_installation_id")
    assert result["status"] == "failed"
    assert "SPENT-1, SPENT-2: 0x7F: The MAK has no activations left." in result["msg"]


def test_more_than_are_left_is_refused_before_the_first(lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    wanted, used = [records[f"FEW-{number}"] for number in range(1, 5)], book(lab, FEW)["used"]
    refused = request(lab, wanted, tmp_path / "x.journal")
    assert (refused["status"], refused["error"]["code"]) == ("failed", "activation_budget")
    assert "4 needed, 3 left at 20" in refused["msg"]
    assert (of_type(lab, 1), book(lab, FEW)["used"]) == ([], used)
    limited = request(lab, wanted, tmp_path / "x.journal", max_activations=3)
    assert limited["error"]["code"] == "activation_budget"
    assert lab.client.batch_requests() == []
    enough = request(lab, wanted[:3], tmp_path / "x.journal")
    assert set(statuses(enough).values()) == {"answered"}
    assert enough["maks"][0]["needed_activations"] == enough["maks"][0]["remaining_activations"] == 3


@pytest.mark.parametrize(("when", "counted"), [("before", 0), ("after", 1)])
def test_a_lost_answer_is_unknown_until_somebody_decides(
    lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path, when: str, counted: int
) -> None:
    wanted, journal, used = [records["SRV-4"], records["SRV-5"]], tmp_path / "x.journal", book(lab, MAK)["used"]
    lab.client.set_fault("SRV-4", "batch_drop", when=when, request_type=1, times=1)
    first = request(lab, wanted, journal)
    assert statuses(first) == {"SRV-4": "unknown", "SRV-5": "answered"}
    assert first["records"][0]["error"]["code"] == "response_lost"
    assert book(lab, MAK)["used"] - used == 1 + counted
    second = request(lab, wanted, journal)
    assert statuses(second) == {"SRV-4": "unknown", "SRV-5": "kept"}
    assert (second["changed"], second["records"][0]["error"]["code"]) == (False, "unknown_outcome")
    assert "ask_again" in second["msg"] or "mak_activations_info" in second["msg"]
    assert lab.client.batch_requests() == []
    third = request(lab, wanted, journal, ask_again=True)
    assert statuses(third) == {"SRV-4": "answered", "SRV-5": "kept"}
    assert book(lab, MAK)["used"] - used == 2 + counted


def test_a_run_that_is_killed_before_the_answer_asks_nobody_twice(lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    wanted, journal, used = [records[f"SRV-{number}"] for number in range(6, 10)], tmp_path / "x.journal", book(lab, MAK)["used"]
    lab.client.set_fault("SRV-8", "batch_delay", request_type=1)
    options = {"records": wanted, "journal_path": str(journal), "parallel_requests": 1, **way(lab)}
    path = tmp_path / "killed.yml"
    path.write_text(yaml.safe_dump(play("mak_confirmation_id", options)), encoding="utf-8")
    cut(lab, "answer", [(path, {})], lambda: book(lab, MAK)["used"] - used == 3)
    lab.client.clear_faults()
    second = request(lab, wanted, journal)
    assert statuses(second) == {"SRV-6": "kept", "SRV-7": "kept", "SRV-8": "unknown", "SRV-9": "answered"}
    assert [one["questions"][0]["machine"] for one in of_type(lab, 1)] == ["SRV-9"]
    assert book(lab, MAK)["used"] - used == 4


def test_a_proxy_is_used_with_and_without_a_password(lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    batch = lab.client.batch()
    plain = request(lab, [records["SRV-10"]], tmp_path / "a.journal", use_proxy=True, http_proxy=batch["proxy"])
    assert (set(statuses(plain).values()), {one["through_proxy"] for one in lab.client.batch_requests()}) == ({"answered"}, {True})
    secrets = {"http_proxy_username": batch["proxy_user"], "http_proxy_password": batch["proxy_password"]}
    basic = {"use_proxy": True, "http_proxy": batch["basic_proxy"]}
    given = request(lab, [records["SRV-11"]], tmp_path / "b.journal", **basic, **secrets)
    assert set(statuses(given).values()) == {"answered"}
    for options in (basic, {**basic, **secrets, "http_proxy_password": "not-the-password"}):
        refused = request(lab, [records["SRV-12"]], tmp_path / "c.journal", **options, check_remaining=False)
        assert (statuses(refused), refused["error"]["code"]) == ({"SRV-12": "not_sent"}, "proxy_authentication")
        assert "not-the-password" not in json.dumps(dict(refused))
        assert lab.client.batch_requests() == []
    assert batch["proxy_password"] not in json.dumps([dict(given), dict(refused)])


@pytest.mark.parametrize(("kind", "user", "schemes"), [
    ("windows_proxy", "LabProxy", ["", "ntlm", "ntlm"]),
    ("windows_proxy", "LAB\\LabProxy", ["", "ntlm", "ntlm"]),
    ("tls_proxy", "LabProxy", ["", "basic"]),
])  # fmt: skip
def test_a_proxy_of_windows_and_one_over_tls_are_used(
    lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path, kind: str, user: str, schemes: list[str]
) -> None:
    """The password is sent only when the proxy requires it, and to a proxy of Windows never in clear text."""
    batch = lab.client.batch()
    options = {"use_proxy": True, "http_proxy": batch[kind], "http_proxy_username": user, "check_remaining": False}
    given = request(lab, [records["SRV-17"]], tmp_path / "a.journal", http_proxy_password=batch["proxy_password"], **options)
    assert (set(statuses(given).values()), {one["through_proxy"] for one in lab.client.batch_requests()}) == ({"answered"}, {True})
    passed = lab.client.batch_proxy()
    assert [one["scheme"] for one in passed] == schemes
    assert (passed[-1]["status"], passed[-1]["user"]) == (200, user)
    refused = request(lab, [records["SRV-17"]], tmp_path / "b.journal", http_proxy_password="not-the-password", **options)
    assert (statuses(refused), refused["error"]["code"]) == ({"SRV-17": "not_sent"}, "proxy_authentication")
    assert ("It accepts Negotiate, NTLM." if kind == "windows_proxy" else "It accepts Basic.") in refused["msg"]
    assert [one["scheme"] for one in lab.client.batch_proxy()] == schemes
    assert lab.client.batch_requests() == []
    shown = json.dumps([dict(given), dict(refused)])
    assert not any(password in shown for password in (batch["proxy_password"], "not-the-password"))


def test_a_proxy_that_accepts_only_negotiate_and_ntlm_says_so_without_a_user_name(
    lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    options = {"use_proxy": True, "http_proxy": lab.client.batch()["windows_proxy"], "check_remaining": False}
    result = request(lab, [records["SRV-17"]], tmp_path / "c.journal", **options)
    assert (statuses(result), result["error"]["code"]) == ({"SRV-17": "not_sent"}, "proxy_authentication")
    assert "requires authentication, and no user name is set. It accepts Negotiate, NTLM." in result["msg"]


def test_a_proxy_over_tls_that_is_not_trusted_gets_no_request(lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    options = {"use_proxy": True, "http_proxy": lab.client.batch()["tls_proxy"], "ca_path": None, "check_remaining": False}
    result = request(lab, [records["SRV-17"]], tmp_path / "c.journal", **options)
    assert (statuses(result), result["error"]["code"]) == ({"SRV-17": "not_sent"}, "proxy_untrusted")
    assert lab.client.batch_proxy() == []


def test_a_password_in_the_url_of_a_proxy_is_refused_and_shown_nowhere(
    lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    options = {"records": [records["SRV-12"]], "journal_path": str(tmp_path / "x.journal"), **way(lab, use_proxy=True)}
    options["http_proxy"] = "http://ansible:{{ 'secret-' ~ 'word-7' }}@127.0.0.1:3128"
    results = lab.playbook(play("mak_confirmation_id", options), verbosity=3)
    assert "must not contain a user name or a password: set http_proxy_username and http_proxy_password" in results["localhost"]["msg"]
    assert "secret-word-7" not in results.output + json.dumps(dict(results["localhost"]))


@pytest.mark.parametrize(
    ("fault", "parameters", "status", "code"),
    [
        ("batch_answer", {"kind": "garbage"}, "unknown", "response_"),
        ("batch_answer", {"kind": "not_xml"}, "unknown", "response_invalid"),
        ("batch_answer", {"kind": "empty"}, "unknown", "response_invalid"),
        ("batch_answer", {"kind": "doctype"}, "unknown", "response_invalid"),
        ("batch_answer", {"kind": "truncated"}, "unknown", "response_"),
        ("batch_answer", {"kind": "oversized"}, "unknown", "response_too_large"),
        ("batch_answer", {"kind": "gzip"}, "unknown", "response_invalid"),
        ("batch_answer", {"kind": "wrong_response_type"}, "unknown", "response_invalid"),
        ("batch_answer", {"kind": "other_installation_id"}, "unknown", "response_invalid"),
        ("batch_answer", {"kind": "short_confirmation_id"}, "unknown", "response_invalid"),
        ("batch_answer", {"kind": "no_response"}, "unknown", "response_invalid"),
        ("batch_error", {"code": "0x80131600"}, "unknown", "0x80131600"),
        ("batch_soap_fault", {}, "unknown", "service_fault"),
        ("batch_http_status", {"status": 503}, "unknown", "service_failed"),
        ("batch_http_status", {"status": 403}, "refused", "request_refused"),
        ("batch_redirect", {"location": "https://login.example/"}, "refused", "redirected"),
    ],
)
def test_every_wrong_answer_has_its_name(
    lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path, fault: str, parameters: dict[str, Any], status: str, code: str
) -> None:
    lab.client.set_fault("*", fault, request_type=1, **parameters)
    result = request(lab, [records["SRV-13"]], tmp_path / "x.journal")
    lab.client.clear_faults()
    assert (statuses(result), result["error"]["code"].startswith(code)) == ({"SRV-13": status}, True)


def test_a_confirmation_id_with_wrong_check_digits_is_kept_with_a_warning(
    lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    lab.client.set_fault("*", "batch_answer", kind="wrong_check_digits", request_type=1)
    options = {"records": [records["SRV-14"]], "journal_path": str(tmp_path / "x.journal"), **way(lab)}
    result = lab.playbook(play("mak_confirmation_id", options), expected_warnings=("might be wrong: the check digit",))["localhost"]
    lab.client.clear_faults()
    assert statuses(result) == {"SRV-14": "answered"}


def test_a_certificate_that_is_not_trusted_gets_nothing(lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    result = request(lab, [records["SRV-15"]], tmp_path / "x.journal", ca_path=None)
    assert (result["status"], result["error"]["code"]) == ("failed", "service_untrusted")
    assert lab.client.batch_requests() == []


def test_a_product_key_in_a_record_is_never_sent(lab: Lab, records: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    key = "MMMMM-KKKKK-MMMMM-22222-33333"
    result = request(lab, [{**records["SRV-16"], "extended_pid": key}], tmp_path / "x.journal")
    assert (result["status"], result["error"]["code"]) == ("failed", "invalid_options")
    assert "records[0] contains a product key, which is never sent" in result["msg"]
    assert lab.client.batch_requests() == []
    assert_no_keys(json.dumps(dict(result)))


def test_the_remaining_activations_agree_with_the_book(lab: Lab, records: dict[str, dict[str, Any]]) -> None:
    pids = [records[name]["extended_pid"] for name in ("SRV-1", "SPENT-1", "FEW-1")]
    result = ask(lab, "mak_activations_info", extended_pids=[*pids, pids[0]], **way(lab))
    assert (result["status"], result["changed"]) == ("ok", False)
    assert [mak["remaining_activations"] for mak in result["maks"]] == [book(lab, ending)["remaining"] for ending in (MAK, SPENT, FEW)]
    assert len(lab.client.batch_requests()) == 3
    assert task_complaints("mak_activations_info", result) == []


@pytest.mark.parametrize("kind", ["no_number", "minus_one", "not_xml"])
def test_a_number_that_is_none_is_an_error(lab: Lab, records: dict[str, dict[str, Any]], kind: str) -> None:
    lab.client.set_fault("*", "batch_answer", kind=kind, request_type=2)
    result = ask(lab, "mak_activations_info", extended_pids=[records["SRV-1"]["extended_pid"]], **way(lab))
    lab.client.clear_faults()
    assert (result["status"], result["error"]["code"], result["maks"][0]["remaining_activations"]) == ("failed", "response_invalid", None)
