# evalapp: `make demo` runs the main job, `make test` passes the tests; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
BENCH := .venv.bench/bin/python
export PYTHONDONTWRITEBYTECODE := 1
JOBS ?= 2

.PHONY: help demo demo-jobtraining serve test test-slow sure sure-without-tests fix translations lock benchmarks simulations clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 28

demo: .venv/app.installed ## the main job: load the demo programme, estimate, print findings, write two PDFs
	@$(BIN)/flask demo run

demo-jobtraining: .venv/app.installed ## the same chain on real data: the Michigan job-training grants
	@$(BIN)/flask demo job-training

serve: .venv/app.installed ## the web application on http://127.0.0.1:8000, with a worker for slow jobs
	@$(BIN)/flask database upgrade && exec $(BIN)/gunicorn --config config/serve.py wsgi:app

test: .venv/dev.installed ## every test, on SQLite and PostgreSQL, in a browser too
	@$(BIN)/python -m pytest -m "not slow" -n $(JOBS) --dist loadfile

test-slow: .venv/dev.installed ## the simulations that take minutes
	@$(BIN)/python -m pytest -m slow

sure: sure-without-tests test ## everything that must hold before a change lands

sure-without-tests: .venv/dev.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/flask database check

fix: .venv/dev.installed ## format and repair what can be repaired
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

translations: .venv/dev.installed ## gather the messages of code and templates into the two catalogues
	$(BIN)/python config/update_translations.py

lock: .venv/app.installed ## compile the pinned, hashed requirements
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	  config/requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	  config/requirements-dev.in -o config/requirements-dev.txt
	$(BIN)/uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	  config/requirements-bench.in -o config/requirements-bench.txt

simulations: .venv/dev.installed ## draw programmes with a known effect again and write docs/methods/simulations.md
	$(BIN)/python -m benchmarks.simulations --processes $(JOBS)

benchmarks: .venv.bench/installed ## measure against peers and floors, side by side (an hour; pass DID="--units 2000" for less)
	@$(BIN)/python -m benchmarks.did --peers-python $(BENCH) $(DID)
	@$(BENCH) -m benchmarks.inference

clean: ## remove what the commands above made
	rm -rf .venv .venv.bench var .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/python.installed:
	@.ci/install-system-packages demo
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed; this is " + sys.version.split()[0])'
	@echo "Making a virtual environment in .venv"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/app.installed: requirements.txt | .venv/python.installed
	@echo "Installing the application's packages into .venv (a minute or two, once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@mkdir -p var && touch $@

.venv/dev.installed: config/requirements-dev.txt .ci/install-system-packages | .venv/app.installed
	@.ci/install-system-packages test
	@echo "Installing the test tools into .venv (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt -r config/requirements-dev.txt
	@touch $@

.venv.bench/installed: config/requirements-bench.txt | .venv/app.installed
	@echo "Installing the peers that benchmarks compare with into .venv.bench"
	@$(PYTHON) -m venv .venv.bench
	@$(BENCH) -m pip install -q --disable-pip-version-check --require-hashes -r config/requirements-bench.txt
	@touch $@
