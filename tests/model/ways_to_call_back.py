"""Ways to write the callback that is registered on an agent, each a few lines.

``SIGNATURE`` stands for the parameters that AutoGen fills.
"""

HEAD = """\
import autogen
from autogen import Agent, AssistantAgent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False, human_input_mode="NEVER")
def reply(*_, **__):
    print("FIRED")
    return True, "done"
"""

FOLLOWED = """
#: def
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: def by keyword
def on_reply(SIGNATURE):
    return reply()
bot.register_reply(reply_func=on_reply, trigger=[Agent, None])

#: an assigned lambda
on_reply = lambda SIGNATURE: reply()
bot.register_reply([Agent, None], on_reply)

#: a lambda
bot.register_reply([Agent, None], lambda SIGNATURE: reply())

#: a nested def
def main():
    def on_reply(SIGNATURE):
        return reply()
    bot.register_reply([Agent, None], on_reply)
main()

#: a closure of a factory
def make(answer):
    def on_reply(SIGNATURE):
        return answer()
    return on_reply
bot.register_reply([Agent, None], make(reply))

#: a lambda of a factory
def make(answer):
    return lambda SIGNATURE: answer()
bot.register_reply([Agent, None], make(reply))

#: partial with a positional argument
from functools import partial
def on_reply(log, SIGNATURE):
    return reply()
bot.register_reply([Agent, None], partial(on_reply, []))

#: partial with a keyword argument
import functools
def on_reply(SIGNATURE, *, log):
    return reply()
bot.register_reply([Agent, None], functools.partial(on_reply, log=[]))

#: a partial of a partial
from functools import partial
def on_reply(one, two, SIGNATURE):
    return reply()
bot.register_reply([Agent, None], partial(partial(on_reply, 1), 2))

#: a partial of a bound method
from functools import partial
class Audit:
    def on_reply(self, log, SIGNATURE):
        return reply()
bot.register_reply([Agent, None], partial(Audit().on_reply, []))

#: a partial with arguments from a list
from functools import partial
extra = [1, 2]
def on_reply(one, two, SIGNATURE):
    return reply()
bot.register_reply([Agent, None], partial(on_reply, *extra))

#: a partialmethod
from functools import partialmethod
class Audit:
    def _on_reply(self, log, SIGNATURE):
        return reply()
    on_reply = partialmethod(_on_reply, [])
bot.register_reply([Agent, None], Audit().on_reply)

#: a callable object
class Audit:
    def __call__(self, SIGNATURE):
        return reply()
bot.register_reply([Agent, None], Audit())

#: a callable object by its base
class Base:
    def __call__(self, SIGNATURE):
        return reply()
class Audit(Base):
    pass
bot.register_reply([Agent, None], Audit())

#: a callable dataclass
from dataclasses import dataclass, field
@dataclass
class Audit:
    log: list = field(default_factory=list)
    def __call__(self, SIGNATURE):
        return reply()
audit = Audit()
bot.register_reply([Agent, None], audit)

#: the __call__ of an object
class Audit:
    def __call__(self, SIGNATURE):
        return reply()
bot.register_reply([Agent, None], Audit().__call__)

#: a bound method
class Audit:
    def on_reply(self, SIGNATURE):
        return reply()
audit = Audit()
bot.register_reply([Agent, None], audit.on_reply)

#: a bound method of self
class Desk:
    def __init__(self):
        bot.register_reply([Agent, None], self._on_reply)
    def _on_reply(self, SIGNATURE):
        return reply()
Desk()

#: an unbound method of an agent
class Own(ConversableAgent):
    def __init__(self):
        super().__init__("own", llm_config=False)
        self.register_reply([Agent, None], Own.on_reply)
    def on_reply(SIGNATURE):
        return reply()
Own()

#: a bound method of an agent
class Own(ConversableAgent):
    def __init__(self):
        super().__init__("own", llm_config=False)
        self.register_reply([Agent, None], self.on_reply)
    def on_reply(self, SIGNATURE):
        return reply()
Own()

#: a bound method of an agent without super
class Own(ConversableAgent):
    def __init__(self):
        ConversableAgent.__init__(self, "own", llm_config=False)
        self.register_reply([Agent, None], self.on_reply)
    def on_reply(self, SIGNATURE):
        return reply()
Own()

#: a method by type(self)
class Own(ConversableAgent):
    def __init__(self):
        super().__init__("own", llm_config=False)
        self.register_reply([Agent, None], type(self).on_reply)
    def on_reply(SIGNATURE):
        return reply()
Own()

#: a method by __class__
class Own(ConversableAgent):
    def __init__(self):
        super().__init__("own", llm_config=False)
        self.register_reply([Agent, None], self.__class__.on_reply)
    def on_reply(SIGNATURE):
        return reply()
Own()

#: a static method
class Audit:
    @staticmethod
    def on_reply(SIGNATURE):
        return reply()
bot.register_reply([Agent, None], Audit.on_reply)

#: a static method of an object
class Audit:
    @staticmethod
    def on_reply(SIGNATURE):
        return reply()
bot.register_reply([Agent, None], Audit().on_reply)

#: a class method
class Audit:
    @classmethod
    def on_reply(cls, SIGNATURE):
        return reply()
bot.register_reply([Agent, None], Audit.on_reply)

#: an inherited method
class Base:
    def on_reply(self, SIGNATURE):
        return reply()
class Audit(Base):
    pass
bot.register_reply([Agent, None], Audit().on_reply)

#: an overridden method
class Base:
    def __init__(self):
        bot.register_reply([Agent, None], self.on_reply)
    def on_reply(self, wrong):
        return reply()
class Audit(Base):
    def on_reply(self, SIGNATURE):
        return reply()
Audit()

#: a method by super
class Base:
    def on_reply(self, SIGNATURE):
        return reply()
class Audit(Base):
    def __init__(self):
        bot.register_reply([Agent, None], super().on_reply)
    def on_reply(self, wrong):
        return reply()
Audit()

#: a method assigned in the class
def _on_reply(self, SIGNATURE):
    return reply()
class Audit:
    on_reply = _on_reply
bot.register_reply([Agent, None], Audit().on_reply)

#: a method by getattr
class Audit:
    def on_reply(self, SIGNATURE):
        return reply()
bot.register_reply([Agent, None], getattr(Audit(), "on_reply"))

#: types.MethodType
import types
def on_reply(self, SIGNATURE):
    return reply()
bot.register_reply([Agent, None], types.MethodType(on_reply, bot))

#: __get__
def on_reply(self, SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply.__get__(bot))

#: a wrapper that passes all on
import functools
def logged(function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        return function(*args, **kwargs)
    return call
@logged
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a wrapper that keeps the result
from functools import wraps
def logged(function):
    @wraps(function)
    def call(*args, **kwargs):
        print("before")
        result = function(*args, **kwargs)
        print("after")
        return result
    return call
@logged
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a wrapper that catches nothing
from functools import wraps
import time
def timed(function):
    @wraps(function)
    def call(*args, **kwargs):
        begin = time.time()
        try:
            return function(*args, **kwargs)
        finally:
            print(time.time() - begin)
    return call
@timed
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a wrapper with a first parameter
def logged(function):
    def call(agent, **kwargs):
        print(agent.name)
        return function(agent, **kwargs)
    return call
@logged
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a wrapper that narrows the signature
import functools
def narrow(function):
    @functools.wraps(function)
    def call(SIGNATURE):
        return function()
    return call
@narrow
def on_reply():
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a wrapper that adapts
import functools
def adapt(function):
    @functools.wraps(function)
    def call(SIGNATURE):
        return True, function("x")
    return call
@adapt
def on_reply(text):
    return reply()[1]
bot.register_reply([Agent, None], on_reply)

#: stacked wrappers
import functools
def logged(function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        return function(*args, **kwargs)
    return call
def counted(function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        call.count += 1
        return function(*args, **kwargs)
    call.count = 0
    return call
@logged
@counted
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a decorator with arguments
import functools
def logged(level):
    def decorate(function):
        @functools.wraps(function)
        def call(*args, **kwargs):
            print(level)
            return function(*args, **kwargs)
        return call
    return decorate
@logged("info")
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a decorator with optional arguments
import functools
def logged(function=None, *, level="info"):
    if function is None:
        return functools.partial(logged, level=level)
    @functools.wraps(function)
    def call(*args, **kwargs):
        return function(*args, **kwargs)
    return call
@logged(level="debug")
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a decorator that returns the function
REPLIES = []
def listed(function):
    REPLIES.append(function)
    return function
@listed
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: from a list that a decorator fills
REPLIES = []
def listed(function):
    REPLIES.append(function)
    return function
@listed
def on_reply(SIGNATURE):
    return reply()
for function in REPLIES:
    bot.register_reply([Agent, None], function)

#: from a dict that a decorator fills
REPLIES = {}
def named(name):
    def register(function):
        REPLIES[name] = function
        return function
    return register
@named("audit")
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], REPLIES["audit"])

#: a class as a decorator
class Logged:
    def __init__(self, function):
        self.function = function
    def __call__(self, *args, **kwargs):
        return self.function(*args, **kwargs)
@Logged
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a method as a decorator
class Registry:
    def __init__(self):
        self.found = []
    def add(self, function):
        self.found.append(function)
        return function
registry = Registry()
@registry.add
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a decorated method
import functools
def logged(method):
    @functools.wraps(method)
    def call(self, *args, **kwargs):
        return method(self, *args, **kwargs)
    return call
class Audit:
    @logged
    def on_reply(self, SIGNATURE):
        return reply()
bot.register_reply([Agent, None], Audit().on_reply)

#: a decorator that registers
def replies(function):
    bot.register_reply([Agent, None], function)
    return function
@replies
def on_reply(SIGNATURE):
    return reply()

#: a decorator with arguments that registers
def replies_on(agent, trigger=(Agent, None)):
    def register(function):
        agent.register_reply(list(trigger), function)
        return function
    return register
@replies_on(bot)
def on_reply(SIGNATURE):
    return reply()

#: lru_cache
import functools
@functools.lru_cache(maxsize=None)
def build():
    def on_reply(SIGNATURE):
        return reply()
    return on_reply
bot.register_reply([Agent, None], build())

#: overloads
from typing import overload
@overload
def on_reply(one: int) -> int: ...
@overload
def on_reply(one: str, two: str) -> str: ...
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: redefined before
def on_reply(one, two):
    return None
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: redefined later
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], on_reply)
def on_reply(one, two, three, four, five):
    return None

#: defaults
def on_reply(SIGNATURE, log=None, *, level=3):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: keyword arguments besides
def on_reply(SIGNATURE, *, level=3):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a generic annotation
from typing import Any, Optional
def on_reply(SIGNATURE) -> tuple[bool, Any]:
    return reply()
bot.register_reply([Agent, None], on_reply)

#: an alias
def on_reply(SIGNATURE):
    return reply()
callback = on_reply
bot.register_reply([Agent, None], callback)

#: from a dict
def on_reply(SIGNATURE):
    return reply()
table = {"a": on_reply, "b": on_reply}
bot.register_reply([Agent, None], table["a"])

#: in a loop over callbacks
def on_reply(SIGNATURE):
    return reply()
for callback in (on_reply,):
    bot.register_reply([Agent, None], callback)

#: in a loop over pairs
def on_reply(SIGNATURE):
    return reply()
for trigger, callback in [([Agent, None], on_reply)]:
    bot.register_reply(trigger, callback)

#: through a helper
def attach(agent, callback):
    agent.register_reply([Agent, None], callback)
def on_reply(SIGNATURE):
    return reply()
attach(bot, on_reply)

#: through a helper with keywords
def attach(agent, **options):
    agent.register_reply([Agent, None], **options)
def on_reply(SIGNATURE):
    return reply()
attach(bot, reply_func=on_reply)

#: through a helper that passes all on
def attach(*args, **kwargs):
    bot.register_reply(*args, **kwargs)
def on_reply(SIGNATURE):
    return reply()
attach([Agent, None], on_reply)

#: arguments from a dict
def on_reply(SIGNATURE):
    return reply()
options = {"trigger": [Agent, None], "reply_func": on_reply}
bot.register_reply(**options)

#: a default of a parameter
def on_reply(SIGNATURE):
    return reply()
def attach(agent, callback=on_reply):
    agent.register_reply([Agent, None], callback)
attach(bot)

#: a default of a parameter, one of a tuple
def on_reply(SIGNATURE):
    return reply()
def install(agent, callbacks=(on_reply,)):
    for callback in callbacks:
        agent.register_reply([Agent, None], callback)
install(bot)

#: a class attribute
class Desk:
    callback = staticmethod(lambda SIGNATURE: reply())
bot.register_reply([Agent, None], Desk.callback)

#: an instance attribute
class Desk:
    def __init__(self, callback):
        self.callback = callback
    def attach(self):
        bot.register_reply([Agent, None], self.callback)
def on_reply(SIGNATURE):
    return reply()
Desk(on_reply).attach()

#: a method passed to a helper
class Desk:
    def attach(self, callback):
        bot.register_reply([Agent, None], callback)
    def run(self):
        self.attach(self.on_reply)
    def on_reply(self, SIGNATURE):
        return reply()
Desk().run()

#: a callback of a partial wrapper
import functools
attach = functools.partial(bot.register_reply, [Agent, None])
def on_reply(SIGNATURE):
    return reply()
attach(on_reply)

#: a callback of a partial wrapper by keyword
import functools
attach = functools.partial(bot.register_reply, trigger=[Agent, None])
attach(reply_func=lambda SIGNATURE: reply())

#: contextmanager inside
import contextlib
@contextlib.contextmanager
def quiet():
    yield
def on_reply(SIGNATURE):
    with quiet():
        return reply()
with quiet():
    bot.register_reply([Agent, None], on_reply)
"""

