# CI runs the same targets. K selects cells: make test K='nystrom and causality'
ZOO = swift run --quiet zoo
SELECT = $(if $(K),-k "$$K")
DOCUMENTED = JSON Torch Parts Properties Reporting Conformance
export K

.PHONY: setup build test check faults format lint docs golden generated clean

setup: ; @scripts/setup
build: setup ; swift build
test: setup ; swift build --build-tests && $(ZOO) test $(SELECT)
check: setup ; $(ZOO) check $(SELECT)
faults: setup ; $(ZOO) faults run $(SELECT)
format: ; git ls-files -z '*.swift' | xargs -0 swift format format --in-place
lint: ; scripts/lint
docs: setup ; for target in $(DOCUMENTED); do swift package generate-documentation --target $$target --warnings-as-errors || exit 1; done
golden: setup ; $(ZOO) fixtures new $(SELECT)
generated: setup ; scripts/check-generated
clean: ; rm -rf .build .build-*
