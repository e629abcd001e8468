// SPDX-License-Identifier: Apache-2.0
#include "user_store.h"
#include "log.h"
#include "util.h"

#define USER_SELECT "SELECT u.*, r.* FROM users u LEFT JOIN realname r ON r.uid = u.id "
#define STORE_OK 1
#define STORE_FAILED ERROR

Status save_user(IN OUT User& u)
{
    stringstream sql;
    if (u.id > 0)
        sql << "REPLACE INTO users VALUES(" << u.id;
    else
        sql << "INSERT INTO users VALUES(NULL";
    sql << ",'" << sql_escape(u.account) << "','" << sql_escape(u.password) << "'";
    sql << ",'" << sql_escape(u.nick) << "'";
    sql << ",'" << sql_escape(u.phone) << "'";
    sql << ",'" << sql_escape(u.email()) << "'";
    sql << ",'" << sql_escape(u.birthday) << "','" << sql_escape(u.address) << "'";
    sql << ",'" << sql_escape(u.bio) << "'";
    sql << ",'" << sql_escape(u.device) << "','" << sql_escape(u.last_ip) << "'";
    sql << "," << u.role << "," << u.created << ")";
    if (!Database::instance().exec(sql.str()))
        return STORE_FAILED;
    if (u.id == 0)
        u.id = Database::instance().last_id();
    return STORE_OK;
}

Status save_realname(const User& u)
{
    string values = to_str(u.id);
    values += ",'" + sql_escape(u.real_name) + "'";
    values += ",'" + sql_escape(u.id_number) + "'";
    char sql[512];
    snprintf(sql, sizeof(sql), "REPLACE INTO realname VALUES(%s)", values.c_str());
    return Database::instance().exec(sql) ? STORE_OK : STORE_FAILED;
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
        snprintf(sql, sizeof(sql), USER_SELECT "WHERE u.phone = '%s'", sql_escape(req.get("phone")).c_str());
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
