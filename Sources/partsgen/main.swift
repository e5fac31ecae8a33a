import Codegen

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
  exitProcess(64)
} catch {
  printError("\(error)")
  exitProcess(1)
}
