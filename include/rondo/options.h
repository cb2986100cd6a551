/// Descriptions without their C++ types: see options/option_table.h.
#pragma once
#include <rondo/options/option_table.h>
#include <rondo/options/value_of.h>
#include <rondo/options/value_type.h>
