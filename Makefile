# Each target does its own set-up: all it needs is git, make and Python 3.11 or later.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/ready
SPARK := .venv/spark

.PHONY: demo test ci lint fmt seeds bench ordeal clean

## demo: a till export, from CSV to an edge that enforces Meta's rules, twice
demo: $(READY)
	$(BIN)/python examples/demo.py

## test: everything that takes less than minutes
test: $(READY) lint
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

## ci: the same, then the slow suites, with a real PostgreSQL and a real Spark
ci: test $(SPARK)
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "slow and not alone"
	$(BIN)/pytest -m alone

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfmt --check --quiet models macros tests/sql

fmt: $(READY)
	$(BIN)/ruff check --fix-only --exit-zero .
	$(BIN)/ruff format .
	$(BIN)/sqlfmt --quiet models macros tests/sql

## bench: everything that is measured, a million order lines, limits and peers too: benchmarks/README.md
bench: $(READY)
	$(BIN)/python benchmarks/run.py

## ordeal: the crash suite at full length: 110 kills on each ledger, a soak of a million events
ordeal: $(READY)
	TILLPOST_KILLS=110 TILLPOST_SOAK=1000000 $(BIN)/pytest tests/test_crashes.py

## seeds: write the reference tables again, and the macros of Unicode, from the libraries they come from
seeds: $(READY)
	$(BIN)/python seeds/make_seeds.py
	$(BIN)/python seeds/make_code_points.py
	$(BIN)/python seeds/make_composed_signs.py
	$(BIN)/sqlfmt --quiet macros/engines

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

$(SPARK): $(READY) requirements-spark.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-spark.txt
	touch $(SPARK)

clean:
	rm -rf .venv .tillpost target dist examples/data tillpost_ledger*.duckdb*
