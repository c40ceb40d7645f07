"""The programs that fetch and start a package, each with its own grammar of options.

Invariant: a runner answers with the package that it was asked for, or says that it starts something local; the
package a runner *finds by a command's name* is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from assay_check.configurations import specifiers
from assay_check.configurations.options import Grammar, Words, positionals
from assay_check.endpoints import is_url
from assay_check.subjects import Subject, SubjectKind, local, unmatchable, variable


@dataclass(frozen=True, slots=True)
class Found:
    """What a runner starts, the arguments that the started program gets, and the further packages beside it."""

    subject: Subject
    rest: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    runner: str | None = None


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A program that runs a file: which options hold code or a module, and which words it skips."""

    name: str
    grammar: Grammar = field(default_factory=Grammar)
    code_options: tuple[str, ...] = ()
    module_option: tuple[str, ...] = ()
    file_option: tuple[str, ...] = ()
    skipped_words: tuple[str, ...] = ()


def _values(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NPX = Grammar(
    _values(
        "-p --package -c --call --registry --cache --prefix -w --workspace --userconfig --globalconfig --node-options "
        "--node-arg -n --loglevel --script-shell --before --shell --npm --tag --otp --allow-scripts"
    )
)
_UVX = Grammar(
    _values(
        "--from --with -w --with-editable --with-requirements -p --python --env-file --index-url -i --index "
        "--default-index --extra-index-url --find-links -f --refresh-package --reinstall-package --directory --project "
        "-c --constraints --constraint -b --build-constraints --overrides --override --cache-dir --config-file "
        "--index-strategy --keyring-provider --resolution --prerelease --exclude-newer --link-mode "
        "--allow-insecure-host "
        "--config-setting -C --upgrade-package -P --no-build-package --no-binary-package --fork-strategy --color "
        "--python-preference --python-platform --torch-backend --group --extra --module -m"
    )
)
_PIPX = Grammar(_values("--spec --python --index-url -i --pip-args --fetch-missing-python --with --backend"))
_PNPM = Grammar(_values("--package --dir -C --filter -F --registry --config --loglevel --prefix -p --allow-build"))
_BUNX = Grammar(_values("-p --package --cwd --registry --config"))
_DNX = Grammar(
    _values("--version --source --add-source --configfile -v --verbosity --framework"), ends_at_operand=False
)
_GO = Grammar(_values("-C -mod -modfile -tags -ldflags -gcflags -exec -p -o -asmflags -overlay"))
_DOCKER_SWITCHES = _values(
    "-i --interactive -t --tty -d --detach --rm --init --privileged --read-only -P --publish-all -q --quiet "
    "--no-healthcheck --oom-kill-disable --sig-proxy --disable-content-trust --use-api-socket --tls --tlsverify "
    "-D --debug "
    "--replace --rmi --no-hosts --no-hostname --env-host --http-proxy --passwd --unsetenv-all --help"
)
_DOCKER = Grammar(switches=_DOCKER_SWITCHES)
_DOCKER_GLOBAL = Grammar(
    _values("--context -c -H --host --config -l --log-level --tlscacert --tlscert --tlskey --url --connection")
)
_NODE_VALUES = _values(
    "-r --require --import --loader --experimental-loader -C --conditions --env-file --env-file-if-exists --input-type "
    "--title --icu-data-dir --tsconfig --config -P --project --preload --define --cwd --watch-path --inspect-port"
)
_DENO_VALUES = _values("-c --config --import-map --lock --cert --location --seed --env-file -L --log-level --ext")
_PYTHON_VALUES = _values("-W -X -m -c --check-hash-based-pycs")


def npm_subject(specifier: str) -> Subject:
    return specifiers.npm(specifier)


def _asked(found: Words, read: Callable[[str], Subject], option: Sequence[str]) -> Found:
    """A package given by an option (`--package X cmd`, `--from X cmd`), else the first operand."""
    given = found.all(*option)
    if not given and not found.words:
        return Found(unmatchable(SubjectKind.NONE, "the runner is asked for no package"))
    if not given:
        word = found.words[0]
        return Found(variable() if _whole_variable(word) else read(word), tuple(found.words[1:]))
    subjects = [variable() if _whole_variable(word) else read(word) for word in given]
    called = found.words[0] if found.words else ""
    chosen = next((s for s in subjects if s.purl and _bare_name(s.purl) == called), subjects[0])
    also = tuple(s.purl for s in subjects if s is not chosen and s.purl)
    return Found(chosen, tuple(found.words[1:]), also)


def _bare_name(purl: str) -> str:
    return purl.split("?")[0].rsplit("/", 1)[-1].partition("@")[0]


def _whole_variable(word: str) -> bool:
    return re.match(r"(?:\$\{[^}]*\}|\$\w+|%\w+%|\{\{[^}]*\}\}|<[^>]*>)(?:@.*)?\Z", word) is not None


def _script(runner: str) -> Found:
    return Found(local(f"{runner} run", "a script of the working folder"))


def _npx(rest: list[str]) -> Found:
    found = positionals(rest, _NPX)
    call = found.option("-c", "--call")
    if call and not found.all("-p", "--package"):
        found = positionals(call.split(), _NPX)
    return _asked(found, specifiers.npm, ("-p", "--package"))


def _npm(rest: list[str]) -> Found:
    found = positionals(rest, _NPX)
    if not found.words or found.words[0] not in ("exec", "x"):
        return _script("npm")
    inner = positionals(found.words[1:], _NPX)
    inner.options = {**found.options, **inner.options}
    return _asked(inner, specifiers.npm, ("-p", "--package"))


def _dlx(name: str, grammar: Grammar, verbs: tuple[str, ...]) -> Callable[[list[str]], Found]:
    def read(rest: list[str]) -> Found:
        found = positionals(rest, grammar)
        if verbs:
            if not found.words or found.words[0] not in verbs:
                return _script(name)
            given, found = found.options, positionals(found.words[1:], grammar)
            found.options = given | found.options
        return _asked(found, specifiers.npm, ("-p", "--package"))

    return read


def _bun(rest: list[str]) -> Found:
    found = positionals(rest, _BUNX)
    if found.words and found.words[0] == "x":
        return _asked(positionals(found.words[1:], _BUNX), specifiers.npm, ("-p", "--package"))
    words = found.words[1:] if found.words and found.words[0] == "run" else found.words
    file = next((word for word in words if not word.startswith("-")), None)
    return Found(local(file)) if file else _script("bun")


def _uvx(rest: list[str]) -> Found:
    found = positionals(rest, _UVX)
    answer = _asked(found, specifiers.pypi, ("--from",))
    beside = [specifiers.pypi(word).purl for text in found.all("--with", "-w") for word in text.split(",")]
    return Found(answer.subject, answer.rest, (*answer.also, *(purl for purl in beside if purl)))


def _uv(rest: list[str]) -> Found:
    found = positionals(rest, _UVX)
    words = found.words
    if words[:2] == ["tool", "run"]:
        return _uvx(words[2:])
    if not words or words[0] != "run":
        return Found(local("uv", "a program on PATH"))
    inner = positionals(words[1:], _UVX)
    beside = [specifiers.pypi(word) for text in inner.all("--with", "-w") for word in text.split(",")]
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
    if specifiers.is_file(called):
        return Found(local(called), (), also)
    return Found(local(folder or called or None, "a program of the working folder or its environment"), (), also)


def _module(name: str) -> Subject:
    why = "python -m names a module, which need not be the name of a distribution"
    return unmatchable(SubjectKind.PYTHON_MODULE, why, name)


def _pipx(rest: list[str]) -> Found:
    found = positionals(rest, _PIPX)
    if not found.words or found.words[0] != "run":
        return Found(local("pipx", "a program on PATH"))
    return _asked(positionals(found.words[1:], _PIPX), specifiers.pypi, ("--spec",))


def _dnx(rest: list[str]) -> Found:
    found = positionals(rest, _DNX)
    if not found.words:
        return Found(unmatchable(SubjectKind.NONE, "the runner is asked for no package"))
    return Found(specifiers.nuget(found.words[0], found.option("--version")), tuple(found.words[1:]))


def _dotnet(rest: list[str]) -> Found:
    if rest[:1] == ["dnx"]:
        return _dnx(rest[1:])
    if rest[:2] in (["tool", "exec"], ["tool", "execute"]):
        return _dnx(rest[2:])
    if rest[:1] == ["run"]:
        project = positionals(rest[1:], Grammar(_values("--project -p --framework -f --configuration -c"))).option(
            "--project", "-p"
        )
        return Found(local(project, "a project of the buyer's own machine"))
    file = next((word for word in rest if not word.startswith("-")), None)
    return Found(local(file)) if file and specifiers.is_file(file) else Found(local("dotnet", "a program on PATH"))


def _go(rest: list[str]) -> Found:
    if rest[:1] != ["run"]:
        return Found(local("go", "a program on PATH"))
    found = positionals(rest[1:], _GO)
    if not found.words:
        return Found(local("go run", "a program of the working folder"))
    word = found.words[0]
    return Found(
        local(word) if specifiers.is_path(word) or ("@" not in word and "." not in word) else specifiers.golang(word),
        tuple(found.words[1:]),
    )


def _nix(rest: list[str]) -> Found:
    found = positionals(rest, Grammar(_values("--option --extra-experimental-features --inputs-from")))
    if found.words[:1] != ["run"] or len(found.words) < 2:
        return Found(local("nix", "a program on PATH"))
    match = re.match(
        r"github:([\w.-]+)/([\w.-]+)(?:/([\w.-]+))?(?:#.*)?\Z", positionals(found.words[1:], Grammar()).words[0]
    )
    if match is None:
        return Found(local("nix run", "a program of the buyer's own machine"))
    return Found(specifiers.git(f"{match.group(1)}/{match.group(2)}", match.group(3)))


def _container(name: str) -> Callable[[list[str]], Found]:
    def read(rest: list[str]) -> Found:
        words = positionals(rest, _DOCKER_GLOBAL).words
        if words[:1] == ["container"]:
            words = words[1:]
        if words[:1] not in (["run"], ["create"]):
            return Found(local(name, "a container program without an image"))
        found = positionals(words[1:], _DOCKER)
        if not found.words:
            return Found(unmatchable(SubjectKind.NONE, "the runner is asked for no image"))
        return Found(specifiers.container(found.words[0]), tuple(found.words[1:]))

    return read


RUNNERS: dict[str, Callable[[list[str]], Found]] = {
    "npx": _npx,
    "npm": _npm,
    "pnpx": _dlx("pnpx", _PNPM, ()),
    "pnpm": _dlx("pnpm", _PNPM, ("dlx",)),
    "yarn": _dlx("yarn", _NPX, ("dlx",)),
    "bunx": _dlx("bunx", _BUNX, ()),
    "bun": _bun,
    "uvx": _uvx,
    "uv": _uv,
    "pipx": _pipx,
    "dnx": _dnx,
    "dotnet": _dotnet,
    "go": _go,
    "nix": _nix,
    "docker": _container("docker"),
    "podman": _container("podman"),
    "nerdctl": _container("nerdctl"),
}
PACKAGE_RUNNERS = frozenset(("npx", "pnpx", "bunx", "uvx", "pipx", "dnx", "docker", "podman", "uv", "pnpm"))

_NODE = Interpreter("node", Grammar(_NODE_VALUES | _values("-e --eval -p --print")), ("-e", "--eval", "-p", "--print"))
_TSX = Interpreter("tsx", Grammar(_NODE_VALUES), ("-e", "--eval"), skipped_words=("watch",))
_INTERPRETERS: dict[str, Interpreter] = {
    "node": _NODE,
    "nodejs": _NODE,
    "tsx": _TSX,
    "ts-node": _TSX,
    "nodemon": _TSX,
    "deno": Interpreter("deno", Grammar(_DENO_VALUES), skipped_words=("run",)),
    "python": Interpreter("python", Grammar(_PYTHON_VALUES), ("-c",), ("-m",)),
    "ruby": Interpreter("ruby", Grammar(_values("-I -r -e -C -E")), ("-e",)),
    "perl": Interpreter("perl", Grammar(_values("-e -E -I -M")), ("-e", "-E")),
    "php": Interpreter("php", Grammar(_values("-r -d -c -f")), ("-r",), file_option=("-f",)),
    "julia": Interpreter("julia", Grammar(_values("-e -E -J -L -t -p")), ("-e", "-E")),
    "java": Interpreter("java", Grammar(_values("-cp -classpath --class-path -jar -m")), file_option=("-jar",)),
    "rscript": Interpreter("rscript", Grammar(_values("-e")), ("-e",)),
    "lua": Interpreter("lua", Grammar(_values("-e -l")), ("-e",)),
    "elixir": Interpreter("elixir", Grammar(_values("-e -r -S")), ("-e",)),
}
_PYTHON = re.compile(r"(?:python|pypy)w?(?:\d(?:\.\d+)?)?\Z|py\Z")

INTERPRETERS_AS_PACKAGES: dict[str, Interpreter] = {
    f"pkg:npm/{name}": _TSX
    for name in ("tsx", "ts-node", "ts-node-esm", "nodemon", "esno", "vite-node", "jiti", "babel-node")
} | {"pkg:npm/node": _NODE}

BRIDGES = frozenset(
    (
        "pkg:npm/mcp-remote",
        "pkg:npm/supergateway",
        "pkg:npm/mcp-proxy",
        "pkg:pypi/mcp-proxy",
        "pkg:npm/mcp-remote-client",
        "pkg:npm/%40pyroprompts/mcp-stdio-to-streamable-http-adapter",
    )
)
"""Packages that only carry the messages of a client to an address: the address is what is run."""

INSTALLED_BRIDGES = frozenset(("mcp-remote", "mcp-proxy", "supergateway"))
"""The same as programs on PATH."""

FILE_SERVERS = frozenset(("pkg:pypi/mcp", "pkg:pypi/fastmcp"))
"""Packages whose `run FILE` serves what stands in the file."""


def interpreter(name: str) -> Interpreter | None:
    return _INTERPRETERS["python"] if _PYTHON.match(name) else _INTERPRETERS.get(name)


def bridged_address(rest: Sequence[str]) -> str | None:
    """The address that a bridge is given, also as the value of an option; a variable counts as one."""
    for place, word in enumerate(rest):
        value = word.partition("=")[2] if word.startswith("--") and "=" in word else word
        after_option = place > 0 and rest[place - 1] in ("--header", "-H", "--allow-origin", "--auth-server-url")
        if is_url(value) and not after_option:
            return value
    first = next((word for word in rest if not word.startswith("-")), "")
    return first if _whole_variable(first) or specifiers.has_variable(first.split("/")[0]) else None
