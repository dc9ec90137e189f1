# Everything runs in .venv, which the first target that needs it makes. `make help` lists the targets.

PYTHON   ?= $(shell command -v python3.11 || command -v python3)
BUDGET   ?= 4000
DOCUMENT ?= data/tarnholt_2025_annual_report.pdf
QUESTION ?= How did the effective tax rate of 2025 compare with that of 2024, and what explains the change?
BIN      := .venv/bin
# PYTHONWARNINGS: setuptools has a word of caution about every editable installation.
INSTALL  := PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: ask test lowest eval bench check format demo clean help

ask: .venv/installed-local  ## Ask the demo report a question (QUESTION=, DOCUMENT=, BUDGET=)
	$(BIN)/hiercomp ask "$(DOCUMENT)" "$(QUESTION)" --budget $(BUDGET)

test: .venv/installed-dev  ## Run the whole test suite
	$(BIN)/python -m pytest -q --numprocesses 2 --dist loadfile

# The adapters' frameworks at the versions of constraints-lowest.txt, in an environment of their own. What old versions warn
# of is not ours.
LOWEST := tests/contracts/test_integrations.py tests/integrations tests/server/test_server_chat.py tests/server/test_server_runs.py
lowest: .venv-lowest/installed  ## Test the adapters at the lowest versions of their frameworks
	.venv-lowest/bin/python -m pytest -q -W default --numprocesses 2 --dist loadfile $(LOWEST)

# LLMLingua puts every token through a language model, a minute or more a question: METHODS=longllmlingua asks for it.
METHODS  ?= all --without llmlingua,longllmlingua
eval: .venv/installed-dev  ## Compare all methods on the demo set: results/demo/report.html
	$(BIN)/python -m eval run --methods $(METHODS) --sample 4 --budgets 500,1000,2000 --jobs 2 --output results/demo
	$(BIN)/python -m eval report results/demo

# The first of FILES is what the table is about; the pages of all make the larger sizes.
FILES    ?= $(DOCUMENT)
RUNS     ?= 3
bench: .venv/installed-bench  ## Time and memory beside the peers (FILES=, RUNS=): benchmarks/results/COMMIT.md
	$(BIN)/python -m benchmarks $(FILES) --runs $(RUNS) --budget $(BUDGET)

check: .venv/installed-dev  ## Lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/installed-dev  ## Put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

demo: .venv/installed-dev  ## Make the demo documents of data/ again
	$(BIN)/python data/make_annual_report.py

clean:  ## Remove the virtual environment and everything that was built
	rm -rf .venv .venv-lowest build dist results *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A stamp for each extra: a second call starts at once, and a change of the requirements installs them again.
.venv/installed-%: .venv/made pyproject.toml constraints.txt
	@echo "Installing hiercomp[$*] into .venv: some minutes the first time"
	@$(INSTALL) --editable '.[$*]'
	@touch $@

.venv-lowest/installed: pyproject.toml constraints-lowest.txt
	@echo "Installing hiercomp and the lowest versions of the adapters' frameworks into .venv-lowest"
	$(PYTHON) -m venv .venv-lowest
	@.venv-lowest/bin/pip install --quiet --disable-pip-version-check --constraint constraints-lowest.txt --editable '.[lowest]'
	@touch $@

.venv/made:
	$(PYTHON) -c 'import sys; sys.exit("hiercomp needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	@touch $@
