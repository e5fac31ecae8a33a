#!/usr/bin/env python3
"""Times partsgen on generated source files of about 200 lines each.

usage: Benchmarks/scanner.py [--files N] [--runs N] [--configuration release|debug]
"""
import argparse
import pathlib
import platform
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def source(number: int, is_part: bool) -> str:
    """A file with comments, strings, attributes and types in usual proportions."""
    lines = [f"import Torch", "", f"/// The options of part {number}.",
             f"public struct Part{number}Config: PartConfig {{", "  public var width = 16", "}", ""]
    if is_part:
        lines.append(f'// @register(attention, "part_{number}", Part{number}Config)')
    lines += [f"/// A part with the number {number}.",
              f"public final class Part{number}: Module, Attention {{"]
    method = 0
    while len(lines) < 198:
        lines += [f"  /// Computes the step {method} of the part, as its paper has it.",
                  "  ///", "  /// - Returns: a tensor of the shape `[N, S, D]`.",
                  "  @inlinable", f"  public func step{method}(_ x: Tensor) throws -> Tensor {{",
                  "    // Halves the width first, since the product needs both halves.",
                  '    guard x.rank == 3 else { throw PartError("expected [N, S, D], got \\(x.shape)") }',
                  "    let halves = x.chunk(2, dim: -1)",
                  "    return try (halves[0] * halves[1] + 1e-6) / Float(x.shape[2])", "  }", ""]
        method += 1
    return "\n".join(lines + ["}", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000, help="number of files (10000)")
    parser.add_argument("--parts", type=int, default=100,
                        help="number of files that register a part (100)")
    parser.add_argument("--runs", type=int, default=7, help="number of timed runs (7)")
    parser.add_argument("--configuration", choices=["release", "debug"], default="release")
    options = parser.parse_args()

    build = ["swift", "build", "--quiet", "--product", "partsgen", "-c", options.configuration]
    subprocess.run(build, cwd=ROOT, check=True)
    shown = subprocess.run(build[:2] + ["--show-bin-path", "-c", options.configuration], cwd=ROOT,
                           check=True, capture_output=True, text=True)
    tool = pathlib.Path(shown.stdout.strip()) / "partsgen"

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        step = max(1, options.files // max(1, options.parts))
        size = 0
        arguments = ["--module", "Sample"]
        for number in range(options.files):
            path = folder / f"Part{number}.swift"
            text = source(number, number % step == 0)
            size += len(text)
            path.write_text(text)
            arguments.append(str(path))
        listing = folder / "sources.txt"
        listing.write_text("\n".join(arguments))

        seconds = []
        for _ in range(options.runs):
            start = time.perf_counter()
            subprocess.run([tool, "registry", "--output", folder / "Registry.swift", f"@{listing}"],
                           check=True)
            seconds.append(time.perf_counter() - start)
        parts = (folder / "Registry.swift").read_text().count(" PartEntry.attention(")

    print(f"{options.files} files, {size / 1e6:.1f} MB, {parts} parts, {options.configuration}, "
          f"{platform.machine()}: best {min(seconds):.3f} s, "
          f"median {statistics.median(seconds):.3f} s of {options.runs} runs")


if __name__ == "__main__":
    main()
