"""The agent classes of classic AutoGen and the paths they are imported by.

Read in the installed packages (pyautogen 0.2.35, autogen-agentchat 0.2.40, ag2 0.9.10 and 0.14.0,
autogen 0.14.1): class statements, ``__init__`` defaults and package re-exports.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

_MS = "microsoft"


@dataclass(frozen=True, slots=True)
class AgentClass:
    """One agent class: its base, and what its constructor assumes where nothing is passed.

    ``parameters`` are the constructor's positional parameters in order. ``llm`` is the default of
    ``llm_config`` ("off": False; "none": None, which has a client only if the environment
    configures one). ``owns_replies`` says that it puts reply functions of its own in front of the
    inherited ones, so that nothing is claimed of their order.
    """

    name: str
    base: str | None
    parameters: tuple[str, ...] = ()
    human_input_mode: str = "TERMINATE"
    llm: str = "none"
    executes_code: bool = False
    owns_replies: bool = False


# The words that end a chat, and that an agent's default system message asks it to say.
DEFAULT_STOP_WORDS = {"AssistantAgent": ["TERMINATE"]}

_CONVERSABLE = (
    "name",
    "system_message",
    "is_termination_msg",
    "max_consecutive_auto_reply",
    "human_input_mode",
    "function_map",
    "code_execution_config",
    "llm_config",
    "default_auto_reply",
    "description",
)
_ASSISTANT = (
    "name",
    "system_message",
    "llm_config",
    "is_termination_msg",
    "max_consecutive_auto_reply",
    "human_input_mode",
    "description",
)
_USER_PROXY = (
    "name",
    "is_termination_msg",
    "max_consecutive_auto_reply",
    "human_input_mode",
    "function_map",
    "code_execution_config",
    "default_auto_reply",
    "llm_config",
    "system_message",
    "description",
)
_MANAGER = (
    "groupchat",
    "name",
    "max_consecutive_auto_reply",
    "human_input_mode",
    "system_message",
    "silent",
)

AGENT_CLASSES: dict[str, AgentClass] = {
    row.name: row
    for row in (
        AgentClass("ConversableAgent", None, _CONVERSABLE),
        AgentClass("AssistantAgent", "ConversableAgent", _ASSISTANT, human_input_mode="NEVER"),
        AgentClass(
            "UserProxyAgent",
            "ConversableAgent",
            _USER_PROXY,
            human_input_mode="ALWAYS",
            llm="off",
            executes_code=True,
        ),
        AgentClass(
            "GroupChatManager",
            "ConversableAgent",
            _MANAGER,
            human_input_mode="NEVER",
            owns_replies=True,
        ),
    )
}

# Classes that exist besides, most of which answer with reply functions of their own.
for _name, _base in {
    "A2UIAgent": "ConversableAgent",
    "AgentBuilder": None,
    "CaptainAgent": "ConversableAgent",
    "CaptainUserProxyAgent": "ConversableAgent",
    "CompressibleAgent": "ConversableAgent",
    "CriticAgent": "ConversableAgent",
    "DeepResearchAgent": "ConversableAgent",
    "DiscordAgent": "ConversableAgent",
    "DocAgent": "ConversableAgent",
    "DoclingDocIngestAgent": "ConversableAgent",
    "GPTAssistantAgent": "ConversableAgent",
    "GroupToolExecutor": "ConversableAgent",
    "LLamaIndexConversableAgent": "ConversableAgent",
    "LLaVAAgent": "MultimodalConversableAgent",
    "MathUserProxyAgent": "UserProxyAgent",
    "MultimodalConversableAgent": "ConversableAgent",
    "QdrantRetrieveUserProxyAgent": "RetrieveUserProxyAgent",
    "QuantifierAgent": "ConversableAgent",
    "ReasoningAgent": "AssistantAgent",
    "RetrieveAssistantAgent": "AssistantAgent",
    "RetrieveUserProxyAgent": "UserProxyAgent",
    "SlackAgent": "ConversableAgent",
    "SocietyOfMindAgent": "ConversableAgent",
    "SubCriticAgent": "ConversableAgent",
    "SwarmAgent": "ConversableAgent",
    "TelegramAgent": "ConversableAgent",
    "TextAnalyzerAgent": "ConversableAgent",
    "WebSurferAgent": "ConversableAgent",
}.items():
    if _base is not None:
        AGENT_CLASSES[_name] = AgentClass(_name, _base, owns_replies=True)

# Those whose first argument is not their name.
for _name, _parameters in {
    "A2aRemoteAgent": ("url", "name"),
    "DocumentTriageAgent": ("llm_config",),
    "NlipRemoteAgent": ("url", "name"),
    "TimeReplyAgent": ("date_time_format", "output_prefix"),
    "TimeToolAgent": ("date_time_format",),
    "WikipediaAgent": ("system_message", "format_instructions", "language", "top_k"),
}.items():
    AGENT_CLASSES[_name] = AgentClass(_name, "ConversableAgent", _parameters, owns_replies=True)

# ``Agent`` and ``LLMAgent`` are protocols: valid in triggers and annotations, never constructed.
PROTOCOLS = frozenset({"Agent", "LLMAgent"})

_OTHER_NAMES = frozenset(
    """
    GroupChat ChatResult LLMConfig OpenAIWrapper ModelClient Cache UpdateSystemMessage
    register_function initiate_chats a_initiate_chats gather_usage_summary config_list_from_json
    filter_config initiate_group_chat a_initiate_group_chat run_group_chat a_run_group_chat
    run_group_chat_iter a_run_group_chat_iter initiate_swarm_chat a_initiate_swarm_chat run_swarm
    a_run_swarm register_hand_off AfterWorkOption AfterWork AFTER_WORK OnCondition ON_CONDITION
    OnContextCondition SwarmResult
    ReplyResult ContextVariables Handoffs AgentTarget AgentNameTarget NestedChatTarget StayTarget
    TerminateTarget RevertToUserTarget AskUserTarget FunctionTarget FunctionTargetResult
    StringLLMCondition ContextStrLLMCondition StringContextCondition ExpressionContextCondition
    StringAvailableCondition ExpressionAvailableCondition ContextExpression DefaultPattern
    AutoPattern ManualPattern RandomPattern RoundRobinPattern Tool tool IOStream Teachability
    TransformMessages VisionCapability ImageGeneration MessageHistoryLimiter MessageTokenLimiter
    TextMessageCompressor RegexGuardrail LLMGuardrail Guardrail GuardrailResult TransformChatHistory
    ToolsCapability AgentCapability AgentEligibilityPolicy SelectionContext
    LocalCommandLineCodeExecutor
    DockerCommandLineCodeExecutor CodeBlock CodeResult Depends
    """.split()
)


_NOT_CLASSIC = ("autogen.beta", "autogen.fast_depends")


def canonical(path: str) -> str:
    """The one path that all re-exports of a name share: ``autogen.AssistantAgent``.

    Paths outside ``autogen``, and names not known, come back as they are. ``autogen.beta`` is
    another framework, ``autogen.fast_depends`` another library, and both are left alone.
    """
    if not path.startswith("autogen.") or path.startswith(_NOT_CLASSIC):
        return path
    parts = path.split(".")
    for index in range(1, len(parts)):
        # ``autogen.tools.tool`` is a decorator, in ``autogen.tools.tool.Tool`` it is a module.
        is_module = parts[index].islower() and _is_known(".".join(parts[index + 1 : index + 2]))
        if _is_known(parts[index]) and not is_module:
            return ".".join(["autogen", *parts[index:]])
    return path


def _is_known(name: str) -> bool:
    return name in AGENT_CLASSES or name in PROTOCOLS or name in _OTHER_NAMES


@cache
def agent_class(path: str | None) -> AgentClass | None:
    """The agent class a canonical path names; None if it names something else."""
    if path is None or not path.startswith("autogen.") or path.count(".") != 1:
        return None
    return AGENT_CLASSES.get(path.removeprefix("autogen."))


@cache
def lineage(name: str) -> tuple[str, ...]:
    """The class and its bases up to ConversableAgent, then the protocols all of them satisfy."""
    found: list[str] = []
    current: str | None = name
    while current is not None:
        found.append(current)
        row = AGENT_CLASSES.get(current)
        current = row.base if row else None
    return (*found, "LLMAgent", "Agent")


def is_framework(path: str) -> bool:
    """Whether a canonical path belongs to classic AutoGen."""
    return path == "autogen" or path.startswith("autogen.")
