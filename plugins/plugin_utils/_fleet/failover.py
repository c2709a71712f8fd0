# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify that KMS clients are activated by a KMS host that works, and find the records that a replacement takes over.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The input are results of ``activation_info``, ``kms_client``, and ``kms_srv_record_info``. A client is verified by the extended PID of
the KMS host that activated it, and not by a name, because a rebuilt host has the name of the failed one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...module_utils import _hosts as hosts
from .._task_results import Result, client_type, task_failure

VERIFIED = "verified"
UNVERIFIED = "unverified"
NOT_AFFECTED = "not_affected"
UNREACHABLE = "unreachable"
UNREAD = "unread"

ACTIVATED = ("licensed", "extended_grace")
_OTHER_KEYS = {"mak": "a MAK", "csvlk": "a KMS host key"}


def verify_client(result: Result, working_hosts: Iterable[Result], failed_hosts: Sequence[str] = ()) -> dict[str, Any]:
    """Verify that a machine is activated by a KMS host that works.

    `result` is the result of activation_info or of kms_client for the machine, `working_hosts` the results of activation_info for the
    KMS hosts that work, and `failed_hosts` the names and addresses of the failed one, none if it was rebuilt under its name.
    In the returned dictionary, `status` is one of the constants above, and `message` is None if the machine is verified.
    """
    stopped = read_failure(result)
    product = _product(result)
    if product is None:
        return verification(*(stopped or (NOT_AFFECTED, "Windows does not have a product key.")), client_type=client_type(result))
    service_host = (result.get("service") or {}).get("kms_host")
    kms = product["kms"]
    found: dict[str, Any] = {
        "client_type": client_type(result),
        "licensed": product["status"] in ACTIVATED,
        "kms_host": kms["kms_host"],
        "kms_port": kms["kms_port"] if kms["kms_host"] else None,
        "host_extended_pid": kms["host_extended_pid"],
        "expires": product["expires"],
        **failed_host_in(kms, service_host, failed_hosts),
    }
    return verification(*(_without_kms(product) or _check_client(found, working_hosts)), **found)


def extended_pids(working_hosts: Iterable[Result]) -> set[str]:
    """Return the extended PIDs of the activated KMS host keys, one of which a verified client must show."""
    products = (product for result in working_hosts for product in result.get("products", ()))
    return {product["extended_pid"] for product in products if _is_host_key(product) and product["extended_pid"]}


def takeover(domains: Iterable[Result], failed_host: str, record: Result) -> list[dict[str, Any]]:
    """Return the record to publish in each domain, and whether to remove the record of the failed host.

    `domains` are those of kms_srv_record_info. If `record` has no priority or weight, they are taken from the existing record of the
    replacement, otherwise from the record of the failed host, otherwise they are 0. A failed host with the same name keeps its record.
    """
    return [_takeover(found, failed_host, record) for found in domains]


def _takeover(found: Result, failed_host: str, record: Result) -> dict[str, Any]:
    old, own = _record_of(found, failed_host), _record_of(found, record["host"])
    model, probes = own or old or {}, _probes_of(found, failed_host)
    # Templates of ansible-core before 2.19 pass a number as text, and None as an empty text.
    given = {name: int(record[name]) for name in ("priority", "weight") if record.get(name) not in (None, "")}
    wanted = {"priority": model.get("priority", 0), "weight": model.get("weight", 0), **given}
    return {
        "domain": found["domain"],
        "record": {"host": record["host"], "port": int(record["port"]), **wanted},
        "remove": old is not None and not hosts.same_name(failed_host, record["host"]),
        "is_available": _is_available(own),
        "failed_host_is_available": any(probe["is_kms_host"] for probe in probes) if probes else None,
        "failed_host_probe_results": probes,
        "message": _probe_failure(own),
    }


def _is_available(record: Result | None) -> bool | None:
    """Whether the host of a record responds as a KMS host, or None without a record or a probe."""
    probe = record.get("probe_result") if record else None
    return bool(probe["is_kms_host"]) if probe else None


def _probe_failure(record: Result | None) -> str | None:
    """Return why the host of a record does not respond, with the next step, or None if it responds or was not probed."""
    probe = record.get("probe_result") if record else None
    return None if not probe or probe["is_kms_host"] else " ".join([probe["meaning"], *probe["next_steps"][:1]])


