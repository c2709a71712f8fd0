# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""License files of the controller are installed once, by the licensing service they are for, and every way that fails has its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from winlab.simulation.facts import OFFICE, WINDOWS
from winlab.simulation.license_files import OFFICE_2010, USE, document

from .documented import complaints, documentation, task_complaints
from .harness import Lab, Results

ESTATE = "license_file.yml"
INSTALL = "InstallLicense"
PACK_ID, ADD_ON_ID, OLD_ID = (f"{letter * 8}-0000-4000-8000-000000000001" for letter in "abc")
FILES = {
    "pack/keys.xrm-ms": document("Keys"),
    "pack/pl.xrm-ms": document("Pack", PACK_ID.upper(), OFFICE),
    "pack/ul.xrm-ms": document("Pack for use", PACK_ID, OFFICE, category=USE),
    "addon.xrm-ms": document("アドオン", ADD_ON_ID, WINDOWS),
    "office14.xrm-ms": document("Office 2010", OLD_ID, OFFICE_2010),
    "unsigned.xrm-ms": document("Unsigned", ADD_ON_ID, WINDOWS, signature="somebody"),
    "page.xrm-ms": "<html><body>Not found</body></html>",
    "entities.xrm-ms": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
}
PACK = ["pack/keys.xrm-ms", "pack/pl.xrm-ms", "pack/ul.xrm-ms"]
WISHES: Mapping[str, Mapping[str, Any]] = {
    "HOST": {"src": PACK},
    "TOKYO": {"src": ["addon.xrm-ms"]},
    "SEVEN": {"src": PACK, "application": "office"},
    "OLDER": {"src": ["pack/keys.xrm-ms", "office14.xrm-ms"], "application": "office"},
}
IDS = {"HOST": PACK_ID, "TOKYO": ADD_ON_ID, "SEVEN": PACK_ID, "OLDER": OLD_ID}
SERVICES = {"HOST": "windows", "TOKYO": "windows", "SEVEN": "office", "OLDER": "office"}

Runs = tuple[Results, Results, Results]


@pytest.fixture(scope="module", autouse=True)
def files(lab: Lab) -> None:
    """The files beside the playbooks, and in a role."""
    for folder in (lab.folder / "files", lab.folder / "roles" / "pack" / "files"):
        for name, text in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-16" if name == "addon.xrm-ms" else "utf-8")
        (folder / "empty").mkdir()


@pytest.fixture(scope="module")
def runs(lab: Lab) -> Runs:
    """Check mode, the run and a second run."""
    return lab.thrice("license_file", WISHES)


@pytest.mark.quick
@pytest.mark.smoke
@pytest.mark.parametrize("name", WISHES)
def test_the_files_are_installed_once_by_the_right_service(runs: Runs, lab: Lab, name: str) -> None:
    forecast, done, again = (run[name] for run in runs)
    assert (forecast["changed"], done["changed"], again["changed"]) == (True, True, False)
    count = len(WISHES[name]["src"])
    assert [run.writes(name) for run in runs] == [0, count, 0]
    assert runs[2].requests(name) == 3
    assert done["after"] == forecast["after"] == again["before"] == {"listed": [IDS[name]], "missing": []}
    installed = lab.client.machine(name)["license_files"]
    assert len(installed[SERVICES[name]]) == count
    assert not installed["windows" if SERVICES[name] == "office" else "office"]


@pytest.mark.parametrize("name", WISHES)
def test_check_mode_foresees_what_the_run_does(runs: Runs, name: str) -> None:
    forecast, done, again = (run[name] for run in runs)
    files = [path.rpartition("/")[2] for path in WISHES[name]["src"]]
    assert [step["description"] for step in done["steps"]] == [f"install the license file {file}" for file in files]
    assert [{**step, "done": False} for step in done["steps"]] == forecast["steps"]
    assert all(step["done"] for step in done["steps"])
    assert again["steps"] == []
    assert forecast["diff"] == done["diff"]
    assert IDS[name] in done["diff"]["after"].partition("missing")[0]


def test_the_result_is_as_documented_and_names_each_file(runs: Runs, lab: Lab) -> None:
    for name in WISHES:
        assert task_complaints("license_file", runs[1][name]) == []
        assert not {"product", "activation"} & set(runs[1][name])
    first, second = runs[1]["HOST"]["files"], runs[2]["HOST"]["files"]
    assert [file["path"] for file in first] == [str(lab.folder / "files" / name) for name in PACK]
    assert [(file["title"], file["activation_ids"], file["is_listed"]) for file in first] == [
        ("Keys", [], None),
        ("Pack", [PACK_ID], False),
        ("Pack for use", [PACK_ID], False),
    ]
    assert [file["is_listed"] for file in second] == [None, True, True]
    assert runs[1]["TOKYO"]["files"][0]["title"] == "アドオン"


