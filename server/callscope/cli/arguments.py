"""What can be said on the command line. Only ``argparse`` is imported to read it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from callscope import __version__

FORMATS = ("full", "concise", "json")

_CHECK_EPILOG = """\
exit codes:
  0  nothing found, or nothing above information level
  1  findings; with --diff: something would be fixed
  2  failure: bad usage or configuration, no such path, a file that cannot be read

suppress a finding with a comment on its line, or alone on the line above:
  # callscope: ignore[CB201] -- reason
and a whole file with
  # callscope: ignore-file
"""


def read_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """The parsed command line; ``run(arguments) -> int`` in it does what was asked.

    Raises ``SystemExit`` after printing help, the version or what is wrong.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help()
        parser.exit(2)
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="callscope",
        description="Finds AutoGen callbacks that will not fire, will be called wrongly, "
        "or will be lost when the program scales.",
    )
    parser.add_argument("--version", action="version", version=f"callscope {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _add_check(commands)
    _add_rule(commands)
    _add_server(commands)
    return parser


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = commands.add_parser(
        "check",
        help="check files and folders",
        description="Check Python files and notebooks, and fix what can be fixed.",
        epilog=_CHECK_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders (default: .); - is stdin"
    )
    fixing = check.add_argument_group("fixing")
    fixing.add_argument("--fix", action="store_true", help="apply the safe fixes to the files")
    fixing.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="with --fix or --diff: also fixes that may change more than the finding",
    )
    fixing.add_argument(
        "--diff", action="store_true", help="print what --fix would change, change nothing"
    )
    rules = check.add_argument_group("what is checked")
    for name, verb in (("select", "apply only"), ("ignore", "leave out")):
        rules.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar="RULES",
            help=f"{verb} these: codes (CB201), families (CB2) or names, separated by commas",
        )
    rules.add_argument(
        "--target",
        metavar="NAME==VERSION",
        help="the release to check against, such as ag2==0.14.0 (default: the configured one, "
        "else what --python has installed, else the newest known)",
    )
    rules.add_argument(
        "--python",
        metavar="PATH",
        help="a Python, or a virtual environment, whose installed packages say the release; "
        "it is read, never run",
    )
    rules.add_argument(
        "--stdin-filename", metavar="PATH", help="what findings in stdin (-) are to be named"
    )
    output = check.add_argument_group("output")
    output.add_argument("--output-format", choices=FORMATS, default="full", help="default: full")
    output.add_argument("--statistics", action="store_true", help="how often each rule speaks")
    output.add_argument("--exit-zero", action="store_true", help="exit with 0 despite findings")
    output.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="auto (the default) honours NO_COLOR and FORCE_COLOR",
    )
    output.add_argument(
        "-q", "--quiet", action="store_true", help="print findings and failures, nothing else"
    )
    output.add_argument(
        "--no-cache",
        action="store_true",
        help="neither use nor keep what is known of the project's files from earlier runs",
    )
    check.set_defaults(run=_run_check)


def _add_rule(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rule = commands.add_parser(
        "rule", help="explain a rule", description="Print the documentation of a rule."
    )
    rule.add_argument(
        "rule",
        nargs="?",
        metavar="RULE",
        help="a code (CB201), a name (reply-signature) or all; without it: a list of all rules",
    )
    rule.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    rule.set_defaults(run=_run_rule)


def _add_server(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    server = commands.add_parser(
        "server",
        help="run the language server",
        description="Run the language server, on stdin and stdout unless --tcp is given.",
    )
    server.add_argument("--tcp", action="store_true", help="wait for one client on a TCP port")
    server.add_argument("--host", default="127.0.0.1", help="with --tcp (default: 127.0.0.1)")
    server.add_argument(
        "--port",
        type=_port,
        default=0,
        help="with --tcp (default: a free one, which is printed to stderr)",
    )
    # Editors add these two on their own account.
    server.add_argument("--stdio", action="store_true", help=argparse.SUPPRESS)
    server.add_argument("--clientProcessId", type=int, help=argparse.SUPPRESS)
    server.set_defaults(run=_run_server)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, 0 to 65535")
    return int(text)


def _run_check(arguments: argparse.Namespace) -> int:
    from callscope.cli.check_command import Request, run

    return run(
        Request(
            paths=tuple(arguments.paths or ["."]),
            fix=arguments.fix,
            unsafe=arguments.unsafe_fixes,
            diff=arguments.diff,
            select=_split(arguments.select),
            ignore=_split(arguments.ignore),
            target=arguments.target,
            python=Path(arguments.python) if arguments.python else None,
            output_format=arguments.output_format,
            statistics=arguments.statistics,
            exit_zero=arguments.exit_zero,
            stdin_filename=arguments.stdin_filename,
            color=arguments.color,
            quiet=arguments.quiet,
            no_cache=arguments.no_cache,
        )
    )


def _run_rule(arguments: argparse.Namespace) -> int:
    from callscope.cli.rule_command import run

    return run(arguments.rule, arguments.color)


def _run_server(arguments: argparse.Namespace) -> int:
    import gc

    # All that is imported and made for the start is there to stay: nothing of it is garbage.
    gc.disable()
    from callscope.lsp.server import serve_stdio, serve_tcp

    if arguments.tcp:
        return serve_tcp(arguments.host, arguments.port)
    return serve_stdio(arguments.clientProcessId)


def _split(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(item.strip() for value in values for item in value.split(",") if item.strip())
