# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kms_client for Office: both licensing services, what is written where, what is left alone, and refusals by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from .documented import task_complaints
from .harness import FQCN, LAB_DNS, Lab, Results, report_rows
from .winrs import ospp

ESTATE = "office_client.yml"
RESTART = "Restart the Office programs"
LEFT = "Office has leftover keys, which stay installed"
HOST = {"kms_host": "kms1.corp.lab"}
OFFICE, ALL = {"application": "office", **HOST}, {"application": "all", **HOST}
PRO_PLUS, VISIO = "Office LTSC Professional Plus 2021", "Visio LTSC Professional 2021"

WISHES: Mapping[str, Mapping[str, Any]] = {
    "TWO": OFFICE,
    "TOKYO": ALL,
    "BARE": ALL,
    "TEN": {"application": "office", "kms_host": "kms14.corp.lab"},
    "SEVEN": OFFICE,
    "LEFT": OFFICE,
    "M365": ALL,
    "VISIO16": OFFICE,
    "PORT": OFFICE,
}


@dataclass(frozen=True)
class Story:
    """Check mode, the run, and a second run."""

    forecast: Results
    run: Results
    again: Results


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    forecast = lab.each("kms_client", WISHES, keywords={"check_mode": True, "diff": True}, expected_warnings=(LEFT,))
    run = lab.each("kms_client", WISHES, keywords={"diff": True}, expected_warnings=(RESTART, LEFT))
    return Story(forecast, run, lab.each("kms_client", WISHES, expected_warnings=(LEFT,)))


def outcomes(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(item["partial_product_key"], item["outcome"]) for item in result["activations"]]


def queries(results: Results, host: str) -> int:
    """Operations on a machine, the further pages of a query not counted."""
    operations = results.costs[host]["operations"]
    return sum(count for name, count in operations.items() if not name.startswith("Pull"))


@pytest.mark.quick
@pytest.mark.smoke
def test_each_product_gets_its_gvlk_and_is_activated(story: Story) -> None:
    assert outcomes(story.run["TWO"]) == [("6F7TH", "activated"), ("K2HT4", "activated")]
    assert story.run["TWO"]["activation"] is None
    assert [item["status"] for item in story.run["TWO"]["after"]["office_products"]] == ["licensed", "licensed"]


def test_check_mode_predicts_what_the_run_does(story: Story) -> None:
    for host in WISHES:
        predicted, done = story.forecast[host], story.run[host]
        assert [step["action"] for step in predicted["steps"]] == [step["action"] for step in done["steps"]]
        assert predicted["after"] == done["after"]
        assert predicted["changed"] == done["changed"]
        assert predicted["restart_office_programs"] == done["restart_office_programs"]


def test_a_second_run_writes_nothing_and_costs_five_queries(story: Story) -> None:
    for host in WISHES:
        assert (story.again[host]["changed"], story.again.writes(host)) == (False, 0)
        assert queries(story.again, host) <= 5


def test_windows_and_office_of_a_japanese_machine_in_one_task(story: Story) -> None:
    done = story.run["TOKYO"]
    assert outcomes(done) == [("2YT43", "activated"), ("78VT3", "activated")]
    assert done["activation"] == done["activations"][0]
    assert [product["application"] for product in done["products"]] == ["windows", "office"]


@pytest.mark.parametrize(("host", "key"), [("TEN", "H3GVB"), ("SEVEN", "WFG99")])
def test_office_of_the_older_service_is_chosen_by_its_class(story: Story, lab: Lab, host: str, key: str) -> None:
    assert outcomes(story.run[host]) == [(key, "activated")]
    assert ospp(lab.host_variables(host), 14 if host == "TEN" else 16, "/dstatus").count("LICENSE STATUS:  ---LICENSED---") == 1


def test_ospp_vbs_shows_both_products_as_licensed(story: Story, lab: Lab) -> None:
    shown = ospp(lab.host_variables("TWO"), 16, "/dstatus")
    assert shown.count("LICENSE STATUS:  ---LICENSED---") == 2
    assert story.run["TWO"]["changed"]


def test_the_stale_port_of_another_host_is_cleared(story: Story) -> None:
    actions = [step["action"] for step in story.run["PORT"]["steps"]]
    assert actions[:2] == ["set_product_kms_host", "clear_product_kms_port"]
    (item,) = story.run["PORT"]["after"]["office_products"]
    assert (item["kms_host"], item["kms_port"]) == ("kms1.corp.lab", 1688)


def test_project_and_visio_2016_of_click_to_run_have_their_own_gvlk(story: Story) -> None:
    assert outcomes(story.run["VISIO16"]) == [("RM6XC", "activated")]


@pytest.mark.parametrize("host", ["BARE", "M365"])
def test_a_machine_without_a_volume_edition_is_no_failure_of_a_task_about_all(story: Story, host: str) -> None:
    assert (story.run[host]["changed"], outcomes(story.run[host])) == (False, [("2YT43", "already_licensed")])
    assert [item["managed_by"] for item in story.run["M365"]["office_installations"]] == ["subscription"]


