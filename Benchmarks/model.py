#!/usr/bin/env python3
"""Times the model of Configs/gpt.json in Swift, and the same model in Python.

    Benchmarks/model.py ZOO     where ZOO is a release build of the zoo command

Items of 32 tokens in single precision, one thread, evaluation; forward alone, and with the
derivatives by all parameters. Both sides take turns, five times each, and keep large blocks of memory
as zoo does; the best of each counts. Needs the same version of torch (Benchmarks/run installs it).
"""
import json, os, pathlib, statistics, subprocess, sys, time

import torch
import torch.nn.functional as F

CONFIG = pathlib.Path(__file__).resolve().parent.parent / "Configs" / "gpt.json"
LENGTH, BATCHES, TURNS, REPETITIONS = 32, (1, 8, 64), 5, 50
KEPT = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": "2147483647"}


class Attention(torch.nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.out = (torch.nn.Linear(width, width) for _ in range(4))
        channels = width // heads
        angles = 10000 ** (-torch.arange(0, channels, 2) / channels)
        table = torch.cat([torch.outer(torch.arange(LENGTH), angles)] * 2, -1)
        self.register_buffer("cosine", table.cos())
        self.register_buffer("sine", table.sin())

    def turned(self, x):
        first, second = x.chunk(2, -1)
        return x * self.cosine + torch.cat([-second, first], -1) * self.sine

    def forward(self, x):
        batch, length, width = x.shape

        def split(y):
            return y.view(batch, length, self.heads, -1).transpose(1, 2)

        y = F.scaled_dot_product_attention(
            self.turned(split(self.q(x))), self.turned(split(self.k(x))), split(self.v(x)),
            is_causal=True)
        return self.out(y.transpose(1, 2).reshape(batch, length, width))


class Layer(torch.nn.Module):
    def __init__(self, width, heads, multiplier):
        super().__init__()
        self.first, self.second = torch.nn.LayerNorm(width), torch.nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.mlp = torch.nn.Sequential(
            torch.nn.Linear(width, multiplier * width), torch.nn.GELU(),
            torch.nn.Linear(multiplier * width, width))

    def forward(self, x):
        x = x + self.attention(self.first(x))
        return x + self.mlp(self.second(x))


class GPT(torch.nn.Module):
    def __init__(self, stack):
        super().__init__()
        width, table = stack["dim_model"], stack["position_encoding_config"]
        self.words = torch.nn.Embedding(table["vocab_size"], width)
        self.positions = torch.nn.Embedding(table["seq_len"], width)
        self.layers = torch.nn.ModuleList(
            Layer(
                width, stack["multi_head_config"]["num_heads"],
                stack["feedforward_config"]["hidden_layer_multiplier"])
            for _ in range(stack["num_layers"]))
        self.norm = torch.nn.LayerNorm(width)

    def forward(self, ids):
        x = self.words(ids) + self.positions(torch.arange(ids.shape[1]))
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)


def median(body):
    for _ in range(REPETITIONS // 5):
        body()
    times = []
    for _ in range(REPETITIONS):
        begin = time.perf_counter()
        body()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def python_side(stack, batch):
    torch.set_num_threads(1)
    model = GPT(stack).eval()
    ids = torch.randint(stack["position_encoding_config"]["vocab_size"], (batch, LENGTH))
    parameters = list(model.parameters())
    cotangent = torch.randn_like(model(ids))

    def forward():
        with torch.no_grad():
            model(ids)

    def both():
        torch.autograd.grad(model(ids), parameters, cotangent)

    return {"forward_ms": median(forward), "forward_backward_ms": median(both)}


def swift_side(zoo, batch):
    text = subprocess.run(
        [zoo, "bench", "model", "--config", str(CONFIG), "--batch", str(batch),
         "--length", str(LENGTH), "--format", "json"],
        check=True, stdout=subprocess.PIPE).stdout
    return json.loads(text)


def main():
    if len(sys.argv) > 2 and sys.argv[2] == "python":
        print(json.dumps(python_side(json.loads(CONFIG.read_text())[0], int(sys.argv[3]))))
        return
    zoo = sys.argv[1]
    print(f"torch {torch.__version__}, milliseconds, one thread, {LENGTH} tokens")
    print(f"{'batch':>5} {'pass':<14}{'Swift':>8}{'Python':>8}{'ratio':>8}")
    for batch in BATCHES:
        python, swift = {}, {}
        for _ in range(TURNS):
            text = subprocess.run(
                [sys.executable, __file__, zoo, "python", str(batch)], check=True,
                stdout=subprocess.PIPE, env={**os.environ, **KEPT}).stdout
            for best, now in ((python, json.loads(text)), (swift, swift_side(zoo, batch))):
                for name, value in now.items():
                    best[name] = min(best.get(name, value), value)
        for name, label in (("forward_ms", "forward"), ("forward_backward_ms", "with backward")):
            ratio = swift[name] / python[name]
            print(f"{batch:5} {label:<14}{swift[name]:8.3f}{python[name]:8.3f}{ratio:8.2f}")


main()
