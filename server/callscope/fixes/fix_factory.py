"""Move an agent with all that is registered on it into a function that makes a new one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from callscope.fixes._factory import plan
from callscope.fixes._factory_project import texts_with_factory
from callscope.fixes._family import Family, family_of
from callscope.fixes._sharing import only_registers, shares_a_chat, travels_by_value
from callscope.fixes._surroundings import Surroundings, instances_about, registrations_about
from callscope.fixes.base import CannotFix, Files, Safety, WideFixProvider, WideProposal
from callscope.rules import Finding

_MOST_NAMED = 3


class MoveIntoFactory(WideFixProvider):
    """``build_assistant()``: a new agent for each caller, or one for each process."""

    codes = frozenset({"CB101", "CB102", "CB103"})
    order = 40

    def propose(self, finding: Finding, files: Files) -> Iterator[WideProposal]:
        """A factory that is called anew each time, then one that remembers its agent."""
        for cached in (False, True):
            try:
                home = _home(files, finding)
                family = _family(home, finding, files, cached=cached)
                factory = plan(home.draft(), family)
            except CannotFix:
                continue
            title = _title(family, factory.name, factory.results, cached=cached)
            rewrite = partial(texts_with_factory, home, family, files.workspace, cached=cached)
            yield WideProposal(title, Safety.UNSAFE, rewrite)


def _home(files: Files, finding: Finding) -> Surroundings:
    """The module that makes the agent."""
    around = Surroundings(files.model)
    for instance in instances_about(finding.about):
        if instance.call is not None:
            around = around.at(instance.call.node)
            around.check()
            break
    return around


def _family(home: Surroundings, finding: Finding, files: Files, *, cached: bool) -> Family:
    family = family_of(
        home,
        instances_about(finding.about),
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


def _title(family: Family, name: str, results: tuple[str, ...], *, cached: bool) -> str:
    """What moves, and what becomes of the chat history."""
    order = [*results, *sorted(family.members - set(results))]
    named = [f"`{member}`" for member in order[:_MOST_NAMED]]
    if len(order) > _MOST_NAMED:
        named = [*named[:2], f"{len(order) - 2} more agents and chats"]
    if family.registrations:
        whose = "its" if len(order) == 1 else "their"
        count = family.registrations
        named.append(f"{whose} {f'{count} registrations' if count > 1 else 'registration'}")
    what = ", ".join(named[:-1]) + " and " + named[-1] if len(named) > 1 else named[0]
    where = _elsewhere(family)
    if not cached:
        return f"Move {what} into `{name}()`{where} (fresh chat history per call)"
    each = "agent" if len(order) == 1 else "group of agents"
    history = f"one {each} per process, chat history kept"
    return f"Move {what} into a cached `{name}()`{where}: {history}"


def _elsewhere(family: Family) -> str:
    """Which other files change."""
    files = [importer.around.path.name for importer in family.importers]
    if not files:
        return ""
    return f" and change {files[0] if len(files) == 1 else f'{len(files)} other files'}"
