# Everything a person or a machine runs here. Needs Python 3.11 or newer with venv, and make; `make help` lists it all.

PYTHON ?= python3
STUDY ?= studies/chictr2000031702
REPORT ?= report
PYTEST_ARGS ?=
LOCK_ARGS ?=
BROWSER ?= yes
CHROMIUM = /usr/bin/chromium

VENV = .venv
PY = $(VENV)/bin/python
PIP = $(PY) -m pip --disable-pip-version-check -qq
# The lock names every package: nothing is resolved anew, so a release younger than the lock can change nothing.
LOCKED = $(PIP) install --no-deps --require-hashes --requirement
EDITABLE = $(PIP) install --no-deps --no-build-isolation --editable .

.DEFAULT_GOAL = help
.DELETE_ON_ERROR:
.PHONY: help report test lint format bench validate lock .venv browser clean distclean

help:
	@echo "make report     analyze the study in $(STUDY) and write $(REPORT)/"
	@echo "make test       lint, check types and layers, then run every test"
	@echo "                PYTEST_ARGS='-k name' selects tests, BROWSER=no leaves out those that need Chromium"
	@echo "make lint       lint, check types and layers"
	@echo "make format     format the code and fix what can be fixed"
	@echo "make bench      run the benchmarks"
	@echo "make validate   measure what audit and reconstruction are worth and write docs/validation.md (long)"
	@echo "make .venv      set up .venv with everything that development needs"
	@echo "make lock       lock the dependencies anew after a change  (LOCK_ARGS=--upgrade for newer ones)"
	@echo "make clean      remove what was built, caches and the report; distclean also removes .venv"

report: $(VENV)/.run
	@$(PY) -m branchpoint report $(STUDY) -o $(REPORT)

test: lint $(if $(filter no,$(BROWSER)),,browser)
	@$(PY) -m pytest -q $(if $(filter no,$(BROWSER)),-m "not browser") $(PYTEST_ARGS)

lint: $(VENV)/.dev
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m mypy
	@$(PY) $(VENV)/bin/lint-imports --no-logo

format: $(VENV)/.dev
	@$(PY) -m ruff check --fix-only
	@$(PY) -m ruff format

bench: $(VENV)/.dev
	@set -e; for script in $(sort $(wildcard tests/benchmarks/bench_*.py)); do \
		echo "== $$script"; PYTHONPATH=. $(PY) $$script; done

# Each writes its section of docs/validation.md, with the settings that are its defaults.
validate: $(VENV)/.dev
	@set -e; for measure in planted_errors thousand_cohorts known_truth; do \
		echo "== validation/$$measure.py"; PYTHONPATH=. $(PY) -m validation.$$measure; done

# --- the environment ------------------------------------------------------------------------------------------------
# Two stamps in .venv: .run (what the report needs) and .dev (that, and what development needs). A stamp older than the
# locked requirements or pyproject.toml is renewed in place; a .venv whose Python has gone is made from scratch.

.venv: $(VENV)/.dev
	@:

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Setting up $(VENV); the first time takes a minute or two."
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv module is needed (Debian: apt-get install python3-venv)." >&2; exit 1; }

$(VENV)/.run: $(PY) requirements/run.txt pyproject.toml
	@$(LOCKED) requirements/run.txt
	@$(EDITABLE)
	@touch $@

$(VENV)/.dev: $(PY) requirements/dev.txt requirements/run.txt pyproject.toml
	@$(LOCKED) requirements/dev.txt
	@$(EDITABLE)
	@touch $(VENV)/.run $@

# The browser tests drive the system's Chromium.
browser:
	@test -x $(CHROMIUM) || { \
		sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
		command -v apt-get >/dev/null && \
		echo "Installing Chromium for the browser tests." && \
		$$sudo apt-get update -qq && \
		$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && test -x $(CHROMIUM); \
	} || { echo "The browser tests need $(CHROMIUM), and it could not be installed: install it by hand" \
		"(Debian: apt-get install chromium), or leave those tests out: make test BROWSER=no" >&2; exit 1; }

# --- locking --------------------------------------------------------------------------------------------------------
# One lock for every Python and platform, dev.txt first, run.txt a part of it. Hashes of all files of a release.

LOCK = build/lock/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	--group build --extra reconstruct $(LOCK_ARGS)

lock: build/lock/bin/uv
	@$(LOCK) --extra duckdb --extra test --extra lint pyproject.toml --output-file requirements/dev.txt
	@$(LOCK) --extra documents --constraint requirements/dev.txt pyproject.toml --output-file requirements/run.txt

build/lock/bin/uv:
	@$(PYTHON) -m venv --clear build/lock
	@build/lock/bin/python -m pip --disable-pip-version-check -qq install uv

# --- tidying up -----------------------------------------------------------------------------------------------------

clean:
	@rm -rf build dist report .coverage htmlcov .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find src tests studies -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean
	@rm -rf $(VENV)
