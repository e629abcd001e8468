// SPDX-License-Identifier: Apache-2.0
#pragma once

// Fields, keys and envelopes for people who keep their own database: floors 0 to 4.
#include <custody/words/rule.hpp>

// These two first and apart, so that a refusal is not reported through a chain of includes.
#include <custody/data/release.hpp>

#include <custody/data/bind.hpp>

#include <custody/crypto/normalise.hpp>
#include <custody/crypto/normalise_identity.hpp>
#include <custody/crypto/signature.hpp>
#include <custody/data/at_rest_bytes.hpp>
#include <custody/data/batch.hpp>
#include <custody/data/display.hpp>
#include <custody/data/incoming.hpp>
#include <custody/data/incoming_form.hpp>
#include <custody/data/incoming_json.hpp>
#include <custody/data/key_ring.hpp>
#include <custody/data/lookup.hpp>
#include <custody/data/mask.hpp>
#include <custody/data/migration.hpp>
#include <custody/data/password.hpp>
#include <custody/data/personal.hpp>
#include <custody/data/public.hpp>
#include <custody/data/region.hpp>
#include <custody/keys/key_file.hpp>
#include <custody/keys/memory_key_store.hpp>
#include <custody/keys/root_key.hpp>
#include <custody/law/calendar.hpp>
