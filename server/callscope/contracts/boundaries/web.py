"""Web applications: a server imports the application's module, in each of its workers.

Observed with two workers each of Gunicorn (with and without ``--preload``), Uvicorn and Hypercorn,
and with the frameworks' own servers. Module-level code runs in every worker; the main guard, in
none. A handler runs once per request, and requests overlap.
"""

from __future__ import annotations

from dataclasses import replace

from callscope.contracts.boundaries.boundary import (
    Boundary,
    Engines,
    Handlers,
    Hook,
    Name,
    Sends,
    Store,
)

WEB = Boundary(
    "web",
    "a request handler",
    "imports",
    long_lived=True,
    concurrent=True,
    fix="build the agents per request with a factory, or register once beside the agent",
)
BACKGROUND = replace(WEB, title="a background task of a request")
UI = Boundary(
    "ui",
    "a handler of the user interface",
    "imports",
    long_lived=True,
    concurrent=True,
    fix="build the agents per session with a factory, or register once beside the agent",
)

_VERBS = ("get", "post", "put", "patch", "delete", "options", "head")
_METHODS = frozenset({*_VERBS, "trace", "http_method_not_allowed", "dispatch"})

_FASTAPI = ("fastapi.FastAPI()", "fastapi.APIRouter()")
_STARLETTE = "starlette.applications.Starlette()"
_FLASK = ("flask.Flask()", "flask.Blueprint()")
_SANIC = ("sanic.Sanic()", "sanic.Blueprint()")
_AIOHTTP = "aiohttp.web.RouteTableDef()"

_STATE = Store("state of the application")

_STORES: dict[str, Store] = {
    **{f"{app}.state": _STATE for app in (*_FASTAPI, _STARLETTE)},
    **{
        f"{request}().app.state": _STATE
        for request in (
            *("fastapi.Request", "fastapi.WebSocket"),
            *("starlette.requests.Request", "starlette.websockets.WebSocket"),
        )
    },
    **dict.fromkeys(("aiohttp.web.Application()", "aiohttp.web.Request().app"), _STATE),
    **dict.fromkeys(("flask.Flask().config", "flask.current_app.config"), _STATE),
    **dict.fromkeys(("sanic.Sanic().ctx", "sanic.Request().app.ctx"), _STATE),
    "streamlit.session_state": Store("Streamlit's session", shared=False),
    "chainlit.user_session": Store("Chainlit's session", shared=False),
}

_VIEW_SETS = ("ViewSet", "GenericViewSet", "ModelViewSet", "ReadOnlyModelViewSet")
_ACTIONS = frozenset({"list", "create", "retrieve", "update", "partial_update", "destroy"})
_GENERIC_VIEWS = ("TemplateView", "ListView", "DetailView", "FormView", "CreateView", "UpdateView")

# Each process of a Django project sets Django up, whatever it is for.
_DJANGO_READY = Hook("web", also=("celery", "rq", "huey", "dramatiq"))
_PARENT_ONLY = Hook("web", "elsewhere", "only Sanic's parent process runs it, and no worker")

_HOOKS: dict[str, Hook] = {
    **{f"{app}.on_event()": Hook("web") for app in (*_FASTAPI, _STARLETTE)},
    **{f"{app}.add_event_handler": Hook("web") for app in (*_FASTAPI, _STARLETTE)},
    **{
        f"{app}.{hook}": Hook("web")
        for app in _SANIC
        for hook in ("before_server_start", "after_server_start", "listener()")
    },
    **{
        f"{app}.{place}": _PARENT_ONLY
        for app in _SANIC
        for event in ("main_process_start", "main_process_ready")
        for place in (event, f"listener():{event}")
    },
    "aiohttp.web.Application().on_startup.append": Hook("web"),
    "aiohttp.web.Application().cleanup_ctx.append": Hook("web"),
}

