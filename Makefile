# Each target does all of its own set-up; a fresh machine needs Python 3.11 or newer and make, nothing else.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

help: ## what can be done here
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 16

demo: $(VENV)/.ready ## try ct-bot: a practice Slack in the browser, a practice CT, no accounts
	@$(BIN)/ct-bot demo $(ARGS)

test: $(VENV)/.ready ## the whole test suite; COV=1: with coverage, half as long again
	@$(BIN)/python -m pytest -n $(if $(COV),2 --cov,3) --dist worksteal

check: $(VENV)/.ready ## format, lint, types, layers, lock files, manifest, known holes, secrets
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.house.locks
	$(BIN)/python -m tests.house.slack_manifest
	$(BIN)/python -m tests.house.tables --check
	@$(BIN)/python -m tests.house.audit

bench: $(VENV)/.ready ## figures: acks beside @slack/bolt and a bare floor, the ways to call CT, whole commands
	@$(BIN)/python -m tests.bench.acks
	@$(BIN)/python -m tests.bench.transport --requests 500 --rounds 3
	@$(BIN)/python -m tests.bench.whole

prove: $(VENV)/.ready ## attack the guarantees, hours long; ROWS=R1,R6 (or R), N=20, P=0, SEED=… choose
	@$(BIN)/python -m tests.prove $(if $(ROWS),--rows $(ROWS)) $(if $(N),--n $(N)) $(if $(P),--p $(P)) \
	  $(if $(SEED),--seed $(SEED)) $(if $(NAME),--name $(NAME))

trust: $(VENV)/.ready ## write docs/trust.md from full proof runs; RUNS="second first", newest first
	$(BIN)/python -m tests.house.trust $(RUNS)

format: $(VENV)/.ready ## put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

readme: $(VENV)/.ready ## write the tables of README.md, the usage hint and .env.example anew from the code
	$(BIN)/python -m tests.house.tables

pictures: $(VENV)/.ready ## draw the pictures of the README anew (needs chromium)
	$(BIN)/python -m tests.house.pictures

lock: ## remake the lock files (needs uv); `make lock UPGRADE=1` moves to newer versions
	.ci/make-locks $(if $(UPGRADE),--upgrade)

clean: ## remove everything that was made here, the demo's data too
	rm -rf $(VENV) .bench .demo .prove .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage*
	find bot tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A changed lock makes the environment anew, so that nothing dropped from it lingers.
$(VENV)/.locked: .ci/lock/dev.txt
	@python=$$(.ci/find-python) && echo "Setting up $(VENV) with $$python (once; about a minute)…" \
	  && "$$python" -m venv --clear $(VENV)
	@$(PIP) --require-hashes --only-binary :all: -r .ci/lock/dev.txt
	@touch $@

$(VENV)/.ready: $(VENV)/.locked pyproject.toml
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: help demo test check bench prove trust format readme pictures lock clean
