#pragma once

#include "core/nearest_name.h"

namespace dunlin::data {

using dunlin::nearest_name;

}  // namespace dunlin::data
