# Tasks, a line each. CI runs ./verify and nothing else.
MVN ?= mvn

.PHONY: help build verify format bench fuzz quickstart clean
help:        ## list the tasks
	@grep -E '^[a-z]+: ' Makefile | sed 's/:.*## /\t/'
build:       ## build the installation in runtime/target/image
	$(MVN) -B -q -DskipTests package
verify:      ## run every check
	./verify
format:      ## format the sources
	$(MVN) -B -q spotless:apply
bench:       ## measure the installation in runtime/target/image (needs hyperfine and python3)
	bench/run
fuzz:        ## fuzz the editor of container configurations for ten minutes (needs clang and jansson)
	launcher/src/test/c/fuzz 600
quickstart:  ## build, install for this user and show it
	./quickstart
clean:       ## remove what was built
	$(MVN) -B -q clean
