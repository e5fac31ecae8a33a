#!/usr/bin/env python3
"""Times the core of each attention in Swift, and the same formula in Python.

    Benchmarks/attention.py ZOO     where ZOO is a release build of the zoo command

One item of four heads of 32 channels in single precision, one thread, evaluation. Swift and Python
take turns; Python runs once with its default allocator and once with one that keeps large blocks,
as zoo does. The best of the turns counts. Needs the same version of torch (Benchmarks/run installs
it).
"""
import json, math, os, statistics, subprocess, sys, time

import torch
import torch.nn.functional as F

HEADS, WIDTH, LENGTHS, TURNS = 4, 32, (128, 2048), 3
MODEL = HEADS * WIDTH
KEPT = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": "2147483647"}


def softmax_core(q, k, v, mask=None):
    logits = (q / math.sqrt(q.shape[-1])) @ k.transpose(-2, -1)
    if mask is not None:
        logits = logits.masked_fill(~mask, float("-inf"))
    return logits.softmax(-1) @ v


def fused(length):
    return F.scaled_dot_product_attention


def fused_causal(length):
    return lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True)


def scaled_dot_product(length):
    return softmax_core


def masked(mask):
    return lambda q, k, v: softmax_core(q, k, v, mask)


def distances(length):
    positions = torch.arange(length)
    return (positions[:, None] - positions[None, :]).abs()


def local(length):
    return masked(distances(length) <= 2)


def global_tokens(length):
    marks = torch.arange(length) < 2
    return masked(marks[:, None] | marks[None, :])


def random(length):
    return masked((torch.rand(length, length) < 0.01) | (distances(length) == 0))


def blocksparse(length):
    # Like BigBird: a band of three blocks, and a global first block.
    block = torch.arange(length) // 16
    near = (block[:, None] - block[None, :]).abs() <= 1
    return masked(near | (block[:, None] == 0) | (block[None, :] == 0))


def linformer(length):
    keys, values = (torch.randn(min(128, length), length) / math.sqrt(length) for _ in range(2))
    return lambda q, k, v: softmax_core(q, keys @ k, values @ v)


def segment_means(x, count):
    return x.reshape(x.shape[0], count, -1, x.shape[-1]).mean(-2)


def nystrom(length):
    landmarks = 64

    def attend(q, k, v):
        scale = 1 / math.sqrt(q.shape[-1])
        q = q * scale
        a, b = segment_means(q, landmarks), segment_means(k, landmarks)
        first = (q @ b.transpose(-2, -1)).softmax(-1)
        kernel = (a @ b.transpose(-2, -1)).softmax(-1)
        third = (a @ k.transpose(-2, -1)).softmax(-1) @ v
        inverse = kernel.transpose(-2, -1) / kernel.sum(-2).amax(-1)[:, None, None]
        one = torch.eye(landmarks)
        for _ in range(6):
            product = kernel @ inverse
            inner = 7 * one - product
            inner = 15 * one - product @ inner
            inner = 13 * one - product @ inner
            inverse = 0.25 * inverse @ inner
        return (first @ inverse) @ third

    return attend


def orthoformer(length):
    landmarks = 32

    def select(q):
        unit = F.normalize(q, dim=-1)
        items = torch.arange(q.shape[0])
        chosen = torch.zeros(q.shape[0], landmarks, dtype=torch.long)
        worst = (unit @ unit[items, chosen[:, 0]][:, :, None]).abs().squeeze(-1)
        for step in range(1, landmarks):
            worst[items, chosen[:, step - 1]] = float("inf")
            chosen[:, step] = worst.argmin(-1)
            cosine = (unit @ unit[items, chosen[:, step]][:, :, None]).abs().squeeze(-1)
            worst = torch.maximum(worst, cosine)
        return q[items[:, None], chosen.sort(-1).values]

    def attend(q, k, v):
        marks = select(q.detach())
        return softmax_core(q, marks, softmax_core(marks, k, v))

    return attend


