# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX refuses in the fields of an object: surveys, credential types, credentials, notifications, and constructed sources."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

ENCRYPTED = "$encrypted$"
QUESTION_TYPES = ("text", "textarea", "password", "multiplechoice", "multiselect", "integer", "float")
CONFIGURATIONS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "webhook": (("url", "http_method", "headers", "disable_ssl_verification", "username", "password"), ("password",)),
    "email": (("host", "port", "username", "password", "use_tls", "use_ssl", "sender", "recipients"), ("password",)),
    "slack": (("token", "channels"), ("token",)),
    "mattermost": (("mattermost_url", "mattermost_no_verify_ssl"), ()),
}
"""Fields of a notification configuration that must be there, and those that are secret."""

_FIELD = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*")
_FIELD_KEYS = {"id", "label", "help_text", "type", "format", "secret", "multiline", "choices", "default", "ask_at_runtime"}
_FILE_KEY = re.compile(r"template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?")
_CONSTRUCTED_FIELDS = {"source_vars", "update_cache_timeout", "limit", "verbosity"}
_RULE = re.compile(r"DTSTART(;TZID=[\w/+-]+)?:\d{8}T\d{6}Z? RRULE:(\w+=[\w,+-]+)(;\w+=[\w,+-]+)*")


def survey_error(spec: Any) -> str | None:
    """Return what is wrong with a survey (awx/api/views, JobTemplateSurveySpec)."""
    if not isinstance(spec, dict):
        return "Data must be an object."
    for name in ("name", "description", "spec"):
        if name not in spec:
            return f"Field '{name}' is missing from survey spec."
    if not isinstance(spec["spec"], list) or not spec["spec"]:
        return "'spec' doesn't contain any items."
    variables = [question.get("variable") for question in spec["spec"]]
    if len(set(variables)) != len(variables):
        return "'variable' is duplicated in survey questions."
    return next((error for number, question in enumerate(spec["spec"]) for error in _question_errors(number, question)), None)


def _question_errors(number: int, question: Mapping[str, Any]) -> Iterator[str]:
    for name in ("type", "question_name", "variable", "required"):
        if name not in question:
            yield f"'{name}' missing from survey question {number}."
            return
    kind, default = question["type"], question.get("default", "")
    if kind not in QUESTION_TYPES:
        yield f"'{kind}' in survey question {number} is not one of {QUESTION_TYPES} allowed question types."
    if not isinstance(question["question_name"], str) or not isinstance(question["required"], bool):
        yield f"'question_name' or 'required' in survey question {number} has the wrong type."
    if kind in ("multiplechoice", "multiselect"):
        choices = question.get("choices")
        if not isinstance(choices, (list, str)) or not choices:
            yield f"Survey question {number} of type {kind} must specify choices."
        elif default != "" and not set(str(default).split("\n")) <= set(choices if isinstance(choices, list) else choices.split("\n")):
            yield "Default choice must be answered from the choices listed."
    if default != "" and kind == "integer" and not isinstance(default, int):
        yield f"Default value {default} in survey question {number} expected to be an integer."


