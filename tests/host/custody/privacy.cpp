// SPDX-License-Identifier: Apache-2.0
#include "privacy_fields.h"
#include "database.h"
#include "log.h"
#include "user.h"
#include "util.h"

#include <unistd.h>

// Evidence, one line an event: handles, declared names and outcomes. When it cannot be written, nothing is released.
class EvidenceFile : public custody::Witness
{
public:
    explicit EvidenceFile(const string& path) : m_file(fopen(path.c_str(), "a")) {}
    ~EvidenceFile() override
    {
        if (m_file != NULL)
            fclose(m_file);
    }

    custody::Result<void> record(span<const custody::Event> events) noexcept override
    {
        CAutoLock guard(m_mutex);
        if (m_file == NULL)
            return custody::Errc::storage_failed;
        foreach (const custody::Event& e, events) {
            char handle[2 * sizeof(e.subject.bytes) + 1] = { 0 };
            for (size_t i = 0; i < e.subject.bytes.size(); ++i)
                snprintf(handle + 2 * i, 3, "%02x", (unsigned)e.subject.bytes[i]);
            fprintf(m_file, "%lld %s %s subject=%s purpose=%.*s actor=%.*s field=%.*s.%.*s into=%.*s\n", (long long)e.at.ms,
                    custody::name_of(e.verb), e.granted ? "granted" : custody::text(e.reason), handle,
                    (int)e.purpose.size(), e.purpose.data(), (int)e.actor.size(), e.actor.data(),
                    (int)e.record.size(), e.record.data(), (int)e.field.size(), e.field.data(),
                    (int)e.place.size(), e.place.data());
        }
        if (fflush(m_file) != 0 || ferror(m_file))
            return custody::Errc::storage_failed;
        return custody::Result<void>();
    }

private:
    FILE* m_file;
    CLock m_mutex;
};

// We have no record of consents, so a purpose that needs one is refused.
class ContractOnly : public custody::Authority
{
public:
    custody::Result<void> decide(const custody::Question& question) noexcept override
    {
        if (custody::needs_consent(question.purpose->basis))
            return custody::Errc::no_consent;
        return custody::Result<void>();
    }
};

struct Privacy
{
    custody::KeyFile keys;
    EvidenceFile evidence;
    ContractOnly authority;
    custody::SystemClock clock;
    custody::Result<HostRing> ring;

    Privacy(custody::KeyFile k, const custody::RootKey& root, const string& db_path)
        : keys(std::move(k)), evidence(db_path + ".evidence"), ring(HostRing::open(keys, root, evidence, authority, clock))
    {
    }
};

static unique_ptr<Privacy> s_privacy;

// the columns for equality search: a keyed value beside each field that declares one
static Bool add_key_columns()
{
    Bool good = True;
    each_field(User::custody_fields(), [&]<class Field>(Field) {
        string column = string(Field::name.c_str()) + "_key";
        RowList rows;
        Database& db = Database::instance();
        if (!Field::has_key || !db.query("SELECT 1 FROM pragma_table_info('users') WHERE name = '" + column + "'", rows))
            good = good && !Field::has_key;
        else if (rows.empty())
            good = good && db.exec("ALTER TABLE users ADD COLUMN " + column + " varchar(32)") &&
                   db.exec("CREATE INDEX users_" + column + " ON users(" + column + ")");
    });
    return good;
}

Bool open_privacy(const string& db_path)
{
    custody::Result<custody::RootKey> root = custody::RootKey::from_key_file(db_path + ".root");
    if (!root && root.error() == custody::Errc::not_found)
        root = custody::RootKey::create_key_file(db_path + ".root");
    if (!root) {
        log_refused("root key", root.error());
        return False;
    }
    custody::Result<custody::KeyFile> keys = custody::KeyFile::open(db_path + ".keys", *root);
    if (!keys) {
        log_refused("key file", keys.error());
        return False;
    }
    s_privacy.reset(new Privacy(std::move(*keys), *root, db_path));
    if (!s_privacy->ring) {
        log_refused("key ring", s_privacy->ring.error());
        s_privacy.reset();
        return False;
    }
    return add_key_columns();
}

void close_privacy()
{
    s_privacy.reset();
}

