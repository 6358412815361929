# Everything a person or CI runs. It needs Python >= 3.11 (with venv and pip) and make; the rest it installs into .venv.
FITS    = import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do $$p -c '$(FITS)' 2>/dev/null && echo $$p && break; done)
PIP     = .venv/bin/pip --disable-pip-version-check -q
RUN     = .venv/.run-$(shell cksum < requirements/run.txt | cut -d' ' -f1)
DEV     = .venv/.dev-$(shell cksum < requirements/dev.txt | cut -d' ' -f1)
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo up test check bench faults chaos migrate pins clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

demo: $(RUN)  ## the whole suite in one process, with an invented company (ARGS=--exit, --fresh)
	@.venv/bin/muniment demo $(ARGS)

up: $(RUN)  ## the suite in one process, without the demo (ARGS=...)
	@.venv/bin/muniment serve $(ARGS)

test: $(DEV)  ## every test, embedded and on real RabbitMQ and PostgreSQL (ARGS=tests/unit)
	@.venv/bin/python -m tests $(ARGS)

check: $(DEV)  ## style, types, imports between packages, translations and documents
	@.venv/bin/ruff check -q .
	@.venv/bin/ruff format -q --check .
	@.venv/bin/mypy --no-error-summary
	@.venv/bin/lint-imports --no-cache > .venv/imports.log || { cat .venv/imports.log; exit 1; }
	@.venv/bin/python -m pytest -q tests/unit/test_repository.py tests/unit/test_documents.py tests/unit/test_requirements.py

bench: $(DEV)  ## rates and CPU per request, beside nameko's own echo (ARGS=...)
	@.venv/bin/python -m benchmarks $(ARGS)

faults: $(DEV)  ## kill -9 at every place, and every planted bug; make test draws some of them by lot
	@MUNIMENT_FAULTS=all .venv/bin/python -m tests tests/faults $(ARGS)

chaos: $(DEV)  ## kill -9 every process, the broker and the database while clients write
	@.venv/bin/python -m tests.faults.chaos $(ARGS)

migrate: $(RUN)  ## bring every database to the schema of this release
	@.venv/bin/muniment migrate $(ARGS)

setup: $(DEV)  ## install everything into .venv and stop

pins: $(DEV)  ## renew requirements/*.txt from the *.in files
	@$(PYTHON) -m venv .venv/pins && .venv/pins/bin/pip -q install pip-tools
	@cd requirements && for name in run dev; do ../.venv/pins/bin/pip-compile -q --upgrade --generate-hashes \
	  --no-header --no-annotate --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --output-file $$name.txt $$name.in || exit 1; done

clean:  ## remove what was installed and built; the data of a demo stays
	@rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/pip:
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(FITS)' \
	  || { echo "Muniment needs Python 3.11, 3.12 or 3.13; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "This Python lacks venv or pip. Debian: apt-get install python3-venv python3-pip" >&2; exit 1; }
	@echo "Setting up .venv (once) ..."
	@$(PYTHON) -m venv .venv

$(RUN): requirements/run.txt pyproject.toml | .venv/bin/pip
	@$(PIP) install --require-hashes -r requirements/run.txt 2> .venv/pip.log || { cat .venv/pip.log >&2; exit 1; }
	@$(PIP) install --no-deps -e . 2> .venv/pip.log || { cat .venv/pip.log >&2; exit 1; }
	@rm -f .venv/.run-* && touch $@

$(DEV): $(RUN) requirements/dev.txt
	@echo "Installing the tools for tests and checks (once) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt 2> .venv/pip.log || { cat .venv/pip.log >&2; exit 1; }
	@rm -f .venv/.dev-* && touch $@
