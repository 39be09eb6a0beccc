# Shorthand; every line can be typed by hand.
PYTHON ?= .venv/bin/python

.PHONY: run setup test quick lint build bench faults fuzz thorough postgres

setup:
	python3 -m venv .venv && $(PYTHON) -m pip install -q -c .ci/constraints.txt -e ".[test]"

run:
	$(PYTHON) -m course demo

test:
	$(PYTHON) -m pytest -q

quick:
	$(PYTHON) -m pytest -q -m "not browser and not slow"

thorough:
	$(PYTHON) -m pytest -q -m "slow or not slow"

postgres:
	$(PYTHON) -m pytest -q --gradebook postgres -m "not browser"

lint:
	$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check . && $(PYTHON) -m mypy

build:
	$(PYTHON) -m course build

bench:
	$(PYTHON) tests/bench.py

faults:
	COURSE_KILLS=200 $(PYTHON) -m pytest -q -s -n 0 tests/test_faults.py

fuzz:
	$(PYTHON) -m pip install -q -c .ci/constraints.txt -e ".[fuzz]" && $(PYTHON) tests/fuzz/fuzz_submission.py -max_total_time=600
