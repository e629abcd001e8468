// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <custody/words/atomic.hpp>

namespace custody::inline v0::detail {

/// The count inside an object that several handles share. Born with one reference.
class Counted {
 public:
  Counted() noexcept = default;
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  void keep() const noexcept { count_.fetch_add(1, Order::relaxed); }
  /// Whether anybody else holds it, at this moment.
  [[nodiscard]] bool shared() const noexcept { return count_.load(Order::acquire) != 1; }
  [[nodiscard]] bool drop() const noexcept { return count_.fetch_sub(1, Order::acq_rel) == 1; }

 protected:
  ~Counted() = default;

 private:
  mutable Atomic<std::uint32_t> count_{1};
};

/// A shared handle: one pointer wide, thread-safe count, no `<memory>`.
template <class Type>
class Ref {
 public:
  Ref() noexcept = default;
  [[nodiscard]] static Ref adopt(Type* fresh) noexcept {
    Ref made;
    made.pointer_ = fresh;
    return made;
  }
  Ref(const Ref& other) noexcept : pointer_(other.pointer_) {
    if (pointer_ != nullptr) pointer_->keep();
  }
  Ref(Ref&& other) noexcept : pointer_(other.pointer_) { other.pointer_ = nullptr; }
  Ref& operator=(Ref other) noexcept {
    Type* const mine = pointer_;
    pointer_ = other.pointer_;
    other.pointer_ = mine;
    return *this;
  }
  ~Ref() {
    if (pointer_ != nullptr && pointer_->drop()) delete pointer_;
  }
  [[nodiscard]] Type* operator->() const noexcept { return pointer_; }
  [[nodiscard]] Type& operator*() const noexcept { return *pointer_; }
  [[nodiscard]] Type* get() const noexcept { return pointer_; }
  [[nodiscard]] explicit operator bool() const noexcept { return pointer_ != nullptr; }
  [[nodiscard]] friend bool operator==(const Ref& a, const Ref& b) noexcept { return a.pointer_ == b.pointer_; }

 private:
  Type* pointer_ = nullptr;
};

}  // namespace custody::inline v0::detail
