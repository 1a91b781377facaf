# Two commands: `make run`, `make test`. All they need is Python 3.11+, make and a package index.
PYTHON ?= $(or $(shell command -v python3),$(shell command -v python),python3)
ARGS ?=

.PHONY: run test lint bench screenshots lock clean

run:     ## everything at http://127.0.0.1:3006; Ctrl-C stops it
	@exec $(PYTHON) scripts/bootstrap.py run $(ARGS)

test:    ## the whole suite, side by side; ARGS="-n 0 -k streams" for a part, in one process
	@exec $(PYTHON) scripts/bootstrap.py test $(ARGS)

lint:    ## style, types, templates, imports, migrations, deployment checks
	@exec $(PYTHON) scripts/bootstrap.py lint

bench:   ## measures the budgets
	@exec $(PYTHON) scripts/bootstrap.py bench $(ARGS)

screenshots: ## docs/screenshots/ anew, of every page
	@exec $(PYTHON) scripts/bootstrap.py test -n 0 -q tests/browser/screenshots.py

lock:    ## resolves the dependencies anew, with hashes
	@exec $(PYTHON) scripts/bootstrap.py lock

clean:   ## removes what can be made again; the data folder stays
	@exec $(PYTHON) scripts/bootstrap.py clean
