#include "handles.h"

#if !__has_include(<ATen/core/Tensor.h>)
#error "libtorch was not found: run `make setup` once, or set TORCH_DIR to a folder with include/ and lib/"
#else

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <ATen/ops/empty.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

using namespace ctorch;

namespace ctorch {
thread_local std::string last_error;
std::atomic<int64_t> live_handles{0};

at::Generator borrow(const CTGenerator *generator) {
  auto *pointer = reinterpret_cast<c10::GeneratorImpl *>(const_cast<CTGenerator *>(generator));
  return at::Generator(
      c10::intrusive_ptr<c10::GeneratorImpl>::unsafe_reclaim_from_nonowning(pointer));
}
}  // namespace ctorch

namespace {
c10::TypePtr element(const c10::TypePtr &type) {
  auto optional = type->cast<c10::OptionalType>();
  return optional ? optional->getElementType() : type;
}

c10::IValue tensors(const CTValue &value, const c10::TypePtr &type) {
  auto *handles = static_cast<CTTensor *const *>(value.pointer);
  auto list_type = element(type)->cast<c10::ListType>();
  if (list_type && list_type->getElementType()->kind() == c10::TypeKind::OptionalType) {
    c10::List<std::optional<at::Tensor>> list;
    for (int64_t k = 0; k < value.integer; ++k) {
      list.push_back(handles[k] ? std::optional<at::Tensor>(borrow(handles[k])) : std::nullopt);
    }
    return list;
  }
  c10::List<at::Tensor> list;
  list.reserve(size_t(value.integer));
  for (int64_t k = 0; k < value.integer; ++k) list.push_back(borrow(handles[k]));
  return list;
}

c10::IValue argument(const CTValue &value, const c10::Argument &formal) {
  switch (value.tag) {
    case CT_NONE: return {};
    case CT_TENSOR: return borrow(static_cast<const CTTensor *>(value.pointer));
    case CT_INT: return value.integer;
    case CT_DOUBLE: return value.number;
    case CT_BOOL: return value.integer != 0;
    case CT_STRING: {
      std::string text(static_cast<const char *>(value.pointer), size_t(value.integer));
      if (element(formal.type())->kind() == c10::TypeKind::DeviceObjType) return c10::Device(text);
      return text;
    }
    case CT_INTS:
      return c10::IValue(c10::IntArrayRef(static_cast<const int64_t *>(value.pointer),
                                          size_t(value.integer)));
    case CT_TENSORS: return tensors(value, formal.type());
    case CT_GENERATOR: return borrow(static_cast<const CTGenerator *>(value.pointer));
  }
  TORCH_CHECK(false, "the argument ", formal.name(), " has an unknown tag, ", value.tag);
}

CTValue result(c10::IValue &&value) {
  CTValue out{CT_NONE, 0, 0, nullptr};
  if (value.isTensor()) {
    auto tensor = std::move(value).toTensor();
    if (tensor.defined()) {
      out.tag = CT_TENSOR;
      out.pointer = give(std::move(tensor));
    }
  } else if (value.isInt()) {
    out.tag = CT_INT;
    out.integer = value.toInt();
  } else if (value.isDouble()) {
    out.tag = CT_DOUBLE;
    out.number = value.toDouble();
  } else if (value.isBool()) {
    out.tag = CT_BOOL;
    out.integer = value.toBool();
  } else if (value.isTensorList()) {
    auto list = std::move(value).toTensorVector();
    auto **handles = static_cast<CTTensor **>(malloc(sizeof(CTTensor *) * (list.size() + 1)));
    for (size_t k = 0; k < list.size(); ++k) handles[k] = give(std::move(list[k]));
    out.tag = CT_TENSORS;
    out.integer = int64_t(list.size());
    out.pointer = handles;
  } else if (!value.isNone()) {
    TORCH_CHECK(false, "a result of type ", value.tagKind(), " is not supported");
  }
  return out;
}

// Calls a body with the elements and their count; 0 where they do not lie side by side.
template <class Body>
int32_t with_elements(const CTTensor *tensor, Body &&body) {
  auto *pointer = implementation(tensor);
  if (!pointer->device().is_cpu() || !pointer->is_non_overlapping_and_dense()) return 0;
  if (pointer->numel() == 0) return 1;
  switch (c10::typeMetaToScalarType(pointer->dtype())) {
    case c10::ScalarType::Float:
      return body(static_cast<const float *>(pointer->data()), pointer->numel());
    case c10::ScalarType::Double:
      return body(static_cast<const double *>(pointer->data()), pointer->numel());
    default: return 0;
  }
}

const c10::OperatorHandle &handle(const CTOperator *op) {
  return *reinterpret_cast<const c10::OperatorHandle *>(op);
}
}  // namespace

