"""Manifests, lock files and Dockerfiles in every version of their forms: what comes from no registry is no package."""

import pytest

from assay_check.configurations import read_configuration

SHA = "a" * 40
FILES = {
    "npm 2": (
        "package-lock.json",
        '{"packages": {"": {}, "node_modules/@s/p": {"version": "1.0.0"}, "packages/w": {"version": "1.0.0"},'
        '"node_modules/al": {"name": "real", "version": "3.0.0"}, "node_modules/w": {"link": true},'
        f'"node_modules/g": {{"version": "1.0.0", "resolved": "git+ssh://git@github.com/o/g.git#{SHA}"}}}}}}',
        ["pkg:npm/%40s/p@1.0.0", "pkg:npm/real@3.0.0", f"pkg:github/o/g@{SHA}"],
    ),
    "npm 1": (
        "package-lock.json",
        '{"lockfileVersion": 1, "dependencies": {"a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}}'
        ', "f": {"version": "file:../f"}}}',
        ["pkg:npm/a@1.0.0", "pkg:npm/b@2.0.0", "local"],
    ),
    "package.json": (
        "package.json",
        '{"dependencies": {"a": "^1.0.0", "c": "npm:@s/c@2.0.0", "d": "github:o/d#v1", "e": "file:../e", "f":'
        '"workspace:*", "h": "o/h", "i": "gitlab:o/i", "k": "https://x.example.com/k.tgz"}}',
        [
            *("pkg:npm/a", "pkg:npm/%40s/c@2.0.0", "pkg:github/o/d", "local", "local"),
            *("pkg:github/o/h", "pkg:gitlab/o/i", "none"),
        ],
    ),
    "pnpm 9": (
        "pnpm-lock.yaml",
        "packages:\n  '@s/p@1.0.0':\n    resolution: {}\n  c@3.0.0(react@18.0.0): {}\n"
        f"  g@https://codeload.github.com/o/g/tar.gz/{SHA}: {{}}\n",
        ["pkg:npm/%40s/p@1.0.0", "pkg:npm/c@3.0.0", f"pkg:github/o/g@{SHA}"],
    ),
    "pnpm 5": (
        "pnpm-lock.yaml",
        "packages:\n  /@s/p/1.0.0:\n    dev: false\n  /b/2.0.0_react@18.0.0: {}\n",
        ["pkg:npm/%40s/p@1.0.0", "pkg:npm/b@2.0.0"],
    ),
    "yarn 1": (
        "yarn.lock",
        '# yarn lockfile v1\n\n"@s/p@^1.0.0", "@s/p@^1.1.0":\n  version "1.1.0"\n  resolved "https://x/p.tgz#1"\n\n'
        'al@npm:real@^2:\n  version "2.0.1"\n  dependencies:\n    c "^1"\n\n'
        f'g@o/g:\n  version "1.0.0"\n  resolved "git+https://github.com/o/g.git#{SHA}"\n',
        ["pkg:npm/%40s/p@1.1.0", "pkg:npm/real@2.0.1", f"pkg:github/o/g@{SHA}"],
    ),
    "yarn 4": (
        "yarn.lock",
        '__metadata:\n  version: 8\n\n"al@npm:real@^1":\n  version: 1.0.0\n  resolution: "real@npm:1.0.0"\n\n'
        '"x@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "x@workspace:."\n\n"g@https://github.com/o/g.git":\n'
        f'  version: 1.0.0\n  resolution: "g@https://github.com/o/g.git#commit={SHA}"\n',
        ["pkg:npm/real@1.0.0", "local", f"pkg:github/o/g@{SHA}"],
    ),
    "bun": (
        "bun.lock",
        '{"packages": {"@s/p": ["@s/p@1.0.0", "", {}, "x"], "w": ["w@workspace:w"], "g": ["g@github:o/g#abc", {}],}}',
        ["pkg:npm/%40s/p@1.0.0", "local", "pkg:github/o/g"],
    ),
    "pipenv": (
        "Pipfile.lock",
        '{"default": {"a": {"version": "==1.0"}, "g": {"git": "https://github.com/o/g.git", "ref": "' + SHA + '"},'
        '"l": {"path": "./l"}}, "develop": {"b": {"version": "==2.0"}}}',
        ["pkg:pypi/a@1.0", f"pkg:github/o/g@{SHA}", "local", "pkg:pypi/b@2.0"],
    ),
    "uv": (
        "uv.lock",
        '[[package]]\nname = "a"\nversion = "1.0"\nsource = { registry = "https://pypi.org/simple" }\n[[package]]\n'
        'name = "me"\nversion = "0.1"\nsource = { editable = "." }\n[[package]]\nname = "g"\nversion = "2"\n'
        f'source = {{ git = "https://github.com/o/g?rev=v1#{SHA}" }}\n',
        ["pkg:pypi/a@1.0", "local", f"pkg:github/o/g@{SHA}"],
    ),
    "poetry": (
        "poetry.lock",
        '[[package]]\nname = "A_b"\nversion = "1.0"\n[package.dependencies]\nx = ">=1"\n[[package]]\nname = "g"\n'
        'version = "2"\n[package.source]\ntype = "git"\nurl = "https://github.com/o/g.git"\nreference = "main"\n'
        f'resolved_reference = "{SHA}"\n[[package]]\nname = "d"\nversion = "1"\n[package.source]\ntype = "directory"\n'
        'url = "../d"\n[[package]]\nname = "l"\nversion = "1"\n[package.source]\ntype = "legacy"\nurl = "https://x/"\n',
        ["pkg:pypi/a-b@1.0", f"pkg:github/o/g@{SHA}", "local", "pkg:pypi/l@1"],
    ),
    "cargo": (
        "Cargo.lock",
        '[[package]]\nname = "me"\nversion = "0.1.0"\n[[package]]\nname = "a"\nversion = "1.0.0"\n'
        'source = "registry+https://github.com/rust-lang/crates.io-index"\n[[package]]\nname = "b"\nversion = "1.0.0"\n'
        f'source = "sparse+https://index.crates.io/"\n[[package]]\nname = "g"\nversion = "1.0.0"\n'
        f'source = "git+https://github.com/o/g?branch=main#{SHA}"\n[[package]]\nname = "p"\nversion = "1.0.0"\n'
        'source = "registry+https://crates.example.com/index"\n',
        ["local", "pkg:cargo/a@1.0.0", "pkg:cargo/b@1.0.0", f"pkg:github/o/g@{SHA}", "local"],
    ),
    "go.mod": (
        "go.mod",
        "module x.example.com/m\nrequire (\n\tgithub.com/o/a v1.2.3\n\tgolang.org/x/b v0.1.0 // indirect\n)\n"
        "replace github.com/o/a => ../a\n",
        ["local", "pkg:golang/golang.org/x/b@v0.1.0"],
    ),
    "dockerfile, variables": (
        "Dockerfile",
        'ARG BASE=node:22-slim\nARG V=1.2.3\nENV W="2.0" X=y\nFROM ${BASE} AS b\nRUN npm i -g --omit=dev @s/p@${V} \\\n'
        " # why\n && pip install -r requirements.txt --index-url https://x/ q==$W r . ./s.whl\nFROM b\n"
        "RUN npm ci && go install github.com/o/g@v1.0.0 && cargo install c\nENTRYPOINT ['x']\n",
        [
            *("pkg:oci/node?repository_url=docker.io%2Flibrary%2Fnode&tag=22-slim", "pkg:npm/%40s/p@1.2.3"),
            *("pkg:pypi/q@2.0", "pkg:pypi/r", "pkg:golang/github.com/o/g@v1.0.0", "pkg:cargo/c"),
        ],
    ),
    "requirements": (
        "requirements.txt",
        "-r base.txt\n--index-url https://u:p@x.example.com/simple\nhttps://x.example.com/w-1.0-py3-none-any.whl\n./local\n"
        f"dist/w-1.0.whl\n-e git+https://github.com/o/e.git@{SHA}#egg=e\n",
        ["none", "local", "local", f"pkg:github/o/e@{SHA}"],
    ),
}


def test_a_line_of_variables_does_not_multiply() -> None:
    read = read_configuration("Dockerfile", f"ENV A={'b' * 299}\nRUN npm i -g {'$A' * 9_000} c\n".encode())
    assert [len(entry.name) < 300 for entry in read.entries] == [True]


@pytest.mark.parametrize("form", FILES)
def test_every_line_has_the_subject_that_the_file_states(form: str) -> None:
    path, text, wanted = FILES[form]
    read = read_configuration(path, text.encode())
    assert read.problems == ()
    assert [entry.subject.purl or str(entry.subject.kind) for entry in read.entries] == wanted
