# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of proxy activation: found by their names, as documented, and no product key gets through any of them."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.deposit import (
    ALREADY_LICENSED,
    FAILED,
    INVALID,
    MISSING,
    NO_KEY,
    NOT_RUN,
    READY,
    STALE,
    UNREACHABLE,
    WAITING,
)

ROOT = Path(__file__).parents[3]
FQCN = "winops.volume_activation"
PACKAGE = f"ansible_collections.{FQCN}.plugins.filter"
KEY = "MMMMM-KKKKK-MMMMM-23BCD-FGHJK"
IID, CID = "020650770493837252929082195773527024195725809211989214", "204455473963727110378854169136901266745572"
RECORD = {
    "machine": "PC-01", "computer_name": "PC-01", "application": "windows", "product_name": "Windows(R), Enterprise edition",
    "activation_id": "2de67392-b7a7-462a-b1ca-108dd189f588", "partial_product_key": "TTWX3", "installation_id": IID, "confirmation_id": CID,
    "collected_time": "2026-11-20T09:38:10Z", "note": "", "extra": {"Room": "12"},
}  # fmt: skip
PRODUCT = {
    "application": "windows", "channel": "mak", "is_addon": False, "status": "initial_grace", "installation_id": IID,
    "activation_id": RECORD["activation_id"], "partial_product_key": "TTWX3", "name": RECORD["product_name"],
}  # fmt: skip
READ = {"machine": {"computer_name": "PC-01", "version": "10.0.19045"}, "products": [PRODUCT]}
ASKED = {"machine": READ["machine"], "products": [PRODUCT], "activation": {"outcome": "needs_confirmation_id", "error": None}}
DECISION = {
    "status": "ready", "message": None, "record_number": 1, "installation_id": IID, "confirmation_id": CID, "activation_id": None,
    "install_key": False, "other_ready": 0,
}  # fmt: skip
VARIABLES = {"PC-01": {"proxy_activation_collected": ASKED, "proxy_activation_read": READ, "proxy_activation_decision": DECISION}}
ANOTHER = {**RECORD, "confirmation_id": CID[:-1] + "3"}

CALLS: dict[str, tuple[Any, ...]] = {
    "from_proxy_file": (f"machine,installation_id,confirmation_id\nPC-01,{IID},\n", "plant.csv"),
    "to_proxy_file": ([RECORD], "csv", ","),
    "proxy_file_state": (f"machine,installation_id,confirmation_id\nPC-01,{IID},\n", {"checksum": "", "digests": []}),
    "validate_proxy_file": (["x"], ["plant.csv"]),
    "merge_installation_ids": ([], ["PC-01"], VARIABLES, "2026-11-20T09:38:10Z", ["PC-01"]),
    "merge_confirmation_ids": ([ANOTHER], [RECORD]),
    "select_confirmation_ids": ([RECORD], ["PC-01"], VARIABLES, "windows", ["PC-01"]),
    "proxy_report": (["PC-01"], VARIABLES, [RECORD], "deposit", "windows", False),
}


def load(name: str) -> Callable[..., Any]:
    loaded: Callable[..., Any] = getattr(import_module(f"{PACKAGE}.{name}"), name)
    return loaded


def documentation(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "plugins" / "filter" / f"{name}.yml").read_text(encoding="utf-8"))
    return found


def same_keys(documented: dict[str, Any], value: Any) -> None:
    if isinstance(value, list):
        for each in value:
            same_keys(documented, each)
    elif "contains" in documented:
        assert set(value) == set(documented["contains"])
        for key, about in documented["contains"].items():
            same_keys(about, value[key])


@pytest.mark.parametrize("name", CALLS)
def test_ansible_finds_the_filter_by_its_name(name: str) -> None:
    assert import_module(f"{PACKAGE}.{name}").FilterModule().filters() == {name: load(name)}
    assert documentation(name)["DOCUMENTATION"]["name"] == name


@pytest.mark.parametrize("name", CALLS)
def test_the_documented_result_is_the_real_one(name: str) -> None:
    result = load(name)(*CALLS[name])
    assert result
    same_keys(documentation(name)["RETURN"]["_value"], result)


@pytest.mark.parametrize("name", CALLS)
def test_the_documented_options_are_the_real_ones_in_their_order(name: str) -> None:
    about, parameters = documentation(name)["DOCUMENTATION"], inspect.signature(load(name)).parameters
    assert about["positional"].split(", ") == ["_input", *list(parameters)[1:]]
    assert set(about["options"]) == set(about["positional"].split(", "))
    for option, parameter in list(parameters.items())[1:]:
        default = about["options"][option].get("default", inspect.Parameter.empty)
        given_default = [] if parameter.default == () else parameter.default
        assert default == given_default, option


