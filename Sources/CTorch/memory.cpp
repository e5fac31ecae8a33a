#include "ctorch.h"

#if __has_include(<c10/core/CPUAllocator.h>)

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <malloc.h>

#include <atomic>
#include <cstring>

namespace {
std::atomic<int64_t> live{0};
std::atomic<int64_t> peak{0};

void give_back(void *pointer) {
  if (pointer == nullptr) return;
  live.fetch_sub(int64_t(malloc_usable_size(pointer)), std::memory_order_relaxed);
  c10::free_cpu(pointer);
}

// libtorch's own CPU allocation, counted: what autograd saves and what kernels need is seen, too.
struct CountingAllocator final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) override {
    void *pointer = c10::alloc_cpu(bytes);
    if (pointer != nullptr) {
      const auto size = int64_t(malloc_usable_size(pointer));
      const auto now = live.fetch_add(size, std::memory_order_relaxed) + size;
      auto seen = peak.load(std::memory_order_relaxed);
      while (now > seen && !peak.compare_exchange_weak(seen, now, std::memory_order_relaxed)) {
      }
    }
    return {pointer, pointer, &give_back, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }
  void copy_data(void *to, const void *from, size_t count) const override {
    std::memcpy(to, from, count);
  }
};

CountingAllocator allocator;
[[maybe_unused]] const bool installed = [] {
  c10::SetCPUAllocator(&allocator, 1);
  return true;
}();
}  // namespace

int64_t ct_live_bytes(void) { return live.load(std::memory_order_relaxed); }
int64_t ct_peak_bytes(void) { return peak.load(std::memory_order_relaxed); }
void ct_reset_peak_bytes(void) { peak.store(live.load()); }

void ct_keep_large_blocks(void) {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2147483647);
}

#endif
