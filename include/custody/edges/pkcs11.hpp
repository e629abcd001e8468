// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dlfcn.h>

#include <custody/crypto/entropy.hpp>
#include <custody/crypto/secret.hpp>
#include <custody/keys/root_provider.hpp>
#include <custody/law/level.hpp>
#include <custody/law/protection.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/mutex.hpp>
#include <custody/words/result.hpp>

#if __has_include(<p11-kit/pkcs11.h>)
#include <p11-kit/pkcs11.h>
#elif __has_include(<p11-kit-1/p11-kit/pkcs11.h>)
#include <p11-kit-1/p11-kit/pkcs11.h>
#else
#error "custody/edges/pkcs11.hpp needs the header p11-kit/pkcs11.h. On Debian or Ubuntu: apt-get install libp11-kit-dev"
#endif

namespace custody::inline v0 {

/// Where a root key lies: the path of a PKCS#11 module, the label of the token and the label of the key.
struct Pkcs11Place {
  std::string module;
  std::string token;
  std::string key;
};

namespace detail {

/// What a return value of PKCS#11 means; Error.at is the value (CKR_...).
[[nodiscard]] inline Error pkcs11_error(CK_RV value) noexcept {
  switch (value) {
    case CKR_SLOT_ID_INVALID:
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_TOKEN_NOT_RECOGNIZED: return {Errc::not_found, "PKCS#11 token", value};
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE: return {Errc::wrong_root, "PKCS#11 PIN", value};
    case CKR_PIN_LOCKED:
    case CKR_PIN_EXPIRED:
    case CKR_USER_PIN_NOT_INITIALIZED: return {Errc::locked, "PKCS#11 PIN", value};
    case CKR_KEY_HANDLE_INVALID:
    case CKR_OBJECT_HANDLE_INVALID: return {Errc::unknown_key, "PKCS#11 key", value};
    case CKR_MECHANISM_INVALID: return {Errc::suite_unavailable, "PKCS#11 HMAC-SHA-256", value};
    case CKR_TOKEN_WRITE_PROTECTED: return {Errc::read_only, "PKCS#11 token", value};
    case CKR_HOST_MEMORY: return {Errc::no_memory, "PKCS#11 module", value};
    case CKR_DEVICE_MEMORY: return {Errc::disk_full, "PKCS#11 token", value};
    case CKR_DEVICE_REMOVED:
    case CKR_SESSION_CLOSED:
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_USER_NOT_LOGGED_IN:
    case CKR_CRYPTOKI_NOT_INITIALIZED: return {Errc::storage_failed, "PKCS#11 session", value};
    default: return {Errc::storage_failed, "PKCS#11 token", value};
  }
}
[[nodiscard]] inline Result<void> pkcs11_done(CK_RV value) noexcept {
  if (value == CKR_OK) return {};
  return pkcs11_error(value);
}

/// One logged-in session of a token. The module stays loaded and started until the process ends, since others may use
/// it too. Move-only; not thread-safe. A forked child must not use it, and does not close it.
class Pkcs11Session {
 public:
  Pkcs11Session(const Pkcs11Session&) = delete;
  Pkcs11Session& operator=(const Pkcs11Session&) = delete;
  Pkcs11Session& operator=(Pkcs11Session&&) = delete;
  Pkcs11Session(Pkcs11Session&& other) noexcept : calls_(other.calls_), session_(other.session_), fork_(other.fork_) {
    other.calls_ = nullptr;
  }
  ~Pkcs11Session() {
    if (usable()) static_cast<void>(calls_->C_CloseSession(session_));
  }

