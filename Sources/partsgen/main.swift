import Codegen
import Support

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

do {
  let arguments = try Arguments(CommandLine.arguments.dropFirst())
  switch arguments.request {
  case .text(let text):
    print(text)
  case .write(let job):
    try job.write()
  case .check(let job):
    try job.check()
  }
} catch let error as UsageError {
  printError("partsgen: error: \(error.message)\n\(Arguments.usage)")
  exit(64)
} catch let error as FileError {
  printError(error.line)
  exit(1)
} catch {
  printError("\(error)")
  exit(1)
}
