#include "handles.h"

#if __has_include(<ATen/core/Tensor.h>)

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty_like.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>

using namespace ctorch;

namespace {
// Random numbers of 32 bits, several at a time: xoshiro128++ by Blackman and Vigna, 2018.
struct Draws {
  static constexpr int64_t width = 16;
  using Lanes = std::array<uint32_t, width>;
  std::array<Lanes, 4> state;

  explicit Draws(uint64_t seed) {
    // SplitMix64, as its authors advise.
    for (auto &lanes : state) {
      for (auto &lane : lanes) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        lane = uint32_t((z ^ (z >> 31)) >> 32);
      }
    }
  }

  Lanes next() {
    Lanes all;
    auto &[a, b, c, d] = state;
    for (int64_t j = 0; j < width; ++j) {
      uint32_t sum = a[j] + d[j];
      all[j] = ((sum << 7) | (sum >> 25)) + a[j];
      uint32_t shifted = b[j] << 9;
      c[j] ^= a[j];
      d[j] ^= b[j];
      b[j] ^= c[j];
      a[j] ^= d[j];
      c[j] ^= shifted;
      d[j] = (d[j] << 11) | (d[j] >> 21);
    }
    return all;
  }
};

// Writes 1 with a probability, otherwise 0. Each chunk has its own numbers, so that the result does
// not depend on the number of threads.
template <class T>
void draw(T *elements, int64_t count, double probability, uint64_t seed) {
  constexpr int64_t chunk = 1 << 15;
  auto limit = uint32_t(std::min(std::ldexp(probability, 32), 0x1p32 - 1));
  // No limit of 32 bits is above all numbers.
  T one(1), rest(probability < 1 ? 0 : 1);
  at::parallel_for(0, (count + chunk - 1) / chunk, 1, [&](int64_t first, int64_t last) {
    for (int64_t k = first; k < last; ++k) {
      Draws draws(seed ^ (uint64_t(k) * 0xd1342543de82ef95));
      auto *place = elements + k * chunk, *end = elements + std::min(count, (k + 1) * chunk);
      for (; place + Draws::width <= end; place += Draws::width) {
        auto lanes = draws.next();
        for (int64_t j = 0; j < Draws::width; ++j) place[j] = lanes[j] < limit ? one : rest;
      }
      auto lanes = draws.next();
      for (int64_t j = 0; place + j < end; ++j) place[j] = lanes[j] < limit ? one : rest;
    }
  });
}
}  // namespace

int32_t ct_bernoulli(const CTTensor *like, double probability, const CTGenerator *generator,
                     CTTensor **out) {
  return guarded([&] {
    TORCH_CHECK(probability >= 0 && probability <= 1, "a probability is from 0 to 1, got ",
                probability);
    auto tensor = at::empty_like(borrow(like));
    uint64_t seed;
    {
      auto owned = borrow(generator);
      std::lock_guard<std::mutex> lock(owned.mutex());
      seed = at::check_generator<at::CPUGeneratorImpl>(owned)->random64();
    }
    auto *data = tensor.mutable_data_ptr();
    switch (tensor.scalar_type()) {
#define CT_DRAW(type, name)                                              \
  case c10::ScalarType::name:                                            \
    draw(static_cast<type *>(data), tensor.numel(), probability, seed);  \
    break;
      CT_DRAW(float, Float)
      CT_DRAW(double, Double)
      CT_DRAW(c10::Half, Half)
      CT_DRAW(c10::BFloat16, BFloat16)
      CT_DRAW(int64_t, Long)
      CT_DRAW(int32_t, Int)
#undef CT_DRAW
      default: TORCH_CHECK(false, "expected numbers, got ", tensor.scalar_type());
    }
    *out = give(std::move(tensor));
  });
}

#endif
