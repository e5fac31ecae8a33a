#!/usr/bin/env python3
"""Times a training step of the listops section of Configs/lra.json in Swift and in Python.

    Benchmarks/arena.py ZOO     where ZOO is a release build of the zoo command

Two micro-batches of two examples in single precision, one thread, with dropout; forward, backward
and AdamW. Both sides take turns and keep large blocks of memory as zoo does; the best of each counts.
Needs the same version of torch (Benchmarks/run installs it).
"""
import json, math, os, pathlib, statistics, subprocess, sys, time

import torch
import torch.nn.functional as F
from torch import nn

CONFIG = pathlib.Path(__file__).resolve().parent.parent / "Configs" / "lra.json"
ATTENTIONS, BATCH, TURNS, STEPS = ("scaled_dot_product", "nystrom", "linformer"), 4, 3, 5
KEPT = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": "2147483647"}


class Plain(nn.Module):
    def __init__(self, common, settings):
        super().__init__()
        self.rate = common["dropout"]

    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(
            q, k, v, dropout_p=self.rate if self.training else 0.0)


class Linformer(nn.Module):
    def __init__(self, common, settings):
        super().__init__()
        length = common["seq_len"]
        self.keys = nn.Linear(length, length // 4, bias=False)
        self.values = nn.Linear(length, length // 4, bias=False)
        self.drop = nn.Dropout(common["dropout"])

    def forward(self, q, k, v):
        k = self.keys(k.transpose(-1, -2)).transpose(-1, -2)
        v = self.values(v.transpose(-1, -2)).transpose(-1, -2)
        weights = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(-1)
        return self.drop(weights) @ v


class Nystrom(nn.Module):
    def __init__(self, common, settings):
        super().__init__()
        self.landmarks, width = settings["num_landmarks"], settings["conv_kernel_size"]
        heads = common["num_heads"]
        self.conv = nn.Conv2d(
            heads, heads, (width, 1), padding=(width // 2, 0), groups=heads, bias=False)
        self.drop = nn.Dropout(common["dropout"])

    def forward(self, q, k, v):
        scale = q.shape[-1] ** -0.5

        def means(x):
            return x.unflatten(-2, (self.landmarks, -1)).mean(-2)

        queries, keys = means(q), means(k)
        first = (q @ keys.transpose(-1, -2) * scale).softmax(-1)
        second = (queries @ keys.transpose(-1, -2) * scale).softmax(-1)
        third = (queries @ k.transpose(-1, -2) * scale).softmax(-1)
        one = torch.eye(self.landmarks)
        inverse = second.transpose(-1, -2) / (
            second.sum(-2).amax() * second.sum(-1).amax())
        for _ in range(6):
            product = second @ inverse
            inverse = inverse / 4 @ (
                13 * one - product @ (15 * one - product @ (7 * one - product)))
        y = self.drop(first @ inverse) @ (third @ v)
        return y + self.conv(v)


class Layer(nn.Module):
    def __init__(self, common, block, attention):
        super().__init__()
        width, rate = common["dim_model"], common["dropout"]
        inner = width * block["feedforward_config"]["hidden_layer_multiplier"]
        self.heads, self.attention = common["num_heads"], attention
        self.q, self.k, self.v, self.out = (nn.Linear(width, width) for _ in range(4))
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.residual = nn.Dropout(block["multi_head_config"]["residual_dropout"])
        self.mlp = nn.Sequential(
            nn.Linear(width, inner), nn.GELU(), nn.Dropout(rate), nn.Linear(inner, width),
            nn.Dropout(rate))

    def forward(self, x):
        y = self.first(x)

        def split(x):
            return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        y = self.attention(split(self.q(y)), split(self.k(y)), split(self.v(y)))
        x = x + self.residual(self.out(y.transpose(1, 2).flatten(-2)))
        return x + self.mlp(self.second(x))


class Classifier(nn.Module):
    def __init__(self, model, name):
        super().__init__()
        common, block = model["common"], model["xformer"][0]
        width = common["dim_model"]
        inner = width * block["feedforward_config"]["hidden_layer_multiplier"]
        kind = {"scaled_dot_product": Plain, "nystrom": Nystrom, "linformer": Linformer}[name]
        settings = model["extra_settings"]["attention"].get(name, {})
        self.words = nn.Embedding(common["vocab_size"], width)
        self.positions = nn.Embedding(common["seq_len"], width)
        self.drop = nn.Dropout(common["dropout"])
        self.layers = nn.Sequential(
            *(Layer(common, block, kind(common, settings)) for _ in range(block["num_layers"])),
            nn.LayerNorm(width))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Sequential(
            nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, common["num_classes"]))

    def forward(self, ids):
        x = self.drop(self.words(ids) + self.positions(torch.arange(ids.shape[1])))
        return self.head(self.norm(self.layers(x)).mean(1))


def python_side(section, name):
    torch.set_num_threads(1)
    model, training = Classifier(section["model"], name), section["training"]
    common, parts = section["model"]["common"], training["gradient_accumulation"]
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-5, eps=1e-6, weight_decay=0, fused=True)
    times = []
    for step in range(STEPS + 1):
        ids = torch.randint(16, (BATCH, common["seq_len"]))
        labels = torch.randint(common["num_classes"], (BATCH,))
        begin = time.perf_counter()
        optimizer.zero_grad()
        for words, classes in zip(ids.chunk(parts), labels.chunk(parts)):
            logits = model(words)
            loss = F.cross_entropy(logits, classes)
            (loss / parts).backward()
            loss.item(), (logits.argmax(-1) == classes).sum().item()
        optimizer.step()
        times.append(time.perf_counter() - begin)
    return statistics.median(times[1:])


def swift_side(zoo, name):
    text = subprocess.run(
        [zoo, "bench", "arena", "--config", str(CONFIG), "--attention", name, "--batch", str(BATCH),
         "--steps", str(STEPS), "--format", "json"],
        check=True, stdout=subprocess.PIPE).stdout
    return json.loads(text)["seconds"]


def main():
    section = json.loads(CONFIG.read_text())["listops"]
    if len(sys.argv) > 3:
        print(python_side(section, sys.argv[3]))
        return
    zoo = sys.argv[1]
    print(f"torch {torch.__version__}, seconds a step of {BATCH} examples, one thread")
    print(f"{'attention':<20}{'Swift':>8}{'Python':>8}{'speed':>8}")
    for name in ATTENTIONS:
        python, swift = [], []
        for _ in range(TURNS):
            text = subprocess.run(
                [sys.executable, __file__, zoo, "python", name], check=True,
                stdout=subprocess.PIPE, env={**os.environ, **KEPT}).stdout
            python.append(float(text))
            swift.append(swift_side(zoo, name))
        print(f"{name:<20}{min(swift):8.3f}{min(python):8.3f}{min(python) / min(swift):8.2f}")


main()
