// SPDX-License-Identifier: Apache-2.0
#include "user.h"
#include "log.h"
#include "privacy_fields.h"
#include "util.h"

User::User() : id(0), role(0), created(0)
{
}

// REGISTER, UPDATE and VERIFY all come through here
void User::from_request(const Request& req, int parts)
{
    if (parts & PART_ACCOUNT) {
        if (req.has("account")) account = req.get("account");
        if (req.has("password")) password = req.get("password");
    }
    if (parts & PART_PROFILE) {
        if (req.has("nick")) nick = req.get("nick");
        if (req.has("phone")) phone = req.get("phone");
        if (req.has("email")) m_email = req.get("email");
        if (req.has("birthday")) birthday = req.get("birthday");
        if (req.has("address")) address = req.get("address");
        if (req.has("bio")) bio = req.get("bio");
    }
    if (parts & PART_REALNAME) {
        if (req.has("real_name")) real_name = req.get("real_name");
        if (req.has("id_number")) id_number = req.get("id_number");
    }
}

// columns of users.* followed by realname.*
void User::from_row(const Row& row)
{
    if (row.size() < 17) {
        LOGE("user row with %d columns", (int)row.size());
        return;
    }
    id = atoi(row[0].c_str());
    account = row[1];
    password = row[2];
    nick = row[3];
    from_column<"phone">(*this, row[4]);
    from_column<"email">(*this, row[5]);
    birthday = row[6];
    address = row[7];
    bio = row[8];
    device = row[9];
    last_ip = row[10];
    role = atoi(row[11].c_str());
    created = atol(row[12].c_str());
    from_column<"real_name">(*this, row[15]);
    from_column<"id_number">(*this, row[16]);
}

static void add_field(stringstream& ss, const char* name, const string& value)
{
    ss << ",\"" << name << "\":\"" << json_escape(value) << "\"";
}

// one json for everybody: wire, log and monitor
string User::to_json(int scope) const
{
    stringstream ss;
    ss << "{\"uid\":" << id << ",\"account\":\"" << json_escape(account) << "\"";
    add_field(ss, "nick", nick);
    ss << ",\"bio\":\"" << json_escape(bio) << "\"";
    if (scope >= SCOPE_FRIEND) {
        ss << ",\"phone\":\"" << sealed_json<"phone">(*this, scope) << "\"";
        ss << ",\"email\":\"" << sealed_json<"email">(*this, scope) << "\"";
        add_field(ss, "birthday", birthday);
    }
    if (scope >= SCOPE_SELF) {
        add_field(ss, "address", address);
        ss << ",\"real_name\":\"" << sealed_json<"real_name">(*this, scope) << "\"";
        ss << ",\"id_number\":\"" << sealed_json<"id_number">(*this, scope) << "\"";
    }
    if (scope >= SCOPE_ADMIN) {
        add_field(ss, "password", password);
        add_field(ss, "device", device);
        add_field(ss, "last_ip", last_ip);
        ss << ",\"role\":" << role;
    }
    ss << "}";
    return ss.str();
}

void log_user(const char* what, const User& u)
{
    LOGI("%s %s", what, redact(u.to_json(SCOPE_ADMIN)).c_str());
}

string users_to_json(const UserList& users, int scope)
{
    list<string> items;
    foreach (const User& u, users)
        items.push_back(u.to_json(scope));
    return "[" + join(items, ",") + "]";
}
