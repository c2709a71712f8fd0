# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several modules return is described in the same words, or there is a reason why not."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

import doc_part
import return_docs

MODULES = {path.stem: path for path in sorted(doc_part.MODULES.glob("*.py"))}

OWN_WORDS = "the words a module has are its own"
REFERENCE = "one module describes it, the others refer to it"
OWN_STATE = "what the module manages, which is another thing in each"

DIFFERENT = {
    "activation": "a task of kms_client can be about Office only",
    "activation.current_count": "only a KMS client waits for a count",
    "activation.outcome": OWN_WORDS,
    "activation.required_count": "as activation.current_count",
    "activations": "kms_host has keys, kms_client has products",
    "activations.current_count": "as activation.current_count",
    "activations.outcome": OWN_WORDS,
    "activations.required_count": "as activation.current_count",
    "activations_used": "which key they are counted of",
    "after": OWN_STATE,
    "after.channel": "only product_key installs keys whose channel nobody knows beforehand",
    "after.kms_host": "mak_client may be about Office, which has no such setting",
    "after.partial_product_key": "only mak_client knows Windows Server 2003",
    "before": OWN_STATE,
    "before.channel": "as after.channel",
    "before.kms_host": "as after.kms_host",
    "before.partial_product_key": "as after.partial_product_key",
    "diff.after": "kms_srv_record shows lines of a zone file",
    "diff.before": "as diff.after",
    "directory": "a task that fails early has it only if it returns it always",
    "domains.error.code": "only updates are signed",
    "domains.rendered": "one module renders the difference, the other all records",
    "error": "of a check it is about a finding; the DNS modules refer to the error of a domain",
    "error.category": "only activation_check has findings",
    "error.code": OWN_WORDS,
    "error.subcode": "only the directory has codes below that of a failed logon",
    "events": "genuine_info reads three events, activation_events_info reads all",
    "licensed": REFERENCE,
    "machine": "only a task that changes something has it whatever ends the task",
    "machine_count": "of a task, or of record files",
    "maks": "one module asks about keys, the other about the keys of its records",
    "office_installations": REFERENCE,
    "office_service": REFERENCE,
    "products": REFERENCE,
    "record_path": "one module always writes a file",
    "records": "records of machines, or SRV records",
    "rolled_back": "the key that is back is another one",
    "service": REFERENCE,
    "steps.action": OWN_WORDS,
    "token_licenses": "activation_info reads them if asked, token_license after the task",
    "windows_product_activation": REFERENCE,
}
"""Fields that several modules return in the same shape and describe in different words, and why."""

BY_HAND = {
    ("activation_check", "machine"): REFERENCE,
    ("activation_check", "products"): REFERENCE,
    ("activation_info", "products"): REFERENCE,
    ("genuine_info", "products"): REFERENCE,
    ("kms_endpoint_info", "error"): REFERENCE,
    ("kms_srv_record", "diff"): "a list, with a difference for each domain",
    ("kms_srv_record", "error"): REFERENCE,
    ("kms_srv_record_info", "error"): REFERENCE,
    ("mak_activations_info", "error"): REFERENCE,
    ("mak_confirmation_id", "error"): REFERENCE,
}
"""Fields that have the name of a part and are not written from it, and why."""


def returned_by(module: str) -> dict[str, Any]:
    for node in ast.parse(MODULES[module].read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "RETURN":
            returned: dict[str, Any] = yaml.safe_load(ast.literal_eval(node.value))
            return returned
    raise AssertionError(f"{module} has no RETURN")


def leaves(fields: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, field in fields.items():
        yield f"{path}{name}", field
        yield from leaves(field.get("contains", {}), f"{path}{name}.")


def descriptions(modules: Mapping[str, Mapping[str, Any]]) -> dict[str, set[str]]:
    """The different descriptions of each field that several modules return in the same shape, by the path of the field."""
    found = defaultdict(set)
    for returned in modules.values():
        for path, field in leaves(returned):
            description = field["description"]
            found[path, field["type"], field.get("elements")].add(description if isinstance(description, str) else "\n".join(description))
    return {path: words for (path, _type, _elements), words in found.items() if len(words) > 1}


def test_no_field_is_described_in_different_words_without_a_reason() -> None:
    assert sorted(descriptions({name: returned_by(name) for name in MODULES})) == sorted(DIFFERENT)


def test_other_words_for_a_field_are_found() -> None:
    modules = {name: returned_by(name) for name in MODULES}
    modules["rearm"]["error"]["contains"]["cause"]["description"] = "Why it happens."
    assert set(descriptions(modules)) - set(DIFFERENT) == {"error.cause"}


@pytest.mark.parametrize("module", MODULES)
def test_a_field_that_has_a_part_is_written_from_it(module: str) -> None:
    blocks = return_docs.blocks_of(MODULES[module].read_text(encoding="utf-8"))
    parts = {path.stem for path in doc_part.PARTS.glob("*.yml")}
    by_hand = (set(returned_by(module)) & parts) - {block.name for block in blocks if block.kind == "part"}
    assert by_hand == {name for owner, name in BY_HAND if owner == module}
