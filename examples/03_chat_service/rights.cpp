// SPDX-License-Identifier: Apache-2.0

// What people may ask for, and what time does by itself: withdrawal, export, retention, leaving, erasure.
#include <algorithm>

#include "service.hpp"

namespace chat {

namespace {

[[nodiscard]] bool refused_with(const custody::Result<bool>& outcome, custody::Errc reason) {
  return !outcome && outcome.error() == reason;
}

}  // namespace

bool Service::move_clock(custody::Instant to) {
  acks_.say("clock " + std::to_string(to.ms));
  clock_->set(to);
  return true;
}

/// A withdrawal bites at once: the permit that worked a moment ago is refused, and so is the next one.
bool Service::withdraw_push(const Member& member) {
  auto person = vault_.get<Person>(member.uid);
  if (!person) return fail("withdrawal", person.error());
  auto permit = vault_.permit<PersonalisedPush>(member.subject, push_gateway);
  if (!permit) return true;  // never agreed: nothing to withdraw
  auto gateway = custody::sink<PersonalisedPush, "push-gateway">([](std::string_view text) { return !text.empty(); });
  if (auto sent = person->nickname.release(*permit, gateway); !sent) return fail("push", sent.error());

  if (auto withdrawn = vault_.withdraw<PersonalisedPush>(member.subject); !withdrawn) {
    return fail("withdrawal", withdrawn.error());
  }
  acks_.say("withdrawn " + member.uid);
  ++tally_.withdrawals;
  if (!refused_with(person->nickname.release(*permit, gateway), custody::Errc::permit_withdrawn)) {
    return fail("a permit outlived its consent");
  }
  if (vault_.permit<PersonalisedPush>(member.subject, push_gateway)) return fail("a withdrawn consent gave a permit");
  ++tally_.bites;
  return true;
}

bool Service::withdraw() {
  for (const Member& member : members_) {
    if (tally_.withdrawals == 3) break;
    if (member.subject && !withdraw_push(member)) return false;
  }
  return true;
}

bool Service::export_one() {
  const Room* room = busiest_pair();
  if (room == nullptr) return true;
  const Member& member = members_[room->members.front()];
  auto permit = vault_.permit<RightsRequest>(member.subject, rights_desk);
  if (!permit) return fail("export", permit.error());
  // here the product writes the person's own file; this one counts, so that no value is left behind
  auto given = vault_.export_subject<Person, SignIn, Message>(
      member.subject, *permit, [&](std::string_view record, std::uint64_t, const auto& field, const auto&) {
        ++tally_.exported[std::string(record) + "." + field.name];
      });
  if (!given) return fail("export", given.error());
  tally_.exported_values = *given;
  return true;
}

/// After its day a position is refused even before a sweep removes it.
bool Service::positions_expired() {
  for (const Member& member : members_) {
    if (!member.subject) continue;
    auto permit = vault_.permit<LocationShare>(member.subject, server);
    if (!permit) continue;
    auto person = vault_.get<Person>(member.uid);
    if (!person) return fail("position", person.error());
    auto map = custody::sink<LocationShare, "map", Level::grade4>([](std::string_view text) { return !text.empty(); });
    return refused_with(person->geo.release(*permit, map), custody::Errc::expired) ||
           fail("an expired position was read");
  }
  return true;
}

bool Service::second_day() {
  auto before = take_inventory();
  if (!before) return fail("inventory", before.error());
  tally_.before = std::move(*before);
  if (!move_clock(clock_->now() + custody::days(2)) || !positions_expired()) return false;
  auto swept = vault_.sweep();
  if (!swept) return fail("sweep", swept.error());
  tally_.second_day = *swept;
  return true;
}

const Service::Room* Service::busiest_pair() const {
  const Room* busiest = nullptr;
  for (const auto& [ends, room] : rooms_) {
    const bool both = room.members.size() == 2 && !members_[room.members[0]].gone && !members_[room.members[1]].gone;
    if (both && (busiest == nullptr || room.texts.size() > busiest->texts.size())) busiest = &room;
  }
  return busiest;
}

/// How many messages of a room somebody can read.
custody::Result<std::uint64_t> Service::readable(const custody::Subject& reader, const Room& room) {
  auto permit = vault_.permit<MessageDelivery>(reader, server);
  if (!permit) return permit.error();
  auto history = custody::sink<MessageDelivery, "history", Level::grade4>([](std::string_view) {});
  std::uint64_t read = 0;
  for (const std::uint64_t number : room.texts) {
    auto message = vault_.get<Message>(message_id(number));
    if (message && message->body.release(*permit, history)) ++read;
  }
  return read;
}

bool Service::one_friend_leaves() {
  const Room* room = busiest_pair();
  if (room == nullptr) return true;
  Member& leaver = members_[room->members.front()];
  const Member& friend_who_stays = members_[room->members.back()];
  if (auto left = vault_.leave(room->conversation, leaver.subject); !left) return fail("leaving", left.error());
  acks_.say("left " + leaver.uid);
  auto lost = readable(leaver.subject, *room);
  auto kept = readable(friend_who_stays.subject, *room);
  if (!lost || !kept) return fail("leaving", lost ? kept.error() : lost.error());
  ++tally_.left;
  tally_.lost_by_leaver = room->texts.size() - *lost;
  tally_.kept_by_friend = *kept;
  return (*lost == 0 && *kept == room->texts.size()) || fail("who left still reads, or who stayed does not");
}

/// Erases one person. What the network log must keep is restricted until its day instead.
custody::Result<void> Service::erase_one(Member& member) {
  auto made = vault_.erase(member.subject);
  if (!made) return made.error();
  member.gone = true;
  acks_.say((made->keys_destroyed ? "erased " : "restricted ") + member.uid);
  tally_.erased_rows += made->rows_removed;
  ++(made->keys_destroyed ? tally_.erased : tally_.restricted);
  auto& shown = made->keys_destroyed ? tally_.certificate : tally_.held_certificate;
  if (!shown) shown = std::move(*made);
  return {};
}

bool Service::erase_some() {
  // one who leaves a friend behind, one whom the network log holds, and then one person in fifty
  const Room* room = nullptr;
  for (const auto& [ends, each] : rooms_) {
    const bool free = each.members.size() == 2 && !members_[each.members[0]].signed_in && !each.texts.empty();
    if (free && &each != busiest_pair() && (room == nullptr || each.texts.size() > room->texts.size())) room = &each;
  }
  std::vector<std::size_t> wanted;
  if (room != nullptr) wanted.push_back(room->members.front());
  const auto held = std::find_if(members_.begin(), members_.end(), [](const Member& each) { return each.signed_in; });
  if (held != members_.end()) wanted.push_back(static_cast<std::size_t>(held - members_.begin()));
  for (std::size_t place = 25; place < members_.size(); place += 50) wanted.push_back(place);

  for (const std::size_t place : wanted) {
    Member& member = members_[place];
    const bool stays = room != nullptr && place == room->members.back();
    if (!member.subject || member.gone || stays) continue;
    if (auto done = erase_one(member); !done) return fail("erasure", done.error());
    if (!member.signed_in && vault_.get<Person>(member.uid)) return fail("an erased person's record was read");
  }
  if (room == nullptr) return true;
  auto read = readable(members_[room->members.back()].subject, *room);
  if (!read) return fail("erasure", read.error());
  tally_.still_read = *read;
  return *read == room->texts.size() || fail("a friend of an erased person lost messages");
}

bool Service::half_a_year_later() {
  if (!move_clock(clock_->now() + custody::days(190))) return false;
  auto swept = vault_.sweep();
  if (!swept) return fail("sweep", swept.error());
  acks_.say("swept");
  tally_.half_year = *swept;
  auto after = take_inventory();
  if (!after) return fail("inventory", after.error());
  tally_.after = std::move(*after);
  return true;
}

bool Service::close() {
  auto closed = vault_.close();
  return closed ? true : fail("close", closed.error());
}

}  // namespace chat
