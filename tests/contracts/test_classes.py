"""Agent classes, their constructors, and the paths that names are imported by."""

from __future__ import annotations

import pytest

from callscope.contracts.classic import dispatch, tools
from callscope.contracts.classic.classes import AGENT_CLASSES, canonical, lineage
from callscope.contracts.classic.methods import Parameters
from callscope.contracts.classic.signatures import agent_keywords
from tests.contracts.facts import HOMONYMS, Surface

#: The classes whose constructors a row describes in full.
PLAIN = ("ConversableAgent", "AssistantAgent", "UserProxyAgent", "GroupChatManager")
OTHERS = [name for name in AGENT_CLASSES if name not in PLAIN]


def test_every_agent_class_has_a_row(real: Surface) -> None:
    found = {
        where.rpartition(":")[2]
        for where, facts in real.data["classes"].items()
        if any(base.endswith(":ConversableAgent") for base in facts["lineage"])
    }
    found = {name for name in found if not name.startswith("_")}
    # This one is an agent in 0.6.1 alone.
    assert found - {"RealtimeAgent"} <= set(AGENT_CLASSES)


@pytest.mark.parametrize("name", AGENT_CLASSES)
def test_bases(real: Surface, name: str) -> None:
    found = real.lineage(name)
    if found:
        assert lineage(name)[: len(found)] == found
    base = AGENT_CLASSES[name].base
    for bases in real.bases(name):
        # Also of the classes that cannot be imported here.
        assert base is None or base in bases


@pytest.mark.parametrize("name", PLAIN)
def test_constructors(real: Surface, name: str) -> None:
    row = AGENT_CLASSES[name]
    found = real.constructor(name)
    assert found is not None
    assert not found.disagreement(Parameters(row.parameters))
    assert found.default("human_input_mode") == row.human_input_mode
    if "llm_config" in found.positional:
        assert found.default("llm_config") is {"off": False, "none": None}[row.llm]
    if "code_execution_config" in found.positional:
        assert found.default("code_execution_config") == ("{}" if row.executes_code else False)


@pytest.mark.parametrize("name", OTHERS)
def test_first_parameters_of_the_other_agents(real: Surface, name: str) -> None:
    found = real.constructor(name)
    if found is not None:
        expected = AGENT_CLASSES[name].parameters or ("name",)
        assert found.positional[: len(expected)] in (expected, ())


def test_keywords_of_constructors(real: Surface) -> None:
    """All that some plain agent's constructor takes, the base's being passed on to."""
    found: set[str] = set()
    for name in PLAIN:
        constructor = real.constructor(name)
        assert constructor is not None
        found.update(constructor.positional, constructor.keyword_only)
        assert name != "ConversableAgent" or not constructor.takes_anything
    assert set(agent_keywords(real.release) or ()) == found


def test_paths_of_one_thing_have_one_name(real: Surface) -> None:
    """What is imported by several paths is one thing for the checker, too."""
    by_identity: dict[str, set[str]] = {}
    for path, where in real.exports.items():
        name = where.rpartition(":")[2]
        if where.startswith("autogen.fast_depends"):
            continue  # Another library, carried along.
        if canonical(f"autogen.x.{name}") == f"autogen.{name}" and path.endswith(f".{name}"):
            by_identity.setdefault(where, set()).add(canonical(path))
    split = {where: paths for where, paths in by_identity.items() if len(paths) > 1}
    assert not split


def test_one_name_is_one_thing(real: Surface) -> None:
    """What has one name for the checker is one thing, whatever path it is imported by."""
    by_name: dict[str, set[str]] = {}
    for path, where in real.exports.items():
        name = canonical(path)
        if name != path or path.count(".") == 1:
            by_name.setdefault(name, set()).add(where)
    mixed = {name: found for name, found in by_name.items() if len(found) > 1}
    assert {name.removeprefix("autogen.") for name in mixed} <= HOMONYMS


def test_classes_used_by_name(real: Surface) -> None:
    assert real.find(dispatch.sender_required(real.release))
    names = {"SenderRequired", "SenderRequiredError"}
    assert not any(map(real.find, names - {dispatch.sender_required(real.release)}))
    for path in dispatch.CAPABILITIES:
        facts = real.class_facts(path.removeprefix("autogen."))
        assert facts is None or "add_to_agent" in facts["attributes"], path
    config = real.class_facts("LLMConfig")
    in_context = config is not None and config["context"]
    assert in_context == (real.release in tools.LLM_CONFIG_CONTEXT)
