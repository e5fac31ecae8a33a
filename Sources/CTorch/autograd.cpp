#include "handles.h"

#if __has_include(<torch/csrc/autograd/function.h>)

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/function.h>

// The header that declares these takes ten seconds to compile; the linker checks the signatures.
namespace torch::autograd {
TORCH_API void backward(const variable_list &, const variable_list &, std::optional<bool>, bool,
                        const variable_list &);
TORCH_API variable_list grad(const variable_list &, const variable_list &, const variable_list &,
                             std::optional<bool>, bool, bool);
}  // namespace torch::autograd

using namespace ctorch;

namespace {
// A node whose derivatives a callback computes. It owns the callback's context until the graph is
// freed.
struct CallbackNode final : torch::autograd::Node {
  CTBackward callback;
  void *context;
  void (*release)(void *);

  CallbackNode(CTBackward callback, void *context, void (*release)(void *))
      : callback(callback), context(context), release(release) {}
  ~CallbackNode() override { release_variables(); }

  std::string name() const override { return "CallbackNode"; }

  torch::autograd::variable_list apply(torch::autograd::variable_list &&gradients) override {
    std::lock_guard<std::mutex> lock(mutex_);
    TORCH_CHECK(context != nullptr, "an earlier backward pass has freed the graph");
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "the derivatives that a callback computes cannot be differentiated again");
    std::vector<CTTensor *> outputs, inputs(num_outputs(), nullptr);
    for (auto &gradient : gradients) {
      auto *pointer = gradient.defined() ? gradient.unsafeGetTensorImpl() : nullptr;
      outputs.push_back(reinterpret_cast<CTTensor *>(pointer));
    }
    auto status = callback(context, outputs.data(), int64_t(outputs.size()), inputs.data(),
                           int64_t(inputs.size()));
    torch::autograd::variable_list list;
    for (auto *input : inputs) {
      list.push_back(input ? borrow(input) : at::Tensor());
      if (input) ct_tensor_free(input);
    }
    if (status != 0) throw std::runtime_error(last_error);
    return list;
  }

  void release_variables() override {
    std::lock_guard<std::mutex> lock(mutex_);
    if (context) release(std::exchange(context, nullptr));
  }
};
}  // namespace

void ct_set_last_error(const char *reason) { last_error = reason; }

int32_t ct_node(CTTensor *const *outputs, int64_t output_count, const CTTensor *const *inputs,
                int64_t input_count, CTBackward callback, void *context,
                void (*release)(void *)) {
  auto node = c10::make_intrusive<CallbackNode>(callback, context, release);
  return guarded([&] {
    node->set_next_edges(torch::autograd::collect_next_edges(borrow(inputs, input_count)));
    for (auto &output : borrow(outputs, output_count)) {
      torch::autograd::create_gradient_edge(output, node);
    }
  });
}

int32_t ct_backward(const CTTensor *const *outputs, int64_t count,
                    const CTTensor *const *gradients) {
  return guarded([&] {
    torch::autograd::backward(borrow(outputs, count), borrow(gradients, count), std::nullopt,
                              false, {});
  });
}

int32_t ct_gradients(const CTTensor *const *outputs, int64_t output_count,
                     const CTTensor *const *cotangents, const CTTensor *const *inputs,
                     int64_t input_count, int32_t create_graph, CTTensor **gradients) {
  return guarded([&] {
    auto list = torch::autograd::grad(borrow(outputs, output_count), borrow(inputs, input_count),
                                      borrow(cotangents, output_count), std::nullopt,
                                      create_graph != 0, true);
    for (int64_t k = 0; k < input_count; ++k) {
      gradients[k] = list[size_t(k)].defined() ? give(std::move(list[size_t(k)])) : nullptr;
    }
  });
}

int32_t ct_grad_enabled(void) { return at::GradMode::is_enabled(); }
void ct_set_grad_enabled(int32_t on) { at::GradMode::set_enabled(on != 0); }

#endif
