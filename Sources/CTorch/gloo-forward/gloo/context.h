#pragma once

// The wheel of libtorch has c10d's header of its gloo backend, but not gloo's own headers. The files
// here declare what that header names, so that it compiles; the library defines it. Nothing of gloo
// is made or looked into on this side, so no layout can disagree.

#include <chrono>

namespace gloo {
class Context {
 public:
  void setTimeout(std::chrono::milliseconds timeout);
};
}  // namespace gloo
