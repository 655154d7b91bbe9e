# Every command does its own set-up, in .venv and .build beside this file.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
WHEEL := .build/wheel
LOWEST := .build/lowest
SBOM := .build/sbom

.PHONY: help demo test test-checkout test-renamed test-wheel slow kill faults day coverage test-pythons \
	test-lowest constraints sbom audit check docs bench clean

help:
	@echo "make demo          a hub and 32 states on loopback: two batches checked over mutual TLS"
	@echo "make test          all tests but the slow ones, then the built wheel"
	@echo "make check         ruff, mypy --strict, pyright, and the order of the rooms"
	@echo "make docs          the documentation, as a site in site/"
	@echo ""
	@echo "make slow          the tests that make test leaves out"
	@echo "make kill          a node is killed at hundreds of instants, on both databases; POINTS=320 SEED=1"
	@echo "make faults        a node is driven through 10,000 steps of faults; SEED=1"
	@echo "make day           24 simulated hours of work and faults, and the law's figures of them; SEED=1"
	@echo "make coverage      which lines and branches the tests reach"
	@echo "make test-pythons  the tests under every Python that pyproject.toml names and this machine has"
	@echo "make test-lowest   the tests with the lowest versions of the dependencies"
	@echo "make bench         how fast it is, beside the floor and beside others: docs/performance"
	@echo "make constraints   write requirements/*.txt anew: the newest versions, with hashes"
	@echo "make sbom          what an installation contains, in CycloneDX: .build/sbom/movehub-client.cdx.json"
	@echo "make audit         which pinned packages have known vulnerabilities; it needs the network"

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

.venv/supply: .venv/made pyproject.toml
	@echo "Installing what pins, lists and audits the dependencies into .venv ..."
	@$(PIP) install --editable '.[supply]'
	@touch $@

.venv/bench: .venv/made pyproject.toml
	@echo "Installing what we are measured against into .venv ..."
	@$(PIP) install --editable '.[bench]'
	@touch $@

demo: .venv/sandbox
	@$(BIN)/movehub demo

test: test-checkout test-renamed test-wheel

# Some tests wait for a clock or for a peer, so one process more than there are processors keeps these busy.
WORKERS = $(shell $(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)')
PARALLEL = --numprocesses $(WORKERS) --dist worksteal
QUICK = $(PARALLEL) -m "not slow"

test-checkout: .venv/dev
	@echo "Test 1 of 3: the checkout"
	@$(BIN)/python -m pytest $(QUICK)

# The tests of TACHOnet run again, and every message goes through a renamed schema and the mapping of it.
TACHONET_TESTS := tests/tachonet_client tests/conformance/test_tachonet_messages.py tests/movehub/sandbox/test_tachonet_*.py
test-renamed: .venv/dev
	@echo "Test 2 of 3: TACHOnet, spoken through a renamed schema"
	@$(BIN)/python -m pytest $(QUICK) --through-mapping $(TACHONET_TESTS)

# The suite of the wheel runs where the checkout cannot be imported. An old build/ would slip deleted files in.
test-wheel: .venv/dev
	@echo "Test 3 of 3: the wheel, built and installed into an environment of its own"
	@rm -rf $(WHEEL) build && mkdir -p $(WHEEL)
	@$(BIN)/python -m build --wheel --outdir $(WHEEL) . >$(WHEEL)/build.log 2>&1 || { cat $(WHEEL)/build.log; exit 1; }
	@$(PYTHON) -m venv $(WHEEL)/venv
	@$(WHEEL)/venv/bin/python -m pip --quiet --disable-pip-version-check install \
		"$$(ls $(WHEEL)/*.whl)[sandbox]" pytest pytest-xdist
	@cd $(WHEEL) && venv/bin/python -m pytest $(PARALLEL) ../../tests/wheel

slow: .venv/dev
	$(BIN)/python -m pytest $(PARALLEL) -m slow

coverage: .venv/dev
	$(BIN)/python -m pytest $(QUICK) --cov --cov-branch --cov-report term

test-pythons: .venv/dev
	$(BIN)/python -m tools.pythons $(QUICK)

test-lowest: .venv/dev
	@rm -rf $(LOWEST) && mkdir -p $(LOWEST)
	@$(PYTHON) -m venv $(LOWEST)/venv
	@$(BIN)/python -m tools.lowest >$(LOWEST)/constraints.txt && cat $(LOWEST)/constraints.txt
	@$(LOWEST)/venv/bin/python -m pip --quiet --disable-pip-version-check install \
		--constraint $(LOWEST)/constraints.txt --editable '.[test]'
	$(LOWEST)/venv/bin/python -m pytest $(QUICK)

# Versions and hashes of everything that an extra needs, for every Python and system: `requirements/<extra>.txt`.
LOCK = $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 --no-header
constraints: .venv/supply
	@mkdir -p requirements
	@for extra in cli postgres dev supply; do \
		$(LOCK) --extra $$extra pyproject.toml --output-file requirements/$$extra.txt >/dev/null && \
		$(BIN)/python -m tools.locked $$extra || exit 1; \
	done

# An environment with the pinned packages and nothing else, pip included, so that the list is what a user has.
sbom: .venv/supply
	@rm -rf $(SBOM) && mkdir -p $(SBOM)
	@$(PYTHON) -m venv --without-pip $(SBOM)/venv
	@$(PIP) --python $(SBOM)/venv/bin/python install --require-hashes --requirement requirements/postgres.txt
	@$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --mc-type library --spec-version 1.6 \
		--output-reproducible --output-format JSON --output-file $(SBOM)/movehub-client.cdx.json $(SBOM)/venv/bin/python
	@echo $(SBOM)/movehub-client.cdx.json

audit: .venv/supply
	@$(BIN)/python -m tools.audit

POINTS ?= 320
SEED ?= 1
kill: .venv/dev
	$(BIN)/python -m pytest -m slow tests/movehub/node/test_killed.py
	$(BIN)/python -m tests.kill --points $(POINTS) --seed $(SEED)
	$(BIN)/python -m tests.kill --points 100 --seed $(SEED) --synchronous

faults: .venv/dev
	$(BIN)/python -m pytest --hypothesis-profile faults --hypothesis-seed $(SEED) tests/movehub/node/test_faults.py

day: .venv/dev
	$(BIN)/python -m pytest -m slow tests/movehub/node/test_faulty_day.py
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
