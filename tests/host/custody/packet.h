// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_PACKET_H
#define HOST_PACKET_H

#include "platform.h"

enum {
    PACKET_CHAT = 1,
    PACKET_GROUP_CHAT = 2,
    PACKET_FRIEND_ADDED = 3,
    PACKET_FRIEND_REMOVED = 4,
    PACKET_PROFILE = 5,
    PACKET_ONLINE = 6,
    PACKET_KICK = 7
};

// what goes to a client that did not ask; kept raw for offline users
struct HOST_API Packet
{
    int cmd;
    int seq;
    string body;

    Packet() : cmd(0), seq(0) {}
    Packet(int c, const string& b) : cmd(c), seq(0), body(b) {}

    string encode() const;
    Bool decode(const string& bytes);
};

#endif
