# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection assumes about Windows without proof, each with an ID that never changes.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An assumption that was proved or disproved on real machines leaves the table, with a change log fragment that names its ID, and its number
is not used again. tools/assumptions.py writes the table of the guide to known limitations from this file.
"""

from __future__ import annotations

from collections.abc import Iterator

from .checks import changes, licensing, wire
from .model import Answers, Assumption, Finding

WINRM, LICENSING, REGISTRY, EVENTS, HOSTS, CHANGES = "WinRM", "Licensing", "Registry", "Events", "KMS hosts", "Changes"

_BY_A_CHANGE = "Only a change shows it, which the test makes with allow_changes."
_NOT_TESTED = "The test does not show it, because {}."

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "W-001",
        WINRM,
        "SoftwareLicensingService and SoftwareLicensingProduct are encoded like other WMI classes, and have the documented properties.",
        "Every module for Windows fails with malformed_answer.",
        licensing.classes_are_understood,
    ),
    Assumption(
        "W-002",
        WINRM,
        "A date that means never is in the year 1601, or NULL.",
        "A date is reported that does not exist, for example the end of an evaluation.",
        wire.never_is_1601,
    ),
    Assumption(
        "W-003",
        WINRM,
        "A text that is not set is NULL, an empty text, or not sent.",
        "A KMS host is reported that is not set.",
        wire.null_or_empty,
    ),
    Assumption(
        "W-004",
        WINRM,
        "A query over a class that does not exist fails with one of five codes.",
        "A machine without Office, or with a damaged WMI, fails with an unexplained code.",
        wire.missing_class,
    ),
    Assumption(
        "W-005",
        WINRM,
        "A query in a namespace that does not exist fails with one of the same codes.",
        "kms_host fails on a machine without the classes of the firewall.",
        wire.missing_namespace,
    ),
    Assumption(
        "W-006",
        WINRM,
        "A query with a column that does not exist fails as a whole.",
        "Nothing. The modules name only columns that every Windows has.",
        wire.unknown_column,
    ),
    Assumption(
        "W-007",
        WINRM,
        "A call of a method that does not exist fails with one of four codes.",
        "A module fails on the licensing service of Office, which has fewer methods, with an unexplained code.",
        wire.missing_method,
    ),
    Assumption(
        "W-008",
        WINRM,
        "Every fault contains a number that the client finds.",
        "A failure is reported as 0x80004005 without an explanation.",
        wire.faults_have_codes,
    ),
    Assumption(
        "W-009",
        WINRM,
        "Every response except a fault names its request (RelatesTo).",
        "The machine is reported as unreachable, because the response does not identify its request.",
        wire.responses_name_requests,
    ),
    Assumption(
        "W-010",
        WINRM,
        "An encrypted response has the header that Microsoft documents.",
        "The machine is reported as unreachable with NTLM, Kerberos, or CredSSP over HTTP, and the message contains the header.",
        wire.encrypted_header,
    ),
    Assumption(
        "W-011",
        WINRM,
        "LocalDateTime has a fraction of a second and an offset.",
        "Nothing. The client reads it with and without a fraction.",
        wire.local_time_has_fraction,
    ),
    Assumption(
        "W-012",
        WINRM,
        "The first page of a query has one instance.",
        "A task sends fewer requests than the guide to performance says.",
        wire.first_page_has_one,
    ),
    Assumption(
        "W-013",
        WINRM,
        "Each query of the modules takes less than 60 seconds.",
        "Tasks on this machine fail with a timeout of WinRM.",
        wire.queries_are_fast,
    ),
    Assumption(
        "W-014",
        WINRM,
        "The fault of a licensing method contains the code of the licensing service, for example 0xC004F074, or the method returns it.",
        "A failed activation is reported without the code of the licensing service.",
        changes.method_failures_have_codes,
        _BY_A_CHANGE,
    ),
    Assumption(
        "W-015",
        WINRM,
        "An activation that takes longer than the timeout of WinRM continues.",
        "A task waits four minutes for an activation that has ended, and then fails.",
        changes.late_activation_continues,
        _BY_A_CHANGE,
    ),
    Assumption(
        "W-016",
        LICENSING,
        "A product without KMS settings of its own shows those of the service.",
        "A setting is reported as missing at the product although it applies. Changes are still correct.",
        licensing.shows_settings_of_service,
    ),
    Assumption(
        "W-017",
        LICENSING,
        "A product may or may not show the KMS host that the registry sets for its application. The modules accept both.",
        "Nothing. This entry is to learn which one it is.",
        licensing.application_level_is_shown,
    ),
    Assumption(
        "W-018",
        LICENSING,
        "The counts of rearms are numbers from 0 to 1001.",
        "rearm refuses a machine, or reports a wrong count.",
        licensing.rearm_counts_are_numbers,
    ),
    Assumption(
        "W-019",
        LICENSING,
        "GenuineStatus is a number from 0 to 6.",
        "genuine_info and activation_check report the number as an unknown status.",
        licensing.genuine_status_is_known,
    ),
    Assumption(
        "W-020",
        LICENSING,
        "Since Windows 8, Office 2013 and later belong to the licensing service of Windows.",
        "An Office product is not found.",
        licensing.office_service_by_release,
    ),
    Assumption(
        "W-021",
        LICENSING,
        "The extended PID that a client shows as that of its KMS host is the extended PID of the KMS host.",
        "kms_failover does not recognize which KMS host activated a machine.",
        licensing.host_pid_is_the_same,
    ),
    Assumption(
        "W-022",
        REGISTRY,
        "A registry key or value that does not exist has the code 2.",
        "activation_policy and kms_client fail on a machine without the value.",
        licensing.missing_registry_key,
    ),
    Assumption(
        "W-023",
        REGISTRY,
        "StdRegProv reads the keys of the licensing service and of the policies.",
        "activation_policy fails.",
        licensing.registry_keys_are_read,
    ),
    Assumption(
        "W-024",
        EVENTS,
        "The strings of the licensing events have the known layout, also on builds after 22000.",
        "An event is reported with its strings, but without the values and the explanation.",
        licensing.events_are_decoded,
    ),
    Assumption(
        "W-025",
        EVENTS,
        "Win32_NTEventlogFile names the files of the logs Application and Key Management Service.",
        "kms_event_archive does not find the log.",
        licensing.log_files,
    ),
    Assumption(
        "W-026",
        HOSTS,
        "The rules of the firewall for KMS are a group, and their ports are in MSFT_NetProtocolPortFilter.",
        "kms_host reports the state of the firewall as unknown, and a warning says that the ports could not be checked.",
        licensing.firewall_classes,
    ),
    Assumption(
        "W-027",
        CHANGES,
        "One RefreshLicenseStatus after the last write is sufficient.",
        "A task returns the status from before the change.",
        changes.one_refresh_is_sufficient,
        _BY_A_CHANGE,
    ),
    Assumption(
        "W-028",
        CHANGES,
        "Windows refuses a GVLK of another edition, or changes its edition. kms_client never installs one.",
        "Nothing, unless product_key has allow_edition_mismatch: true. Its result is then the refusal, or the new edition.",
        how=_NOT_TESTED.format("a changed edition cannot be restored"),
    ),
    Assumption(
        "W-029",
        CHANGES,
        "The method is spelled BackupEventlog.",
        "kms_event_archive fails with a code for a method that does not exist.",
        changes.method_has_the_usual_spelling,
        _BY_A_CHANGE,
    ),
    Assumption(
        "W-030",
        CHANGES,
        "Win32_OperatingSystem.Reboot works without the name of the instance.",
        "The reboot after a rearm fails. The task says so.",
        how=_NOT_TESTED.format("it does not reboot a machine"),
    ),
    Assumption(
        "W-031",
        CHANGES,
        "The rearm count changes at the call or at the reboot, and event 12306 is written then.",
        "rearm returns the count from before.",
        how=_NOT_TESTED.format("a used rearm cannot be restored"),
    ),
    Assumption(
        "W-032",
        CHANGES,
        "A copy of a firewall rule keeps its group.",
        "kms_host creates the rule again in each run.",
        how=_NOT_TESTED.format("the collection cannot remove a firewall rule"),
    ),
    Assumption(
        "W-033",
        CHANGES,
        "A new key shows its grace period, or no status, until the refresh.",
        "Nothing. The modules refresh before they read.",
        changes.new_key_has_no_status,
        _BY_A_CHANGE,
    ),
    Assumption(
        "W-034",
        CHANGES,
        "A license that gets its first key is in WMI at once, without a restart of the licensing service.",
        "The activation is reported as failed with 0xC004F014, and the next step is to restart the service and to run the task again.",
        how=_NOT_TESTED.format("it installs only the key that the machine has"),
    ),
)


def judged(answers: Answers) -> Iterator[tuple[Assumption, Finding]]:
    """Yield each assumption with what the answers say about it."""
    for assumption in ASSUMPTIONS:
        yield assumption, assumption.judge(answers)


__all__ = ["ASSUMPTIONS", "judged"]
