// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/file.h>
#include <sys/stat.h>

#include <custody/crypto/entropy.hpp>
#include <custody/keys/key_record.hpp>
#include <custody/keys/key_table.hpp>
#include <custody/keys/secret_file.hpp>

namespace custody::inline v0::detail {

/// The file behind a KeyFile: one page of facts, then records that are only appended. Two slots in the page say in turn
/// up to where the file is known to be complete: whatever is missing or wrong before that is damage; an unfinished
/// record behind it is what a crash leaves, and is cut. Not thread-safe; movable.
template <class Lazy>
class BasicKeyLog {
 public:
  static constexpr std::size_t page_size = 4096;

  BasicKeyLog() noexcept = default;
  BasicKeyLog(BasicKeyLog&&) noexcept = default;
  BasicKeyLog& operator=(BasicKeyLog&&) noexcept = default;
  BasicKeyLog(const BasicKeyLog&) = delete;
  BasicKeyLog& operator=(const BasicKeyLog&) = delete;
  ~BasicKeyLog() { static_cast<void>(settle()); }

  /// Locks the file for this process. Errors: locked.
  [[nodiscard]] static Result<void> lock(const FileHandle& file) noexcept {
    if (::flock(file.fd(), LOCK_EX | LOCK_NB) == 0) return {};
    return errno == EWOULDBLOCK ? Errc::locked : Errc::storage_failed;
  }
  /// Writes the first page of an empty file. Errors: no_randomness, no_memory, disk_full, storage_failed.
  [[nodiscard]] static Result<BasicKeyLog> start(FileHandle file, const RootKey& root) {
    BasicKeyLog log;
    typename BasicRecordCodec<Lazy>::FileId id;
    if (!draw_entropy(id)) return Errc::no_randomness;
    auto codec = BasicRecordCodec<Lazy>::of(root, id);
    if (!codec) return codec.error();
    log.take(std::move(file), std::move(*codec));
    Bytes page;
    Canonical(page).raw(as_bytes(magic)).number(version).number(std::uint32_t{0}).raw(id).raw(log.codec_.root_check());
    Canonical(page).raw(blake2b<16>({page}));
    page.resize(page_size);
    if (auto put = write_at(log.file_.fd(), page, 0); !put) return put.error();
    log.durable_ = log.size_ = page_size;
    log.writable_ = true;
    for (int i = 0; i != 2; ++i) {
      if (auto put = log.write_slot(); !put) return put.error();
    }
    return log;
  }
  /// Checks the first page; then next() reads. Errors: truncated, malformed, tampered, wrong_root, wrong_schema.
  [[nodiscard]] static Result<BasicKeyLog> load(FileHandle file, const RootKey& root) {
    BasicKeyLog log;
    struct ::stat facts{};
    if (::fstat(file.fd(), &facts) != 0) return Errc::storage_failed;
    if (facts.st_size < static_cast<::off_t>(page_size)) return Error{Errc::truncated, "key file"};
    Bytes page(page_size);
    if (auto got = read_at(file.fd(), page, 0); !got) return got.error();
    CanonicalReader from(page);
    if (as_text(from.raw(magic.size())) != magic) return Error{Errc::malformed, "key file"};
    const auto told_version = from.number<std::uint32_t>();
    static_cast<void>(from.number<std::uint32_t>());
    const ByteView told_id = from.raw(16);
    const ByteView check = from.raw(32);
    const ByteView told{page.data(), page.size() - from.rest().size()};
    if (!constant_time_equal(blake2b<16>({told}), from.raw(16))) return Error{Errc::tampered, "key file"};
    if (told_version != version) return Error{Errc::wrong_schema, "key file"};
    typename BasicRecordCodec<Lazy>::FileId id;
    std::memcpy(id.data(), told_id.data(), id.size());
    auto codec = BasicRecordCodec<Lazy>::of(root, id);
    if (!codec) return codec.error();
    if (!constant_time_equal(codec->root_check(), check)) return Error{Errc::wrong_root, "key file"};
    log.take(std::move(file), std::move(*codec));
    log.size_ = static_cast<std::uint64_t>(facts.st_size);
    if (!log.read_slots(page, page.size() - from.rest().size())) return Error{Errc::tampered, "key file"};
    return log;
  }

