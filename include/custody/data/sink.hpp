// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <custody/law/level.hpp>
#include <custody/law/purpose.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {
namespace detail {

/// One declared sink, channel or reason of this program, for the manifest. Linked into a list before main.
struct Outlet {
  const char* kind = "";
  const char* name = "";
  const char* purpose = "";
  Level highest = Level::grade1;
  const Outlet* next = nullptr;
};

[[nodiscard]] __attribute__((visibility("default"))) inline const Outlet*& outlets() noexcept {
  static constinit const Outlet* first = nullptr;
  return first;
}

/// Enters an outlet into the list once.
struct OutletEntry {
  explicit OutletEntry(Outlet& outlet) noexcept {
    for (const Outlet* at = outlets(); at != nullptr; at = at->next) {
      if (std::string_view(at->name) == outlet.name && std::string_view(at->purpose) == outlet.purpose) return;
    }
    outlet.next = outlets();
    outlets() = &outlet;
  }
};

template <class Tag, fixed_string Name, Level Highest>
struct SinkOutlet {
  static inline Outlet outlet{"sink", literal<Name>.c_str(), purpose_facts<Tag>.id, Highest, nullptr};
  static inline const OutletEntry entry{outlet};
};

}  // namespace detail

/// Where plaintext may go, for one purpose, up to one level: the base of a class with `void operator()(std::string_view)`
/// (or a byte span, a scalar, `const T&`), or made in place by custody::sink. Named, so that it stands in the manifest and
/// in every audit line. What it returns may be void, bool, an enum or Result<void>: nothing that could carry the data.
/// Rules P7, L2, O11.
template <class Tag, fixed_string Name, Level Highest = Level::grade3>
struct Sink {
  static_assert(detail::is_purpose_tag<Tag>,
                "custody[P4]: a sink serves something that is not a declared purpose (PIPL Art. 6). "
                "Fix: name a purpose tag of the product.");
  static_assert(detail::is_level<Highest>,
                "custody[L3]: a level outside grade1..grade4, important, core was invented (DSL Art. 21). "
                "Fix: use one of the six custody::Level values.");
  using custody_purpose = Tag;
  static constexpr Level custody_highest = Highest;
  static constexpr const char* custody_name = detail::literal<Name>.c_str();
  static const void* custody_inventory() noexcept { return &detail::SinkOutlet<Tag, Name, Highest>::entry; }
};

namespace detail {

template <class Tag, fixed_string Name, Level Highest, class Function>
struct MadeSink : Sink<Tag, Name, Highest> {
  Function function;
  explicit MadeSink(Function f) : function(std::move(f)) {}
  template <class Argument>
    requires std::is_invocable_v<Function&, Argument>
  auto operator()(Argument&& argument) {
    return function(std::forward<Argument>(argument));
  }
};

template <class Type>
concept SinkLike = requires {
  typename std::remove_cvref_t<Type>::custody_purpose;
  std::remove_cvref_t<Type>::custody_highest;
  std::remove_cvref_t<Type>::custody_name;
};

}  // namespace detail
}  // namespace custody::inline v0
