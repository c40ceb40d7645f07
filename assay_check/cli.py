"""The command `assay-check`: reads a buyer's configurations, looks their subjects up, and says what a policy says.

Exit codes: 0 allowed, 2 bad input, 4 the policy says no, 5 not known where the policy asks for knowledge.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from assay_check import __version__
from assay_check.errors import BadInput

if TYPE_CHECKING:
    from assay_check.checking import Checked
    from assay_check.sites import Records

CLIENTS = ("vscode", "claude-code", "copilot", "registry")


def main(
    arguments: Sequence[str] | None = None, program: str = "assay-check", kept: Callable[[], Records] | None = None
) -> int:
    """Runs the command; returns its exit code. `kept` opens the records that are looked up when no site is named."""
    options = _parser(program).parse_args(arguments)
    try:
        return _run(options, kept)
    except BadInput as error:
        print(f"{program}: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _parser(program: str = "assay-check") -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Checks MCP servers, plugins, skills and packages of your configuration against published records.",
        epilog="Exit codes: 0 allowed, 2 bad input, 4 the policy says no, 5 not known where it asks for knowledge.",
    )
    parser.add_argument(
        "configurations", nargs="*", metavar="CONFIG", help="a configuration file, or a folder of skills"
    )
    parser.add_argument(
        "--records", metavar="SITE", help="a published site: its folder or its address; without one what is kept here"
    )
    parser.add_argument("--policy", type=Path, metavar="FILE", help="a policy file; without one the default policy")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument("--sarif", action="store_true", help="as SARIF 2.1.0")
    form.add_argument("--for", dest="client", choices=CLIENTS, help="write the allow list of this client")
    form.add_argument("--explain-policy", action="store_true", help="show the policy as sentences")
    form.add_argument("--default-policy", action="store_true", help="show the default policy file")
    parser.add_argument("--since", type=_date, metavar="DATE", help="only entries whose record changed after this day")
    parser.add_argument("--today", type=_date, metavar="DATE", help="judge ages as of this day")
    parser.add_argument("--output", type=Path, metavar="PATH", help="write to this file (or folder, for a registry)")
    parser.add_argument("--version", action="version", version=f"{program} {__version__}")
    return parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written 2026-11-27") from None


def _run(options: argparse.Namespace, kept: Callable[[], Records] | None) -> int:
    from assay_check.policy import default_text, prose, read_policy

    if options.default_policy:
        _put(default_text(), options.output)
        return 0
    policy = read_policy(options.policy)
    if options.explain_policy:
        _put(prose(policy), options.output)
        return 0
    if not options.configurations and not (options.client and (options.records or kept)):
        raise BadInput("no configuration is named", next_step="assay-check .mcp.json --records SITE")

    from assay_check.checking import check
    from assay_check.configurations import read_path
    from assay_check.sites import Site

    configurations = [read for path in options.configurations for read in read_path(Path(path))]
    site = Site(options.records) if options.records else kept() if kept else None
    if not configurations and site is not None:
        from assay_check.allowlists.from_records import configuration_of

        configurations = [configuration_of(site.records())]
    checked = check(configurations, site, policy, options.today or date.today(), options.since)
    if options.client:
        return _write_allow_list(checked, options)
    _put(_shown(checked, options), options.output)
    return int(checked.exit_code)


def _shown(checked: Checked, options: argparse.Namespace) -> str:
    if options.json:
        from assay_check.outputs.json_report import json_report

        return json.dumps(json_report(checked), indent=2, ensure_ascii=False) + "\n"
    if options.sarif:
        from assay_check.outputs.sarif import sarif

        return json.dumps(sarif(checked, Path.cwd()), indent=2, ensure_ascii=False) + "\n"
    from assay_check.outputs.table import table

    return table(checked)


def _write_allow_list(checked: Checked, options: argparse.Namespace) -> int:
    from assay_check.allowlists import allow_list

    made = allow_list(options.client, checked)
    if options.client == "registry" and options.output is not None:
        for name, body in made.files.items():
            path = options.output / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
    else:
        _put("".join(body.decode() for body in list(made.files.values())[:1]), options.output)
    print(made.explanation, file=sys.stderr, end="")  # noqa: T201
    return 0


def _put(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text.encode(sys.stdout.encoding or "utf-8", "replace").decode(sys.stdout.encoding or "utf-8"))
    else:
        output.write_text(text, "utf-8")
