#include "ctorch.h"

#if __has_include(<c10/core/CPUAllocator.h>)

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <malloc.h>

#include <algorithm>
#include <cstring>

namespace {
// Per thread, so that a measurement does not include what other threads do meanwhile; a backward
// pass on the CPU runs on the thread that calls it.
thread_local int64_t live = 0;
thread_local int64_t peak = 0;

void give_back(void *pointer) {
  if (pointer == nullptr) return;
  live -= int64_t(malloc_usable_size(pointer));
  c10::free_cpu(pointer);
}

// libtorch's own CPU allocator with counters, so that what autograd saves and what kernels need is
// included.
struct CountingAllocator final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) override {
    void *pointer = c10::alloc_cpu(bytes);
    if (pointer != nullptr) {
      live += int64_t(malloc_usable_size(pointer));
      peak = std::max(peak, live);
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

int64_t ct_live_bytes(void) { return live; }
int64_t ct_peak_bytes(void) { return peak; }
void ct_reset_peak_bytes(void) { peak = live; }

void ct_keep_large_blocks(void) {
  // Only the first arena can hold blocks above 64 MiB.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2147483647);
}

#endif