  /// Errors: those of Pkcs11Root::open that are not about the key.
  [[nodiscard]] static Result<Pkcs11Session> open(const Pkcs11Place& place, std::string& pin, bool writable) {
    auto calls = start(place.module);
    if (!calls) return calls.error();
    auto slot = slot_of(**calls, place.token);
    if (!slot) return slot.error();
    Pkcs11Session made(*calls);
    const CK_FLAGS flags = CKF_SERIAL_SESSION | (writable ? CKF_RW_SESSION : 0);
    if (auto done = pkcs11_done((*calls)->C_OpenSession(*slot, flags, nullptr, nullptr, &made.session_)); !done) {
      made.calls_ = nullptr;
      return done.error();
    }
    CK_TOKEN_INFO facts{};
    if (auto done = pkcs11_done((*calls)->C_GetTokenInfo(*slot, &facts)); !done) return done.error();
    const bool pad = (facts.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
    if (pin.empty() && !pad) return Error{Errc::wrong_root, "PKCS#11 PIN"};
    auto* const text = pin.empty() ? nullptr : reinterpret_cast<CK_UTF8CHAR*>(pin.data());
    const CK_RV entered = (*calls)->C_Login(made.session_, CKU_USER, text, pin.size());
    if (entered != CKR_OK && entered != CKR_USER_ALREADY_LOGGED_IN) return pkcs11_error(entered);
    return made;
  }
  [[nodiscard]] bool usable() const noexcept { return calls_ != nullptr && fork_ == fork_count(); }
  [[nodiscard]] CK_FUNCTION_LIST& calls() const noexcept { return *calls_; }
  [[nodiscard]] CK_SESSION_HANDLE handle() const noexcept { return session_; }

 private:
  explicit Pkcs11Session(CK_FUNCTION_LIST* calls) noexcept : calls_(calls), fork_(fork_count()) {}

  [[nodiscard]] static Result<CK_FUNCTION_LIST*> start(const std::string& path) {
    void* const module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr || path.empty()) return Error{Errc::not_found, "PKCS#11 module"};
    const auto list = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(module, "C_GetFunctionList"));
    CK_FUNCTION_LIST* calls = nullptr;
    if (list == nullptr || list(&calls) != CKR_OK || calls == nullptr) return Error{Errc::malformed, "PKCS#11 module"};
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    const CK_RV started = calls->C_Initialize(&arguments);
    if (started == CKR_OK || started == CKR_CRYPTOKI_ALREADY_INITIALIZED) return calls;
    return Error{Errc::storage_failed, "PKCS#11 module", started};
  }
  [[nodiscard]] static Result<CK_SLOT_ID> slot_of(CK_FUNCTION_LIST& calls, std::string_view label) {
    CK_ULONG count = 0;
    if (auto done = pkcs11_done(calls.C_GetSlotList(CK_TRUE, nullptr, &count)); !done) return done.error();
    std::vector<CK_SLOT_ID> slots(count);
    if (auto done = pkcs11_done(calls.C_GetSlotList(CK_TRUE, slots.data(), &count)); !done) return done.error();
    CK_ULONG found = 0;
    CK_SLOT_ID slot = 0;
    for (CK_ULONG i = 0; i != count; ++i) {
      CK_TOKEN_INFO facts{};
      if (calls.C_GetTokenInfo(slots[i], &facts) != CKR_OK || (facts.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
      std::string_view name(reinterpret_cast<const char*>(facts.label), sizeof facts.label);
      while (name.ends_with(' ')) name.remove_suffix(1);
      if (name != label) continue;
      slot = slots[i];
      ++found;
    }
    if (found == 0) return Error{Errc::not_found, "PKCS#11 token"};
    if (found > 1) return Error{Errc::already_there, "PKCS#11 token label", found};
    return slot;
  }

  CK_FUNCTION_LIST* calls_;
  CK_SESSION_HANDLE session_ = 0;
  std::uint64_t fork_;
};

}  // namespace detail

/// A root key that never leaves a PKCS#11 token: a sensitive, non-extractable secret of 32 bytes there, whose
/// HMAC-SHA-256 over a branch's label, computed by the token, is all that comes out. Use: `auto token =
/// Pkcs11Root::open({module, "token", "key"}, std::move(pin)); auto root = RootKey::from_provider(std::move(*token));`.
/// Thread-safe. Whoever can log into the token can compute branches, so the token has to be there only while key files
/// are opened. If the token is lost, all is lost: keep a second one with the same key, as its maker provides.
class Pkcs11Root final : public RootProvider {
 public:
  static constexpr Protection custody_protection{Level::core, "PKCS#11 token"};

  /// Logs in and finds the key. The PIN is wiped; an empty one asks the token's own keypad; a process that is logged in
  /// already is not asked again. Errors (Error.where says of what, Error.at is the CKR_ value): not_found for module or
  /// token; malformed for a library that is no module; wrong_root for the PIN; locked for a blocked PIN; unknown_key
  /// without such a key; already_there for a label of two tokens or keys; unsafe_permissions for a key that can be
  /// extracted, read, or is short; suite_unavailable without HMAC-SHA-256; no_memory, storage_failed.
  [[nodiscard]] static Result<Pkcs11Root> open(const Pkcs11Place& place, std::string&& pin) {
    auto session = detail::Pkcs11Session::open(place, pin, false);
    wipe(pin);
    if (!session) return session.error();
    auto key = find(*session, place.key);
    if (!key) return key.error();
    Pkcs11Root root(std::move(*session), *key);
    if (auto safe = root.check(); !safe) return safe.error();
    return root;
  }
  /// Makes the key inside the token and opens it. Errors: those of open(), already_there for a key of that label,
  /// read_only, disk_full.
  [[nodiscard]] static Result<Pkcs11Root> create(const Pkcs11Place& place, std::string&& pin) {
    auto session = detail::Pkcs11Session::open(place, pin, true);
    wipe(pin);
    if (!session) return session.error();
    const auto there = find(*session, place.key);
    if (there || there.error() != Errc::unknown_key) return Error{Errc::already_there, "PKCS#11 key label"};
    auto key = generate(*session, place.key);
    if (!key) return key.error();
    Pkcs11Root root(std::move(*session), *key);
    if (auto safe = root.check(); !safe) return safe.error();
    return root;
  }
  Pkcs11Root(Pkcs11Root&& other) noexcept
      : RootProvider(std::move(other)), session_(std::move(other.session_)), key_(other.key_) {}

