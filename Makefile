# make demo   mix the bundled demo session
# make test   style, types and the whole test suite
# make gui    open the window
# make screenshots   make the pictures of the window that the README shows
# make translation LANGUAGE=de   write or renew the source of a translation of the window
# make train-tools   install what `mixassist train` needs beside mixassist itself
# All work from a bare clone: they make .venv and install into it what is missing.

# The first of these that runs and is new enough.
PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# How to become root without a question: empty for root itself, "none" where there is no way.
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || { sudo -n true 2>/dev/null && echo "sudo -n"; } || echo none)
APT := $(shell [ "$(AS_ROOT)" != none ] && command -v apt-get)

# $(call debian,PACKAGES): install them, or say what to do and fail.
debian = test -n "$(APT)" && $(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -y -qq $(1) || \
    { echo "Missing: $(1). As root, run: apt install $(1)"; exit 1; }

# $(call try_debian,COMMANDS,PACKAGE): where none of the commands is there, install the package if that is allowed.
try_debian = $(if $(foreach command,$(1),$(shell command -v $(command))),,$(if $(APT),@echo "Installing $(2) for the tests"; \
    { $(AS_ROOT) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(AS_ROOT) apt-get install -y -qq \
    --no-install-recommends $(2); } >/dev/null 2>&1 || true))

# What Qt's own packages leave to the system: to draw, for windows under X11, for sound; and a screen for who has none.
QT_LIBRARIES := libegl1 libgl1 libfontconfig1 libdbus-1-3 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 \
    libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libpulse0
# $(call library,NAME): where the system has the library, else nothing.
library = $(shell PATH="$$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -m 1 -o -F $(1))

.PHONY: demo gui test lint test-tools qt-libraries screenshots translation bench train-tools clean

demo: $(VENV)/ready
	$(BIN)/mixassist demo

gui: $(VENV)/ready qt-libraries
	$(BIN)/mixassist gui

test: $(VENV)/ready-dev lint test-tools
	$(BIN)/python -m pytest

lint: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy

# What the tests drive beside mixassist itself: a browser for the report, Ardour for the DAW link, a compiler for the
# plug-ins, a screen for the window. Where one is missing and cannot be installed, the tests that need it are skipped.
test-tools: qt-libraries
	$(call try_debian,chromium chromium-browser google-chrome,chromium)
	$(call try_debian,ardour7-lua ardour8-lua ardour9-lua,ardour)
	$(call try_debian,g++,g++)
	$(call try_debian,Xvfb,xvfb)

qt-libraries:
	$(if $(and $(call library,libEGL.so.1),$(call library,libxcb-cursor.so.0),$(call library,libpulse.so.0)),,$(if \
	    $(APT),@echo "Installing what Qt needs"; { $(AS_ROOT) apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    $(AS_ROOT) apt-get install -y -qq --no-install-recommends $(QT_LIBRARIES); } >/dev/null 2>&1 || true))

screenshots: $(VENV)/ready-dev test-tools
	$(BIN)/python benchmarks/screenshots.py docs

translation: $(VENV)/ready
	$(BIN)/python -m gui.translation_source $(LANGUAGE)

bench: $(VENV)/ready-bench
	for benchmark in benchmarks/speed_*.py benchmarks/quality_*.py; do $(BIN)/python $$benchmark || exit 1; done

train-tools: $(VENV)/ready-train
	@test -e /usr/share/sounds/sf2/FluidR3_GM.sf2 && command -v fluidsynth >/dev/null || \
	    { $(call debian,fluidsynth fluid-soundfont-gm); }

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
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(call debian,python3-venv); }
	$(PYTHON) -m venv $(VENV)
