# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out why an activation failed: the code, and the error behind a code that hides another one.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

0xC004F074 hides the error of each KMS host, which event 12288 contains. 0xC004F035 stands for a wrong key, and for a missing Windows marker
in the firmware of an OEM machine. 0xC004F038 is not an error of the client: the KMS host has not counted enough clients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..._cim.session import CimError, CimSession, MalformedResponseError, UnreachableError
from ..._errors import sentence
from ..catalog import esu, gvlk
from ..catalog.errors import ESU, KMS_CLIENT_KEY, KMS_HOST_KEY, ErrorExplanation, explain
from ..events import kms as events
from ..state.edition import edition_of
from ..state.model import ActivationState, Application, LicensedProduct
from ..state.product_key import ProductKey

COUNT_TOO_LOW = 0xC004F038
NO_KMS_ANSWER = 0xC004F074
INVALID_VOLUME_KEY = 0xC004F035
NOT_ACTIVATED = 0xC004F056
_NO_KEY = 0xC004F014
_NOT_SHOWN = "The machine accepted the key, but WMI does not show a product with the key, maybe until the licensing service is restarted."
_RESTART_SERVICE = (
    "Run 'Restart-Service sppsvc' on the machine, or reboot it, and run the task again. Windows might show a new product only then."
)
_EXPLAINED_BY_EVENTS = frozenset({NO_KMS_ANSWER, COUNT_TOO_LOW, INVALID_VOLUME_KEY})

_CLOCK_MARGIN = timedelta(seconds=2)
"""The event log stores whole seconds. A larger margin would include the events of an earlier task."""
_MARKER_PRESENT = 1
_SOME_HOST = f"<host> -Port {DEFAULT_PORT}"
"""The arguments of Test-NetConnection as in data/errors.json."""
_WIN32_FACILITY = 0x8007


@dataclass(frozen=True)
class Failure:
    """A failed activation. `error` has the shape of the results, `summary` is one sentence, `transient` is true if a retry might succeed.

    `count` has the current and the required number of clients if the KMS host has not counted enough. `is_known` is false if the
    activation might still take effect.
    """

    code: int
    error: Mapping[str, Any]
    summary: str
    transient: bool
    kms_host: str | None = None
    count: Mapping[str, int | None] | None = None
    is_known: bool = True

    def explain(self) -> ErrorExplanation:
        """Return the error as the explanation of an exception."""
        error = {field.name: self.error[field.name] for field in fields(ErrorExplanation) if field.name in self.error}
        return ErrorExplanation(**{**error, "next_steps": tuple(error["next_steps"])})

    @property
    def waits_for_count(self) -> bool:
        """Whether the KMS host counted this client, but not enough clients."""
        return self.code == COUNT_TOO_LOW


def diagnose(session: CimSession, state: ActivationState, product: LicensedProduct, code: int) -> Failure:
    """Explain a code that Activate returned. Reads the event log once if the code alone is not enough."""
    event_ids = (events.REQUEST_SENT, events.RESPONSE_PROCESSED) if code == COUNT_TOO_LOW else (events.REQUEST_SENT,)
    try:
        found = _events(session, state, *event_ids) if code in _EXPLAINED_BY_EVENTS else ()
    except UnreachableError as lost:
        summary = sentence(from_events(state, product, code, ()).summary)
        failed = f"The activation of {esu.label_of(product)} failed: {summary}"
        raise lost.with_message(f"{failed} Then the module could not read the reason from the event log: {lost.message}") from lost
    return from_events(state, product, code, found)


def from_events(state: ActivationState, product: LicensedProduct, code: int, found: tuple[events.KmsEvent, ...]) -> Failure:
    """Explain a code that Activate returned, with the events of the machine, newest first. Pure."""
    context = ESU if esu.of_id(product.activation_id) else None
    explanation, request = state.generation.explain(code, context), next(iter(_requests(found, product)), None)
    if code == NO_KMS_ANSWER:
        return _unwrap(explanation, request)
    if code == COUNT_TOO_LOW:
        return _waiting(found, request, product, explanation)
    if code == INVALID_VOLUME_KEY and product.application is Application.WINDOWS:
        return _invalid_key(state, product, request, explanation)
    return Failure(code, explanation.as_dict(), _sentence(explanation), explanation.transient)


