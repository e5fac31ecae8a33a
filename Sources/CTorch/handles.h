#pragma once

// What the files of this target share: statuses of C++ exceptions, and handles as tensors.

#include "ctorch.h"

#if __has_include(<ATen/core/Tensor.h>)

#include <ATen/Parallel.h>
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <atomic>
#include <string>
#include <vector>

namespace ctorch {
extern thread_local std::string last_error;
extern std::atomic<int64_t> live_handles;

// Runs the body; turns an exception into a status and this thread's message.
template <class Body>
int32_t guarded(Body &&body) noexcept {
  try {
    // Not every operator applies the configured number of threads on a thread that is new to libtorch.
    thread_local const int threads = at::get_num_threads();
    (void)threads;
    body();
    return 0;
  } catch (const c10::Error &error) {
    last_error = error.what_without_backtrace();
  } catch (const std::exception &error) {
    last_error = error.what();
  } catch (...) {
    last_error = "unknown C++ exception";
  }
  return 1;
}

using TensorPointer = c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>;

inline at::TensorImpl *implementation(const CTTensor *tensor) {
  return reinterpret_cast<at::TensorImpl *>(const_cast<CTTensor *>(tensor));
}

// Hands a reference to the caller.
inline CTTensor *give(at::Tensor tensor) {
  live_handles.fetch_add(1, std::memory_order_relaxed);
  return reinterpret_cast<CTTensor *>(tensor.unsafeReleaseTensorImpl());
}

// A new reference to a borrowed handle.
inline at::Tensor borrow(const CTTensor *tensor) {
  return at::Tensor(TensorPointer::unsafe_reclaim_from_nonowning(implementation(tensor)));
}

at::Generator borrow(const CTGenerator *generator);

inline std::vector<at::Tensor> borrow(const CTTensor *const *tensors, int64_t count) {
  std::vector<at::Tensor> list;
  if (tensors == nullptr) return list;
  list.reserve(size_t(count));
  for (int64_t k = 0; k < count; ++k) list.push_back(borrow(tensors[k]));
  return list;
}
}  // namespace ctorch

#endif
