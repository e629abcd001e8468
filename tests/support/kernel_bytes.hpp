// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace custody_test {

/// While one lives, getrandom(2) gives the bytes 0, 1, 2 ... to this thread; vectors_test.cpp stands in for it.
class CountedBytes {
 public:
  CountedBytes();
  CountedBytes(const CountedBytes&) = delete;
  CountedBytes& operator=(const CountedBytes&) = delete;
  ~CountedBytes();
};

/// While one lives, getrandom(2) fails in this thread.
class NoBytes {
 public:
  NoBytes();
  NoBytes(const NoBytes&) = delete;
  NoBytes& operator=(const NoBytes&) = delete;
  ~NoBytes();
};

}  // namespace custody_test
