# Needs Python 3.11 or newer and make; everything else is brought into .venv.
PYTHON ?= python3
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON_PREFERENCE := only-system

.PHONY: help install demo test rest proof simulate lint types layers check docs readme packages pinned constraints bench bench-quick clean

help:           ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

install: .venv/.ready   ## build .venv with everything that development needs

.venv/.ready: pyproject.toml $(wildcard plugins/*/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	$(BIN)/uv sync --quiet --inexact --compile-bytecode --all-packages --python $(BIN)/python
	@touch $@

demo: install   ## win four deals in Lime Go and watch them become orders in Fortnox
	$(BIN)/erpcore demo

# By files: what a file sets up is set up once. In the order that conftest.py gives them. Three times as many at a
# time as a small machine has cores: tests that wait for a process leave theirs to others.
PYTEST := $(BIN)/pytest -n 6 --dist loadfile --no-loadscope-reorder

test: install   ## the tests, of each one of four cases; the same at every run
	$(PYTEST) --part sample

rest: install   ## the other cases, and the README's table of plugins
	@mkdir -p build
	$(PYTEST) --part rest --contract-report build/contract.json
	$(BIN)/erpcore contract readme --check build/contract.json README.md

simulate: install   ## every strike at every point of one deal and one order, in virtual time
	$(BIN)/python -m tests.simulation singles

proof: install  ## pairs of strikes and random schedules; the long tests, and ten times as many examples (hours)
	$(BIN)/python -m tests.simulation pairs
	$(BIN)/python -m tests.simulation random
	$(PYTEST) -m "proof or hypothesis" --hypothesis-profile random --timeout 1800
	$(PYTEST) --contract-samples 200 --timeout 600 plugins/*/tests/test_*_contract.py examples

readme: install ## the README's table of plugins, from the contract kit's results
	@mkdir -p build
	$(PYTEST) -q --contract-report build/contract.json plugins/*/tests/test_*_contract.py examples
	$(BIN)/erpcore contract readme build/contract.json README.md

lint: install   ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install  ## mypy strict
	$(BIN)/mypy

layers: install ## imports only go down
	$(BIN)/lint-imports --no-cache

check: lint types layers test rest simulate   ## everything that a change must pass

docs: export NO_MKDOCS_2_WARNING := 1
docs: install   ## the documentation, into site/
	$(BIN)/mkdocs build --strict

packages: install ## every package, into build/packages
	rm -rf build/packages
	$(BIN)/python packaging/build.py build/packages

pinned: packages ## a release, installed by its constraints with hashes required; its demonstration
	$(BIN)/python packaging/pinned.py build/packages build/pinned

constraints: install ## packaging/constraints.txt and the page on licences, for the newest versions inside of the ranges
	$(BIN)/python packaging/constraints.py
	$(BIN)/uv sync --quiet --inexact --all-packages --python $(BIN)/python
	$(BIN)/python packaging/licences.py

RESULTS ?= build/bench.jsonl
bench: install  ## 500 won deals and 1,000 ready orders against the vendors' rate windows, on both databases (40 minutes); RESULTS=file
	mkdir -p $(dir $(RESULTS))
	$(BIN)/python benchmarks/won_deals.py --results $(RESULTS) || failed=1; \
	$(BIN)/python benchmarks/ready_orders.py --results $(RESULTS) && test -z "$$failed"

bench-quick: install ## what deals, idling, growth, starting and field maps cost, in four minutes; BEFORE=../before compares
	$(BIN)/python -m tests.simulation speed
	$(BIN)/python benchmarks/runs_per_second.py --kind deals --deals 30 --times 1 $(if $(BEFORE),--before $(BEFORE))
	$(BIN)/python benchmarks/idle_worker.py $(if $(BEFORE),--before $(BEFORE))
	$(BIN)/python benchmarks/growth.py --runs 20000 --deals 20 --times 3
	$(BIN)/python benchmarks/start_up.py --times 5 $(if $(BEFORE),--before $(BEFORE))
	$(BIN)/python benchmarks/field_maps.py

clean:          ## remove all that was made here: .venv, caches, build, site, demonstrations
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build site .erpcore-demo*