# What is not followed: one of several functions, and what a ``with`` may suppress.
NOT_FOLLOWED = """
#: one of two closures
import sys
def make(strict):
    def first(SIGNATURE):
        return reply()
    def second(SIGNATURE):
        return reply()
    return first if strict else second
bot.register_reply([Agent, None], make(len(sys.argv) > 5))

#: both of two conditional definitions
import sys
if sys.version_info >= (3, 99):
    def on_reply(SIGNATURE):
        return reply()
else:
    def on_reply(SIGNATURE):
        return reply()
bot.register_reply([Agent, None], on_reply)

#: a conditional expression
import sys
def one(SIGNATURE):
    return reply()
def two(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], one if len(sys.argv) > 5 else two)

#: a wrapper without functools
def logged(function):
    def call(*args, **kwargs):
        with open(__file__):
            return function(*args, **kwargs)
    return call
def on_reply(SIGNATURE):
    return reply()
bot.register_reply([Agent, None], logged(on_reply))
"""

# What looks wrong and is right, or cannot be known.
SILENT = """
#: positional-only recipient
def on_reply(recipient, /, messages=None, sender=None, config=None):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: keyword-only rest
def on_reply(recipient, *, messages, sender, config):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: keyword-only rest in another order
def on_reply(recipient, *, config=None, sender, messages):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: all absorbed
def on_reply(*args, **kwargs):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a part absorbed
def on_reply(recipient, messages, **rest):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: only keywords absorbed and a star
def on_reply(*agents, messages, **rest):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: partial by keyword of the recipient
from functools import partial
def on_reply(recipient, messages, sender, config, level):
    return reply()
bot.register_reply([Agent, None], partial(on_reply, level=3))

#: partial that gives config another default
from functools import partial
def on_reply(recipient, messages, sender, config):
    return reply()
bot.register_reply([Agent, None], partial(on_reply, config=3))

#: partial with unknown arguments
import os
from functools import partial
def on_reply(one, recipient, messages, sender, config):
    return reply()
bot.register_reply([Agent, None], partial(on_reply, *os.sep))

#: a wrapper that changes the arguments
import functools
def only_text(function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        return True, function(kwargs["messages"][-1]["content"])
    return call
@only_text
def on_reply(text):
    return reply()[1]
bot.register_reply([Agent, None], on_reply)

#: a wrapper that drops some
import functools
def plain(function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        kwargs.pop("config", None)
        return function(*args, **kwargs)
    return call
@plain
def on_reply(recipient, messages, sender):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a wrapper that rebinds the arguments
def plain(function):
    def call(*args, **kwargs):
        kwargs = {key: value for key, value in kwargs.items() if key == "messages"}
        return function(*args, **kwargs)
    return call
@plain
def on_reply(recipient, messages):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a wrapper that adds an argument
def numbered(function):
    def call(*args, **kwargs):
        return function(*args, number=1, **kwargs)
    return call
@numbered
def on_reply(recipient, messages, sender, config, number):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a wrapper that catches the error
def safe(function):
    def call(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except TypeError:
            return reply()
    return call
@safe
def on_reply(message):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a wrapper that suppresses the error
import contextlib
def safe(function):
    def call(*args, **kwargs):
        with contextlib.suppress(Exception):
            function(*args, **kwargs)
        return reply()
    return call
@safe
def on_reply(message):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a wrapper that looks at the signature
import functools, inspect
def fitting(function):
    known = inspect.signature(function).parameters
    @functools.wraps(function)
    def call(*args, **kwargs):
        return function(**{key: value for key, value in kwargs.items() if key in known})
    return call
@fitting
def on_reply(messages):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a wrapper that may not call it
def maybe(function):
    def call(*args, **kwargs):
        if len(kwargs) > 9:
            return function(*args, **kwargs)
        return reply()
    return call
@maybe
def on_reply(message):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: a wrapper that adapts what has another signature
import functools
def adapt(function):
    @functools.wraps(function)
    def call(recipient, messages=None, sender=None, config=None):
        return True, function(messages[-1])
    return call
@adapt
def on_reply(message):
    return reply()[1]
bot.register_reply([Agent, None], on_reply)

#: a class that adapts
class Adapted:
    def __init__(self, function):
        self.function = function
    def __call__(self, recipient, messages=None, sender=None, config=None):
        return True, self.function(messages[-1])
@Adapted
def on_reply(message):
    return reply()[1]
bot.register_reply([Agent, None], on_reply)

#: singledispatch
import functools
@functools.singledispatch
def on_reply(message):
    return reply()
@on_reply.register
def _(message: ConversableAgent, messages=None, sender=None, config=None):
    return reply()
bot.register_reply([Agent, None], on_reply)

#: one definition of two fits
import sys
def on_reply(recipient, messages=None, sender=None, config=None):
    return reply()
if sys.version_info < (3, 0):
    def on_reply(message):
        return reply()
bot.register_reply([Agent, None], on_reply)

#: one closure of two fits
import sys
def make(strict):
    def first(message):
        return reply()
    def second(recipient, messages=None, sender=None, config=None):
        return reply()
    return first if strict else second
bot.register_reply([Agent, None], make(len(sys.argv) > 5))

#: a definition that is replaced
def on_reply(message):
    return reply()
on_reply = lambda *args, **kwargs: reply()
bot.register_reply([Agent, None], on_reply)

#: a method that is replaced on the object
class Audit:
    def on_reply(self, message):
        return reply()
audit = Audit()
audit.on_reply = lambda *args, **kwargs: reply()
bot.register_reply([Agent, None], audit.on_reply)

#: a method that is replaced on the class
class Audit:
    def on_reply(self, message):
        return reply()
Audit.on_reply = lambda *args, **kwargs: reply()
bot.register_reply([Agent, None], Audit().on_reply)

#: a mock
from unittest.mock import Mock
on_reply = Mock(return_value=(True, "FIRED"))
bot.register_reply([Agent, None], on_reply)
reply()

#: a function by its name in globals
def on_reply(recipient, messages=None, sender=None, config=None):
    return reply()
bot.register_reply([Agent, None], globals()["on_reply"])

#: exec
exec("def on_reply(recipient, messages, sender, config): return reply()")
bot.register_reply([Agent, None], on_reply)

#: __getattr__ that makes callbacks
class Audit:
    def __getattr__(self, name):
        return lambda *args, **kwargs: reply()
bot.register_reply([Agent, None], Audit().on_reply)

#: a metaclass that changes the class
class Meta(type):
    def __new__(cls, name, bases, names):
        names["on_reply"] = lambda self, *args, **kwargs: reply()
        return super().__new__(cls, name, bases, names)
class Audit(metaclass=Meta):
    def on_reply(self, message):
        return reply()
bot.register_reply([Agent, None], Audit().on_reply)

#: a class decorator that changes the class
def widened(kind):
    kind.on_reply = lambda self, *args, **kwargs: reply()
    return kind
@widened
class Audit:
    def on_reply(self, message):
        return reply()
bot.register_reply([Agent, None], Audit().on_reply)

#: a base not in view that may change it
import collections
class Audit(collections.UserDict):
    def on_reply(self, recipient, messages=None, sender=None, config=None):
        return reply()
bot.register_reply([Agent, None], Audit().on_reply)

#: no agent
class Bus:
    def register_reply(self, topic, handler):
        handler(topic)
Bus().register_reply("x", lambda message: reply())

#: an agent whose class overrides the method
class Own(ConversableAgent):
    def register_reply(self, trigger, reply_func, *rest, **others):
        if trigger == "orders":
            return reply_func("x")
        return super().register_reply(trigger, reply_func, *rest, **others)
Own("own", llm_config=False).register_reply("orders", lambda message: reply())

#: a method patched on the class
class Own(ConversableAgent):
    pass
own = Own("own", llm_config=False)
Own.register_reply = lambda self, trigger, function: function("x")
own.register_reply("orders", lambda message: reply())

#: a name deleted
def on_reply(message):
    return reply()
del on_reply
def on_reply(*args, **kwargs):
    return reply()
bot.register_reply([Agent, None], on_reply)
"""
