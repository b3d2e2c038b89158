# Every target sets up what it needs: `make fit` and `make test` work on a fresh clone.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
READY_DOCS := $(VENV)/.ready-docs
TORCH ?= torch==2.13.0
FOLDER ?= fits/dis
REPLICAS ?= 1-30
POSTFIT ?= 20
WHEEL ?= $(VENV)-wheel
BACKENDS ?= jax tensorflow torch
# processes that run tests side by side; those of one module stay together, since they share what they set up
WORKERS ?= 2
PYTEST := -m pytest --numprocesses $(WORKERS) --dist loadscope
# what every backend has to pass: its interface, and everything that trains with it
ON_BACKENDS := tests/contract tests/backends tests/layers tests/model tests/training \
	tests/faults/test_backend_faults.py tests/faults/test_training_faults.py
EXTRAS := theory,tensorboard,cluster,hyperopt,notebooks
# what shows whether versions of the dependencies work: everything that calls them, and a fit by the command
ON_DEPENDENCIES ?= tests/test_dependencies.py tests/test_imports.py tests/contract tests/backends tests/data tests/runcard \
	tests/storage tests/lhapdf tests/evolution tests/theory tests/cli tests/report

# kept byte code: every command is a process, and would compile the package again
export PYTHONDONTWRITEBYTECODE :=

comma := ,
.DEFAULT_GOAL := help
.PHONY: help fit test test-all faults test-oldest test-newest test-wheel coverage test-backends test-jax test-tensorflow test-torch lint format types bench bench-peer bench-gpu-bundle reference docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(READY_DEV): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev,$(EXTRAS)]"
	@touch $@

$(READY_DOCS): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[docs,notebooks]"
	@touch $@

fit: $(READY) ## fit deep-inelastic data, write the PDF set of 20 replicas and the report (FOLDER, REPLICAS, POSTFIT)
	$(BIN)/n3fit fit runcards/dis.yml --replicas $(REPLICAS) --output $(FOLDER) --postfit $(POSTFIT) --evolve --report

test: $(READY_DEV) ## run the tests, those of the backends on TensorFlow and PyTorch too where .venv has them
	$(BIN)/python $(PYTEST) -m "not slow"
	@for backend in tensorflow torch; do \
		if $(BIN)/python -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('$$backend') is None)"; then \
			echo "backend $$backend"; \
			KERAS_BACKEND=$$backend $(BIN)/python $(PYTEST) $(ON_BACKENDS) -m "not slow" || exit 1; \
		fi; \
	done

test-all: $(READY_DEV) ## run the tests and the long physics checks
	$(BIN)/python $(PYTEST) --hypothesis-profile=random

faults: $(READY_DEV) ## run the tests of broken inputs, kills, full disks and lost machines, and list the result of each
	$(BIN)/python tools/list_faults.py --numprocesses $(WORKERS) --dist loadscope

$(VENV)-%/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)-$*
	$(if $(filter torch,$*),$(VENV)-$*/bin/python -m pip install --quiet --disable-pip-version-check "$(TORCH)")
	$(VENV)-$*/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[dev,tensorboard,$*]"
	@touch $@

test-backends: $(BACKENDS:%=test-%) ## run what trains on JAX, TensorFlow and PyTorch (BACKENDS)

test-jax: $(READY_DEV)
	KERAS_BACKEND=jax $(BIN)/python $(PYTEST) $(ON_BACKENDS) -m "not slow"

test-tensorflow test-torch: test-%: $(VENV)-%/.ready
	KERAS_BACKEND=$* $(VENV)-$*/bin/python $(PYTEST) $(ON_BACKENDS) -m "not slow"

$(VENV)-oldest/.ready: pyproject.toml tools/oldest.py
	$(PYTHON) -m venv $(VENV)-oldest
	$(PYTHON) tools/oldest.py $(subst $(comma), ,$(EXTRAS)) > $(VENV)-oldest/constraints.txt
	$(VENV)-oldest/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint $(VENV)-oldest/constraints.txt --editable ".[dev,$(EXTRAS)]"
	@touch $@

$(VENV)-newest/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)-newest
	$(VENV)-newest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade --upgrade-strategy eager \
		--editable ".[dev,$(EXTRAS)]"
	@touch $@

# both read ON_DEPENDENCIES: the tests to run, all of them with ON_DEPENDENCIES=tests
test-oldest: $(VENV)-oldest/.ready ## run the tests of what calls other packages with the oldest versions allowed
test-newest: $(VENV)-newest/.ready ## the same with the newest versions allowed
test-oldest test-newest: test-%:
	KERAS_BACKEND=jax $(VENV)-$*/bin/python $(PYTEST) $(ON_DEPENDENCIES) -m "not slow"

test-wheel: $(READY_DEV) ## build sdist and wheel, and use the wheel from another folder (WHEEL: where)
	$(BIN)/python tools/check_wheel.py $(WHEEL)

coverage: $(READY_DEV) $(filter-out $(VENV)-jax/.ready,$(BACKENDS:%=$(VENV)-%/.ready)) ## measure which lines and branches of src the tests reach, over all BACKENDS
	rm -rf build/coverage && mkdir -p build/coverage
	COVERAGE_FILE=$(CURDIR)/build/coverage/data KERAS_BACKEND=jax $(BIN)/coverage run $(PYTEST) -m "not slow"
	@for backend in $(filter-out jax,$(BACKENDS)); do \
		COVERAGE_FILE=$(CURDIR)/build/coverage/data KERAS_BACKEND=$$backend $(VENV)-$$backend/bin/coverage run $(PYTEST) $(ON_BACKENDS) \
			-m "not slow" || exit 1; \
	done
	$(BIN)/coverage combine --keep --data-file=build/coverage/data build/coverage
	$(BIN)/coverage report --data-file=build/coverage/data
	$(BIN)/coverage html --data-file=build/coverage/data --directory=build/coverage/html

lint: $(READY_DEV) ## check style and formatting with ruff, and the words of docstrings and documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tools/check_language.py

format: $(READY_DEV) ## let ruff format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY_DEV) ## check the types with mypy
	$(BIN)/mypy

bench: $(READY) ## print tables of speed, start-up and memory (BENCH: tables and options)
	$(BIN)/python benchmarks/bench.py $(BENCH)

bench-peer: $(READY) ## compare with nnpdf in one run (PEER: its runner; CASES, BENCH: options)
	$(BIN)/python benchmarks/bench_peer.py $(CASES) $(if $(PEER),--peer $(PEER)) $(BENCH)
	$(BIN)/python benchmarks/render.py

bench-gpu-bundle: $(READY_DEV) ## write n3fit-gpu.tar.gz: the benchmark for a machine with a GPU and without network (BUNDLE: options)
	$(BIN)/python benchmarks/bundle.py $(BUNDLE)

reference: $(READY) ## write docs/commands.md, the tables of docs/runcard.md and the JSON schema of runcards
	$(BIN)/python -m n3fit.cli.documentation docs/commands.md
	$(BIN)/python -m n3fit.runcard.documentation docs/runcard.md
	$(BIN)/python -m n3fit.runcard.json_schema

docs: $(READY_DOCS) ## build the documentation into site/; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

clean: ## remove the environment and everything that was built
	rm -rf $(VENV) $(VENV)-* build dist site .mypy_cache .pytest_cache .ruff_cache
