// SPDX-License-Identifier: Apache-2.0
#pragma once
// FAULT: stands on no floor
