# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Determine what became of a machine from the results of its tasks.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The input are results of kms_client, mak_client, kms_host, rearm, genuine_info, and activation_info, in the order of the tasks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....module_utils import _phone as phone
from ....module_utils._visible import visible
from ..._errors import sentence
from ..._licensing.catalog import esu
from ..._licensing.office.names import parse
from ..._task_results import Result, bare_message, is_begun, task_failure
from .report import MachineOutcome

_BY_OUTCOME = {
    "waiting_for_count": "waiting_for_count",
    "needs_confirmation_id": "waiting",
    "planned": "planned",
    "activated": "activated",
    "already_licensed": "already_licensed",
    "failed": "failed",
}
_STRONGEST = ("failed", "waiting", "waiting_for_count", "planned", "activated", "changed", "already_licensed", "unchanged")
"""Statuses of successful tasks: the first of those that apply is the status of the machine."""

_KEYS = {"gvlk": "GVLK", "mak": "MAK", "csvlk": "KMS host key", "retail": "retail key", "oem": "OEM key"}
_NEXT = {
    "waiting_for_count": "Wait: the KMS host counted the request, and Windows retries automatically.",
    "waiting": "Get the confirmation ID from Microsoft, and run the playbook again with it.",
}
_DECIDED = ("not_yet", "not_affected", "not_run", "refused", "failed")
"""Statuses of a decision that count instead of the results of the tasks that changed the machine."""

_REBOOT = "Reboot the machine, and run the playbook again."


def outcome_of(
    machine: str, checks: Sequence[Result | None], results: Sequence[Result | None], decision: Result | None = None
) -> MachineOutcome:
    """Return what became of a machine.

    `checks` are results of tasks that read the machine, or ran in check mode: only their failures count. `results` are those of the tasks
    that changed it. `decision` has a status and a message, if the machine was not to be changed, or is not in the desired state afterwards,
    and can have next steps and a code.
    """
    checked, found = ([each for each in given if each and not each.get("skipped")] for given in (checks, results))
    own_name = next((str(each["machine"].get("computer_name") or "") for each in (*checked, *found) if each.get("machine")), "")
    for result in (*checked, *found):
        stopped = task_failure(result)
        if stopped:
            return _stopped(machine, own_name, result, found, *stopped)
    if decision and decision.get("status") in _DECIDED:
        return _decided(machine, own_name, decision, found)
    if not found:
        text = "The machine was read, but the task did not run on it." if checked else "The task did not run on the machine."
        return MachineOutcome(machine, "not_run", text, computer_name=own_name)
    statuses = {status for result in found for status in _statuses(result)}
    status = next(each for each in _STRONGEST if each in statuses)
    pieces = list(dict.fromkeys(piece for result in found for piece in _pieces(result, status)))
    steps = tuple(_next_steps(found[-1], status))
    text = "; ".join(pieces)
    return MachineOutcome(machine, status, sentence(f"{text[0].upper()}{text[1:]}") if text else "", steps, computer_name=own_name)


def _decided(machine: str, own_name: str, decision: Result, found: Sequence[Result]) -> MachineOutcome:
    """Return the outcome of a machine about which a filter decided."""
    steps, code = tuple(map(str, decision.get("next_steps") or ())), decision.get("code")
    text = str(decision["message"])
    return MachineOutcome(machine, decision["status"], text, steps, str(code) if code else None, own_name, is_begun=is_begun(*found))


def _next_steps(last: Result, status: str) -> Iterator[str]:
    if last.get("reboot_required"):
        yield _REBOOT
    elif status in _NEXT:
        yield _NEXT[status]
    yield from map(str, last.get("next_steps") or ())


def _stopped(machine: str, own_name: str, result: Result, found: Sequence[Result], status: str, message: str) -> MachineOutcome:
    """Return the outcome of a machine on which a task failed, or which could not be reached."""
    error = result.get("error") or {}
    is_refused = status == "failed" and error.get("category") == "precondition"
    text = _meaning(error) or bare_message(result, message).removeprefix(f"{machine}: ")
    done = [step for each in found for step in each.get("steps") or () if step.get("done")]
    lost = [f"Lost: {step['loses']}." for step in done if step.get("loses")]
    before = [f"{'1 step was' if len(done) == 1 else f'{len(done)} steps were'} done before."] if done else []
    return MachineOutcome(
        machine,
        "refused" if is_refused else status,
        " ".join([sentence(text), *before, *lost]),
        tuple(map(str, error.get("next_steps") or ())),
        " ".join(filter(None, (error.get("code"), error.get("symbol")))) or None,
        own_name,
        is_begun=is_begun(*found),
    )


