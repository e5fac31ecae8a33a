#ifndef CTORCH_H
#define CTORCH_H

// A small C interface to libtorch: any ATen operator by name, tensors from and to memory, autograd,
// generators, threads, counters.
//
// Conventions. A function that can fail returns a status, 0 for success, and writes its results
// through pointers; `ct_last_error()` on the same thread gives the reason of a failure. A handle
// that a function returns is owned by the caller, who releases it with the matching `_free`; a
// handle that is passed in is borrowed for the call. All functions may be called from any thread;
// one tensor must not be changed while another thread uses it.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// One owned reference to a tensor.
typedef struct CTTensor CTTensor;
/// One owned reference to a generator of random numbers.
typedef struct CTGenerator CTGenerator;
/// An operator; it lives as long as the process.
typedef struct CTOperator CTOperator;

/// The kinds of arguments and results of an operator.
enum {
  CT_NONE = 0,
  CT_TENSOR,     // pointer: CTTensor (argument: borrowed, result: owned)
  CT_INT,        // integer
  CT_DOUBLE,     // number
  CT_BOOL,       // integer, 0 or 1
  CT_STRING,     // pointer: UTF-8, integer: its length in bytes
  CT_INTS,       // pointer: int64_t, integer: their count
  CT_TENSORS,    // pointer: CTTensor handles, integer: their count; null entries where allowed
  CT_GENERATOR,  // pointer: CTGenerator
  CT_DEFAULT,    // the default of the operator
};

/// One argument or result.
typedef struct {
  int32_t tag;
  int64_t integer;
  double number;
  const void *_Nullable pointer;
} CTValue;

/// The reason of this thread's last failure; valid until its next one.
const char *ct_last_error(void);
/// The version of the headers that this was compiled with.
const char *ct_version(void);

/// Finds an operator such as "aten::softmax", overload "int".
int32_t ct_operator_find(const char *name, const char *overload,
                         CTOperator *_Nullable *_Nonnull out);
/// Calls an operator; omitted arguments take the defaults of its schema. The caller owns the result
/// tensors; a list of tensors is returned as an array that `ct_list_free` frees.
int32_t ct_operator_call(const CTOperator *op, const CTValue *arguments, int64_t count,
                         CTValue *results, int64_t capacity, int64_t *result_count);
/// Frees the array of a result list, not the tensors in it.
void ct_list_free(const void *list);

/// Copies memory into a new contiguous CPU tensor; `dtype` is a c10::ScalarType.
int32_t ct_tensor_from_memory(const void *_Nullable data, int64_t bytes, const int64_t *shape,
                              int64_t rank, int32_t dtype, CTTensor *_Nullable *_Nonnull out);
/// Copies the elements, row-major, into memory of exactly their size.
int32_t ct_tensor_to_memory(const CTTensor *tensor, void *_Nullable data, int64_t bytes);
/// Another owned reference to the same tensor.
CTTensor *ct_tensor_retain(const CTTensor *tensor);
void ct_tensor_free(CTTensor *tensor);
int64_t ct_tensor_rank(const CTTensor *tensor);
int64_t ct_tensor_size(const CTTensor *tensor, int64_t dimension);
int64_t ct_tensor_stride(const CTTensor *tensor, int64_t dimension);
int64_t ct_tensor_offset(const CTTensor *tensor);
int64_t ct_tensor_count(const CTTensor *tensor);
int64_t ct_tensor_element_size(const CTTensor *tensor);
int32_t ct_tensor_dtype(const CTTensor *tensor);
int32_t ct_tensor_is_contiguous(const CTTensor *tensor);
int32_t ct_tensor_is_cpu(const CTTensor *tensor);
/// The address of the storage, the same for tensors that share memory; null when empty.
const void *_Nullable ct_tensor_storage(const CTTensor *tensor);
/// The address of the first element of a CPU tensor.
const void *_Nullable ct_tensor_data(const CTTensor *tensor);
/// Whether the squares of all elements have a finite sum in their type; also 0 if that is unknown,
/// since the elements are not single or double precision side by side in memory.
int32_t ct_tensor_has_finite_squares(const CTTensor *tensor);
/// Whether all elements are above 0; also 0 if that is unknown.
int32_t ct_tensor_is_positive(const CTTensor *tensor);
int32_t ct_tensor_requires_grad(const CTTensor *tensor);
int32_t ct_tensor_set_requires_grad(CTTensor *tensor, int32_t on);
/// The gradient accumulated in a leaf; null if there is none.
int32_t ct_tensor_grad(const CTTensor *tensor, CTTensor *_Nullable *_Nonnull out);
int32_t ct_tensor_set_grad(CTTensor *tensor, CTTensor *_Nullable grad);

