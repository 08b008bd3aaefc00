"""Let callbacks and those who read what they collect share one process."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._patch import Patch, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model, scope
from callscope.model.registrations import Registration
from callscope.model.values import path_of
from callscope.rules.base import Finding

# The pool of threads that is used like a pool of processes, and the arguments that both take.
_THREADS = {
    "concurrent.futures.ProcessPoolExecutor": ("concurrent.futures", "ThreadPoolExecutor"),
    "multiprocessing.Pool": ("multiprocessing.pool", "ThreadPool"),
    "multiprocessing.get_context().Pool": ("multiprocessing.pool", "ThreadPool"),
}
_SHARED = frozenset({"max_workers", "processes", "initializer", "initargs"})
_MOST_POSITIONAL = 3


class FixWorkerState(FixProvider):
    """Makes a pool of processes one of threads: chats wait for models most of their time."""

    codes = frozenset({"CB104"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Where the pool is made in view, with nothing that only processes have; not for agents
        that the threads would share."""
        agent = finding.about.agent if isinstance(finding.about, Registration) else None
        built = agent.instance.call if agent is not None else None
        if built is None or scope.crossing_of(model, built.where) is None:
            return
        sent = finding.evidence[0].range if finding.evidence else None
        crossing = next((c for c in model.crossings if model.range(c.node) == sent), None)
        made = crossing.pool.call if crossing is not None and crossing.pool is not None else None
        threads = _THREADS.get(path_of(made.callee) or "") if made is not None else None
        if made is None or threads is None or not isinstance(made.node, ast.Call):
            return
        call, (module, name) = made.node, threads

        def change(patch: Patch) -> None:
            named = {keyword.arg for keyword in call.keywords}
            if named - _SHARED or len(call.args) > _MOST_POSITIONAL - (name != "ThreadPool"):
                raise CannotFix("asks for what only processes have")
            patch.replace(call.func, patch.imported_name(module, name))

        yield proposal(
            model,
            f"Run the chats in threads, which share what the callback changes: `{name}`",
            Safety.UNSAFE,
            change,
        )