HostRing& ring()
{
    return *s_privacy->ring;
}

custody::Actor actor_for(const custody::Role& role)
{
    custody::Actor actor;
    actor.role = &role;
    actor.name = role.name;
    return actor;
}

void log_refused(const char* what, const custody::Error& why)
{
    LOGE("custody: %s: %s %s", what, custody::text(why.code), why.where);
}

void forget_person(const string& account)
{
    custody::Result<custody::Subject> person = ring().find(account);
    if (!person)
        return;
    custody::Result<void> gone = ring().erase(*person);
    if (!gone)
        log_refused("erase", gone.error());
}

// ---- sealed text: \x02 scope field \x1f row \x1f envelope \x03 ----
string sealed_text(int scope, const char* name, const string& row, const string& envelope)
{
    return string(1, '\x02') + (char)('0' + scope) + name + '\x1f' + custody::base64url_encode(custody::as_bytes(row)) + '\x1f' +
           envelope + '\x03';
}

string redact(const string& text)
{
    string out;
    size_t from = 0;
    forever {
        size_t at = text.find('\x02', from);
        out.append(text, from, at - from);
        size_t end = text.find('\x03', at);
        if (at == string::npos || end == string::npos)
            return out;
        out += "[sealed]";
        from = end + 1;
    }
}

static void write_all(int fd, const char* bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n <= 0)
            return;
        bytes += n;
        size -= (size_t)n;
    }
}

// The plaintext goes from the buffer that custody wipes to the system; a character that json escapes, through 8 bytes.
static void write_json_escaped(int fd, string_view value)
{
    size_t from = 0;
    for (size_t i = 0; i <= value.size(); ++i) {
        if (i < value.size() && value[i] != '"' && value[i] != '\\' && (BYTE)value[i] >= 0x20)
            continue;
        write_all(fd, value.data() + from, i - from);
        from = i + 1;
        if (i < value.size()) {
            string escaped = json_escape(string(1, value[i]));
            write_all(fd, escaped.data(), escaped.size());
        }
    }
}

template <class Tag, class Type>
static void open_for(int fd, const string& row, const custody::Role& role, const Type& field)
{
    auto wire = custody::sink<Tag, "client", custody::Level::grade4>([fd](string_view value) { write_json_escaped(fd, value); });
    auto permit = permit_for<Tag>(row, role);
    if (!permit) {
        log_refused("deliver", permit.error());
        return;
    }
    if constexpr (requires { field.release(*permit, wire); }) {
        auto done = field.release(*permit, wire);
        if (!done)
            log_refused("deliver", done.error());
    }
}

template <class Field>
static void deliver_field(int fd, int scope, const string& row, const string& envelope)
{
    User u;
    u.account = row;
    custody::Result<void> read = custody::at_rest::from_text<Field::member>(place_of(u), envelope, u.*Field::member);
    if (!read)
        log_refused("deliver", read.error());
    else if (scope == SCOPE_FRIEND)
        open_for<FriendProfile>(fd, row, server_role, u.*Field::member);
    else if (scope == SCOPE_SELF)
        open_for<AccountService>(fd, row, server_role, u.*Field::member);
    else if (scope == SCOPE_ADMIN)
        open_for<Operations>(fd, row, operator_role, u.*Field::member);
}

static void deliver_sealed(int fd, const string& text)
{
    vector<string> parts = split(text, '\x1f');
    if (parts.size() != 3 || parts[0].empty())
        return;
    auto row = custody::base64url_decode(parts[1]);
    if (!row)
        return;
    each_field(User::custody_fields(), [&]<class Field>(Field) {
        if (parts[0].substr(1) == Field::name.c_str())
            deliver_field<Field>(fd, parts[0][0] - '0', string(custody::as_text(*row)), parts[2]);
    });
}

void deliver(int fd, const string& text)
{
    size_t from = 0;
    forever {
        size_t at = text.find('\x02', from);
        size_t end = text.find('\x03', at);
        write_all(fd, text.data() + from, min(at, text.size()) - from);
        if (at == string::npos || end == string::npos)
            return;
        deliver_sealed(fd, text.substr(at + 1, end - at - 1));
        from = end + 1;
    }
}
