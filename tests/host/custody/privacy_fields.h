// SPDX-License-Identifier: Apache-2.0
// privacy_fields.h - what a port does with its fields: store, load, search, compare, show; for the sources that do it
#ifndef HOST_PRIVACY_FIELDS_H
#define HOST_PRIVACY_FIELDS_H

#include "privacy.h"

#include <custody/sealing.hpp>

typedef custody::KeyRing<HostProduct> HostRing;
HOST_API HostRing& ring();
HOST_API custody::Actor actor_for(const custody::Role& role);

// ---- who asks: the server for its users, the monitor port for the staff behind it ----
inline constexpr const custody::Role& server_role =
    custody::role<"server", custody::RoleKind::service, custody::Level::grade4, AccountService, FriendProfile, RealNameVerify>;
inline constexpr const custody::Role& operator_role =
    custody::role<"operator", custody::RoleKind::staff, custody::Level::grade4, Operations>;

// ---- a record's fields by name ----
template <class Item>
struct FieldItem
{
    static constexpr bool is_field = false;
};
template <auto Number, custody::fixed_string Name, auto Member, custody::Category Kind, class... Options>
struct FieldItem<custody::field<Number, Name, Member, Kind, Options...> >
{
    static constexpr bool is_field = true;
    static constexpr custody::fixed_string name = Name;
    static constexpr auto member = Member;
    static constexpr bool has_key = (is_same_v<Options, custody::indexed<custody::exact> > || ...);
};

// calls use(FieldItem) for every guarded field
template <class Use, class... Items>
void each_field(custody::Fields<Items...>, Use use)
{
    auto visit = [&]<class Item>(Item) {
        if constexpr (Item::is_field)
            use(Item());
    };
    (visit(FieldItem<Items>()), ...);
}

template <custody::fixed_string Name, class First, class... Rest>
constexpr auto member_named(custody::Fields<First, Rest...>)
{
    if constexpr (FieldItem<First>::is_field) {
        if constexpr (string_view(FieldItem<First>::name.c_str()) == Name.c_str())
            return FieldItem<First>::member;
        else
            return member_named<Name>(custody::Fields<Rest...>());
    } else {
        return member_named<Name>(custody::Fields<Rest...>());
    }
}
template <custody::fixed_string Name, class Record>
inline constexpr auto member_of = member_named<Name>(typename Record::custody_fields());

// ---- where a row belongs: to the person with its account; the id comes too late ----
template <class Record>
custody::Binding place_of(const Record& r, Bool may_enrol = False)
{
    auto person = ring().find(r.account);
    if (!person && person.error() == custody::Errc::not_found && may_enrol)
        person = ring().enrol(r.account);
    if (!person)
        return custody::Binding();
    auto place = ring().template binding<Record>(r.account, *person);
    return place ? *place : custody::Binding();
}

template <class Tag>
custody::Result<custody::Permit<Tag> > permit_for(const string& account, const custody::Role& role)
{
    auto person = ring().find(account);
    if (!person)
        return person.error();
    return ring().template permit<Tag>(*person, actor_for(role), custody::SystemClock().now() + custody::minutes(1));
}

// ---- store: bind_fields, then column and key_columns into the SQL; load: from_column ----
template <class Record>
Bool bind_fields(Record& r)
{
    Bool good = True;
    custody::Binding place = place_of(r, True);
    each_field(typename Record::custody_fields(), [&]<class Field>(Field) {
        auto done = custody::bind<Field::member>(place, r.*Field::member);
        if (done)
            return;
        log_refused(Field::name.c_str(), done.error());
        good = False;
    });
    return good;
}

template <custody::fixed_string Name, class Record>
string column(const Record& r)
{
    auto text = custody::at_rest::text(r.*member_of<Name, Record>);
    return text ? *text : string();
}

template <custody::fixed_string Name, class Record>
void from_column(Record& r, const string& text)
{
    (r.*member_of<Name, Record>).reset();
    if (text.empty())
        return;
    auto done = custody::at_rest::from_text<member_of<Name, Record> >(place_of(r), text, r.*member_of<Name, Record>);
    if (!done)
        log_refused(Name.c_str(), done.error());
}

// ---- equality search ----
template <auto Member>
string key_text(string_view value)
{
    auto key = ring().template lookup<Member>(value);
    return key ? custody::base64url_encode(key->bytes()) : string();
}

// of what a client asks for
template <custody::fixed_string Name, class Record>
string key_of(string&& value)
{
    string key = key_text<member_of<Name, Record> >(value);
    custody::wipe(value);
    return key;
}

// of a record's own values: ",'<key>'" for each field that has one
template <class Record>
string key_columns(const Record& r)
{
    string out;
    each_field(typename Record::custody_fields(), [&]<class Field>(Field) {
        if constexpr (Field::has_key) {
            string key;
            auto permit = permit_for<AccountService>(r.account, server_role);
            auto into = custody::sink<AccountService, "search-key", custody::Level::grade4>(
                [&](string_view value) { key = key_text<Field::member>(value); });
            if (permit && (r.*Field::member).has_value()) {
                auto done = (r.*Field::member).release(*permit, into);
                if (!done)
                    log_refused(Field::name.c_str(), done.error());
            }
            out += ",'" + key + "'";
        }
    });
    return out;
}

// ---- comparing ----
template <custody::fixed_string Name, class Record>
Bool matches(const Record& r, string&& candidate)
{
    auto permit = permit_for<RealNameVerify>(r.account, server_role);
    auto same = custody::sink<RealNameVerify, "verify", custody::Level::grade4>([&](string_view value) {
        return value.size() == candidate.size() && sodium_memcmp(value.data(), candidate.data(), value.size()) == 0;
    });
    Bool found = False;
    if (permit) {
        auto answer = (r.*member_of<Name, Record>).release(*permit, same);
        found = answer && *answer ? True : False;
    }
    custody::wipe(candidate);
    return found;
}

// ---- showing: the value itself is only put in when the bytes leave, see deliver() ----
template <custody::fixed_string Name, class Record>
string sealed_json(const Record& r, int scope)
{
    if ((r.*member_of<Name, Record>).empty())
        return string();
    return sealed_text(scope, Name.c_str(), r.account, column<Name>(r));
}

#endif
