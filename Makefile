# `make` alone lists what there is. Everything runs from this folder, in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev
JOBS ?= 2
# What `make check` runs in under a minute: the rules whole, and one story of each kind.
FAST := tests/kernel tests/policy tests/oncall tests/setup/test_setup_rules.py tests/test_settings.py \
	tests/incidents/test_arc.py tests/incidents/test_declare.py
# The stories that people live through; whole on SQLite in `make test`, on PostgreSQL in `make soak`.
SCENARIOS := tests/incidents tests/updates tests/setup tests/oncall tests/bad_input tests/visibility
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: help setup rehearse run test soak check lint bench docs clean dev

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Vigil needs Python 3.11 or newer; name one with: make setup PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements-rehearse.lock | $(BIN)/python
	$(PIP) -r requirements-rehearse.lock
	@touch $@

$(DEV_STAMP): requirements-dev.lock | $(BIN)/python
	$(PIP) -r requirements-dev.lock
	@touch $@ $(RUN_STAMP)

setup: $(RUN_STAMP) ## install what running and rehearsing need, into .venv
	@$(BIN)/python -m compileall -q bot cogs

dev: $(DEV_STAMP)

rehearse: setup ## live through an incident in a browser page; no token needed
	$(BIN)/python -m bot rehearse $(ARGS)

run: setup ## run the bot (needs a token in config.toml or VIGIL_DISCORD__TOKEN)
	$(BIN)/python -m bot run

test: dev ## every test
	scripts/ensure-browser
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m "not soak" $(ARGS)

soak: dev ## the long fault tests as well, and every scenario on PostgreSQL too
	scripts/ensure-browser
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)
	VIGIL_TEST_SCENARIOS_ON=postgresql $(BIN)/python -m pytest -n $(JOBS) $(SCENARIOS) $(ARGS)

check: dev lint ## lint, types, imports and the fast tests
	$(BIN)/python -m pytest -n $(JOBS) -m "not soak and not slow and not wire and not browser" $(FAST) $(ARGS)

lint: dev ## formatting, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: dev ## measure, as ratios against a bare baseline; writes benchmarks/results.md
	$(BIN)/python -m benchmarks $(ARGS)

docs: dev ## write the parts of the docs that come from the code anew
	$(BIN)/python scripts/write-docs.py

clean: ## remove .venv and what tools left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
