// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_USER_H
#define HOST_USER_H

#include "database.h"
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

    const string& email() const { return m_email; }
    Bool is_admin() const { return role == Always ? True : False; }

    void from_request(const Request& req, int parts);
    void from_row(const Row& row);
    string to_json(int scope) const;

    int id;             // 0 until the database has given us one
    string account;
    string password;
    string nick;
    string phone;
    string birthday;
    string address;
    string bio;
    string device;
    string last_ip;
    string real_name;
    string id_number;
    int role;
    long created;

private:
    string m_email;
};

typedef list<User> UserList;

HOST_API void log_user(const char* what, const User& u);
HOST_API string users_to_json(const UserList& users, int scope);

#endif
