# Thin names for the plain commands; `make help` lists them.
PYTHON_BIN := .venv/bin
# One process more than there are processors: many tests wait for a server or a browser.
WORKERS ?= $(shell expr 1 + $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2))
# One file of tests stays in one process, so that its servers start once; in the order of their names the longest do not come last.
PYTEST := $(PYTHON_BIN)/python -m pytest
PYTEST_FLAGS ?=

.DEFAULT_GOAL := help
.PHONY: help run setup test suite test-rgw test-bare test-deploy audit lint bench screenshots tour icons extension migrate lock clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/\1	\2/' | expand -t 14

run: ## Start Pindeck here: PORT chooses the port, DATA_DIR the place
	@sh scripts/setup.sh
	@$(PYTHON_BIN)/pindeck up

setup: ## Make .venv with everything for tests and development
	@sh scripts/setup.sh heif,test

test: setup ## Check and run the whole suite, browser and services included
	@sh scripts/test-services.sh
	$(MAKE) --no-print-directory -j2 lint suite

suite: ## The tests alone, once make test has installed what they need
	$(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not rgw" $(PYTEST_FLAGS)

test-rgw: setup ## The store, and what strangers get of it, on Ceph RGW (installs it as root on Debian)
	sh tests/servers/install_rgw.sh
	$(PYTEST) -m rgw $(PYTEST_FLAGS)

test-bare: ## Both commands in fresh roots of Debian 12 and 13, by a user and by root (as root; BARE narrows it)
	cd / && python3 $(CURDIR)/scripts/test_bare.py

test-deploy: setup ## The wheel alone, deployed in fresh roots without git and venv (as root; DEPLOY narrows it)
	$(PYTHON_BIN)/python scripts/test_deploy.py

audit: ## Known weaknesses of what is pinned, before a release; ADVISORIES names a copy of OSV's data
	@sh scripts/setup.sh heif,test,audit
	$(PYTHON_BIN)/python scripts/audit.py

lint: ## ruff, mypy and djlint
	$(PYTHON_BIN)/ruff check .
	$(PYTHON_BIN)/mypy
	$(PYTHON_BIN)/djlint --lint --quiet templates

bench: ## Measure what docs/benchmarks.md tells
	@sh scripts/setup.sh heif,test,bench
	$(PYTHON_BIN)/python -m bench

screenshots: setup ## Take the pictures of the documentation
	@sh scripts/test-services.sh
	$(PYTHON_BIN)/python scripts/screenshots.py

tour: setup ## Walk the tour on a whole demonstration and take its pictures
	@sh scripts/test-services.sh
	TOUR_SHOTS=docs/screenshots TOUR_PICTURES=300 $(PYTHON_BIN)/python -m pytest -q --timeout=1800 tests/browser/test_tour.py

icons: setup ## Draw the icons of the app and the browser extension anew
	$(PYTHON_BIN)/python scripts/icons.py

extension: ## Pack the browser extension of extras/browser into dist/
	@python3 scripts/extension.py

migrate: ## Bring the database up to date
	@sh scripts/setup.sh
	@$(PYTHON_BIN)/pindeck migrate

lock: setup ## Resolve uv.lock and requirements/ anew
	sh scripts/lock.sh

clean: ## Remove .venv and caches, never data
	rm -rf .venv *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
