// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: is not reached from custody.hpp