  /// The next record, or false at the end; what a crash left unfinished there counts as cut off, which recover() does once
  /// all that was read is found good. Errors: tampered, truncated, malformed, storage_failed.
  [[nodiscard]] Result<bool> next(KeyRecord& out) {
    if (end_ == size_) {
      if (end_ < durable_) return Error{Errc::truncated, "key file", end_};
      durable_ = end_;
      writable_ = true;
      return false;
    }
    auto after = read_record(out);
    const bool last_unfinished = after && !out.body_authentic && *after == size_ && end_ >= durable_ && has_gap();
    if (after && !last_unfinished) {
      end_ = *after;
      return true;
    }
    if (end_ < durable_) return after.error();
    if (!after && !unfinished(after.error())) {
      return after.error() == Errc::truncated ? Error{Errc::tampered, "key file", end_} : after.error();
    }
    size_ = end_;
    unfinished_ = true;
    return next(out);
  }
  /// Settles what a crash left: cuts off an unfinished end, and brings to the disk what was read behind the last slot,
  /// which may stand in no more than memory yet, so that the next slot tells the truth. To be called before anything is
  /// written. Errors: storage_failed.
  [[nodiscard]] Result<void> recover() noexcept {
    if (!unfinished_ && told_ == end_) return {};
    if (auto may = may_write(); !may) return may;
    Result<void> done;
    if (unfinished_ && ::ftruncate(file_.fd(), static_cast<::off_t>(end_)) != 0) done = errno_code(errno);
    if (done) done = sync_data(file_.fd());
    unfinished_ = broken_ = !done;
    return done;
  }
  /// Appends a record and gives the place of its body. `sync`: on disk when this returns. After a failure that leaves
  /// the file in doubt nothing more is written.
  [[nodiscard]] Result<Place> append(const KeyRecord& record, bool sync) {
    if (auto may = may_write(); !may) return may.error();
    if (record.body.size() > body_limit) return Errc::too_large;
    const Bytes bytes = codec_.write(record, end_);
    auto put = durable_ == told_ ? Result<void>() : write_slot();
    if (put) put = write_at(file_.fd(), bytes, end_);
    if (!put) {
      broken_ = ::ftruncate(file_.fd(), static_cast<::off_t>(end_)) != 0;
      return put.error();
    }
    const Place place{end_, static_cast<std::uint32_t>(bytes.size() - BasicRecordCodec<Lazy>::head_size)};
    end_ = size_ = end_ + bytes.size();
    if (sync) put = this->sync();
    if (!put) return put.error();
    return place;
  }
  /// Everything appended is on disk when this returns.
  [[nodiscard]] Result<void> sync() noexcept {
    if (auto may = may_write(); !may) return may;
    auto done = sync_data(file_.fd());
    broken_ = !done;
    if (done) durable_ = end_;
    return done;
  }
  /// Leaves a slot that covers everything, so that even a cut of the last record shows. Does nothing when there is one.
  [[nodiscard]] Result<void> settle() {
    if (auto may = may_write(); !may || told_ == end_) return may;
    auto done = sync();
    if (done) done = write_slot();
    if (done) done = sync_data(file_.fd());
    return done;
  }
  /// Overwrites bodies, on disk when this returns.
  [[nodiscard]] Result<void> erase(const List<Place>& places) {
    if (auto may = may_write(); !may) return may;
    Result<void> done;
    for (const Place& place : places) {
      const Bytes zeros(place.length);
      if (done && !zeros.empty()) done = write_at(file_.fd(), zeros, place.offset + BasicRecordCodec<Lazy>::head_size);
    }
    if (done && !places.empty()) done = sync_data(file_.fd());
    broken_ = !done;
    return done;
  }
  /// Writes nothing more: what was read cannot be, so the file stays as it is.
  void give_up() noexcept { writable_ = false; }
  [[nodiscard]] const FileHandle& file() const noexcept { return file_; }
  [[nodiscard]] FileHandle take_file() noexcept { return std::move(file_); }

 private:
  static constexpr std::string_view magic = "custody-keyfile\n";
  static constexpr std::uint32_t version = 1;
  static constexpr std::size_t slot_at[2] = {1024, 2048};
  static constexpr std::size_t slot_size = 32;
  static constexpr std::uint64_t sector = 512;
  static constexpr std::size_t body_limit = 16UL * 1024 * 1024;

