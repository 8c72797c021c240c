#pragma once
/// @file open_file.hpp
/// A file descriptor that is closed at the end.

#include <unistd.h>

namespace waxseal::server {

class OpenFile {
 public:
  /// @param descriptor  What `open` gave; negative: there is none.
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  explicit operator bool() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace waxseal::server
