"""Move an agent with all that is registered on it into a function that makes a new one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from callscope.fixes._cst import Draft
from callscope.fixes._factory import plan, write
from callscope.fixes._family import Family, family_of
from callscope.fixes._sharing import only_registers, shares_a_chat, travels_by_value
from callscope.fixes._surroundings import Surroundings, instances_about, registrations_about
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.rules import Finding

_MOST_NAMED = 3


class MoveIntoFactory(FixProvider):
    """``build_assistant()``: a new agent for each caller, or one for each process."""

    codes = frozenset({"CB101", "CB102", "CB103"})
    order = 40

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """A factory that is called anew each time, then one that remembers its agent."""
        for cached in (False, True):
            try:
                around = Surroundings(model)
                family = _family(around, finding, cached=cached)
                draft = Draft(model.source, model.parsed.tree)
                factory = plan(draft, family)
            except CannotFix:
                continue
            title = _title(family, factory.name, factory.results, cached=cached)
            rewrite = partial(_rewrite, around, family, cached)
            yield Proposal(title, Safety.UNSAFE, rewrite)


def _family(around: Surroundings, finding: Finding, *, cached: bool) -> Family:
    family = family_of(
        around,
        instances_about(finding.about),
        needed=registrations_about(finding.about) if finding.code == "CB102" else (),
        with_partners=finding.code != "CB102",
        from_handlers=cached,
    )
    if cached and travels_by_value(around, set(family.users)):
        raise CannotFix("a cached function of a script cannot be pickled")
    if not cached and (shares_a_chat(around, family) or only_registers(around, family)):
        raise CannotFix("functions share the agent's chat")
    return family


def _rewrite(around: Surroundings, family: Family, cached: bool, text: str) -> str:
    if text != around.model.source.text:
        raise CannotFix("the text has changed")
    draft = Draft(around.model.source, around.tree)
    write(draft, around, family, plan(draft, family), cached=cached)
    return draft.finish()


def _title(family: Family, name: str, results: tuple[str, ...], *, cached: bool) -> str:
    order = [*results, *sorted(family.members - set(results))]
    named = [f"`{member}`" for member in order[:_MOST_NAMED]]
    if len(order) > _MOST_NAMED:
        named = [*named[:2], f"{len(order) - 2} more agents and chats"]
    if family.registrations:
        whose = "its" if len(order) == 1 else "their"
        count = family.registrations
        named.append(f"{whose} {f'{count} registrations' if count > 1 else 'registration'}")
    what = ", ".join(named[:-1]) + " and " + named[-1] if len(named) > 1 else named[0]
    if not cached:
        return f"Move {what} into `{name}()` (fresh chat history per call)"
    each = "agent" if len(order) == 1 else "group of agents"
    return f"Move {what} into a cached `{name}()`: one {each} per process, chat history kept"
