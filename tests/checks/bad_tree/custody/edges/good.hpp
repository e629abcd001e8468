// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <custody/storage/json.hpp>
#include <nlohmann/json.hpp>