def favor(length):
    count = 2 * (math.ceil(WIDTH * (1 + math.log2(WIDTH))) // 2)
    blocks = [torch.linalg.qr(torch.randn(WIDTH, WIDTH))[0] for _ in range(-(-count // 2 // WIDTH))]
    features = torch.cat(blocks, -1)[:, : count // 2] * math.sqrt(WIDTH)

    def exponents(x):
        x = x / WIDTH**0.25
        product = x @ features
        half = x.square().sum(-1, keepdim=True) / 2
        return torch.cat([product - half, -product - half], -1)

    def attend(q, k, v):
        of_keys = exponents(k)
        key_peak = of_keys.detach().amax(-2, keepdim=True)
        keys = (of_keys - key_peak).exp()
        of_queries = exponents(q) + key_peak
        queries = (of_queries - of_queries.detach().amax(-1, keepdim=True)).exp()
        weighted = queries @ (keys.transpose(-2, -1) @ v)
        return weighted / (queries @ keys.sum(-2).unsqueeze(-1))

    return attend


def lambda_layer(length):
    table = torch.randn(2 * length - 1, WIDTH)
    positions = torch.arange(length)
    index = positions[None, :] - positions[:, None] + length - 1

    def attend(q, k, v):
        content = q @ (k.softmax(-2).transpose(-2, -1) @ v)
        logits = (q @ table.t()).gather(-1, index.expand(q.shape[0], -1, -1))
        return content + logits @ v

    return attend


def fourier_mix(length):
    return lambda q, k, v: torch.fft.fft2(q).real


def compositional(length):
    rules, scores = HEADS, 32
    project = [torch.randn(MODEL, MODEL) / math.sqrt(MODEL) for _ in range(4)]
    value_query = torch.randn(HEADS * scores, MODEL) / math.sqrt(MODEL)
    weight, bias = torch.randn(1, scores + WIDTH) / 8, torch.zeros(1)

    def split(x, count):
        return x.reshape(x.shape[0], x.shape[1], count, -1).transpose(1, 2)

    def attend(q, k, v):
        queries, keys = split(q @ project[0], HEADS), split(k @ project[1], HEADS)
        values = split(v @ project[2], rules)
        logits = (queries / math.sqrt(WIDTH)) @ keys.transpose(-2, -1)
        weights = logits.softmax(-1)
        mixed = torch.einsum("bhst,brtd->bhsrd", weights, values)
        wanted = split(q @ value_query.t(), HEADS).unsqueeze(3).expand(-1, -1, -1, rules, -1)
        score = (torch.cat([mixed, wanted], -1) @ weight.t() + bias).softmax(3)
        out = (score * mixed).sum(3).transpose(1, 2).reshape(q.shape)
        return out @ project[3]

    return attend


def grid(x):
    side = math.isqrt(x.shape[1])
    return x.transpose(1, 2).reshape(x.shape[0], x.shape[2], side, side)


def tokens(x):
    return x.flatten(2).transpose(1, 2)


def pooling(length):
    def attend(q, k, v):
        x = grid(q)
        return tokens(F.avg_pool2d(x, 3, 1, 1, count_include_pad=False) - x)

    return attend


def visual(length):
    first, gate, last = (torch.nn.Conv2d(MODEL, MODEL, 1) for _ in range(3))
    near = torch.nn.Conv2d(MODEL, MODEL, 5, padding=2, groups=MODEL)
    far = torch.nn.Conv2d(MODEL, MODEL, 7, padding=9, groups=MODEL, dilation=3)

    def attend(q, k, v):
        x = grid(q)
        inner = F.gelu(first(x))
        return tokens(x + last(inner * gate(far(near(inner)))))

    return attend


FORMULAS = {
    "scaled_dot_product": scaled_dot_product, "local": local, "global": global_tokens,
    "random": random, "blocksparse": blocksparse, "linformer": linformer, "nystrom": nystrom,
    "orthoformer": orthoformer, "favor": favor, "lambda": lambda_layer,
    "fourier_mix": fourier_mix, "compositional": compositional, "pooling": pooling,
    "visual": visual, "torch's fused kernel": fused, "torch's fused kernel, causal": fused_causal,
}
# The attention that each kernel is compared with.
KERNELS = {
    "torch's fused kernel": "scaled_dot_product",
    "torch's fused kernel, causal": "scaled_dot_product, causal",
}
OWN_HEADS = {"fourier_mix", "compositional", "pooling", "visual"}
SQUARED = {"pooling", "visual"}


def median(body):
    for _ in range(2):
        body()
    times, end = [], time.perf_counter() + 0.5
    while len(times) < 5 or (time.perf_counter() < end and len(times) < 200):
        begin = time.perf_counter()
        body()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def length_of(name, length):
    return math.isqrt(length) ** 2 if name in SQUARED else length


def python_side():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows = []
    for name, make in FORMULAS.items():
        for wanted in LENGTHS:
            length = length_of(name, wanted)
            shape = (1, length, MODEL) if name in OWN_HEADS else (HEADS, length, WIDTH)
            if name in KERNELS:
                shape = (1, HEADS, length, WIDTH)
            inputs = [torch.randn(shape) for _ in range(3)]
            leaves = [x.clone().requires_grad_() for x in inputs]
            cotangent = torch.randn(shape)
            attend = make(length)

            def forward():
                with torch.no_grad():
                    attend(*inputs)

            def both():
                torch.autograd.grad(attend(*leaves), leaves, cotangent, allow_unused=True)

            rows.append((name, wanted, median(forward), median(both)))
    return rows


def swift_side(zoo):
    def rows(suffix, names, *options):
        """The times of the named attentions; those that need squares get the largest below."""
        squared = names == SQUARED
        wanted = {math.isqrt(length) ** 2 if squared else length: length for length in LENGTHS}
        text = subprocess.run(
            [zoo, "bench", "attention", "--format", "jsonl", "--levels", "core", "--lengths",
             *map(str, wanted), *options, "-k", " or ".join(f"part:{name}" for name in sorted(names))],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        times = {}
        for line in text.splitlines():
            row = json.loads(line).get("row")
            if row and row.get("measured") and row["key"]["part"] in names:
                key = (row["key"]["part"] + suffix, wanted[row["key"]["length"]])
                times.setdefault(key, {})[row["key"]["pass"]] = row["measured"]["median_ms"]
        return [(*key, of["forward"], of["forward+backward"]) for key, of in times.items()]

    others = set(FORMULAS) - set(KERNELS) - SQUARED
    return (rows("", others) + rows("", SQUARED)
            + rows(", causal", {"scaled_dot_product"}, "--causal"))


def other_python(environment):
    text = subprocess.run(
        [sys.executable, __file__, "--python"], check=True, stdout=subprocess.PIPE,
        env={**os.environ, **environment}).stdout
    return json.loads(text)


def main():
    if sys.argv[1:] == ["--python"]:
        json.dump(python_side(), sys.stdout)
        return
    zoo = sys.argv[1]
    sides = {"Swift": lambda: swift_side(zoo), "Python": lambda: other_python({}),
             "kept": lambda: other_python(KEPT)}
    best = {side: {} for side in sides}
    for _ in range(TURNS):
        for side, run in sides.items():
            for name, length, *times in run():
                key = (name, length)
                best[side][key] = [min(a, b) for a, b in zip(best[side].get(key, times), times)]
    print(f"torch {torch.__version__}, milliseconds, one thread; ratios are Swift / Python; in "
          "\"blocks kept\", Python's\nallocator keeps large blocks, as `zoo` does\n")
    print("| part | S | pass | Swift | Python | Python, blocks kept | ratio | ratio, kept |")
    print("|---|--:|---|--:|--:|--:|--:|--:|")
    ratios = {}
    rows = [(key, key) for key in best["Swift"] if key in best["Python"]]
    rows += [((KERNELS[name], length), (name, length))
             for name, length in best["Python"] if name in KERNELS]
    for key, other in rows:
        python, kept = best["Python"][other], best["kept"][other]
        for index, what in enumerate(("forward", "with backward")):
            swift = best["Swift"][key][index]
            ratio, against_kept = swift / python[index], swift / kept[index]
            if key == other:
                ratios.setdefault(key[1], []).append((ratio, against_kept))
            shown = key[0] if key == other else f"{key[0]} vs. {other[0]}"
            print(f"| {shown} | {key[1]} | {what} | {swift:.3f} | {python[index]:.3f} "
                  f"| {kept[index]:.3f} | {ratio:.2f} | {against_kept:.2f} |")
    for length, pairs in ratios.items():
        plain, kept = zip(*pairs)
        print(f"\nS = {length}: median ratio {statistics.median(plain):.2f}, largest "
              f"{max(plain):.2f}; blocks kept {statistics.median(kept):.2f}, {max(kept):.2f}")


main()
