import Conformance
import ConformanceTesting

/// What the generated suites judge: the zoo, by its own laws.
let kit = Kit()
