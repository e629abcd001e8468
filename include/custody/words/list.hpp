// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <new>

namespace custody::inline v0::detail {

/// A growing row of values for what stands inside model headers: a few owners, a permit's persons. `std::vector` costs a
/// hundred instantiations for each type that it holds, this one a dozen. Values must be nothrow-movable. Not thread-safe.
template <class Item>
class List {
 public:
  List() noexcept = default;
  explicit List(Item only) { push_back(static_cast<Item&&>(only)); }
  List(const List& other) : List() {
    grow_to(other.size_);
    for (const Item& item : other) push_back(item);
  }
  List(List&& other) noexcept : items_(other.items_), size_(other.size_), room_(other.room_) { other.forget(); }
  List& operator=(List other) noexcept {
    List old;
    old.items_ = items_;
    old.size_ = size_;
    old.room_ = room_;
    items_ = other.items_;
    size_ = other.size_;
    room_ = other.room_;
    other.forget();
    return *this;
  }
  ~List() {
    shorten(0);
    ::operator delete(static_cast<void*>(items_));
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t room() const noexcept { return room_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] Item* begin() noexcept { return items_; }
  [[nodiscard]] Item* end() noexcept { return items_ + size_; }
  [[nodiscard]] const Item* begin() const noexcept { return items_; }
  [[nodiscard]] const Item* end() const noexcept { return items_ + size_; }
  [[nodiscard]] Item& operator[](std::size_t i) noexcept { return items_[i]; }
  [[nodiscard]] const Item& operator[](std::size_t i) const noexcept { return items_[i]; }
  [[nodiscard]] Item& front() noexcept { return items_[0]; }
  [[nodiscard]] const Item& front() const noexcept { return items_[0]; }

  void push_back(Item item) {
    if (size_ == room_) grow_to(room_ == 0 ? 2 : room_ * 2);
    ::new (static_cast<void*>(items_ + size_)) Item(static_cast<Item&&>(item));
    ++size_;
  }
  /// For values that are plain bytes, from elsewhere than this list.
  void append(const Item* first, std::size_t count) {
    static_assert(__is_trivially_copyable(Item));
    if (size_ + count > room_) grow_to((size_ + count) * 2);
    if (count != 0) std::memcpy(items_ + size_, first, count * sizeof(Item));
    size_ += count;
  }
  /// Drops what stands behind the first `count` values.
  void shorten(std::size_t count) noexcept {
    while (size_ > count) items_[--size_].~Item();
  }
  void grow_to(std::size_t room) {
    static_assert(__is_nothrow_constructible(Item, Item) && alignof(Item) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    if (room <= room_) return;
    auto* const fresh = static_cast<Item*>(::operator new(room * sizeof(Item)));  // NOLINT(bugprone-sizeof-expression)
    for (std::size_t i = 0; i != size_; ++i) {
      ::new (static_cast<void*>(fresh + i)) Item(static_cast<Item&&>(items_[i]));
      items_[i].~Item();
    }
    ::operator delete(static_cast<void*>(items_));
    items_ = fresh;
    room_ = room;
  }

 private:
  void forget() noexcept {
    items_ = nullptr;
    size_ = 0;
    room_ = 0;
  }
  Item* items_ = nullptr;
  std::size_t size_ = 0;
  std::size_t room_ = 0;
};

}  // namespace custody::inline v0::detail
