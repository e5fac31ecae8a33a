#!/usr/bin/env python3
"""Times small operator calls from Python, and the same calls from Swift.

    Benchmarks/calls.py ZOO     where ZOO is a release build of the zoo command

Both sides take turns, three times each; the best of each counts. Needs the same version of torch
(Benchmarks/run installs it with pip).
"""
import json, statistics, subprocess, sys, time

import torch

CALLS, REPETITIONS, TURNS = 20_000, 15, 3


def measure(body):
    for _ in range(CALLS // 4):
        body()
    times = []
    for _ in range(REPETITIONS):
        begin = time.perf_counter_ns()
        for _ in range(CALLS):
            body()
        times.append((time.perf_counter_ns() - begin) / CALLS)
    return statistics.median(times)


def python_side():
    torch.set_num_threads(1)
    a, b = torch.randn(4, 4), torch.randn(4, 4)
    with torch.no_grad():
        return {
            "add 4x4": measure(lambda: torch.add(a, b)),
            "matmul 4x4": measure(lambda: torch.matmul(a, b)),
            "softmax 4x4": measure(lambda: torch.softmax(a, -1)),
            "reshape 4x4": measure(lambda: a.reshape(2, 8)),
            "sum 4x4": measure(lambda: a.sum(-1)),
        }


def swift_side(zoo):
    text = subprocess.run(
        [zoo, "bench", "calls", "--format", "json"], check=True, stdout=subprocess.PIPE).stdout
    return {row["call"]: row["nanoseconds"] for row in json.loads(text)}


def main():
    zoo = sys.argv[1]
    python, swift = {}, {}
    for _ in range(TURNS):
        for best, now in ((python, python_side()), (swift, swift_side(zoo))):
            for call, nanoseconds in now.items():
                best[call] = min(best.get(call, nanoseconds), nanoseconds)
    print(f"torch {torch.__version__}, nanoseconds per call, one thread")
    print(f"{'call':<14}{'Swift':>8}{'Python':>8}{'ratio':>8}")
    for call, nanoseconds in swift.items():
        print(f"{call:<14}{nanoseconds:8.0f}{python[call]:8.0f}{nanoseconds / python[call]:8.2f}")


main()
