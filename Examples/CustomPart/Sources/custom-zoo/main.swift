import Conformance
import CustomParts
import ZooCommands

await Zoo.main(
  Kit {
    try $0.parts.add(CustomPartsRegistry.entries)
    try $0.oracles.add([.cosine])
  })
