// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <custody/edges/good.hpp>
#include <custody/evidence/bare.hpp>
#include <custody/law/heavy.hpp>
#include <custody/sealing.hpp>
#include <custody/words/upward.hpp>
