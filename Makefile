# Every chore is a target, here and in CI. `make preview` and `make test` need Python >= 3.10 and
# make, and keep what they install in .venv; `make help` lists the rest.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
STACK  ?= dev
# Tests share nothing. A worker that has none left takes half of what waits for another.
WORKERS := -n auto --dist worksteal

ENGINE  := .cache/engine/pulumi
CLI     := tests/engine/cli
VERSION := $(shell sed -n 's|.*github.com/pulumi/pulumi/pkg/v3 \(v[0-9.]*\).*|\1|p' $(CLI)/go.mod)

# Programs are started by path and all called __main__: mypy takes such files one by one.
MAINS := $(wildcard __main__.py components/__main__.py policies/__main__.py examples/*/__main__.py)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## list the chores
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: preview
preview: $(VENV)/.runtime ## show the dev stack (or STACK=prod): lanes, verdicts, cost; needs no AWS, no Pulumi CLI
	@$(BIN)/lane preview --stack $(STACK)

.PHONY: test
test: lint types check ## lint, types and every test

.PHONY: lint
lint: $(VENV)/.dev ## ruff: style, mistakes, formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(VENV)/.dev ## mypy, strict (half a minute the first time, then seconds)
	$(BIN)/mypy .
	for main in $(MAINS); do $(BIN)/mypy $$main || exit 1; done

.PHONY: check
check: $(VENV)/.dev ## the tests alone, a worker a core; PYTEST="-k endpoints" narrows them
	$(BIN)/pytest $(WORKERS) $(PYTEST)

.PHONY: coverage
coverage: $(VENV)/.dev ## the tests, with branch coverage
	$(BIN)/pytest $(WORKERS) --cov --cov-report=term $(PYTEST)

.PHONY: mutation
mutation: $(VENV)/.dev ## change the prover in 7,000 small ways: do its tests notice? MUTATION="--sample 500" tries some
	@test -d .cache/mutation/lib/mutmut || $(PIP) install --quiet --target .cache/mutation/lib mutmut==3.8.1
	$(BIN)/python -m tests.paths.mutation $(MUTATION)

.PHONY: format
format: $(VENV)/.dev ## let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: engine
engine: $(ENGINE) ## build the Pulumi CLI for the engine tests (Go; minutes the first time)

$(ENGINE): $(CLI)/go.mod $(CLI)/go.sum
	@command -v go >/dev/null || { echo "make engine builds the Pulumi CLI and needs Go on PATH" >&2; exit 1; }
	@mkdir -p $(@D)
	cd $(CLI) && go build -trimpath \
	  -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$(VERSION)" \
	  -o $(CURDIR)/$@ github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
	@touch $@

.PHONY: lock
lock: $(VENV)/.dev ## resolve the dependencies anew for Python 3.10 to 3.13; UPGRADE=1 takes newer versions
	$(LOCK) -o requirements.txt
	$(LOCK) -c requirements.txt --group dev -o requirements-dev.txt

LOCK = UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet \
  --universal --python-version 3.10 --generate-hashes \
  $(if $(UPGRADE),--upgrade) pyproject.toml components/pyproject.toml policies/requirements.txt

.PHONY: schema
schema: $(VENV)/.dev ## write the components' Pulumi schema anew, after a change that was meant
	$(BIN)/python tests/components/write_schema.py

.PHONY: docs
docs: $(VENV)/.dev ## write what is generated in docs: a page a rule, the IAM policies of lane
	$(BIN)/python -m privatelane_rules.docs docs/rules
	$(BIN)/python -m lane.sources.policy docs

.PHONY: bench
bench: $(VENV)/.dev ## run the benchmarks: the preview against its imports, the pack against an empty one
	$(BIN)/python bench/preview.py
	$(BIN)/python -m bench.pack.run --size 1000 --size 5000 --size 20000
	$(BIN)/python -m bench.traffic.run
	$(BIN)/python -m bench.verify.run --vpcs 20 --vpcs 60 --vpcs 200

.PHONY: agreement
agreement: $(VENV)/.dev ## compare 100,000 lanes with walked packets, which takes minutes; LANES=n for another number
	$(BIN)/python -m tests.paths.long_run --lanes $(or $(LANES),100000)

.PHONY: engine-report
engine-report: $(VENV)/.dev $(ENGINE) ## run the engine tests and print their tables: faults, day two, makespan
	$(BIN)/pytest -q $(WORKERS) tests/engine
	$(BIN)/python -m tests.engine.report

.PHONY: runtime
runtime: $(VENV)/.runtime ## only install what `make preview` and `pulumi up` need

.PHONY: venv
venv: $(VENV)/.dev ## only install what `make test` needs

.PHONY: clean
clean: ## remove what the tools left behind, not .venv nor the Pulumi CLI
	find .cache -mindepth 1 -maxdepth 1 ! -name engine -exec rm -rf {} + 2>/dev/null || true
	rm -rf .hypothesis build components/build *.egg-info components/*.egg-info
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

LOCAL := pyproject.toml components/pyproject.toml
# --no-compile: pulumi-aws alone is 3,000 modules, of which a program imports a few dozen.
# --no-build-isolation: the local packages are built by the setuptools of the lock.
INSTALL       := $(PIP) install --quiet --no-compile --require-hashes
INSTALL_LOCAL := $(PIP) install --quiet --no-compile --no-deps --no-build-isolation -e ./components -e .

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	  || { echo "Python 3.10 or newer is needed, $(PYTHON) is older: say make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.txt $(LOCAL) | $(VENV)/.python
	@$(INSTALL) -r requirements.txt
	@$(INSTALL_LOCAL)
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(LOCAL) | $(VENV)/.python
	@$(INSTALL) -r requirements-dev.txt
	@$(INSTALL_LOCAL)
	@touch $@ $(VENV)/.runtime