def test_the_products_are_there_without_a_key(runs: Runs, lab: Lab) -> None:
    assert runs[1]["HOST"]["changed"]
    found = lab.all("activation_info", ["HOST"], application="office", include_products_without_key=True)["HOST"]
    (product,) = (each for each in found["products"] if each["activation_id"] == PACK_ID)
    assert product["partial_product_key"] is None


def test_reinstall_installs_whatever_is_listed(runs: Runs, lab: Lab) -> None:
    assert runs[1]["HOST"]["changed"]
    again = lab.all("license_file", ["HOST"], src=PACK, reinstall=True)
    assert (again["HOST"]["changed"], again.calls("HOST", INSTALL)) == (True, 3)
    assert again["HOST"]["before"] == again["HOST"]["after"]


def test_a_folder_is_reinstalled_as_rilc_does_it(runs: Runs, lab: Lab) -> None:
    assert runs[1]["HOST"]["changed"]
    before = lab.client.machine("HOST")["license_files"]["windows"]
    again = lab.all("license_file", ["HOST"], src=["pack"], reinstall=True)
    assert [file["path"] for file in again["HOST"]["files"]] == [str(lab.folder / "files" / name) for name in PACK]
    assert lab.client.machine("HOST")["license_files"]["windows"] == [*before, "Keys", "Pack", "Pack for use"]
    assert not lab.all("license_file", ["HOST"], src=["pack"])["HOST"]["changed"]


def test_files_of_a_role_are_found_as_ansible_finds_them(lab: Lab) -> None:
    tasks = lab.folder / "roles" / "pack" / "tasks"
    tasks.mkdir(exist_ok=True)
    wanted = "{{ query('ansible.builtin.fileglob', 'pack/*.xrm-ms') | sort }}"
    task = f'- name: Install\n  winops.volume_activation.license_file:\n    src: "{wanted}"\n'
    (tasks / "main.yml").write_text(task, encoding="utf-8")
    found = lab.playbook([{"name": "Role", "hosts": ["ROLE"], "gather_facts": False, "roles": ["pack"]}])["ROLE"]
    assert [file["path"] for file in found["files"]] == [str(lab.folder / "roles" / "pack" / "files" / name) for name in PACK]
    (tasks / "main.yml").write_text(task.replace(wanted, "addon.xrm-ms"), encoding="utf-8")
    found = lab.playbook([{"name": "Role", "hosts": ["ROLE"], "gather_facts": False, "roles": ["pack"]}])["ROLE"]
    assert found["files"][0]["path"] == str(lab.folder / "roles" / "pack" / "files" / "addon.xrm-ms")


def test_a_lost_answer_is_decided_by_what_the_machine_lists(lab: Lab) -> None:
    lab.client.set_fault("TAKEN", "drop_before_reply", method=INSTALL, times=1, executed=True)
    lab.client.set_fault("LOST", "drop_before_reply", method=INSTALL, times=1, executed=False)
    found = lab.all("license_file", ["TAKEN", "LOST"], src=["addon.xrm-ms"])
    lab.client.clear_faults()
    for name, sent in (("TAKEN", 1), ("LOST", 2)):
        assert (found[name]["changed"], found.calls(name, INSTALL)) == (True, sent)
        assert found[name]["after"] == {"listed": [ADD_ON_ID], "missing": []}
        assert [step["uncertain"] for step in found[name]["steps"]] == [False]


def test_two_lost_answers_end_the_task_without_a_guess(lab: Lab) -> None:
    lab.client.set_fault("TWICE", "drop_before_reply", method=INSTALL, executed=True)
    found = lab.all("license_file", ["TWICE"], {"expected_warnings": ("not all license files were installed",)}, src=PACK)
    lab.client.clear_faults()
    result = found["TWICE"]
    assert (result["status"], result["changed"], result["error"]["code"]) == ("failed", True, "unknown_outcome")
    assert [(step["done"], step["uncertain"]) for step in result["steps"]] == [(False, True), (False, False), (False, False)]


FAILURES = {
    "UNSIGNED": ("unsigned.xrm-ms", "0xC004F01D", "SL_E_LICENSE_SIGNATURE_VERIFICATION_FAILED", "Copy the license file again"),
    "FOREIGN": ("office14.xrm-ms", "0xC004F01F", "SL_E_INVALID_LICENSE", "Copy the license file again"),
    "DENIED": ("addon.xrm-ms", "0x80070005", "E_ACCESSDENIED", "Administrators"),
    "LARGE": ("addon.xrm-ms", "unreachable", "HTTP 413", "MaxEnvelopeSizekb"),
}


