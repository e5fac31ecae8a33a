#!/usr/bin/env python3
"""Times trials of Hypothesis, and trials of the property engine.

    Benchmarks/engine.py ZOO ZOO_IN_DEBUG     builds of the zoo command

The law is causality of softmax attention: adding 50 to all tokens from a position on leaves earlier
outputs unchanged, bit for bit. Both sides draw three tensors and the position. Hypothesis draws a
tensor in two ways: the cheapest, as the seed of a generator, and number by number, with its strategy
for arrays. Both sides take turns, one thread each; the best of each counts. Needs torch and
hypothesis (Benchmarks/run installs them with pip).
"""
import json, math, subprocess, sys, time

import hypothesis, numpy, torch
from hypothesis import HealthCheck, Phase, given, settings, strategies
from hypothesis.extra import numpy as arrays

TURNS, SHAPE = 3, (2, 11, 4)


def rate(trials, *draws):
    """Turns a property into the number of its trials per second."""
    def decorate(body):
        check = settings(
            max_examples=trials, database=None, deadline=None, derandomize=False,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck))(given(*draws)(body))
        ran = 0

        def counted(*values, **named):
            nonlocal ran
            ran += 1
            body(*values, **named)

        check.hypothesis.inner_test = counted
        begin = time.perf_counter()
        check()
        elapsed = time.perf_counter() - begin
        if ran < trials // 2:
            raise SystemExit(f"error: only {ran} of {trials} trials ran")
        return ran / elapsed
    return decorate


def attention(q, k, v):
    logits = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    allowed = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool).tril()
    return torch.softmax(logits.masked_fill(~allowed, -math.inf), -1) @ v


def shifted(x, position):
    return torch.cat([x[..., :position, :], x[..., position:, :] + 50], -2)


def holds(tensors, position):
    with torch.no_grad():
        before = attention(*tensors)[..., :position, :]
        after = attention(*(shifted(x, position) for x in tensors))[..., :position, :]
    assert torch.equal(before, after)


def python_side():
    seeds = strategies.integers(0, 2**32 - 1)
    numbers = strategies.floats(-6, 6, width=32)
    tensors = arrays.arrays(numpy.float32, SHAPE, elements=numbers)
    positions = strategies.integers(1, SHAPE[1] - 1)

    @rate(2000, strategies.integers())
    def empty(number):
        pass

    @rate(1000, seeds, seeds, seeds, positions)
    def by_seed(q, k, v, position):
        generators = [torch.Generator().manual_seed(seed) for seed in (q, k, v)]
        holds([torch.randn(SHAPE, generator=g) for g in generators], position)

    @rate(200, tensors, tensors, tensors, positions)
    def by_number(q, k, v, position):
        holds([torch.from_numpy(x) for x in (q, k, v)], position)

    return {"empty": empty, "seed": by_seed, "number": by_number}


def swift_side(zoo, trials):
    text = subprocess.run(
        [zoo, "bench", "engine", "--trials", str(trials), "--format", "json"],
        check=True, stdout=subprocess.PIPE).stdout
    found = json.loads(text)
    return {"empty": 1e6 / found["empty_microseconds"], "law": found["causality_per_second"]}


def main():
    release, debug = sys.argv[1:3]
    torch.set_num_threads(1)
    best = {}
    for _ in range(TURNS):
        turn = [("python", python_side()), ("release", swift_side(release, 4000)),
                ("debug", swift_side(debug, 1000))]
        for side, rates in turn:
            for name, value in rates.items():
                best[side, name] = max(best.get((side, name), 0), value)

    print(f"hypothesis {hypothesis.__version__}, torch {torch.__version__}, one thread")
    python = best["python", "empty"]
    print("\nan empty property    microseconds per trial  times Hypothesis' rate")
    print(f"Hypothesis         {1e6 / python:20.2f}")
    for side in ("release", "debug"):
        swift = best[side, "empty"]
        print(f"Swift, {side:<12}{1e6 / swift:20.2f}{swift / python:26.1f}")
    print("\ncausality at S = 11    trials per second  Swift release / this  Swift debug / this")
    for name, draws in (("seed", "by seed"), ("number", "by number")):
        python = best["python", name]
        print(f"Hypothesis, {draws:<11}{python:15.0f}{best['release', 'law'] / python:25.1f}"
              f"{best['debug', 'law'] / python:17.1f}")
    for side in ("release", "debug"):
        print(f"Swift, {side:<16}{best[side, 'law']:15.0f}")


main()
