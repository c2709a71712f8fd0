# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether KMS will activate a machine whose own license is lost on the way: what has to be asked, and what the answers prove.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A probe proves that a KMS host listens. Whether it counts enough machines only the host itself knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..._licensing.catalog.thresholds import THRESHOLDS
from ..._licensing.kms.route import Endpoint, HostAnswer, ProbeResult, Route
from ..._licensing.kms.settings import EffectiveSettings
from ..._licensing.plan import loss
from ..._licensing.plan.loss import Loss
from ..._licensing.plan.plan import LicensePlan
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state.model import ActivationType, Channel
from .model import Case

NO_PROBE = "Set probe: false if the machine reaches a KMS host that the controller does not reach."
_NO_PROBE_AD = "Set probe: false if Active Directory has an activation object for this Windows."
_WAIT_FOR_COUNT = "Wait until the KMS host counts enough machines; the playbook mak_to_kms_when_ready moves each machine then."
_NO_TOKEN = "Set activation_type to all or kms, so that a KMS host may activate the machine."
_NAME_SERVER = "If the resolver of the controller does not know the KMS hosts, set dns_server to the name server that does."
_NOBODY = "Publish the KMS host with kms_srv_record, or name it with kms_host."

_ACCEPTED = (Channel.CSVLK, Channel.SUBSCRIPTION)
"""What a task has accepted by an option of its own when its plan was made: convert_kms_host and replace_subscription."""

Knowledge = Callable[[str], tuple[bool, str] | None]
"""Whether the KMS host of a name or address counts enough, in words too; None when nobody knows."""


@dataclass(frozen=True)
class ProofRequirement:
    """What has to be proven before a plan is carried out: that something activates the machine although these are lost."""

    plan: LicensePlan
    goal: EffectiveSettings
    losses: tuple[Loss, ...]

    @property
    def by_kms(self) -> bool:
        """Whether a KMS host is to activate the machine, as far as its settings say."""
        return self.goal.activation_type not in (ActivationType.AD, ActivationType.TOKEN)

    @property
    def client_type(self) -> str:
        """What the machine is to a KMS host: the thresholds differ."""
        return "server" if self.plan.state.os.is_server else "client"

    @property
    def needs_domain(self) -> bool:
        """Whether the DNS domain of the machine decides which host it asks."""
        host = self.goal.host
        return not self.goal.lookup_domain if host is None else "." not in host and not hosts.is_address(host)

    def on(self, machine_type: ActivationType | None) -> ProofRequirement:
        """The question on a machine whose activation type is this, for a task that sets none."""
        return replace(self, goal=replace(self.goal, activation_type=machine_type))

    def route(self, domain: str | None) -> Route:
        """The host that is set, else what DNS names; `domain` is that of the machine."""
        host = self.goal.host
        if host is None:
            return Route(domain=self.goal.lookup_domain or domain)
        whole = f"{host}.{domain}" if self.needs_domain and domain else host
        return Route(fixed=Endpoint(whole, self.goal.port or DEFAULT_PORT))

    def refused(self, why: str, *next_steps: str) -> TaskRefusedError:
        """The refusal of the task; the option that overrides comes last."""
        steps = (*next_steps, loss.LOSE_ACTIVATION)
        return loss.refusal(self.plan.state.os.computer_name, self.losses, "becoming a KMS client", steps, unproven=why)

    def warned(self, *warnings: str) -> LicensePlan:
        """The plan, which goes on, with what a person should know."""
        return replace(self.plan, warnings=(*self.plan.warnings, *warnings))


def question(case: Case, plan: LicensePlan) -> ProofRequirement | None:
    """What has to be proven; None when nothing is lost that the task has not accepted, as it has the key of a KMS host that it converts."""
    losses = tuple(found for found in case.losses if found.channel not in _ACCEPTED)
    return ProofRequirement(plan, case.change.goal, losses) if losses and not case.desired.lose_activation else None


def unprobed(asked: ProofRequirement, known: Knowledge) -> LicensePlan:
    """The plan of a task that must not probe. Raises TaskRefusedError where there is nothing to hope for."""
    if asked.goal.activation_type is ActivationType.TOKEN:
        raise _by_token(asked)
    told = known(asked.goal.host) if asked.by_kms and asked.goal.host else None
    if told and not told[0]:
        raise asked.refused(told[1], _WAIT_FOR_COUNT)
    who = "a KMS host answers" if asked.by_kms else "Active Directory activates the machine"
    return asked.warned(f"whether {who} was not checked (probe: false): if not, Windows is not activated afterwards")


def refuse_without_kms(asked: ProofRequirement) -> None:
    """Raise TaskRefusedError where no KMS host is to activate the machine: from the controller nothing else can be proven."""
    if asked.goal.activation_type is ActivationType.TOKEN:
        raise _by_token(asked)
    if asked.goal.activation_type is ActivationType.AD:
        raise asked.refused("whether Active Directory activates it instead cannot be seen from the controller", _NO_PROBE_AD)


def judged(asked: ProofRequirement, reach: ProbeResult, known: Knowledge) -> LicensePlan:
    """The plan with its warnings, when a KMS host answered that is not known to count too few. Raises TaskRefusedError."""
    answers = ((reach.fixed,) if reach.fixed else ()) + (reach.published or ())
    answering = [answer for answer in answers if answer.answers]
    if not answering:
        raise _silent(asked, reach, answers)
    told = [known(host) for host in map(_host_of, answering)]
    if any(count and count[0] for count in told):
        return asked.plan
    if None not in told:
        raise asked.refused("; ".join(count[1] for count in told if count), _WAIT_FOR_COUNT)
    names = ", ".join(answer.endpoint for answer, count in zip(answering, told, strict=True) if count is None)
    needed = THRESHOLDS[asked.client_type]
    return asked.warned(f"{names} answers, but whether it counts the {needed} machines that a {asked.client_type} needs is not known")


def _silent(asked: ProofRequirement, reach: ProbeResult, answers: tuple[HostAnswer, ...]) -> TaskRefusedError:
    if reach.problem:
        words, steps = reach.problem
        return asked.refused(f"which KMS hosts DNS names is not known ({words.rstrip('.')})", _NAME_SERVER, *steps[:1], NO_PROBE)
    if not answers:
        return asked.refused("no KMS host is set or named by DNS", _NAME_SERVER, _NOBODY, NO_PROBE)
    shown = "; ".join(f"{answer.endpoint}: {answer.meaning.rstrip('.')}" for answer in answers[:3])
    more = len(answers) + reach.unasked - 3
    rest = f"; and {more} more" if more > 0 else ""
    is_name = any(not hosts.is_address(_host_of(answer)) for answer in answers)
    steps = (*answers[0].next_steps[:1], *((_NAME_SERVER,) if is_name else ()), NO_PROBE)
    return asked.refused(f"no KMS host answered the controller ({shown}{rest})", *steps)


def _by_token(asked: ProofRequirement) -> TaskRefusedError:
    return asked.refused("only a token may activate it, which cannot be used from outside", _NO_TOKEN)


def _host_of(answer: HostAnswer) -> str:
    return hosts.split_port(answer.endpoint)[0]
