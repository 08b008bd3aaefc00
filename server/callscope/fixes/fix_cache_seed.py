"""Ask a custom model client each time."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.fixes._arguments import set_entry
from callscope.fixes._patch import Patch, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import EntryCall
from callscope.model.values import Mapping
from callscope.rules.base import Finding


class FixCacheSeed(FixProvider):
    """Keeps no answers on disk."""

    codes = frozenset({"CB428"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``"cache_seed": None`` in the agent's configuration."""
        about = finding.about
        partner = about.partner if isinstance(about, EntryCall) else None
        config = partner.argument("llm_config") if partner is not None else None
        listed = config.values.get("config_list") if isinstance(config, Mapping) else None

        def change(patch: Patch) -> None:
            if listed is None:
                raise CannotFix("not written as a dict")
            set_entry(patch, listed, "cache_seed", "None")

        yield proposal(
            model, 'Keep no answers on disk: `"cache_seed": None`', Safety.UNSAFE, change
        )
