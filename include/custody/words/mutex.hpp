// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

namespace custody::inline v0 {

/// A recursive lock without `<mutex>`, which would cost more to include than the rest of the words.
class Mutex {
 public:
  Mutex() noexcept {
    ::pthread_mutexattr_t kind;
    ::pthread_mutexattr_init(&kind);
    ::pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
    ::pthread_mutex_init(&mutex_, &kind);
    ::pthread_mutexattr_destroy(&kind);
  }
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  ~Mutex() { ::pthread_mutex_destroy(&mutex_); }
  void lock() noexcept { ::pthread_mutex_lock(&mutex_); }
  void unlock() noexcept { ::pthread_mutex_unlock(&mutex_); }

 private:
  ::pthread_mutex_t mutex_;
};

/// Holds a Mutex for a scope.
class Lock {
 public:
  explicit Lock(Mutex& mutex) noexcept : mutex_(&mutex) { mutex_->lock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { mutex_->unlock(); }

 private:
  Mutex* mutex_;
};

}  // namespace custody::inline v0
