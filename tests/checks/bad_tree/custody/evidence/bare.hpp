// FAULT: does not begin with the licence line and #pragma once
