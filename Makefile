PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
export PYTHONDONTWRITEBYTECODE := # each of some hundred processes would compile the package anew

.PHONY: all install figures readme dictionary templates test check bench lab lock clean help
.DEFAULT_GOAL := all

all: figures build/.readme-checked  ## install, run every notebook for every scenario, fill figures/

build/.readme-checked: README.md $(wildcard figures/*/headline.json data/scenarios/*.yaml) data/assumptions.csv analysis/cli/regenerate.py
	@$(BIN)/python -m analysis.cli.regenerate readme --check && mkdir -p build && touch $@ || echo "note: the README's numbers are not current; run make readme"

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kwh2token needs Python 3.11 or newer; try make PYTHON=python3.12")'
	@echo "installing into $(VENV) (about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --no-compile --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@-$(BIN)/python -m compileall -qq -j 0 -x '/tests?/' $(VENV)/lib  # side by side, and without what is never imported
	@touch $@

install: $(INSTALLED)  ## install the project and its tools into .venv

figures: $(INSTALLED)  ## run every notebook for every scenario
	@$(BIN)/kwh2token run

readme: $(INSTALLED)  ## write the README's numbers anew from figures/
	@$(BIN)/python -m analysis.cli.regenerate readme

dictionary: $(INSTALLED)  ## write the columns in data/README.md anew from data/columns.csv
	@$(BIN)/python -m analysis.cli.regenerate dictionary

templates: $(INSTALLED)  ## run the template notebooks in place and store their outputs
	@$(BIN)/python -m analysis.cli.regenerate templates

test: $(INSTALLED)  ## unit tests, doctests, and nbval over the notebooks
	@$(BIN)/python -m pytest -n $$($(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)') --dist loadfile --no-loadscope-reorder

check: $(INSTALLED)  ## lint (notebooks too), formatting, types, the README's numbers, the data dictionary
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m analysis.cli.regenerate readme --check
	@$(BIN)/python -m analysis.cli.regenerate dictionary --check

bench: $(INSTALLED)  ## print how fast things are, side by side (installs the peers)
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev,bench]"
	@for file in benchmarks/bench_*.py; do $(BIN)/python $$file; done

lab: $(INSTALLED)  ## open JupyterLab
	@$(BIN)/jupyter lab --notebook-dir=notebooks

lock: $(INSTALLED)  ## write the installed versions into constraints.txt
	@$(BIN)/python -m pip freeze --exclude-editable | grep -E '^[A-Za-z0-9_.-]+==' > constraints.tmp && mv constraints.tmp constraints.txt

clean:  ## remove what can be built again
	rm -rf $(VENV) build dist results .pytest_cache .mypy_cache .ruff_cache .hypothesis

help:  ## show this
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12
