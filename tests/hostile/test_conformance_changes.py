# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""windows_conformance with allow_changes: whatever happens in the middle, the machine is as before, or the user knows what is not.

Each run is cut or killed at one of its requests. What an interrupted run left is restored by the next one, from the record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import ResponseLostError
from winlab.protocol.endpoint import Endpoint
from winlab.simulation.snapshot import snapshot

from .in_process import Clock, Direct, Job, Lab, action_for, action_of, is_write, run
from .late import LateActivation

REFUSED = {
    "KMS1": ("is_kms_host", "KMS1 is a KMS host"),
    "TEN": ("key_not_restorable", "the retail key ending in"),
    "OLD": ("invalid_state", "could not be read"),
}


class Interrupted(Direct):
    """A machine that is cut off, or whose run is killed, at one request; `executed`: after the request took effect."""

    def __init__(self, service: Endpoint, at: int, problem: Callable[[], BaseException], *, executed: bool) -> None:
        super().__init__(service)
        self._at, self._problem, self._executed, self.requests = at, problem, executed, 0

    def send(self, message: bytes, timeout: float) -> bytes:
        self.requests += 1
        if self.requests == self._at and self._executed:
            super().send(message, timeout)
        if self.requests >= self._at:
            raise self._problem()
        return super().send(message, timeout)


def job_on(folder: Path, machine: str = "PC", *names: str) -> Job:
    options = {"allow_changes": True, "computer_names": [*(names or (machine,))], "restore_path": str(folder / "restore")}
    return Job("windows_conformance", machine, {**options, "pseudonym_key": "any"})


def state_of(lab: Lab, machine: str = "PC") -> dict[str, Any]:
    """What must be as before: settings, registry, keys with their status."""
    found = snapshot(lab.estate.machines[machine])
    keyed = [
        (each["channel"], each["settings"], each["properties"]["PartialProductKey"], each["properties"]["LicenseStatus"])
        for each in found["products"]
    ]
    registry = {key: values for key, values in found["registry"].items() if values}  # a key that was looked at is there without values
    return {"service": found["service"], "registry": registry, "products": keyed, "files": found["files"]}


def verdicts(result: Mapping[str, Any]) -> dict[str, str]:
    return {each["id"]: each["verdict"] for each in result["assumptions"]}


def records(folder: Path) -> list[Path]:
    return sorted((folder / "restore").glob("*"))


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def test_a_machine_is_changed_and_is_as_before(lab: Lab, tmp_path: Path) -> None:
    before, transport = state_of(lab), Direct(lab.endpoint("PC"))
    result = run(job_on(tmp_path), transport)
    assert not result.get("failed"), result["msg"]
    assert result["changed"] is True
    assert len(result["steps"]) > 20
    assert all(step["done"] for step in result["steps"])
    assert (result["changes_left"], result["restore_path"], records(tmp_path)) == ([], None, [])
    assert state_of(lab) == before
    found = verdicts(result)
    assert [found[name] for name in ("W-014", "W-016", "W-027", "W-029", "W-033")] == ["holds"] * 5
    assert found["W-015"] == "not_visible"
    sent = [action_of(message).rpartition("/")[2] for message, _answer in transport.tape.order]
    assert sent.count("Activate") == 1
    assert {"SetKeyManagementServiceMachine", "InstallProductKey", "SetStringValue", "SetDWORDValue", "DeleteValue"} <= set(sent)


def test_each_change_is_shown_before_it_is_made(lab: Lab, tmp_path: Path) -> None:
    transport = Direct(lab.endpoint("PC"))
    action = action_for(job_on(tmp_path), transport, Clock())
    shown: list[tuple[str, int]] = []
    action._display = SimpleNamespace(
        display=lambda text: shown.append((text, transport.tape.writes)),
        warning=lambda text: shown.append((text, -1)),
        vvv=lambda *_texts, **_more: None,
    )
    result = action.run(task_vars={"inventory_hostname": "pc"})
    texts = [text for text, _writes in shown]
    assert [f"pc: windows_conformance will {step['description']}." for step in result["steps"]] == [
        text for text in texts if "which Windows refuses" not in text
    ]
    assert [writes for _text, writes in shown] == sorted(writes for _text, writes in shown)
    assert shown[0][1] == 0


