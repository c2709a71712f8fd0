# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which KMS clients are proven to be served by a living host, and which records a replacement takes over.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: results of ``activation_info``, ``kms_client`` and ``kms_srv_record_info`` in, plain data out. A name proves nothing,
as a rebuilt host has the name of the dead one; the extended PID of the host that activated a client does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...module_utils import _hosts as hosts
from .._licensing.state.report import kms_label
from .._registered import Result, kind, trouble

PROVEN = "proven"
UNPROVEN = "unproven"
LEFT_ALONE = "left_alone"
UNREACHABLE = "unreachable"
UNREAD = "unread"

_ACTIVATED = ("licensed", "extended_grace")
_OTHER_KEYS = {"mak": "a MAK", "csvlk": "a KMS host key"}


def client_proof(result: Result, living: Iterable[Result], failed: Sequence[str] = ()) -> dict[str, Any]:
    """What a reading of one machine proves.

    `result` is that of activation_info, or of kms_client, which has the product it left behind; `living` are activation_info
    results of the KMS hosts that work; `failed` are the names and addresses of the dead one, none when it was rebuilt under
    its own. `state` is one of the words above, `why` a sentence unless it is proven.
    """
    stopped = _trouble(result)
    product = _product(result)
    if product is None:
        return _proof(*(stopped or (LEFT_ALONE, "Windows has no product key")), kind=kind(result))
    service_host = (result.get("service") or {}).get("kms_host")
    kms = product["kms"]
    found: dict[str, Any] = {
        "kind": kind(result),
        "licensed": product["status"] in _ACTIVATED,
        "kms_host": kms_label(kms),
        "host_extended_pid": kms["host_extended_pid"],
        "expires": product["expires"],
        **_pin(kms, service_host, failed),
    }
    return _proof(*(_not_asking(product) or _judge(found, living)), **found)


def extended_pids(living: Iterable[Result]) -> set[str]:
    """The extended PIDs a client may show: those of activated KMS host keys."""
    products = (product for result in living for product in result.get("products", ()))
    return {product["extended_pid"] for product in products if _is_host_key(product) and product["extended_pid"]}


def takeover(domains: Iterable[Result], failed: str, record: Result) -> list[dict[str, Any]]:
    """The record to publish in each domain, and whether the one of the failed host has to go.

    `domains` are those of kms_srv_record_info. Priority and weight that `record` does not give are those of the record that is
    there already, or else those of the failed host, or else 0. A failed host of the same name keeps its record.
    """
    return [_takeover(found, failed, record) for found in domains]


def _takeover(found: Result, failed: str, record: Result) -> dict[str, Any]:
    old, own = _record_of(found, failed), _record_of(found, record["host"])
    heir, probes = own or old or {}, _probes_of(found, failed)
    # Templates of ansible-core before 2.19 hand over numbers as text, and nothing as an empty one.
    given = {name: int(record[name]) for name in ("priority", "weight") if record.get(name) not in (None, "")}
    wanted = {"priority": heir.get("priority", 0), "weight": heir.get("weight", 0), **given}
    return {
        "domain": found["domain"],
        "record": {"host": record["host"], "port": int(record["port"]), **wanted},
        "remove": old is not None and not hosts.same_name(failed, record["host"]),
        "answers": _answers(own),
        "failed_answers": any(probe["is_kms_host"] for probe in probes) if probes else None,
        "failed_probes": probes,
        "why": _silence(own),
    }


def _answers(record: Result | None) -> bool | None:
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


def _proof(state: str, why: str | None, **found: Any) -> dict[str, Any]:
    nothing = {
        "kind": None,
        "licensed": False,
        "kms_host": None,
        "host_extended_pid": None,
        "expires": None,
        "pinned": None,
        "covered": False,
    }
    return {"state": state, "proven": state == PROVEN, "why": why, **nothing, **found}


def _trouble(result: Result) -> tuple[str, str] | None:
    stopped = trouble(result, "it could not be read")
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
        return LEFT_ALONE, f"it asks no KMS host: its key is {_OTHER_KEYS.get(product['channel'], 'of channel ' + product['channel'])}"
    if product["activated_by"] in _WITHOUT_KMS:
        return LEFT_ALONE, f"it asks no KMS host: it is activated by {_WITHOUT_KMS[product['activated_by']]}"
    return None


def _judge(found: Result, living: Iterable[Result]) -> tuple[str, str | None]:
    pid = found["host_extended_pid"]
    if found["pinned"]:
        where = "the machine" if found["pinned"] == "service" else "the product"
        return UNPROVEN, f"{where} is still set to the failed host"
    if not found["licensed"]:
        return UNPROVEN, "it is not licensed"
    if pid and pid in extended_pids(living):
        return PROVEN, None
    return UNPROVEN, f"a host that is not among the living ones activated it (extended PID {pid or 'unknown'})"


def _pin(kms: Result, service_host: str | None, failed: Sequence[str]) -> dict[str, Any]:
    """Where the failed host is set; `covered` when another setting of the product's own is in force instead."""
    if kms["source"] == "configured" and is_one_of(kms["kms_host"], failed):
        return {"pinned": kms["scope"], "covered": False}
    if is_one_of(service_host, failed):
        return {"pinned": "service", "covered": kms["source"] == "configured"}
    return {"pinned": None, "covered": False}


def is_one_of(host: str | None, names: Sequence[str]) -> bool:
    """A short name stands for the full one."""
    if not host:
        return False
    return any(hosts.same_name(host, name) or ("." not in host and hosts.same_name(host, name.split(".")[0])) for name in names)


def _is_host_key(product: Result) -> bool:
    return bool(product["channel"] == "csvlk" and product["status"] in _ACTIVATED)
