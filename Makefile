PYTHON ?= python3
KB = .venv/bin/kb
PORT ?= 7860
export GRADIO_ANALYTICS_ENABLED = False
export HF_HUB_OFFLINE = 1

.PHONY: run install install-ocr install-test test check eval lock

run: install                ## bring the sample corpus in and start the desk
	$(KB) ingest corpus/documents
	$(KB) serve --port $(PORT)

install:                    ## prepare .venv (does nothing when it is up to date)
	@$(PYTHON) bootstrap.py

install-ocr:                ## the same, and what reads scans (text recognition, offline)
	@$(PYTHON) bootstrap.py ocr

install-test:
	@$(PYTHON) bootstrap.py test
	@sh tests/install-tools.sh

test: install-test          ## run every test
	.venv/bin/pytest

check: install-test         ## format, lint, types, import directions
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/pytest -q tests/test_architecture.py

eval: install               ## measure the sample corpus with its question set
	$(KB) --home .kb ingest corpus/documents
	$(KB) eval sample

lock: install               ## renew the lock files from pyproject.toml
	.tools/bin/uv pip compile pyproject.toml -o requirements/run.txt $(LOCK)
	.tools/bin/uv pip compile pyproject.toml --extra ocr -c requirements/run.txt -o requirements/ocr.txt $(LOCK)
	.tools/bin/uv pip compile pyproject.toml --extra test -c requirements/ocr.txt -o requirements/test.txt $(LOCK)
	echo uv | .tools/bin/uv pip compile - -o requirements/tools.txt $(LOCK)

# torch's build for the CPU, from where bootstrap.py takes it: the public index's own asks for gigabytes of CUDA
LINKS = $(shell $(PYTHON) -m pip config get global.find-links 2>/dev/null)
LOCK = $(if $(LINKS),--find-links $(LINKS),--torch-backend cpu) \
       --quiet --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
       --no-emit-package torch --python-version 3.11 --python-platform x86_64-unknown-linux-gnu
