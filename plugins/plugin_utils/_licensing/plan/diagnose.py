# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an activation failed: the code, and what lies behind the codes that hide the reason.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

0xC004F074 wraps whatever went wrong with each KMS host, which event 12288 tells; 0xC004F035 stands for a wrong key and for
a missing Windows marker in the firmware of an OEM machine; 0xC004F038 is no fault of the client but a host that waits for
more of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..._cim.session import CimError, CimSession, MalformedResponseError, UnreachableError
from ..catalog import gvlk
from ..catalog.errors import ErrorExplanation, explain
from ..events import kms as events
from ..state.edition import edition_of
from ..state.model import ActivationState, LicensedProduct
from ..state.product_key import ProductKey

COUNT_TOO_LOW = 0xC004F038
NO_KMS_ANSWER = 0xC004F074
INVALID_VOLUME_KEY = 0xC004F035
NOT_ACTIVATED = 0xC004F056
_TOLD_BY_EVENTS = frozenset({NO_KMS_ANSWER, COUNT_TOO_LOW, INVALID_VOLUME_KEY})

_CLOCK_MARGIN = timedelta(seconds=2)
"""The event log keeps whole seconds; more would show the events of an earlier task."""
_MARKER_IS_THERE = 1
_SOME_HOST = f"<host> -Port {DEFAULT_PORT}"
"""How data/errors.json writes the arguments of Test-NetConnection."""
_WIN32_FACILITY = 0x8007


@dataclass(frozen=True)
class Failure:
    """A failed activation. `error` has the shape of the results, `summary` is one sentence, `transient` says a retry may help.

    `count` holds the current and the required number of clients when the host waits for more. `is_known` is false when the
    activation may still take effect.
    """

    code: int
    error: Mapping[str, Any]
    summary: str
    transient: bool
    kms_host: str | None = None
    count: Mapping[str, int | None] | None = None
    is_known: bool = True

    def explained(self) -> ErrorExplanation:
        """The same as the explanation of an error that ends a task."""
        told = {field.name: self.error[field.name] for field in fields(ErrorExplanation) if field.name in self.error}
        return ErrorExplanation(**{**told, "next_steps": tuple(told["next_steps"])})

    @property
    def waits_for_count(self) -> bool:
        """The host counted this client and has too few of them."""
        return self.code == COUNT_TOO_LOW


def diagnose(session: CimSession, state: ActivationState, product: LicensedProduct, code: int) -> Failure:
    """Explain a code Activate gave; asks the event log once where the code alone does not tell."""
    asks = (events.REQUEST_SENT, events.RESPONSE_PROCESSED) if code == COUNT_TOO_LOW else (events.REQUEST_SENT,)
    try:
        found = _events(session, state, *asks) if code in _TOLD_BY_EVENTS else ()
    except UnreachableError as lost:
        summary = from_events(state, product, code, ()).summary
        raise lost.with_message(
            f"activating {product.name} failed: {summary} Then the machine could not be asked why: {lost.message}"
        ) from lost
    return from_events(state, product, code, found)


def from_events(state: ActivationState, product: LicensedProduct, code: int, found: tuple[events.KmsEvent, ...]) -> Failure:
    """Explain a code Activate gave, with the events of the machine at hand, newest first. Pure."""
    explanation, request = state.generation.explain(code), next(iter(_requests(found, product)), None)
    if code == NO_KMS_ANSWER:
        return _unwrap(explanation, request)
    if code == COUNT_TOO_LOW:
        return _waiting(found, request, product, explanation)
    if code == INVALID_VOLUME_KEY:
        return _invalid_key(state, product, request, explanation)
    return Failure(code, explanation.as_dict(), _sentence(explanation), explanation.transient)


def verify(product: LicensedProduct | None, *, consumes: bool = False) -> Failure | None:
    """Whether a product that Activate said yes for is activated indeed; the reason it gives when it is not.

    `consumes`: the yes has cost an activation, so that the next step is to look, and not to try again.
    """
    if product and product.status.is_activated:
        return None
    explanation = explain(product.reason if product and product.reason else NOT_ACTIVATED)
    status = product.status.name.lower() if product else "gone"
    summary = f"Activate reported success, but the product is {status} ({_sentence(explanation)})"
    error = {**explanation.as_dict(), "cause": f"{summary}.", **({"next_steps": list(_AFTER_SPENDING)} if consumes else {})}
    return Failure(NOT_ACTIVATED, error, summary, explanation.transient, is_known=not consumes)


_AFTER_SPENDING = (
    "Read the machine with activation_info, after a restart of its licensing service if need be: Microsoft has counted this activation.",
    "Run the task again only when it still is not licensed; that may spend another one.",
)


def last_request(session: CimSession, state: ActivationState, product: LicensedProduct) -> events.RequestSent | None:
    """The newest KMS request for a product since the state was read, from event 12288; None when there was none."""
    return next(iter(_requests(_events(session, state, events.REQUEST_SENT), product)), None)


def code_of(request: events.RequestSent) -> int:
    """The code Activate fails with after this request was the last one.

    Windows wraps what went wrong on the way to a KMS host (a Win32 error); what a host answered it hands on.
    """
    return NO_KMS_ANSWER if request.result >> 16 == _WIN32_FACILITY else request.result


def _requests(found: tuple[events.KmsEvent, ...], product: LicensedProduct) -> tuple[events.RequestSent, ...]:
    return tuple(event for event in found if isinstance(event, events.RequestSent) and event.activation_id == product.activation_id)