def verify(product: LicensedProduct | None, *, consumes: bool = False) -> Failure | None:
    """Return None if a product is activated after a successful Activate, and otherwise the failure with the reason that the product shows.

    `consumes`: the activation used an activation of the key, so the first next step is to read the machine again.
    """
    if product and product.status.is_activated:
        return None
    explanation = explain(product.reason if product and product.reason else NOT_ACTIVATED)
    status = f"the status of the product is {product.status.name.lower()}" if product else "the product does not exist any more"
    summary = f"Windows returned success, but {status} ({_sentence(explanation)})"
    error = {**explanation.as_dict(), "cause": f"{summary}.", **({"next_steps": list(_AFTER_CONSUMING)} if consumes else {})}
    return Failure(NOT_ACTIVATED, error, summary, explanation.transient, is_known=not consumes)


def no_product(*, is_new: bool) -> Failure:
    """Return the failure of a plan whose key no product shows; `is_new`: the machine accepted the key in this plan."""
    explanation = explain(_NO_KEY)
    error = explanation.as_dict()
    if is_new:
        error = {**error, "cause": _NOT_SHOWN, "next_steps": [_RESTART_SERVICE, *explanation.next_steps]}
    return Failure(_NO_KEY, error, f"{explanation.label}: {explanation.meaning}", False)


_AFTER_CONSUMING = (
    "Read the machine with activation_info, if necessary after a restart of the licensing service. Microsoft has counted this activation.",
    "Run the task again only if the product is still not licensed. This might use another activation.",
)


def last_request(session: CimSession, state: ActivationState, product: LicensedProduct) -> events.RequestSent | None:
    """Return the newest KMS request for a product since the state was read, from event 12288; None if there was none."""
    return next(iter(_requests(_events(session, state, events.REQUEST_SENT), product)), None)


def code_of(request: events.RequestSent) -> int:
    """Return the code that Activate returns if this request was the last one.

    Windows returns 0xC004F074 for a network error (a Win32 error), and the code of the KMS host for an error that the KMS host returned.
    """
    return NO_KMS_ANSWER if request.result >> 16 == _WIN32_FACILITY else request.result


def _requests(found: tuple[events.KmsEvent, ...], product: LicensedProduct) -> tuple[events.RequestSent, ...]:
    return tuple(event for event in found if isinstance(event, events.RequestSent) and event.activation_id == product.activation_id)


def _events(session: CimSession, state: ActivationState, *event_ids: int) -> tuple[events.KmsEvent, ...]:
    """Read the events since shortly before the state was read, by the clock of the machine; none if the log cannot be read."""
    try:
        return events.recent(session, state.os.time - _CLOCK_MARGIN, *event_ids)
    except (CimError, MalformedResponseError):
        return ()


def _unwrap(explanation: ErrorExplanation, request: events.RequestSent | None) -> Failure:
    if request is None or request.result in (0, NO_KMS_ANSWER):
        return Failure(NO_KMS_ANSWER, explanation.as_dict(), _sentence(explanation), explanation.transient)
    reason = explain(request.result)
    behind = f"KMS host {request.kms_host} returned {reason.label}: {reason.meaning}"
    error = {
        **explanation.as_dict(),
        "cause": f"{behind} {reason.cause}",
        "next_steps": [_for_host(step, request.kms_host) for step in reason.next_steps],
        "transient": reason.transient,
        "underlying": _underlying(reason, request.kms_host),
    }
    summary = f"{explanation.label}: {behind}"  # the meaning of the wrapper adds nothing
    return Failure(NO_KMS_ANSWER, error, summary, reason.transient, kms_host=request.kms_host)


def _underlying(reason: ErrorExplanation, kms_host: str) -> dict[str, Any]:
    name, port = hosts.split_port(kms_host)
    return {"code": reason.code, "symbol": reason.symbol, "meaning": reason.meaning, "kms_host": name, "kms_port": port or DEFAULT_PORT}


def _for_host(step: str, kms_host: str) -> str:
    """Return a next step with the name and port of the KMS host, which the catalog does not know."""
    name, port = hosts.split_port(kms_host)
    return step.replace(_SOME_HOST, f"{name} -Port {port or DEFAULT_PORT}") if name else step


def _waiting(
    found: tuple[events.KmsEvent, ...], request: events.RequestSent | None, product: LicensedProduct, explanation: ErrorExplanation
) -> Failure:
    response = next((event for event in found if isinstance(event, events.ResponseProcessed)), None)
    required = request.required_count if request and request.required_count is not None else product.kms.required_count
    count = {"current": response.current_count if response else None, "required": required}
    host = request.kms_host if request else None
    return Failure(COUNT_TOO_LOW, explanation.as_dict(), _sentence(explanation), True, host, count)


_HOST_KEY_STEP = (
    "Set product_name of the key. The task then checks which versions of Windows can host the key, and which update is required, before it"
    " sends the key."
)


