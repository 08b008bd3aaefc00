"""Losses to the workers of a web server."""

from __future__ import annotations

from callscope.contracts.boundaries import APPLICATIONS
from callscope.model import Model, scope
from callscope.model.events import Where
from callscope.model.registrations import Registration
from callscope.model.serving import Fate, fate_of_guard, is_passed_over, serves
from callscope.rules._loss import Loss, lost_in_hook
from callscope.rules.base import Severity

_REASONS: dict[Fate, tuple[Severity, str, str]] = {
    "lost": (
        Severity.ERROR,
        "and the server's workers import the application without running the registration",
        (
            "Workers are processes of their own, which import the application under its own name "
            "and run nothing under the main guard of the script that starts the server."
        ),
    ),
    "refused": (
        Severity.ERROR,
        "and the server refuses to start workers for an application that is passed as an object",
        (
            "Workers and reloaded processes import the application by its name. Given the object "
            "itself, the server says so and ends."
        ),
    ),
    "copied": (
        Severity.ERROR,
        "and the server imports this module a second time, without the main guard",
        (
            "Given an import string, the server imports the module under its own name. That copy "
            "has an agent of its own, on which nothing was registered."
        ),
    ),
    "deployed": (
        Severity.ERROR,
        "and the server that the project is deployed with imports it without the main guard",
        (
            "The project is started by a server's command, which imports the application in each "
            "worker and runs nothing under the main guard."
        ),
    ),
    "depends": (
        Severity.WARNING,
        "and only `python` with this file runs the registration",
        (
            "Gunicorn, `uvicorn module:app`, `flask run` and every server with several workers "
            "import this module and run nothing under the main guard."
        ),
    ),
}


_NEVER_CALLED = (
    Severity.WARNING,
    "and nobody calls the function that registers",
    (
        "The project's command tells the server to take an application that the module has made, "
        "and not to call the function that makes one."
    ),
)


def lost_to_server(model: Model, registration: Registration, use: scope.Use) -> Loss | None:
    """What only the script does that starts the server, or a hook that is not for the workers."""
    where = registration.where
    assert registration.agent is not None
    aside = scope.hook_elsewhere(model, where, use.crossing)
    if aside is not None:
        return lost_in_hook(use, aside)
    if is_passed_over(model, where):
        return Loss(use, *_NEVER_CALLED)
    if not where.guard and not serves(model, where):
        return None
    if _makes_the_application(model, where):
        return None
    fate = fate_of_guard(model, where, registration.agent)
    return None if fate == "kept" else Loss(use, *_REASONS[fate])


def _makes_the_application(model: Model, where: Where) -> bool:
    """Whether it happens in a function that makes the application: every process that serves the
    application has called that function, too."""
    running = {id(function.node) for _, function in where.stack}
    makers = (call.where.function for call in model.calls_to(*APPLICATIONS))
    return any(maker is not None and id(maker.node) in running for maker in makers)
