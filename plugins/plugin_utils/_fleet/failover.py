# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify that KMS clients are activated by a KMS host that works, and find the records that a replacement takes over.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: results of ``activation_info``, ``kms_client`` and ``kms_srv_record_info`` in, plain data out. A name proves nothing,
as a rebuilt host has the name of the failed one; the extended PID of the host that activated a client does.
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

_ACTIVATED = ("licensed", "extended_grace")
_OTHER_KEYS = {"mak": "a MAK", "csvlk": "a KMS host key"}


def verify_client(result: Result, working_hosts: Iterable[Result], failed_hosts: Sequence[str] = ()) -> dict[str, Any]:
    """Find out whether a machine is activated by a KMS host that works.

    `result` is the result of activation_info or of kms_client for the machine, `working_hosts` the results of activation_info for the
    KMS hosts that work, and `failed_hosts` the names and addresses of the failed one, none if it was rebuilt under its name.
    `status` is one of the words above, `message` a sentence unless the machine is verified.
    """
    stopped = _trouble(result)
    product = _product(result)
    if product is None:
        return _verification(*(stopped or (NOT_AFFECTED, "Windows has no product key")), client_type=client_type(result))
    service_host = (result.get("service") or {}).get("kms_host")
    kms = product["kms"]
    found: dict[str, Any] = {
        "client_type": client_type(result),
        "licensed": product["status"] in _ACTIVATED,
        "kms_host": kms["kms_host"],
        "kms_port": kms["kms_port"] if kms["kms_host"] else None,
        "host_extended_pid": kms["host_extended_pid"],
        "expires": product["expires"],
        **_failed_host_in(kms, service_host, failed_hosts),
    }
    return _verification(*(_not_asking(product) or _verify_client(found, working_hosts)), **found)


def extended_pids(working_hosts: Iterable[Result]) -> set[str]:
    """The extended PIDs a client may show: those of activated KMS host keys."""
    products = (product for result in working_hosts for product in result.get("products", ()))
    return {product["extended_pid"] for product in products if _is_host_key(product) and product["extended_pid"]}


def takeover(domains: Iterable[Result], failed_host: str, record: Result) -> list[dict[str, Any]]:
    """The record to publish in each domain, and whether the one of the failed host has to go.

    `domains` are those of kms_srv_record_info. Priority and weight that `record` does not give are those of the record that is
    there already, or else those of the failed host, or else 0. A failed host of the same name keeps its record.
    """
    return [_takeover(found, failed_host, record) for found in domains]


def _takeover(found: Result, failed_host: str, record: Result) -> dict[str, Any]:
    old, own = _record_of(found, failed_host), _record_of(found, record["host"])
    heir, probes = own or old or {}, _probes_of(found, failed_host)
    # Templates of ansible-core before 2.19 hand over numbers as text, and nothing as an empty one.
    given = {name: int(record[name]) for name in ("priority", "weight") if record.get(name) not in (None, "")}
    wanted = {"priority": heir.get("priority", 0), "weight": heir.get("weight", 0), **given}
    return {
        "domain": found["domain"],
        "record": {"host": record["host"], "port": int(record["port"]), **wanted},
        "remove": old is not None and not hosts.same_name(failed_host, record["host"]),
        "is_available": _is_available(own),
        "failed_host_is_available": any(probe["is_kms_host"] for probe in probes) if probes else None,
        "failed_host_probe_results": probes,
        "message": _silence(own),
    }


def _is_available(record: Result | None) -> bool | None:
    """What the probe of a record said; None when there is no record or it was not probed."""
    probe = record.get("probe_result") if record else None
    return bool(probe["is_kms_host"]) if probe else None


def _silence(record: Result | None) -> str | None:
    """Why the host of a record does not answer, and what to do next; None when it does, or when it was not probed."""
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


def _verification(status: str, message: str | None, **found: Any) -> dict[str, Any]:
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


def _trouble(result: Result) -> tuple[str, str] | None:
    stopped = task_failure(result, "it could not be read")
    if stopped:
        return (UNREACHABLE if stopped[0] == UNREACHABLE else UNREAD), stopped[1]
    return None if "products" in result else (UNREAD, "it took no part in this run")


def unread_because(result: Result) -> str | None:
    """Why a machine could not be read; None when it was."""
    stopped = _trouble(result)
    return stopped[1] if stopped else None


def _product(result: Result) -> Result | None:
    return next((product for product in result.get("products", ()) if product["primary"]), None)


_WITHOUT_KMS = {"ad": "Active Directory", "token": "a token", "subscription": "a subscription"}


def _not_asking(product: Result) -> tuple[str, str] | None:
    """Machines that are no clients of any KMS host are no concern of a failover."""
    if product["channel"] != "gvlk":
        return NOT_AFFECTED, f"it asks no KMS host: its key is {_OTHER_KEYS.get(product['channel'], 'of channel ' + product['channel'])}"
    if product["activated_by"] in _WITHOUT_KMS:
        return NOT_AFFECTED, f"it asks no KMS host: it is activated by {_WITHOUT_KMS[product['activated_by']]}"
    return None


def _verify_client(found: Result, working_hosts: Iterable[Result]) -> tuple[str, str | None]:
    pid = found["host_extended_pid"]
    if found["failed_host_scope"]:
        where = "the machine" if found["failed_host_scope"] == "service" else "the product"
        return UNVERIFIED, f"{where} is still configured to use the failed host"
    if not found["licensed"]:
        return UNVERIFIED, "it is not licensed"
    if pid and pid in extended_pids(working_hosts):
        return VERIFIED, None
    return UNVERIFIED, f"another KMS host than those that work activated it (extended PID {pid or 'unknown'})"


def _failed_host_in(kms: Result, service_host: str | None, failed_hosts: Sequence[str]) -> dict[str, Any]:
    """Find where the failed host is configured; `overridden` if the product has a KMS host of its own, which Windows uses instead."""
    if kms["source"] == "configured" and is_one_of(kms["kms_host"], failed_hosts):
        return {"failed_host_scope": kms["scope"], "overridden": False}
    if is_one_of(service_host, failed_hosts):
        return {"failed_host_scope": "service", "overridden": kms["source"] == "configured"}
    return {"failed_host_scope": None, "overridden": False}


def is_one_of(host: str | None, names: Sequence[str]) -> bool:
    """A short name stands for the full one."""
    if not host:
        return False
    return any(hosts.same_name(host, name) or ("." not in host and hosts.same_name(host, name.split(".")[0])) for name in names)


def _is_host_key(product: Result) -> bool:
    return bool(product["channel"] == "csvlk" and product["status"] in _ACTIVATED)
