// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <new>

#include <custody/words/bytes.hpp>
#include <custody/words/list.hpp>

namespace custody::inline v0::detail {

/// What an ordered set keeps beside its keys.
struct Nothing {};

/// Keys in order with their values, in sorted blocks: what `std::map` is used for, at a fraction of what including `<map>`
/// costs a model header. Every change ends all iterators and references; slots are wiped when they fall free. Keys and
/// values must be nothrow-movable, and keys have `<`. Lookup is logarithmic; insertion moves one block. Not thread-safe.
template <class Key, class Value = Nothing>
class Ordered {
 public:
  struct Entry {
    Key first;
    Value second;
  };

 private:
  static constexpr std::size_t block_size = 64;
  struct Block {
    std::size_t count = 0;
    alignas(Entry) unsigned char room[block_size * sizeof(Entry)];
    [[nodiscard]] Entry* at(std::size_t i) noexcept { return reinterpret_cast<Entry*>(room) + i; }
  };

 public:
  template <class Shown>
  class Iterator {
   public:
    Iterator(const Ordered* in, std::size_t block, std::size_t slot) noexcept : in_(in), block_(block), slot_(slot) {}
    [[nodiscard]] Shown& operator*() const noexcept { return *in_->blocks_[block_]->at(slot_); }
    [[nodiscard]] Shown* operator->() const noexcept { return in_->blocks_[block_]->at(slot_); }
    Iterator& operator++() noexcept {
      if (++slot_ == in_->blocks_[block_]->count) {
        ++block_;
        slot_ = 0;
      }
      return *this;
    }
    [[nodiscard]] friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
      return a.block_ == b.block_ && a.slot_ == b.slot_;
    }

   private:
    friend class Ordered;
    const Ordered* in_;
    std::size_t block_;
    std::size_t slot_;
  };
  using iterator = Iterator<Entry>;
  using const_iterator = Iterator<const Entry>;

