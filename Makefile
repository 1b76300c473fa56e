# The one door: `make help` lists the targets. ARGS="..." is passed on by run, serve, test, bench, soak and fuzz.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup build run serve test test-all simulate bench bench-compare soak fuzz mutants fmt tidy clean

# The tests that are compiled; those of the tools need to run once only.
programs := ^(?!tidy|test_runner)
SECONDS_EACH ?= 60
sources = $(shell find src tests bench -name '*.cc' -o -name '*.h' 2>/dev/null)

help: ## this list
	@echo "Harmonia, a durable workflow engine. Targets:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: ## install what is missing from Debian's packages
	@tools/setup.sh

build: setup ## build/harmonia, optimised
	@tools/build.sh release harmonia

run: build ## run the main example once, in the foreground
	@examples/main_job/run.sh $(ARGS)

serve: build ## serve REST and WebSocket
	@build/harmonia serve $(ARGS)

test: setup ## build everything and run all tests; ends with `N passed, M failed`
	@tools/build.sh release
	@tools/run_tests.py build $(ARGS)

test-all: ## the tests also with sanitizers and with clang, and all fuzzers (long)
	@tools/setup.sh --all
	@tools/build.sh release all benchmarks
	@tools/build.sh debug
	@tools/build.sh tsan
	@tools/build.sh clang all fuzzers
	@KILL_ROUNDS=200 tests/integration/kill_test.py
	@DISK_ROUNDS=50 tests/integration/disk_test.py
	@build/tests/simulation --from 1001 --total 1000000 --require-coverage
	@tools/run_tests.py build 'build-debug:$(programs)' 'build-clang:$(programs)' \
	    'build-tsan:^(engine|net|server|store)' $(ARGS)

simulate: setup ## worlds drawn from seeds, with every law checked; ARGS="--help"
	@tools/build.sh release simulation
	@build/tests/simulation $(ARGS)

bench: ## measure it beside the limits of the disk (long; ARGS="seq10 --rounds 3")
	@tools/setup.sh --bench
	@tools/build.sh release harmonia benchmarks
	@bench/run.py $(ARGS)

bench-compare: ## ratios to another revision: make bench-compare BASE=main ARGS="seq10 one"
	@tools/setup.sh --bench
	@tools/build.sh release harmonia benchmarks
	@bench/compare.py $(BASE) $(ARGS)

soak: ## a server under load for a long time, with kills (ARGS="--minutes 10 --rate 200 --kill-server-every 60")
	@tools/setup.sh --bench
	@tools/build.sh release harmonia
	@bench/soak.py $(ARGS)

fuzz: ## feed all readers of texts random ones: make fuzz SECONDS_EACH=600 ARGS="json http"
	@tools/setup.sh --all
	@tools/build.sh clang fuzzers
	@tools/fuzz.py --seconds $(SECONDS_EACH) $(ARGS)

mutants: ## plant faults one by one: the simulation must find each (long)
	@tools/setup.sh
	@tools/mutants.py $(ARGS)

fmt: ## lay out the C++ code with clang-format
	@tools/setup.sh --fmt
	@clang-format-14 -i $(sources)

tidy: ## check the rules no compiler checks
	@tools/tidy

clean: ## delete what was built
	@rm -rf build build-base build-debug build-mutants build-tsan build-clang