def _probes_of(found: Result, host: str) -> list[Result]:
    """What the probes of all records of a host said; a host may have several with different ports."""
    return [
        record["probe_result"]
        for record in found.get("records") or ()
        if hosts.same_name(record["host"], host) and record.get("probe_result")
    ]


def _record_of(found: Result, host: str) -> Result | None:
    return next((record for record in found.get("records") or () if hosts.same_name(record["host"], host)), None)


def verification(status: str, message: str | None, **found: Any) -> dict[str, Any]:
    """Return the result of a verification; fields that are not in `found` are not known."""
    nothing = {
        "client_type": None,
        "licensed": False,
        "kms_host": None,
        "kms_port": None,
        "host_extended_pid": None,
        "expires": None,
        "failed_host_scope": None,
        "overridden": False,
    }
    return {"status": status, "verified": status == VERIFIED, "message": message, **nothing, **found}


def read_failure(result: Result) -> tuple[str, str] | None:
    """Return the status and the reason if a machine could not be read, or None if it was read."""
    stopped = task_failure(result, "The machine could not be read.")
    if stopped:
        return (UNREACHABLE if stopped[0] == UNREACHABLE else UNREAD), stopped[1]
    return None if "products" in result else (UNREAD, "The task did not run on the machine.")


def unread_because(result: Result) -> str | None:
    """Return why a machine could not be read, or None if it was read."""
    stopped = read_failure(result)
    return stopped[1] if stopped else None


def _product(result: Result) -> Result | None:
    return next((product for product in result.get("products", ()) if product["primary"]), None)


_WHERE = {"service": "The machine", "product": "The product", "application": "The registry setting for all of Windows"}
_WITHOUT_KMS = {"ad": "Active Directory", "token": "a token", "subscription": "a subscription"}


def _without_kms(product: Result) -> tuple[str, str] | None:
    """Return status and message of a machine that does not use a KMS host, or None if it uses one."""
    if product["channel"] != "gvlk":
        key = _OTHER_KEYS.get(product["channel"], f"from the channel {product['channel']}")
        return NOT_AFFECTED, f"The machine does not use a KMS host: its product key is {key}."
    if product["activated_by"] in _WITHOUT_KMS:
        return NOT_AFFECTED, f"The machine does not use a KMS host: it is activated by {_WITHOUT_KMS[product['activated_by']]}."
    return None


def _check_client(found: Result, working_hosts: Iterable[Result]) -> tuple[str, str | None]:
    pid = found["host_extended_pid"]
    if found["failed_host_scope"]:
        return UNVERIFIED, f"{_WHERE[found['failed_host_scope']]} is still configured to use the failed KMS host."
    if not found["licensed"]:
        return UNVERIFIED, "The machine is not licensed."
    if pid and pid in extended_pids(working_hosts):
        return VERIFIED, None
    return UNVERIFIED, f"The KMS host that activated the machine is not one of the KMS hosts that work (extended PID: {pid or 'unknown'})."


def failed_host_in(kms: Result, service_host: str | None, failed_hosts: Sequence[str]) -> dict[str, Any]:
    """Find where the failed host is configured; `overridden` if a narrower setting has another KMS host, which Windows uses instead."""
    if kms["source"] == "configured" and is_one_of(kms["kms_host"], failed_hosts):
        return {"failed_host_scope": kms["scope"], "overridden": False}
    if is_one_of(kms.get("application_kms_host"), failed_hosts):
        return {"failed_host_scope": "application", "overridden": True}
    if is_one_of(service_host, failed_hosts):
        return {"failed_host_scope": "service", "overridden": kms["source"] == "configured"}
    return {"failed_host_scope": None, "overridden": False}


def is_one_of(host: str | None, names: Sequence[str]) -> bool:
    """Whether a host is one of these names. A name without a dot matches the first part of a full name."""
    if not host:
        return False
    return any(hosts.same_name(host, name) or ("." not in host and hosts.same_name(host, name.split(".")[0])) for name in names)


def _is_host_key(product: Result) -> bool:
    return bool(product["channel"] == "csvlk" and product["status"] in ACTIVATED)
