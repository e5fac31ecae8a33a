#include "handles.h"

#if __has_include(<ATen/core/Tensor.h>)

#define USE_C10D_GLOO

#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <iostream>
#include <memory>

using namespace ctorch;
using c10d::ProcessGroupGloo;

struct CTGroup {
  c10::intrusive_ptr<ProcessGroupGloo> backend;
};

namespace {
// Keeps the first line of a message, without the place in the library's sources before it and the
// advice after it.
void shorten(std::string &message) {
  for (auto *end : {"\n", ". This is typically"}) {
    message.resize(std::min(message.find(end), message.size()));
  }
  auto place = message.starts_with("[") ? message.find("] ") : std::string::npos;
  if (place != std::string::npos) message.erase(0, place + 2);
}

template <class Body>
int32_t exchanging(Body &&body) noexcept {
  auto status = guarded(body);
  if (status != 0) shorten(last_error);
  return status;
}

// While it lives, the library's stack traces of failed connections stay off standard error, unless
// its variable for what it logs is set.
struct Silence {
  std::streambuf *before =
      std::cerr.rdbuf(getenv("TORCH_CPP_LOG_LEVEL") != nullptr ? std::cerr.rdbuf() : nullptr);
  ~Silence() {
    std::cerr.rdbuf(before);
    std::cerr.clear();
  }
};

// Calls a body with each address of a host until it returns a descriptor.
template <class Body>
int with_address(const char *host, int port, Body &&body) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  auto problem = getaddrinfo(host, std::to_string(port).c_str(), &hints, &found);
  TORCH_CHECK(problem == 0, "the host ", host, " is unknown: ", gai_strerror(problem));
  std::unique_ptr<addrinfo, void (*)(addrinfo *)> list(found, freeaddrinfo);
  int error = 0;
  for (auto *address = found; address != nullptr; address = address->ai_next) {
    int descriptor = body(*address);
    if (descriptor >= 0) return descriptor;
    error = errno;
  }
  TORCH_CHECK(false, host, " port ", port, " cannot be used: ", strerror(error));
}

int opened(const addrinfo &address, int type, int (*attach)(int, const sockaddr *, socklen_t)) {
  int descriptor = socket(address.ai_family, type | SOCK_CLOEXEC, 0), yes = 1;
  if (descriptor < 0) return descriptor;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (attach(descriptor, address.ai_addr, address.ai_addrlen) == 0) return descriptor;
  auto error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

// The address of this machine from which it reaches a host.
std::string own_address(const char *host, int port) {
  int descriptor = with_address(
      host, port, [](auto &address) { return opened(address, SOCK_DGRAM, connect); });
  sockaddr_storage own{};
  socklen_t length = sizeof own;
  char text[NI_MAXHOST] = "";
  auto *name = reinterpret_cast<sockaddr *>(&own);
  bool isKnown = getsockname(descriptor, name, &length) == 0 &&
                 getnameinfo(name, length, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0;
  close(descriptor);
  TORCH_CHECK(isKnown, "this machine has no address from which to reach ", host);
  return text;
}

c10::intrusive_ptr<c10d::Store> server(int rank, int size, const char *host, int port,
                                       std::chrono::milliseconds limit) {
  c10d::TCPStoreOptions options;
  options.port = uint16_t(port);
  options.isServer = rank == 0;
  options.numWorkers = size_t(size);
  options.timeout = limit;
  if (options.isServer) {
    // Without a socket of ours, it would listen on every interface.
    options.masterListenFd = with_address(host, port, [](auto &address) {
      return opened(address, SOCK_STREAM, [](int descriptor, auto *name, auto length) {
        return bind(descriptor, name, length) == 0 ? listen(descriptor, 128) : -1;
      });
    });
  }
  return c10::make_intrusive<c10d::TCPStore>(host, options);
}

// Starts an exchange of every tensor before it waits for the first.
template <class Start>
void wait_for_each(std::vector<at::Tensor> tensors, Start &&start) {
  std::vector<c10::intrusive_ptr<c10d::Work>> works;
  for (auto &tensor : tensors) {
    std::vector<at::Tensor> one{tensor};
    works.push_back(start(one));
  }
  for (auto &work : works) work->wait();
}
}  // namespace

int32_t ct_group_join(int32_t rank, int32_t size, const char *file, const char *host, int32_t port,
                      const char *interface, int64_t milliseconds, CTGroup **out) {
  return exchanging([&] {
    Silence silence;
    auto limit = std::chrono::milliseconds(milliseconds);
    if (interface == nullptr && file != nullptr) interface = "lo";
    auto options = ProcessGroupGloo::Options::create(limit);
    options->devices.push_back(
        interface != nullptr ? ProcessGroupGloo::createDeviceForInterface(interface)
                             : ProcessGroupGloo::createDeviceForHostname(own_address(host, port)));
    c10::intrusive_ptr<c10d::Store> store;
    if (file != nullptr) store = c10::make_intrusive<c10d::FileStore>(file, size);
    else store = server(rank, size, host, port, limit);
    store->setTimeout(limit);
    *out = new CTGroup{c10::make_intrusive<ProcessGroupGloo>(
        c10::make_intrusive<c10d::PrefixStore>("group", store), rank, size, options)};
  });
}

void ct_group_leave(CTGroup *group) { delete group; }

int32_t ct_group_reduce(CTGroup *group, const CTTensor *const *tensors, int64_t count,
                        int32_t maximum) {
  return exchanging([&] {
    c10d::AllreduceOptions options;
    options.reduceOp = maximum ? c10d::ReduceOp::MAX : c10d::ReduceOp::SUM;
    wait_for_each(borrow(tensors, count),
                  [&](auto &tensor) { return group->backend->allreduce(tensor, options); });
  });
}

int32_t ct_group_broadcast(CTGroup *group, const CTTensor *const *tensors, int64_t count,
                           int32_t root) {
  return exchanging([&] {
    c10d::BroadcastOptions options;
    options.rootRank = root;
    wait_for_each(borrow(tensors, count),
                  [&](auto &tensor) { return group->backend->broadcast(tensor, options); });
  });
}

int32_t ct_group_barrier(CTGroup *group) {
  return exchanging([&] { group->backend->monitoredBarrier({}, true); });
}

#endif