WEB_APPS = Engines(
    decorators={
        **{
            f"{app}.{verb}()": WEB
            for app in _FASTAPI
            for verb in (*_VERBS, "websocket", "api_route", "middleware")
        },
        **{
            f"{app}.{verb}()": WEB
            for app in (*_FLASK, *_SANIC)
            for verb in ("route", "websocket", *_VERBS)
        },
        **{
            f"{app}.{hook}": WEB
            for app in _FLASK
            for hook in ("before_request", "after_request", "before_request()", "after_request()")
        },
        "aiohttp.web.middleware": WEB,
        # These were only read: that each request, or each that fails, calls them.
        **{
            f"{app}.{hook}": WEB
            for app in _FLASK
            for hook in ("teardown_request", "errorhandler()")
        },
        **{f"{app}.exception_handler()": WEB for app in (*_FASTAPI, _STARLETTE)},
        **{f"{app}.{hook}": WEB for app in _SANIC for hook in ("middleware()", "exception()")},
        **{
            f"{app}.{hook}": WEB
            for app in _SANIC
            for hook in ("on_request", "on_response", "on_request()", "on_response()")
        },
        **{f"{_AIOHTTP}.{verb}()": WEB for verb in (*_VERBS, "route", "view")},
        **{
            f"litestar.{verb}()": WEB
            for verb in (*_VERBS, "route", "websocket", "websocket_listener")
        },
        "rest_framework.decorators.api_view()": WEB,
        "rest_framework.decorators.action()": WEB,
        **{
            f"chainlit.{hook}": UI
            for hook in ("on_message", "on_chat_start", "on_chat_resume", "on_settings_update")
        },
        "chainlit.action_callback()": UI,
    },
    sends={
        **{f"{app}.add_api_route": Sends(WEB, 1, "endpoint") for app in _FASTAPI},
        **{f"{app}.add_url_rule": Sends(WEB, 2, "view_func") for app in _FLASK},
        **{f"{app}.add_route": Sends(WEB, 0, "handler") for app in _SANIC},
        **{
            f"aiohttp.web.Application().router.add_{verb}": Sends(WEB, 1, "handler")
            for verb in _VERBS
        },
        "aiohttp.web.Application().router.add_route": Sends(WEB, 2, "handler"),
        **{f"aiohttp.web.{verb}": Sends(WEB, 1, "handler") for verb in _VERBS},
        "fastapi.BackgroundTasks().add_task": Sends(BACKGROUND, 0, "func"),
        "fastapi.Depends": Sends(WEB, 0, "dependency"),
        "starlette.routing.Route": Sends(WEB, 1, "endpoint"),
        "starlette.routing.WebSocketRoute": Sends(WEB, 1, "endpoint"),
        "django.urls.path": Sends(WEB, 1, "view"),
        "django.urls.re_path": Sends(WEB, 1, "view"),
        "gradio.Interface": Sends(UI, 0, "fn"),
        "gradio.ChatInterface": Sends(UI, 0, "fn"),
        **{
            f"gradio.{part}().{event}": Sends(UI, 0, "fn")
            for part in ("Button", "Textbox", "ChatInterface", "MultimodalTextbox")
            for event in ("click", "submit", "change")
        },
    },
    bases={
        "django.views.View": Handlers(WEB, _METHODS),
        "rest_framework.views.APIView": Handlers(WEB, _METHODS),
        **{f"rest_framework.viewsets.{kind}": Handlers(WEB, _ACTIONS) for kind in _VIEW_SETS},
        **{
            f"django.views.generic.{kind}": Handlers(WEB, _METHODS | {"form_valid"})
            for kind in _GENERIC_VIEWS
        },
        "flask.views.MethodView": Handlers(WEB, _METHODS),
        "flask.views.View": Handlers(WEB, frozenset({"dispatch_request"})),
        "starlette.endpoints.HTTPEndpoint": Handlers(WEB, _METHODS),
        "starlette.middleware.base.BaseHTTPMiddleware": Handlers(WEB, frozenset({"dispatch"})),
        "aiohttp.web.View": Handlers(WEB, _METHODS),
        "sanic.views.HTTPMethodView": Handlers(WEB, _METHODS),
        "tornado.web.RequestHandler": Handlers(WEB, _METHODS),
    },
    hooks=_HOOKS,
    hook_methods={"django.apps.AppConfig": {"ready": _DJANGO_READY}},
    stores=_STORES,
    names={"uvicorn.run": (Name(0, "app"),)},
    aliases={
        "fastapi.background.BackgroundTasks": "fastapi.BackgroundTasks",
        "starlette.background.BackgroundTasks": "fastapi.BackgroundTasks",
        "fastapi.applications.FastAPI": "fastapi.FastAPI",
        "fastapi.routing.APIRouter": "fastapi.APIRouter",
        "fastapi.param_functions.Depends": "fastapi.Depends",
        "flask.app.Flask": "flask.Flask",
        "flask.blueprints.Blueprint": "flask.Blueprint",
        "django.views.generic.View": "django.views.View",
        "django.views.generic.base.View": "django.views.View",
        "django.urls.conf.path": "django.urls.path",
        "sanic.request.Request": "sanic.Request",
        "aiohttp.web_request.Request": "aiohttp.web.Request",
        "fastapi.requests.Request": "fastapi.Request",
        "django.apps.config.AppConfig": "django.apps.AppConfig",
        "litestar.handlers.get": "litestar.get",
        "litestar.handlers.post": "litestar.post",
    },
)

PASSED = {
    "aiohttp": ("aiohttp.web.Request", "aiohttp.web.Application"),
    "sanic": ("sanic.Request", "sanic.Sanic"),
    "starlette": ("starlette.requests.Request", "starlette.applications.Starlette"),
    "fastapi": (None, "fastapi.FastAPI"),
}
"""The class of what a framework passes first: to a handler, and to what it calls as it starts."""

APPLICATIONS = frozenset(
    {
        "fastapi.FastAPI",
        "starlette.applications.Starlette",
        "flask.Flask",
        "sanic.Sanic",
        "litestar.Litestar",
        "aiohttp.web.Application",
        "django.core.wsgi.get_wsgi_application",
        "django.core.asgi.get_asgi_application",
    }
)
"""What makes an application: a server imports the module that does, in each of its workers."""

GUNICORN_HOOKS: dict[str, Hook] = {
    **dict.fromkeys(("on_starting", "when_ready", "post_fork", "post_worker_init"), Hook("web")),
    "pre_fork": Hook("web", "again and again", "the parent runs it before each worker it forks"),
    "pre_request": Hook("web", "again and again", "each worker runs it for each request"),
}
"""Functions of a Gunicorn configuration file, by name."""

GUNICORN_FILES = "gunicorn*.py"
"""What such a file is called."""

INJECTED = "fastapi.Depends"
"""What a parameter is given that the result of a function is passed to."""

DJANGO = "django.core.management.execute_from_command_line"
"""The call by which Django begins, which imports the project by its settings."""
