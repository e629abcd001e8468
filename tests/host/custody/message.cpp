// SPDX-License-Identifier: Apache-2.0
#include "message.h"
#include "log.h"
#include "util.h"

void ChatMessage::from_request(const Request& req, int sender)
{
    from = sender;
    to = req.get_int("to");
    gid = req.get_int("gid");
    body = req.get("body");
    created = (long)time(NULL);
    LOGD("message from=%d to=%d gid=%d body=%s", from, to, gid, body.c_str());
}

void ChatMessage::from_row(const Row& row)
{
    if (row.size() < 6)
        return;
    id = atoi(row[0].c_str());
    from = atoi(row[1].c_str());
    to = atoi(row[2].c_str());
    gid = atoi(row[3].c_str());
    body = row[4];
    created = atol(row[5].c_str());
}

string ChatMessage::to_json() const
{
    stringstream ss;
    ss << "{\"mid\":" << id << ",\"from\":" << from;
    if (gid != 0)
        ss << ",\"gid\":" << gid;
    else
        ss << ",\"to\":" << to;
    ss << ",\"body\":\"" << json_escape(body) << "\"}";
    return ss.str();
}

Bool save_message(IN OUT ChatMessage& m)
{
    string sql = "INSERT INTO message(sender, receiver, gid, body, created) VALUES(";
    sql += to_str(m.from) + "," + to_str(m.to) + "," + to_str(m.gid);
    sql += ",'" + sql_escape(m.body) + "'," + to_str(m.created) + ")";
    if (!Database::instance().exec(sql))
        return False;
    m.id = Database::instance().last_id();
    return True;
}

static MessageList load_messages(const string& where, int limit)
{
    char tail[64];
    snprintf(tail, sizeof(tail), " ORDER BY id LIMIT %d", max(1, min(limit, 100)));
    MessageList out;
    RowList rows;
    Database::instance().query("SELECT id, sender, receiver, gid, body, created FROM message WHERE " + where + tail, rows);
    foreach (const Row& row, rows) {
        ChatMessage m;
        m.from_row(row);
        out.push_back(m);
    }
    return out;
}

MessageList load_talk(int a, int b, int limit)
{
    char where[128];
    snprintf(where, sizeof(where), "(sender = %d AND receiver = %d) OR (sender = %d AND receiver = %d)", a, b, b, a);
    return load_messages(where, limit);
}

MessageList load_group_talk(int gid, int limit)
{
    return load_messages("gid = " + to_str(gid), limit);
}