def test_what_windows_says_is_explained_with_the_file_and_the_next_step(lab: Lab) -> None:
    lab.client.set_fault("DENIED", "wmi_fault", method=INSTALL, hresult=0x80070005)
    lab.client.set_fault("LARGE", "http_status", method=INSTALL, status=413)
    found = lab.each("license_file", {name: {"src": [file]} for name, (file, *_rest) in FAILURES.items()})
    lab.client.clear_faults()
    for name, (file, code, *words) in FAILURES.items():
        result = found[name]
        assert (result["changed"], result["error"]["code"]) == (False, code), result["msg"]
        assert [word for word in words if word not in result["msg"]] == []
        assert [step["done"] for step in result["steps"]] == [False]
        if result["status"] == "failed":
            assert result["msg"].startswith(f"{name}: Could not install the license file {file}: {code}")
            assert list(complaints(result["error"], documentation("license_file")["error"]["contains"], "error.")) == []


def test_a_task_that_ends_halfway_says_how_to_go_on(lab: Lab) -> None:
    src = [*PACK[:2], "unsigned.xrm-ms"]
    advice = "HALF: not all license files were installed. Run the task with reinstall: true"
    failed = lab.all("license_file", ["HALF"], {"expected_warnings": (advice,)}, src=src)["HALF"]
    assert (failed["status"], failed["changed"]) == ("failed", True)
    assert [step["done"] for step in failed["steps"]] == [True, True, False]
    assert "Completed steps: install the license file keys.xrm-ms; install the license file pl.xrm-ms." in failed["msg"]
    assert not lab.all("license_file", ["HALF"], src=PACK)["HALF"]["changed"]
    mended = lab.all("license_file", ["HALF"], src=PACK, reinstall=True)["HALF"]
    assert [step["done"] for step in mended["steps"]] == [True] * 3


def test_a_machine_that_takes_a_file_and_shows_nothing_is_told(lab: Lab) -> None:
    warning = f"SILENT: the machine accepted the license files, but does not list {PACK_ID}"
    found = lab.all("license_file", ["SILENT"], {"expected_warnings": (warning,)}, src=["pack/ul.xrm-ms"])["SILENT"]
    assert (found["status"], found["changed"], found["after"]) == ("ok", True, {"listed": [], "missing": [PACK_ID]})


REFUSALS: Mapping[str, tuple[Mapping[str, Any], str, tuple[str, ...]]] = {
    "BARE": (
        {"src": PACK, "application": "office"},
        "office_service_missing",
        ("BARE does not have Office", "repair Office"),
    ),
    "SEVEN": ({"src": ["addon.xrm-ms"], "application": "office"}, "application_mismatch", ("addon.xrm-ms is a license file of Windows",)),
    "OLDER": ({"src": [*PACK, "office14.xrm-ms"], "application": "office"}, "mixed_office_versions", ("in a separate task",)),
    "HOST": ({"src": PACK[:1]}, "no_product_id", ("The files do not contain a product ID", "set reinstall")),
    "OLD": ({"src": PACK}, "not_supported_by_windows", ("does not use license files", "Exclude this machine")),
}


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_refusal_says_why_and_what_to_do_in_check_mode_too(lab: Lab, check_mode: bool) -> None:
    wishes = {name: wish for name, (wish, _code, _words) in REFUSALS.items()}
    found = lab.each("license_file", wishes, keywords={"check_mode": check_mode})
    for name, (_wish, code, words) in REFUSALS.items():
        assert (found[name]["status"], found[name]["error"]["code"], found.writes(name)) == ("failed", code, 0)
        assert [word for word in words if word not in found[name]["msg"]] == []


BAD: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "HOST": ({}, "src is required"),
    "TOKYO": ({"src": []}, "the list is empty"),
    "SEVEN": ({"src": ["missing.xrm-ms"]}, "Ansible does not find the file missing.xrm-ms"),
    "OLDER": ({"src": ["empty"]}, "empty does not contain a file whose name ends in .xrm-ms"),
    "TAKEN": ({"src": ["page.xrm-ms"]}, "page.xrm-ms is not a license file: it starts with <html>"),
    "LOST": ({"src": ["entities.xrm-ms"]}, "it declares a document type or an entity"),
    "TWICE": ({"src": PACK, "application": "word"}, "'word' is not one of windows, office"),
}


def test_what_is_wrong_with_a_file_is_said_before_anything_is_sent(lab: Lab) -> None:
    found = lab.each("license_file", {name: wish for name, (wish, _words) in BAD.items()})
    for name, (_wish, words) in BAD.items():
        assert (found[name]["status"], found[name]["error"]["code"], found.nothing_sent(name)) == ("failed", "invalid_options", True), name
        assert words in found[name]["msg"]
