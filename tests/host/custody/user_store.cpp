// SPDX-License-Identifier: Apache-2.0
#include "user_store.h"
#include "log.h"
#include "privacy_fields.h"
#include "util.h"

#define USER_SELECT "SELECT u.*, r.* FROM users u LEFT JOIN realname r ON r.uid = u.id "
#define STORE_OK 1
#define STORE_FAILED ERROR

Status save_user(IN OUT User& u)
{
    if (!bind_fields(u))
        return STORE_FAILED;
    stringstream sql;
    if (u.id > 0)
        sql << "REPLACE INTO users VALUES(" << u.id;
    else
        sql << "INSERT INTO users VALUES(NULL";
    sql << ",'" << sql_escape(u.account) << "','" << sql_escape(u.password) << "'";
    sql << ",'" << sql_escape(u.nick) << "'";
    sql << ",'" << column<"phone">(u) << "'";
    sql << ",'" << column<"email">(u) << "'";
    sql << ",'" << sql_escape(u.birthday) << "','" << sql_escape(u.address) << "'";
    sql << ",'" << sql_escape(u.bio) << "'";
    sql << ",'" << sql_escape(u.device) << "','" << sql_escape(u.last_ip) << "'";
    sql << "," << u.role << "," << u.created << key_columns(u) << ")";
    if (!Database::instance().exec(sql.str()))
        return STORE_FAILED;
    if (u.id == 0)
        u.id = Database::instance().last_id();
    return STORE_OK;
}

Status save_realname(IN OUT User& u)
{
    if (!bind_fields(u))
        return STORE_FAILED;
    string values = to_str(u.id);
    values += ",'" + column<"real_name">(u) + "'";
    values += ",'" + column<"id_number">(u) + "'";
    return Database::instance().exec("REPLACE INTO realname VALUES(" + values + ")") ? STORE_OK : STORE_FAILED;
}

// his messages stay, the other side wants to read them
Status erase_user(int uid)
{
    Database& db = Database::instance();
    string id = to_str(uid);
    if (!db.exec("DELETE FROM users WHERE id = " + id))
        return STORE_FAILED;
    db.exec("DELETE FROM realname WHERE uid = " + id);
    db.exec("DELETE FROM friend WHERE uid = " + id + " OR fid = " + id);
    db.exec("DELETE FROM group_member WHERE uid = " + id);
    db.exec("DELETE FROM offline WHERE uid = " + id);
    return STORE_OK;
}

Bool find_user(const Request& req, OUT User& u)
{
    char sql[512];
    if (req.has("phone"))
        snprintf(sql, sizeof(sql), USER_SELECT "WHERE u.phone_key = '%s'", key_of<"phone", User>(req.get("phone")).c_str());
    else if (req.has("account"))
        snprintf(sql, sizeof(sql), USER_SELECT "WHERE u.account = '%s'", sql_escape(req.get("account")).c_str());
    else
        snprintf(sql, sizeof(sql), USER_SELECT "WHERE u.id = %d", req.get_int("uid"));

    RowList rows;
    if (!Database::instance().query(sql, rows) || rows.empty())
        return False;
    u.from_row(rows.front());
    return True;
}

UserList load_users()
{
    UserList users;
    RowList rows;
    Database::instance().query(USER_SELECT "ORDER BY u.id", rows);
    foreach (const Row& row, rows) {
        User u;
        u.from_row(row);
        users.push_back(u);
    }
    LOGI("%d users loaded", (int)users.size());
    return users;
}
