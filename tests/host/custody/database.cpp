// SPDX-License-Identifier: Apache-2.0
#include "database.h"
#include "log.h"

#include <sqlite3.h>

Database& Database::instance()
{
    static Database s_database;
    return s_database;
}

Bool Database::open(const string& path)
{
    CAutoLock guard(m_mutex);
    if (sqlite3_open(path.c_str(), &m_db) != SQLITE_OK) {
        LOGE("cannot open database %s: %s", path.c_str(), sqlite3_errmsg(m_db));
        return False;
    }
    return create_tables();
}

void Database::close()
{
    CAutoLock guard(m_mutex);
    if (m_db != NULL)
        sqlite3_close(m_db);
    m_db = NULL;
}

Bool Database::create_tables()
{
    static const char* const tables[] = {
        "CREATE TABLE IF NOT EXISTS users(id INTEGER PRIMARY KEY AUTOINCREMENT, account varchar(32) UNIQUE, "
        "password varchar(32), nick varchar(32), phone varchar(64), email varchar(64), birthday varchar(32), "
        "address varchar(128), bio varchar(256), device varchar(64), last_ip varchar(64), role int, created int)",
        "CREATE TABLE IF NOT EXISTS realname(uid INTEGER PRIMARY KEY, real_name varchar(64), id_number varchar(32))",
        "CREATE TABLE IF NOT EXISTS friend(uid int, fid int, remark varchar(64), PRIMARY KEY(uid, fid))",
        "CREATE TABLE IF NOT EXISTS message(id INTEGER PRIMARY KEY AUTOINCREMENT, sender int, receiver int, gid int, "
        "body text, created int)",
        "CREATE TABLE IF NOT EXISTS offline(id INTEGER PRIMARY KEY AUTOINCREMENT, uid int, packet text)",
        "CREATE TABLE IF NOT EXISTS chat_group(id INTEGER PRIMARY KEY AUTOINCREMENT, name varchar(64), notice varchar(256), "
        "owner int)",
        "CREATE TABLE IF NOT EXISTS group_member(gid int, uid int, PRIMARY KEY(gid, uid))",
    };
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); ++i)
        if (!exec(tables[i]))
            return False;
    return True;
}

Bool Database::exec(const string& sql)
{
    CAutoLock guard(m_mutex);
    LOGT("sql: %s", sql.c_str());
    char* why = NULL;
    if (sqlite3_exec(m_db, sql.c_str(), NULL, NULL, &why) != SQLITE_OK) {
        LOGE("sql failed: %s: %s", why != NULL ? why : "?", sql.c_str());
        sqlite3_free(why);
        return False;
    }
    return True;
}

static int collect_row(void* context, int count, char** values, char**)
{
    Row row;
    for (int i = 0; i < count; ++i)
        row.push_back(values[i] != NULL ? values[i] : "");
    ((RowList*)context)->push_back(row);
    return 0;
}

Bool Database::query(const string& sql, OUT RowList& rows)
{
    CAutoLock guard(m_mutex);
    LOGT("sql: %s", sql.c_str());
    rows.clear();
    char* why = NULL;
    if (sqlite3_exec(m_db, sql.c_str(), collect_row, &rows, &why) != SQLITE_OK) {
        LOGE("sql failed: %s: %s", why != NULL ? why : "?", sql.c_str());
        sqlite3_free(why);
        return False;
    }
    return True;
}

int Database::last_id()
{
    CAutoLock guard(m_mutex);
    return (int)sqlite3_last_insert_rowid(m_db);
}
