// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <custody/words/good.hpp>
#include <string>
