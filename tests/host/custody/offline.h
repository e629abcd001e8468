// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_OFFLINE_H
#define HOST_OFFLINE_H

#include "packet.h"

// packets for users who are away, serialised, in memory and in the database
class HOST_API OfflineQueue
{
public:
    static OfflineQueue& instance();

    void load();
    void push(int uid, const Packet& p);
    list<Packet> take(int uid);
    void forget(int uid);
    int count();
    void clear();

private:
    OfflineQueue() {}

    map<int, list<string> > m_packets;
    CLock m_mutex;
};

#endif