/// Adds gradients to the leaves; `gradients` are the cotangents of the outputs.
int32_t ct_backward(const CTTensor *_Nonnull const *_Nonnull outputs, int64_t count,
                    const CTTensor *_Nonnull const *_Nullable gradients);
/// Gradients for the given inputs; null where an output does not depend on one.
int32_t ct_gradients(const CTTensor *_Nonnull const *_Nonnull outputs, int64_t output_count,
                     const CTTensor *_Nonnull const *_Nullable cotangents,
                     const CTTensor *_Nonnull const *_Nonnull inputs, int64_t input_count,
                     int32_t create_graph, CTTensor *_Nullable *_Nonnull gradients);
/// Computes derivatives by inputs, owned by the caller and null for 0, from those by outputs, borrowed
/// and null for 0; returns a status, whose reason it has given to `ct_set_last_error`.
typedef int32_t (*CTBackward)(void *context, const CTTensor *_Nullable const *_Nonnull outputs,
                              int64_t output_count, CTTensor *_Nullable *_Nonnull inputs,
                              int64_t input_count);
/// Makes leaves the outputs of a node whose derivatives a callback computes. The context is released
/// with the node or after its backward pass, also if this fails.
int32_t ct_node(CTTensor *_Nonnull const *_Nonnull outputs, int64_t output_count,
                const CTTensor *_Nonnull const *_Nonnull inputs, int64_t input_count,
                CTBackward callback, void *context, void (*release)(void *));
/// Sets what `ct_last_error` gives on this thread.
void ct_set_last_error(const char *reason);
/// How often the elements were changed in place, also through another tensor of the same memory.
int64_t ct_tensor_version(const CTTensor *tensor);
/// Whether this thread records for autograd.
int32_t ct_grad_enabled(void);
void ct_set_grad_enabled(int32_t on);

int32_t ct_generator_new(uint64_t seed, CTGenerator *_Nullable *_Nonnull out);
void ct_generator_free(CTGenerator *generator);
int32_t ct_generator_set_seed(CTGenerator *generator, uint64_t seed);
/// Gets and sets the state, as a byte tensor.
int32_t ct_generator_state(const CTGenerator *generator, CTTensor *_Nullable *_Nonnull out);
int32_t ct_generator_set_state(CTGenerator *generator, const CTTensor *state);
/// Ones with a probability, otherwise zeros, in the shape and type of a tensor of numbers. All are
/// made from one number of the generator; libtorch's own operator draws two for each.
int32_t ct_bernoulli(const CTTensor *like, double probability, const CTGenerator *generator,
                     CTTensor *_Nullable *_Nonnull out);
/// The state of libtorch's global CPU generator, which nothing here may change.
int32_t ct_global_state(CTTensor *_Nullable *_Nonnull out);

void ct_set_threads(int32_t count);
int32_t ct_threads(void);
/// Tells glibc to keep large blocks instead of returning each to the kernel.
void ct_keep_large_blocks(void);

/// A group of processes that exchange tensors, and this one's place in it.
typedef struct CTGroup CTGroup;

/// Joins a group, with all of its processes. They call the functions below in the same order, from
/// one thread at a time; after a failure, only `ct_group_leave` is of use.
///
/// `file`: where processes of one machine meet, which nobody has used before; null to meet at a port.
/// `host`, `port`: where rank 0 serves; it listens on that address only.
/// `interface`: the network interface; null for that of the way to the host, and `lo` with a file.
/// `milliseconds`: how long to wait for other ranks, when joining and in each exchange.
int32_t ct_group_join(int32_t rank, int32_t size, const char *_Nullable file,
                      const char *_Nullable host, int32_t port, const char *_Nullable interface,
                      int64_t milliseconds, CTGroup *_Nullable *_Nonnull out);
void ct_group_leave(CTGroup *group);
/// Replaces the elements of contiguous tensors by their sums or maxima over all ranks.
int32_t ct_group_reduce(CTGroup *group, const CTTensor *_Nonnull const *_Nonnull tensors,
                        int64_t count, int32_t maximum);
/// Replaces the elements of contiguous tensors by those of one rank.
int32_t ct_group_broadcast(CTGroup *group, const CTTensor *_Nonnull const *_Nonnull tensors,
                           int64_t count, int32_t root);
/// Waits for all ranks; rank 0 names those that do not come.
int32_t ct_group_barrier(CTGroup *group);

/// The handles of tensors returned and not yet freed.
int64_t ct_live_handles(void);
/// The bytes that tensors hold now, and the most they held since the last reset.
int64_t ct_live_bytes(void);
int64_t ct_peak_bytes(void);
void ct_reset_peak_bytes(void);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif
#endif
