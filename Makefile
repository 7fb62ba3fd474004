# What can be done here; `make help` lists it. Needs GNU make and Python 3.11 or newer.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: campaign publish pens rare strikes registration help install install-dev demo test search check format bench bench-names train train-marks lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PACKAGES := ballot scanner recognition review tally calibration store station benchmarks

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(VENV)/installed ## the program, at .venv/bin/valgskann

install-dev: $(VENV)/installed-dev ## the program and what its tests and checks need

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	.ci/apt install
	@$(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "Python cannot make a virtual environment: install python3-venv and run make again."; exit 1; }

$(VENV)/installed: requirements.lock requirements-model.lock recognition/names/tuned.npz recognition/names/struck.npz pyproject.toml apt-packages.txt | $(BIN)/python
	@.ci/apt install
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@rm -rf $(VENV)/model
	$(PIP) download --no-deps --only-binary :all: --require-hashes --dest $(VENV)/model -r requirements-model.lock
	$(BIN)/python -m station.name_model $(VENV)/model/*.whl
	@rm -rf $(VENV)/model
	@command -v tesseract >/dev/null || echo "Tesseract is missing: ballots without a text layer cannot be learnt."
	@touch $@
	@echo "Installed: $(BIN)/valgskann"

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	@.ci/apt install test
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

demo: install ## count sample_scans/ end to end into out/demo
	$(BIN)/python -m station.demo sample_scans out/demo

test: install-dev ## all tests
	@$(BIN)/pytest -q

search: install-dev ## looks for examples that break a property: others every time, and many more than make test draws
	@$(BIN)/pytest -q -m hypothesis --hypothesis-profile=search

check: install-dev ## lint, format, types, layers, tidiness
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy $(addprefix -p ,$(PACKAGES))
	$(BIN)/lint-imports
	$(BIN)/python .ci/check_tree.py

format: install-dev ## lays out the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

SHEETS ?= 300
PRESET ?= normal
bench: install ## measures speed and memory, then counts errors on simulated decks: make bench SHEETS=2000 PRESET=hard
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.accuracy --sheets $(SHEETS) --preset $(PRESET)

bench-names: install ## reads handwritten names of writers kept apart for proof, also struck out (needs real handwriting in ../shared/handwriting, which is not part of the repository)
	$(BIN)/python -m benchmarks.names
	$(BIN)/python -m benchmarks.name_strikes

TRAIN := out/train
TRAIN_FONTS := architects-daughter bad-script covered-by-your-grace dancing-script gloria-hallelujah indie-flower \
  marck-script sacramento schoolbell shadows-into-light swanky-and-moo-moo zen-kurenaido
train: install ## trains the upper part of the network for names and the head that sees strokes again (needs npm, an hour, and real handwriting in ../shared/handwriting, which is not part of the repository)
	$(PIP) install --no-build-isolation --editable .[train]
	@rm -rf $(TRAIN) && mkdir -p $(TRAIN)/fonts
	$(PIP) download --no-deps --only-binary :all: --require-hashes --dest $(TRAIN) -r requirements-model.lock
	@for font in $(TRAIN_FONTS); do \
	  npm pack --silent --pack-destination $(TRAIN) "@fontsource/$$font@5.3.0" >/dev/null; \
	  tar -xzOf $(TRAIN)/fontsource-$$font-5.3.0.tgz package/files/$$font-latin-400-normal.woff2 > $(TRAIN)/fonts/$$font.ttf; \
	done
	$(BIN)/python -m training.names $(TRAIN)/*.whl $(TRAIN)/fonts $(TRAIN)/tuned.npz
	$(BIN)/python -m training.names $(TRAIN)/*.whl $(TRAIN)/fonts $(TRAIN)/half-0.npz --writers 0
	$(BIN)/python -m training.names $(TRAIN)/*.whl $(TRAIN)/fonts $(TRAIN)/half-2.npz --writers 2
	$(BIN)/python -m training.struck $(TRAIN)/*.whl $(TRAIN)/fonts $(TRAIN)/struck.npz
	$(BIN)/python -m benchmarks.names --fit $(TRAIN)/half-0.npz $(TRAIN)/half-2.npz --share 0.4
	@echo "To use them: put $(TRAIN)/{tuned,struck}.npz at recognition/names/, the printed figures into recognition/names/figures.py,"
	@echo "and the hash that make install reports into station/name_model.py."

train-marks: install ## draws marks and trains the network that looks at them again (half an hour; no data from outside)
	$(PIP) install --no-build-isolation --editable .[train]
	$(BIN)/python -m training.mark_examples $(TRAIN)/marks --sheets 560 --seed 11
	$(BIN)/python -m training.mark_examples $(TRAIN)/marks-held-out --sheets 45 --seed 12
	$(BIN)/python -m training.marks $(TRAIN)/marks/*.npz --held-out $(TRAIN)/marks-held-out/*.npz --output $(TRAIN)/marks.onnx
	@echo "To use it: put $(TRAIN)/marks.onnx at recognition/marks.onnx and its SHA-256 into recognition/mark_network.py, and take the figures of make strikes and of a deck again."

CAMPAIGN ?= out/campaign
WORKERS ?= 2
PUBLISHED := docs/campaign
campaign: install ## reads simulated ballots until 1,549,703 positions were read; kill it and run it again at will
	$(BIN)/python -m benchmarks.campaign --folder $(CAMPAIGN) --workers $(WORKERS) --published $(PUBLISHED)

publish: install ## keeps the campaign's log and summary in docs/campaign
	$(BIN)/python -m benchmarks.campaign --folder $(CAMPAIGN) --report --published $(PUBLISHED) --publish

pens: install ## tells with which pens the plain sheets were marked that the campaign sent to a person
	$(BIN)/python -m benchmarks.campaign_pens --folder $(CAMPAIGN)

RARE ?= out/rare
rare: install ## reads decks of rare things together: every kind of pen, habit and scanner (an hour)
	$(BIN)/python -m benchmarks.rare --folder $(RARE) --workers $(WORKERS)

strikes: install ## draws marks that are struck through or scribbled over, and counts those read as votes
	$(BIN)/python -m benchmarks.strikes

REGISTRATION ?= out/registration
registration: install ## measures how far fields lie from where the reader takes them to be, on five print houses (a quarter of an hour)
	$(BIN)/python -m benchmarks.registration --folder $(REGISTRATION)

LOCK := --quiet --generate-hashes --no-emit-options --no-header --allow-unsafe --strip-extras --annotation-style line \
  --all-build-deps
lock: install-dev ## pins the newest fitting packages anew, with their hashes
	$(PIP) install pip-tools
	$(BIN)/pip-compile $(LOCK) --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile $(LOCK) --extra dev --output-file requirements-dev.lock pyproject.toml

clean: ## removes what make and the program made here
	rm -rf $(VENV) out build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
