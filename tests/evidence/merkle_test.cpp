// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <custody/evidence/leaf.hpp>
#include <custody/evidence/log_verifier.hpp>
#include <custody/evidence/merkle.hpp>

#include "custody_catch.hpp"
#include "fakes.hpp"

using namespace evidence_test;
using custody::Digest;
using custody::Frontier;
using custody::leaf_hash;
using custody::tree_root;

namespace {

Bytes unhex(std::string_view text) {
  std::string raw;
  REQUIRE(custody::detail::note_hex(text, raw));
  const ByteView bytes = custody::as_bytes(raw);
  return {bytes.begin(), bytes.end()};
}
Digest digest(std::string_view text) {
  Digest made{};
  const Bytes bytes = unhex(text);
  std::copy(bytes.begin(), bytes.end(), made.begin());
  return made;
}
std::vector<Digest> numbered(std::size_t count) {
  std::vector<Digest> leaves;
  for (std::size_t i = 0; i != count; ++i) leaves.push_back(leaf_hash(custody::as_bytes(std::to_string(i))));
  return leaves;
}

// The test inputs of Certificate Transparency, with the published roots.
const char* const ct_leaves[8] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
const char* const ct_roots[8] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                 "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                 "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                 "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                 "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                 "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                 "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

std::vector<Bytes> ct_inputs() {
  std::vector<Bytes> made;
  for (const char* leaf : ct_leaves) made.push_back(unhex(leaf));
  return made;
}

}  // namespace

