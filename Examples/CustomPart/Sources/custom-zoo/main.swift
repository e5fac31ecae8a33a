import Conformance
import CustomParts
import ZooCommands

Zoo.main(
  Kit {
    try $0.parts.add(CustomPartsRegistry.entries)
    try $0.oracles.add([.cosine])
  })
