# Everything is set up in .venv by pip. Works with GNU make 3.81 and later, and any POSIX sh.
# Another interpreter: make PYTHON=python3.12 test
# Options of benchmarks: make bench BENCH="--only W2 --rounds 15"; of files: make fuzz-files SEED=7
# Another seed, more programs: make agreement AGREEMENT="--seed 2 --programs 50000"

PYTHON =
BENCH =
FILES = 100000
RULES = 1000
SHAPES =
SEED = 0
AGREEMENT =
PY = .venv/bin/python

# What the caller's shell imports from must not leak into .venv.
unexport PYTHONPATH
unexport PYTHONHOME
export PYTHON

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test test-kernels test-mkl mutants mutate-shapes fuzz rules fuzz-ownership planted-bugs long compat fuzz-files agreement planted-disagreements lint bench bench-scale bench-checker format docs clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-21s %s\n", $$1, $$2 }' Makefile

demo: .venv/.demo ## mypy accepts the example and refuses its broken twins; then it trains
	@$(PY) examples/demo.py

# pytest comes last, and -v makes up for the -q in pyproject.toml: the run ends with its summary.
# One thread for each worker: more of them only wait for each other.
test: lint ## run every check and test
	OMP_NUM_THREADS=1 $(PY) -m pytest -n auto --dist loadgroup -v

# `test` has kernels compute the large arrays only, and all in tests/test_kernels.py.
KERNEL_TESTS = tests/test_kernels.py tests/test_ops.py tests/test_optim*.py tests/test_losses*.py \
  tests/test_nn_*.py tests/test_compile*.py
test-kernels: .venv/.test ## let compiled kernels compute arrays of any size in the tests of ops, layers and steps
	OMP_NUM_THREADS=1 $(PY) -m pytest -n auto --dist loadgroup -p tests.with_kernels $(KERNEL_TESTS)

# Not a part of `test`, for the size of MKL's wheels. A process has one of its two ways with threads, and
# `-p tensorlib` chooses it before a test imports PyTorch.
MKL_TESTS = tests/test_blas.py tests/test_ops.py tests/test_nn_attention.py \
  tests/test_nn_convolution.py tests/test_nn_recurrent.py
test-mkl: .venv/.mkl ## multiply matrices by MKL in the tests of ops and layers (installs 1 GB)
	TENSORLIB_BLAS=mkl-dynamic-seq $(PY) -m pytest -n auto --dist loadgroup -p tensorlib $(MKL_TESTS)
	TENSORLIB_BLAS=mkl-dynamic-iomp OMP_NUM_THREADS=2 $(PY) -m pytest -p tensorlib $(MKL_TESTS)

mutants: .venv/.test ## judge all single changes of the models, some minutes
	OMP_NUM_THREADS=1 $(PY) -m tests.mutants

# All 3,000 mutants take half an hour of a free core; every 20th: make mutate-shapes SHAPES="--every 20"
mutate-shapes: .venv/.test ## change tensorlib/shapes in one place at a time, and see which changes its tests find
	OMP_NUM_THREADS=1 $(PY) -m tests.shape_mutants $(SHAPES)

fuzz: .venv/.test ## try the checker on many thousands of random snippets
	FUZZ=1 OMP_NUM_THREADS=1 $(PY) -m pytest -n auto -v tests/test_fuzz.py

# Each rule is drawn from as often as RULES says, in each of its tests.
rules: .venv/.test ## compare all rules with ops, NumPy, PyTorch and symbols in 600,000 random calls, and gradients
	RULES=$(RULES) OMP_NUM_THREADS=1 $(PY) -m pytest -n auto -v tests/test_rules.py tests/test_gradients.py

fuzz-files: .venv/.test ## read 100,000 damaged files of all formats, half an hour on one core
	OMP_NUM_THREADS=1 $(PY) -m tests.damage --files $(FILES) --seed $(SEED)

fuzz-ownership: .venv/.test ## compare use after move with all paths of 7,000 random programs
	FUZZ=1 OMP_NUM_THREADS=1 $(PY) -m pytest -n auto -v tests/test_ownership.py -k drawn

