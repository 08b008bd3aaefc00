"""Move an agent with all that is registered on it into a function that makes a new one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from callscope.fixes._family import Family, family_of
from callscope.fixes._layers import Layer, Stage, layers_of, move_layers
from callscope.fixes._sharing import only_registers, shares_a_chat, travels_by_value
from callscope.fixes._surroundings import Surroundings, instances_about, registrations_about
from callscope.fixes.base import CannotFix, Files, Safety, WideFixProvider, WideProposal
from callscope.model.registrations import EntryCall
from callscope.model.values import Instance
from callscope.rules import Finding
from callscope.source import SourceText

_MOST_NAMED = 3


class MoveIntoFactory(WideFixProvider):
    """``build_assistant()``: a new agent for each caller, or one for each process."""

    codes = frozenset({"CB101", "CB102", "CB103"})
    order = 40

    def propose(self, finding: Finding, files: Files) -> Iterator[WideProposal]:
        """A factory that is called anew each time, then one that remembers its agent."""
        for cached in (False,) if _shares_chats(finding) else (False, True):
            try:
                stages, texts = moved(files, finding, cached=cached)
            except CannotFix:
                continue
            title = f"{move(stages, cached=cached)}{_history(stages, cached=cached)}"
            yield WideProposal(title, Safety.UNSAFE, partial(iter, texts))


def moved(
    files: Files, finding: Finding, *, cached: bool
) -> tuple[list[Stage], list[tuple[SourceText, str]]]:
    """What moves into factories, and the new texts of all files that change."""
    home = _home(files, finding)
    names = {name for each in instances_about(finding.about) for name in home.names_of(each)}
    if finding.code == "CB102":
        layers = [Layer(home.path, frozenset(names))]
    else:
        layers = layers_of(home, names, files)
    find = partial(_family, finding, cached=cached)
    return move_layers(layers, files, find, cached=cached)


def _shares_chats(finding: Finding) -> bool:
    """Whether it is about runs that get into each other's way, which one agent for all of a process
    does not mend."""
    return finding.code == "CB101" and isinstance(finding.about, EntryCall)


def _home(files: Files, finding: Finding) -> Surroundings:
    """The module that gives the agent its name."""
    around = Surroundings(files.model)
    for instance in instances_about(finding.about):
        made_in = [around.at(instance.call.node)] if instance.call is not None else []
        others = (around.at(module.scope.node) for module in files.model.modules)
        for home in (*made_in, *others):
            if any(home.is_made_here(name) for name in home.names_of(instance)):
                home.check()
                return home
    raise CannotFix("the agent has no name at module level")


def _family(
    finding: Finding, home: Surroundings, seeds: list[Instance], files: Files, *, cached: bool
) -> Family:
    family = family_of(
        home,
        seeds,
        needed=registrations_about(finding.about) if finding.code == "CB102" else (),
        with_partners=finding.code != "CB102",
        from_handlers=cached,
        files=files,
    )
    if cached and travels_by_value(home, set(family.users)):
        raise CannotFix("a cached function of a script cannot be pickled")
    others = [each.around for each in family.importers if each.around.model is not home.model]
    for around in [] if cached else [home, *others]:
        if shares_a_chat(around, family) or only_registers(around, family):
            raise CannotFix("functions share the agent's chat")
    return family


def move(stages: list[Stage], *, cached: bool) -> str:
    """What moves where, in words."""
    results = [name for stage in reversed(stages) for name in stage.factory.results]
    members = {name for stage in stages for name in stage.family.members}
    order = list(dict.fromkeys([*results, *sorted(members)]))
    named = [f"`{member}`" for member in order[:_MOST_NAMED]]
    if len(order) > _MOST_NAMED:
        named = [*named[:2], f"{len(order) - 2} more agents and chats"]
    # What moves into the first factories, the last one calls.
    count = stages[-1].family.registrations
    if count:
        whose = "its" if len(order) == 1 else "their"
        named.append(f"{whose} {f'{count} registrations' if count > 1 else 'registration'}")
    what, where = _listed(named), _elsewhere(stages)
    into = _listed([f"`{stage.factory.name}()`" for stage in reversed(stages)])
    return f"Move {what} into {'a cached ' * cached}{into}{where}"


def _history(stages: list[Stage], *, cached: bool) -> str:
    """What becomes of the chat history."""
    if not cached:
        return " (fresh chat history per call)"
    members = {name for stage in stages for name in stage.family.members}
    members.update(name for stage in stages for name in stage.factory.results)
    each = "agent" if len(members) == 1 else "group of agents"
    return f": one {each} per process, chat history kept"


def _listed(items: list[str]) -> str:
    return ", ".join(items[:-1]) + " and " + items[-1] if len(items) > 1 else items[0]


def _elsewhere(stages: list[Stage]) -> str:
    """Which other files change."""
    importers = [importer for stage in stages for importer in stage.family.importers]
    files = sorted({importer.around.path for importer in importers})
    if not files:
        return ""
    return f" and change {files[0].name if len(files) == 1 else f'{len(files)} other files'}"
