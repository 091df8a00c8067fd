# Every target does its own set-up on Debian and Ubuntu; README.md tells the way on macOS and Windows.
.PHONY: help demo test check bench lock clean
PY := .venv/bin/python

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

demo:  ## a whole session with two simulated players, from first tap to signed note
	@scripts/setup run
	@$(PY) -m mtsession demo

test:  ## lint, types, contracts, unit tests, end-to-end tests with JACK and Chromium
	@scripts/setup dev
	@$(PY) scripts/check.py --tests

check:  ## lint, types and contracts only
	@scripts/setup dev
	@$(PY) scripts/check.py

bench:  ## latency, late blocks, memory and analysis, beside the named peers
	@scripts/setup bench
	@$(PY) -m tests.bench

lock:  ## lock the dependencies anew (needs uv)
	uv pip compile -q pyproject.toml --group build --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --no-header -o requirements/run.txt
	uv pip compile -q pyproject.toml --group build --group dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --no-header -o requirements/dev.txt
	uv pip compile -q pyproject.toml --group build --group dev --group peers --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --no-header -o requirements/bench.txt

clean:  ## remove what was made here
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov
