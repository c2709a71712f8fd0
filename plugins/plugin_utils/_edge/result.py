# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the licensing room says to the plain data of a task result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.yaml import yaml_dump

from ...module_utils._visible import visible
from .._cim.session import CimError
from .._errors import (
    ErrorExplanation,
    InternalError,
    InvalidOptionsError,
    UnreachableError,
    VolumeActivationError,
    sentence,
    with_next_step,
)
from .._jobs.kms_host import plan as kms_host
from .._jobs.kms_host import report as kms_host_report
from .._jobs.kms_host.run import HostOutcome
from .._licensing.catalog.errors import explain
from .._licensing.plan.plan import LicenseOutcome, LicensePlan, Outcome, Plan
from .._licensing.problems import StepFailedError, TaskRefusedError
from .._licensing.state.model import LicensedProduct
from .._licensing.state.report import describe_product
from .applicability import UnsupportedKeywordError
from .redact import map_texts

_LINE = 1000
"""Characters of a line of a diff: a sentence in it is not folded, so that it can be read and searched."""


def failure(error: VolumeActivationError, host: str, done: str = "") -> dict[str, Any]:
    """The result of a task that stopped: one line for people, and the error as data. `done` says what was done before."""
    return _stopped("failed", _message(error, host), done, _explanation(error))


def unreachable(error: UnreachableError, done: str = "") -> dict[str, Any]:
    """The result of a task whose machine could not be asked, or not any more."""
    return _stopped("unreachable", str(error), done, error.explained())


def unexpected(module: str, error: Exception, host: str, done: str = "") -> dict[str, Any]:
    """The result for an error nobody foresaw: its type and its text."""
    return failure(InternalError(module, error), host, done)


def _stopped(how: str, words: str, done: str, explanation: ErrorExplanation) -> dict[str, Any]:
    error = {**_whole(explanation.as_dict()), "detail": explanation.detail}
    return {how: True, "changed": False, "msg": with_next_step(f"{sentence(words)}{done}" if done else words, error), "error": error}


def outcome_of(plan: Plan[Any], outcome: Outcome[Any], host: str) -> dict[str, Any]:
    """The result of a task that went through its plan, or that in check mode foresaw it."""
    result: dict[str, Any] = {
        "changed": outcome.changed,
        "steps": [step.as_dict() for step in outcome.steps],
        "before": dict(outcome.before),
        "after": dict(outcome.after),
    }
    if isinstance(plan, LicensePlan) and isinstance(outcome, LicenseOutcome):
        result.update(_about_license(plan, outcome))
    return _told(result, host, outcome.warnings, outcome if outcome.failed else None)


def _about_license(plan: LicensePlan, outcome: LicenseOutcome) -> dict[str, Any]:
    subject = _subject(plan, outcome)
    return {
        "product": describe_product(outcome.state, subject) if subject else None,
        "activation": {**outcome.activation, "error": _whole_or_none(outcome.activation["error"])},
    }


def host_outcome(outcome: HostOutcome, host: str, *, check_mode: bool) -> dict[str, Any]:
    """The result of a task about a KMS host; `check_mode` in check mode."""
    plan = outcome.plan
    after = plan.after if check_mode else kms_host.settings_dict(outcome.state, plan.desired)
    result: dict[str, Any] = {
        "changed": outcome.changed,
        "steps": [step.as_dict() for step in outcome.steps],
        "before": dict(plan.before),
        "after": dict(after),
        "host": kms_host_report.describe_host(outcome.state, plan.desired),
        "activations": [{**item, "error": _whole_or_none(item["error"])} for item in kms_host_report.describe_activations(outcome)],
        "activations_used": kms_host_report.spent(outcome),
        "service_restarted": outcome.restarted,
        "stale_srv_records": list(plan.stale_records),
    }
    return _told(result, host, outcome.warnings, outcome.failure)


def _told(result: dict[str, Any], host: str, warnings: tuple[str, ...], failed: Outcome[Any] | None) -> dict[str, Any]:
    """The result with what a person is told besides: warnings, and why it failed."""
    if warnings:
        result["warnings"] = [f"{host}: {warning}" for warning in warnings]
    if failed:
        error = failed.error or StepFailedError(None, (), None, failed.message or "it failed").explained().as_dict()
        result.update(failed=True, error=_whole(error), msg=with_next_step(f"{host}: {failed.message}", error))
    return result


def with_warnings(result: dict[str, Any], host: str, warnings: tuple[str, ...]) -> dict[str, Any]:
    """The result with warnings that it has besides its own."""
    more = [f"{host}: {warning}" for warning in warnings]
    return {**result, "warnings": [*result.get("warnings", ()), *more]} if more else result


def _subject(plan: LicensePlan, outcome: LicenseOutcome) -> LicensedProduct | None:
    """The product a plan was about: the one with the key it aimed at, else Windows itself."""
    wanted = plan.target.partial_product_key if plan.target else None
    same = (product for product in outcome.state.products if wanted and product.partial_product_key == wanted and not product.is_addon)
    return next(same, outcome.state.primary)


def diff(result: Mapping[str, Any]) -> dict[str, str]:
    """The settings of a result before and after as YAML text, for Ansible's diff mode; activations that are lost are among them."""
    lost = [step["loses"] for step in result["steps"] if step["loses"]]
    before, after = ({**result[when], **({"lost_activations": gone} if lost else {})} for when, gone in (("before", []), ("after", lost)))
    return {"before": _yaml(before), "after": _yaml(after)}


def _yaml(settings: Mapping[str, Any]) -> str:
    # Each text on its one line, and plain: the marks of ansible-core before 2.19 make it a kind of its own, which YAML cannot write.
    plain = map_texts(settings, lambda text: str.__str__(visible(text)))
    return str(yaml_dump(plain, sort_keys=False, allow_unicode=True, default_flow_style=False, width=_LINE))


def _message(error: VolumeActivationError, host: str) -> str:
    text = _with_meaning(error) if isinstance(error, CimError) else str(error)
    names_itself = isinstance(error, TaskRefusedError) and text.lower().startswith(f"{host} ".lower())
    return text if names_itself or isinstance(error, (InvalidOptionsError, UnsupportedKeywordError)) else f"{host}: {text}"


def _with_meaning(error: CimError) -> str:
    """What the machine said, in its own language, beside what its code means."""
    explanation = explain(error.code)
    return f"{error} ({explanation.symbol}: {explanation.meaning})"


def _whole(error: Mapping[str, Any]) -> dict[str, Any]:
    """An error with all its fields: only codes that hide something come with what is behind them."""
    return {**error, "reason": error.get("reason"), "detail": error.get("detail")}


def _whole_or_none(error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if error is None else _whole(error)


def _explanation(error: VolumeActivationError) -> ErrorExplanation:
    """What a machine answered is explained by its code, everything else explains itself."""
    return explain(error.code) if isinstance(error, CimError) else error.explained()
