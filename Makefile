# demo: the main job, without any API key. test: the tests, in two processes, which must hash alike to agree on
# what there is to do. Both set up what is missing first.
.PHONY: demo test check setup setup-dev

BIN := .venv/bin

demo: setup
	$(BIN)/offswitch run shutdown_resistance --trials 3 --seed 1 --workers 2 --out runs/demo-$$(date +%Y%m%d-%H%M%S) --yes

test: setup-dev
	PYTHONHASHSEED=0 $(BIN)/pytest -n 2 --dist worksteal

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup:
	@scripts/setup eval

setup-dev:
	@scripts/setup eval,dev