  Ordered() noexcept = default;
  Ordered(const Ordered&) = delete;
  Ordered& operator=(const Ordered&) = delete;
  Ordered(Ordered&& other) noexcept : blocks_(static_cast<List<Block*>&&>(other.blocks_)), size_(other.size_) {
    other.size_ = 0;
  }
  Ordered& operator=(Ordered&& other) noexcept {
    if (this == &other) return *this;
    clear();
    blocks_ = static_cast<List<Block*>&&>(other.blocks_);
    size_ = other.size_;
    other.size_ = 0;
    return *this;
  }
  ~Ordered() { clear(); }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] iterator begin() noexcept { return {this, 0, 0}; }
  [[nodiscard]] iterator end() noexcept { return {this, blocks_.size(), 0}; }
  [[nodiscard]] const_iterator begin() const noexcept { return {this, 0, 0}; }
  [[nodiscard]] const_iterator end() const noexcept { return {this, blocks_.size(), 0}; }

  /// The first entry whose key is not below `key`.
  template <class Like>
  [[nodiscard]] const_iterator lower_bound(const Like& key) const noexcept {
    return bound<const Entry>(key);
  }
  template <class Like>
  [[nodiscard]] iterator lower_bound(const Like& key) noexcept {
    return bound<Entry>(key);
  }
  template <class Like>
  [[nodiscard]] const_iterator find(const Like& key) const noexcept {
    const auto at = bound<const Entry>(key);
    return at == end() || key < at->first ? end() : at;
  }
  template <class Like>
  [[nodiscard]] iterator find(const Like& key) noexcept {
    const auto at = bound<Entry>(key);
    return at == end() || key < at->first ? end() : at;
  }
  template <class Like>
  [[nodiscard]] bool contains(const Like& key) const noexcept {
    return !(find(key) == end());
  }

  /// Where the key stands; a value that is there already stays.
  iterator insert(Key key, Value value = {}) {
    const iterator at = bound<Entry>(key);
    if (!(at == end()) && !(key < at->first)) return at;
    return put(at, static_cast<Key&&>(key), static_cast<Value&&>(value));
  }
  void insert_or_assign(Key key, Value value) {
    const iterator at = bound<Entry>(key);
    if (!(at == end()) && !(key < at->first)) {
      at->second = static_cast<Value&&>(value);
    } else {
      put(at, static_cast<Key&&>(key), static_cast<Value&&>(value));
    }
  }
  [[nodiscard]] Value& operator[](const Key& key) { return insert(key)->second; }

  /// Removes one entry; gives the one behind it.
  iterator erase(iterator at) noexcept {
    Block& block = *blocks_[at.block_];
    block.at(at.slot_)->~Entry();
    wipe(block.at(at.slot_), sizeof(Entry));
    for (std::size_t i = at.slot_ + 1; i != block.count; ++i) shift(block, i, block, i - 1);
    --block.count;
    --size_;
    if (block.count == 0) {
      delete blocks_[at.block_];
      for (std::size_t i = at.block_ + 1; i != blocks_.size(); ++i) blocks_[i - 1] = blocks_[i];
      blocks_.shorten(blocks_.size() - 1);
      return {this, at.block_, 0};
    }
    if (at.slot_ == block.count) return {this, at.block_ + 1, 0};
    return at;
  }
  /// Removes the entry of a key, if there is one.
  void erase(const Key& key) noexcept {
    const iterator at = find(key);
    if (!(at == end())) erase(at);
  }
  void clear() noexcept {
    for (Block* block : blocks_) {
      for (std::size_t i = 0; i != block->count; ++i) block->at(i)->~Entry();
      wipe(block->room, sizeof block->room);
      delete block;
    }
    blocks_.shorten(0);
    size_ = 0;
  }

 private:
  template <class Shown, class Like>
  [[nodiscard]] Iterator<Shown> bound(const Like& key) const noexcept {
    std::size_t low = 0;
    std::size_t high = blocks_.size();
    while (low != high) {  // the first block whose last key is not below
      const std::size_t middle = low + (high - low) / 2;
      if (blocks_[middle]->at(blocks_[middle]->count - 1)->first < key) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == blocks_.size()) return {this, low, 0};
    const std::size_t block = low;
    low = 0;
    high = blocks_[block]->count;
    while (low != high) {
      const std::size_t middle = low + (high - low) / 2;
      if (blocks_[block]->at(middle)->first < key) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return {this, block, low};
  }

  static void shift(Block& from, std::size_t i, Block& to, std::size_t j) noexcept {
    static_assert(__is_nothrow_constructible(Entry, Entry));
    ::new (static_cast<void*>(to.at(j))) Entry(static_cast<Entry&&>(*from.at(i)));
    from.at(i)->~Entry();
    wipe(from.at(i), sizeof(Entry));
  }

  iterator put(iterator at, Key&& key, Value&& value) {
    if (blocks_.empty()) {
      blocks_.grow_to(1);
      blocks_.push_back(new Block);
    }
    if (at.block_ == blocks_.size()) at = {this, blocks_.size() - 1, blocks_[blocks_.size() - 1]->count};
    if (blocks_[at.block_]->count == block_size) at = split(at);
    Block& block = *blocks_[at.block_];
    for (std::size_t i = block.count; i != at.slot_; --i) shift(block, i - 1, block, i);
    ::new (static_cast<void*>(block.at(at.slot_))) Entry{static_cast<Key&&>(key), static_cast<Value&&>(value)};
    ++block.count;
    ++size_;
    return at;
  }

  /// Moves the upper half of a full block into a new one behind it; at the very end, keys that come in order fill blocks.
  iterator split(iterator at) {
    const std::size_t kept = at.slot_ == block_size ? block_size : block_size / 2;
    if (blocks_.size() == blocks_.room())
      blocks_.grow_to(blocks_.size() * 2);  // first, so that nothing is lost if it throws
    auto* const fresh = new Block;
    blocks_.push_back(fresh);
    for (std::size_t i = blocks_.size() - 1; i != at.block_ + 1; --i) blocks_[i] = blocks_[i - 1];
    blocks_[at.block_ + 1] = fresh;
    Block& full = *blocks_[at.block_];
    for (std::size_t i = kept; i != block_size; ++i) shift(full, i, *fresh, i - kept);
    fresh->count = block_size - kept;
    full.count = kept;
    if (at.slot_ < kept) return at;
    return {this, at.block_ + 1, at.slot_ - kept};
  }

  List<Block*> blocks_;
  std::size_t size_ = 0;
};

}  // namespace custody::inline v0::detail