  void take(FileHandle file, BasicRecordCodec<Lazy> codec) noexcept {
    file_ = std::move(file);
    codec_ = std::move(codec);
    end_ = page_size;
    fork_ = fork_count();
  }
  /// A forked child shares the file with its parent and must not write; a damaged file or failed disk is left alone.
  [[nodiscard]] Result<void> may_write() const noexcept {
    if (!writable_ || broken_ || !file_.is_open()) return Errc::storage_failed;
    if (fork_ != fork_count()) return Errc::locked;
    return {};
  }
  [[nodiscard]] Bytes slot_bytes(std::uint64_t sequence, std::uint64_t complete) const {
    Bytes bytes;
    Canonical(bytes).number(sequence).number(complete);
    Canonical(bytes).raw(codec_.tag('s', slot_at[sequence % 2], bytes));
    return bytes;
  }
  /// Says in the older slot up to where the file is complete; reaches the disk with the next sync.
  [[nodiscard]] Result<void> write_slot() {
    ++sequence_;
    told_ = durable_;
    return write_at(file_.fd(), slot_bytes(sequence_, durable_), slot_at[sequence_ % 2]);
  }
  /// One slot may be damaged, as a crash can leave it; everything else in the page must be as it was written.
  [[nodiscard]] bool read_slots(const Bytes& page, std::size_t head) {
    bool found = false;
    for (const std::size_t at : slot_at) {
      const ByteView slot = ByteView(page).subspan(at, slot_size);
      CanonicalReader from(slot);
      const auto sequence = from.number<std::uint64_t>();
      const auto complete = from.number<std::uint64_t>();
      const bool good = slot_at[sequence % 2] == at && constant_time_equal(slot_bytes(sequence, complete), slot);
      if (!good || (found && sequence < sequence_)) continue;
      found = true;
      sequence_ = sequence;
      durable_ = told_ = complete;
    }
    for (std::size_t i = head; i != page.size(); ++i) {
      const bool slot = (i - slot_at[0] < slot_size) || (i - slot_at[1] < slot_size);
      if (!slot && page[i] != std::byte{0}) return false;
    }
    return found;
  }
  /// Gives the offset behind the record. Errors: truncated when it runs over the end of the file, tampered, malformed.
  [[nodiscard]] Result<std::uint64_t> read_record(KeyRecord& out) {
    std::array<std::byte, BasicRecordCodec<Lazy>::head_size> head;
    if (size_ - end_ < head.size()) return Error{Errc::truncated, "key file", end_};
    if (auto got = read_at(file_.fd(), head, end_); !got) return got.error();
    const auto length = codec_.read_head(head, end_, out);
    if (!length) return length.error();
    const std::uint64_t room = BasicRecordCodec<Lazy>::body_room(*length);
    if (size_ - end_ - head.size() < room) return Error{Errc::truncated, "key file", end_};
    Bytes bytes(static_cast<std::size_t>(room));
    if (auto got = read_at(file_.fd(), bytes, end_ + head.size()); !got) return got.error();
    codec_.read_body(head, bytes, *length, out);
    wipe(bytes);
    return end_ + head.size() + room;
  }
  /// Whether an unreadable record at the end is what a crash leaves: a part that was never written, and nothing in the
  /// rest that a record does not begin with. Disks write sectors of 512 bytes as a whole.
  [[nodiscard]] bool unfinished(const Error& error) const {
    if (error == Errc::truncated) return begins_like_a_record(true);
    const std::uint64_t first = sector - end_ % sector;
    const bool head_in_one_sector = first >= BasicRecordCodec<Lazy>::head_size;  // then all of it is there, or nothing
    return error == Errc::tampered && begins_like_a_record(!head_in_one_sector) && has_gap();
  }
  /// Whether the first bytes are zeros or, if a part of a record is allowed, the number of a known kind.
  [[nodiscard]] bool begins_like_a_record(bool part) const {
    std::array<std::byte, BasicRecordCodec<Lazy>::head_size> first{};
    std::uint64_t there = size_ - end_ < first.size() ? size_ - end_ : first.size();
    if (there > sector - end_ % sector) there = sector - end_ % sector;
    if (!read_at(file_.fd(), {first.data(), static_cast<std::size_t>(there)}, end_)) return false;
    if (all_zero(first)) return true;
    const auto number = std::to_integer<std::uint32_t>(first[0]);
    return part && is_record_kind(number) && all_zero({first.data() + 1, 3});
  }
  /// Whether some sector of what follows was never written: zeros, where a record has none.
  [[nodiscard]] bool has_gap() const {
    for (std::uint64_t at = end_; at < size_;) {
      const std::uint64_t next = (at / sector + 1) * sector;
      const std::uint64_t to = size_ < next ? size_ : next;
      Bytes part(static_cast<std::size_t>(to - at));
      if (!read_at(file_.fd(), part, at)) return false;
      if (all_zero(part)) return true;
      at = to;
    }
    return false;
  }

  FileHandle file_;
  BasicRecordCodec<Lazy> codec_;
  std::uint64_t end_ = 0;  ///< where the next record is read or written
  std::uint64_t size_ = 0;  ///< of the file
  std::uint64_t durable_ = 0;  ///< complete and on disk up to here
  std::uint64_t told_ = 0;  ///< what the newest slot says
  std::uint64_t sequence_ = 0;
  std::uint64_t fork_ = 0;
  bool writable_ = false;  ///< the whole file was read without a complaint
  bool broken_ = false;
  bool unfinished_ = false;  ///< behind size_ the file still has what a crash left
};
using KeyLog = BasicKeyLog<void>;

}  // namespace custody::inline v0::detail
