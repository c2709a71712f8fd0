# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify that KMS will activate a machine that loses its own license: what to probe, and what follows from the responses.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A probe verifies that a KMS host responds. Only the results of the KMS host itself show whether it has counted enough machines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..._errors import sentence
from ..catalog.thresholds import THRESHOLDS
from ..plan import loss
from ..plan.loss import Loss
from ..plan.plan import LicensePlan
from ..problems import TaskRefusedError
from ..state.model import ActivationType, Channel
from .effective import EffectiveSettings
from .route import HostAnswer, KmsEndpoint, ProbeResult, Route

NO_PROBE = "Set probe: false if the machine can reach a KMS host that the controller cannot reach."
_NO_PROBE_AD = "Set probe: false if Active Directory has an activation object for this version of Windows."
_WAIT_FOR_COUNT = "Wait until the KMS host has counted enough machines. The playbook mak_to_kms_when_ready then converts each machine."
_NO_TOKEN = "Set activation_type to all or kms, so that a KMS host can activate the machine."
_NAME_SERVER = "If the resolver of the controller does not find the KMS hosts, set dns_server to a name server that does."
_PUBLISH = "Publish the KMS host with kms_srv_record, or set kms_host."

OFFICE = "office"
"""The type of client of every Office product. A KMS host counts Office apart from Windows."""

_ACCEPTED = (Channel.CSVLK, Channel.SUBSCRIPTION)
"""Losses that the task accepted with options of their own (convert_kms_host, replace_subscription) when its plan was made."""

KnownHosts = Callable[[str], tuple[bool, str] | None]
"""Returns for the name or address of a KMS host whether it has counted enough machines, and a message; None if this is not known."""


@dataclass(frozen=True)
class VerificationRequest:
    """What must be verified before a plan is carried out: that the product is activated although it loses these activations.

    `client_type` is the type of client that the product is for a KMS host, which determines the threshold. `doing` is what would lose the
    activations, and `release` the release of Office, or None for Windows.
    """

    plan: LicensePlan
    target_settings: EffectiveSettings
    losses: tuple[Loss, ...]
    client_type: str
    doing: str = "becoming a KMS client"
    release: str | None = None

    @property
    def by_kms(self) -> bool:
        """Whether the settings let a KMS host activate the machine."""
        return self.target_settings.activation_type not in (ActivationType.AD, ActivationType.TOKEN)

    @property
    def needs_domain(self) -> bool:
        """Whether the DNS domain of the machine determines its KMS host."""
        host = self.target_settings.host
        return not self.target_settings.lookup_domain if host is None else "." not in host and not hosts.is_address(host)

    def with_activation_type(self, machine_type: ActivationType | None) -> VerificationRequest:
        """Return the request with the activation type of the machine, for a task that does not set one."""
        return replace(self, target_settings=replace(self.target_settings, activation_type=machine_type))

    def route(self, domain: str | None) -> Route:
        """Return the route to the KMS host that is set, or to DNS; `domain` is the DNS domain of the machine."""
        host = self.target_settings.host
        if host is None:
            return Route(domain=self.target_settings.lookup_domain or domain)
        whole = f"{host}.{domain}" if self.needs_domain and domain else host
        return Route(fixed=KmsEndpoint(whole, self.target_settings.port or DEFAULT_PORT))

    def refused(self, reason: str, *next_steps: str) -> TaskRefusedError:
        """Return the refusal of the task. `reason` is a sentence; the option that accepts the loss is the last next step."""
        steps = (*next_steps, loss.LOSE_ACTIVATION)
        return loss.refusal(self.plan.state.os.computer_name, self.losses, self.doing, steps, unverified=reason)

    def warned(self, *warnings: str) -> LicensePlan:
        """Return the plan with more warnings."""
        return replace(self.plan, warnings=(*self.plan.warnings, *warnings))


def unaccepted(losses: Sequence[Loss]) -> tuple[Loss, ...]:
    """Return the losses that the task did not accept with options of their own when its plan was made."""
    return tuple(lost for lost in losses if lost.channel not in _ACCEPTED)


def plan_without_probe(request: VerificationRequest, known: KnownHosts) -> LicensePlan:
    """Return the plan of a task that must not probe. Raises TaskRefusedError if it is known that the machine would not be activated."""
    if request.target_settings.activation_type is ActivationType.TOKEN:
        raise _by_token(request)
    count = known(request.target_settings.host) if request.by_kms and request.target_settings.host else None
    if count and not count[0]:
        raise request.refused(sentence(count[1]), _WAIT_FOR_COUNT)
    condition = "a KMS host responds" if request.by_kms else "Active Directory activates the machine"
    return request.warned(f"The module did not verify that {condition} (probe: false). Windows might not be licensed afterwards.")


def refuse_without_kms(request: VerificationRequest) -> None:
    """Raise TaskRefusedError if no KMS host can activate the machine, because the controller cannot verify anything else."""
    if request.target_settings.activation_type is ActivationType.TOKEN:
        raise _by_token(request)
    if request.target_settings.activation_type is ActivationType.AD:
        raise request.refused("The controller cannot verify that Active Directory activates the machine.", _NO_PROBE_AD)


def verified_plan(request: VerificationRequest, probed: ProbeResult, known: KnownHosts) -> LicensePlan:
    """Return the plan with its warnings if a KMS host responded, unless its count is known to be too low. Raises TaskRefusedError."""
    answers = ((probed.fixed,) if probed.fixed else ()) + (probed.published or ())
    responding = [answer for answer in answers if answer.answers]
    if not responding:
        raise _no_response(request, probed, answers)
    counts = [known(host) for host in map(_host_of, responding)]
    if any(count and count[0] for count in counts):
        return request.plan
    if None not in counts:
        raise request.refused(sentence("; ".join(count[1] for count in counts if count)), _WAIT_FOR_COUNT)
    names = ", ".join(answer.endpoint for answer, count in zip(responding, counts, strict=True) if count is None)
    kind = "an Office client" if request.client_type == OFFICE else f"a {request.client_type}"
    required = f"the {THRESHOLDS[request.client_type]} machines that {kind} requires"
    return request.warned(f"KMS host {names} responded, but the module does not know whether it has counted {required}.")


def _no_response(request: VerificationRequest, probed: ProbeResult, answers: tuple[HostAnswer, ...]) -> TaskRefusedError:
    if probed.problem:
        problem, steps = probed.problem
        reason = f"The controller cannot read the KMS hosts from DNS: {sentence(problem)}"
        return request.refused(reason, _NAME_SERVER, *steps[:1], NO_PROBE)
    if not answers:
        return request.refused("No KMS host is configured or published in DNS.", _NAME_SERVER, _PUBLISH, NO_PROBE)
    shown = "; ".join(f"{answer.endpoint}: {answer.meaning.rstrip('.')}" for answer in answers[:3])
    more = len(answers) + probed.unasked - 3
    rest = f"; and {more} more" if more > 0 else ""
    is_name = any(not hosts.is_address(_host_of(answer)) for answer in answers)
    steps = (*answers[0].next_steps[:1], *((_NAME_SERVER,) if is_name else ()), NO_PROBE)
    return request.refused(f"No KMS host responds at {shown}{rest}.", *steps)


def _by_token(request: VerificationRequest) -> TaskRefusedError:
    return request.refused("Only a token can activate the machine, and the module cannot use tokens.", _NO_TOKEN)


def _host_of(answer: HostAnswer) -> str:
    return hosts.split_port(answer.endpoint)[0]
