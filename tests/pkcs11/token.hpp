// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <dlfcn.h>

#include <custody/edges/pkcs11.hpp>

#include "support/temp_dir.hpp"

namespace pkcs11_test {

/// The module under test: an environment variable, or where distributions put SoftHSM. Empty when there is none.
inline std::string module_path() {
  const char* const told = std::getenv("CUSTODY_PKCS11_MODULE");
  if (told != nullptr && *told != '\0') return told;
  for (const char* const path : {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                                 "/usr/lib64/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so"}) {
    if (std::ifstream(path).good()) return path;
  }
  return {};
}

inline const std::string officer_pin = "officer-4711";
inline const std::string user_pin = "user-pin-0815";

/// SoftHSM over a directory of its own, for the whole program: the module reads its settings once. Used directly here, as
/// somebody would who attacks what custody keeps in it.
class SoftHsm {
 public:
  static SoftHsm& get() {
    static SoftHsm token;
    return token;
  }
  [[nodiscard]] bool there() const { return calls_ != nullptr; }
  [[nodiscard]] CK_FUNCTION_LIST& calls() { return *calls_; }
  [[nodiscard]] custody::Pkcs11Place place(const std::string& key, const std::string& token = "custody") const {
    return {module_path(), token, key};
  }
  /// The slot of a new token; the label need not be new.
  CK_SLOT_ID make_token(const std::string& label) {
    CK_SLOT_ID slot = 0;
    for (const CK_SLOT_ID each : slots()) {
      CK_TOKEN_INFO facts{};
      if (calls().C_GetTokenInfo(each, &facts) == CKR_OK && (facts.flags & CKF_TOKEN_INITIALIZED) == 0) slot = each;
    }
    std::string padded = label;
    padded.resize(32, ' ');
    must(calls().C_InitToken(slot, bytes(officer_pin), officer_pin.size(), bytes(padded)));
    CK_SESSION_HANDLE session = 0;
    must(calls().C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session));
    must(calls().C_Login(session, CKU_SO, bytes(officer_pin), officer_pin.size()));
    must(calls().C_InitPIN(session, bytes(user_pin), user_pin.size()));
    must(calls().C_CloseSession(session));
    return slot;
  }
  [[nodiscard]] CK_SLOT_ID slot() const { return slot_; }
  static void must(CK_RV value) {
    if (value != CKR_OK) std::abort();
  }
  static CK_UTF8CHAR* bytes(const std::string& text) {
    return reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(text.data()));
  }

 private:
  SoftHsm() {
    const std::string path = module_path();
    if (path.empty()) return;
    std::ofstream(folder_ / "softhsm2.conf") << "directories.tokendir = " << folder_.path()
                                             << "\nobjectstore.backend = file\nlog.level = ERROR\n"
                                                "slots.removable = false\n";
    ::setenv("SOFTHSM2_CONF", (folder_ / "softhsm2.conf").c_str(), 1);
    void* const module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) return;
    const auto list = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(module, "C_GetFunctionList"));
    must(list(&calls_));
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    must(calls().C_Initialize(&arguments));
    slot_ = make_token("custody");
  }
  std::vector<CK_SLOT_ID> slots() {
    CK_ULONG count = 0;
    must(calls().C_GetSlotList(CK_TRUE, nullptr, &count));
    std::vector<CK_SLOT_ID> all(count);
    must(calls().C_GetSlotList(CK_TRUE, all.data(), &count));
    return all;
  }
  custody_test::TempDir folder_;
  CK_FUNCTION_LIST* calls_ = nullptr;
  CK_SLOT_ID slot_ = 0;
};

/// A session of the attacker's, logged in with the right PIN.
class Session {
 public:
  explicit Session(CK_SLOT_ID slot = SoftHsm::get().slot()) {
    auto& calls = SoftHsm::get().calls();
    SoftHsm::must(calls.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &handle_));
    const CK_RV entered = calls.C_Login(handle_, CKU_USER, SoftHsm::bytes(user_pin), user_pin.size());
    if (entered != CKR_USER_ALREADY_LOGGED_IN) SoftHsm::must(entered);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { SoftHsm::get().calls().C_CloseSession(handle_); }
  [[nodiscard]] CK_SESSION_HANDLE handle() const { return handle_; }

  [[nodiscard]] std::vector<CK_OBJECT_HANDLE> find(const std::string& label) const {
    auto& calls = SoftHsm::get().calls();
    CK_ATTRIBUTE wanted{CKA_LABEL, SoftHsm::bytes(label), label.size()};
    SoftHsm::must(calls.C_FindObjectsInit(handle_, &wanted, 1));
    std::vector<CK_OBJECT_HANDLE> found(16);
    CK_ULONG count = 0;
    SoftHsm::must(calls.C_FindObjects(handle_, found.data(), found.size(), &count));
    SoftHsm::must(calls.C_FindObjectsFinal(handle_));
    found.resize(count);
    return found;
  }
  /// A secret of our own in the token.
  CK_OBJECT_HANDLE put(const std::string& label, std::string value, bool sensitive, bool extractable) const {
    CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL hidden = sensitive ? CK_TRUE : CK_FALSE;
    CK_BBOOL leaves = extractable ? CK_TRUE : CK_FALSE;
    CK_ATTRIBUTE facts[] = {{CKA_CLASS, &kind, sizeof kind},
                            {CKA_KEY_TYPE, &type, sizeof type},
                            {CKA_TOKEN, &yes, sizeof yes},
                            {CKA_PRIVATE, &yes, sizeof yes},
                            {CKA_SIGN, &yes, sizeof yes},
                            {CKA_SENSITIVE, &hidden, sizeof hidden},
                            {CKA_EXTRACTABLE, &leaves, sizeof leaves},
                            {CKA_LABEL, SoftHsm::bytes(label), label.size()},
                            {CKA_VALUE, value.data(), value.size()}};
    CK_OBJECT_HANDLE made = 0;
    SoftHsm::must(SoftHsm::get().calls().C_CreateObject(handle_, facts, sizeof facts / sizeof *facts, &made));
    return made;
  }

 private:
  CK_SESSION_HANDLE handle_ = 0;
};

}  // namespace pkcs11_test