TEST_CASE("the tree gives the published roots", "[evidence]") {
  CHECK(Frontier().root() == digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  Frontier tree;
  const auto inputs = ct_inputs();
  for (std::size_t i = 0; i != 8; ++i) {
    tree.append(leaf_hash(inputs[i]));
    CHECK(tree.size() == i + 1);
    CHECK(tree.root() == digest(ct_roots[i]));
    auto at = [&](std::uint64_t n) { return ByteView(inputs[n]); };
    CHECK(custody::detail::verifier_tree_hash(0, i + 1, at) == digest(ct_roots[i]));
  }
}

TEST_CASE("writer and verifier agree on every size up to 130", "[evidence]") {
  std::vector<Bytes> inputs;
  for (unsigned i = 0; i != 131; ++i) inputs.push_back(*custody::encode_leaf(common_event(i * 7)));
  Frontier tree;
  for (std::size_t n = 0; n <= 130; ++n) {
    auto at = [&](std::uint64_t i) { return ByteView(inputs[i]); };
    REQUIRE(custody::detail::verifier_tree_hash(0, n, at) == tree.root());
    tree.append(leaf_hash(inputs[n]));
  }
}

TEST_CASE("inclusion proofs are the published ones", "[evidence]") {
  std::vector<Digest> leaves;
  for (const Bytes& each : ct_inputs()) leaves.push_back(leaf_hash(each));
  const auto proof = *custody::inclusion_proof(5, leaves);
  REQUIRE(proof.size() == 3);
  CHECK(proof[0] == digest("bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"));
  CHECK(proof[1] == digest("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"));
  CHECK(proof[2] == digest("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"));
  CHECK(custody::inclusion_proof(8, leaves).error() == Errc::not_found);
}

TEST_CASE("every inclusion proof up to 40 leaves verifies, and nothing near it does", "[evidence]") {
  for (std::size_t n = 1; n <= 40; ++n) {
    const auto leaves = numbered(n);
    const Digest root = tree_root(leaves);
    for (std::size_t i = 0; i != n; ++i) {
      auto proof = *custody::inclusion_proof(i, leaves);
      REQUIRE(custody::verify_inclusion(leaves[i], i, n, proof, root));
      REQUIRE_FALSE(custody::verify_inclusion(leaves[i], i + 1, n, proof, root));
      REQUIRE_FALSE(custody::verify_inclusion(leaves[(i + 1) % n], i, n, proof, root) != (n == 1));
      REQUIRE_FALSE(custody::verify_inclusion(leaves[i], i, n, proof, leaves[i]) != (n == 1));
      proof.push_back(root);
      REQUIRE_FALSE(custody::verify_inclusion(leaves[i], i, n, proof, root));
      proof.pop_back();
      if (proof.empty()) continue;
      proof[proof.size() / 2][9] ^= std::byte{1};
      REQUIRE_FALSE(custody::verify_inclusion(leaves[i], i, n, proof, root));
      proof.pop_back();
      REQUIRE_FALSE(custody::verify_inclusion(leaves[i], i, n, proof, root));
    }
  }
}

TEST_CASE("consistency proofs are the published ones", "[evidence]") {
  std::vector<Digest> leaves;
  for (const Bytes& each : ct_inputs()) leaves.push_back(leaf_hash(each));
  const auto proof = *custody::consistency_proof(6, leaves);
  REQUIRE(proof.size() == 3);
  CHECK(proof[0] == digest("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"));
  CHECK(proof[1] == digest("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"));
  CHECK(proof[2] == digest("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"));
  CHECK(custody::consistency_proof(9, leaves).error() == Errc::not_found);
}

TEST_CASE("every consistency proof up to 40 leaves verifies, and nothing near it does", "[evidence]") {
  for (std::size_t n = 1; n <= 40; ++n) {
    const auto leaves = numbered(n);
    const Digest root = tree_root(leaves);
    for (std::size_t m = 0; m <= n; ++m) {
      auto proof = *custody::consistency_proof(m, leaves);
      const Digest old = tree_root(std::span(leaves).first(m));
      REQUIRE(custody::verify_consistency(m, n, proof, old, root));
      Digest other = old;
      other[3] ^= std::byte{1};
      REQUIRE_FALSE(custody::verify_consistency(m, n, proof, other, root));
      if (m != 0) {
        other = root;
        other[3] ^= std::byte{1};
        REQUIRE_FALSE(custody::verify_consistency(m, n, proof, old, other));
      }
      if (m != n) REQUIRE_FALSE(custody::verify_consistency(n, m, proof, root, old));
      proof.push_back(root);
      REQUIRE_FALSE(custody::verify_consistency(m, n, proof, old, root));
      proof.pop_back();
      if (proof.empty()) continue;
      proof.back()[0] ^= std::byte{128};
      REQUIRE_FALSE(custody::verify_consistency(m, n, proof, old, root));
      proof.pop_back();
      REQUIRE_FALSE(custody::verify_consistency(m, n, proof, old, root));
    }
  }
}

TEST_CASE("a proof from a smaller tree does not speak for a larger one", "[evidence]") {
  const auto leaves = numbered(4);
  const Digest two = tree_root(std::span(leaves).first(2));
  const auto included = *custody::inclusion_proof(0, std::span(leaves).first(2));
  CHECK(custody::verify_inclusion(leaves[0], 0, 2, included, two));
  CHECK_FALSE(custody::verify_inclusion(leaves[0], 0, 4, included, two));
  CHECK_FALSE(custody::verify_inclusion(leaves[0], 0, 2, {}, leaves[0]));
  const auto grown = *custody::consistency_proof(1, std::span(leaves).first(2));
  CHECK(custody::verify_consistency(1, 2, grown, leaves[0], two));
  CHECK_FALSE(custody::verify_consistency(1, 4, grown, leaves[0], two));
}

TEST_CASE("a frontier is written and read whole", "[evidence]") {
  Frontier tree;
  for (std::size_t n = 0; n != 70; ++n) {
    Bytes bytes;
    tree.write(bytes);
    auto back = Frontier::read(bytes);
    REQUIRE(back);
    REQUIRE(back->root() == tree.root());
    back->append(leaf_hash({}));
    for (std::size_t cut = 0; cut != bytes.size(); ++cut) REQUIRE_FALSE(Frontier::read(ByteView(bytes).first(cut)));
    bytes.push_back(std::byte{0});
    REQUIRE_FALSE(Frontier::read(bytes));
    tree.append(leaf_hash({}));
    REQUIRE(back->root() == tree.root());
  }
}