def test_every_filter_of_proxy_activation_is_tested_here() -> None:
    filters = (ROOT / "plugins" / "filter").glob("*.py")
    assert {path.stem for path in filters if "_proxy" in path.stem or "plugin_utils._proxy" in path.read_text(encoding="utf-8")} == set(
        CALLS
    )


def test_a_decision_is_documented_word_by_word() -> None:
    (made,) = load("select_confirmation_ids")(*CALLS["select_confirmation_ids"]).values()
    assert set(made) == {"", "TTWX3", "*"}
    about = documentation("select_confirmation_ids")["RETURN"]["_value"]
    assert set(made["TTWX3"]) == set(about["sample"]["PC-01"][""]) == set(DECISION)
    assert [
        state
        for state in (READY, ALREADY_LICENSED, WAITING, INVALID, STALE, MISSING, NO_KEY, UNREACHABLE, FAILED, NOT_RUN)
        if f"V({state})" not in str(about["description"])
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        f"machine,installation_id,confirmation_id,note\nPC-01,{IID},,{KEY}\n",
        f"machine,installation_id,confirmation_id\nPC-01,{IID},{KEY.replace('-', ' ')}\n",
        f"machine,installation_id,confirmation_id,{KEY}\nPC-01,{IID},\n",
        json.dumps({"format": "winops.volume_activation proxy records", "version": 1, "records": [{**RECORD, "note": KEY}]}),
        json.dumps({"format": "winops.volume_activation proxy records", "version": 1, "records": [{**RECORD, "note": "@"}]}).replace(
            "@", "".join(f"\\u{ord(character):04x}" for character in KEY)
        ),
        f'<computer_information_list version="1"><!-- {KEY} --></computer_information_list>',
    ],
    ids=["note", "with blanks", "title", "json", "json in code", "comment"],
)
def test_a_file_with_a_full_product_key_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        load("from_proxy_file")(text, "plant.csv")
    assert "plant.csv" in str(refused.value)
    assert "contains a full product key" in str(refused.value)
    assert KEY[:11] not in str(refused.value)
    (complaint,) = load("validate_proxy_file")([text], ["plant.csv"])
    assert KEY[:11] not in complaint


def test_the_line_with_the_key_is_named() -> None:
    with pytest.raises(AnsibleFilterError, match="line 3 "):
        load("from_proxy_file")(f"machine,installation_id,confirmation_id\nPC-01,{IID},\nPC-02,{IID},{KEY}\n")


def test_an_id_that_somebody_wrote_in_groups_of_five_is_no_key() -> None:
    fives = "-".join(IID[start : start + 5] for start in range(0, 54, 5))
    (found,) = load("from_proxy_file")(f"machine,installation_id,confirmation_id\nPC-01,{fives},\n")
    assert found["installation_id"] == IID


@given(
    st.sampled_from(["machine", "computer_name", "product_name", "note"]),
    st.sampled_from(["csv", "json", "xml"]),
    st.sampled_from(["", "x "]),
)
def test_no_file_that_is_written_holds_a_key(field: str, form: str, before: str) -> None:
    text = load("to_proxy_file")([{**RECORD, field: f"{before}{KEY}"}], form)
    assert KEY[:11] not in text
    assert "XXXXX-XXXXX-XXXXX-XXXXX-FGHJK" in text


def test_what_a_machine_sends_as_a_key_goes_into_no_record() -> None:
    said = {**ASKED, "products": [{**PRODUCT, "name": KEY}]}
    merged = load("merge_installation_ids")([], ["PC-01"], {"PC-01": {"proxy_activation_collected": said}}, "2026-11-20T09:38:10Z")
    assert KEY[:11] not in str(merged)
    stated = load("proxy_report")(["PC-01"], {"PC-01": {"proxy_activation_collected": {"failed": True, "msg": KEY}}}, [], "collect")
    assert KEY[:11] not in str(stated)


def test_a_machine_that_gets_its_mak_in_the_run_is_counted_in_check_mode() -> None:
    gvlk = {**PRODUCT, "channel": "gvlk"}
    results = {
        "NEW-1": {**ASKED, "products": [gvlk]},
        "NEW-2": {**ASKED, "products": [gvlk]},
        "OLD": {**ASKED, "products": [gvlk]},
        "PC-01": ASKED,
        "DONE": {**ASKED, "activation": {"outcome": "already_licensed"}},
        "GONE": {"unreachable": True, "msg": "no route"},
        "BAD": {"failed": True, "msg": "no"},
    }
    variables = {name: {"proxy_activation_collected": result} for name, result in results.items()}
    merged = load("merge_installation_ids")(
        [{**RECORD, "machine": "old"}], [*results, "NOT-RUN"], variables, "2026-11-20T09:38:10Z", [*results]
    )
    assert merged["later"] == ["NEW-1", "NEW-2"]


