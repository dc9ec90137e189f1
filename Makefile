# Every program runs in .venv, which the first target that needs it creates. `make help` lists the targets.

PYTHON   ?= $(shell command -v python3.11 || command -v python3)
BUDGET   ?= 1500
DOCUMENT ?= data/tarnholt_2025_annual_report.pdf
QUESTION ?= What range of loss does the company estimate for the suit of Orrin Metering?
BIN      := .venv/bin
PIP      := python -m pip --quiet --disable-pip-version-check

# `make test` runs the tests of the product, which need no peer. `make test-eval` runs the tests of these folders.
PEERS    := tests/eval tests/benchmarks
PRODUCT  := tests $(addprefix --ignore=,$(PEERS))
PARALLEL := --numprocesses 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: ask test test-eval lowest latest eval bench check format demo lock clean help

ask: .venv/installed-local  ## Ask the demo report a question (QUESTION=, DOCUMENT=, BUDGET=)
	$(BIN)/hiercomp ask "$(DOCUMENT)" "$(QUESTION)" --budget $(BUDGET)

# The tests that measure seconds run last and alone, so that no other test slows them down.
test: .venv/installed-test  ## Test the product with its adapters
	$(BIN)/python -m pytest -q -m "not timing" $(PARALLEL) $(PRODUCT)
	$(BIN)/python -m pytest -q -m timing $(PRODUCT)

test-eval: .venv/installed-dev  ## Test eval/ and benchmarks/ with the peers
	$(BIN)/python -m pytest -q -m "not timing" $(PARALLEL) $(PEERS)
	$(BIN)/python -m pytest -q -m timing $(PEERS)

# requirements/constraints-lowest.txt sets these versions. Warnings of old versions are not errors here.
LOWEST   := tests/contracts/test_integrations.py tests/integrations tests/server/test_server_chat.py tests/server/test_server_runs.py
lowest: .venv-lowest/installed  ## Test the adapters at the lowest versions of their frameworks
	.venv-lowest/bin/python -m pytest -q -W default $(PARALLEL) $(LOWEST)

latest: .venv-latest/installed  ## Test everything with the newest versions that pyproject.toml allows
	.venv-latest/bin/python -m pytest -q -m "not timing" $(PARALLEL)
	.venv-latest/bin/python -m pytest -q -m timing

# LLMLingua reads every token with a language model, which takes a minute or more for each question.
# METHODS=longllmlingua runs it.
METHODS  ?= all --without llmlingua,longllmlingua
eval: .venv/installed-dev  ## Compare all methods on the demo set: results/demo/report.html
	$(BIN)/python -m eval run --methods $(METHODS) --sample 4 --budgets 500,1000,2000 --jobs 2 --output results/demo
	$(BIN)/python -m eval report results/demo

# The table shows the first of FILES. The pages of all files make up the larger sizes.
FILES    ?= $(DOCUMENT)
RUNS     ?= 3
bench: BUDGET = 4000
bench: .venv/installed-dev  ## Measure time and memory beside the peers (FILES=, RUNS=): benchmarks/results/COMMIT.md
	$(BIN)/python -m benchmarks $(FILES) --runs $(RUNS) --budget $(BUDGET)

check: .venv/installed-dev  ## Check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/installed-dev  ## Fix style and formatting
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

demo: .venv/installed-test  ## Generate the demo documents of data/ again
	$(BIN)/python data/make_annual_report.py

# A pin stays if pyproject.toml still allows it. UPGRADE=--upgrade moves all pins to the newest versions.
# All lock files except lowest.txt have the versions of dev.txt.
COMPILE   = .venv-lock/bin/uv pip compile --quiet --config-file requirements/uv.toml --python $(PYTHON) $(UPGRADE) \
            --group install --constraint requirements/torch.txt pyproject.toml
lock: .venv-lock/installed  ## Resolve pyproject.toml into the lock files of requirements/ (UPGRADE=--upgrade)
	$(COMPILE) --extra dev --output-file requirements/dev.txt
	$(COMPILE) --extra test --constraint requirements/dev.txt --output-file requirements/test.txt
	$(COMPILE) --extra local --constraint requirements/dev.txt --output-file requirements/local.txt
	$(COMPILE) --extra lowest --constraint requirements/constraints-lowest.txt --output-file requirements/lowest.txt

clean:  ## Remove the virtual environments and everything that was built
	rm -rf .venv .venv-lowest .venv-latest .venv-lock build dist results *.egg-info .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .coverage

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A stamp file marks a finished installation. If a lock file changes, `make` installs again.
# A lock file has every distribution except torch. torch comes last: all dependencies of its CPU build are installed then,
# and pip downloads more only for a CUDA build. The lock files have no build tools, so only wheels are installed.
# PYTHONWARNINGS hides a warning of setuptools about every editable installation.
define install
	@echo "Installing requirements/$(2).txt into $(1): some minutes the first time"
	@$(1)/bin/$(PIP) install --require-hashes --only-binary :all: --no-deps --requirement requirements/$(2).txt
	@$(1)/bin/$(PIP) install --requirement requirements/torch.txt
	@PYTHONWARNINGS=ignore $(1)/bin/$(PIP) install --no-deps --no-build-isolation --editable .
	@$(1)/bin/$(PIP) check
endef

.venv/installed-%: .venv/made pyproject.toml requirements/%.txt requirements/torch.txt
	$(call install,.venv,$*)
	@touch $@

.venv-lowest/installed: .venv-lowest/made pyproject.toml requirements/lowest.txt requirements/torch.txt
	$(call install,.venv-lowest,lowest)
	@touch $@

# The newest torch is often a CUDA build of several GB, so torch keeps its pin. TORCH= removes the pin.
TORCH    ?= --constraint requirements/torch.txt
.venv-latest/installed: .venv-latest/made pyproject.toml
	@echo "Installing the newest versions that pyproject.toml allows into .venv-latest: some minutes"
	@PYTHONWARNINGS=ignore .venv-latest/bin/$(PIP) install --upgrade pip
	@PYTHONWARNINGS=ignore .venv-latest/bin/$(PIP) install --upgrade $(TORCH) --editable '.[dev]'
	@touch $@

.venv-lock/installed: .venv-lock/made Makefile
	@.venv-lock/bin/$(PIP) install uv==0.13.9
	@touch $@

.venv/made .venv-lowest/made .venv-latest/made .venv-lock/made:
	@$(PYTHON) -c 'import sys; sys.exit("hiercomp needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(@D)
	@touch $@
