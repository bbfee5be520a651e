# Knackpunkt's commands. `make` alone lists them.

VENV := .venv
BIN := $(VENV)/bin

# The first interpreter that the lock files are made for; `make setup PYTHON=…` takes another one.
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
PYTHON = $(firstword $(foreach name,$(PYTHONS),$(shell $(name) -c '$(FITS)' 2>/dev/null && echo $(name))))

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKED := install --require-hashes --requirement
OURSELVES := install --no-deps --no-build-isolation --editable .

# Where the benchmark's peers are set up; it stays, so that the next time is quicker.
PEERS ?= $(or $(TMPDIR),/tmp)/knackpunkt-peers
FIGURES ?=

UV ?= uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

# Processes that share the tests: more than the two cores they were tuned on, because many tests wait for real time. One test
# at a time is sent ahead, so that none stands behind a long one.
SHARED := --numprocesses 4 --dist load --maxschedchunk 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run setup test test-slow bench bench-peers crowd fix lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/runtime.stamp ## set up what is missing and start the server on http://127.0.0.1:8000
	@exec $(BIN)/knackpunkt serve

setup: $(VENV)/dev.stamp ## prepare .venv with everything that development and tests need
	@echo "ready: make run starts the server, make test checks everything"

test: $(VENV)/dev.stamp ## run everything but the long proofs: lint, types, imports, JavaScript, Python, browser
	@$(BIN)/python scripts/need.py node chromium
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	node --test --test-reporter=spec $(shell find tests -name '*.test.js' | sort)
	$(BIN)/pytest -m 'not slow' $(SHARED)

test-slow: $(VENV)/dev.stamp ## run the long proofs at full size
	@$(BIN)/python scripts/need.py node chromium
	$(BIN)/pytest --full-size

bench: $(VENV)/dev.stamp ## measure speed, one JSON line a figure
	@$(BIN)/python -m knack_loadtest.bench

bench-peers: $(VENV)/dev.stamp ## the same beside what others would use, set up outside; writes docs/performance.md
	@$(BIN)/python -m knack_loadtest.bench $(FIGURES) --peers '$(PEERS)' --write docs/performance.md

crowd: $(VENV)/runtime.stamp ## let a small crowd play against a server of its own, and judge what everybody saw
	@$(BIN)/python -m knack_loadtest.crowd run smoke

fix: $(VENV)/dev.stamp ## format, and correct what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## resolve requirements/*.lock anew from pyproject.toml; needs uv
	$(LOCK) --group build --output-file requirements/runtime.lock pyproject.toml
	$(LOCK) --group dev --output-file requirements/dev.lock --constraint requirements/runtime.lock pyproject.toml

clean: ## delete .venv and every cache, but no event's data
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip stands last in a new environment, so one that was interrupted is completed.
$(BIN)/pip:
	@test -n '$(PYTHON)' || { echo 'knackpunkt: Python 3.11 or newer is missing; install it with: sudo apt-get install python3 python3-venv' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo 'knackpunkt: venv is missing; install it with: sudo apt-get install $(notdir $(PYTHON))-venv' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime.stamp: requirements/runtime.lock pyproject.toml | $(BIN)/pip
	$(PIP) $(LOCKED) requirements/runtime.lock
	$(PIP) $(OURSELVES)
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock requirements/runtime.lock pyproject.toml | $(BIN)/pip
	$(PIP) $(LOCKED) requirements/dev.lock
	$(PIP) $(OURSELVES)
	@touch $(VENV)/runtime.stamp $@
