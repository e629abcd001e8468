// SPDX-License-Identifier: Apache-2.0
#include "packet.h"
#include "log.h"

string Packet::encode() const
{
    char head[48];
    snprintf(head, sizeof(head), "P1|%d|%d|%u|", cmd, seq, (DWORD)body.size());
    return head + body;
}

Bool Packet::decode(const string& bytes)
{
    const char* p = bytes.c_str();
    if (strncmp(p, "P1|", 3) != 0)
        return False;
    char* end = NULL;
    cmd = (int)strtol(p + 3, &end, 10);
    if (*end != '|')
        return False;
    seq = (int)strtol(end + 1, &end, 10);
    if (*end != '|')
        return False;
    size_t size = (size_t)strtoul(end + 1, &end, 10);
    if (*end != '|')
        return False;
    size_t at = (size_t)(end - p) + 1;
    if (bytes.size() - at != size) {
        LOGE("packet: size %u expected %u", (DWORD)(bytes.size() - at), (DWORD)size);
        return False;
    }
    body = bytes.substr(at);
    return True;
}