def test_check_mode_returns_the_steps_and_sends_no_write(lab: Lab, tmp_path: Path) -> None:
    transport = Direct(lab.endpoint("PC"))
    result = run(job_on(tmp_path), transport, check=True)
    assert (result["changed"], result["changes_left"], transport.tape.writes) == (True, [], 0)
    assert records(tmp_path) == []
    done = run(job_on(tmp_path), Direct(lab.endpoint("PC")))
    names = {step["description"] for step in done["steps"]}
    assert {step["description"] for step in result["steps"] if step["action"] != "restore"} <= names
    assert not any(step["done"] for step in result["steps"])


@pytest.mark.parametrize("machine", REFUSED)
def test_a_machine_that_could_not_be_restored_is_refused_and_still_read(lab: Lab, tmp_path: Path, machine: str) -> None:
    code, words = REFUSED[machine]
    transport = Direct(lab.endpoint(machine))
    result = run(job_on(tmp_path, machine), transport)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, code)
    assert words in result["msg"]
    assert (transport.tape.writes, records(tmp_path)) == (0, [])
    assert result["shareable"]["assumptions"]


def test_another_computer_than_the_named_ones_is_refused(lab: Lab, tmp_path: Path) -> None:
    transport = Direct(lab.endpoint("PC"))
    result = run(job_on(tmp_path, "PC", "PC01", "TESTPC"), transport)
    assert result["error"]["code"] == "computer_not_named"
    assert "The machine is the computer PC, and computer_names has PC01, TESTPC" in result["msg"]
    assert transport.tape.writes == 0


def cuts(folder: Path) -> list[int]:
    """The requests of an undisturbed run that are writes, by their number from 1; of the many of policies, one of six."""
    transport = Direct(Lab(folder).endpoint("PC"))
    run(job_on(folder), transport)
    messages = [message for message, _answer in transport.tape.order]
    writes = [(number, b"StdRegProv" in message) for number, message in enumerate(messages, 1) if is_write(message)]
    return [number for place, (number, of_policy) in enumerate(writes) if not of_policy or place % 6 == 1]


@pytest.mark.parametrize("executed", [False, True], ids=["before", "after"])
def test_a_run_killed_at_any_write_is_made_up_for_by_the_next_one(tmp_path: Path, executed: bool) -> None:
    for number in cuts(tmp_path):
        lab = Lab(tmp_path)
        before = state_of(lab)
        with pytest.raises(KeyboardInterrupt):
            run(job_on(tmp_path), Interrupted(lab.endpoint("PC"), number, KeyboardInterrupt, executed=executed))
        assert records(tmp_path) or state_of(lab) == before, number
        for path in records(tmp_path):
            assert all(each["by_hand"] for each in json.loads(path.read_text(encoding="utf-8"))["left"])
            assert path.stat().st_mode & 0o777 == 0o600
        result = run(job_on(tmp_path), Direct(lab.endpoint("PC")))
        assert not result.get("failed"), (number, result["msg"])
        assert (state_of(lab), records(tmp_path)) == (before, []), number


@pytest.mark.parametrize("executed", [False, True], ids=["before", "after"])
def test_a_machine_that_is_lost_at_any_write_is_named_with_what_is_left(tmp_path: Path, executed: bool) -> None:
    for number in cuts(tmp_path):
        lab = Lab(tmp_path)
        before = state_of(lab)
        lost = Interrupted(lab.endpoint("PC"), number, lambda: ResponseLostError("the connection broke", again=False), executed=executed)
        result = run(job_on(tmp_path), lost)
        assert result["failed"], number
        assert result["error"]["code"] in result["msg"]
        assert bool(result["changes_left"]) == bool(records(tmp_path))
        assert result["changes_left"] or state_of(lab) == before, number
        for each in result["changes_left"]:
            assert each["command"] in result["msg"]
        again = run(job_on(tmp_path), Direct(lab.endpoint("PC")))
        assert not again.get("failed"), (number, again["msg"])
        assert (state_of(lab), records(tmp_path)) == (before, []), number


