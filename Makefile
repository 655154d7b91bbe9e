# Every command does its own set-up, in .venv and .build beside this file.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
WHEEL := .build/wheel

.PHONY: help demo test test-checkout test-renamed test-wheel kill faults day check docs bench clean

help:
	@echo "make demo    a hub and 28 states on loopback: two batches checked over mutual TLS"
	@echo "make test    all tests, on the checkout with branch coverage and on the built wheel"
	@echo "make kill    a node is killed at hundreds of instants, on both databases; POINTS=320 SEED=1"
	@echo "make faults  a node is driven through 10,000 steps of faults; SEED=1"
	@echo "make day     24 simulated hours of work and faults, and the law's figures of them; SEED=1"
	@echo "make check   ruff, mypy --strict, pyright, and the order of the rooms"
	@echo "make docs    the documentation, as a site in site/"
	@echo "make bench   how fast it is, beside the floor and beside others: docs/performance"

.venv/made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed, and was not found."; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is needed (Debian: python3-venv)."; exit 1; }
	@touch $@

.venv/sandbox: .venv/made pyproject.toml
	@echo "Installing what the demo needs into .venv ..."
	@$(PIP) install --editable '.[sandbox]'
	@touch $@

.venv/dev: .venv/made pyproject.toml
	@echo "Installing what development needs into .venv ..."
	@$(PIP) install --editable '.[dev]'
	@touch $@ .venv/sandbox

.venv/bench: .venv/made pyproject.toml
	@echo "Installing what we are measured against into .venv ..."
	@$(PIP) install --editable '.[bench]'
	@touch $@

demo: .venv/sandbox
	@$(BIN)/movehub demo

test: test-checkout test-renamed test-wheel

# What holds our schemas and messages against the official ones is long, and no faster for being measured.
ORACLE_TESTS := tests/conformance tests/xsd
SHARED := --numprocesses auto --dist worksteal
test-checkout: .venv/dev
	$(BIN)/python -m pytest $(SHARED) $(ORACLE_TESTS:%=--ignore=%) --cov --cov-branch --cov-report term
	$(BIN)/python -m pytest $(SHARED) $(ORACLE_TESTS)

# The tests of TACHOnet run again, and every message goes through a renamed schema and the mapping of it.
TACHONET_TESTS := tests/tachonet_client tests/conformance/test_tachonet_messages.py tests/movehub/sandbox/test_tachonet_*.py
test-renamed: .venv/dev
	$(BIN)/python -m pytest $(SHARED) --through-mapping $(TACHONET_TESTS)

# The tests run again in a folder of their own, where only the installed wheel can be imported: it is asked whether
# all is in it, so a few examples of each property will do. Those that hold our schemas against the official ones
# have run on the very same schemas already, and those on PostgreSQL with the very same code.
test-wheel: .venv/dev
	@rm -rf $(WHEEL) && mkdir -p $(WHEEL)/run
	@echo "Building the wheel and installing it into an environment of its own ..."
	@$(BIN)/python -m build --wheel --outdir $(WHEEL) . >$(WHEEL)/build.log 2>&1 || { cat $(WHEEL)/build.log; exit 1; }
	@$(PYTHON) -m venv $(WHEEL)/venv
	@$(WHEEL)/venv/bin/python -m pip --quiet --disable-pip-version-check install "$$(ls $(WHEEL)/*.whl)[test]"
	@cp -R tests docs README.md CONTRIBUTING.md CHANGELOG.md LICENSE pyproject.toml $(WHEEL)/run/
	cd $(WHEEL)/run && ../venv/bin/python -m pytest $(SHARED) --hypothesis-profile few $(ORACLE_TESTS:%=--ignore=%) -k "not postgresql"

POINTS ?= 320
SEED ?= 1
kill: .venv/dev
	$(BIN)/python -m tests.kill --points $(POINTS) --seed $(SEED)
	$(BIN)/python -m tests.kill --points 100 --seed $(SEED) --synchronous

faults: .venv/dev
	$(BIN)/python -m pytest --hypothesis-profile faults --hypothesis-seed $(SEED) tests/movehub/node/test_faults.py

day: .venv/dev
	$(BIN)/python -m tests.faults.day --seed $(SEED)

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pyright

docs: .venv/dev
	$(BIN)/mkdocs build --strict --quiet
	@echo "site/index.html"

bench: .venv/bench
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.search

clean:
	rm -rf .venv .build build dist site .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache *.egg-info