def test_a_leftover_key_is_reported_and_stays(story: Story) -> None:
    (left,) = story.run["LEFT"]["leftover_keys"]
    assert (left["partial_product_key"], left["removed"]) == ("WFG99", False)
    assert outcomes(story.run["LEFT"]) == [("6F7TH", "already_licensed")]


def test_the_results_are_documented(story: Story) -> None:
    windows = ("activation is null", "before.status is null", "after.status is null")
    for host, wish in WISHES.items():
        allowed = windows if wish["application"] == "office" else ()
        for results in (story.forecast, story.run):
            assert [found for found in task_complaints("kms_client", results[host]) if found not in allowed] == []


def test_a_leftover_key_is_removed_when_asked_and_only_once(story: Story, lab: Lab) -> None:
    assert story.run["LEFT"]["leftover_keys"]
    wish = {"LEFT": {**OFFICE, "remove_leftover_keys": True}}
    run = lab.each("kms_client", wish, expected_warnings=(RESTART,))["LEFT"]
    assert [step["action"] for step in run["steps"]] == ["remove_product_key"]
    assert [left["removed"] for left in run["leftover_keys"]] == [True]
    again = lab.each("kms_client", wish)
    assert (again["LEFT"]["changed"], again["LEFT"]["leftover_keys"], again.writes("LEFT")) == (False, [], 0)


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "M365": (OFFICE, "managed_by_subscription"),
    "BARE": (OFFICE, "no_office"),
    "RETAIL": (OFFICE, "click_to_run_is_retail"),
    "TWO": ({**OFFICE, "products": ["Office LTSC Standard 2021"]}, "office_product_unknown"),
    "BROKEN": (OFFICE, "office_not_read"),
    "TEN": ({**OFFICE, "lookup_domain": "corp.lab"}, "not_supported_by_windows"),
}


def test_what_kms_cannot_activate_is_refused_by_name_and_nothing_is_written(lab: Lab, story: Story) -> None:
    assert story.run
    lab.client.set_fault("BROKEN", "query_fault", class_name="OfficeSoftwareProtectionProduct", hresult=0x80041001)
    refused = lab.each("kms_client", {host: wish for host, (wish, _code) in REFUSED.items()})
    lab.client.clear_faults()
    for host, (_wish, code) in REFUSED.items():
        assert refused[host]["error"]["code"] == code
        assert refused.writes(host) == 0
    assert f"The machine has {PRO_PLUS}" in refused["TWO"]["msg"]


def test_windows_is_configured_where_office_cannot_be_read_and_the_task_fails(lab: Lab, story: Story) -> None:
    assert story.run
    lab.client.set_fault("BROKEN", "query_fault", class_name="OfficeSoftwareProtectionProduct", hresult=0x80041001)
    wish = {"BROKEN": {"application": "all", "kms_host": "kms1.corp.lab", "host_caching": False}}
    first, second = (lab.each("kms_client", wish) for _run in range(2))
    checked = lab.each("activation_check", {"BROKEN": {"application": "all", "probe": False}}, expected_warnings=("could not be read",))
    lab.client.clear_faults()
    assert [step["action"] for step in first["BROKEN"]["steps"] if step["done"]] == ["set_host_caching"]
    assert (first["BROKEN"]["error"]["code"], second["BROKEN"]["error"]["code"]) == ("office_not_read", "office_not_read")
    assert second.writes("BROKEN") == 0
    assert "Windows is not affected." in first["BROKEN"]["msg"]
    assert "office_not_read" in [finding["id"] for finding in checked["BROKEN"]["findings"]]


def test_one_product_that_fails_does_not_stop_the_others(lab: Lab) -> None:
    failed = lab.each("kms_client", {"THREE": OFFICE}, expected_warnings=(RESTART,))["THREE"]
    assert outcomes(failed) == [("6F7TH", "activated"), ("76HF4", "failed"), ("K2HT4", "activated")]
    assert failed["error"]["code"] == "0xC004F042"
    assert "1 of 3 products failed. Project Professional 2024: " in failed["msg"]
    assert [item["status"] for item in failed["after"]["office_products"]] == ["licensed", "initial_grace", "licensed"]
    chosen = lab.each("kms_client", {"THREE": {**OFFICE, "products": [PRO_PLUS, "VisioPro2021Volume"]}})["THREE"]
    assert (chosen["changed"], outcomes(chosen)) == (False, [("6F7TH", "already_licensed"), ("K2HT4", "already_licensed")])


def test_a_count_that_is_too_low_is_waited_for_product_by_product(lab: Lab) -> None:
    wish = {"YOUNG": {"application": "office", "kms_host": "newhost.corp.lab"}}
    (item,) = lab.each("kms_client", wish, expected_warnings=("has not counted enough", RESTART))["YOUNG"]["activations"]
    assert (item["outcome"], item["required_count"]) == ("waiting_for_count", 5)


