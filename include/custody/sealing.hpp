// SPDX-License-Identifier: Apache-2.0
#pragma once

// Fields, keys and envelopes for people who keep their own database: floors 0 to 4.
#include <custody/words/rule.hpp>

#include <custody/data/bind.hpp>
#include <custody/data/incoming.hpp>
#include <custody/data/key_ring.hpp>
#include <custody/data/lookup.hpp>
#include <custody/data/personal.hpp>
#include <custody/data/public.hpp>
#include <custody/data/region.hpp>
#include <custody/crypto/normalise.hpp>
#include <custody/keys/key_file.hpp>
#include <custody/keys/memory_key_store.hpp>
#include <custody/keys/root_key.hpp>
#include <custody/law/calendar.hpp>
