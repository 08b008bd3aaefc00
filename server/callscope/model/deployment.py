"""How the program is deployed: the commands that start it, and the Python it is meant for."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from callscope.contracts.boundaries import Hook
from callscope.contracts.boundaries.serving import (
    CELERY,
    DEFAULT_MODULES,
    FLAGS,
    FORKSERVER_SINCE,
    SERVERS,
    THREADED_HUEY,
    THREADS,
    WITHOUT_NAMES,
)

_RUNNERS = ("python", "python3", "-m", "exec", "poetry", "uv", "pipenv", "run", "--")


@dataclass(frozen=True)
class Deployment:
    """What the files around the source say of how it is run.

    ``commands`` are command lines as they stand there; ``oldest_python`` is the oldest version that
    the project is meant for, None if nothing says so; ``on_linux`` is False if it says that it is
    for other systems.
    """

    commands: tuple[str, ...] = ()
    oldest_python: tuple[int, int] | None = None
    on_linux: bool = True

    @property
    def never_forks(self) -> bool:
        """Whether children are not forked by default on any platform and Python it is meant for."""
        new = self.oldest_python is not None and self.oldest_python >= FORKSERVER_SINCE
        return new or not self.on_linux

    @cached_property
    def served(self) -> frozenset[str]:
        """The modules that servers import, by their dotted names: those named, or else those that
        a server looks in."""
        found: set[str] = set()
        for server, arguments in self._servers:
            targets = {t.partition(":")[0] for t in arguments if _names_application(t)}
            if server in WITHOUT_NAMES:
                targets |= set(_plain_words(arguments))
            found |= targets or (set(DEFAULT_MODULES) if server in ("flask", "fastapi") else set())
        return frozenset(found)

    @cached_property
    def served_names(self) -> frozenset[tuple[str, str]]:
        """The modules that servers are given a name in, each with that name: of an application, or
        of what makes one."""
        texts = (
            t.partition(":") for _, rest in self._servers for t in rest if _names_application(t)
        )
        return frozenset((module, name.partition("(")[0].strip()) for module, _, name in texts)

    def runs_script(self, path: PurePath) -> bool:
        """Whether a command runs the file as a script."""
        module = list(path.with_suffix("").parts)
        for words in self._words:
            parts = _script_of(words).removesuffix(".py").replace("/", ".").strip(".").split(".")
            if module[-len(parts) :] == parts:
                return True
        return False

    @property
    def has_threaded_huey(self) -> bool:
        """Whether Huey's consumer runs tasks in several threads."""
        for words in self._words:
            called = [i for i, word in enumerate(words) if _name_of(word) == THREADED_HUEY]
            if called:
                options = dict(_options(words[called[0] + 1 :]))
                kind = options.get("-k") or options.get("--worker-type") or "thread"
                many = options.get("-w") or options.get("--workers") or "1"
                return kind == "thread" and many != "1"
        return False

    @property
    def has_threaded_celery(self) -> bool:
        """Whether a Celery worker runs tasks in several threads."""
        return any(
            (options.get("-P") or options.get("--pool")) == THREADS
            and (options.get("-c") or options.get("--concurrency")) != "1"
            for options in self._celery_workers
        )

    def comes_to(self, hook: Hook) -> bool:
        """Whether some worker may call ``hook``, as the workers are started."""
        pools = self.celery_pools
        return not hook.only_with or not pools or bool(pools & hook.only_with)

    @cached_property
    def celery_pools(self) -> frozenset[str]:
        """The kinds of pool that the Celery workers which are started have; none if none are."""
        started = self._celery_workers
        return frozenset(each.get("-P") or each.get("--pool") or "prefork" for each in started)

    @cached_property
    def _celery_workers(self) -> list[dict[str, str]]:
        """What the Celery workers that are started are told."""
        found = []
        for words in self._words:
            called = [i for i, word in enumerate(words) if _name_of(word) == CELERY]
            if called and "worker" in words[called[0] :]:
                found.append(dict(_options(words[called[0] + 1 :])))
        return found

    @cached_property
    def _words(self) -> list[list[str]]:
        return [list(_split(command)) for command in self.commands]

    @cached_property
    def _servers(self) -> list[tuple[str, list[str]]]:
        """The servers that are started, and what each is told."""
        found = []
        for words in self._words:
            for index, word in enumerate(words):
                if _name_of(word) in SERVERS:
                    found.append((_name_of(word), words[index + 1 :]))
                    break
                if word not in _RUNNERS and not word.startswith("-") and "=" not in word:
                    break
        return found


def _script_of(words: list[str]) -> str:
    """The file or module that Python is told to run; "" if it is none."""
    begin = next((i for i, word in enumerate(words) if _name_of(word).startswith("python")), None)
    rest = words[begin + 1 :] if begin is not None else []
    return next((word for word in rest if not word.startswith("-")), "")


def _split(command: str) -> Iterator[str]:
    try:
        yield from shlex.split(command)
    except ValueError:
        yield from command.split()


def _name_of(word: str) -> str:
    return PurePath(word).name.removesuffix(".py")


def _names_application(word: str) -> bool:
    module, colon, name = word.partition(":")
    dotted = all(part.isidentifier() for part in module.split("."))
    return bool(colon) and dotted and name[:1].isidentifier()


def _plain_words(words: list[str]) -> Iterator[str]:
    """The arguments that name a module and nothing in it: neither options nor their values."""
    for before, word in zip(["", *words[:-1]], words, strict=True):
        is_value = before.startswith("-") and "=" not in before and before not in FLAGS
        if not is_value and all(part.isidentifier() for part in word.split(".")):
            yield word


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        if word.startswith("-"):
            yield (name, value) if equals else (word, following)


NO_DEPLOYMENT = Deployment()