def test_the_lines_about_maks_fit_into_the_table() -> None:
    pid = "55041-00140-015-871562-03-1033-7078.0000-0992009"
    mak = {
        "extended_pid": pid, "remaining_activations": 412, "checked_time": "2026-11-30T13:20:00Z", "needed_activations": 57,
        "activations_used": 57, "unknown_activations": 1, "error": None,
    }  # fmt: skip
    after = [{"extended_pid": pid, "remaining_activations": 350, "checked_time": "2026-11-30T14:05:00Z", "error": None}]
    report = load("proxy_report")([], {}, [], "request", requested={"maks": [mak], "records": []}, left_after=after)
    assert max(map(len, report["shown"])) <= 128
    assert report["shown"][0].startswith(f"MAK {pid}: 412 left at Microsoft")
    assert report["maks"][0]["line"] in " ".join(line.strip() for line in report["shown"])


def test_a_machine_that_shows_nonsense_stops_nobody() -> None:
    said = {"PC-02": {"proxy_activation_collected": {**ASKED, "products": [{**PRODUCT, "installation_id": "<evil>"}]}}}
    merged = load("merge_installation_ids")([], ["PC-02", "PC-01"], {**VARIABLES, **said}, "2026-11-20T09:38:10Z")
    assert [found["machine"] for found in merged["records"]] == ["PC-01"]


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("from_proxy_file", (12,), "must be the text of a file"),
        ("to_proxy_file", ("x",), "must be a list"),
        ("to_proxy_file", (["x"],), "record 1 is not a dictionary"),
        ("to_proxy_file", ([{**RECORD, "installation_id": ""}],), "record 1 (PC-01), installation_id"),
        ("merge_confirmation_ids", ([], {}), "the returned records must be a list"),
        ("proxy_report", ([], {}, [], "phase 3"), "collect, request, or deposit"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(name: str, arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        load(name)(*arguments)
    assert words in str(refused.value)
    assert str(refused.value).startswith(f"{name}: ")


def test_a_good_file_has_no_complaint() -> None:
    text = load("to_proxy_file")([RECORD])
    assert load("validate_proxy_file")([text]) == []


def run(folder: Path, *arguments: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment = {**clean, "ANSIBLE_HOME": str(folder), "ANSIBLE_NOCOLOR": "1", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "ansible", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_looks_like_a_template_in_a_file_stays_a_text(tmp_path: Path) -> None:
    trap = "{{ lookup('ansible.builtin.pipe', 'touch sprung') }}"
    (tmp_path / "plant.csv").write_text(load("to_proxy_file")([{**RECORD, "note": trap}]), encoding="utf-8")
    records = f"lookup('ansible.builtin.file', 'plant.csv', rstrip=false) | {FQCN}.from_proxy_file"
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "tasks": [
            {"ansible.builtin.set_fact": {"found": f"{{{{ {records} }}}}"}},
            {"ansible.builtin.set_fact": {"merged": f"{{{{ [] | {FQCN}.merge_confirmation_ids(found) }}}}"}},
            {"ansible.builtin.copy": {"content": f"{{{{ merged.records | {FQCN}.to_proxy_file('json') | string }}}}", "dest": "back.json",
                                      "mode": "0600"}},
            {"ansible.builtin.debug": {"msg": "{{ merged.records[0].note }}"}},
        ],
    }  # fmt: skip
    (tmp_path / "book.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    output = run(tmp_path, "playbook", "-i", "localhost,", "-c", "local", "book.yml")
    assert "lookup('ansible.builtin.pipe'" in output
    assert not (tmp_path / "sprung").exists()
    assert load("from_proxy_file")((tmp_path / "back.json").read_text(encoding="utf-8"))[0]["note"] == trap


def test_the_documentation_shows_in_ansible_doc(tmp_path: Path) -> None:
    names = [f"{FQCN}.{name}" for name in CALLS]
    shown = json.loads(run(tmp_path, "doc", "--type", "filter", "--json", *names))
    assert set(shown) == set(names)
    for name in names:
        assert name in shown[name]["examples"]
        assert "_value" in shown[name]["return"]


def test_list_of_vamt_is_not_a_file_to_keep() -> None:
    listed = load("to_proxy_file")([], "cil")
    assert load("validate_proxy_file")([listed], ["a.xml"]) == []
    (complaint,) = load("validate_proxy_file")([listed, ""], ["a.xml", "b.csv"], ["a.xml", "b.csv"])
    assert complaint.startswith("a.xml: this is a list of VAMT")