def _events(session: CimSession, state: ActivationState, *event_ids: int) -> tuple[events.KmsEvent, ...]:
    """Since shortly before the state was read, by the machine's own clock; a log that cannot be read tells nothing."""
    try:
        return events.recent(session, state.os.time - _CLOCK_MARGIN, *event_ids)
    except (CimError, MalformedResponseError):
        return ()


def _unwrap(explanation: ErrorExplanation, request: events.RequestSent | None) -> Failure:
    if request is None or request.result in (0, NO_KMS_ANSWER):
        return Failure(NO_KMS_ANSWER, explanation.as_dict(), _sentence(explanation), explanation.transient)
    reason = explain(request.result)
    behind = f"KMS host {request.kms_host} gave {reason.code} {reason.symbol}: {reason.meaning}"
    error = {
        **explanation.as_dict(),
        "cause": f"{behind} {reason.cause}",
        "next_steps": [_for_host(step, request.kms_host) for step in reason.next_steps],
        "transient": reason.transient,
        "underlying": _underlying(reason, request.kms_host),
    }
    summary = f"{explanation.code} {explanation.symbol}: {behind}"  # what the wrapper means is no news beside what it wraps
    return Failure(NO_KMS_ANSWER, error, summary, reason.transient, kms_host=request.kms_host)


def _underlying(reason: ErrorExplanation, kms_host: str) -> dict[str, Any]:
    name, port = hosts.split_port(kms_host)
    return {"code": reason.code, "symbol": reason.symbol, "meaning": reason.meaning, "kms_host": name, "kms_port": port or DEFAULT_PORT}


def _for_host(step: str, kms_host: str) -> str:
    """A next step with the host that was asked, where the catalog can only say "some host"."""
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
    "Name in 'product' of the key what it is for: the task then says which Windows can host it, and which update it needs, before it sends"
    " the key."
)


def explain_install(state: ActivationState, key: ProductKey, code: int, *, host_key: bool = False) -> ErrorExplanation:
    """Why a key was not taken. The marker may be asked for already here, and then no event tells.

    `host_key`: it is meant to make a KMS host, so that what to do on a client is of no use.
    """
    explanation = state.generation.explain(code)
    if host_key and explanation.category == "key":
        steps = (step for step in explanation.next_steps if "kms_client" not in step)
        return replace(explanation, next_steps=(_HOST_KEY_STEP, *steps))
    if code != INVALID_VOLUME_KEY:
        return explanation
    verdict = _key_or_marker(state, _fits_edition(state, key.partial_product_key, edition_of(state)), None, key.partial_product_key)
    return replace(explanation, cause=verdict.cause, next_steps=verdict.steps, subcode=verdict.subcode)


@dataclass(frozen=True)
class _Diagnosis:
    """Which of the two reasons behind 0xC004F035 it was."""

    subcode: str
    cause: str
    steps: tuple[str, ...]


def _invalid_key(
    state: ActivationState, product: LicensedProduct, request: events.RequestSent | None, explanation: ErrorExplanation
) -> Failure:
    partial_product_key = product.partial_product_key or ""
    fits = _fits_edition(state, partial_product_key, product.family or edition_of(state))
    verdict = _key_or_marker(state, fits, request, partial_product_key)
    error = {**explanation.as_dict(), "cause": verdict.cause, "next_steps": list(verdict.steps), "subcode": verdict.subcode}
    return Failure(INVALID_VOLUME_KEY, error, f"{_sentence(explanation)} {verdict.cause}", transient=False)


def _key_or_marker(state: ActivationState, key_fits: bool, request: events.RequestSent | None, partial_product_key: str) -> _Diagnosis:
    """The client's own flag in event 12288 decides, then the firmware's marker, then whether the key can be wrong at all."""
    status = state.service.oem_marker_status
    flagged = request is not None and bool(request.flags & events.NOT_WINDOWS_SLP)
    if flagged or state.service.oem_marker_present is False or (key_fits and status != _MARKER_IS_THERE):
        return _Diagnosis("oem_marker_missing", _marker_words(status, flagged), MARKER_STEPS)
    if key_fits:
        return _Diagnosis("unclear", "The key is the right one for this edition, and the Windows marker is there.", _UNCLEAR_STEPS)
    return _Diagnosis(
        "wrong_key",
        f"The key ending in {partial_product_key} is no volume key for this edition; the Windows marker is not what is missing.",
        _KEY_STEPS,
    )


MARKER_STEPS = (
    "Activate this machine with a MAK (mak_client) or a retail key: KMS does not work without the marker.",
    "Ask the manufacturer for a firmware update that brings the Windows marker back.",
)
_UNCLEAR_STEPS = ("Look at event 12288 of this machine and at the license agreement: KMS may not be allowed for this OEM machine.",)
_KEY_STEPS = ("Install the GVLK of this edition: run kms_client with product_key: auto.",)


def _marker_words(status: int | None, flagged: bool) -> str:
    if status in (2, 3):
        table = "a damaged SLIC table" if status == 3 else "a SLIC table without the Windows marker"
        return f"The firmware of this OEM machine has {table}; the key is not to blame."
    if flagged:
        return "The client itself noted that the Windows marker of an OEM machine is missing in the firmware; the key is not to blame."
    return "The key is the right one for this edition, so the firmware of this OEM machine most likely lacks the Windows marker."


def _fits_edition(state: ActivationState, partial_product_key: str, edition: str | None) -> bool:
    return any(entry.partial_product_key == partial_product_key and entry.fits(state.os, edition) for entry in gvlk.catalog())


def _sentence(explanation: ErrorExplanation) -> str:
    return f"{explanation.code} {explanation.symbol}: {explanation.meaning}"
