# make demo   mix the bundled demo session
# make test   style, types and the whole test suite
# make train-tools   install what `mixassist train` needs beside mixassist itself
# All work from a bare clone: they make .venv and install into it what is missing.

# The first of these that runs and is new enough.
PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: demo test lint browser bench train-tools clean

demo: $(VENV)/ready
	$(BIN)/mixassist demo

test: $(VENV)/ready-dev lint browser
	$(BIN)/python -m pytest

lint: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy

# The report is looked at in a browser; where there is none and none can be installed, that test is skipped.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
	    as_root=$$([ "$$(id -u)" = 0 ] || { sudo -n true 2>/dev/null && echo "sudo -n"; } || echo none); \
	    if [ "$$as_root" != none ] && command -v apt-get >/dev/null; then \
	        echo "Installing Chromium, in which the report is tested"; \
	        { $$as_root apt-get update -qq && $$as_root apt-get install -y -qq --no-install-recommends chromium; } \
	            >/dev/null 2>&1 || true; \
	    fi; }

bench: $(VENV)/ready-bench
	for benchmark in benchmarks/speed_*.py benchmarks/quality_*.py; do $(BIN)/python $$benchmark || exit 1; done

train-tools: $(VENV)/ready-train
	@command -v fluidsynth >/dev/null && test -e /usr/share/sounds/sf2/FluidR3_GM.sf2 || { \
	    as_root=$$([ "$$(id -u)" = 0 ] || command -v sudo || echo none); \
	    if [ "$$as_root" != none ] && command -v apt-get >/dev/null; then \
	        $$as_root apt-get update -qq && $$as_root apt-get install -y -qq fluidsynth fluid-soundfont-gm; \
	    else \
	        echo "FluidSynth is missing. As root, run: apt install fluidsynth fluid-soundfont-gm"; exit 1; \
	    fi; }

clean:
	rm -rf $(VENV) demo-mix build *.egg-info

$(VENV)/ready: pyproject.toml | $(BIN)/python
	@echo "Installing mixassist and what it needs into $(VENV) (once; PyTorch is large)"
	$(PIP) --editable .
	@touch $@

$(VENV)/ready-dev: pyproject.toml $(VENV)/ready
	$(PIP) --editable '.[dev]'
	@touch $@

$(VENV)/ready-train: pyproject.toml $(VENV)/ready
	$(PIP) --editable '.[train]'
	@touch $@

$(VENV)/ready-bench: pyproject.toml $(VENV)/ready-dev
	$(PIP) --no-deps dasp-pytorch pedalboard
	@touch $@

# The virtual environment. Debian keeps the venv module in a package of its own, installed here where that is allowed.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed. On Debian: apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	    as_root=$$([ "$$(id -u)" = 0 ] || command -v sudo || echo none); \
	    if [ "$$as_root" != none ] && command -v apt-get >/dev/null; then \
	        $$as_root apt-get update -qq && $$as_root apt-get install -y -qq python3-venv; \
	    else \
	        echo "The Python module venv is missing. As root, run: apt install python3-venv"; exit 1; \
	    fi; }
	$(PYTHON) -m venv $(VENV)