def test_a_mak_stays_until_kms_has_activated_the_product(lab: Lab) -> None:
    wish = {"MAK-DEAD": {"application": "office", "kms_host": "dead.corp.lab"}}
    failed = lab.each("kms_client", wish, expected_warnings=(LEFT,))["MAK-DEAD"]
    assert failed["rolled_back"] is True
    assert [step["action"] for step in failed["steps"]][-2:] == ["activate", "remove_product_key"]
    (item,) = failed["after"]["office_products"]
    assert (item["channel"], item["status"], failed["activations_used"]) == ("mak", "licensed", 0)
    refused = lab.each("kms_client", {"MAK-DEAD": {**wish["MAK-DEAD"], "remove_leftover_keys": True}})
    assert (refused["MAK-DEAD"]["error"]["code"], refused.writes("MAK-DEAD")) == ("activation_would_be_lost", 0)


def test_from_mak_to_kms_through_the_playbook_and_the_mak_goes_last(lab: Lab) -> None:
    variables = {
        "convert_to_kms_hosts": "MAK",
        "kms_client_application": "office",
        "kms_client_products": [PRO_PLUS],
        "kms_client_kms_host": "kms1.corp.lab",
        "kms_client_remove_leftover_keys": True,
        "kms_client_dns_server": "{{ winlab_dns_server }}",
        "kms_client_dns_port": "{{ winlab_dns_port }}",
        "kms_client_probe_networks": "{{ winlab_probe_networks }}",
    }
    done = lab.run(f"{FQCN}.convert_to_kms", variables, expected_warnings=(RESTART,)).run.results(f"{FQCN}.kms_client")["MAK"]
    assert [step["action"] for step in done["steps"]] == ["install_product_key", "activate", "remove_product_key"]
    assert "with the MAK ending in 22222" in done["steps"][-1]["loses"]
    assert outcomes(done) == [("6F7TH", "activated")]
    again = lab.run(f"{FQCN}.convert_to_kms", variables)
    assert not again.run.results(f"{FQCN}.kms_client")["MAK"]["changed"]
    assert again.writes("MAK") == 0


def test_and_back_to_the_mak_beside_the_gvlk(lab: Lab) -> None:
    """After the test before: both keys are installed then, and the next task for KMS finds nothing to do and reports the MAK."""
    key = "MMMMM-KKKKK-MMMMM-WWWWW-22222"
    variables = {"convert_to_mak_hosts": "MAK", "mak_client_application": "office", "mak_client_product_key": key}
    run = lab.run(f"{FQCN}.convert_to_mak", variables, expected_warnings=("keeps its GVLK ending in 6F7TH in addition to the MAK",)).run
    done = run.results(f"{FQCN}.mak_client")["MAK"]
    assert (done["activation"]["outcome"], done["activations_used"]) == ("activated", 1)
    result = lab.each("kms_client", {"MAK": OFFICE}, expected_warnings=(LEFT,))["MAK"]
    assert (result["changed"], [left["channel"] for left in result["leftover_keys"]]) == (False, ["mak"])
    refused = lab.each("kms_client", {"MAK": {**OFFICE, "remove_leftover_keys": True}})
    assert (refused["MAK"]["error"]["code"], refused.writes("MAK")) == ("activation_would_be_lost", 0)


def test_office_moves_from_mak_to_kms_when_a_host_counts_enough_of_office(lab: Lab) -> None:
    variables = {
        "mak_to_kms_when_ready_hosts": "MOVES",
        "kms_client_application": "all",
        "kms_client_probe_networks": "{{ winlab_probe_networks }}",
        **LAB_DNS,
    }
    early = lab.run(f"{FQCN}.mak_to_kms_when_ready", {**variables, "mak_to_kms_when_ready_kms_hosts": "newhost"})
    told = report_rows(early)["MOVES"]["message"]
    assert "The machine does not have a MAK. Office keeps the MAK ending in 22222 of ProPlus 2021: NEWHOST counts" in told
    assert "Office keeps the MAK ending in 33333 of VisioPro 2021: NEWHOST counts" in told
    assert early.writes("MOVES") == 0
    late = lab.run(f"{FQCN}.mak_to_kms_when_ready", {**variables, "mak_to_kms_when_ready_kms_hosts": "kms1"}, expected_warnings=(RESTART,))
    done = late.run.results(f"{FQCN}.kms_client")["MOVES"]
    assert outcomes(done) == [("6F7TH", "activated"), ("K2HT4", "activated")]
    assert [left["removed"] for left in done["leftover_keys"]] == [True, True]
    again = lab.run(f"{FQCN}.mak_to_kms_when_ready", {**variables, "mak_to_kms_when_ready_kms_hosts": "kms1"})
    assert "Office does not have a MAK." in report_rows(again)["MOVES"]["message"]


def test_options_of_office_need_a_task_about_office(lab: Lab) -> None:
    wrong = lab.each("kms_client", {"TWO": {"products": [VISIO]}, "BARE": {**OFFICE, "product_key": "FXYTK-NJJ8C-GB6DW-3DYQT-6F7TH"}})
    assert "products cannot be combined with application: windows" in wrong["TWO"]["msg"]
    assert "product_key cannot be combined with application: office" in wrong["BARE"]["msg"]
    assert all(wrong.nothing_sent(host) for host in wrong)
