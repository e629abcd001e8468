// SPDX-License-Identifier: Apache-2.0

// What the service is for: messages between people, pushes to those who want them, and tickets for the support desk.
#include <algorithm>
#include <mutex>
#include <thread>

#include <custody/data/display.hpp>
#include <custody/data/mask.hpp>

#include "service.hpp"
#include "social.hpp"

namespace chat {

namespace {

constexpr std::size_t rows_at_once = 128;
constexpr custody::Duration between_messages{400};
constexpr std::size_t group = static_cast<std::size_t>(-1);  ///< stands for the contact in a group's place

}  // namespace

custody::Result<Service::Room*> Service::room_for(std::size_t sender, std::uint64_t number) {
  const std::size_t people = members_.size();
  std::vector<std::size_t> others;
  for (std::size_t i = 0; to_group(number) && i != 4; ++i) others.push_back(contact(options_.seed, sender, i, people));
  if (others.empty()) others.push_back(receiver_of(options_.seed, number, sender, people));
  const auto [at, fresh] = rooms_.try_emplace({sender, to_group(number) ? group : others.front()});
  Room& room = at->second;
  if (!fresh) return &room;
  room.members = {sender};
  for (const std::size_t other : others) {
    const bool there = std::find(room.members.begin(), room.members.end(), other) != room.members.end();
    if (members_[other].subject && !there) room.members.push_back(other);
  }
  if (room.members.size() < 2) return &room;
  std::vector<custody::Subject> subjects;
  for (const std::size_t member : room.members) subjects.push_back(members_[member].subject);
  auto started = vault_.converse(subjects);
  if (!started) return started.error();
  room.conversation = *started;
  return &room;
}

custody::Result<void> Service::send(std::uint64_t number, const TextLine& text, Batch& batch) {
  ++tally_.messages.given;
  if (members_.size() < 2) {
    ++tally_.messages.refused["there is nobody to write to"];
    return {};
  }
  const std::size_t sender = sender_of(options_.seed, number, members_.size());
  Message message;
  message.id = message_id(number);
  message.sender = members_[sender].uid;
  message.sent_at = clock_->now().ms;
  message.body = text.body;  // a copy of the ciphertext: nothing is opened to send a message on
  Room* room = nullptr;
  if (members_[sender].subject) {
    auto found = room_for(sender, number);
    if (!found) return found.error();
    room = *found;
    if (room->members.size() < 2) {
      ++tally_.messages.refused["the receiver has no account"];
      return {};
    }
    message.room = room->conversation;
  }
  if (auto stored = vault_.put(message); !stored) {
    if (room != nullptr) return stored;
    ++tally_.messages.refused["the sender has no account"];
    return {};
  }
  room->texts.push_back(number);
  ++tally_.messages.kept;
  std::string line = "message " + std::to_string(text.line) + " " + message.id.get();
  for (const std::size_t member : room->members) line += " " + members_[member].uid;
  batch.acknowledge(std::move(line));
  return {};
}

bool Service::exchange_messages() {
  std::vector<TextLine> texts;
  const bool read = read_messages(
      options_.messages, [&](TextLine& text) { texts.push_back(std::move(text)); },
      [&](std::size_t line, std::string_view reason) {
        ++tally_.messages.given;
        ++tally_.messages.refused["the line is malformed"];
        std::fprintf(stderr, "%s:%zu: %.*s\n", options_.messages.c_str(), line, static_cast<int>(reason.size()),
                     reason.data());
      });
  if (!read) return fail("the messages file cannot be read");
  const std::uint64_t wanted = texts.empty() ? 0 : options_.limit == 0 ? texts.size() : options_.limit;
  Progress progress("messages 消息", wanted);
  Batch batch(vault_, acks_);
  custody::Result<void> done;
  for (std::uint64_t number = 0; done && number != wanted; ++number) {
    clock_->advance(between_messages);
    done = batch.begin();
    if (done) done = send(number, texts[static_cast<std::size_t>(number % texts.size())], batch);
    if (done && batch.size() >= rows_at_once) done = batch.commit();
    progress.step();
  }
  if (done) done = batch.commit();
  return done ? true : fail("messages", done.error());
}

/// Somebody comes online and gets what the others wrote: the contract's purpose, one permit, one record a message.
custody::Result<void> Service::deliver_to(const Member& member, Sum& sum) {
  auto permit = vault_.permit<MessageDelivery>(member.subject, server);
  if (!permit) return permit.error();
  auto connection = custody::sink<MessageDelivery, "connection", Level::grade4>(
      [](std::string_view text) { return !text.empty(); });  // here the product writes to the person's connection
  constexpr std::uint64_t page = 100;
  for (std::uint64_t offset = 0;; offset += page) {
    auto messages = vault_.list<Message>(member.subject, offset, page);
    if (!messages) return messages.error();
    for (const Message& message : *messages) {
      if (message.sender == member.uid) continue;
      ++sum.given;
      if (auto sent = message.body.release(*permit, connection); sent)
        ++sum.kept;
      else
        ++sum.refused[text(sent.error().code)];
    }
    if (messages->size() < page) return {};
  }
}

/// Many people are online at once. Evidence about messages is on disk before a message is shown, so every delivery
/// waits for the disk; those of several threads wait together.
bool Service::deliver() {
  std::uint64_t expected = 0;
  for (const auto& [ends, room] : rooms_) expected += room.texts.size() * (room.members.size() - 1);
  Progress progress("delivery 投递", members_.size());
  std::mutex lock;
  custody::Result<void> outcome;
  std::size_t next = 0;
  const auto serve = [&] {
    Sum sum;
    std::unique_lock shared(lock);
    while (outcome && next != members_.size()) {
      const Member& member = members_[next++];
      progress.step();
      if (!member.subject) continue;
      shared.unlock();
      auto done = deliver_to(member, sum);
      shared.lock();
      if (!done) outcome = done;
    }
    tally_.deliveries.add(sum);
  };
  std::vector<std::thread> threads;
  for (int i = 0; i != 8; ++i) threads.emplace_back(serve);
  for (std::thread& thread : threads) thread.join();
  if (!outcome) return fail("delivery", outcome.error());
  return tally_.deliveries.given == expected || fail("a stored message was not there to be delivered");
}

custody::Result<void> Service::push_to(const Member& member) {
  ++tally_.pushes.given;
  auto permit = vault_.permit<PersonalisedPush>(member.subject, push_gateway);
  if (!permit) {
    ++tally_.pushes.refused[text(permit.error().code)];
    return {};
  }
  auto person = vault_.get<Person>(member.uid);
  if (!person) return person.error();
  auto gateway = custody::sink<PersonalisedPush, "push-gateway">([](std::string_view text) { return !text.empty(); });
  if (auto sent = person->nickname.release(*permit, gateway); !sent) return sent.error();
  ++tally_.pushes.kept;
  return {};
}

bool Service::push() {
  Progress progress("push 个性化推送", members_.size());
  for (const Member& member : members_) {
    progress.step();
    if (!member.subject) continue;
    if (auto done = push_to(member); !done) return fail("push", done.error());
  }
  return true;
}

/// An agent answers a ticket with a masked number, and is refused what people write, also when the configuration is
/// wrong.
bool Service::answer_ticket(const Member& member, const std::string& message_id) {
  Sum& sum = tally_.support;
  auto person = vault_.get<Person>(member.uid);
  auto message = vault_.get<Message>(message_id);
  auto ticket = vault_.permit<CustomerSupport>(member.subject, support_agent);
  if (!person || !message || !ticket) return fail("a ticket could not be opened");
  ++sum.given;
  if (!custody::show<custody::mask_phone>(*ticket, person->phone)) return fail("a ticket could not be answered");
  ++sum.kept;

  ++sum.given;
  auto asked = vault_.permit<MessageDelivery>(member.subject, support_agent);
  if (asked) return fail("a support agent was given a permit for messages");
  ++sum.refused[text(asked.error().code)];

  ++sum.given;
  auto mistaken = vault_.permit<MessageDelivery>(member.subject, support_lead);
  if (!mistaken) return fail("permit", mistaken.error());
  auto screen = custody::sink<MessageDelivery, "support-screen", Level::grade4>([](std::string_view) {});
  auto read = message->body.release(*mistaken, screen);
  if (read) return fail("a member of staff read a message");
  ++sum.refused["private communication is for no member of staff"];
  return true;
}

bool Service::answer_tickets() {
  std::size_t answered = 0;
  for (const auto& [ends, room] : rooms_) {
    if (answered == 5) break;
    if (room.texts.empty()) continue;
    if (!answer_ticket(members_[ends.first], message_id(room.texts.front()))) return false;
    ++answered;
  }
  return true;
}

}  // namespace chat
