# Everything starts here. `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080
export PORT
STATIC := src/visavis/static/index.html
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

OUT ?= out/pictures

.PHONY: help run test check bench web pictures clean lock format doctor packages

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.run $(STATIC) ## install what is missing and serve the page on PORT (8080), data in DATA
	exec $(BIN)/visavis serve

test: $(VENV)/.dev $(STATIC) packages ## install what is missing and run every test
	$(if $(TESTS),,scripts/node --silent test)
	$(BIN)/python -m pytest $(TESTS)

check: $(VENV)/.dev $(STATIC) ## types, style, import contracts
	$(BIN)/ruff check src tests bench artwork
	$(BIN)/ruff format --check src tests bench artwork
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	scripts/node run check

bench: $(VENV)/.dev $(STATIC) packages ## measure against peers and limits; PIPECAT=1 adds Pipecat
	$(BIN)/python -m bench $(if $(PIPECAT),--pipecat)

pictures: $(VENV)/.dev $(STATIC) packages ## pictures of Sara and of the page with subtitles in four scripts, into OUT
	$(BIN)/python -m tests.pictures $(OUT)

web: ## build the page again
	scripts/build-web
	@touch $(STATIC)

doctor: $(VENV)/.run ## check this machine
	$(BIN)/visavis doctor

packages: ## install the Debian packages that tests need (as root)
	@scripts/debian-packages

format: $(VENV)/.dev ## put the source into shape
	$(BIN)/ruff check --fix src tests bench artwork
	$(BIN)/ruff format src tests bench artwork

lock: $(VENV)/.dev ## resolve dependencies anew and write requirements/
	scripts/lock

clean: ## remove what was built
	rm -rf $(VENV) src/visavis/static web/node_modules out

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(STATIC): $(WEB_SOURCES) | $(VENV)/bin/python
	scripts/build-web
	@touch $@
