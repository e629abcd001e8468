// SPDX-License-Identifier: Apache-2.0
#include <custody/edges/lock.hpp>

#include "world.hpp"

int main(int argc, char** argv) {
  return custody::lock_main<edges_test::Demo, edges_test::Account, edges_test::Login>(argc, argv);
}
