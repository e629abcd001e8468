// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: includes <custody/storage/json.hpp> upwards
#include <custody/crypto/good.hpp>
#include <custody/crypto/long.hpp>
#include <custody/data/conditional.hpp>
#include <custody/data/escapes.hpp>
#include <custody/data/libraries.hpp>
#include <custody/data/nowhere.hpp>
#include <custody/data/roof.hpp>
#include <custody/law/quoted.hpp>
#include <custody/storage/json.hpp>
