// SPDX-License-Identifier: Apache-2.0
// LINK: custody::sealing
// Where a root key can come from. Each part makes one and opens it again; docs/keys-providers.md says what each is for.
#include <custody/sealing.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include <custody/keys/split_root.hpp>
#include <custody/keys/wrapped_root.hpp>

namespace {

using custody::RootKey;

/// Says whether two keys are one, without showing either.
bool same(const custody::Result<RootKey>& a, const custody::Result<RootKey>& b) {
  if (!a || !b) return false;
  const auto left = a->derive("example");
  const auto right = b->derive("example");
  return left && right && custody::constant_time_equal(left->view(), right->view());
}
void report(const char* what, bool good) { std::printf("%-22s %s\n", what, good ? "opens again" : "FAILED"); }

bool key_file() {
  // snippet: file
  auto made = RootKey::create_key_file("root.key");  // once; 0600, never over a file that is there
  auto root = RootKey::from_key_file("root.key");
  // end: file
  return same(made, root);
}

bool credential() {
  char here[4096];
  if (::getcwd(here, sizeof here) == nullptr || ::mkdir("credentials", 0700) != 0) return false;
  std::ofstream("credentials/root") << "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";
  ::chmod("credentials/root", 0400);
  ::setenv("CREDENTIALS_DIRECTORY", (std::string(here) + "/credentials").c_str(), 1);
  // snippet: credential
  auto root = RootKey::from_credential("root");  // LoadCredentialEncrypted=root:... in the unit
  // end: credential
  ::unsetenv("CREDENTIALS_DIRECTORY");
  ::setenv("CUSTODY_ROOT", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", 1);
  // snippet: environment
  auto same_root = RootKey::from_environment("CUSTODY_ROOT");  // first thing in main; the variable is gone then
  // end: environment
  return same(root, same_root) && std::getenv("CUSTODY_ROOT") == nullptr;
}

bool passphrase() {
  const auto quick = custody::PassphraseCost::interactive();  // a real one leaves the default
  // snippet: passphrase
  auto made = custody::WrappedRoot::create("custody-root-1", "correct horse battery staple", quick);
  auto root = custody::WrappedRoot::open("custody-root-1", "correct horse battery staple");
  // end: passphrase
  const custody::PassphraseCost higher{3, quick.memory};
  // snippet: rewrap
  auto raised = custody::WrappedRoot::raise_cost("custody-root-1", "correct horse battery staple", higher);
  auto changed = custody::WrappedRoot::change_passphrase("custody-root-1", "correct horse battery staple",
                                                         "and another one entirely", higher);
  // end: rewrap
  return same(made, root) && raised && changed &&
         same(root, custody::WrappedRoot::open("custody-root-1", "and another one entirely"));
}

/// The evidence of a break-glass access goes where it can be written before the root is there: a terminal, syslog.
class Terminal final : public custody::Witness {
 public:
  custody::Result<void> record(std::span<const custody::Event> events) noexcept override {
    for (std::size_t i = 0; i != events.size(); ++i) {
      std::printf("log: %s %s by %s\n", events[i].place.data(), events[i].granted ? "granted" : "refused",
                  events[i].actor.data());
    }
    return {};
  }
};

constexpr custody::Role on_call{"on-call", custody::RoleKind::staff, custody::Level::core, nullptr, 0};

bool split() {
  Terminal witness;
  const custody::SystemClock clock;
  auto root = RootKey::from_key_file("root.key");
  if (!root) return false;
  // snippet: split
  auto shares = custody::SplitRoot::split(*root, 2, 3);  // any two of three people
  if (!shares) return false;
  std::vector<std::string> paper;
  for (const custody::RootShare& share : *shares) paper.push_back(*share.line());  // print, seal, hand out, wipe
  // end: split
  // snippet: combine
  std::vector<custody::RootShare> brought;
  for (const std::size_t who : {2U, 0U}) {
    auto share = custody::RootShare::from_line(paper[who]);
    if (!share) return false;  // damaged: tampered, malformed or truncated
    brought.push_back(std::move(*share));
  }
  auto again = custody::SplitRoot::combine(brought, {&on_call, "on-call-7"}, witness, clock);
  // end: combine
  brought.pop_back();
  const bool alone = custody::SplitRoot::combine(brought, {&on_call, "on-call-7"}, witness, clock).has_value();
  for (std::string& line : paper) custody::wipe(line);
  return same(root, again) && !alone;
}

}  // namespace

int main() {
  report("key file", key_file());
  report("credential", credential());
  report("passphrase", passphrase());
  report("split root", split());
}
