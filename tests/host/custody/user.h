// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_USER_H
#define HOST_USER_H

#include "database.h"
#include "privacy.h"
#include "request.h"

// who gets to see how much of a user
enum {
    SCOPE_PUBLIC = 0,
    SCOPE_FRIEND = 1,
    SCOPE_SELF = 2,
    SCOPE_ADMIN = 3
};

// which part of a user a request may fill
enum {
    PART_ACCOUNT = 1,
    PART_PROFILE = 2,
    PART_REALNAME = 4
};

struct HOST_API User
{
    User();

    const custody::Personal<string, AccountService, FriendProfile, Operations>& email() const { return m_email; }
    Bool is_admin() const { return role == Always ? True : False; }

    void from_request(const Request& req, int parts);
    void from_row(const Row& row);
    string to_json(int scope) const;

    int id;             // 0 until the database has given us one
    string account;
    string password;
    string nick;
    custody::Personal<string, AccountService, FriendProfile, Operations> phone;
    string birthday;
    string address;
    string bio;
    string device;
    string last_ip;
    custody::Personal<string, AccountService, RealNameVerify, Operations> real_name;
    custody::Sensitive<string, AccountService, RealNameVerify, Operations> id_number;
    int role;
    long created;

private:
    custody::Personal<string, AccountService, FriendProfile, Operations> m_email;

public:
    using custody_fields = custody::Fields<
        custody::record<"user", 1>, custody::unchecked_layout<MembersNotPorted>,
        custody::retained<custody::account_life, custody::erase_within<custody::working_days(15)> >,
        custody::field<1, "phone", &User::phone, custody::Category::phone, custody::indexed<custody::exact> >,
        custody::field<2, "email", &User::m_email, custody::Category::email>,
        custody::field<3, "real_name", &User::real_name, custody::Category::real_name>,
        custody::field<4, "id_number", &User::id_number, custody::Category::id_number>,
        custody::migrating<&User::password>, custody::migrating<&User::nick>, custody::migrating<&User::birthday>,
        custody::migrating<&User::address>, custody::migrating<&User::bio>, custody::migrating<&User::device>,
        custody::migrating<&User::last_ip> >;
};

typedef list<User> UserList;

HOST_API void log_user(const char* what, const User& u);
HOST_API string users_to_json(const UserList& users, int scope);

#endif