def _meaning(error: Result) -> str:
    """Return the meaning of an error. Some codes have several reasons, and the module found the one of this machine."""
    if not error:
        return ""
    found = error.get("cause") if error.get("subcode") else (error.get("underlying") or error).get("meaning")
    return str(found or "")


def _statuses(result: Result) -> Iterator[str]:
    """Yield the statuses of a result without a failure: of its activations, and of its steps."""
    steps = result.get("steps") or ()
    activations = _activations(result)
    yield from (_BY_OUTCOME[each["outcome"]] for each in activations if each.get("outcome") in _BY_OUTCOME)
    if steps and not any(step.get("done") for step in steps):
        yield "planned"
    yield "changed" if steps else "unchanged"


def _activations(result: Result) -> list[Result]:
    found = result.get("activations") or [result.get("activation")]
    return [each for each in found if each]


def _pieces(result: Result, status: str) -> Iterator[str]:
    """Yield short texts about what was done, or about the state of a machine on which nothing had to be done."""
    activations, replaced = _activations(result), _replaced(result, status)
    for each in activations:
        name = _product(each) if len(activations) > 1 else ""
        text = _activation(each, result)
        yield f"{name}: {text}" if name else f"{text}{replaced if _is_mak(result) else ''}"
    if replaced and not (_is_mak(result) and len(activations) == 1):
        yield f"{_key((result.get('after') or {}).get('channel'))}{replaced}"
    if result.get("genuine_state"):
        yield _genuine(result)
    if result.get("rearms_used"):
        planned = "would be " if status == "planned" else ""
        yield f"{planned}rearmed{' and rebooted' if result.get('rebooted') else ''}"


def _genuine(result: Result) -> str:
    """Return the state in words, with the number of a status that is not known."""
    state = str(result["genuine_state"]).replace("_", " ")
    numbers = [str(each["genuine_status"]) for each in result.get("products") or () if each.get("genuine_status") is not None]
    return f"{state} {numbers[0]}" if state == "unknown status" and numbers else state


def _activation(each: Result, result: Result) -> str:
    if each.get("outcome") == "waiting_for_count":
        return f"KMS host {each.get('kms_host')} has not counted the {each.get('required_count')} clients yet that it requires"
    if each.get("installation_id"):
        return f"installation ID {phone.grouped(str(each['installation_id']))}"
    if each.get("kms_host"):
        return f"KMS host {each['kms_host']}"
    if by := _by_directory(each, result):
        return by
    channel = (result.get("after") or {}).get("channel")
    if channel == "mak" or not channel:
        key = each.get("partial_product_key")
        programme = esu.short_name(each.get("activation_id"))
        text = f"MAK ending in {key}" if key else "no key"
        return f"{programme}, {text}" if programme else text
    return _key(channel)


def _by_directory(each: Result, result: Result) -> str:
    """Return the activation object that activated a product, or Active Directory if it would do so, or an empty text."""
    own = [product for product in result.get("products") or () if product.get("activation_id") == each.get("activation_id")]
    found = [product["ad"].get("object_name") for product in own if product.get("activated_by") == "ad" and product.get("ad")]
    if found and found[0]:
        return f"activation object {visible(str(found[0]))}"
    is_planned = each.get("outcome") == "planned" and (result.get("after") or {}).get("activation_type") == "ad"
    return "Active Directory" if is_planned else ""


def _is_mak(result: Result) -> bool:
    return bool((result.get("after") or {}).get("channel") == "mak")


def _key(channel: str | None) -> str:
    return _KEYS.get(str(channel), "key")


def _replaced(result: Result, status: str) -> str:
    """Return which key was replaced by another one, and that an activation was lost with it. A plan only predicts both."""
    before, after = (result.get(when) or {} for when in ("before", "after"))
    old = before.get("partial_product_key")
    if not old or after.get("partial_product_key") in (None, old):
        return ""
    is_lost = any(step.get("loses") for step in result.get("steps") or ())
    lost = f", whose activation {'would be' if status == 'planned' else 'is'} lost" if is_lost else ""
    # The ending of a GVLK only shows the edition.
    ending = "" if before.get("channel") == "gvlk" else f" ending in {old}"
    return f" instead of the {_key(before.get('channel'))}{ending}{lost}"


def _product(each: Result) -> str:
    name = parse(str(each.get("product_name") or ""))
    return f"{name.product} {name.release}" if name else str(each.get("product_name") or "").partition(",")[0]


__all__ = ["outcome_of"]
