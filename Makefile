# Every need has one command; the work is done by scripts/ and CMake.
.PHONY: help demo dev test bench fuzz mutants soak docs format coverage install clean

help:
	@sed -n 's/^## //p' Makefile

## make demo      install what is missing, build, and watch a two-way sync with its conflicts and faults
demo:
	@scripts/demo.sh

## make dev       build what you work on into build/dev
dev:
	@scripts/setup.sh build
	@scripts/build.sh dev

## make test      install what is missing, build with gcc and with clang's sanitizers, run every test
##                (make test ONLY=engine.decide runs the tests of that name, in build/dev alone)
test:
	@scripts/test.sh $(ONLY)

## make bench     measure against sqlite3 .import, in one interleaved run
bench:
	@scripts/bench.sh

## make fuzz      every fuzz target for a minute (make fuzz SECONDS_EACH=600 ONLY=url)
fuzz:
	@SECONDS_EACH="$(SECONDS_EACH)" ONLY="$(ONLY)" scripts/fuzz.sh

## make mutants   plant mistakes in a copy of the engine, one at a time: the simulator must find each
##                (make mutants ONLY=guard takes those whose names have that in them)
mutants:
	@scripts/mutants.sh $(ONLY)

## make soak      the long tests: 100,000 plans of the simulator (SEEDS), 2,000 kills, every allocation failed in turn,
##                every fuzz target for ten minutes
soak:
	@scripts/soak.sh

## make docs      make the reference pages again from the lists in the code
docs:
	@scripts/setup.sh build
	@scripts/docs.sh

## make format    lay out the C code as .clang-format says
format:
	@scripts/setup.sh test
	@scripts/format.sh

## make coverage  which branches the tests take, engine/decide first
coverage:
	@scripts/coverage.sh

## make install   build for use and install; PREFIX=/usr/local and DESTDIR are honoured
install:
	@scripts/setup.sh build
	@scripts/build.sh release
	@DESTDIR="$(DESTDIR)" cmake --install build/release --prefix "$(or $(PREFIX),/usr/local)"

## make clean     remove build/
clean:
	rm -rf build
