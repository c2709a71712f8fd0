# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every target is one call of tools/dev.py, which sets up .venv first when it has to.

PYTHON ?= python3
DEV = @$(PYTHON) tools/dev.py
N ?=
STAGES ?=
INVENTORY ?=
HOSTS ?=
LAB ?=
SITE ?=

.PHONY: help setup demo demo-awx test quick check bench test-windows matrix lock returns picture docs build clean

help:    ## this list
	@grep -E '^[a-z-]+: *##' Makefile | sed -E 's/^([a-z-]+): *## */  make \1\t/' | expand -t 22
setup:   ## virtual environment, packages, links (a second run does nothing)
	$(DEV) setup
demo:    ## convert a simulated estate to KMS, twice
	$(DEV) demo
demo-awx: ## objects into your AWX, and its weekly workflow; without settings it prints how: make demo-awx SITE=site.yml
	$(DEV) demo-awx $(if $(SITE),--site '$(SITE)')
test:    ## every stage; a choice: make test STAGES="unit lint"
	$(DEV) test $(STAGES)
quick:   ## lint, types, unit and contract tests, one scenario per job: two minutes
	$(DEV) quick
check:   ## the stages without a lab: lint, types, docs, sanity
	$(DEV) check
bench:   ## what a task costs; other sizes: make bench N=100; a choice: make bench CASES="info logons"
	$(DEV) bench $(if $(N),--machines $(N)) $(if $(CASES),--cases $(CASES))
test-windows: ## which assumptions hold on your machines: make test-windows INVENTORY=hosts.yml
	$(DEV) test-windows $(if $(INVENTORY),--inventory $(INVENTORY)) $(if $(HOSTS),--hosts '$(HOSTS)') $(if $(LAB),--lab) $(if $(ALLOW_CHANGES),--allow-changes) $(if $(COMPUTERS),--computers '$(COMPUTERS)')
matrix:  ## smoke tests on ansible-core 2.16, 2.19 and newest
	$(DEV) matrix
lock:    ## renew the locked versions and hashes of all packages, requirements/*.txt
	$(DEV) lock
returns: ## shared parts of the modules' documentation, from tools/doc_parts
	$(DEV) returns
picture: ## the pictures of the README, from the last make demo
	$(DEV) picture
docs:    ## HTML site with the guides and the reference in build/docs/html
	$(DEV) docs
build:   ## the collection's tarball in build/dist
	$(DEV) build
clean:   ## remove everything these commands made
	$(DEV) clean
