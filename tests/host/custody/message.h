// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_MESSAGE_H
#define HOST_MESSAGE_H

#include "database.h"
#include "request.h"

struct HOST_API ChatMessage
{
    int id;
    int from;
    int to;     // user, or 0
    int gid;    // group, or 0
    string body;
    long created;

    ChatMessage() : id(0), from(0), to(0), gid(0), created(0) {}

    void from_request(const Request& req, int sender);
    void from_row(const Row& row);
    string to_json() const;
};

typedef list<ChatMessage> MessageList;

HOST_API Bool save_message(IN OUT ChatMessage& m);
HOST_API MessageList load_talk(int a, int b, int limit);
HOST_API MessageList load_group_talk(int gid, int limit);

#endif