const char *ct_last_error(void) { return last_error.c_str(); }
const char *ct_version(void) { return TORCH_VERSION; }

int32_t ct_operator_find(const char *name, const char *overload, CTOperator **out) {
  return guarded([&] {
    auto found = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
    *out = reinterpret_cast<CTOperator *>(new c10::OperatorHandle(found));
  });
}

int32_t ct_operator_call(const CTOperator *op, const CTValue *arguments, int64_t count,
                         CTValue *results, int64_t capacity, int64_t *result_count) {
  return guarded([&] {
    auto &operation = handle(op);
    auto &formals = operation.schema().arguments();
    TORCH_CHECK(count <= int64_t(formals.size()), operation.operator_name().name, " takes ",
                formals.size(), " arguments, got ", count);
    torch::jit::Stack stack;
    stack.reserve(std::max<size_t>(formals.size(), 4));
    for (size_t k = 0; k < formals.size(); ++k) {
      if (int64_t(k) < count && arguments[k].tag != CT_DEFAULT) {
        stack.push_back(argument(arguments[k], formals[k]));
      } else {
        TORCH_CHECK(formals[k].default_value(), operation.operator_name().name,
                    ": the argument ", formals[k].name(), " is missing");
        stack.push_back(*formals[k].default_value());
      }
    }
    operation.callBoxed(stack);
    TORCH_CHECK(int64_t(stack.size()) <= capacity, operation.operator_name().name, " returned ",
                stack.size(), " results, but there is room for ", capacity);
    *result_count = int64_t(stack.size());
    for (size_t k = 0; k < stack.size(); ++k) results[k] = result(std::move(stack[k]));
  });
}

void ct_list_free(const void *list) { free(const_cast<void *>(list)); }

int32_t ct_tensor_from_memory(const void *data, int64_t bytes, const int64_t *shape, int64_t rank,
                              int32_t dtype, CTTensor **out) {
  return guarded([&] {
    auto tensor = at::empty(c10::IntArrayRef(shape, size_t(rank)),
                            at::TensorOptions().dtype(static_cast<c10::ScalarType>(dtype)));
    TORCH_CHECK(int64_t(tensor.nbytes()) == bytes, "a tensor of the shape ", tensor.sizes(), " has ",
                tensor.nbytes(), " bytes, got ", bytes);
    if (bytes > 0) std::memcpy(tensor.mutable_data_ptr(), data, size_t(bytes));
    *out = give(std::move(tensor));
  });
}

int32_t ct_tensor_to_memory(const CTTensor *tensor, void *data, int64_t bytes) {
  return guarded([&] {
    at::NoGradGuard no_grad;
    auto packed = borrow(tensor).cpu().contiguous();
    TORCH_CHECK(int64_t(packed.nbytes()) == bytes, "the tensor has ", packed.nbytes(),
                " bytes, but there is room for ", bytes);
    if (bytes > 0) std::memcpy(data, packed.const_data_ptr(), size_t(bytes));
  });
}

CTTensor *ct_tensor_retain(const CTTensor *tensor) { return give(borrow(tensor)); }
void ct_tensor_free(CTTensor *tensor) {
  live_handles.fetch_sub(1, std::memory_order_relaxed);
  TensorPointer::reclaim(implementation(tensor));
}

