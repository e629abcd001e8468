// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

namespace custody::inline v0::detail {

/// A mutex without the price of including <mutex>. Not copyable.
class Mutex {
 public:
  constexpr Mutex() noexcept = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  ~Mutex() = default;
  void lock() noexcept { ::pthread_mutex_lock(&mutex_); }
  void unlock() noexcept { ::pthread_mutex_unlock(&mutex_); }

 private:
  ::pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

/// Holds a Mutex for a scope.
class MutexGuard {
 public:
  explicit MutexGuard(Mutex& mutex) noexcept : mutex_(&mutex) { mutex_->lock(); }
  MutexGuard(const MutexGuard&) = delete;
  MutexGuard& operator=(const MutexGuard&) = delete;
  ~MutexGuard() { mutex_->unlock(); }

 private:
  Mutex* mutex_;
};

}  // namespace custody::inline v0::detail