def answer_errors(spec: Mapping[str, Any], answers: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with answers (awx/main/models/mixins.py)."""
    found = []
    for question in spec.get("spec", ()):
        name, kind = question["variable"], question["type"]
        if name not in answers:
            if question["required"]:
                found.append(f"'{name}' value missing")
        elif kind in ("text", "textarea", "password") and not isinstance(answers[name], str):
            found.append(f"Value {answers[name]} for '{name}' expected to be a string.")
        elif kind == "integer" and type(answers[name]) is not int:
            found.append(f"Value {answers[name]} for '{name}' expected to be an integer.")
        elif kind == "multiplechoice" and answers[name] not in question["choices"]:
            found.append(f"Value {answers[name]} for '{name}' expected to be one of {question['choices']}.")
    return found


def credential_type_errors(fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what is wrong with inputs and injectors (awx/main/fields.py)."""
    inputs, injectors = fields.get("inputs") or {}, fields.get("injectors") or {}
    problems: dict[str, list[str]] = {}
    known = [each.get("id") for each in inputs.get("fields", ())]
    for each in inputs.get("fields", ()):
        if not _FIELD.fullmatch(str(each.get("id", ""))) or each.get("id") == "tower" or set(each) - _FIELD_KEYS or "label" not in each:
            problems["inputs"] = [f"{each} is not a valid field."]
        if each.get("type", "string") not in ("string", "boolean"):
            problems["inputs"] = [f"{each['type']} is not one of string, boolean."]
    if len(set(known)) != len(known) or set(inputs.get("required", ())) - set(known):
        problems["inputs"] = ["Fields are duplicated, or required fields do not exist."]
    if set(injectors) - {"file", "env", "extra_vars"}:
        problems["injectors"] = ["Only file, env, and extra_vars are valid."]
    files = {name for name in injectors.get("file", {}) if _FILE_KEY.fullmatch(name)}
    if files != set(injectors.get("file", {})):
        problems["injectors"] = ["A file must be named template or template.name."]
    names = {name.partition(".")[2] for name in files} - {""}
    tower = {"filename": dict.fromkeys(names, "EXAMPLE") or "EXAMPLE"}
    space = {**dict.fromkeys(filter(None, known), "EXAMPLE"), "tower": tower}
    wrong = [error for text in _texts(injectors) if (error := _template_error(text, space))]
    return {**problems, "injectors": wrong} if wrong else problems


def _template_error(text: str, space: Mapping[str, Any]) -> str:
    try:
        ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(text).render(space)
    except TemplateError as error:
        return f"{text}: {error}"
    return ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def credential_errors(inputs: Mapping[str, Any], kind: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return inputs that the credential type does not have."""
    known = {each["id"] for each in kind["inputs"].get("fields", ())}
    wrong = sorted(set(inputs) - known)
    return {"inputs": [f"Additional properties are not allowed ({', '.join(wrong)} were unexpected)."]} if wrong else {}


def secrets_of(kind: Mapping[str, Any]) -> set[str]:
    """Return the names of the secret inputs of a credential type."""
    return {each["id"] for each in kind["inputs"].get("fields", ()) if each.get("secret")}


def notification_errors(fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what is wrong with the type, the configuration, and the messages (awx/api/serializers.py, NotificationTemplateSerializer)."""
    if fields["notification_type"] not in CONFIGURATIONS:
        return {"notification_type": [f'"{fields["notification_type"]}" is not a valid choice.']}
    needed, _secret = CONFIGURATIONS[fields["notification_type"]]
    missing = [name for name in needed if name not in fields["notification_configuration"]]
    if missing:
        return {"notification_configuration": [f"Missing required fields for Notification Configuration: {missing}."]}
    return dict(_message_errors(fields["messages"] or {}, fields["notification_type"]))


def _message_errors(messages: Mapping[str, Any], kind: str) -> Iterator[tuple[str, list[str]]]:
    events = {name: each for name, each in messages.items() if name != "workflow_approval"}
    approvals = messages.get("workflow_approval") or {}
    if set(events) - {"started", "success", "error"} or set(approvals) - {"running", "approved", "timed_out", "denied"}:
        yield "messages", ["An event is not valid."]
    for each in (*events.values(), *approvals.values()):
        if set(each or {}) - {"message", "body"}:
            yield "messages", ["Only message and body are valid."]
        if kind == "webhook" and (each or {}).get("body"):
            rendered = (
                ImmutableSandboxedEnvironment().from_string(each["body"]).render(job={"name": "x", "id": 1, "status": "failed"}, url="u")
            )
            try:
                if not isinstance(json.loads(rendered), dict):
                    yield "messages", ["Webhook body should be a json dictionary."]
            except ValueError:
                yield "messages", ["Webhook body should be a json dictionary."]


def constructed_errors(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return fields that a source of a constructed inventory cannot change."""
    wrong = [name for name, value in changes.items() if value != before.get(name) and name not in _CONSTRUCTED_FIELDS]
    return {"error": [f"Cannot change field '{wrong[0]}' on a constructed inventory source."]} if wrong else {}


def rule_errors(rrule: str) -> dict[str, list[str]]:
    """Return what is wrong with the recurrence rule of a schedule, roughly."""
    return {} if _RULE.fullmatch(rrule) else {"rrule": ["rrule parsing failed validation."]}