  /// Errors: storage_failed at `PKCS#11 session` when the session is lost, also in a forked child: open the root again;
  /// unknown_key when the key is gone; moved_from, no_memory.
  [[nodiscard]] Result<SecretKey> branch(ByteView context) noexcept override {
    const Lock guard(mutex_);
    if (!session_.usable()) return Error{Errc::storage_failed, "PKCS#11 session"};
    auto out = SecretKey::blank();
    if (!out) return out;
    CK_MECHANISM mechanism{CKM_SHA256_HMAC, nullptr, 0};
    auto& calls = session_.calls();
    if (auto done = detail::pkcs11_done(calls.C_SignInit(session_.handle(), &mechanism, key_)); !done)
      return done.error();
    CK_ULONG size = SecretKey::size;
    auto* const in = const_cast<CK_BYTE*>(reinterpret_cast<const CK_BYTE*>(context.data()));  // only read
    auto* const to = reinterpret_cast<CK_BYTE*>(out->span().data());
    if (auto done = detail::pkcs11_done(calls.C_Sign(session_.handle(), in, context.size(), to, &size)); !done)
      return done.error();
    if (size != SecretKey::size) return Error{Errc::malformed, "PKCS#11 token", size};
    return out;
  }

 private:
  Pkcs11Root(detail::Pkcs11Session session, CK_OBJECT_HANDLE key) noexcept : session_(std::move(session)), key_(key) {}

  template <class Value>
  [[nodiscard]] static CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, Value& value) noexcept {
    return {type, &value, sizeof value};
  }
  [[nodiscard]] static CK_ATTRIBUTE label_of(const std::string& label) noexcept {
    return {CKA_LABEL, const_cast<char*>(label.data()), label.size()};  // only read
  }
  [[nodiscard]] static Result<CK_OBJECT_HANDLE> find(const detail::Pkcs11Session& session, const std::string& label) {
    CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE wanted[] = {attribute(CKA_CLASS, kind), attribute(CKA_TOKEN, yes), label_of(label)};
    auto& calls = session.calls();
    if (auto done = detail::pkcs11_done(calls.C_FindObjectsInit(session.handle(), wanted, 3)); !done)
      return done.error();
    CK_OBJECT_HANDLE found[2] = {0, 0};
    CK_ULONG count = 0;
    const auto looked = detail::pkcs11_done(calls.C_FindObjects(session.handle(), found, 2, &count));
    static_cast<void>(calls.C_FindObjectsFinal(session.handle()));
    if (!looked) return looked.error();
    if (count == 0) return Error{Errc::unknown_key, "PKCS#11 key"};
    if (count > 1) return Error{Errc::already_there, "PKCS#11 key label"};
    return found[0];
  }
  [[nodiscard]] static Result<CK_OBJECT_HANDLE> generate(const detail::Pkcs11Session& session,
                                                         const std::string& label) {
    CK_MECHANISM mechanism{CKM_GENERIC_SECRET_KEY_GEN, nullptr, 0};
    CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_ULONG size = SecretKey::size;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_ATTRIBUTE wanted[] = {attribute(CKA_CLASS, kind),     attribute(CKA_KEY_TYPE, type),
                             attribute(CKA_VALUE_LEN, size), label_of(label),
                             attribute(CKA_TOKEN, yes),      attribute(CKA_PRIVATE, yes),
                             attribute(CKA_SENSITIVE, yes),  attribute(CKA_EXTRACTABLE, no),
                             attribute(CKA_SIGN, yes),       attribute(CKA_VERIFY, no),
                             attribute(CKA_ENCRYPT, no),     attribute(CKA_DECRYPT, no),
                             attribute(CKA_WRAP, no),        attribute(CKA_UNWRAP, no),
                             attribute(CKA_DERIVE, no)};
    CK_OBJECT_HANDLE made = 0;
    const CK_RV done =
        session.calls().C_GenerateKey(session.handle(), &mechanism, wanted, sizeof wanted / sizeof *wanted, &made);
    if (done != CKR_OK) return detail::pkcs11_error(done);
    return made;
  }
  /// Whether the token guards the key as it should, and computes with it.
  [[nodiscard]] Result<void> check() noexcept {
    CK_BBOOL sensitive = CK_FALSE;
    CK_BBOOL extractable = CK_TRUE;
    CK_BBOOL signs = CK_FALSE;
    CK_ULONG size = 0;
    CK_ATTRIBUTE facts[] = {attribute(CKA_SENSITIVE, sensitive), attribute(CKA_EXTRACTABLE, extractable),
                            attribute(CKA_SIGN, signs), attribute(CKA_VALUE_LEN, size)};
    auto done = detail::pkcs11_done(session_.calls().C_GetAttributeValue(session_.handle(), key_, facts, 4));
    if (!done) return done;
    if (sensitive != CK_TRUE || extractable != CK_FALSE || size < SecretKey::size)
      return Error{Errc::unsafe_permissions, "PKCS#11 key"};
    if (signs != CK_TRUE) return Error{Errc::suite_unavailable, "PKCS#11 HMAC-SHA-256"};
    auto tried = branch(as_bytes("custody.root.try"));
    if (!tried) return tried.error();
    return {};
  }

  detail::Pkcs11Session session_;
  CK_OBJECT_HANDLE key_;
  Mutex mutex_;
};

}  // namespace custody::inline v0
