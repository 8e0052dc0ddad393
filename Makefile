# Troth: `make demo` shows it, `make test` proves it, `make check` is the fast inner loop. `make help` lists the rest.
# Steps leave stamps in .make/, so that only what changed is done again.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
BIN := .venv/bin
STAMPS := .make
ARGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1

CATALOGUES := $(shell find troth -name '*.po' 2>/dev/null)

.PHONY: help demo setup test check explore bench rivals soak lock messages wheel clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: ## Start Troth with the demo company on this machine (ARGS="--language zh-hans --port 8100")
	@$(MAKE) --no-print-directory -j2 setup
	@exec $(BIN)/troth demo $(ARGS)

setup: $(STAMPS)/python $(STAMPS)/frontend $(STAMPS)/messages ## Prepare what the demo needs, and stop there

test: ## Everything a change must pass, on SQLite and PostgreSQL
	@$(MAKE) --no-print-directory --silent -j2 $(STAMPS)/dev $(STAMPS)/frontend $(STAMPS)/messages
	@exec $(BIN)/python -m tools.prove everything

explore: $(STAMPS)/dev $(STAMPS)/messages ## The property tests with fresh random examples, on both databases: not in minutes
	@exec $(BIN)/python -m tools.prove afresh

check: $(STAMPS)/dev $(STAMPS)/frontend $(STAMPS)/messages ## Linters, types, layers and the fast tests: under a minute on two cores
	@exec $(BIN)/python -m tools.prove quickly

bench: $(STAMPS)/dev $(STAMPS)/messages ## Measure speed on generated data; writes docs/benchmarks.md
	@exec $(BIN)/python -m tools.postgres --durable -- $(BIN)/python -m bench $(ARGS)

rivals: ## Make the environment of the libraries that the models are measured against
	@$(PYTHON) -m venv .make/rivals-lifetimes && \
	  .make/rivals-lifetimes/bin/pip install --quiet -r bench/models_rivals_lifetimes.txt
	@for python in $(PYTHON) python3.12 python3.13 python3.14 $(wildcard $(HOME)/.pyenv/versions/3.1[2-9]*/bin/python); do \
	  if $$python -c "import sys; sys.exit(sys.version_info < (3, 12))" 2>/dev/null; then \
	    $$python -m venv .make/rivals-pymc && \
	      .make/rivals-pymc/bin/pip install --quiet -r bench/models_rivals_pymc.txt; exit; \
	  fi; \
	done; echo "pymc-marketing needs Python 3.12 or newer, and this machine has none: left out"

soak: $(STAMPS)/dev $(STAMPS)/messages ## The long measurements: hours, not minutes
	@exec $(BIN)/python -m tools.postgres --durable -- $(BIN)/python -m bench --soak $(ARGS)

lock: $(STAMPS)/dev ## Compile requirements/*.in into *.txt with the newest versions that fit
	@for name in base demo dev spark; do \
	  $(BIN)/pip-compile --quiet --upgrade --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	    --output-file=requirements/$$name.txt requirements/$$name.in; \
	done

messages: $(STAMPS)/dev ## Collect strings to translate into every catalogue, then compile and check them
	@$(BIN)/python tools/messages.py update
	@$(BIN)/python tools/messages.py compile
	@$(BIN)/python tools/messages.py check

wheel: $(STAMPS)/dev $(STAMPS)/frontend $(STAMPS)/messages ## Build dist/*.whl, which needs no Node to run
	@rm -rf dist
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist . > $(STAMPS)/wheel.log 2>&1 || { cat $(STAMPS)/wheel.log; exit 1; }
	@ls -l dist

clean: ## Remove everything that make made, except the data in var/
	rm -rf .venv .make dist build frontend/node_modules troth/console/static/vendor
	find troth -name '*.mo' -delete

# --- steps ---------------------------------------------------------------------------------------------------------

$(STAMPS)/venv:
	@$(PYTHON) tools/prerequisites.py python
	@echo "Making the virtual environment .venv"
	@mkdir -p $(STAMPS)
	@$(PYTHON) -m venv .venv
	@touch $@

$(STAMPS)/python: requirements/base.txt requirements/demo.txt pyproject.toml | $(STAMPS)/venv
	@echo "Installing Python packages"
	@$(BIN)/pip install -qq -r requirements/base.txt -r requirements/demo.txt
	@$(BIN)/pip install -qq --no-deps --editable .
	@touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/python
	@echo "Installing the packages for developing"
	@$(BIN)/pip install -qq -r requirements/base.txt -r requirements/demo.txt -r requirements/dev.txt
	@touch $@

$(STAMPS)/npm: frontend/package.json frontend/package-lock.json
	@$(PYTHON) tools/prerequisites.py node
	@echo "Installing front-end packages"
	@mkdir -p $(STAMPS)
	@npm ci --prefix frontend --no-audit --no-fund --loglevel=error > /dev/null
	@touch $@

$(STAMPS)/frontend: frontend/build.mjs frontend/icons.txt $(STAMPS)/npm
	@echo "Building the front end"
	@npm run --silent --prefix frontend build
	@touch $@

# Order-only on python: pip may still be at work under -j when the catalogues are asked for.
$(STAMPS)/messages: $(CATALOGUES) tools/messages.py | $(STAMPS)/python
	@$(BIN)/python tools/messages.py compile
	@touch $@