def test_a_step_that_windows_refuses_ends_the_test_and_the_rest_is_restored(lab: Lab, tmp_path: Path) -> None:
    before = state_of(lab)
    lab.estate.set_fault("PC", "wmi_fault", method="SetKeyManagementServicePort", hresult=0x80070005)
    result = run(job_on(tmp_path), Direct(lab.endpoint("PC")))
    assert (result["failed"], result["error"]["code"], result["changes_left"]) == (True, "0x80070005", [])
    assert "Everything that the test changed is as before." in result["msg"]
    assert (state_of(lab), records(tmp_path)) == (before, [])


def test_what_cannot_be_restored_is_named_with_its_command_until_a_run_restores_it(lab: Lab, tmp_path: Path) -> None:
    before = state_of(lab)
    lab.estate.set_fault("PC", "wmi_fault", method="DeleteValue", hresult=0x80070005)
    result = run(job_on(tmp_path), Direct(lab.endpoint("PC")))
    assert result["failed"]
    commands = [each["command"] for each in result["changes_left"]]
    assert any(command.startswith('reg delete "HKLM\\') and command.endswith("/f") for command in commands)
    assert all(command in result["msg"] for command in commands)
    assert result["restore_path"] == str(records(tmp_path)[0])
    lab.estate.clear_faults()
    again = run(job_on(tmp_path), Direct(lab.endpoint("PC")))
    assert not again.get("failed"), again["msg"]
    assert (state_of(lab), records(tmp_path)) == (before, [])


def test_an_activation_that_fails_is_the_only_one_and_the_command_for_it_is_named(lab: Lab, tmp_path: Path) -> None:
    lab.estate.set_fault("KMS1", "kms_host_down")
    transport = Direct(lab.endpoint("PC"))
    result = run(job_on(tmp_path), transport)
    assert (result["failed"], result["error"]["code"]) == (True, "step_incomplete")
    assert "0xC004F074" in result["msg"]
    assert [each["command"].endswith("slmgr.vbs /ato") for each in result["changes_left"]] == [True]
    assert verdicts(result)["W-014"] == "holds"
    sent = [action_of(message).rpartition("/")[2] for message, _answer in transport.tape.order]
    assert sent.count("Activate") == 1
    lab.estate.clear_faults()
    again = run(job_on(tmp_path), Direct(lab.endpoint("PC")))
    assert not again.get("failed"), again["msg"]
    assert records(tmp_path) == []


@pytest.mark.parametrize(("continues", "verdict"), [(True, "holds"), (False, "does_not_hold")])
def test_an_activation_that_outlives_its_request_shows_which_truth_it_is(lab: Lab, tmp_path: Path, continues: bool, verdict: str) -> None:
    clock = Clock()
    transport = LateActivation(lab.endpoint("PC"), clock, continues=continues)
    result = run(job_on(tmp_path), transport, clock)
    assert verdicts(result)["W-015"] == verdict
    assert bool(result.get("failed")) == (not continues)
    assert len(transport.activations) == 1
    assert [each["command"].endswith("/ato") for each in result["changes_left"]] == ([] if continues else [True])


@pytest.mark.parametrize("spoiled", ['{"schema": 1}', "{", '{"schema": 1, "computer_name": "OTHER", "left": []}'])
def test_a_record_that_is_not_valid_is_refused_before_anything_is_changed(lab: Lab, tmp_path: Path, spoiled: str) -> None:
    (tmp_path / "restore").mkdir()
    (tmp_path / "restore" / "pc.json").write_text(spoiled, encoding="utf-8")
    transport = Direct(lab.endpoint("PC"))
    result = run(job_on(tmp_path), transport)
    assert (result["error"]["code"], transport.tape.writes) == ("record_unusable", 0)


def test_a_record_cannot_make_the_module_write_to_another_place(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "restore").mkdir()
    item = {
        "kind": "policy_value",
        "key": r"SOFTWARE\Microsoft\Windows\CurrentVersion\Run",
        "name": "x",
        "before": {"kind": 1, "data": "x"},
    }
    content = {"schema": 1, "computer_name": "PC", "left": [item]}
    (tmp_path / "restore" / "pc.json").write_text(json.dumps(content), encoding="utf-8")
    transport = Direct(lab.endpoint("PC"))
    result = run(job_on(tmp_path), transport)
    assert (result["error"]["code"], transport.tape.writes) == ("record_unusable", 0)
