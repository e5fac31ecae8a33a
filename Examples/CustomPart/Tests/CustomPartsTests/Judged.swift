import Conformance
import ConformanceTesting
import CustomParts

let kit = Kit {
  try $0.parts.add(CustomPartsRegistry.entries)
  try $0.oracles.add([.cosine])
}
