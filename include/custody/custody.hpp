// SPDX-License-Identifier: Apache-2.0
#pragma once

// The whole library with its SQLite default: floors 0 to 7, without the optional adapters.
#include <custody/sealing.hpp>

#include <custody/data/attachment.hpp>
#include <custody/data/group.hpp>
#include <custody/data/index_rotation.hpp>
#include <custody/edges/json_at_rest.hpp>
#include <custody/edges/json_wire.hpp>
#include <custody/edges/lock.hpp>
#include <custody/edges/manifest.hpp>
#include <custody/edges/privacy_notice.hpp>
#include <custody/evidence/access.hpp>
#include <custody/evidence/audit_log.hpp>
#include <custody/evidence/consent.hpp>
#include <custody/evidence/consent_ledger.hpp>
#include <custody/evidence/log_verifier.hpp>
#include <custody/evidence/notice.hpp>
#include <custody/keys/key_age.hpp>
#include <custody/keys/split_root.hpp>
#include <custody/keys/wrapped_root.hpp>
#include <custody/storage/memory_store.hpp>
#include <custody/storage/sqlite_store.hpp>
#include <custody/storage/vault.hpp>
