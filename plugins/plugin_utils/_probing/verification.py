# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe the KMS hosts of a task before its machine loses a license.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from typing import Any

from ansible import constants

from .._cim.session import CimSession
from .._jobs.kms_client import plan as kms_client
from .._jobs.kms_client.model import KmsClientDesired
from .._licensing.hosting.read import read_name
from .._licensing.kms import verification
from .._licensing.kms.application_level import with_application_levels
from .._licensing.kms.read import machine_activation_type
from .._licensing.kms.verification import VerificationRequest
from .._licensing.plan.plan import LicensePlan
from .._licensing.state.model import ActivationState, ActivationType
from .known_hosts import known_hosts, look_up
from .prober import Prober
from .shared import SharedProbes


def prober_of(options: Mapping[str, Any]) -> Prober:
    """Return the prober of KMS hosts and DNS for the options of a task."""
    return Prober(
        options["probe_timeout"],
        options["dns_timeout"],
        options["dns_server"],
        options["dns_port"],
        networks=tuple(options["probe_networks"]),
        shared=SharedProbes.in_run(constants.DEFAULT_LOCAL_TMP),
    )


def desired_of(options: Mapping[str, Any]) -> KmsClientDesired:
    """Return the desired state of a KMS client from the options of the module."""
    kind, key = options["activation_type"], options["product_key"]
    given = {field.name: options[field.name] for field in fields(KmsClientDesired)}
    converted = {
        "product_key": None if key == "auto" else key,
        "activation_type": ActivationType[kind.upper()] if kind else None,
        "discovery": bool(options["discovery"]),
    }
    return KmsClientDesired(**{**given, **converted})


def verified_plan(session: CimSession, state: ActivationState, options: Mapping[str, Any]) -> LicensePlan:
    """Return the plan of a KMS client. Raises TaskRefusedError, also if a license would be lost and no KMS host responds.

    The plan is made first: a task that is refused for another reason, or does not lose a license, does not probe any host.
    """
    case = kms_client.consider(state, desired_of(options))
    plan = kms_client.plan_of(case)
    if kms_client.needs_application_level(case, plan):
        case = kms_client.consider(with_application_levels(session, state), case.desired)
        plan = kms_client.plan_of(case)
    request = kms_client.verification_of(case, plan)
    return plan if request is None else verified(session, state, options, request)


def verified(session: CimSession, state: ActivationState, options: Mapping[str, Any], request: VerificationRequest) -> LicensePlan:
    """Return the plan of a request with its warnings. Raises TaskRefusedError if no KMS host responds, or if its count is too low."""
    if request.target_settings.activation_type is None:
        request = request.with_activation_type(machine_activation_type(session, state))
    known = partial(look_up, known_hosts(options["kms_host_info"], request.client_type, request.release))
    if not options["probe"]:
        return verification.plan_without_probe(request, known)
    verification.refuse_without_kms(request)
    domain = read_name(session, state.os)[1] if request.needs_domain else None
    return verification.verified_plan(request, prober_of(options).probe(request.route(domain)), known)
