"""Parameters and coroutines of methods and functions."""

from __future__ import annotations

import pytest

from callscope.contracts.classic import methods, signatures
from callscope.contracts.classic.classes import canonical
from callscope.contracts.classic.dispatch import GROUP_FEATURES, HANDOFF_METHODS, HANDOFFS
from callscope.contracts.classic.methods import COROUTINE_FUNCTIONS, COROUTINE_METHODS, METHODS
from callscope.contracts.classic.tools import DISPATCH_METHODS, HIDDEN_EXECUTOR_METHODS
from tests.contracts.facts import Signature, Surface
from tests.runtime.releases import NEWEST

# Group chats, swarms included: what takes part in a release is a coroutine function or is not.
MANAGER = "GroupChatManager"


@pytest.mark.parametrize("name", METHODS)
def test_parameters_of_methods(real: Surface, name: str) -> None:
    found = real.method(name)
    if methods.has_method(name, real.release):
        assert found is not None
        assert not found.disagreement(METHODS[name])


@pytest.mark.parametrize("name", METHODS)
def test_parameters_of_methods_exist(real: Surface, name: str) -> None:
    """The newest release has every parameter that a row names."""
    found = real.method(name)
    if real.target == NEWEST[-1] and found is not None:
        row = METHODS[name]
        assert {*row.positional, *row.keyword_only} <= {*found.positional, *found.keyword_only}


def test_parameters_of_register_function(real: Surface) -> None:
    facts = real.function_facts("register_function")
    assert facts is not None
    found = Signature.of(facts["parameters"])
    assert found.positional == methods.REGISTER_FUNCTION.positional
    assert set(found.keyword_only) == set(methods.REGISTER_FUNCTION.keyword_only)
    assert signatures.REGISTER_FUNCTION_SIGNATURE.parameters == methods.REGISTER_FUNCTION
    assert not found.takes_anything


def test_parameters_of_group_chat(real: Surface) -> None:
    found = real.constructor("GroupChat")
    assert found is not None
    row = methods.GROUP_CHAT
    assert found.positional[: len(row.positional)] == row.positional


@pytest.mark.parametrize("name", signatures.METHOD_SIGNATURES)
def test_signatures_leave_nothing_out(real: Surface, name: str) -> None:
    row = signatures.method_signature(name, real.release)
    found = real.method(name)
    if row is not None:
        assert found is not None
        assert found.positional == row.parameters.positional
        assert set(found.keyword_only) == set(row.parameters.keyword_only)
        assert not found.takes_anything


def test_every_coroutine_method_has_a_row_and_is_one(real: Surface) -> None:
    held = {name for name, row in COROUTINE_METHODS.items() if real.release in row.versions}
    both = {**real.methods(), **real.methods(MANAGER)}
    found = {
        name for name, facts in both.items() if facts["coroutine"] and not name.startswith("_")
    }
    assert held == found


def test_coroutine_methods_and_their_twins(real: Surface) -> None:
    both = {**real.methods(), **real.methods(MANAGER)}
    for name, row in COROUTINE_METHODS.items():
        if real.release in row.versions and row.twin is not None:
            assert row.twin in both, name
            assert not both[row.twin]["coroutine"], name


def test_every_coroutine_function_has_a_row_and_is_one(real: Surface) -> None:
    held = {
        path.removeprefix("autogen.")
        for path, row in COROUTINE_FUNCTIONS.items()
        if real.release in row.versions
    }
    found = {
        canonical(path).removeprefix("autogen.")
        for path, where in real.exports.items()
        if canonical(path).count(".") == 1
        and real.data["functions"].get(where, {}).get("coroutine")
    }
    assert held == found
    for name in found:
        twin = COROUTINE_FUNCTIONS[f"autogen.{name}"].twin
        assert twin is not None
        facts = real.function_facts(twin)
        assert facts is not None
        assert not facts["coroutine"]


def test_blocking_entry_calls_are_methods(real: Surface) -> None:
    both = {**real.methods(), **real.methods(MANAGER)}
    for name in methods.BLOCKING_ENTRY_CALLS:
        if methods.has_method(name, real.release):
            assert not both[name]["coroutine"]


def test_methods_of_tools(real: Surface) -> None:
    facts = real.class_facts("ConversableAgent")
    assert facts is not None
    assert set(DISPATCH_METHODS) <= set(facts["attributes"])


@pytest.mark.parametrize("name", methods.NEWER)
def test_methods_that_not_every_release_has(real: Surface, name: str) -> None:
    found = {**real.methods(), **real.methods(MANAGER)}.get(name)
    # Before 0.8.7 ``run`` is another method.
    is_another = found is not None and "message" in Signature.of(found["parameters"]).positional[:1]
    assert methods.has_method(name, real.release) == (found is not None and not is_another)


def test_methods_of_groups_and_runs_have_versions() -> None:
    assert set(GROUP_FEATURES) <= set(methods.NEWER)
    assert set(methods.NEWER) >= HIDDEN_EXECUTOR_METHODS


def test_methods_of_handoffs(real: Surface) -> None:
    handoffs = real.class_facts("Handoffs")
    assert (handoffs is not None) == (real.release in HANDOFFS)
    if real.target == NEWEST[-1]:
        assert handoffs is not None
        assert set(handoffs["attributes"]) >= HANDOFF_METHODS
