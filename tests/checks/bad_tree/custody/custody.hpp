// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: includes the adapter <custody/edges/adapters/good.hpp>
#include <custody/edges/adapters/good.hpp>
#include <custody/edges/good.hpp>
#include <custody/evidence/bare.hpp>
#include <custody/law/heavy.hpp>
#include <custody/sealing.hpp>
#include <custody/words/upward.hpp>