agreement: .venv/.test ## compare mypy, runs and PyTorch on 20,000 random programs
	OMP_NUM_THREADS=1 $(PY) -m tests.agreement $(AGREEMENT)

planted-disagreements: .venv/.test ## plant bugs in rules, plugin and tape, and see which of them `agreement` finds
	OMP_NUM_THREADS=1 $(PY) -m tests.planted_disagreements

planted-bugs: .venv/.test ## plant bugs in the ownership check, one at a time, and see which random programs find
	OMP_NUM_THREADS=1 $(PY) -m tests.planted_bugs

long: .venv/.test ## check large packages with the plugin and without, which mypy must not notice
	OMP_NUM_THREADS=1 $(PY) -m tests.foreign

compat: .venv/.test ## try the wheel with all interpreters, and the oldest and newest NumPy and mypy
	$(PY) -m tests.compat

lint: .venv/.test ## check style and types
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy

bench: .venv/.bench ## compare the speed of programs with PyTorch's (some minutes; docs/benchmarks.md)
	$(PY) -m benchmarks.running $(BENCH)

bench-scale: .venv/.test ## measure how time and memory grow, and what an op costs (some minutes)
	OMP_NUM_THREADS=1 $(PY) -m benchmarks.scale $(BENCH)

bench-checker: .venv/.test ## measure what the plugin costs mypy (about 10 minutes)
	$(PY) -m benchmarks.checking

format: .venv/.test ## mend style in place
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

docs: .venv/.docs ## build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --config-file docs/mkdocs/mkdocs.yml

clean: ## remove .venv and everything generated
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist site examples/output \
	  benchmarks/results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: redone when pyproject.toml changes, or when the interpreter behind .venv has gone.
$(shell test -x $(PY) || rm -f .venv/.demo .venv/.test .venv/.mkl .venv/.bench .venv/.docs)

.venv/.demo: $(PY) pyproject.toml
	@echo 'Installing tensorlib, mypy and what the examples need into .venv (once) ...'
	@$(PY) -m pip install --quiet --editable '.[mypy,examples]'
	@touch .venv/.demo

# Not quiet: PyTorch is large, and pip shows how far it is. `test` includes all that `demo` needs.
.venv/.test: $(PY) pyproject.toml
	@echo 'Installing tensorlib and what its tests need, PyTorch included, into .venv (once) ...'
	@$(PY) -m pip install --editable '.[test]'
	@touch .venv/.demo .venv/.test

.venv/.mkl: $(PY) pyproject.toml
	@echo 'Installing tensorlib, what its tests need, and MKL, 1 GB, into .venv (once) ...'
	@$(PY) -m pip install --editable '.[mkl,test]'
	@touch .venv/.demo .venv/.test .venv/.mkl

.venv/.bench: $(PY) pyproject.toml
	@echo 'Installing tensorlib and what it is compared with into .venv (once) ...'
	@$(PY) -m pip install --editable '.[bench]'
	@touch .venv/.demo .venv/.test .venv/.bench

.venv/.docs: $(PY) pyproject.toml
	@echo 'Installing tensorlib and the documentation tools into .venv (once) ...'
	@$(PY) -m pip install --quiet --editable '.[docs]'
	@touch .venv/.docs

# Candidates are tried by running them: a version manager may offer commands that only fail.
# Debian ships Python without ensurepip, and venv would then leave half an environment behind.
$(PY):
	@set -- python3 python3.11 python3.12 python3.13 python3.14; \
	test -z "$$PYTHON" || set -- "$$PYTHON"; \
	found=; no_venv=; \
	for python in "$$@"; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then found=$$python; break; fi; \
	  test -n "$$no_venv" || no_venv=$$python; \
	done; \
	if test -z "$$found"; then \
	  if test -n "$$no_venv"; then \
	    echo "$$no_venv has no venv module: sudo apt install $$(basename "$$no_venv")-venv" >&2; \
	  else \
	    echo "No Python 3.11 or later among: $$* (install one, or say make PYTHON=...)" >&2; \
	  fi; \
	  exit 1; \
	fi; \
	echo "Creating .venv with $$("$$found" --version)"; \
	"$$found" -m venv --clear .venv || { rm -rf .venv; exit 1; }
