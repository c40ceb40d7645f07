"""The programs that fetch and start a package, each with its own grammar of options.

Invariant: a runner answers with the package that it was asked for, or says that it starts something local; the
package a runner *finds by a command's name* is not guessed.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from assay_check.command_lines import package_specifiers
from assay_check.command_lines.options import Grammar, Words, option_names, positionals
from assay_check.subjects import Subject, SubjectKind, local, unmatchable, variable


@dataclass(frozen=True, slots=True)
class Found:
    """What a runner starts, the arguments that the started program gets, and the further packages beside it."""

    subject: Subject
    rest: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


_NPX = Grammar(
    option_names(
        "-p --package -c --call --registry --cache --prefix -w --workspace --userconfig --globalconfig --node-options "
        "--node-arg -n --loglevel --script-shell --before --shell --npm --tag --otp --allow-scripts"
    )
)
_UVX = Grammar(
    option_names(
        "--from --with -w --with-editable --with-requirements -p --python --env-file --index-url -i --index "
        "--default-index --extra-index-url --find-links -f --refresh-package --reinstall-package --directory --project "
        "-c --constraints --constraint -b --build-constraints --overrides --override --cache-dir --config-file "
        "--index-strategy --keyring-provider --resolution --prerelease --exclude-newer --link-mode "
        "--allow-insecure-host "
        "--config-setting -C --upgrade-package -P --no-build-package --no-binary-package --fork-strategy --color "
        "--python-preference --python-platform --torch-backend --group --extra --module -m"
    )
)
_PIPX = Grammar(option_names("--spec --python --index-url -i --pip-args --fetch-missing-python --with --backend"))
_PNPM = Grammar(option_names("--package --dir -C --filter -F --registry --config --loglevel --prefix -p --allow-build"))
_BUNX = Grammar(option_names("-p --package --cwd --registry --config"))
_DNX = Grammar(
    option_names("--version --source --add-source --configfile -v --verbosity --framework"), ends_at_operand=False
)
_GO = Grammar(option_names("-C -mod -modfile -tags -ldflags -gcflags -exec -p -o -asmflags -overlay"))
_DOCKER_SWITCHES = option_names(
    "-i --interactive -t --tty -d --detach --rm --init --privileged --read-only -P --publish-all -q --quiet "
    "--no-healthcheck --oom-kill-disable --sig-proxy --disable-content-trust --use-api-socket --tls --tlsverify "
    "-D --debug "
    "--replace --rmi --no-hosts --no-hostname --env-host --http-proxy --passwd --unsetenv-all --help"
)
_DOCKER = Grammar(switches=_DOCKER_SWITCHES)
_DOCKER_GLOBAL = Grammar(
    option_names("--context -c -H --host --config -l --log-level --tlscacert --tlscert --tlskey --url --connection")
)


def _requested(found: Words, read: Callable[[str], Subject], option: Sequence[str]) -> Found:
    """A package given by an option (`--package X cmd`, `--from X cmd`), else the first operand."""
    by_option = found.all(*option)
    if not by_option and not found.words:
        return Found(unmatchable(SubjectKind.NONE, "the runner is asked for no package"))
    if not by_option:
        word = found.words[0]
        return Found(variable() if package_specifiers.is_variable(word) else read(word), tuple(found.words[1:]))
    subjects = [variable() if package_specifiers.is_variable(word) else read(word) for word in by_option]
    called = found.words[0] if found.words else ""
    chosen = next((s for s in subjects if s.purl and _bare_name(s.purl) == called), subjects[0])
    also = tuple(s.purl for s in subjects if s is not chosen and s.purl)
    return Found(chosen, tuple(found.words[1:]), also)


def _bare_name(purl: str) -> str:
    return purl.split("?")[0].rsplit("/", 1)[-1].partition("@")[0]


def _script(runner: str) -> Found:
    return Found(local(f"{runner} run", "a script of the working folder"))


def _npx(rest: list[str]) -> Found:
    found = positionals(rest, _NPX)
    call = found.option("-c", "--call")
    if call and not found.all("-p", "--package"):
        found = positionals(call.split(), _NPX)
    return _requested(found, package_specifiers.npm, ("-p", "--package"))


def _behind_verb(name: str, grammar: Grammar, verbs: tuple[str, ...], rest: list[str]) -> Found:
    """`pnpm dlx X`, `npm exec X`; without a verb the runner starts a script of the folder."""
    found = positionals(rest, grammar)
    if not found.words or found.words[0] not in verbs:
        return _script(name)
    options, found = found.options, positionals(found.words[1:], grammar)
    found.options = options | found.options
    return _requested(found, package_specifiers.npm, ("-p", "--package"))


def _without_verb(grammar: Grammar, rest: list[str]) -> Found:
    return _requested(positionals(rest, grammar), package_specifiers.npm, ("-p", "--package"))


def _bun(rest: list[str]) -> Found:
    found = positionals(rest, _BUNX)
    if found.words and found.words[0] == "x":
        return _without_verb(_BUNX, found.words[1:])
    words = found.words[1:] if found.words and found.words[0] == "run" else found.words
    file = next((word for word in words if not word.startswith("-")), None)
    return Found(local(file)) if file else _script("bun")


def _uvx(rest: list[str]) -> Found:
    found = positionals(rest, _UVX)
    answer = _requested(found, package_specifiers.pypi, ("--from",))
    return replace(answer, also=(*answer.also, *(subject.purl for subject in _beside(found) if subject.purl)))


def _beside(found: Words) -> list[Subject]:
    """The packages of `--with A,B`."""
    return [package_specifiers.pypi(word) for text in found.all("--with", "-w") for word in text.split(",")]


def _uv(rest: list[str]) -> Found:
    found = positionals(rest, _UVX)
    words = found.words
    if words[:2] == ["tool", "run"]:
        return _uvx(words[2:])
    if not words or words[0] != "run":
        return Found(local("uv", "a program on PATH"))
    inner = positionals(words[1:], _UVX)
    beside = _beside(inner)
    also = tuple(subject.purl for subject in beside if subject.purl)
    called = inner.words[0] if inner.words else (inner.option("-m", "--module") or "")
    for subject in beside:
        if subject.purl and subject.kind is SubjectKind.PACKAGE and _bare_name(subject.purl) == called.lower():
            return Found(subject, tuple(inner.words[1:]), tuple(purl for purl in also if purl != subject.purl))
    folder = found.option("--directory", "--project") or inner.option("--directory", "--project")
    if inner.option("-m", "--module"):
        return Found(_module(called), (), also)
    if called in ("python", "python3") and len(inner.words) > 1:
        if inner.words[1] == "-m" and len(inner.words) > 2:
            return Found(_module(inner.words[2]), (), also)
        called = inner.words[1]
    if package_specifiers.is_file(called):
        return Found(local(called), (), also)
    return Found(local(folder or called or None, "a program of the working folder or its environment"), (), also)


def _module(name: str) -> Subject:
    why = "python -m names a module, which need not be the name of a distribution"
    return unmatchable(SubjectKind.PYTHON_MODULE, why, name)


def _pipx(rest: list[str]) -> Found:
    found = positionals(rest, _PIPX)
    if not found.words or found.words[0] != "run":
        return Found(local("pipx", "a program on PATH"))
    return _requested(positionals(found.words[1:], _PIPX), package_specifiers.pypi, ("--spec",))


def _dnx(rest: list[str]) -> Found:
    found = positionals(rest, _DNX)
    if not found.words:
        return Found(unmatchable(SubjectKind.NONE, "the runner is asked for no package"))
    return Found(package_specifiers.nuget(found.words[0], found.option("--version")), tuple(found.words[1:]))


def _dotnet(rest: list[str]) -> Found:
    if rest[:1] == ["dnx"]:
        return _dnx(rest[1:])
    if rest[:2] in (["tool", "exec"], ["tool", "execute"]):
        return _dnx(rest[2:])
    if rest[:1] == ["run"]:
        project = positionals(rest[1:], Grammar(option_names("--project -p --framework -f --configuration -c"))).option(
            "--project", "-p"
        )
        return Found(local(project, "a project of the buyer's own machine"))
    file = next((word for word in rest if not word.startswith("-")), None)
    return (
        Found(local(file)) if file and package_specifiers.is_file(file) else Found(local("dotnet", "a program on PATH"))
    )


def _go(rest: list[str]) -> Found:
    if rest[:1] != ["run"]:
        return Found(local("go", "a program on PATH"))
    found = positionals(rest[1:], _GO)
    if not found.words:
        return Found(local("go run", "a program of the working folder"))
    word = found.words[0]
    return Found(
        local(word)
        if package_specifiers.is_path(word) or ("@" not in word and "." not in word)
        else package_specifiers.golang(word),
        tuple(found.words[1:]),
    )


def _nix(rest: list[str]) -> Found:
    found = positionals(rest, Grammar(option_names("--option --extra-experimental-features --inputs-from")))
    if found.words[:1] != ["run"] or len(found.words) < 2:
        return Found(local("nix", "a program on PATH"))
    program = "".join(positionals(found.words[1:], Grammar()).words[:1])
    match = re.match(r"github:([\w.-]+)/([\w.-]+)(?:/([\w.-]+))?(?:#.*)?\Z", program)
    if match is None:
        return Found(local("nix run", "a program of the buyer's own machine"))
    return Found(package_specifiers.git(f"{match.group(1)}/{match.group(2)}", match.group(3)))


def _container(name: str, rest: list[str]) -> Found:
    words = positionals(rest, _DOCKER_GLOBAL).words
    if words[:1] == ["container"]:
        words = words[1:]
    if words[:1] not in (["run"], ["create"]):
        return Found(local(name, "a container program without an image"))
    found = positionals(words[1:], _DOCKER)
    if not found.words:
        return Found(unmatchable(SubjectKind.NONE, "the runner is asked for no image"))
    return Found(package_specifiers.container(found.words[0]), tuple(found.words[1:]))


RUNNERS: dict[str, Callable[[list[str]], Found]] = {
    "npx": _npx,
    "npm": partial(_behind_verb, "npm", _NPX, ("exec", "x")),
    "pnpx": partial(_without_verb, _PNPM),
    "pnpm": partial(_behind_verb, "pnpm", _PNPM, ("dlx",)),
    "yarn": partial(_behind_verb, "yarn", _NPX, ("dlx",)),
    "bunx": partial(_without_verb, _BUNX),
    "bun": _bun,
    "uvx": _uvx,
    "uv": _uv,
    "pipx": _pipx,
    "dnx": _dnx,
    "dotnet": _dotnet,
    "go": _go,
    "nix": _nix,
    **{name: partial(_container, name) for name in ("docker", "podman", "nerdctl", "finch", "container")},
}
PACKAGE_RUNNERS = frozenset(("npx", "pnpx", "bunx", "uvx", "pipx", "dnx", "docker", "podman", "uv", "pnpm"))