int64_t ct_tensor_rank(const CTTensor *tensor) { return implementation(tensor)->dim(); }
int64_t ct_tensor_size(const CTTensor *tensor, int64_t d) { return implementation(tensor)->size(d); }
int64_t ct_tensor_stride(const CTTensor *tensor, int64_t d) {
  return implementation(tensor)->stride(d);
}
int64_t ct_tensor_offset(const CTTensor *tensor) { return implementation(tensor)->storage_offset(); }
int64_t ct_tensor_count(const CTTensor *tensor) { return implementation(tensor)->numel(); }
int64_t ct_tensor_element_size(const CTTensor *tensor) {
  return int64_t(implementation(tensor)->itemsize());
}
int32_t ct_tensor_dtype(const CTTensor *tensor) {
  return int32_t(c10::typeMetaToScalarType(implementation(tensor)->dtype()));
}
int32_t ct_tensor_is_contiguous(const CTTensor *tensor) {
  return implementation(tensor)->is_contiguous();
}
int32_t ct_tensor_is_cpu(const CTTensor *tensor) {
  return implementation(tensor)->device().is_cpu();
}
const void *ct_tensor_storage(const CTTensor *tensor) {
  return implementation(tensor)->storage().data();
}
const void *ct_tensor_data(const CTTensor *tensor) {
  auto *pointer = implementation(tensor);
  return pointer->device().is_cpu() && pointer->numel() > 0 ? pointer->data() : nullptr;
}
int32_t ct_tensor_has_finite_squares(const CTTensor *tensor) {
  return with_elements(tensor, [](auto *elements, int64_t count) {
    // Several sums, which the compiler can keep in one register.
    constexpr int64_t width = 16;
    std::decay_t<decltype(*elements)> sums[width] = {}, sum = 0;
    for (int64_t k = 0; k + width <= count; k += width) {
      for (int64_t j = 0; j < width; ++j) sums[j] += elements[k + j] * elements[k + j];
    }
    for (int64_t k = count - count % width; k < count; ++k) sum += elements[k] * elements[k];
    for (auto part : sums) sum += part;
    return int32_t(std::isfinite(sum));
  });
}
int32_t ct_tensor_is_positive(const CTTensor *tensor) {
  return with_elements(tensor, [](auto *elements, int64_t count) {
    return int32_t(std::all_of(elements, elements + count, [](auto x) { return x > 0; }));
  });
}
int64_t ct_tensor_version(const CTTensor *tensor) {
  return int64_t(implementation(tensor)->version_counter().current_version());
}
int32_t ct_tensor_requires_grad(const CTTensor *tensor) {
  return implementation(tensor)->requires_grad();
}
int32_t ct_tensor_set_requires_grad(CTTensor *tensor, int32_t on) {
  return guarded([&] { borrow(tensor).requires_grad_(on != 0); });
}
int32_t ct_tensor_grad(const CTTensor *tensor, CTTensor **out) {
  return guarded([&] {
    auto gradient = borrow(tensor).grad();
    *out = gradient.defined() ? give(std::move(gradient)) : nullptr;
  });
}
int32_t ct_tensor_set_grad(CTTensor *tensor, CTTensor *grad) {
  return guarded([&] { borrow(tensor).mutable_grad() = grad ? borrow(grad) : at::Tensor(); });
}

int32_t ct_generator_new(uint64_t seed, CTGenerator **out) {
  return guarded([&] {
    auto generator = at::detail::createCPUGenerator(seed);
    *out = reinterpret_cast<CTGenerator *>(generator.unsafeReleaseGeneratorImpl());
  });
}
void ct_generator_free(CTGenerator *generator) {
  c10::intrusive_ptr<c10::GeneratorImpl>::reclaim(
      reinterpret_cast<c10::GeneratorImpl *>(generator));
}
int32_t ct_generator_set_seed(CTGenerator *generator, uint64_t seed) {
  return guarded([&] {
    auto owned = borrow(generator);
    std::lock_guard<std::mutex> lock(owned.mutex());
    owned.set_current_seed(seed);
  });
}
int32_t ct_generator_state(const CTGenerator *generator, CTTensor **out) {
  return guarded([&] {
    auto owned = borrow(generator);
    std::lock_guard<std::mutex> lock(owned.mutex());
    *out = give(owned.get_state());
  });
}
int32_t ct_generator_set_state(CTGenerator *generator, const CTTensor *state) {
  return guarded([&] {
    auto owned = borrow(generator);
    std::lock_guard<std::mutex> lock(owned.mutex());
    owned.set_state(borrow(state));
  });
}
int32_t ct_global_state(CTTensor **out) {
  return guarded([&] {
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    std::lock_guard<std::mutex> lock(generator.mutex());
    *out = give(generator.get_state());
  });
}

void ct_set_threads(int32_t count) { at::set_num_threads(count); }
int32_t ct_threads(void) { return at::get_num_threads(); }
int64_t ct_live_handles(void) { return live_handles.load(std::memory_order_relaxed); }

#endif
