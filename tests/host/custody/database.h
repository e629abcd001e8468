// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_DATABASE_H
#define HOST_DATABASE_H

#include "platform.h"

struct sqlite3;

typedef vector<string> Row;
typedef list<Row> RowList;

class HOST_API Database
{
public:
    static Database& instance();

    Bool open(const string& path);
    void close();
    Bool exec(const string& sql);
    Bool query(const string& sql, OUT RowList& rows);
    int last_id();

private:
    Database() : m_db(NULL) {}
    Bool create_tables();

    sqlite3* m_db;
    CLock m_mutex;
};

#endif
