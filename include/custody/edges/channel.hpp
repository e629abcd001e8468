// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <type_traits>

#include <custody/data/sink.hpp>
#include <custody/law/protection.hpp>

namespace custody::inline v0 {
namespace detail {

/// A way out of the process that says how it travels, what it is fit for and what it is called.
template <class Place>
[[nodiscard]] consteval bool judge_channel() noexcept {
  if constexpr (requires {
                  Transport{Place::custody_transport};
                  Protection{Place::custody_protection};
                }) {
    constexpr Transport via = Place::custody_transport;
    constexpr Protection protection = Place::custody_protection;
    const bool sealed = via == Transport::tls || via == Transport::local;
    const bool level = protection.highest >= Level::grade1 && protection.highest <= Level::core;
    return sealed && level && !std::string_view(protection.name).empty();
  } else {
    return false;
  }
}
template <class Place>
inline constexpr bool declares_channel = judge_channel<std::remove_cvref_t<Place>>();

/// One line of the inventory for a channel and a purpose it serves.
template <class Tag, class ChannelType>
struct ChannelOutlet {
  static constexpr Protection protection = ChannelType::custody_protection;
  static inline Outlet outlet{"channel", protection.name, purpose_facts<Tag>.id, protection.highest, nullptr};
  static inline const OutletEntry entry{outlet};
};

}  // namespace detail

/// Where json leaves the process: the base of a class that stands for a connection. It travels under TLS or stays on
/// the machine, and carries data up to one level. CSL Art. 23; PIPL Art. 51. Rules S5, L2. Use: `struct PeerLink :
/// custody::Channel<"peer-link", custody::Transport::tls, custody::Level::grade4> {};`
template <fixed_string Name, Transport Via, Level Highest = Level::grade3>
struct Channel {
  static_assert(Via == Transport::tls || Via == Transport::local,
                "custody[S5]: a channel is neither under TLS nor local (PIPL Art. 51; CSL Art. 23). "
                "Fix: use custody::Transport::tls or custody::Transport::local.");
  static_assert(detail::is_level<Highest>,
                "custody[L3]: a level outside grade1..grade4, important, core was invented (DSL Art. 21). "
                "Fix: use one of the six custody::Level values.");
  static_assert(Name.length() != 0, "a channel needs a name");
  static constexpr Transport custody_transport = Via;
  static constexpr Protection custody_protection{Highest, detail::literal<Name>.c_str()};
};

/// A channel that declares its transport, its level and its name. Rule S5.
template <class Place>
concept DeclaresChannel =
    rule<detail::declares_channel<Place>,
         "custody[S5]: a channel does not declare its transport, level and name (PIPL Art. 51). "
         "Fix: derive it from custody::Channel<\"name\", custody::Transport::tls, custody::Level::...>.">;

}  // namespace custody::inline v0