def explain_install(
    state: ActivationState, key: ProductKey, code: int, *, host_key: bool = False, for_esu: bool = False
) -> ErrorExplanation:
    """Explain why a key was not accepted. Windows might require the Windows marker already at this point, and then writes no event.

    `host_key`: the key is for a KMS host. `for_esu`: the key is for Extended Security Updates. Next steps for a KMS client apply only to
    a GVLK.
    """
    explanation = state.generation.explain(code, _context_of(key, host_key=host_key, for_esu=for_esu))
    if host_key and explanation.category == "key":
        return replace(explanation, next_steps=(_HOST_KEY_STEP, *_without_kms_client(explanation)))
    if code == INVALID_VOLUME_KEY:
        found = _key_or_marker(state, _fits_edition(state, key.partial_product_key, edition_of(state)), None, key.partial_product_key)
        return replace(explanation, cause=found.cause, next_steps=found.steps, subcode=found.subcode)
    if explanation.category == "key" and gvlk.ending(key.partial_product_key) is None:
        return replace(explanation, next_steps=_without_kms_client(explanation) or explanation.next_steps)
    return explanation


def _context_of(key: ProductKey, *, host_key: bool, for_esu: bool) -> str | None:
    """Return the context of a key in the error catalog, or None for another MAK or retail key."""
    if host_key or for_esu:
        return KMS_HOST_KEY if host_key else ESU
    return KMS_CLIENT_KEY if gvlk.known(key) else None


def _without_kms_client(explanation: ErrorExplanation) -> tuple[str, ...]:
    return tuple(step for step in explanation.next_steps if "kms_client" not in step)


@dataclass(frozen=True)
class _Diagnosis:
    """Which of the two reasons caused 0xC004F035."""

    subcode: str
    cause: str
    steps: tuple[str, ...]


def _invalid_key(
    state: ActivationState, product: LicensedProduct, request: events.RequestSent | None, explanation: ErrorExplanation
) -> Failure:
    partial_product_key = product.partial_product_key or ""
    fits = _fits_edition(state, partial_product_key, product.family or edition_of(state))
    found = _key_or_marker(state, fits, request, partial_product_key)
    error = {**explanation.as_dict(), "cause": found.cause, "next_steps": list(found.steps), "subcode": found.subcode}
    return Failure(INVALID_VOLUME_KEY, error, f"{_sentence(explanation)} {found.cause}", transient=False)


def _key_or_marker(state: ActivationState, key_fits: bool, request: events.RequestSent | None, partial_product_key: str) -> _Diagnosis:
    """Decide by the flag of the client in event 12288, then by the marker in the firmware, then by whether the key fits the edition."""
    status = state.service.oem_marker_status
    flagged = request is not None and bool(request.flags & events.NOT_WINDOWS_SLP)
    if flagged or state.service.oem_marker_present is False or (key_fits and status != _MARKER_PRESENT):
        return _Diagnosis("oem_marker_missing", _marker_message(status, flagged), MARKER_STEPS)
    if key_fits:
        return _Diagnosis("unclear", "The key is correct for this edition, and the firmware has the Windows marker.", _UNCLEAR_STEPS)
    return _Diagnosis(
        "wrong_key",
        f"The key ending in {partial_product_key} is not a volume key for this edition. A missing Windows marker is not the cause.",
        _KEY_STEPS,
    )


MARKER_STEPS = (
    "Activate this machine with a MAK (mak_client) or a retail key. KMS activation requires the Windows marker.",
    "Ask the manufacturer for a firmware update that restores the Windows marker.",
)
_UNCLEAR_STEPS = ("Check event 12288 of this machine and the license agreement. KMS activation might not be allowed for this OEM machine.",)
_KEY_STEPS = ("Install the GVLK of this edition: run kms_client with product_key: auto.",)


def _marker_message(status: int | None, flagged: bool) -> str:
    if status in (2, 3):
        table = "a damaged SLIC table" if status == 3 else "a SLIC table without the Windows marker"
        return f"The firmware of this OEM machine has {table}. The key is not the cause."
    if flagged:
        return "Windows reported that the firmware of this OEM machine does not have the Windows marker. The key is not the cause."
    return "The key is correct for this edition, so the firmware of this OEM machine most likely does not have the Windows marker."


def _fits_edition(state: ActivationState, partial_product_key: str, edition: str | None) -> bool:
    return any(entry.fits(state.os, edition) for entry in gvlk.with_ending(partial_product_key))


def _sentence(explanation: ErrorExplanation) -> str:
    return f"{explanation.label}: {explanation.meaning}"
