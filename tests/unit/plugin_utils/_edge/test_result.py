# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way in which a task can stop becomes one line for people and, where there is a code, data for programs."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.removal import NotDeletedError, OutcomeUnknownError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.options import ConnectionOptionsError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import (
    CimError,
    CimPath,
    CimUnknownOutcomeError,
    MalformedResponseError,
    ResponseTooLargeError,
    ShuttingDownError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import CredentialsRejectedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.changing.record import RecordError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.changing.run import NotRestoredError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge import result as _result
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.applicability import (
    UnsupportedKeywordError,
    WindowsTargetError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.file_host.channel import FileHostError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.file_host.staging import FileChangedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.fleet.hosts import HostVariablesError, UnknownMachinesError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.fleet.visit import NotReadError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import (
    InvalidOptionsError,
    TaskTimeoutError,
    UnreachableError,
    VolumeActivationError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.adba_object.creation import (
    ObjectNotCreatedError,
    ObjectOutcomeUnknownError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import (
    AnswerLostError,
    DirectoryError,
    DirectoryLogonError,
    DirectoryResultError,
    DirectoryUnreachableError,
    NoSuchObjectError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.errors import explain
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.step import Step, StepResult
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import (
    LicensingError,
    OfficeNotReadError,
    StepFailedError,
    StepIncompleteError,
    StepWithoutEffectError,
    TaskRefusedError,
    WrongKeyError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.recording.entry import LedgerError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.wmi_classes import WmiRepositoryError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.counts import MachinesFailedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.files import RecordsFileError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import InvalidRecordError, RecordTooLongError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.history.store import HistoryError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.task import ReportFileError

FIELDS = {"code", "symbol", "meaning", "cause", "next_steps", "category", "source", "transient", "known", "subcode", "underlying"}
STEP = Step("install_product_key", CimPath("SoftwareLicensingService"), "InstallProductKey", "install a key")


EVERY_KIND = [
    InvalidOptionsError("kms_client: wrong"),
    UnsupportedKeywordError("kms_client: not here.", ("Remove it.",)),
    WindowsTargetError("kms_srv_record does not run on Windows.", ("Set delegate_to: localhost.",)),
    VolumeActivationError("it cannot be done"),
    UnreachableError("http://w10:5985: connection refused.", ("Check ansible_host.",)),
    CredentialsRejectedError("http://w10:5985 refused user a."),
    CimError(0x80070005, "Zugriff verweigert", "InstallProductKey"),
    CimError(0xC004F999, "", "InstallProductKey"),
    CimUnknownOutcomeError("InstallProductKey", "the connection was dropped"),
    LicensingError("the machine reports no SoftwareLicensingService"),
    TaskRefusedError("is_kms_host", "It is a KMS host.", ("Set convert_kms_host: true.",)),
    TaskRefusedError("is_kms_host", "It is a KMS host."),
    OfficeNotReadError("office_not_read", "The licenses of Office could not be read."),
    MalformedResponseError("the machine returned '77' for SoftwareLicensingProduct.LicenseStatus, which must be one of 0, 1."),
    TaskTimeoutError("mak_client did not complete within its timeout of 60 seconds."),
    ConnectionOptionsError("winrm", "the operation timeout is longer than the read timeout."),
    WmiRepositoryError("SoftwareLicensingService", 0x80041010, "Windows since Vista"),
    ShuttingDownError("InstallProductKey", "http://w10:5985"),
    ResponseTooLargeError(
        "http://192.0.2.1:5985/wsman", "the responses require more memory than a task can use (48 MiB).", ("Request less data.",)
    ),
    LedgerError("Cannot write to the ledger /var/lib/ledger.jsonl: the disk is full."),
    StepIncompleteError("it does not stop."),
    StepWithoutEffectError("Windows skipped it."),
    WrongKeyError("the key is a MAK."),
    StepFailedError(STEP, (), explain(0xC004E016), "could not install a key"),
    StepFailedError(STEP, (), None, "could not install a key"),
    HostVariablesError("a variable of the connection cannot be evaluated: 'x' is undefined."),
    UnknownMachinesError("no machine of the inventory matches offices."),
    MachinesFailedError("2 machines failed: PC1, PC2", ("Correct the machines, the first is PC1.",)),
    NotReadError("not read before the deadline of 60 seconds."),
    RecordsFileError("/records.jsonl cannot be written: No space left on device"),
    InvalidRecordError("the line is not a JSON object"),
    RecordTooLongError("PC1: the result has 2000000 characters, and a record can have 1048576"),
    ReportFileError("/report.html is a directory, not a file"),
    HistoryError("/reports is not a directory"),
    FileHostError("files01 is not in the inventory."),
    FileChangedError("/srv/report.html on files01 was changed meanwhile."),
    NotRestoredError("The machine does not show that it is as before."),
    RecordError("/restore/PC1.json cannot be read: it is not a record."),
    StepFailedError(STEP, (), StepIncompleteError("it does not stop.").explain(), "could not restart: it does not stop."),
    DirectoryError("directory_schema_too_old", "dc1.corp.lab was asked."),
    DirectoryUnreachableError("directory_unreachable", "dc1.corp.lab:389: connection refused."),
    DirectoryLogonError("directory_logon_failed", "reader@CORP.LAB", subcode="wrong_password"),
    DirectoryResultError("directory_name_taken", "68 entryAlreadyExists", 68),
    NoSuchObjectError("directory_no_such_object", "32 noSuchObject", 32),
    AnswerLostError("directory_answer_lost", "dc1.corp.lab closed the connection."),
    OutcomeUnknownError("The response was lost."),
    ObjectNotCreatedError(explain(0x80072098), might_have_consumed=True),
    ObjectOutcomeUnknownError("the response was lost."),
    NotDeletedError("dc1.corp.lab still has the activation object 'Server 2022'."),
]
"""One of everything that can stop a task."""


@pytest.mark.parametrize("error", EVERY_KIND, ids=lambda error: f"{type(error).__name__}: {error}"[:40])
def test_whatever_stops_a_task_is_explained_in_full(error: VolumeActivationError) -> None:
    result = _result.unreachable(error, "w10") if isinstance(error, UnreachableError) else _result.failure(error, "w10")
    explained = result["error"]
    assert set(explained) == FIELDS
    assert explained["next_steps"]
    for text in (explained["code"], explained["meaning"], explained["cause"], explained["category"], *explained["next_steps"]):
        assert isinstance(text, str)
        assert text
    assert isinstance(explained["transient"], bool)
    assert explained["code"] in result["msg"]
    assert explained["next_steps"][0] in result["msg"]


def import_everything() -> None:
    """Import every module of the collection, because a class is known only after its module was imported."""
    package = "ansible_collections.winops.volume_activation.plugins"
    plugins = Path(_result.__file__).resolve().parents[2]
    for path in (path for folder in ("plugin_utils", "module_utils") for path in (plugins / folder).rglob("*.py")):
        importlib.import_module(".".join((package, *path.relative_to(plugins).with_suffix("").parts)))


def test_every_kind_of_error_there_is_was_tried() -> None:
    import_everything()

    def kinds(of: type[VolumeActivationError]) -> set[type[VolumeActivationError]]:
        return {of}.union(*(kinds(kind) for kind in of.__subclasses__()))

    elsewhere = {
        "InternalError",
        "DnsRequestNotSentError",
        "RequestNotSentError",
        "DnsError",
        "InvalidInputError",
        "DnsResponseLostError",
        "ProxyError",
        "StepNotRequiredError",
        "InvalidFieldError",
        "InvalidRecordsError",
    }
    elsewhere |= {"UnsafePathError", "NoHostsError", "FullProductKeyError", "ControllerContentError", "FailOnError"}
    elsewhere |= {"ServiceError", "JournalError", "JournalLockedError", "OverBudgetError"}  # of modules that ask Microsoft
    missing = {kind.__name__ for kind in kinds(VolumeActivationError)} - {type(error).__name__ for error in EVERY_KIND} - elsewhere
    assert missing == set()


@pytest.mark.parametrize("error", EVERY_KIND[:2])
def test_what_is_wrong_with_the_task_itself_names_the_module_and_no_host(error: VolumeActivationError) -> None:
    assert _result.failure(error, "w10")["msg"].startswith("kms_client: ")


def test_a_word_in_place_of_a_code_stands_at_the_end_and_the_first_step_before_it() -> None:
    assert _result.failure(InvalidOptionsError("kms_client: wrong"), "w10")["msg"] == (
        "kms_client: wrong. Next: Correct the options, and run the task again. No request was sent. [invalid_options]"
    )


def test_a_code_inside_another_word_is_not_taken_for_the_code() -> None:
    refused = TaskRefusedError("edition_mismatch", "The edition is wrong.", ("Set allow_edition_mismatch: true.",))
    assert _result.failure(refused, "w10")["msg"].endswith("Set allow_edition_mismatch: true. [edition_mismatch]")


def test_the_symbol_of_a_code_without_one_is_not_in_the_message() -> None:
    result = _result.failure(CimError(0x80041077, "", "query"), "w10")
    assert (result["error"]["symbol"], "None" in result["msg"], "no known symbol" in result["msg"]) == (None, False, False)


def steps_of(*actions: str) -> list[StepResult]:
    return [StepResult(action, f"do {action}", None, done=True) for action in actions]


def test_a_connection_that_was_lost_during_the_task_advises_to_wait() -> None:
    refused = UnreachableError("connection refused.", ("Check ansible_host and ansible_port.",))
    result = _result.unreachable(
        refused.with_message(f"Activate was sent. Then the machine could not be queried: {refused.message}"), "w10"
    )
    assert "Wait until the machine responds, then run the task again." in result["msg"]
    assert "ansible_host" not in result["msg"]


def test_the_message_of_a_machine_that_cannot_be_reached_begins_with_its_name() -> None:
    refused = UnreachableError("http://192.0.2.1:5985/wsman: connection refused.", ("Check ansible_host and ansible_port.",))
    assert _result.unreachable(refused, "w10")["msg"].startswith("w10: http://192.0.2.1:5985/wsman: connection refused.")


def test_success_names_three_steps_after_done_and_counts_the_others() -> None:
    steps = steps_of("a", "b", "c", "d")
    assert _result.success_message(steps, "w10", check_mode=False) == "w10: Done: do a; do b; do c; and 1 more, see 'steps'."
    assert _result.success_message(steps[:1], "w10", check_mode=True) == "w10: would do a."
    assert _result.success_message([], "w10", check_mode=False) == "w10: nothing to do."


def test_success_names_a_marker_only_if_there_is_no_other_step() -> None:
    both = steps_of("set_restart_marker", "a", "set_host_version")
    assert _result.success_message(both, "w10", check_mode=False) == "w10: Done: do a."
    assert _result.success_message(both[:1], "w10", check_mode=False) == "w10: Done: do set_restart_marker."


def test_a_step_the_words_hold_already_is_not_told_twice() -> None:
    msg = _result.failure(TaskRefusedError("is_kms_host", "It is a KMS host.", ("Set convert_kms_host: true.", "Or leave it.")), "w10")[
        "msg"
    ]
    assert msg == "w10: It is a KMS host. Set convert_kms_host: true. Or leave it. [is_kms_host]"


def test_what_the_machine_refuses_is_explained_by_its_code() -> None:
    result = _result.failure(CimError(0x80070005, "Zugriff verweigert", "InstallProductKey"), "w10")
    assert result["msg"].startswith("w10: InstallProductKey failed with 0x80070005: Zugriff verweigert (E_ACCESSDENIED: ")
    assert " Next: Use a domain account in the local Administrators group" in result["msg"]
    assert set(result["error"]) == FIELDS
    assert (result["error"]["code"], result["error"]["underlying"]) == ("0x80070005", None)


def test_a_refusal_has_the_fields_of_an_error_and_its_own_word_for_a_code() -> None:
    result = _result.failure(TaskRefusedError("is_kms_host", "It is a KMS host.", ("Set convert_kms_host: true.",)), "w10")
    assert result["msg"] == "w10: It is a KMS host. Set convert_kms_host: true. [is_kms_host]"
    assert set(result["error"]) == FIELDS
    assert (result["error"]["code"], result["error"]["category"]) == ("is_kms_host", "precondition")
    assert result["error"]["next_steps"] == ["Set convert_kms_host: true."]


@pytest.mark.parametrize(("host", "prefix"), [("the", "the: the key"), ("SRV1", "SRV1: the key")])
def test_a_message_names_the_host_even_when_it_begins_with_the_same_letters(host: str, prefix: str) -> None:
    assert _result.failure(VolumeActivationError("the key is wrong"), host)["msg"].startswith(prefix)


def test_a_message_that_begins_with_the_host_does_not_name_it_twice() -> None:
    assert _result.failure(TaskRefusedError("is_kms_host", "SRV1 is a KMS host.", ()), "SRV1")["msg"] == (
        "SRV1 is a KMS host. Next: Change the options of the task, or exclude this machine from the task. [is_kms_host]"
    )


def test_an_uncertain_write_has_a_word_for_a_code_and_may_be_tried_again() -> None:
    result = _result.failure(CimUnknownOutcomeError("InstallProductKey", "the connection was dropped"), "w10")
    assert (result["error"]["code"], result["error"]["transient"]) == ("unknown_outcome", True)
    assert result["msg"].startswith("w10: InstallProductKey was sent")


def test_where_the_facts_come_from_is_told_for_codes() -> None:
    error = _result.failure(CimError(0xC004F074, "", "Activate"), "w10")["error"]
    assert error["source"] == "slerror.h (Windows SDK); Microsoft Learn: Troubleshoot Windows activation error codes"


def test_which_of_its_reasons_a_code_had_is_told_where_somebody_looked() -> None:
    explanation = replace(explain(0xC004F035), subcode="wrong_key")
    result = _result.failure(StepFailedError(STEP, (), explanation, "could not install a key"), "w10")
    assert (set(result["error"]), result["error"]["subcode"]) == (FIELDS, "wrong_key")


def test_an_error_nobody_foresaw_is_told_by_type_and_text() -> None:
    result = _result.unexpected("kms_client", KeyError("Version"), "w10")
    assert result["failed"] is True
    assert result["msg"].startswith("w10: kms_client failed with an unexpected error, KeyError: 'Version'.")


@pytest.mark.parametrize("host", ["w10", "W10"])
def test_a_refusal_that_names_the_machine_has_the_name_once(host: str) -> None:
    assert _result.failure(TaskRefusedError("loses", "W10 would lose its activation."), host)["msg"].startswith("W10 would lose")
    assert _result.failure(TaskRefusedError("retail", "W10: It is retail."), host)["msg"].startswith("W10: It is retail.")


def test_a_diff_is_yaml_in_the_order_of_the_settings() -> None:
    before, after = {"product_key": "44444", "kms_host": None}, {"product_key": "T83GX", "kms_host": "kms01"}
    diff = _result.diff({"before": before, "after": after, "steps": []})
    assert diff["before"] == "product_key: '44444'\nkms_host: null\n"
    assert yaml.safe_load(diff["after"]) == after


def test_a_diff_names_what_is_lost() -> None:
    steps = [{"loses": None}, {"loses": "the activation of Windows with the MAK ending in 66666"}]
    diff = _result.diff({"before": {"status": "licensed"}, "after": {"status": "initial_grace"}, "steps": steps})
    assert yaml.safe_load(diff["before"]) == {"status": "licensed", "lost_activations": []}
    assert yaml.safe_load(diff["after"])["lost_activations"] == [steps[1]["loses"]]


def test_a_diff_holds_texts_with_marks_of_ansible_and_each_on_its_one_line() -> None:
    class Marked(str):
        """What a text of a playbook is before ansible-core 2.19."""

        __slots__ = ()

    diff = _result.diff({"before": {"firewall": Marked("open")}, "after": {"name": "a\nb: forged\x1b"}, "steps": []})
    assert diff["before"] == "firewall: open\n"
    assert yaml.safe_load(diff["after"]) == {"name": "a\ufffdb: forged\ufffd"}
