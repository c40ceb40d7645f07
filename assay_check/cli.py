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
from typing import TYPE_CHECKING, NamedTuple

from assay_check import __version__
from assay_check.errors import BadInput

if TYPE_CHECKING:
    from assay_check.bundles import Verified
    from assay_check.checking import Assess, Checked
    from assay_check.lookup.site_lookup import Records

CLIENTS = ("vscode", "claude-code", "copilot", "registry")


class Program(NamedTuple):
    """What runs the command. `open_records` opens what is looked up when no site is named, `assess` makes a record,
    `verify` replays a bundle and says what it checked: the small program has none of the three."""

    name: str = "assay-check"
    open_records: Callable[[], Records] | None = None
    assess: Assess | None = None
    verify: Callable[[Path], Verified] | None = None


def main(arguments: Sequence[str] | None = None, program: Program = Program()) -> int:  # noqa: B008
    """Runs the command; returns its exit code."""
    options = _parser(program.name).parse_args(arguments)
    try:
        return _run(options, program)
    except BadInput as error:
        print(f"{program.name}: {error}", file=sys.stderr)  # noqa: T201
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
    form.add_argument("--verify", type=Path, metavar="BUNDLE", help="check a replay bundle instead of a configuration")
    form.add_argument("--default-policy", action="store_true", help="show the default policy file")
    parser.add_argument("--since", type=_date, metavar="DATE", help="only entries whose record changed after this day")
    parser.add_argument(
        "--assess-missing",
        action="store_true",
        help="make a local record of what none speaks about and can be read: a folder, a repository, a page (only "
        "`assay check`)",
    )
    parser.add_argument("--today", type=_date, metavar="DATE", help="judge ages as of this day")
    parser.add_argument("--output", type=Path, metavar="PATH", help="write to this file (or folder, for a registry)")
    parser.add_argument("--version", action="version", version=f"{program} {__version__}")
    return parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written 2026-11-27") from None


def _run(options: argparse.Namespace, program: Program) -> int:
    from assay_check.policy import default_text, read_policy

    local_records, assess = program.open_records, program.assess
    if options.assess_missing and assess is None:
        raise BadInput("only the full program makes records", next_step="assay check --assess-missing CONFIG")

    if options.default_policy:
        _put(default_text(), options.output)
        return 0
    if options.verify:
        return _verify(options, program)
    policy = read_policy(options.policy)
    if options.explain_policy:
        from assay_check.policy.policy_file import prose

        _put(prose(policy), options.output)
        return 0
    if not options.configurations and not (options.client and (options.records or local_records)):
        raise BadInput("no configuration is named", next_step="assay-check .mcp.json --records SITE")

    from assay_check.checking import check, with_local_records
    from assay_check.configurations import read_path
    from assay_check.lookup.site_lookup import Site
    from assay_check.redaction import printable

    configurations = [read for path in options.configurations for read in read_path(Path(path))]
    site = Site(options.records) if options.records else local_records() if local_records else None
    if not configurations and site is not None:
        from assay_check.allowlists.from_records import configuration_of

        configurations = [configuration_of(site.records())]
    checked = check(configurations, site, policy, options.today or date.today(), options.since)
    if options.assess_missing and assess is not None:
        checked, notes = with_local_records(checked, assess)
        sys.stderr.write("".join(f"{printable(note, 2_000)}\n" for note in notes))
    if options.client:
        return _write_allow_list(checked, options)
    _put(_shown(checked, options), options.output)
    return int(checked.exit_code)


def _verify(options: argparse.Namespace, program: Program) -> int:
    from assay_check.bundles import verify
    from assay_check.lookup.site_lookup import files_of
    from assay_check.redaction import printable

    checked, problems, _ = verify(options.verify, files_of(options.records) if options.records else None)
    only = "; `assay record verify` makes its claims and scores again"
    if program.verify is not None and not problems:
        replayed = program.verify(options.verify)
        checked, problems = checked | replayed.checked, replayed.problems
        only = "".join(f"; not made again: {left_out}" for left_out in replayed.not_made_again)
    counts = ", ".join(f"{count} {step}" for step, count in checked.items())
    found = "DOES NOT HOLD" if problems else f"holds ({counts}){only}"
    lines = [f"{options.verify}: {found}", *problems[:20]]
    _put("".join(f"{printable(line, 500)}\n" for line in lines), options.output)
    return 4 if problems else 0


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
